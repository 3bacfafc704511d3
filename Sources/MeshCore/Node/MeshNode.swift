/// A node of a mesh: Raft, failure detection and gossip behind one step.
///
/// It is what a product embeds and what scenarios run; the simulator and the runtime drive the very same value. Each
/// protocol can be switched off. They share the node's links and its disk and help each other: whoever failure
/// detection finds becomes a peer of gossip, and a dead peer stops being one. Raft's voters never change by failure
/// detection: a quorum that shrinks with the partition is how both sides of a split elect a leader.
public struct MeshNode: StateMachine {
    /// This node's id.
    public let id: NodeID
    /// The replicated log, when it runs.
    public private(set) var raft: Raft.Node?
    /// Failure detection by SWIM, when it runs.
    public private(set) var swim: Swim.Node?
    /// Failure detection by heartbeats, when it runs.
    public private(set) var heartbeat: Heartbeat.Node?
    /// The gossip key-value state, when it runs.
    public private(set) var gossip: Gossip.Node?
    /// Broadcasts and direct messages, when they run.
    public internal(set) var broadcast: Broadcast.Node?
    /// The overlay for large meshes, when it runs.
    public internal(set) var hyparview: HyParView.Node?
    /// Broadcasts over the tree, when they run.
    public internal(set) var plumtree: Plumtree.Node?
    /// The application of the log, when the node brings one: see ``Configuration/keepsStore``.
    public private(set) var store: KeyValueStore?

    private let near: [NodeID]
    private var nextTicket: UInt64 = 0
    private var outstanding = Ring<OutstandingTicket>()
    var pendingReads = PendingReads()

    /// What runs on a node; a protocol without settings is switched off.
    public struct Configuration: Sendable {
        /// The node's id.
        public var id: NodeID
        /// The nodes it knows at the start: SWIM's seeds, and the peers of heartbeats and gossip.
        public var peers: [NodeID]
        /// Those of the peers that gossip takes for near, such as those of the same region; with none all are alike.
        public var near: [NodeID] = []
        /// The nodes that found the Raft group; none at a node that is added later, which learns who belongs to it.
        public var voters: [NodeID]
        /// Those of the voters that keep no commands.
        public var witnesses: [NodeID] = []
        /// The nodes that belong to the Raft group from its founding on and do not vote.
        public var learners: [NodeID] = []
        /// The settings of Raft.
        public var raft: Raft.Settings?
        /// The settings of SWIM.
        public var swim: Swim.Settings?
        /// The settings of heartbeats.
        public var heartbeat: Heartbeat.Settings?
        /// The settings of gossip.
        public var gossip: Gossip.Settings?
        /// The settings of broadcasts and direct messages.
        public var broadcast: Broadcast.Settings?
        /// The settings of the overlay; it runs with its defaults when the tree runs.
        public var hyparview: HyParView.Settings?
        /// The settings of broadcasts over the tree.
        public var plumtree: Plumtree.Settings?
        /// Whether the node applies the log to a ``KeyValueStore`` and answers snapshots itself.
        ///
        /// A product with a state
        /// machine of its own sets it to false and reads the outputs `raft(.apply)` and `raft(.snapshotWanted)`.
        public var keepsStore: Bool
        /// How many client sessions the store keeps, see ``Sessions``; every node of a group needs the same.
        public var sessionLimit: Int

        /// Creates a configuration with every protocol switched off.
        public init(id: NodeID, peers: [NodeID]) {
            self.id = id
            self.peers = peers
            self.voters = peers
            self.keepsStore = true
            self.sessionLimit = Sessions.usualLimit
        }
    }

