extension Raft {
    /// What an entry asks of the group.
    public enum Payload: Hashable, Sendable {
        /// Nothing: a new leader commits one to learn what is committed (paper, section 8).
        case noOp
        /// A command of the embedding program.
        case command(Bytes)
        /// From here on the group is made up so, committed or not (thesis, section 4.1).
        ///
        /// Boxed, because it is rare and logs hold millions of entries.
        indirect case configuration(Configuration)
        /// A command that this node, a witness, does not keep.
        case elided

        /// How many bytes it weighs, which is what bounds messages and what waits for its commit.
        @inlinable
        public var byteCount: Int {
            switch self {
            case .noOp, .elided: 0
            case .command(let command): command.count
            case .configuration(let configuration): configuration.members.count * 11
            }
        }
    }

    /// One position of the log.
    public struct Entry: Hashable, Traceable {
        /// The term of the leader that created it.
        public let term: Term
        /// Its position.
        public let index: LogIndex
        /// What it asks for.
        public let payload: Payload

        /// Creates an entry.
        @inlinable
        public init(term: Term, index: LogIndex, payload: Payload) {
            self.term = term
            self.index = index
            self.payload = payload
        }

        /// Mixes all of it in.
        public func digest(into digest: inout Digest) {
            digest.mix(term)
            digest.mix(index)
            switch payload {
            case .noOp:
                digest.mix(0 as UInt64)
            case .command(let command):
                digest.mix(1 as UInt64)
                digest.mix(command)
            case .configuration(let configuration):
                digest.mix(2 as UInt64)
                configuration.digest(into: &digest)
            case .elided:
                digest.mix(3 as UInt64)
            }
        }

        /// Position, term and payload, such as `5/2 "set x"`.
        public var description: String {
            switch payload {
            case .noOp: "\(index)/\(term) no-op"
            case .command(let command): "\(index)/\(term) \"\(command)\""
            case .configuration(let configuration): "\(index)/\(term) \(configuration)"
            case .elided: "\(index)/\(term) elided"
            }
        }
    }
}

extension Raft.Entry {
    /// The most entries one message or record may carry.
    static var countLimit: Int { 1 << 16 }

    /// Writes term and payload; the position follows from the entry's place.
    func encodeBody(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        switch payload {
        case .noOp:
            writer.byte(0)
        case .command(let command):
            writer.byte(1)
            writer.bytes(command)
        case .configuration(let configuration):
            writer.byte(2)
            configuration.encode(into: &writer)
        case .elided:
            writer.byte(3)
        }
    }

    /// Reads term and payload of the entry at `index`.
    init(bodyFrom reader: inout WireReader, at index: Raft.LogIndex) throws(WireError) {
        self.index = index
        self.term = try reader.term()
        let tag = try reader.byte()
        switch tag {
        case 0: self.payload = .noOp
        case 1: self.payload = .command(try reader.sharedBytes(limit: Frame.byteLimit))
        case 2: self.payload = .configuration(try Raft.Configuration(from: &reader))
        case 3: self.payload = .elided
        default: throw .unknownTag(UInt64(tag))
        }
    }
}

extension WireReader {
    /// Reads a term that can be spoken.
    mutating func term() throws(WireError) -> Raft.Term {
        let term = Raft.Term(try number())
        guard term <= .limit else { throw .invalid("a term beyond the limit") }
        return term
    }

    /// Reads a position that can be spoken.
    mutating func logIndex() throws(WireError) -> Raft.LogIndex {
        let index = Raft.LogIndex(try number())
        guard index <= .limit else { throw .invalid("a log position beyond the limit") }
        return index
    }
}
