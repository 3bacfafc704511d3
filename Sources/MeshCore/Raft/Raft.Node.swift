extension Raft {
    /// One server of a Raft group.
    ///
    /// It starts idle and acts from ``Input/restarted`` on. Fields that all roles need stand side by side; what only a
    /// leader needs lies in its peers and is reset when it takes over.
    ///
    /// Durability: a record is written before whatever it has to precede, and the driver holds that back until it is
    /// durable. A leader sends new entries *before* it writes them itself, so that its disk and its followers' work at
    /// the same time, and counts itself only when its own write is durable (thesis, section 10.2.1).
    public struct Node: Sendable {
        /// The node's own name.
        public let id: NodeID
        /// The settings.
        public let settings: Settings
        var random: Random

        // What the disk holds or is being told (paper, figure 2, persistent state).

        /// The latest term the node has seen.
        public internal(set) var term: Term
        /// Whom the node voted for in this term.
        public internal(set) var votedFor: NodeID?
        /// The log.
        public internal(set) var log: Log
        /// The state of the last snapshot, kept for followers that need it.
        var snapshotState: Bytes
        /// Its checksum, once somebody needed it.
        var snapshotChecksum: UInt32?

        /// Whether this node may have forgotten something it promised, because its disk was damaged.
        public internal(set) var isAmnesiac: Bool
        /// The number of this life of an amnesiac; 0 at other nodes.
        var life: UInt64

        // What every role needs.

        /// What the node is in this term.
        public internal(set) var role: Role
        /// The leader of this term, as far as this node knows.
        public internal(set) var leader: NodeID?
        /// Up to where the log is decided.
        public internal(set) var commitIndex: LogIndex
        /// Up to where entries have been handed out to be applied.
        public internal(set) var appliedIndex: LogIndex
        /// The configuration in force.
        public internal(set) var configuration: Configuration
        /// The position of its entry; up to the snapshot's, or 0, if none is held.
        public internal(set) var configurationIndex: LogIndex
        var history: ConfigurationHistory
        /// What is known of each member, in the order of ``Configuration/members``.
        var peers: [Peer]
        /// Where the node itself stands in `peers`; `nil` if it is no member.
        var ownPosition: Int?
        /// The node's clock in the step under way; it only serves to set timers.
        var now: Instant

        // Elections.

        /// Whether the shortest election timeout since the last word of the leader has not passed yet.
        var hasHeardLeader: Bool
        /// How many timeouts have been drawn since the start.
        var timeoutCount: UInt64
        /// The number of the latest campaign since the start.
        var campaign: UInt64

        // Durable writes.

        /// The number of the last ticket.
        var lastTicket: UInt64
        var writes: WriteQueue
        /// Up to where the node's own log is durable.
        var durableIndex: LogIndex

        // Leading.

        /// The number of the current beat; starts again in each term.
        var round: UInt64
        let quorumRounds: UInt64
        /// Bytes of commands appended in this term and not committed.
        var uncommittedBytes: Int
        /// The position of the first entry that this leader appended in its term.
        var ledIndex: LogIndex
        /// The last term this node led since its start.
        var ledTerm: Term
        /// Room, two places for each peer, to find what a quorum has reached without allocating.
        var scratch: [UInt64]
        /// The transfer of the lead under way.
        var transfer: Transfer?
        /// The leader's latest beat that was heard in this term.
        var heardRound: UInt64
        /// The beat from which on this leader looks for a voter of a greater priority.
        var yieldRound: UInt64
        /// For how many beats it lets its term settle before; doubles with each attempt until one works.
        var yieldPatience: UInt64
        /// Whether the configuration in force has witnesses.
        var hasWitnesses: Bool
        /// Whether commands are missing in what this node has stored.
        var isHollow: Bool
        /// Whether the node sleeps: no timer runs, unless a follower's for a very long time.
        public internal(set) var isAsleep: Bool
        /// For how many beats a leader has had nothing to do.
        var idleBeats: Int
        /// The first beat that let the followers sleep; 0 while none has.
        var sleepRound: UInt64

        // Reads.

        /// The number of the latest round of confirmation since the start; it goes on over terms.
        var readRound: UInt64
        /// What waits at a leader.
        var reads: ReadQueue
        /// What waits at a follower.
        var askedReads: ReadLedger
        /// What a leader knows of its lease.
        var lease: Lease

        // Forwarded proposals and snapshots.

        var forwards: ForwardLedger
        /// Snapshots on their way to followers.
        var senders: [SnapshotSender]
        /// The snapshot that is coming in.
        var receiver: SnapshotReceiver?
        /// Entries that are handed out and not known to be applied.
        var handOuts: HandOuts
        /// Reads that wait for them, by index.
        var lateReads: Ring<LateRead>
        /// The applied position at which the last snapshot was asked for.
        var snapshotAskedAt: LogIndex

        /// Creates a node with an empty log that knows the first voters of its group.
        ///
        /// - Parameters:
        ///   - id: The node's own name; if it is none of the voters, the node follows and never campaigns.
        ///   - voters: The group, in any order; at most ``Settings/memberLimit``.
        ///   - settings: Settings that have passed ``Settings/check()``.
        ///   - random: The source of election timeouts; one generator may serve a whole group, as the id is mixed in.
        public init(id: NodeID, voters: [NodeID], settings: Settings = Settings(), random: Random) {
            self.init(id: id, configuration: Configuration(voters: voters), settings: settings, random: random)
        }

        /// Creates a node with an empty log.
        ///
        /// - Parameters:
        ///   - id: The node's own name.
        ///   - configuration: The group as it was founded, at most ``Settings/memberLimit`` members; the same at every
        ///     founder, and empty at a node that is added later, which learns it from the leader.
        ///   - settings: Settings that have passed ``Settings/check()``.
        ///   - random: The source of election timeouts; one generator may serve a whole group, as the id is mixed in.
        public init(id: NodeID, configuration: Configuration, settings: Settings = Settings(), random: Random) {
            invariant(settings.isValid, "settings are checked before a node is made of them")
            self.id = id
            self.settings = settings
            self.random = random
            self.term = .zero
            self.votedFor = nil
            self.log = Log()
            self.snapshotState = Bytes()
            self.snapshotChecksum = nil
            self.isAmnesiac = false
            self.life = 0
            self.role = .follower
            self.leader = nil
            self.commitIndex = .zero
            self.appliedIndex = .zero
            self.configuration = Configuration()
            self.configurationIndex = .zero
            self.history = ConfigurationHistory(configuration)
            self.peers = []
            self.ownPosition = nil
            self.now = .zero
            self.hasHeardLeader = false
            self.timeoutCount = 0
            self.campaign = 0
            self.lastTicket = 0
            self.writes = WriteQueue()
            self.durableIndex = .zero
            self.round = 0
            self.quorumRounds = settings.quorumRounds
            self.uncommittedBytes = 0
            self.ledIndex = .zero
            self.ledTerm = .zero
            self.scratch = []
            self.transfer = nil
            self.heardRound = 0
            self.yieldRound = 0
            self.yieldPatience = settings.quorumRounds
            self.readRound = 0
            self.reads = ReadQueue()
            self.askedReads = ReadLedger()
            self.lease = Lease(settings)
            self.hasWitnesses = false
            self.isHollow = false
            self.isAsleep = false
            self.idleBeats = 0
            self.sleepRound = 0
            self.forwards = ForwardLedger()
            self.senders = []
            self.receiver = nil
            self.handOuts = HandOuts()
            self.lateReads = Ring()
            self.snapshotAskedAt = .zero
            setConfiguration(configuration)
        }
    }
}

