extension Raft {
    /// What nodes say to each other.
    ///
    /// Every message carries a term: the sender's, except that a pre-vote and its grant carry the term the sender would
    /// campaign in.
    public enum Message: Hashable, Sendable {
        /// Asks whether the sender could win an election.
        case preVote(VoteRequest)
        /// Answers ``preVote(_:)``.
        case preVoteReply(VoteReply)
        /// Asks for a vote.
        case vote(VoteRequest)
        /// Answers ``vote(_:)``.
        case voteReply(VoteReply)
        /// Brings entries, or none as a heartbeat.
        case append(Append)
        /// Answers ``append(_:)``.
        case appendReply(AppendReply)
        /// Brings a snapshot or a part of one.
        ///
        /// Boxed, because it is rare and the largest of all: messages travel in queues that reserve room for it.
        indirect case snapshot(Snapshot)
        /// Answers ``snapshot(_:)``.
        case snapshotReply(SnapshotReply)
        /// Hands proposals or a change of the configuration to the leader.
        case forward(Forward)
        /// Answers ``forward(_:)``.
        case forwarded(Forwarded)
        /// Lets the receiver campaign at once, see ``Command/transfer(to:)``.
        case timeoutNow(TimeoutNow)
        /// Asks the leader up to where a read must see the log.
        case readRequest(ReadRequest)
        /// Answers ``readRequest(_:)``.
        case readReply(ReadReply)
        /// Answers ``append(_:)`` and ``snapshot(_:)`` for a node that may have forgotten something.
        case amnesiac(Amnesiac)
        /// Ends that.
        case healed(Healed)
    }

    /// A request for a vote or a pre-vote.
    public struct VoteRequest: Hashable, Sendable {
        /// The term the sender campaigns in, or would.
        public var term: Term
        /// The sender's last log position.
        public var lastIndex: LogIndex
        /// The term at that position.
        public var lastTerm: Term
        /// The number of the sender's campaign, so that an answer to an earlier one is not counted.
        public var campaign: UInt64
        /// Whether the leader itself asked for this election, so that voters answer although it is alive.
        public var isTransfer: Bool

        /// Creates a request.
        public init(
            term: Term, lastIndex: LogIndex, lastTerm: Term, campaign: UInt64, isTransfer: Bool = false
        ) {
            self.term = term
            self.lastIndex = lastIndex
            self.lastTerm = lastTerm
            self.campaign = campaign
            self.isTransfer = isTransfer
        }
    }

    /// An answer to a request for a vote or a pre-vote.
    public struct VoteReply: Hashable, Sendable {
        /// The voter's term; in a granted pre-vote the term that was asked about.
        public var term: Term
        /// Whether the vote is given.
        public var isGranted: Bool
        /// The campaign that is answered.
        public var campaign: UInt64

        /// Creates an answer.
        public init(term: Term, isGranted: Bool, campaign: UInt64) {
            self.term = term
            self.isGranted = isGranted
            self.campaign = campaign
        }
    }

    /// Entries for a follower (paper, figure 2, AppendEntries).
    public struct Append: Hashable, Sendable {
        /// The leader's term.
        public var term: Term
        /// The position before the first entry.
        public var prevIndex: LogIndex
        /// The term at that position.
        public var prevTerm: Term
        /// Consecutive entries from the position after ``prevIndex``; none in a heartbeat.
        public var entries: Entries
        /// The leader's commit index.
        public var commit: LogIndex
        /// The leader's beat at sending; the answer repeats it, which shows when the follower was surely alive.
        public var round: UInt64
        /// The leader's latest round of confirmation for reads; the answer repeats it.
        public var read: UInt64
        /// Whether success is to be answered; news of a commit alone is not worth an answer.
        public var wantsReply: Bool
        /// Whether the group has been idle for so long that a follower which lacks nothing may sleep.
        public var isSleep: Bool

