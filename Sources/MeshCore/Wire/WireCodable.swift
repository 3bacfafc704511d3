/// A value that knows its bytes.
public protocol WireCodable: Sendable {
    /// Writes the value.
    func encode(into writer: inout WireWriter)

    /// Reads a value; anything malformed is a typed error, never a trap.
    init(from reader: inout WireReader) throws(WireError)
}

/// The envelope of every message on the wire: version, body, CRC-32C.
public enum Frame {
    /// The version this build writes and reads.
    public static let version: UInt8 = 1

    /// The most bytes a frame may have, 4 MiB.
    public static let byteLimit = 4 << 20

    /// Wraps a message.
    ///
    /// - Complexity: O(size of the message).
    public static func encode<Message: WireCodable>(_ message: Message) -> [UInt8] {
        var writer = WireWriter()
        writer.byte(version)
        message.encode(into: &writer)
        writer.fixed32(Checksum.crc32c(writer.bytes))
        return writer.bytes
    }

    /// Unwraps a message and refuses whatever is not exactly one.
    ///
    /// - Complexity: O(number of bytes), in time and in memory.
    public static func decode<Message: WireCodable>(
        _ bytes: [UInt8], as type: Message.Type = Message.self
    ) throws(WireError) -> Message {
        guard bytes.count <= byteLimit else { throw .tooLong(UInt64(UInt(bytes.count))) }
        guard bytes.count >= 6 else { throw .truncated }
        let bodyEnd = bytes.count - 4
        var trailer = WireReader(Array(bytes[bodyEnd...]))
        guard try trailer.fixed32() == Checksum.crc32c(bytes, count: bodyEnd) else { throw .checksumMismatch }
        var reader = WireReader(Array(bytes[..<bodyEnd]))
        let version = try reader.byte()
        guard version == Self.version else { throw .unknownVersion(version) }
        let message = try Message(from: &reader)
        try reader.finish()
        return message
    }

    /// The bytes a frame adds to its message: the version and the checksum.
    public static let overhead = 5
}

extension NetworkMessage where Self: WireCodable {
    /// The size of the frame in bytes, counted without encoding it.
    public var byteCount: Int {
        var writer = WireWriter.counting()
        encode(into: &writer)
        return writer.count + Frame.overhead
    }

    /// What the receiver's codec makes of the frame with one bit flipped: nothing, unless the checksum is fooled.
    public func damaged(by bits: UInt64) -> Self? {
        var frame = Frame.encode(self)
        let bit = Int(truncatingIfNeeded: bits % UInt64(UInt(frame.count * 8)))
        frame[bit >> 3] ^= 1 << UInt8(truncatingIfNeeded: bit & 7)
        return try? Frame.decode(frame)
    }
}
