public import MeshCore

/// A group of SWIM nodes under a virtual clock on a network with a constant latency, keyed loss and partitions.
///
/// Small on purpose: it knows SWIM only, keeps every output with its time, and runs the same way for the same seed.
public struct SwimCluster {
    /// An output with its time and place.
    public struct Entry: Equatable, Sendable {
        /// When it was written.
        public let time: Instant
        /// Who wrote it.
        public let node: NodeID
        /// What was written.
        public let output: Swim.Output
    }

    private enum Happening {
        case delivery(Swim.Message, from: NodeID, to: Int)
        case timer(Swim.Timer, node: Int)
    }

    private struct Scheduled: Comparable {
        var time: Instant
        var sequence: UInt64
        var happening: Happening

        static func < (left: Scheduled, right: Scheduled) -> Bool {
            left.time != right.time ? left.time < right.time : left.sequence < right.sequence
        }

        static func == (left: Scheduled, right: Scheduled) -> Bool { left.sequence == right.sequence }
    }

    /// The nodes in id order, the first is n1.
    public private(set) var nodes: [Swim.Node]
    /// Which nodes run.
    public private(set) var isUp: [Bool]
    /// The virtual time.
    public private(set) var now: Instant = .zero
    /// Everything that was told, `ignored` left out.
    public private(set) var log: [Entry] = []
    /// How many messages were sent, lost ones included.
    public private(set) var sentCount = 0
    /// The largest framed message so far in bytes; measured only when `measuresBytes` is set.
    public private(set) var largestMessage = 0
    /// How many bytes were sent in frames; measured only when `measuresBytes` is set.
    public private(set) var sentBytes = 0

    /// The one-way latency.
    public var latency: Interval = .milliseconds(1)
    /// How many messages are lost.
    public var loss: Ratio = .zero
    /// Loses everything from or to this node with this ratio instead.
    public var lossyNode: (node: NodeID, loss: Ratio)?
    /// The group of each node; messages between groups are lost.
    public var groups: [Int]
    /// Links, sender first, on which every message is lost.
    public var cutLinks: [(sender: NodeID, receiver: NodeID)] = []
    /// Whether frames are sized.
    public var measuresBytes = false

    private let random: Random
    private let settings: Swim.Settings
    private let seeds: [NodeID]
    private var queue = MinHeap<Scheduled>()
    private var sequence: UInt64 = 0
    private var timerSequences: [[UInt64]]
    private var clockOffsets: [Interval]
}

extension SwimCluster {
    /// Creates a group and starts all its nodes at once.
    ///
    /// - Parameters:
    ///   - count: How many nodes.
    ///   - seedCount: How many of the first nodes everybody joins through.
    ///   - settings: The settings of all nodes.
    ///   - seed: The seed of every random decision.
    ///   - starts: Whether the nodes start at once; else call ``start(_:)`` for each.
    public init(
        _ count: Int, seedCount: Int = 1, settings: Swim.Settings = Swim.Settings(), seed: UInt64 = 1,
        starts: Bool = true
    ) {
        let random = Random(seed: seed)
        let seeds = (0..<seedCount).map { NodeID(UInt64($0 + 1)) }
        self.random = random
        self.settings = settings
        self.seeds = seeds
        self.nodes = (0..<count).map { index in
            Swim.Node(id: NodeID(UInt64(index + 1)), seeds: seeds, settings: settings, random: random)
        }
        self.isUp = [Bool](repeating: false, count: count)
        self.groups = [Int](repeating: 0, count: count)
        self.timerSequences = [[UInt64]](repeating: [0, 0, 0, 0], count: count)
        self.clockOffsets = [Interval](repeating: .zero, count: count)
        if starts { for node in nodes { start(node.id) } }
    }

    /// The node with this id.
    public subscript(id: NodeID) -> Swim.Node { nodes[index(id)] }

    /// Starts a node that is not running, with an empty memory.
    public mutating func start(_ id: NodeID) {
        let index = index(id)
        nodes[index] = Swim.Node(id: id, seeds: seeds, settings: settings, random: random)
        isUp[index] = true
        step(index, .restarted)
    }

    /// Stops a node at once; its timers and the messages to it are lost.
    public mutating func crash(_ id: NodeID) {
        isUp[index(id)] = false
        timerSequences[index(id)] = [0, 0, 0, 0]
    }

    /// Gives a node a command.
    public mutating func command(_ id: NodeID, _ command: Swim.Command) {
        step(index(id), .command(command))
    }

    /// Moves a node's own clock; running timers keep their remaining time.
    public mutating func jumpClock(of id: NodeID, by interval: Interval) {
        clockOffsets[index(id)] = clockOffsets[index(id)] + interval
    }