extension Raft.Settings: CheckedSettings {}

extension Raft.Node: StateMachine {
    /// What travels between nodes.
    public typealias Message = Raft.Message
    /// The timers of a node.
    public typealias Timer = Raft.Timer
    /// What the embedding program asks for.
    public typealias Command = Raft.Command
    /// What the embedding program is told.
    public typealias Output = Raft.Output
    /// What survives a crash.
    public typealias Stable = Raft.Stable

    /// Takes over what a disk held: term, vote, log and snapshot; what was committed is learnt anew from a leader.
    public mutating func restore(_ stable: Raft.Stable) {
        term = stable.term
        votedFor = stable.votedFor
        log = stable.log
        snapshotState = stable.snapshotState
        snapshotChecksum = nil
        isAmnesiac = stable.isAmnesiac
        commitIndex = log.snapshotIndex
        noteInstalled(log.snapshotIndex)
        snapshotAskedAt = log.snapshotIndex
        durableIndex = log.lastIndex
        #if MUTANTS
        let isKnown = !stable.snapshotConfiguration.isEmpty && !Mutant.configurationNotRestored.isPlanted
        #else
        let isKnown = !stable.snapshotConfiguration.isEmpty
        #endif
        if isKnown {
            history = Raft.ConfigurationHistory(stable.snapshotConfiguration, at: log.snapshotIndex)
            isHollow = stable.snapshotConfiguration.duties(of: id).contains(.witness)
        }
        restoreConfigurations()
    }

