extension Broadcast {
    /// One participant of the mesh.
    ///
    /// Messages are taken from anyone, not only over ``links``: two nodes may learn of each other at different times.
    ///
    /// - Complexity: O(links) for a message that is new, O(1) for a copy. A message that is passed on costs one array,
    ///   its path, whatever the number of links. Memory: ``Settings/seenLimit`` names, ``Settings/routeLimit`` ways,
    ///   ``Settings/pendingLimit`` messages.
    public struct Node: StateMachine {
        /// What nodes send each other.
        public typealias Message = Broadcast.Message
        /// The timers.
        public typealias Timer = Broadcast.Timer
        /// What the embedding program asks.
        public typealias Command = Broadcast.Command
        /// What the node tells.
        public typealias Output = Broadcast.Output

        /// This node.
        public let id: NodeID
        /// How messages travel.
        public let settings: Settings
        /// The nodes it sends to, in ascending order, without itself.
        public internal(set) var links: [NodeID]

        /// The places of the ring it may be linked to; `nil` when any node may be.
        let ring: [NodeID]?
        var random: Random
        var numbers: Numbers?
        var seen = Recent<Void>()
        /// How many sweeps there were.
        var sweep: UInt32 = 0
        var isSweepSet = false
        /// What is passed on in further rounds.
        var hot: [Hot] = []
        /// Direct messages without a receipt, in the order of their numbers.
        var pending: [Pending] = []
        /// Over which link a message of some node came last.
        var routes = SortedMap<NodeID, NodeID>()
        /// Kept so that choosing links allocates nothing.
        var chosen: [Int] = []

        /// A message that is passed on again.
        struct Hot: Sendable {
            let letter: Letter
            var roundsLeft: Int
        }

        /// A direct message that waits for its receipt.
        struct Pending: Sendable {
            let letter: Letter
            let receiver: NodeID
            var attempt: UInt8
            /// Whether it has not waited for a whole timeout yet.
            var isFresh: Bool
        }

        /// Creates a node that has seen nothing.
        ///
        /// - Parameters:
        ///   - id: This node.
        ///   - peers: The nodes of the mesh; empty when an overlay gives the links. This node itself is left out.
        ///   - settings: Settings that pass ``Settings/check()``.
        ///   - random: Where this node's choices come from; may be shared by all nodes.
        /// - Complexity: O(n log n) for n peers.
        public init(id: NodeID, peers: [NodeID], settings: Settings, random: Random) {
            self.id = id
            self.settings = settings
            self.random = random
            self.ring =
                settings.degree == 0 || peers.isEmpty ? nil : Node.ring(of: id, in: peers, degree: settings.degree)
            self.links = []
            let chosen = ring ?? peers
            links.reserveCapacity(chosen.count)
            for peer in chosen { insertLink(peer) }
        }

        /// Takes one input; see ``StateMachine/step(_:at:into:)``.
        public mutating func step(_ input: consuming Input<Node>, at now: Instant, into outbox: inout Effects) {
            switch input {
            case .receive(.broadcast(let letter), let peer): handleBroadcast(letter, from: peer, at: now, into: &outbox)
            case .receive(.direct(let letter, let receiver, let attempt), let peer):
                handleDirect(letter, to: receiver, attempt, from: peer, at: now, into: &outbox)
            case .receive(.receipt(let id, let receiver, let path), let peer):
                handleReceipt(id, by: receiver, path, from: peer, into: &outbox)
            case .timer(.sweep): handleSweep(at: now, into: &outbox)
            case .timer(.round): handleRound(at: now, into: &outbox)
            case .timer(.receipts): handleReceiptTimer(at: now, into: &outbox)
            case .command(let command): handle(command, at: now, into: &outbox)
            case .persisted, .restarted: break
            }
        }

        private mutating func handle(_ command: Command, at now: Instant, into outbox: inout Effects) {
            switch command {
            case .broadcast(let payload): broadcast(payload, at: now, into: &outbox)
            case .send(let payload, let receiver): send(payload, to: receiver, at: now, into: &outbox)
            case .addLink(let peer):
                if let ring, !ring.contains(peer) { return }
                insertLink(peer)
            case .removeLink(let peer):
                let index = Node.position(of: peer, in: links)
                if index < links.count, links[index] == peer { links.remove(at: index) }
            }
        }

