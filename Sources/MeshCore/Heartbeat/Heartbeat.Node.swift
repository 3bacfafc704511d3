extension Heartbeat {
    /// One node of a mesh in which everybody watches everybody.
    ///
    /// Silence is measured by the node's own timers and not by comparing stored instants with the clock: a jump of
    /// the clock, in either direction, makes a peer look silent for at most one interval more or less.
    public struct Node: StateMachine {
        /// See ``Heartbeat/Message``.
        public typealias Message = Heartbeat.Message
        /// See ``Heartbeat/Timer``.
        public typealias Timer = Heartbeat.Timer
        /// See ``Heartbeat/Command``.
        public typealias Command = Heartbeat.Command
        /// See ``Heartbeat/Output``.
        public typealias Output = Heartbeat.Output

        /// What is known about a peer.
        struct Peer: Sendable {
            var status: Status = .disconnected
            /// When it was heard last, or when we began to watch it, on the elapsed clock.
            var heardAt: Interval
            /// The life and the number of the last message; `nil` before the first.
            var last: (life: UInt64, count: UInt64)?
            /// Distinguishes this watch from an earlier one of the same peer.
            var watch: UInt64
            /// How regularly it was heard; `nil` without phi.
            var history: History?
            /// Whether ``heardAt`` is when a heartbeat came, so that the next interval counts.
            var isCounting = false
            /// The reading of its entry among the deadlines.
            var dueAt: Interval = .zero

            /// Notes a heartbeat; the time of a silence that made the peer suspect teaches nothing.
            mutating func heard(at reading: Interval) {
                if isCounting && status == .connected { history?.add(reading - heardAt) }
                heardAt = reading
                isCounting = true
            }
        }

        /// When a peer may have been silent for too long, on the elapsed clock; one per watched peer.
        struct Deadline: Comparable, Sendable {
            var reading: Interval
            var peer: NodeID
            var watch: UInt64

            static func < (left: Deadline, right: Deadline) -> Bool {
                if left.reading != right.reading { return left.reading < right.reading }
                return left.peer != right.peer ? left.peer < right.peer : left.watch < right.watch
            }
        }

        /// This node.
        public let id: NodeID
        /// The settings it was created with.
        public let settings: Settings

        private var peers = SortedMap<NodeID, Peer>()
        private var deadlines = MinHeap<Deadline>()
        /// What the silence timer is set for, on the elapsed clock.
        private var silenceSetFor: Interval?
        private var clock = ElapsedClock()
        private var isRunning = false
        private var life: UInt64 = 0
        private var sentCount: UInt64 = 0
        private var watchCount: UInt64 = 0

        /// Creates a node that has heard of nobody.
        ///
        /// - Parameters:
        ///   - id: The node; not 0.
        ///   - peers: The nodes to watch; the node itself and node 0 are skipped.
        ///   - settings: Settings that passed ``Settings/check()``.
        public init(id: NodeID, peers: [NodeID], settings: Settings = Settings()) {
            invariant(id.rawValue != 0, "node 0 stands for nobody")
            self.id = id
            self.settings = settings
            for peer in peers where peer != id && peer.rawValue != 0 && !self.peers.contains(peer) {
                watchCount += 1
                self.peers[peer] = Peer(heardAt: .zero, watch: watchCount, history: Self.history(settings))
            }
        }

        /// Takes one input; see ``StateMachine``.
        public mutating func step(
            _ input: consuming Input<Self>, at now: Instant, into effects: inout Effects
        ) {
            switch consume input {
            case .receive(.beat(let life, let count), let sender):
                handleBeat(life, count, from: sender, at: now, into: &effects)
            case .receive(.farewell(let life, let count), let sender):
                handleFarewell(life, count, from: sender, at: now, into: &effects)
            case .timer(.interval): handleInterval(at: now, into: &effects)
            case .timer(.silence): handleSilence(at: now, into: &effects)
            case .command(.addPeer(let peer)): handleAddPeer(peer, at: now, into: &effects)
            case .command(.removePeer(let peer)): handleRemovePeer(peer, into: &effects)
            case .command(.stop): handleStop(into: &effects)
            case .restarted: handleRestarted(at: now, into: &effects)
            case .persisted: break
            }
        }
    }
}

// MARK: - Reading

extension Heartbeat.Node {
    /// What is believed about a peer; `nil` when it is not watched.
    ///
    /// - Complexity: O(log n) in the number of peers.
    public func status(of peer: NodeID) -> Heartbeat.Status? { peers[peer]?.status }

