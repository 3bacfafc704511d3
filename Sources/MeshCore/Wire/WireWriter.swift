/// Writes the compact binary form of messages: varints, length-prefixed bytes, one tag per case.
///
/// In counting mode nothing is stored, so that a message's size is known without encoding it.
public struct WireWriter: Sendable {
    /// What was written; empty in counting mode.
    public private(set) var bytes: [UInt8]
    /// How many bytes were written or counted.
    public private(set) var count: Int
    private let isCounting: Bool

    /// Creates a writer that stores.
    public init() {
        self.bytes = []
        self.count = 0
        self.isCounting = false
    }

    private init(counting: Bool) {
        self.bytes = []
        self.count = 0
        self.isCounting = counting
    }

    /// Creates a writer that goes on behind these bytes, so that their memory is used; ``take()`` gives it back.
    public init(behind bytes: consuming [UInt8]) {
        self.count = bytes.count
        self.bytes = bytes
        self.isCounting = false
    }

    /// Takes what was written out of the writer, which is empty afterwards; nothing is copied.
    public mutating func take() -> [UInt8] {
        count = 0
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }

    /// Creates a writer that only counts.
    public static func counting() -> WireWriter { WireWriter(counting: true) }

    /// Writes one byte.
    public mutating func byte(_ value: UInt8) {
        count += 1
        if !isCounting { bytes.append(value) }
    }

    /// Writes a number in 1 to 10 bytes, seven bits a byte, the lowest first.
    ///
    /// Source: LEB128 (DWARF 4, section 7.6).
    public mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    /// Writes a signed number, small magnitudes in few bytes (zigzag).
    public mutating func signed(_ value: Int64) {
        number(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Writes a count; it must not be negative.
    public mutating func number(_ value: Int) {
        number(UInt64(UInt(bitPattern: value)))
    }

    /// Writes a truth value as one byte.
    public mutating func flag(_ value: Bool) { byte(value ? 1 : 0) }

    /// Writes a node's id.
    public mutating func node(_ value: NodeID) { number(value.rawValue) }

    /// Writes an optional node's id; nobody is 0.
    public mutating func node(_ value: NodeID?) { number(value?.rawValue ?? 0) }

    /// Writes a byte string, its length first.
    public mutating func bytes(_ value: Bytes) {
        number(value.count)
        count += value.count
        if !isCounting { bytes.append(contentsOf: value.slice) }
    }

    /// Writes 32 bits, the lowest byte first.
    public mutating func fixed32(_ value: UInt32) {
        var rest = value
        for _ in 0..<4 {
            byte(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }
}
