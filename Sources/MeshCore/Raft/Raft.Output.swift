extension Raft {
    /// What a node tells the embedding program.
    public enum Output: Hashable, Sendable {
        /// The node follows, in a new term or after another role.
        case becameFollower(term: Term, leader: NodeID?)
        /// The node asks whether it could win an election; `term` is still its old one.
        case becamePreCandidate(term: Term)
        /// The node asks for votes.
        case becameCandidate(term: Term)
        /// The node leads.
        case becameLeader(term: Term)
        /// The leader that the node knows has changed.
        case leaderChanged(NodeID?, term: Term)
        /// A proposal stands in the leader's log; it is not committed yet and may still be lost.
        case proposed(id: UInt64, index: LogIndex, term: Term)
        /// This attempt of a proposal was not appended anywhere, and never will be.
        case rejected(id: UInt64, reason: Rejection)
        /// Everything up to this position is decided for ever.
        case committed(upTo: LogIndex)
        /// The next entries to apply: consecutive ones, each exactly once between two starts, in order, no-ops too.
        ///
        /// At least one, and no more than ``Settings/maxEntriesPerApply`` and ``Settings/maxBytesPerApply`` allow. They
        /// are shared with the log; keeping them costs nothing but memory.
        case apply(Entries)
        /// It is time for a snapshot: answer with ``Command/compact(upTo:state:)`` and the state after this position,
        /// which is the last one handed out before this.
        case snapshotWanted(upTo: LogIndex)
        /// Replace the state by this one; the next entry to apply is the one after `index`.
        case installed(index: LogIndex, term: Term, state: Bytes)
        /// An input was not acted on.
        case ignored(IgnoreReason)
        /// This leader hands over, and takes no proposals until that has worked or is abandoned.
        case transferStarted(to: NodeID)
        /// The node that this one handed over to leads.
        case transferred(to: NodeID, term: Term)
        /// A transfer was refused or did not work; if this node leads, it takes proposals.
        case transferAbandoned(to: NodeID?, reason: TransferFailure)
        /// A read of the state as it is now, every entry up to `index` applied, is linearizable.
        case readReady(id: UInt64, index: LogIndex)
        /// A read cannot be answered; nothing was changed, and it can be asked again.
        case readRefused(id: UInt64, reason: Rejection)
        /// Another configuration is in force, whose entry stands at `index`; it is not committed yet and may fall back
        /// to the one before.
        case configurationChanged(Configuration, index: LogIndex)
        /// It is decided that this node belongs to the group no more: unless it is added again, it can be stopped.
        case leftGroup(index: LogIndex)
        /// The node has fallen asleep with its idle group, or has woken up.
        case quiescent(Bool)
        /// Something about nodes whose disk was damaged.
        case repair(Repair)
    }

    /// Why a proposal was not appended, or a read not answered.
    public enum Rejection: Error, Hashable, Traceable {
        /// No leader is known here; try again after ``Output/leaderChanged(_:term:)``.
        case noLeader
        /// The node that was asked does not lead; the hint does, as far as it knows.
        case notLeader(NodeID?)
        /// Too many bytes wait for their commit; try again later.
        case busy
        /// The command is larger than ``Settings/maxBytesPerAppend``.
        case tooLarge
        /// The leader that was asked has stepped down.
        case deposed
        /// The leader hands over; try again when somebody leads, or when the attempt is abandoned.
        case transferring
        /// Another change of the configuration is under way.
        case changePending
        /// The leader has committed nothing of its own term yet; try again when it has.
        case termNotCommitted
        /// The configuration would be the same as it is.
        case changesNothing
        /// The arithmetic of configurations forbids it.
        case invalidChange(ConfigurationError)
        /// This learner lacks too much to become a voter, or has not been heard lately.
        case notCaughtUp(NodeID)
        /// A witness cannot become a full member, nor a full voter a witness: remove it first, and let it come back
        /// with an empty disk.
        case fixedDuty(NodeID)

        /// Mixes every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .noLeader: digest.mix(0 as UInt64)
            case .notLeader(let hint):
                digest.mix(1 as UInt64)
                digest.mix(hint)
            case .busy: digest.mix(2 as UInt64)
            case .tooLarge: digest.mix(3 as UInt64)
            case .deposed: digest.mix(4 as UInt64)
            case .transferring: digest.mix(50 as UInt64)
            case .changePending: digest.mix(20 as UInt64)
            case .termNotCommitted: digest.mix(21 as UInt64)
            case .changesNothing: digest.mix(22 as UInt64)
            case .invalidChange(let error):
                digest.mix(23 as UInt64)
                digest.mix(UInt64(error.rawValue))
            case .notCaughtUp(let node):
                digest.mix(24 as UInt64)
                digest.mix(node)
            case .fixedDuty(let node):
                digest.mix(51 as UInt64)
                digest.mix(node)
            }
        }

        /// The reason in a few words.
        public var description: String {
            switch self {
            case .noLeader: "no leader"
            case .notLeader(let hint?): "not the leader, try \(hint)"
            case .notLeader(nil): "not the leader"
            case .busy: "busy"
            case .tooLarge: "too large"
            case .deposed: "deposed"
            case .transferring: "leadership is being transferred"
            case .changePending: "another change is pending"
            case .termNotCommitted: "nothing of this term is committed yet"
            case .changesNothing: "changes nothing"
            case .invalidChange(let error): error.description
            case .notCaughtUp(let node): "\(node) has not caught up"
            case .fixedDuty(let node): "\(node) keeps commands or it does not"
            }
        }
    }

    /// Why an input was not acted on.
    public enum IgnoreReason: Hashable, Sendable, CustomStringConvertible {
        /// The message belongs to a term that is over.
        case staleTerm
        /// The sender is no member of the configuration in force.
        case unknownPeer
        /// The message breaks the protocol's own form.
        case malformed
        /// A second node claims to lead the term this node leads.
        case secondLeader
        /// The message contradicts what is committed here: some disk has forgotten what it promised.
        case conflictsWithCommitted
        /// A vote was asked for while a leader is alive.
        case leaderAlive
        /// The snapshot is older than what is committed here.
        case oldSnapshot
        /// The position to compact up to is already covered, or not applied yet.
        case badCompaction
        /// The snapshot is larger than ``Settings/maxSnapshotBytes``.
        case snapshotTooLarge
        /// The network doubled or delayed a forwarded proposal.
        case staleForward
        /// This node cannot start an election: it leads, or it does not vote.
        case cannotCampaign
        /// The parts of a snapshot came, and its checksum does not match.
        case snapshotDamaged
        /// What is said to be applied has not been handed out, was said before, or nobody asks for it.
        case badConfirmation
        /// The word to campaign belongs to a transfer that is over.
        case staleTransfer
        /// An answer to a read that was answered already, or given up.
        case staleRead
        /// It is about another life of a node that has forgotten something since, or about one that has not.
        case otherLife

        /// The reason in a few words.
        public var description: String {
            switch self {
            case .staleTerm: "stale term"
            case .unknownPeer: "unknown peer"
            case .malformed: "malformed"
            case .secondLeader: "second leader in this term"
            case .conflictsWithCommitted: "conflicts with committed entries"
            case .leaderAlive: "leader is alive"
            case .oldSnapshot: "old snapshot"
            case .badCompaction: "bad compaction point"
            case .snapshotTooLarge: "snapshot too large"
            case .staleForward: "stale forward"
            case .cannotCampaign: "cannot campaign"
            case .snapshotDamaged: "snapshot damaged"
            case .badConfirmation: "bad confirmation"
            case .staleTransfer: "stale transfer"
            case .staleRead: "stale read"
            case .otherLife: "from another life"
            }
        }

        /// A number for the digest.
        var code: UInt64 {
            switch self {
            case .staleTerm: 0
            case .unknownPeer: 1
            case .malformed: 2
            case .secondLeader: 3
            case .conflictsWithCommitted: 4
            case .leaderAlive: 5
            case .oldSnapshot: 6
            case .badCompaction: 7
            case .snapshotTooLarge: 8
            case .staleForward: 9
            case .cannotCampaign: 10
            case .snapshotDamaged: 40
            case .badConfirmation: 41
            case .staleTransfer: 50
            case .staleRead: 30
            case .otherLife: 70
            }
        }
    }
}

