extension Swim {
    /// One member of a SWIM group.
    ///
    /// It keeps nothing on disk: after a restart it comes with incarnation 0, hears what was believed about it, and
    /// contradicts with a higher one.
    ///
    /// Per message and per probe it does O(updates in it) work, whatever the size of the group; a member takes at most
    /// 15 bytes when ids follow each other.
    public struct Node: StateMachine {
        /// See ``Swim/Message``.
        public typealias Message = Swim.Message
        /// See ``Swim/Timer``.
        public typealias Timer = Swim.Timer
        /// See ``Swim/Command``.
        public typealias Command = Swim.Command
        /// See ``Swim/Output``.
        public typealias Output = Swim.Output

        /// How this node takes part.
        enum Standing: Sendable {
            /// Not started yet.
            case fresh
            /// Probes and is probed.
            case active
            /// Has said good-bye; only answers.
            case departed
        }

        /// The probe of the running period.
        struct Probe: Sendable {
            var target: NodeID
            var incarnation: Incarnation
            var sequence: UInt32
            /// When it began, on the elapsed clock.
            var start: Interval
            /// How many periods it still has, the running one included.
            var periodsLeft: Int64
            /// How many members were asked to help.
            var helperCount = 0
            /// How many of them have not said that they were asked.
            var silentHelpers = 0
        }

        /// How long answers take.
        struct RoundTrip: Sendable {
            var smoothed: Interval
            var variation: Interval
        }

        /// When a suspect is warned, or its suspicion ends, on the elapsed clock.
        struct Deadline: Comparable, Sendable {
            var reading: Interval
            var suspect: NodeID

            static func < (left: Deadline, right: Deadline) -> Bool {
                left.reading != right.reading ? left.reading < right.reading : left.suspect < right.suspect
            }
        }

        /// When a member may be forgotten, in periods.
        struct Tombstone: Sendable {
            var period: Int64
            var update: Update
        }

        /// This node.
        public let id: NodeID
        /// The settings it was created with.
        public let settings: Settings
        /// Contacted at the start, and again whenever they are not live members.
        public internal(set) var seeds: [NodeID]
        /// This node's own incarnation.
        public internal(set) var incarnation: Incarnation = .zero

        var random: Random
        var standing: Standing = .fresh
        var roster: Roster
        var rumors = Rumors<Update>()
        /// What this node tells of itself.
        var metadata: Metadata
        /// What members told of themselves, this node included.
        var notices = SortedMap<NodeID, Notice>()
        /// Those of them that are still to be told.
        var noticeRumors = Rumors<NoticeRumor>()
        /// The sum of the hashes of the live members' metadata.
        var noticeHash: UInt64 = 0
        var isGossipTimerSet = false
        var clock = ElapsedClock()
        /// Distinguishes this start from others of the same node, in every random decision.
        var life: UInt64 = 0
        /// How many periods have begun since the start.
        var periodCount: Int64 = 0
        /// How many rounds of rumours were sent since the start.
        var gossipCount: UInt64 = 0
        var sequence: UInt32 = 0
        var probe: Probe?
        var roundTrip: RoundTrip?
        /// Lifeguard's local health: 0 is good, each doubt adds one.
        var health = 0
        /// The suspicions that run.
        var suspicions = SortedMap<NodeID, Suspicion>()
        /// What they wait for; entries that were overtaken are skipped.
        var deadlines = MinHeap<Deadline>()
        /// How many suspects were warned in this period.
        var warningCount = 0
        /// What the suspicion timer is set for, on the elapsed clock.
        var suspicionSetFor: Interval?
        var tombstones = Ring<Tombstone>()
        /// Nodes that we asked to let us join and do not know as live members yet.
        var awaited: [NodeID] = []
        /// How many more periods we ask them, once we know anybody.
        var joinPatience = 0
        var nextSync: Int64 = 0
        /// The wait after the next comparison, in periods.
        var syncDelay: Int64 = 2
        var nextRejoin: Int64 = 0

        /// Creates a node that knows only itself.
        ///
        /// - Parameters:
        ///   - id: The node; not 0.
        ///   - seeds: Nodes to join through; the node itself and node 0 are skipped.
        ///   - settings: Settings that passed ``Settings/check()``.
        ///   - metadata: What it tells of itself from each start on, until it is told otherwise.
        ///   - random: The generator; all nodes may share one, the id is mixed in.
        public init(
            id: NodeID, seeds: [NodeID], settings: Settings = Settings(), metadata: Metadata = Metadata(),
            random: Random
        ) {
            invariant(id.rawValue != 0, "node 0 stands for nobody")
            invariant(metadata.byteCount <= Metadata.byteLimit, "metadata is at most 512 bytes")
            self.id = id
            self.metadata = metadata
            self.seeds = seeds.filter { $0 != id && $0.rawValue != 0 }
            self.settings = settings
            self.random = random.derived(.swimNode, id.rawValue)
            self.roster = Roster(owner: id)
        }