    /// The peers that are connected, in id order; suspects do not count.
    ///
    /// - Complexity: O(n) in the number of peers.
    public var connectedPeers: [NodeID] {
        var connected: [NodeID] = []
        forEachPeer { peer, status in
            if status == .connected { connected.append(peer) }
        }
        return connected
    }

    /// Shows every watched peer to `body`, in id order.
    ///
    /// - Complexity: O(n) in the number of peers.
    public func forEachPeer(_ body: (NodeID, Heartbeat.Status) -> Void) {
        for index in 0..<peers.count { body(peers.keys[index], peers.values[index].status) }
    }
}

// MARK: - Beating

extension Heartbeat.Node {
    private mutating func handleRestarted(at now: Instant, into effects: inout Effects) {
        isRunning = true
        life = UInt64(bitPattern: now.nanoseconds)
        sentCount = 0
        clock = ElapsedClock()
        deadlines = MinHeap()
        silenceSetFor = nil
        let settings = settings
        for index in 0..<peers.count {
            peers.updateValue(at: index) { peer in
                peer.status = .disconnected
                peer.heardAt = .zero
                peer.history = Self.history(settings)
                peer.isCounting = false
            }
            waitFor(index)
        }
        beat(at: now, into: &effects)
        setSilenceTimer(since: .zero, at: now, into: &effects)
    }

    private mutating func handleInterval(at now: Instant, into effects: inout Effects) {
        guard isRunning else { return }
        clock.fired()
        beat(at: now, into: &effects)
    }

    /// Tells every peer that we live, and sets the timer for the next time.
    private mutating func beat(at now: Instant, into effects: inout Effects) {
        clock.set(at: now, for: settings.interval)
        effects.setTimer(.interval, at: now + settings.interval)
        sentCount += 1
        for peer in peers.keys { effects.send(.beat(life: life, count: sentCount), to: peer) }
    }

    private mutating func handleStop(into effects: inout Effects) {
        guard isRunning else {
            effects.output(.ignored(.pointlessCommand))
            return
        }
        isRunning = false
        effects.cancelTimer(.interval)
        effects.cancelTimer(.silence)
        sentCount += 1
        for peer in peers.keys { effects.send(.farewell(life: life, count: sentCount), to: peer) }
    }

    private mutating func handleAddPeer(_ peer: NodeID, at now: Instant, into effects: inout Effects) {
        guard peer != id, peer.rawValue != 0, !peers.contains(peer) else {
            effects.output(.ignored(.pointlessCommand))
            return
        }
        watchCount += 1
        let reading = clock.reading(at: now)
        let watched = Peer(heardAt: reading, watch: watchCount, history: Self.history(settings))
        peers[peer] = watched
        guard isRunning else { return }
        waitFor(peers.position(of: peer).index)
        setSilenceTimer(since: reading, at: now, into: &effects)
        sentCount += 1
        effects.send(.beat(life: life, count: sentCount), to: peer)
    }

    private mutating func handleRemovePeer(_ peer: NodeID, into effects: inout Effects) {
        guard peers.removeValue(forKey: peer) != nil else {
            effects.output(.ignored(.pointlessCommand))
            return
        }
        dropEndedWatches()
    }
}

// MARK: - Listening

extension Heartbeat.Node {
    private mutating func handleBeat(
        _ life: UInt64, _ count: UInt64, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard let index = accept(life, count, from: sender, into: &effects) else { return }
        let reading = clock.reading(at: now)
        let old = peers.updateValue(at: index) { peer in
            let old = peer.status
            peer.heard(at: reading)
            peer.status = .connected
            return old
        }
        switch old {
        case .connected:
            if settings.phi != nil { hasten(index, at: now, into: &effects) }
            return
        case .disconnected: effects.output(.connected(sender))
        case .suspect, .dead: effects.output(.recovered(sender))
        }
        watchAgain(index, at: now, into: &effects)
    }

    private mutating func handleFarewell(
        _ life: UInt64, _ count: UInt64, from sender: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard let index = accept(life, count, from: sender, into: &effects) else { return }
        guard peers.values[index].status != .disconnected else { return }
        watchCount += 1
        let watch = watchCount
        peers.updateValue(at: index) { peer in
            peer.status = .disconnected
            peer.watch = watch
            peer.isCounting = false
        }
        effects.output(.disconnected(sender))
    }

    /// Finds the sender and notes its message, unless we are stopped or the message is old.
    private mutating func accept(
        _ life: UInt64, _ count: UInt64, from sender: NodeID, into effects: inout Effects
    ) -> Int? {
        guard isRunning else { return nil }
        let (index, isPresent) = peers.position(of: sender)
        guard isPresent else {
            effects.output(.ignored(.unknownPeer))
            return nil
        }
        if let last = peers.values[index].last, last.life == life, count <= last.count {
            effects.output(.ignored(.stale))
            return nil
        }
        peers.updateValue(at: index) { peer in peer.last = (life, count) }
        return index
    }