extension Raft.Rejection: WireCodable {
    /// Writes the reason.
    public func encode(into writer: inout WireWriter) {
        switch self {
        case .noLeader: writer.byte(0)
        case .notLeader(let hint):
            writer.byte(1)
            writer.node(hint)
        case .busy: writer.byte(2)
        case .tooLarge: writer.byte(3)
        case .deposed: writer.byte(4)
        case .transferring: writer.byte(50)
        case .changePending: writer.byte(20)
        case .termNotCommitted: writer.byte(21)
        case .changesNothing: writer.byte(22)
        case .invalidChange(let error):
            writer.byte(23)
            writer.byte(error.rawValue)
        case .notCaughtUp(let node):
            writer.byte(24)
            writer.node(node)
        case .fixedDuty(let node):
            writer.byte(51)
            writer.node(node)
        }
    }

    /// Reads a reason.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        switch tag {
        case 0: self = .noLeader
        case 1: self = .notLeader(try reader.optionalNode())
        case 2: self = .busy
        case 3: self = .tooLarge
        case 4: self = .deposed
        case 50: self = .transferring
        case 20: self = .changePending
        case 21: self = .termNotCommitted
        case 22: self = .changesNothing
        case 23:
            let code = try reader.byte()
            guard let error = Raft.ConfigurationError(rawValue: code) else { throw .unknownTag(UInt64(code)) }
            self = .invalidChange(error)
        case 24: self = .notCaughtUp(try reader.node())
        case 51: self = .fixedDuty(try reader.node())
        default: throw .unknownTag(UInt64(tag))
        }
    }
}

