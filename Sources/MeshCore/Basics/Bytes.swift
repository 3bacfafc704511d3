/// A byte string: a key, a value or a command, compared byte by byte.
///
/// Text is taken as its UTF-8. Comparing bytes instead of characters keeps the order, and so the run, the same on every
/// platform and with every version of Unicode.
public struct Bytes: Hashable, Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The bytes.
    public var storage: [UInt8]

    /// Wraps bytes.
    @inlinable
    public init(_ storage: [UInt8]) {
        self.storage = storage
    }

    /// Takes the UTF-8 of a text.
    public init(_ text: String) {
        self.storage = Array(text.utf8)
    }

    /// Creates an empty byte string.
    @inlinable
    public init() {
        self.storage = []
    }

    /// Takes the UTF-8 of a literal.
    public init(stringLiteral value: StaticString) {
        var bytes: [UInt8] = []
        if value.hasPointerRepresentation {
            value.withUTF8Buffer { buffer in
                bytes.reserveCapacity(buffer.count)
                for index in 0..<buffer.count { bytes.append(unsafe buffer[index]) }
            }
        } else {
            bytes = Array(String(value.unicodeScalar).utf8)
        }
        self.storage = bytes
    }

    /// How many bytes there are.
    @inlinable
    public var count: Int { storage.count }

    /// Whether there is no byte.
    @inlinable
    public var isEmpty: Bool { storage.isEmpty }

    /// Orders byte strings lexicographically by unsigned byte.
    ///
    /// - Complexity: O(length of the common prefix).
    public static func < (left: Bytes, right: Bytes) -> Bool {
        let shared = left.count < right.count ? left.count : right.count
        for index in 0..<shared where left.storage[index] != right.storage[index] {
            return left.storage[index] < right.storage[index]
        }
        return left.count < right.count
    }

    /// Whether these bytes begin with `prefix`.
    public func hasPrefix(_ prefix: Bytes) -> Bool {
        guard prefix.count <= count else { return false }
        for index in 0..<prefix.count where storage[index] != prefix.storage[index] {
            return false
        }
        return true
    }

    /// The bytes as text; control characters and what is not UTF-8 are shown as `\xNN`.
    ///
    /// - Complexity: O(`count`).
    public var description: String {
        var shown: [UInt8] = []
        shown.reserveCapacity(storage.count)
        var index = 0
        while index < storage.count {
            let length = characterLength(at: index)
            if length == 0 {
                shown += [92, 120, hexadecimalDigit(storage[index] >> 4), hexadecimalDigit(storage[index] & 15)]
                index += 1
            } else {
                for byte in storage[index..<(index + length)] { shown.append(byte) }
                index += length
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// How many bytes the printable character here takes; 0 when there is none.
    private func characterLength(at index: Int) -> Int {
        let first = storage[index]
        if first < 0x80 { return first >= 0x20 && first != 0x7f ? 1 : 0 }
        let length = first >= 0xf0 ? 4 : (first >= 0xe0 ? 3 : 2)
        guard first >= 0xc2, first < 0xf5, index + length <= storage.count else { return 0 }
        // The second byte rules out longer forms than needed, surrogates and what lies beyond U+10FFFF.
        let second = storage[index + 1]
        let lowest: UInt8 = first == 0xe0 ? 0xa0 : (first == 0xf0 ? 0x90 : 0x80)
        let highest: UInt8 = first == 0xed ? 0x9f : (first == 0xf4 ? 0x8f : 0xbf)
        guard second >= lowest, second <= highest else { return 0 }
        for offset in 1..<length where storage[index + offset] & 0xc0 != 0x80 { return 0 }
        return length
    }
}
