/// A byte string: a key, a value or a command, compared byte by byte.
///
/// Text is taken as its UTF-8. Comparing bytes instead of characters keeps the order, and so the run, the same on every
/// platform and with every version of Unicode.
///
/// A byte string may be a part of a larger array that it shares with others, so that a batch of commands costs one
/// allocation; it keeps the whole array alive. What is kept for long is better copied: `Bytes(part.storage)`.
public struct Bytes: Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The array that holds the bytes, perhaps among others.
    @usableFromInline
    private(set) var buffer: [UInt8]
    /// Where the bytes begin and end in it.
    @usableFromInline
    private(set) var start: UInt32
    @usableFromInline
    private(set) var end: UInt32

    /// Wraps bytes; nothing is copied.
    @inlinable
    public init(_ bytes: [UInt8]) {
        self.buffer = bytes
        self.start = 0
        self.end = UInt32(bytes.count)
    }

    /// Takes a part of an array; nothing is copied.
    ///
    /// - Parameter range: Places of `bytes`, counted from 0.
    @inlinable
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        invariant(range.lowerBound >= 0 && range.upperBound <= bytes.count, "the bytes lie within the array")
        self.buffer = bytes
        self.start = UInt32(range.lowerBound)
        self.end = UInt32(range.upperBound)
    }

    /// Takes the UTF-8 of a text.
    public init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// Creates an empty byte string.
    @inlinable
    public init() {
        self.init([])
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
        self.init(bytes)
    }

    /// The bytes as an array of their own.
    ///
    /// - Complexity: O(1) unless they are a part of a larger array, then O(`count`).
    @inlinable
    public var storage: [UInt8] {
        get { isWhole ? buffer : Array(slice) }
        _modify {
            var bytes = storage
            self = Bytes()
            defer { self = Bytes(bytes) }
            yield &bytes
        }
    }

    /// The bytes within the array that holds them; nothing is copied.
    @inlinable
    public var slice: ArraySlice<UInt8> { buffer[Int(start)..<Int(end)] }

    /// A part of the bytes, which shares their array.
    ///
    /// - Parameter range: Places counted from 0.
    /// - Complexity: O(1); nothing is copied.
    public func part(_ range: Range<Int>) -> Bytes {
        invariant(range.lowerBound >= 0 && range.upperBound <= count, "a part lies within the whole")
        return Bytes(buffer, in: (Int(start) + range.lowerBound)..<(Int(start) + range.upperBound))
    }

    /// Whether the array holds nothing else.
    @inlinable
    var isWhole: Bool { start == 0 && Int(end) == buffer.count }

    /// How many bytes there are.
    @inlinable
    public var count: Int { Int(end &- start) }

    /// Whether there is no byte.
    @inlinable
    public var isEmpty: Bool { start == end }

    /// A byte by its place, counted from 0.
    @inlinable
    public subscript(place: Int) -> UInt8 {
        invariant(place >= 0 && place < count, "the place lies within the bytes")
        return buffer[Int(start) &+ place]
    }

    /// Orders byte strings lexicographically by unsigned byte.
    ///
    /// - Complexity: O(length of the common prefix).
    public static func < (left: Bytes, right: Bytes) -> Bool {
        let shared = left.count < right.count ? left.count : right.count
        for index in 0..<shared where left[index] != right[index] {
            return left[index] < right[index]
        }
        return left.count < right.count
    }

    /// Whether these bytes begin with `prefix`.
    public func hasPrefix(_ prefix: Bytes) -> Bool {
        guard prefix.count <= count else { return false }
        for index in 0..<prefix.count where self[index] != prefix[index] {
            return false
        }
        return true
    }

    /// The bytes as text; control characters and what is not UTF-8 are shown as `\xNN`.
    ///
    /// - Complexity: O(`count`).
    public var description: String {
        var shown: [UInt8] = []
        shown.reserveCapacity(count)
        var index = 0
        while index < count {
            let length = characterLength(at: index)
            if length == 0 {
                shown += [92, 120, hexadecimalDigit(self[index] >> 4), hexadecimalDigit(self[index] & 15)]
                index += 1
            } else {
                for byte in slice[(Int(start) + index)..<(Int(start) + index + length)] { shown.append(byte) }
                index += length
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// How many bytes the printable character here takes; 0 when there is none.
    private func characterLength(at index: Int) -> Int {
        let first = self[index]
        if first < 0x80 { return first >= 0x20 && first != 0x7f ? 1 : 0 }
        let length = first >= 0xf0 ? 4 : (first >= 0xe0 ? 3 : 2)
        guard first >= 0xc2, first < 0xf5, index + length <= count else { return 0 }
        // The second byte rules out longer forms than needed, surrogates and what lies beyond U+10FFFF.
        let second = self[index + 1]
        let lowest: UInt8 = first == 0xe0 ? 0xa0 : (first == 0xf0 ? 0x90 : 0x80)
        let highest: UInt8 = first == 0xed ? 0x9f : (first == 0xf4 ? 0x8f : 0xbf)
        guard second >= lowest, second <= highest else { return 0 }
        for offset in 1..<length where self[index + offset] & 0xc0 != 0x80 { return 0 }
        return length
    }
}

extension Bytes: Hashable {
    /// Whether both are the same bytes, wherever they lie.
    ///
    /// - Complexity: O(`count`); O(1) when both are the same array.
    public static func == (left: Bytes, right: Bytes) -> Bool {
        if left.isWhole && right.isWhole { return left.buffer == right.buffer }
        return left.slice == right.slice
    }

    /// Mixes the bytes in, their number first.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for byte in slice { hasher.combine(byte) }
    }
}