extension Raft.Output: Traceable {
    /// Mixes the case and every field in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .becameFollower(let term, let leader):
            digest.mix(0 as UInt64)
            digest.mix(term)
            digest.mix(leader)
        case .becamePreCandidate(let term):
            digest.mix(1 as UInt64)
            digest.mix(term)
        case .becameCandidate(let term):
            digest.mix(2 as UInt64)
            digest.mix(term)
        case .becameLeader(let term):
            digest.mix(3 as UInt64)
            digest.mix(term)
        case .leaderChanged(let leader, let term):
            digest.mix(4 as UInt64)
            digest.mix(leader)
            digest.mix(term)
        case .proposed(let id, let index, let term):
            digest.mix(5 as UInt64)
            digest.mix(id)
            digest.mix(index)
            digest.mix(term)
        case .rejected(let id, let reason):
            digest.mix(6 as UInt64)
            digest.mix(id)
            reason.digest(into: &digest)
        case .committed(let index):
            digest.mix(7 as UInt64)
            digest.mix(index)
        case .apply(let entries):
            digest.mix(8 as UInt64)
            entries.digest(into: &digest)
        case .snapshotWanted(let index):
            digest.mix(9 as UInt64)
            digest.mix(index)
        case .installed(let index, let term, let state):
            digest.mix(10 as UInt64)
            digest.mix(index)
            digest.mix(term)
            digest.mix(state)
        case .ignored(let reason):
            digest.mix(11 as UInt64)
            digest.mix(reason.code)
        case .transferStarted(let target):
            digest.mix(24 as UInt64)
            digest.mix(target)
        case .transferred(let target, let term):
            digest.mix(25 as UInt64)
            digest.mix(target)
            digest.mix(term)
        case .transferAbandoned(let target, let reason):
            digest.mix(26 as UInt64)
            digest.mix(target)
            reason.digest(into: &digest)
        case .readReady(let id, let index):
            digest.mix(16 as UInt64)
            digest.mix(id)
            digest.mix(index)
        case .readRefused(let id, let reason):
            digest.mix(17 as UInt64)
            digest.mix(id)
            reason.digest(into: &digest)
        case .configurationChanged(let configuration, let index):
            digest.mix(12 as UInt64)
            configuration.digest(into: &digest)
            digest.mix(index)
        case .leftGroup(let index):
            digest.mix(13 as UInt64)
            digest.mix(index)
        case .quiescent(let isAsleep):
            digest.mix(27 as UInt64)
            digest.mix(isAsleep)
        case .repair(let repair):
            digest.mix(32 as UInt64)
            repair.digest(into: &digest)
        }
    }

    /// One line, such as `became leader of term 3`.
    public var description: String {
        switch self {
        case .becameFollower(let term, let leader?): "became follower of \(leader) in term \(term)"
        case .becameFollower(let term, nil): "became follower in term \(term)"
        case .becamePreCandidate(let term): "became pre-candidate in term \(term)"
        case .becameCandidate(let term): "became candidate in term \(term)"
        case .becameLeader(let term): "became leader of term \(term)"
        case .leaderChanged(let leader?, let term): "leader of term \(term) is \(leader)"
        case .leaderChanged(nil, let term): "no leader known in term \(term)"
        case .proposed(let id, let index, let term): "proposal #\(id) is at \(index)/\(term)"
        case .rejected(let id, let reason): "proposal #\(id) rejected: \(reason)"
        case .committed(let index): "committed up to \(index)"
        case .apply(let entries):
            entries.count == 1 ? "apply \(entries[0])" : "apply \(entries.first?.index ?? .zero) +\(entries.count)"
        case .snapshotWanted(let index): "snapshot wanted up to \(index)"
        case .installed(let index, let term, let state): "installed \(index)/\(term) (\(state.count) bytes)"
        case .ignored(let reason): "ignored: \(reason)"
        case .transferStarted(let target): "transfer to \(target) started"
        case .transferred(let target, let term): "transferred to \(target) in term \(term)"
        case .transferAbandoned(let target?, let reason): "transfer to \(target) abandoned: \(reason)"
        case .transferAbandoned(nil, let reason): "transfer abandoned: \(reason)"
        case .readReady(let id, let index): "read #\(id) is ready at \(index)"
        case .readRefused(let id, let reason): "read #\(id) refused: \(reason)"
        case .configurationChanged(let configuration, let index): "configuration at \(index): \(configuration)"
        case .leftGroup(let index): "left the group at \(index)"
        case .quiescent(let isAsleep): isAsleep ? "fell asleep" : "woke up"
        case .repair(let repair): repair.description
        }
    }
}
