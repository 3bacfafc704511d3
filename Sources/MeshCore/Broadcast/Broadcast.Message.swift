extension Broadcast {
    /// What nodes send each other.
    public enum Message: Hashable, Sendable {
        /// A message to everybody.
        case broadcast(Letter)
        /// A message to one node; the attempt, from 0, tells copies apart on their way.
        case direct(Letter, to: NodeID, attempt: UInt8)
        /// Somebody got a direct message; goes back along the path, the origin first, that the message took.
        case receipt(MessageID, by: NodeID, path: [NodeID])
    }
}

extension Broadcast.Message: NetworkMessage {
    /// The names of the kinds.
    public static var kinds: [StaticString] { ["broadcast", "direct", "receipt"] }

    /// Which of the ``kinds`` this is.
    public var kind: MessageKind {
        switch self {
        case .broadcast: MessageKind(0)
        case .direct: MessageKind(1)
        case .receipt: MessageKind(2)
        }
    }

    /// Mixes the message in.
    public func digest(into digest: inout Digest) {
        digest.mix(UInt64(kind.rawValue))
        switch self {
        case .broadcast(let letter): letter.digest(into: &digest)
        case .direct(let letter, let receiver, let attempt):
            letter.digest(into: &digest)
            digest.mix(receiver)
            digest.mix(UInt64(attempt))
        case .receipt(let id, let receiver, let path):
            id.digest(into: &digest)
            digest.mix(receiver)
            digest.mix(path.count)
            for node in path { digest.mix(node) }
        }
    }

    /// The message in a few words.
    public var description: String {
        switch self {
        case .broadcast(let letter): "broadcast \(letter)"
        case .direct(let letter, let receiver, let attempt): "direct to \(receiver), attempt \(attempt + 1): \(letter)"
        case .receipt(let id, let receiver, let path): "receipt of \(id) by \(receiver) via \(Broadcast.list(path))"
        }
    }
}

extension Broadcast.Message: WireCodable {
    /// Writes the tag of the kind and the fields.
    public func encode(into writer: inout WireWriter) {
        writer.byte(kind.rawValue)
        switch self {
        case .broadcast(let letter): letter.encode(into: &writer)
        case .direct(let letter, let receiver, let attempt):
            letter.encode(into: &writer)
            writer.node(receiver)
            writer.byte(attempt)
        case .receipt(let id, let receiver, let path):
            id.encode(into: &writer)
            writer.node(receiver)
            writer.number(path.count)
            for node in path { writer.node(node) }
        }
    }

    /// Reads a message.
    public init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .broadcast(try Broadcast.Letter(from: &reader))
        case 1:
            let letter = try Broadcast.Letter(from: &reader)
            let receiver = try reader.node()
            let attempt = try reader.byte()
            guard attempt < 3 else { throw .invalid("an attempt beyond the third") }
            self = .direct(letter, to: receiver, attempt: attempt)
        case 2:
            let id = try Broadcast.MessageID(from: &reader)
            let receiver = try reader.node()
            let path = try Broadcast.readNodes(limit: Broadcast.Letter.wirePathLimit, from: &reader)
            self = .receipt(id, by: receiver, path: path)
        case let tag: throw .unknownTag(UInt64(tag))
        }
    }
}
