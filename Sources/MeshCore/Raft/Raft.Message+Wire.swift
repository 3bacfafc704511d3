extension Raft.Message: WireCodable {
    /// Writes the kind and the body.
    public func encode(into writer: inout WireWriter) {
        writer.byte(kind.rawValue)
        switch self {
        case .preVote(let body), .vote(let body): body.encode(into: &writer)
        case .preVoteReply(let body), .voteReply(let body): body.encode(into: &writer)
        case .append(let body): body.encode(into: &writer)
        case .appendReply(let body): body.encode(into: &writer)
        case .snapshot(let body): body.encode(into: &writer)
        case .snapshotReply(let body): body.encode(into: &writer)
        case .forward(let body): body.encode(into: &writer)
        case .forwarded(let body): body.encode(into: &writer)
        case .timeoutNow(let body): body.encode(into: &writer)
        case .readRequest(let body): body.encode(into: &writer)
        case .readReply(let body): body.encode(into: &writer)
        case .amnesiac(let body): body.encode(into: &writer)
        case .healed(let body): body.encode(into: &writer)
        }
    }

    /// Reads a message.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        switch tag {
        case 0: self = .preVote(try Raft.VoteRequest(from: &reader))
        case 1: self = .preVoteReply(try Raft.VoteReply(from: &reader))
        case 2: self = .vote(try Raft.VoteRequest(from: &reader))
        case 3: self = .voteReply(try Raft.VoteReply(from: &reader))
        case 4: self = .append(try Raft.Append(from: &reader))
        case 5: self = .appendReply(try Raft.AppendReply(from: &reader))
        case 6: self = .snapshot(try Raft.Snapshot(from: &reader))
        case 7: self = .snapshotReply(try Raft.SnapshotReply(from: &reader))
        case 8: self = .forward(try Raft.Forward(from: &reader))
        case 9: self = .forwarded(try Raft.Forwarded(from: &reader))
        case 10: self = .timeoutNow(try Raft.TimeoutNow(from: &reader))
        case 11: self = .readRequest(try Raft.ReadRequest(from: &reader))
        case 12: self = .readReply(try Raft.ReadReply(from: &reader))
        case 13: self = .amnesiac(try Raft.Amnesiac(from: &reader))
        case 14: self = .healed(try Raft.Healed(from: &reader))
        default: throw .unknownTag(UInt64(tag))
        }
    }
}

extension Raft.VoteRequest: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(lastIndex.rawValue)
        writer.number(lastTerm.rawValue)
        writer.number(campaign)
        writer.flag(isTransfer)
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.lastIndex = try reader.logIndex()
        self.lastTerm = try reader.term()
        self.campaign = try reader.number()
        self.isTransfer = try reader.flag()
    }
}

extension Raft.VoteReply: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.flag(isGranted)
        writer.number(campaign)
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.isGranted = try reader.flag()
        self.campaign = try reader.number()
    }
}

extension Raft.Append: WireCodable {
    /// Writes every field; the positions of the entries follow from ``Raft/Append/prevIndex``.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(prevIndex.rawValue)
        writer.number(prevTerm.rawValue)
        writer.number(commit.rawValue)
        writer.number(round)
        writer.number(read)
        writer.byte((wantsReply ? 1 : 0) | (isSleep ? 2 : 0))
        writer.entries(entries)
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.prevIndex = try reader.logIndex()
        self.prevTerm = try reader.term()
        self.commit = try reader.logIndex()
        self.round = try reader.number()
        self.read = try reader.number()
        let flags = try reader.byte()
        guard flags < 4 else { throw .invalid("an unknown flag of an append") }
        self.wantsReply = flags & 1 != 0
        self.isSleep = flags & 2 != 0
        self.entries = try reader.entries(at: prevIndex.next)
    }
}