        /// Creates an append.
        public init(
            term: Term, prevIndex: LogIndex, prevTerm: Term, entries: Entries = [], commit: LogIndex,
            round: UInt64, read: UInt64 = 0, wantsReply: Bool = true,
            isSleep: Bool = false
        ) {
            self.term = term
            self.prevIndex = prevIndex
            self.prevTerm = prevTerm
            self.entries = entries
            self.commit = commit
            self.round = round
            self.read = read
            self.wantsReply = wantsReply
            self.isSleep = isSleep
        }
    }

    /// An answer to ``Append``.
    public struct AppendReply: Hashable, Sendable {
        /// The follower's term.
        public var term: Term
        /// The round of the message that is answered.
        public var round: UInt64
        /// The read round of the message that is answered; 0 if the leader's term is over.
        public var read: UInt64
        /// What came of it.
        public var result: AppendResult

        /// Creates an answer.
        public init(term: Term, round: UInt64, read: UInt64 = 0, result: AppendResult) {
            self.term = term
            self.round = round
            self.read = read
            self.result = result
        }
    }

    /// What came of an ``Append``.
    public enum AppendResult: Hashable, Sendable {
        /// The follower's log agrees with the leader's up to this position.
        case accepted(match: LogIndex)
        /// The follower's log does not hold the leader's entry at `prevIndex`; the hint is the last position that might
        /// agree, and the follower's term there.
        case rejected(prevIndex: LogIndex, hintIndex: LogIndex, hintTerm: Term)
        /// The leader's term is over.
        case stale
    }

    /// A snapshot for a follower whose next entry the leader no longer has (paper, section 7).
    public struct Snapshot: Hashable, Sendable {
        /// The leader's term.
        public var term: Term
        /// The leader's beat at sending.
        public var round: UInt64
        /// The last position the snapshot covers.
        public var index: LogIndex
        /// The term at that position.
        public var indexTerm: Term
        /// The configuration in force at that position.
        public var configuration: Configuration
        /// How many bytes the embedding program's state after that position has.
        public var size: Int
        /// The CRC-32C of the whole state.
        public var checksum: UInt32
        /// Where in the state the chunk begins.
        public var offset: Int
        /// A part of the state, empty only if all of it is.
        public var chunk: Bytes

        /// Creates a message with a whole snapshot.
        ///
        /// - Complexity: O(size of the state), for the checksum.
        public init(
            term: Term, round: UInt64, index: LogIndex, indexTerm: Term, configuration: Configuration, state: Bytes
        ) {
            self.init(
                term: term, round: round, index: index, indexTerm: indexTerm, configuration: configuration,
                size: state.count, checksum: Checksum.crc32c(state), offset: 0, chunk: state)
        }

        /// Creates a message with a part of a snapshot.
        public init(
            term: Term, round: UInt64, index: LogIndex, indexTerm: Term, configuration: Configuration, size: Int,
            checksum: UInt32, offset: Int, chunk: Bytes
        ) {
            self.term = term
            self.round = round
            self.index = index
            self.indexTerm = indexTerm
            self.configuration = configuration
            self.size = size
            self.checksum = checksum
            self.offset = offset
            self.chunk = chunk
        }
    }

    /// An answer to ``Snapshot``.
    public struct SnapshotReply: Hashable, Sendable {
        /// The follower's term.
        public var term: Term
        /// The round of the message that is answered.
        public var round: UInt64
        /// Up to where the follower's log agrees with the leader's now; 0 if the leader's term is over.
        public var match: LogIndex
        /// The snapshot that is answered; 0 if the leader's term is over.
        public var index: LogIndex
        /// How many bytes of it are here; 0 also when it is installed or not needed.
        public var received: Int

        /// Creates an answer.
        public init(term: Term, round: UInt64, match: LogIndex, index: LogIndex = .zero, received: Int = 0) {
            self.term = term
            self.round = round
            self.match = match
            self.index = index
            self.received = received
        }
    }

