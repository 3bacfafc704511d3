/// A rolling 64-bit fingerprint of everything that happened in a run.
///
/// Two runs with the same digest went through the same events; it is the same on every machine, native and wasm, and
/// needs no table, no floating point and no 128-bit arithmetic. It is not cryptographic.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    @usableFromInline var state: UInt64

    /// The fingerprint so far.
    @inlinable
    public var value: UInt64 { state }

    /// Creates the fingerprint of nothing.
    @inlinable
    public init() {
        self.state = 0x6d65_7368_5f76_3031
    }

    /// Mixes one word in.
    @inlinable
    public mutating func mix(_ word: UInt64) {
        combine(word)
    }

    @inlinable
    @inline(__always)
    mutating func combine(_ word: UInt64) {
        var mixed = (state ^ word) &* 0x9fb2_1c65_1e98_df25
        mixed ^= mixed >> 29
        state = mixed &+ 0x9e37_79b9_7f4a_7c15
    }

    /// Mixes a signed number in.
    @inlinable
    public mutating func mix(_ word: Int64) { mix(UInt64(bitPattern: word)) }

    /// Mixes a count in; its width does not matter.
    @inlinable
    public mutating func mix(_ count: Int) { mix(UInt64(bitPattern: Int64(count))) }

    /// Mixes a truth value in.
    @inlinable
    public mutating func mix(_ flag: Bool) { mix(flag ? 1 as UInt64 : 0) }

    /// Mixes a node in.
    @inlinable
    public mutating func mix(_ node: NodeID) { mix(node.rawValue) }

    /// Mixes a point in time in.
    @inlinable
    public mutating func mix(_ instant: Instant) { mix(instant.nanoseconds) }

    /// Mixes a length of time in.
    @inlinable
    public mutating func mix(_ interval: Interval) { mix(interval.nanoseconds) }

    /// Mixes bytes in, their number first.
    public mutating func mix(_ bytes: Bytes) {
        combine(UInt64(UInt(bytes.count)))
        var word: UInt64 = 0
        var filled: UInt64 = 0
        for byte in bytes.slice {
            word |= UInt64(byte) &<< filled
            filled &+= 8
            if filled == 64 {
                combine(word)
                word = 0
                filled = 0
            }
        }
        if filled > 0 { combine(word) }
    }

    /// Sixteen hexadecimal digits.
    public var description: String { hexadecimal(value) }
}

/// The ASCII code of one hexadecimal digit.
///
/// - Parameter value: A number below 16.
@inlinable
public func hexadecimalDigit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

/// Writes a number as sixteen hexadecimal digits.
public func hexadecimal(_ value: UInt64) -> String { String(decoding: hexadecimalDigits(value), as: UTF8.self) }

/// Writes a number as sixteen hexadecimal digits, in ASCII.
public func hexadecimalDigits(_ value: UInt64) -> [UInt8] {
    var digits = [UInt8](repeating: 0, count: 16)
    var rest = value
    for place in 1...16 {
        digits[16 - place] = hexadecimalDigit(UInt8(truncatingIfNeeded: rest & 0xf))
        rest >>= 4
    }
    return digits
}