extension Raft.AppendReply: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(round)
        writer.number(read)
        switch result {
        case .accepted(let match):
            writer.byte(0)
            writer.number(match.rawValue)
        case .rejected(let prevIndex, let hintIndex, let hintTerm):
            writer.byte(1)
            writer.number(prevIndex.rawValue)
            writer.number(hintIndex.rawValue)
            writer.number(hintTerm.rawValue)
        case .stale:
            writer.byte(2)
        }
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.round = try reader.number()
        self.read = try reader.number()
        let tag = try reader.byte()
        switch tag {
        case 0:
            self.result = .accepted(match: try reader.logIndex())
        case 1:
            let prevIndex = try reader.logIndex()
            let hintIndex = try reader.logIndex()
            self.result = .rejected(prevIndex: prevIndex, hintIndex: hintIndex, hintTerm: try reader.term())
        case 2:
            self.result = .stale
        default:
            throw .unknownTag(UInt64(tag))
        }
    }
}

extension Raft.Snapshot: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(round)
        writer.number(index.rawValue)
        writer.number(indexTerm.rawValue)
        configuration.encode(into: &writer)
        writer.number(size)
        writer.fixed32(checksum)
        writer.number(offset)
        writer.bytes(chunk)
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.round = try reader.number()
        self.index = try reader.logIndex()
        self.indexTerm = try reader.term()
        self.configuration = try Raft.Configuration(from: &reader)
        self.size = try reader.snapshotSize()
        self.checksum = try reader.fixed32()
        self.offset = try reader.snapshotSize()
        self.chunk = try reader.sharedBytes(limit: Frame.byteLimit)
    }
}

extension Raft.SnapshotReply: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(round)
        writer.number(match.rawValue)
        writer.number(index.rawValue)
        writer.number(received)
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.round = try reader.number()
        self.match = try reader.logIndex()
        self.index = try reader.logIndex()
        self.received = try reader.snapshotSize()
    }
}

extension WireReader {
    /// Reads a number of bytes of a snapshot.
    fileprivate mutating func snapshotSize() throws(WireError) -> Int {
        let size = try number()
        guard size <= UInt64(UInt(Raft.Settings.snapshotSizeLimit)) else { throw .tooLong(size) }
        return Int(size)
    }
}

extension Raft.Forward: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(id)
        writer.number(sequence)
        writer.number(commands.count)
        for command in commands { writer.bytes(command) }
        change?.encode(into: &writer)
    }

    /// Reads every field; where no command stands a change does.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.id = try reader.number()
        self.sequence = try reader.number()
        let count = try reader.count(limit: Raft.Entry.countLimit)
        self.commands = []
        self.change = count == 0 ? try Raft.ChangeRequest(from: &reader) : nil
        commands.reserveCapacity(count)
        for _ in 0..<count { commands.append(try reader.sharedBytes(limit: Frame.byteLimit)) }
    }
}

extension Raft.Forwarded: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(id)
        writer.number(sequence)
        writer.number(fates.count)
        for fate in fates { fate.encode(into: &writer) }
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.id = try reader.number()
        self.sequence = try reader.number()
        let count = try reader.count(each: 3, limit: Raft.Entry.countLimit)
        self.fates = []
        fates.reserveCapacity(count)
        var total = 0
        for _ in 0..<count {
            let fate = try Raft.Fate(from: &reader)
            total += fate.count
            guard total <= Raft.Entry.countLimit else { throw .tooLong(UInt64(UInt(total))) }
            fates.append(fate)
        }
        guard count > 0 else { throw .invalid("an answer to no command") }
    }
}

extension Raft.Fate: WireCodable {
    /// Writes the number of commands and what came of them.
    public func encode(into writer: inout WireWriter) {
        writer.number(count)
        switch result {
        case .appended(let index, let appendedTerm):
            writer.byte(0)
            writer.number(index.rawValue)
            writer.number(appendedTerm.rawValue)
        case .rejected(let rejection):
            writer.byte(1)
            rejection.encode(into: &writer)
        }
    }

    /// Reads a fate.
    public init(from reader: inout WireReader) throws(WireError) {
        let number = try reader.number()
        guard number > 0, number <= UInt64(UInt(Raft.Entry.countLimit)) else { throw .tooLong(number) }
        self.count = Int(number)
        let tag = try reader.byte()
        switch tag {
        case 0:
            let index = try reader.logIndex()
            self.result = .appended(index: index, term: try reader.term())
        case 1:
            self.result = .rejected(try Raft.Rejection(from: &reader))
        default:
            throw .unknownTag(UInt64(tag))
        }
    }
}