        /// Creates the node that a crash of this one leaves: it knows itself, its seeds and its settings.
        init(restartOf old: Node) {
            self.id = old.id
            self.seeds = old.seeds
            self.settings = old.settings
            self.metadata = old.metadata
            self.random = old.random
            self.roster = Roster(owner: old.id)
        }

        /// Takes one input; see ``StateMachine``.
        public mutating func step(
            _ input: consuming Input<Self>, at now: Instant, into effects: inout Effects
        ) {
            switch consume input {
            case .receive(let message, let sender): receive(message, from: sender, at: now, into: &effects)
            case .timer(.period): handlePeriod(at: now, into: &effects)
            case .timer(.probeTimeout): handleProbeTimeout(at: now, into: &effects)
            case .timer(.gossip): handleGossip(at: now, into: &effects)
            case .timer(.suspicion): handleSuspicion(at: now, into: &effects)
            case .command(.join(let nodes)): handleJoin(nodes, at: now, into: &effects)
            case .command(.leave): handleLeave(at: now, into: &effects)
            case .command(.describe(let metadata)): handleDescribe(metadata, at: now, into: &effects)
            case .restarted: handleRestarted(at: now, into: &effects)
            case .persisted: break
            }
        }
    }
}

// MARK: - Reading

extension Swim.Node {
    /// How many members this node knows, itself and the remembered dead included.
    public var memberCount: Int { roster.count }

    /// How many members are alive, this node included until it leaves; suspects are not counted.
    public var aliveCount: Int { roster.aliveCount }

    /// How many members are alive or suspect: the N of every formula.
    public var liveCount: Int { roster.liveCount }

    /// A hash over the ids and statuses of all live members.
    ///
    /// Nodes with equal hashes agree on who is alive and who is suspect. The dead and the departed do not count, so
    /// that agreement does not depend on who still remembers them.
    public var stateHash: UInt64 { roster.stateHash }

    /// What one member adds to ``stateHash``, which is the wrapping sum over all members.
    public static func stateHash(of node: NodeID, _ status: Swim.Status) -> UInt64 {
        Swim.Roster.hash(of: node, status)
    }

    /// Whether this node has said good-bye.
    public var hasLeft: Bool { standing == .departed }

    /// What is believed about a member; `nil` when it was never heard of or is forgotten.
    ///
    /// - Complexity: O(1) expected.
    public func status(of node: NodeID) -> Swim.Status? { roster.claim(about: node)?.status }

    /// The incarnation that the belief about a member is held of.
    ///
    /// - Complexity: O(1) expected.
    public func incarnation(of node: NodeID) -> Swim.Incarnation? { roster.claim(about: node)?.incarnation }

    /// Shows every member to `body`, this node included, in id order.
    ///
    /// - Complexity: O(``memberCount``).
    public func forEachMember(_ body: (NodeID, Swim.Status, Swim.Incarnation) -> Void) {
        var walk = roster.walk()
        while let member = roster.next(&walk) { body(member.id, member.status, member.incarnation) }
    }

    /// How much this node doubts its own health, from 0 to the limit of ``Swim/Lifeguard``.
    public var localHealth: Int { health }

    /// How many rumours this node is still repeating; replaced ones count until they come up.
    public var rumorCount: Int { rumors.count + noticeRumors.count }
}

// MARK: - Receiving

extension Swim.Node {
    mutating func receive(
        _ message: Swim.Message, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard sender != id, sender.rawValue != 0 else {
            effects.output(.ignored(.impossibleSender))
            return
        }
        // The sender's word about itself comes first: whoever writes to us is a member. What it sends counts as if told
        // by the sender itself, so an answer is built on it.
        learn(Swim.Update(sender, message.sender.status, message.sender.incarnation), at: now, into: &effects)
        if case .syncReply(let lower, let upper, let isComplete) = message.purpose {
            let part = ViewPart(lower: lower, upper: upper, updates: message.updates, notices: message.notices)
            handleSyncReply(part, isComplete, from: sender, at: now, into: &effects)
            return
        }
        for update in message.updates { learn(update, at: now, into: &effects) }
        if case .ask = message.purpose {
            handleAsk(message.notices, from: sender, into: &effects)
            return
        }
        for notice in message.notices { take(notice, at: now, into: &effects) }
        switch message.purpose {
        case .ping(let sequence, let requester):
            handlePing(sequence, requester, from: sender, into: &effects)
        case .pingRequest(let sequence, let target):
            handlePingRequest(sequence, target, from: sender, into: &effects)
        case .ack(let sequence, let target, let requester):
            handleAck(sequence, target, requester, from: sender, at: now, into: &effects)
        case .gossip: break
        case .nack(let sequence): handleNack(sequence)
        case .sync(let viewHash): handleSync(viewHash, from: sender, into: &effects)
        case .syncReply, .ask: break
        }
    }
}