    /// Creates a node that has not started: feed it ``Input/restarted``.
    ///
    /// - Parameters:
    ///   - configuration: What runs on the node.
    ///   - random: The node's own generator; give every node another one.
    public init(_ configuration: Configuration, random: Random) {
        self.id = configuration.id
        if let settings = configuration.raft {
            self.raft = Raft.Node(
                id: id,
                configuration: Raft.Configuration(
                    voters: configuration.voters, learners: configuration.learners,
                    witnesses: configuration.witnesses),
                settings: settings, random: random.derived(.component, 1))
            if configuration.keepsStore { self.store = KeyValueStore(sessionLimit: configuration.sessionLimit) }
        }
        if let settings = configuration.swim {
            self.swim = Swim.Node(
                id: id, seeds: configuration.peers, settings: settings, random: random.derived(.component, 2))
        }
        if let settings = configuration.heartbeat {
            self.heartbeat = Heartbeat.Node(id: id, peers: configuration.peers, settings: settings)
        }
        if let settings = configuration.gossip {
            self.gossip = Gossip.Node(
                id: id, peers: configuration.peers, near: configuration.near, settings: settings,
                random: random.derived(.component, 3))
        }
        self.near = configuration.near.sorted()
        prepareSpreading(configuration, random)
    }

    /// Leaves every decision from now on to another generator.
    ///
    /// A simulation tries another future of a run with it. What was decided stays: timers that are set run out when
    /// they would have.
    ///
    /// - Parameter random: The node's own generator, as at its creation.
    public mutating func reseed(_ random: Random) {
        raft?.random = random.derived(.component, 1)
        swim?.random = random.derived(.component, 2).derived(.swimNode, id.rawValue)
        gossip?.random = random.derived(.component, 3)
        reseedSpreading(random)
    }

    /// Takes over what the disk held.
    public mutating func restore(_ stable: Stable) {
        raft?.restore(stable.raft)
        gossip?.restore(stable.gossip)
    }

    /// Takes one input and writes what must follow; see ``StateMachine``.
    public mutating func step(
        _ input: consuming Input<MeshNode>, at now: Instant, into outbox: inout Outbox<Effect<MeshNode>>
    ) {
        switch input {
        case .receive(let message, from: let peer):
            switch message {
            case .raft(let message): stepRaft(.receive(message, from: peer), now, &outbox)
            case .swim(let message): stepSwim(.receive(message, from: peer), now, &outbox)
            case .heartbeat(let message): stepHeartbeat(.receive(message, from: peer), now, &outbox)
            case .gossip(let message): stepGossip(.receive(message, from: peer), now, &outbox)
            case .broadcast(let message): stepBroadcast(.receive(message, from: peer), now, &outbox)
            case .hyparview(let message): stepOverlay(.receive(message, from: peer), now, &outbox)
            case .plumtree(let message): stepTree(.receive(message, from: peer), now, &outbox)
            }
        case .timer(let timer):
            switch timer {
            case .raft(let timer): stepRaft(.timer(timer), now, &outbox)
            case .swim(let timer): stepSwim(.timer(timer), now, &outbox)
            case .heartbeat(let timer): stepHeartbeat(.timer(timer), now, &outbox)
            case .gossip(let timer): stepGossip(.timer(timer), now, &outbox)
            case .broadcast(let timer): stepBroadcast(.timer(timer), now, &outbox)
            case .hyparview(let timer): stepOverlay(.timer(timer), now, &outbox)
            case .plumtree(let timer): stepTree(.timer(timer), now, &outbox)
            }
        case .command(let command):
            switch command {
            case .raft(.read(let id)):
                stepRaft(.command(.read(id: pendingReads.add(.init(id: id, key: nil)))), now, &outbox)
            case .raft(let command): stepRaft(.command(command), now, &outbox)
            case .swim(let command): stepSwim(.command(command), now, &outbox)
            case .heartbeat(let command): stepHeartbeat(.command(command), now, &outbox)
            case .gossip(let command): stepGossip(.command(command), now, &outbox)
            case .read(let key, let id): read(key, id: id, now, &outbox)
            case .broadcast(let command): stepBroadcast(.command(command), now, &outbox)
            case .hyparview(let command): stepOverlay(.command(command), now, &outbox)
            case .plumtree(let command): stepTree(.command(command), now, &outbox)
            }
        case .persisted(let ticket):
            handlePersisted(ticket, now, &outbox)
        case .restarted:
            stepRaft(.restarted, now, &outbox)
            stepSwim(.restarted, now, &outbox)
            stepHeartbeat(.restarted, now, &outbox)
            stepGossip(.restarted, now, &outbox)
            stepBroadcast(.restarted, now, &outbox)
            stepOverlay(.restarted, now, &outbox)
            stepTree(.restarted, now, &outbox)
        }
    }
}

