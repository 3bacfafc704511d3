extension Raft {
    /// Asks the leader up to where a read must see the log.
    public struct ReadRequest: Hashable, Sendable {
        /// The term in which the sender knows the receiver as leader.
        public var term: Term
        /// The sender's number of its latest waiting read; an answer serves all reads up to it.
        public var sequence: UInt64

        /// Creates a request.
        public init(term: Term, sequence: UInt64) {
            self.term = term
            self.sequence = sequence
        }
    }

    /// An answer to ``ReadRequest``.
    public struct ReadReply: Hashable, Sendable {
        /// The answering node's term.
        public var term: Term
        /// The number in the request that is answered.
        public var sequence: UInt64
        /// What came of it.
        public var result: ReadResult

        /// Creates an answer.
        public init(term: Term, sequence: UInt64, result: ReadResult) {
            self.term = term
            self.sequence = sequence
            self.result = result
        }
    }

    /// What came of a ``ReadRequest``.
    public enum ReadResult: Hashable, Sendable {
        /// A state that has applied the log up to here is new enough.
        case ready(index: LogIndex)
        /// The node that was asked cannot tell.
        case refused(Rejection)
    }
}

extension Raft.ReadRequest {
    func mixBody(into digest: inout Digest) { digest.mix(sequence) }

    var text: String { "term \(term) up to #\(sequence)" }
}

extension Raft.ReadReply {
    func mixBody(into digest: inout Digest) {
        digest.mix(sequence)
        switch result {
        case .ready(let index):
            digest.mix(0 as UInt64)
            digest.mix(index)
        case .refused(let reason):
            digest.mix(1 as UInt64)
            reason.digest(into: &digest)
        }
    }

    var text: String {
        switch result {
        case .ready(let index): "term \(term) up to #\(sequence) at \(index)"
        case .refused(let reason): "term \(term) up to #\(sequence) refused: \(reason)"
        }
    }
}

extension Raft.ReadRequest: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(sequence)
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.sequence = try reader.number()
    }
}

extension Raft.ReadReply: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(sequence)
        switch result {
        case .ready(let index):
            writer.byte(0)
            writer.number(index.rawValue)
        case .refused(let reason):
            writer.byte(1)
            reason.encode(into: &writer)
        }
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.sequence = try reader.number()
        let tag = try reader.byte()
        switch tag {
        case 0: self.result = .ready(index: try reader.logIndex())
        case 1: self.result = .refused(try Raft.Rejection(from: &reader))
        default: throw .unknownTag(UInt64(tag))
        }
    }
}
