extension MultiRaft {
    /// The groups of one node.
    ///
    /// The groups share a disk, and with it the order of what is written: what a group says after a record of its own
    /// waits for that record, and what others have said before it in the same step does not.
    public struct Node: Sendable {
        /// The node's own name.
        public let id: NodeID
        /// The settings.
        public let settings: Settings
        let random: Random

        /// The groups; a place that was left is taken by the next group.
        var slots: [Slot] = []
        /// Where each group lies in `slots`.
        var places = SortedMap<GroupID, Int>()
        var freePlaces: [Int] = []
        /// The groups that were destroyed here.
        var destroyed = SortedMap<GroupID, Bool>()

        /// The node's clock in the step under way.
        var now = Instant.zero
        /// How many steps were taken; it tells which records belong to the one under way.
        var stepCount: UInt64 = 0

        var wheel = Wheel()
        /// Whether the driver's tick is set.
        var isTicking = false
        /// Whether the step under way stands exactly on a tick.
        var isOnTick = false

        /// What the step under way has to say, by peer, ascending.
        var peers: [Peer] = []
        /// Records of the step under way, and what its groups tell after one of their own.
        var deferred: [Effect<MultiRaft.Node>] = []
        /// How often the node has let itself be heard.
        var beatCount: UInt64 = 0

        var lastTicket: UInt64 = 0
        /// Records that are not durable yet.
        var writes = Ring<PendingWrite>()
        /// Groups that learn of durable records in the step under way.
        var touched: [Int] = []

        /// What the node has done since its start.
        public internal(set) var counts = Counts()

        /// A group.
        struct Slot: Sendable {
            let id: GroupID
            var node: Raft.Node
            var election = Wheel.State()
            var heartbeat = Wheel.State()
            /// The step in which the group last wrote a record.
            var writtenStep: UInt64 = 0
            /// The last of its records that became durable in the step under way.
            var durable: Ticket?
            var isLive = true
        }

        /// A record of a group that is not durable yet.
        struct PendingWrite: Sendable {
            let ticket: UInt64
            let group: GroupID
            let place: Int32
            let inner: Ticket
        }

        /// A node that shares groups with this one.
        struct Peer: Sendable {
            let id: NodeID
            /// What was said before any record of its group in this step, and after one.
            var early: [Envelope] = []
            var late: [Envelope] = []
            var earlyBytes = 0
            var lateBytes = 0
            /// Whether something was sent since the last beat.
            var hasSent = false
            /// The beat of ours in which it was last heard.
            var heardAt: UInt64
            /// Whether it is believed dead.
            var isDown = false
        }

        /// Creates a node without groups.
        ///
        /// - Parameters:
        ///   - id: The node's own name.
        ///   - settings: Settings that have passed ``Settings/check()``.
        ///   - random: The node's generator; each group gets one of its own.
        public init(id: NodeID, settings: Settings = Settings(), random: Random) {
            invariant(settings.isValid, "settings are checked before a node is made of them")
            self.id = id
            self.settings = settings
            self.random = random
        }
    }

    /// What a node has done since its start, as plain numbers.
    public struct Counts: Hashable, Sendable {
        /// Messages that were sent with something of a group in them.
        public internal(set) var batches: UInt64 = 0
        /// Messages of groups in them.
        public internal(set) var envelopes: UInt64 = 0
        /// Messages that only said that the node is alive.
        public internal(set) var beats: UInt64 = 0
        /// How often the wheel was moved.
        public internal(set) var ticks: UInt64 = 0
        /// Steps that groups took.
        public internal(set) var groupSteps: UInt64 = 0
    }
}

extension MultiRaft.Settings: CheckedSettings {}

extension MultiRaft.Node: StateMachine {
    /// What travels between nodes.
    public typealias Message = MultiRaft.Message
    /// The timers of a node.
    public typealias Timer = MultiRaft.Timer
    /// What the embedding program asks for.
    public typealias Command = MultiRaft.Command
    /// What the embedding program is told.
    public typealias Output = MultiRaft.Output
    /// What survives a crash.
    public typealias Stable = MultiRaft.Stable

    /// Takes over the groups that a disk held.
    public mutating func restore(_ stable: MultiRaft.Stable) {
        destroyed = stable.destroyed
        for (index, group) in stable.groups.keys.enumerated() {
            let image = stable.groups.values[index]
            let place = add(group, image.configuration)
            slots[place].node.restore(image.raft)
        }
    }

    /// Takes one input and writes what follows from it.
    ///
    /// - Complexity: O(what the groups concerned do + peers); a tick does not look at groups that have nothing due.
    public mutating func step(
        _ input: consuming Input<MultiRaft.Node>, at now: Instant, into outbox: inout Outbox<Effect<MultiRaft.Node>>
    ) {
        self.now = now
        stepCount += 1
        switch input {
        case .receive(let message, let from): receive(message, from: from, &outbox)
        case .timer(.tick): handleTick(&outbox)
        case .timer(.beat): handleBeat(&outbox)
        case .command(let command): handle(command, &outbox)
        case .persisted(let ticket): handlePersisted(ticket, &outbox)
        case .restarted: handleRestarted(&outbox)
        }
        flush(&outbox)
    }

    private mutating func receive(_ message: consuming MultiRaft.Message, from: NodeID, _ outbox: inout Effects) {
        noteHeard(from, &outbox)
        switch message {
        case .batch(let envelopes):
            for envelope in envelopes {
                guard let place = places[envelope.group] else {
                    outbox.output(.refused(envelope.group, destroyed.contains(envelope.group) ? .destroyed : .unknown))
                    continue
                }
                stepGroup(place, .receive(envelope.message, from: from), &outbox)
            }
        case .beat:
            break
        }
    }

    private mutating func handle(_ command: consuming MultiRaft.Command, _ outbox: inout Effects) {
        switch command {
        case .create(let group, let configuration): create(group, configuration, &outbox)
        case .destroy(let group): destroy(group, &outbox)
        case .group(let group, let command):
            guard let place = places[group] else { return outbox.output(.refused(group, .unknown)) }
            stepGroup(place, .command(command), &outbox)
        case .peerDown(let node): markDown(node, &outbox)
        case .peerUp(let node): markUp(node, &outbox)
        }
    }

    private mutating func handleRestarted(_ outbox: inout Effects) {
        for place in slots.indices where slots[place].isLive { stepGroup(place, .restarted, &outbox) }
        if settings.beatInterval > .zero { outbox.setTimer(.beat, at: now + settings.beatInterval) }
    }

    /// Tells each group once which of its records are durable.
    ///
    /// - Complexity: O(records that became durable).
    private mutating func handlePersisted(_ ticket: Ticket, _ outbox: inout Effects) {
        while let first = writes.first, first.ticket <= ticket.rawValue {
            _ = writes.popFirst()
            let place = Int(first.place)
            guard slots[place].isLive, slots[place].id == first.group else { continue }
            if slots[place].durable == nil { touched.append(place) }
            slots[place].durable = first.inner
        }
        var index = 0
        while index < touched.count {
            let place = touched[index]
            index += 1
            guard let durable = slots[place].durable else { continue }
            slots[place].durable = nil
            stepGroup(place, .persisted(durable), &outbox)
        }
        touched.removeAll(keepingCapacity: true)
    }
}
