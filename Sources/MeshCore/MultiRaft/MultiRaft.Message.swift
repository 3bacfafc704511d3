extension MultiRaft {
    /// What nodes say to each other.
    public enum Message: Hashable, Sendable {
        /// What several groups have to say, in order.
        case batch([Envelope])
        /// The sender is alive and has nothing else to say.
        case beat
    }

    /// A message of one group.
    public struct Envelope: Hashable, Sendable {
        /// The group.
        public var group: GroupID
        /// What its node says.
        public var message: Raft.Message

        /// Creates an envelope.
        public init(group: GroupID, message: Raft.Message) {
            self.group = group
            self.message = message
        }

        /// The most envelopes in one batch.
        static var countLimit: Int { 1 << 14 }
    }
}

extension MultiRaft.Message: NetworkMessage {
    /// The names, in the order of the cases.
    public static var kinds: [StaticString] { ["batch", "beat"] }

    /// The number of the case.
    public var kind: MessageKind {
        switch self {
        case .batch: MessageKind(0)
        case .beat: MessageKind(1)
        }
    }

    /// Mixes the kind and every envelope in.
    public func digest(into digest: inout Digest) {
        digest.mix(UInt64(kind.rawValue))
        switch self {
        case .batch(let envelopes):
            digest.mix(envelopes.count)
            for envelope in envelopes {
                digest.mix(envelope.group.rawValue)
                envelope.message.digest(into: &digest)
            }
        case .beat:
            break
        }
    }

    /// One line, such as `batch of 3, g1 append term 2 ...`.
    public var description: String {
        switch self {
        case .batch(let envelopes):
            envelopes.first.map { "batch of \(envelopes.count), \($0.group) \($0.message)" } ?? "empty batch"
        case .beat: "beat"
        }
    }
}

extension MultiRaft.Message: WireCodable {
    /// Writes the kind and every envelope.
    public func encode(into writer: inout WireWriter) {
        writer.byte(kind.rawValue)
        switch self {
        case .batch(let envelopes):
            writer.number(envelopes.count)
            for envelope in envelopes {
                writer.number(envelope.group.rawValue)
                envelope.message.encode(into: &writer)
            }
        case .beat:
            break
        }
    }

    /// Reads a message.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        switch tag {
        case 0:
            let count = try reader.count(each: 3, limit: MultiRaft.Envelope.countLimit)
            var envelopes: [MultiRaft.Envelope] = []
            envelopes.reserveCapacity(count)
            for _ in 0..<count {
                let group = MultiRaft.GroupID(try reader.number())
                envelopes.append(MultiRaft.Envelope(group: group, message: try Raft.Message(from: &reader)))
            }
            self = .batch(envelopes)
        case 1:
            self = .beat
        default:
            throw .unknownTag(UInt64(tag))
        }
    }
}

extension Raft.Message {
    /// The bytes of the embedding program's in it; the rest is small.
    ///
    /// - Complexity: O(number of entries).
    var payloadByteCount: Int {
        switch self {
        case .append(let body): body.entries.byteCount
        case .snapshot(let body): body.chunk.count
        case .forward(let body): body.commands.reduce(0) { $0 + $1.count }
        case .preVote, .preVoteReply, .vote, .voteReply, .appendReply, .snapshotReply, .forwarded, .timeoutNow,
            .readRequest, .readReply, .amnesiac, .healed:
            0
        }
    }
}