// MARK: - Stepping the components

extension MeshNode {
    mutating func stepRaft(
        _ input: consuming Input<Raft.Node>, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        guard raft != nil else { return }
        var inner = outbox.lend(Effect<Raft.Node>.self)
        raft?.step(input, at: now, into: &inner)
        inner.drain { effect in
            switch effect {
            case .send(let message, to: let peer): outbox.send(.raft(message), to: peer)
            case .setTimer(let timer, at: let instant): outbox.setTimer(.raft(timer), at: instant)
            case .cancelTimer(let timer): outbox.cancelTimer(.raft(timer))
            case .persist(let record, let ticket): outbox.persist(.raft(record), wrap(ticket, .raft))
            case .output(let output): handle(output, now, &outbox)
            }
        }
        outbox.takeBack(inner)
    }

    private mutating func stepSwim(
        _ input: consuming Input<Swim.Node>, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        guard swim != nil else { return }
        var inner = outbox.lend(Effect<Swim.Node>.self)
        swim?.step(input, at: now, into: &inner)
        inner.drain { effect in
            switch effect {
            case .send(let message, to: let peer): outbox.send(.swim(message), to: peer)
            case .setTimer(let timer, at: let instant): outbox.setTimer(.swim(timer), at: instant)
            case .cancelTimer(let timer): outbox.cancelTimer(.swim(timer))
            case .persist: break
            case .output(let output): handle(output, now, &outbox)
            }
        }
        outbox.takeBack(inner)
    }

    private mutating func stepHeartbeat(
        _ input: consuming Input<Heartbeat.Node>, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        guard heartbeat != nil else { return }
        var inner = outbox.lend(Effect<Heartbeat.Node>.self)
        heartbeat?.step(input, at: now, into: &inner)
        inner.drain { effect in
            switch effect {
            case .send(let message, to: let peer): outbox.send(.heartbeat(message), to: peer)
            case .setTimer(let timer, at: let instant): outbox.setTimer(.heartbeat(timer), at: instant)
            case .cancelTimer(let timer): outbox.cancelTimer(.heartbeat(timer))
            case .persist: break
            case .output(let output): handle(output, now, &outbox)
            }
        }
        outbox.takeBack(inner)
    }

    private mutating func stepGossip(
        _ input: consuming Input<Gossip.Node>, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        guard gossip != nil else { return }
        var inner = outbox.lend(Effect<Gossip.Node>.self)
        gossip?.step(input, at: now, into: &inner)
        inner.drain { effect in
            switch effect {
            case .send(let message, to: let peer): outbox.send(.gossip(message), to: peer)
            case .setTimer(let timer, at: let instant): outbox.setTimer(.gossip(timer), at: instant)
            case .cancelTimer(let timer): outbox.cancelTimer(.gossip(timer))
            case .persist(let record, let ticket): outbox.persist(.gossip(record), wrap(ticket, .gossip))
            case .output(let output): outbox.output(.gossip(output))
            }
        }
        outbox.takeBack(inner)
    }
}

// MARK: - What the components tell each other