        /// A letter of this node's own.
        mutating func write(_ payload: Bytes, at now: Instant) -> Letter {
            if numbers == nil { numbers = Numbers(random, id, at: now) }
            let number = numbers?.take() ?? 0
            return Letter(
                id: MessageID(origin: id, number: number),
                timeToLive: UInt8(truncatingIfNeeded: settings.timeToLive), path: [id], payload: payload)
        }

        /// What is wrong with a letter, if anything.
        func fault(of letter: Letter, from peer: NodeID) -> Ignored? {
            guard letter.path.first == letter.id.origin, letter.path.last == peer else { return .path }
            if letter.path.contains(id) { return .loop }
            #if MUTANTS
            if Mutant.timeToLiveOffByOne.isPlanted, letter.path.count <= settings.timeToLive + 1 { return nil }
            #endif
            let most = settings.timeToLive - letter.path.count + 1
            guard letter.timeToLive >= 1, Int(letter.timeToLive) <= most else { return .timeToLive }
            return letter.payload.count > settings.maxPayloadBytes ? .tooLong : nil
        }
    }
}

// MARK: - What was seen

extension Broadcast.Node {
    /// Whether a message is new; from now on it is not.
    ///
    /// - Complexity: O(1), amortised.
    mutating func isNew(_ message: Broadcast.MessageID, at now: Instant, into outbox: inout Effects) -> Bool {
        guard seen.index(of: message) == nil else { return false }
        seen.append(message, (), sweep: sweep)
        if seen.count > settings.seenLimit { seen.dropFirst() }
        #if MUTANTS
        if Mutant.seenForgottenEarly.isPlanted, seen.count > 1 { seen.dropFirst() }
        #endif
        if !isSweepSet {
            isSweepSet = true
            outbox.setTimer(.sweep, at: now + sweepInterval)
        }
        return true
    }

    private var sweepInterval: Interval {
        Interval(nanoseconds: settings.seenRetention.nanoseconds / Int64(Broadcast.Settings.sweeps) + 1)
    }

    /// Forgets what was seen longer ago than the retention.
    mutating func handleSweep(at now: Instant, into outbox: inout Effects) {
        sweep += 1
        if sweep > Broadcast.Settings.sweeps { seen.drop(before: sweep - Broadcast.Settings.sweeps) }
        isSweepSet = seen.count > 0
        if isSweepSet { outbox.setTimer(.sweep, at: now + sweepInterval) }
    }
}

// MARK: - Links

extension Broadcast.Node {
    mutating func insertLink(_ peer: NodeID) {
        guard peer != id else { return }
        let index = Self.position(of: peer, in: links)
        if index < links.count, links[index] == peer { return }
        links.insert(peer, at: index)
    }

    func isLinked(to peer: NodeID) -> Bool {
        let index = Self.position(of: peer, in: links)
        return index < links.count && links[index] == peer
    }

    /// Where a node stands, or would stand, in an ascending list.
    static func position(of peer: NodeID, in nodes: [NodeID]) -> Int {
        var low = 0
        var high = nodes.count
        while low < high {
            let middle = (low + high) >> 1
            if nodes[middle] < peer { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The nodes at distances that are powers of the (d/2)th root of their number, on a ring of all ids.
    ///
    /// Distances are the same for everybody, so a link that one end has the other has too. A way is the digits of the
    /// distance to go, each between -b/2 and b/2.
    private static func ring(of id: NodeID, in peers: [NodeID], degree: Int) -> [NodeID] {
        var nodes = peers
        if !nodes.contains(id) { nodes.append(id) }
        nodes.sort()
        let count = nodes.count
        let place = position(of: id, in: nodes)
        let digits = degree / 2
        var base = 2
        while power(base, digits) < Int64(count) { base += 1 }
        var chosen: [NodeID] = []
        for digit in 0..<digits {
            let distance = Int(truncatingIfNeeded: power(base, digit) % Int64(count))
            for neighbour in [nodes[(place + distance) % count], nodes[(place + count - distance % count) % count]]
            where neighbour != id && !chosen.contains(neighbour) {
                chosen.append(neighbour)
            }
        }
        return chosen
    }

    /// A power, or some number beyond a million million.
    private static func power(_ base: Int, _ exponent: Int) -> Int64 {
        var product: Int64 = 1
        for _ in 0..<exponent where product < 1_000_000_000_000 { product *= Int64(base) }
        return product
    }
}
