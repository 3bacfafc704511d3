extension Gossip {
    /// One participant of the replicated state.
    ///
    /// Reads see a write at once; peers and outputs see it when it is durable.
    ///
    /// A write, and an entry taken over from a peer, becomes one ``Stable/Record/put(_:)`` before anything about it
    /// leaves the node. That also keeps stamps growing across restarts: the largest stamp ever used or seen is on the
    /// disk, whatever the clock says afterwards. Peers and subscriptions are not kept on the disk.
    ///
    /// Messages are taken from anyone, not only from ``peers``: two nodes may learn of each other at different times.
    public struct Node: StateMachine {
        /// What nodes send each other.
        public typealias Message = Gossip.Message
        /// The timers.
        public typealias Timer = Gossip.Timer
        /// What the embedding program asks.
        public typealias Command = Gossip.Command
        /// What the node tells.
        public typealias Output = Gossip.Output
        /// What survives a crash.
        public typealias Stable = Gossip.Stable

        /// This node.
        public let id: NodeID
        /// How it gossips.
        public let settings: Settings
        /// The clock that stamps this node's writes.
        public internal(set) var clock: HybridLogicalClock

        var random: Random
        var replica: Replica
        var neighbours = Neighbours()
        var subscriptions = Subscriptions()
        var rumors = Rumors()
        var graves = Graves()
        /// The comparisons this node has opened.
        var sessions: [Session] = []
        /// The state whose symbols a peer is reading.
        var stream: Stream?
        /// How many symbols the next comparison asks for first.
        var expected = Node.firstAsk
        private var lastTicket: UInt64 = 0

        /// Creates a node that holds nothing.
        ///
        /// - Parameters:
        ///   - id: This node.
        ///   - peers: The nodes to gossip with; this node itself and repetitions are left out.
        ///   - near: Those of them that are near, such as in the same region; with none, all are alike.
        ///   - settings: Settings that pass ``Settings/check()``.
        ///   - random: Where this node's choices come from; may be shared by all nodes.
        public init(id: NodeID, peers: [NodeID], near: [NodeID] = [], settings: Settings, random: Random) {
            self.id = id
            self.settings = settings
            self.random = random
            self.replica = Replica(settings.key)
            self.clock = HybridLogicalClock(driftLimit: settings.driftLimit)
            for peer in peers { insertPeer(peer, isNear: false) }
            for peer in near { insertPeer(peer, isNear: true) }
        }

        /// Takes one input; see ``StateMachine/step(_:at:into:)``.
        public mutating func step(_ input: consuming Input<Node>, at now: Instant, into outbox: inout Effects) {
            switch input {
            case .receive(let message, let peer): handle(message, from: peer, at: now, into: &outbox)
            case .timer(.round): handleRound(at: now, into: &outbox)
            case .timer(.push): handlePushTimer(at: now, into: &outbox)
            case .command(let command): handle(command, at: now, into: &outbox)
            case .persisted: break
            case .restarted: handleRestarted(at: now, into: &outbox)
            }
        }

        /// Takes over what a disk held; see ``StateMachine/restore(_:)``.
        public mutating func restore(_ stable: Stable) {
            clock = HybridLogicalClock(driftLimit: settings.driftLimit, ceiling: stable.ceiling)
            replica = Replica(stable.store, settings.key)
            stable.store.forEach(in: .all) { slot in
                graves.insert(slot.entry)
                return true
            }
        }

        private mutating func handle(
            _ message: Message, from peer: NodeID, at now: Instant, into outbox: inout Effects
        ) {
            switch message {
            case .push(let entries): handlePush(entries, from: peer, at: now, into: &outbox)
            case .digest(let hash, let ask): handleDigest(hash, ask: ask, from: peer, into: &outbox)
            case .summary(let spans): handleSummary(spans, from: peer, into: &outbox)
            case .entries(let entries): handleEntries(entries, from: peer, at: now, into: &outbox)
            case .symbols(let piece): handleSymbols(piece, from: peer, into: &outbox)
            case .more(let wish): handleMore(wish, from: peer, into: &outbox)
            case .want(let hashes): handleWant(hashes, from: peer, into: &outbox)
            }
        }

        private mutating func handle(_ command: Command, at now: Instant, into outbox: inout Effects) {
            switch command {
            case .set(let key, let value): handleWrite(key, value, for: nil, at: now, into: &outbox)
            case .setExpiring(let key, let value, let life):
                handleWrite(key, value, for: life, at: now, into: &outbox)
            case .delete(let key): handleWrite(key, nil, for: nil, at: now, into: &outbox)
            case .subscribe(let pattern): handleSubscribe(pattern, into: &outbox)
            case .unsubscribe(let pattern): subscriptions.remove(pattern)
            case .addPeer(let peer): insertPeer(peer, isNear: false)
            case .addNearPeer(let peer): insertPeer(peer, isNear: true)
            case .removePeer(let peer): removePeer(peer)
            }
        }

        private mutating func handleRestarted(at now: Instant, into outbox: inout Effects) {
            graves.start(at: now)
            // Nodes that start together do not all compare at the same instant.
            let bits = random.bits(.gossipPhase, id.rawValue, UInt64(bitPattern: now.nanoseconds))
            outbox.setTimer(.round, at: now + Random.interval(.zero, settings.interval, from: bits))
        }

        private mutating func handleRound(at now: Instant, into outbox: inout Effects) {
            outbox.setTimer(.round, at: now + settings.interval)
            graves.advance(by: settings.interval)
            endValues(at: now, into: &outbox)
            forgetTombstones(at: now, into: &outbox)
            openSessions(at: now, into: &outbox)
        }

        mutating func persist(_ record: Stable.Record, into outbox: inout Effects) {
            lastTicket += 1
            outbox.persist(record, Ticket(lastTicket))
        }
    }
}

extension Random.Purpose {
    /// When in its interval a node begins.
    static var gossipPhase: Random.Purpose { Random.Purpose(0x0300) }
    /// To whom news is pushed.
    static var gossipTarget: Random.Purpose { Random.Purpose(0x0301) }
    /// With whom states are compared.
    static var gossipPartner: Random.Purpose { Random.Purpose(0x0302) }
    /// Whether a push goes far.
    static var gossipDistance: Random.Purpose { Random.Purpose(0x0380) }
}