extension MeshNode {
    /// Applies committed entries, answers for snapshots and passes everything on.
    private mutating func handle(
        _ output: Raft.Output, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        if case .readReady(let number, let index) = output { return answerRead(number, index, &outbox) }
        if case .readRefused(let number, let reason) = output { return refuseRead(number, reason, &outbox) }
        outbox.output(.raft(output))
        guard store != nil else { return }
        switch output {
        case .apply(let entries):
            for entry in entries { apply(entry, &outbox) }
            guard let raft, raft.settings.maxUnappliedBytes > 0, let last = entries.last else { return }
            stepRaft(.command(.applied(upTo: last.index)), now, &outbox)
        case .snapshotWanted(upTo: let index):
            guard let state = store?.snapshot else { return }
            stepRaft(.command(.compact(upTo: index, state: state)), now, &outbox)
        case .installed(index: _, term: _, state: let state):
            // A snapshot that is no store comes from a cluster that runs another application: keep what we have.
            guard let installed = try? KeyValueStore(snapshot: state) else { return }
            store = installed
        case .becameFollower, .becamePreCandidate, .becameCandidate, .becameLeader, .leaderChanged, .proposed,
            .rejected, .committed, .ignored, .transferStarted, .transferred, .transferAbandoned, .quiescent, .readReady,
            .readRefused, .configurationChanged, .leftGroup, .repair:
            break
        }
    }

    private mutating func apply(_ entry: Raft.Entry, _ outbox: inout Outbox<Effect<MeshNode>>) {
        guard case .command(let command) = entry.payload, let answer = store?.apply(command) else { return }
        outbox.output(
            .applied(
                index: entry.index, request: answer.request, result: answer.result, isRepeat: answer.isRepeat))
    }

    /// Lets gossip talk to whoever is alive, and Raft know who is not: a group that sleeps hears of no death itself.
    private mutating func handle(
        _ output: Swim.Output, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        outbox.output(.swim(output))
        switch output {
        case .alive(let peer): meet(peer, now, &outbox)
        case .dead(let peer), .left(let peer): lose(peer, now, &outbox)
        case .suspect, .refuted, .ignored, .described: break
        }
    }

    /// Lets gossip talk to whoever is connected, and Raft know who is not.
    private mutating func handle(
        _ output: Heartbeat.Output, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        outbox.output(.heartbeat(output))
        switch output {
        case .connected(let peer), .recovered(let peer): meet(peer, now, &outbox)
        case .dead(let peer), .disconnected(let peer): lose(peer, now, &outbox)
        case .suspect, .ignored: break
        }
    }

    private mutating func meet(_ peer: NodeID, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>) {
        let isNear = Gossip.Node.position(of: peer, in: near) != nil
        stepGossip(.command(isNear ? .addNearPeer(peer) : .addPeer(peer)), now, &outbox)
        linkPeer(peer, now, &outbox)
        stepRaft(.command(.peerUp(peer)), now, &outbox)
    }

    private mutating func lose(_ peer: NodeID, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>) {
        stepGossip(.command(.removePeer(peer)), now, &outbox)
        unlinkPeer(peer, now, &outbox)
        stepRaft(.command(.peerDown(peer)), now, &outbox)
    }
}

// MARK: - Tickets

extension MeshNode {
    /// The components that write to the disk.
    enum Writer: Sendable {
        case raft
        case gossip
    }

    /// A write that is under way, under this node's own ticket.
    struct OutstandingTicket: Sendable {
        var ticket: Ticket
        var writer: Writer
        var inner: Ticket
    }

    private mutating func wrap(_ inner: Ticket, _ writer: Writer) -> Ticket {
        nextTicket += 1
        let ticket = Ticket(nextTicket)
        outstanding.append(OutstandingTicket(ticket: ticket, writer: writer, inner: inner))
        return ticket
    }

    /// Tells each component the last of its writes that became durable.
    private mutating func handlePersisted(
        _ ticket: Ticket, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        var raftTicket: Ticket?
        var gossipTicket: Ticket?
        while let first = outstanding.first, first.ticket <= ticket {
            _ = outstanding.popFirst()
            switch first.writer {
            case .raft: raftTicket = first.inner
            case .gossip: gossipTicket = first.inner
            }
        }
        if let raftTicket { stepRaft(.persisted(raftTicket), now, &outbox) }
        if let gossipTicket { stepGossip(.persisted(gossipTicket), now, &outbox) }
    }
}

extension Random.Purpose {
    /// The generator of one component of a node.
    static var component: Random.Purpose { Random.Purpose(0x0001) }
}
