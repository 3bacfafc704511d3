extension Raft {
    /// What a node that may have forgotten something says to a leader, in place of ``AppendReply`` and
    /// ``SnapshotReply``.
    ///
    /// An answer of its own kind, so that nobody counts it by mistake, and none from before the loss is taken for one
    /// from after it.
    public struct Amnesiac: Hashable, Sendable {
        /// The node's term.
        public var term: Term
        /// The number of the node's life, drawn at its start and never 0.
        ///
        /// What the node knew in another life may be forgotten.
        public var life: UInt64
        /// The beat of the message that is answered; 0 if none is.
        public var round: UInt64
        /// What is answered.
        public var answer: Answer

        /// What is answered.
        public enum Answer: Hashable, Sendable {
            /// Nothing: the node looks for a leader.
            case none
            /// An append.
            case append(AppendResult)
            /// A snapshot or a part of one, as in ``SnapshotReply``.
            case snapshot(match: LogIndex, index: LogIndex, received: Int)
        }

        /// Creates an answer.
        public init(term: Term, life: UInt64, round: UInt64, answer: Answer) {
            self.term = term
            self.life = life
            self.round = round
            self.answer = answer
        }
    }

    /// Tells an amnesiac that nothing it may have forgotten matters any more.
    public struct Healed: Hashable, Sendable {
        /// The leader's term.
        public var term: Term
        /// The life that is healed; in another one the node may have forgotten something since.
        public var life: UInt64

        /// Creates the word.
        public init(term: Term, life: UInt64) {
            self.term = term
            self.life = life
        }
    }
}

extension Raft.Amnesiac {
    func mixBody(into digest: inout Digest) {
        digest.mix(life)
        digest.mix(round)
        switch answer {
        case .none: digest.mix(0 as UInt64)
        case .append(let result):
            digest.mix(1 as UInt64)
            Raft.AppendReply(term: term, round: 0, result: result).mixBody(into: &digest)
        case .snapshot(let match, let index, let received):
            digest.mix(2 as UInt64)
            digest.mix(match)
            digest.mix(index)
            digest.mix(received)
        }
    }

    var text: String {
        switch answer {
        case .none: "term \(term)"
        case .append(let result): Raft.AppendReply(term: term, round: round, result: result).text
        case .snapshot(let match, let index, let received):
            Raft.SnapshotReply(term: term, round: round, match: match, index: index, received: received).text
        }
    }
}

extension Raft.Healed {
    func mixBody(into digest: inout Digest) { digest.mix(life) }

    var text: String { "term \(term)" }
}

extension Raft.Amnesiac: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(life)
        switch answer {
        case .none:
            writer.byte(0)
            writer.number(term.rawValue)
            writer.number(round)
        case .append(let result):
            writer.byte(1)
            Raft.AppendReply(term: term, round: round, result: result).encode(into: &writer)
        case .snapshot(let match, let index, let received):
            writer.byte(2)
            Raft.SnapshotReply(term: term, round: round, match: match, index: index, received: received)
                .encode(into: &writer)
        }
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.life = try reader.number()
        guard life != 0 else { throw .invalid("a life without a number") }
        let tag = try reader.byte()
        switch tag {
        case 0:
            self.term = try reader.term()
            self.round = try reader.number()
            self.answer = .none
        case 1:
            let reply = try Raft.AppendReply(from: &reader)
            guard reply.read == 0 else { throw .invalid("an amnesiac confirms no reads") }
            self.term = reply.term
            self.round = reply.round
            self.answer = .append(reply.result)
        case 2:
            let reply = try Raft.SnapshotReply(from: &reader)
            self.term = reply.term
            self.round = reply.round
            self.answer = .snapshot(match: reply.match, index: reply.index, received: reply.received)
        default: throw .unknownTag(UInt64(tag))
        }
    }
}

extension Raft.Healed: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(life)
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.life = try reader.number()
    }
}