    /// Begins a new watch of a peer, with the deadline of a connected one.
    private mutating func watchAgain(_ index: Int, at now: Instant, into effects: inout Effects) {
        watchCount += 1
        let watch = watchCount
        peers.updateValue(at: index) { peer in peer.watch = watch }
        waitFor(index)
        dropEndedWatches()
        setSilenceTimer(since: clock.reading(at: now), at: now, into: &effects)
    }

    /// Keeps the heap within twice the number of peers; the deadline of an ended watch else goes when it comes up.
    private mutating func dropEndedWatches() {
        guard deadlines.count > 2 * peers.count + 16 else { return }
        let peers = peers
        deadlines.filter { deadline in peers[deadline.peer]?.watch == deadline.watch }
    }
}

// MARK: - Silence

extension Heartbeat.Node {
    /// Looks at the peers whose deadline was due when the timer was set: each is suspect, dead, or was heard since.
    ///
    /// A heartbeat only notes when it came; the deadline follows here, so that a heartbeat costs no heap operation.
    private mutating func handleSilence(at now: Instant, into effects: inout Effects) {
        guard isRunning, let due = silenceSetFor.take() else { return }
        clock.advance(to: due, at: now)
        while let first = deadlines.first, first.reading <= due {
            _ = deadlines.popFirst()
            let (index, isPresent) = peers.position(of: first.peer)
            guard isPresent, peers.values[index].watch == first.watch else { continue }
            if deadline(of: first.peer, peers.values[index]).reading > due {
                waitFor(index)
            } else {
                worsen(index, into: &effects)
            }
        }
        setSilenceTimer(since: clock.reading(at: now), at: now, into: &effects)
    }

    /// Puts the deadline of a peer among the others.
    private mutating func waitFor(_ index: Int) {
        let deadline = deadline(of: peers.keys[index], peers.values[index])
        peers.updateValue(at: index) { peer in peer.dueAt = deadline.reading }
        deadlines.insert(deadline)
    }

    /// Waits for a peer no longer than its history says: one that turned out to be regular may be silent for less than
    /// was thought when its deadline was set.
    private mutating func hasten(_ index: Int, at now: Instant, into effects: inout Effects) {
        let deadline = deadline(of: peers.keys[index], peers.values[index])
        if deadline.reading < peers.values[index].dueAt { watchAgain(index, at: now, into: &effects) }
    }

    /// Makes a silent peer suspect, or a suspect dead, and sets the next deadline when there is one.
    private mutating func worsen(_ index: Int, into effects: inout Effects) {
        let peer = peers.keys[index]
        switch peers.values[index].status {
        case .connected, .disconnected:
            peers.updateValue(at: index) { peer in peer.status = .suspect }
            effects.output(.suspect(peer))
            waitFor(index)
        case .suspect:
            peers.updateValue(at: index) { peer in peer.status = .dead }
            effects.output(.dead(peer))
        case .dead: break
        }
    }

    /// When a peer has been silent for too long, if it is not heard until then.
    private func deadline(of peer: NodeID, _ watched: Peer) -> Deadline {
        Deadline(reading: watched.heardAt + timeout(of: watched), peer: peer, watch: watched.watch)
    }

    /// How long a peer may be silent: until it is suspect, or dead when it is suspect.
    private func timeout(of watched: Peer) -> Interval {
        let isSuspect = watched.status == .suspect
        guard let phi = settings.phi, let history = watched.history else {
            return isSuspect ? settings.deadTimeout : settings.suspectTimeout
        }
        let threshold = isSuspect ? phi.deadThreshold : phi.suspectThreshold
        return phi.silence(threshold, after: history, interval: settings.interval)
    }

    /// What is known of a peer's regularity before it is heard; `nil` without phi.
    private static func history(_ settings: Heartbeat.Settings) -> Heartbeat.History? {
        settings.phi.map { Heartbeat.History(expecting: settings.interval, window: $0.window) }
    }

    /// Sets the timer for the earliest deadline, unless it is set for an earlier or the same one.
    private mutating func setSilenceTimer(since reading: Interval, at now: Instant, into effects: inout Effects) {
        guard let first = deadlines.first else { return }
        if let silenceSetFor, silenceSetFor <= first.reading { return }
        silenceSetFor = first.reading
        effects.setTimer(.silence, at: now + (first.reading - reading))
    }
}