    /// Takes one input and writes what follows from it.
    public mutating func step(
        _ input: consuming Input<Raft.Node>, at now: Instant, into outbox: inout Outbox<Effect<Raft.Node>>
    ) {
        self.now = now
        if isAsleep { stir(for: input, &outbox) }
        switch input {
        case .receive(let message, let from): receive(message, from: from, &outbox)
        case .timer(.election): handleElectionTimer(&outbox)
        case .timer(.heartbeat): handleHeartbeatTimer(&outbox)
        case .timer(.lease(let slot)): handleLeaseTimer(slot, &outbox)
        case .command(.propose(let command, let id)): handlePropose(command, id: id, &outbox)
        case .command(.proposeAll(let commands, let firstID)): handleProposeAll(commands, firstID: firstID, &outbox)
        case .command(.applied(let index)): handleApplied(upTo: index, &outbox)
        case .command(.reportUnreachable(let peer)): handleUnreachable(peer, &outbox)
        case .command(.compact(let index, let state)): handleCompact(upTo: index, state: state, &outbox)
        case .command(.campaign): handleCampaign(&outbox)
        case .command(.transfer(let target)): handleTransfer(to: target, &outbox)
        case .command(.read(let id)): handleRead(id: id, &outbox)
        case .command(.changeConfiguration(let changes, let id, let transition)):
            handleChange(.change(changes, transition), id: id, &outbox)
        case .command(.leaveJoint(let id)): handleChange(.leaveJoint, id: id, &outbox)
        case .command(.peerDown(let node)): handlePeerDown(node, &outbox)
        case .command(.peerUp(let node)): handlePeerUp(node, &outbox)
        case .command(.acceptLoss): handleAcceptLoss(&outbox)
        case .persisted(let ticket): handlePersisted(ticket, &outbox)
        case .restarted: handleRestarted(&outbox)
        }
    }

    /// Sorts a message by its term, then by its kind (paper, figure 2, rules for servers).
    private mutating func receive(_ message: consuming Raft.Message, from: NodeID, _ outbox: inout Effects) {
        guard message.term <= .limit, from != id else { return ignore(.malformed, &outbox) }
        switch message {
        case .preVote(let body): handlePreVote(body, from: from, &outbox)
        case .preVoteReply(let body): handlePreVoteReply(body, from: from, &outbox)
        case .vote(let body): handleVote(body, from: from, &outbox)
        case .voteReply(let body): handleVoteReply(body, from: from, &outbox)
        case .append(let body): handleAppend(body, from: from, &outbox)
        case .appendReply(let body): handleAppendReply(body, from: from, &outbox)
        case .snapshot(let body): handleSnapshot(body, from: from, &outbox)
        case .snapshotReply(let body): handleSnapshotReply(body, from: from, &outbox)
        case .forward(let body): handleForward(body, from: from, &outbox)
        case .forwarded(let body): handleForwarded(body, &outbox)
        case .timeoutNow(let body): handleTimeoutNow(body, from: from, &outbox)
        case .readRequest(let body): handleReadRequest(body, from: from, &outbox)
        case .readReply(let body): handleReadReply(body, &outbox)
        case .amnesiac(let body): handleAmnesiac(body, from: from, &outbox)
        case .healed(let body): handleHealed(body, from: from, &outbox)
        }
    }

    private mutating func handleRestarted(_ outbox: inout Effects) {
        forwards.begin(at: random.bits(.raftForwardSequence, id.rawValue, UInt64(bitPattern: now.nanoseconds)))
        askedReads.begin(
            at: random.bits(.raftReadSequence, id.rawValue, UInt64(bitPattern: now.nanoseconds), term.rawValue))
        if log.snapshotIndex > .zero && !lacksState {
            outbox.output(.installed(index: log.snapshotIndex, term: log.snapshotTerm, state: snapshotState))
        }
        if configurationIndex > log.snapshotIndex {
            outbox.output(.configurationChanged(configuration, index: configurationIndex))
        }
        beginLife(&outbox)
        setElectionTimer(&outbox)
        // It may have heard a leader just before, and have forgotten: it waits as if it had.
        if settings.usesLease { hearLeader(&outbox) }
    }

    /// Follows a later term that a message shows; `false` if the message is of an earlier one.
    mutating func catchUp(with messageTerm: Raft.Term, leader: NodeID? = nil, _ outbox: inout Effects) -> Bool {
        #if MUTANTS
        if Mutant.deposedLeaderSends.isPlanted && messageTerm > term && role == .leader {
            let ownTerm = term
            term = messageTerm
            handleHeartbeatTimer(&outbox)
            term = ownTerm
        }
        #endif
        if messageTerm > term { becomeFollower(term: messageTerm, votedFor: nil, leader: leader, &outbox) }
        return messageTerm == term
    }

    /// Reports an input that is not acted on.
    mutating func ignore(_ reason: Raft.IgnoreReason, _ outbox: inout Effects) {
        outbox.output(.ignored(reason))
    }

    /// Where a member stands in `peers`.
    ///
    /// - Complexity: O(log members).
    func position(of node: NodeID) -> Int? { configuration.position(of: node) }
}
