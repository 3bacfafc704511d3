extension Heartbeat {
    /// What nodes send each other.
    public enum Message: Hashable, Sendable {
        /// "I live."
        ///
        /// - Parameters:
        ///   - life: Distinguishes this start of the sender from others.
        ///   - count: How many messages the sender has sent before in this life; doubles and latecomers repeat one.
        case beat(life: UInt64, count: UInt64)
        /// "I stop now"; counted with the heartbeats.
        case farewell(life: UInt64, count: UInt64)
    }
}

extension Heartbeat.Message: NetworkMessage {
    /// "beat" and "farewell".
    public static var kinds: [StaticString] { ["beat", "farewell"] }

    /// The position of the case in ``kinds``.
    public var kind: MessageKind {
        switch self {
        case .beat: MessageKind(0)
        case .farewell: MessageKind(1)
        }
    }

    /// Mixes every field in.
    public func digest(into digest: inout Digest) {
        digest.mix(UInt64(kind.rawValue))
        digest.mix(life)
        digest.mix(count)
    }

    /// One short line, such as `beat #3`.
    public var description: String {
        switch self {
        case .beat(_, let count): "beat #\(count)"
        case .farewell(_, let count): "farewell #\(count)"
        }
    }

    /// The sender's life.
    var life: UInt64 {
        switch self {
        case .beat(let life, _), .farewell(let life, _): life
        }
    }

    /// The message's number in that life.
    var count: UInt64 {
        switch self {
        case .beat(_, let count), .farewell(_, let count): count
        }
    }
}

extension Heartbeat.Message: WireCodable {
    /// Writes the case's tag and its fields.
    public func encode(into writer: inout WireWriter) {
        writer.byte(kind.rawValue)
        writer.number(life)
        writer.number(count)
    }

    /// Reads a message.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        let life = try reader.number()
        let count = try reader.number()
        switch tag {
        case 0: self = .beat(life: life, count: count)
        case 1: self = .farewell(life: life, count: count)
        default: throw .unknownTag(UInt64(tag))
        }
    }
}
