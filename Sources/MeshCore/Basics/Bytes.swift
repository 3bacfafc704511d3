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

    /// The bytes as text; what is not UTF-8 is shown as U+FFFD.
    public var description: String { String(decoding: storage, as: UTF8.self) }
}