    /// Proposals, or a change of the configuration, on their way to the leader.
    public struct Forward: Hashable, Sendable {
        /// The term in which the sender knows the receiver as leader.
        public var term: Term
        /// The proposer's name for the first command; the names of the others follow it.
        public var id: UInt64
        /// The sender's number for this attempt; a message that the network doubled is recognised by it.
        public var sequence: UInt64
        /// The commands, at least one; none where a change is asked for.
        public var commands: [Bytes]
        /// A change of the configuration.
        public var change: ChangeRequest?

        /// Creates forwarded proposals.
        public init(term: Term, id: UInt64, sequence: UInt64, commands: [Bytes]) {
            self.term = term
            self.id = id
            self.sequence = sequence
            self.commands = commands
            self.change = nil
        }

        /// Creates a forwarded change of the configuration.
        public init(term: Term, id: UInt64, sequence: UInt64, change: ChangeRequest) {
            self.term = term
            self.id = id
            self.sequence = sequence
            self.commands = []
            self.change = change
        }

        /// How many answers it asks for: one for each command, one for a change.
        public var count: Int { change == nil ? commands.count : 1 }
    }

    /// An answer to ``Forward``.
    public struct Forwarded: Hashable, Sendable {
        /// The answering node's term.
        public var term: Term
        /// The proposer's name for the first command.
        public var id: UInt64
        /// The number of the attempt.
        public var sequence: UInt64
        /// What came of the commands, in their order.
        public var fates: [Fate]

        /// Creates an answer.
        public init(term: Term, id: UInt64, sequence: UInt64, fates: [Fate]) {
            self.term = term
            self.id = id
            self.sequence = sequence
            self.fates = fates
        }

        /// How many commands are answered.
        ///
        /// - Complexity: O(`fates.count`).
        public var count: Int {
            var sum = 0
            for fate in fates { sum &+= fate.count }
            return sum
        }
    }

    /// What consecutive commands of a ``Forward`` share.
    public struct Fate: Hashable, Sendable {
        /// How many commands share it, at least one.
        public var count: Int
        /// What came of them.
        public var result: ForwardResult

        /// Creates a fate.
        public init(count: Int, result: ForwardResult) {
            self.count = count
            self.result = result
        }
    }

    /// What came of commands of a ``Forward``.
    public enum ForwardResult: Hashable, Sendable {
        /// The leader appended them here and behind.
        case appended(index: LogIndex, term: Term)
        /// It was not appended.
        case rejected(Rejection)
    }
}

extension Raft.Message {
    /// The term the message carries.
    @inlinable
    public var term: Raft.Term {
        switch self {
        case .preVote(let body), .vote(let body): body.term
        case .preVoteReply(let body), .voteReply(let body): body.term
        case .append(let body): body.term
        case .appendReply(let body): body.term
        case .snapshot(let body): body.term
        case .snapshotReply(let body): body.term
        case .forward(let body): body.term
        case .forwarded(let body): body.term
        case .timeoutNow(let body): body.term
        case .readRequest(let body): body.term
        case .readReply(let body): body.term
        case .amnesiac(let body): body.term
        case .healed(let body): body.term
        }
    }
}

extension Raft.Message: NetworkMessage {
    /// The names, in the order of the cases.
    public static var kinds: [StaticString] {
        [
            "preVote", "preVoteReply", "vote", "voteReply", "append", "appendReply", "snapshot", "snapshotReply",
            "forward", "forwarded", "timeoutNow", "readRequest", "readReply", "amnesiac", "healed",
        ]
    }

    /// The number of the case.
    public var kind: MessageKind {
        switch self {
        case .preVote: MessageKind(0)
        case .preVoteReply: MessageKind(1)
        case .vote: MessageKind(2)
        case .voteReply: MessageKind(3)
        case .append: MessageKind(4)
        case .appendReply: MessageKind(5)
        case .snapshot: MessageKind(6)
        case .snapshotReply: MessageKind(7)
        case .forward: MessageKind(8)
        case .forwarded: MessageKind(9)
        case .timeoutNow: MessageKind(10)
        case .readRequest: MessageKind(11)
        case .readReply: MessageKind(12)
        case .amnesiac: MessageKind(13)
        case .healed: MessageKind(14)
        }
    }
}