    /// Splits the group: the first nodes, as many as said, against the rest.
    public mutating func partition(first count: Int) {
        groups = nodes.indices.map { $0 < count ? 0 : 1 }
    }

    /// Ends a partition.
    public mutating func heal() {
        groups = [Int](repeating: 0, count: nodes.count)
    }

    /// Runs for some time.
    public mutating func run(for interval: Interval) {
        run(until: now + interval)
    }

    /// Runs until a time, the happenings at that time included.
    public mutating func run(until end: Instant) {
        while let next = queue.first, next.time <= end {
            _ = queue.popFirst()
            now = next.time
            carryOut(next)
        }
        now = end
    }

    /// Runs until a condition holds, which is tested after each 10 ms, or until a limit.
    ///
    /// - Returns: When it held; `nil` when the limit came first.
    public mutating func run(
        atMost limit: Interval, until isReached: (borrowing SwimCluster) -> Bool
    ) -> Instant? {
        let end = now + limit
        while !isReached(self) {
            guard now < end else { return nil }
            run(for: .milliseconds(10))
        }
        return now
    }

    /// Whether all running nodes believe the same, and hold exactly the running nodes for alive.
    public var isConverged: Bool {
        var expected: UInt64 = 0
        for index in nodes.indices where isUp[index] && !nodes[index].hasLeft {
            expected &+= Swim.Node.stateHash(of: nodes[index].id, .alive)
        }
        return nodes.indices.allSatisfy { index in
            !isUp[index] || nodes[index].hasLeft || nodes[index].stateHash == expected
        }
    }

    /// The outputs of a kind since some time.
    public func entries(since start: Instant = .zero, where isWanted: (Swim.Output) -> Bool) -> [Entry] {
        log.filter { $0.time >= start && isWanted($0.output) }
    }
}

// MARK: - Carrying out

extension SwimCluster {
    private func index(_ id: NodeID) -> Int { Int(id.rawValue) - 1 }

    private mutating func carryOut(_ next: Scheduled) {
        switch next.happening {
        case .delivery(let message, let sender, let index):
            if isUp[index] && groups[index] == groups[self.index(sender)] {
                step(index, .receive(message, from: sender))
            }
        case .timer(let timer, let index):
            guard isUp[index], timerSequences[index][slot(timer)] == next.sequence else { return }
            timerSequences[index][slot(timer)] = 0
            step(index, .timer(timer))
        }
    }

    private mutating func step(_ index: Int, _ input: Input<Swim.Node>) {
        var outbox = Outbox<Effect<Swim.Node>>()
        let localNow = now + clockOffsets[index]
        nodes[index].step(input, at: localNow, into: &outbox)
        outbox.drain { effect in
            switch effect {
            case .send(let message, let peer): send(message, from: index, to: peer)
            case .setTimer(let timer, let instant):
                let remaining = instant - localNow
                let time = now + (remaining < .zero ? .zero : remaining)
                timerSequences[index][slot(timer)] = schedule(time, .timer(timer, node: index))
            case .cancelTimer(let timer): timerSequences[index][slot(timer)] = 0
            case .persist: break
            case .output(.ignored): break
            case .output(let output): log.append(Entry(time: now, node: nodes[index].id, output: output))
            }
        }
    }

    private mutating func send(_ message: Swim.Message, from index: Int, to peer: NodeID) {
        sentCount += 1
        if measuresBytes {
            largestMessage = max(largestMessage, message.byteCount)
            sentBytes += message.byteCount
        }
        let target = self.index(peer)
        guard nodes.indices.contains(target), groups[target] == groups[index] else { return }
        let sender = nodes[index].id
        guard !cutLinks.contains(where: { $0.sender == sender && $0.receiver == peer }) else { return }
        var ratio = loss
        if let lossyNode, lossyNode.node == peer || lossyNode.node == nodes[index].id { ratio = lossyNode.loss }
        let bits = random.bits(.swimClusterLoss, UInt64(index), peer.rawValue, UInt64(sentCount))
        guard !Random.isHit(ratio, from: bits) else { return }
        schedule(now + latency, .delivery(message, from: nodes[index].id, to: target))
    }

    @discardableResult
    private mutating func schedule(_ time: Instant, _ happening: Happening) -> UInt64 {
        sequence += 1
        queue.insert(Scheduled(time: time, sequence: sequence, happening: happening))
        return sequence
    }

    private func slot(_ timer: Swim.Timer) -> Int {
        switch timer {
        case .period: 0
        case .probeTimeout: 1
        case .gossip: 2
        case .suspicion: 3
        }
    }
}

extension Random.Purpose {
    static var swimClusterLoss: Random.Purpose { Random.Purpose(0x02f0) }
}
