/// Reads what ``WireWriter`` wrote, and survives anything else.
///
/// Every failure is a ``WireError``; no length is believed before the bytes are there, so a message of n bytes never
/// makes the reader allocate more than a small multiple of n.
public struct WireReader: Sendable {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    /// Creates a reader over these bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.position = 0
        self.end = bytes.count
    }

    /// Creates a reader over these bytes; nothing is copied.
    public init(_ bytes: Bytes) {
        self.bytes = bytes.buffer
        self.position = Int(bytes.start)
        self.end = Int(bytes.end)
    }

    /// How many bytes are left.
    public var remaining: Int { end - position }

    /// Reads one byte.
    public mutating func byte() throws(WireError) -> UInt8 {
        guard position < end else { throw .truncated }
        let value = bytes[position]
        position += 1
        return value
    }

    /// Reads a varint; only the shortest form of each number is accepted.
    public mutating func number() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            let bits = UInt64(next & 0x7f)
            if shift == 63 && bits > 1 { throw .malformedNumber }
            value |= bits << shift
            if next & 0x80 == 0 {
                if next == 0 && shift > 0 { throw .malformedNumber }
                return value
            }
            shift += 7
            if shift > 63 { throw .malformedNumber }
        }
    }

    /// Reads a signed number (zigzag).
    public mutating func signed() throws(WireError) -> Int64 {
        let value = try number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Reads a count of things that take at least `each` bytes, so that no count can promise more than is there.
    public mutating func count(each minimumBytes: Int = 1, limit: Int) throws(WireError) -> Int {
        let value = try number()
        guard value <= UInt64(UInt(bitPattern: limit)) else { throw .tooLong(value) }
        let count = Int(value)
        guard count <= remaining / (minimumBytes < 1 ? 1 : minimumBytes) else { throw .truncated }
        return count
    }

    /// Reads a truth value; anything but 0 and 1 is refused.
    public mutating func flag() throws(WireError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw .invalid("a truth value other than 0 or 1")
        }
    }

    /// Reads a node's id; 0 is refused.
    public mutating func node() throws(WireError) -> NodeID {
        let value = try number()
        guard value != 0 else { throw .invalid("node 0") }
        return NodeID(value)
    }

    /// Reads an optional node's id; 0 is nobody.
    public mutating func optionalNode() throws(WireError) -> NodeID? {
        let value = try number()
        return value == 0 ? nil : NodeID(value)
    }

    /// Reads a byte string of at most `limit` bytes.
    public mutating func bytes(limit: Int) throws(WireError) -> Bytes {
        let count = try count(limit: limit)
        let start = position
        position += count
        return Bytes(Array(bytes[start..<position]))
    }

    /// Reads a byte string of at most `limit` bytes as a part of what is being read, which it keeps alive.
    ///
    /// - Complexity: O(1); nothing is copied.
    public mutating func sharedBytes(limit: Int) throws(WireError) -> Bytes {
        let count = try count(limit: limit)
        let start = position
        position += count
        return Bytes(bytes, in: start..<position)
    }

    /// Reads everything that is left, as a part of what is being read.
    public mutating func rest() -> Bytes {
        let start = position
        position = end
        return Bytes(bytes, in: start..<end)
    }

    /// Reads 32 bits, the lowest byte first.
    public mutating func fixed32() throws(WireError) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<4 {
            value |= UInt32(try byte()) << UInt32(index * 8)
        }
        return value
    }

    /// Refuses bytes that are left over.
    public func finish() throws(WireError) {
        guard remaining == 0 else { throw .trailingBytes(remaining) }
    }
}
