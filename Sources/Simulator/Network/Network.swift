public import MeshCore

extension Random.Purpose {
    /// What happens to one message on one link.
    static var message: Random.Purpose { Random.Purpose(0x1001) }
}

/// Names a fault that was switched on, so that it can be switched off.
public struct FaultID: Hashable, Sendable {
    /// A number that is never used twice in a run.
    public let rawValue: UInt64
}

/// What became of the messages of a run.
public struct NetworkStatistics: Hashable, Sendable {
    /// Messages that machines sent.
    public var sent: UInt64 = 0
    /// Messages that reached a running node, second copies included.
    public var delivered: UInt64 = 0
    /// Messages lost to chance.
    public var lost: UInt64 = 0
    /// Messages lost to a cut, when they were sent or when they would have arrived.
    public var cut: UInt64 = 0
    /// Messages that reached a node that was down.
    public var missed: UInt64 = 0
    /// Messages that were doubled.
    public var duplicated: UInt64 = 0
    /// Messages that were allowed to overtake.
    public var reordered: UInt64 = 0
    /// Messages in which a bit flipped, whether or not the receiver noticed.
    public var corrupted: UInt64 = 0
    /// Messages dropped because the queue before a bandwidth limit was full.
    public var overflowed: UInt64 = 0
    /// Bytes that machines sent; counted only when ``Network/countsBytes`` is on or a bandwidth is limited.
    public var bytesSent: UInt64 = 0
}

/// The network between the nodes: the conditions of every directed link, cuts and clogs.
///
/// Every decision about a message is keyed by (seed, link, time of sending, content), so that a fault which is taken
/// away changes no other decision.
///
/// Rules that are worth knowing:
/// - A link keeps its messages in order, as a TCP connection does, except for the share that `reordering` lets go.
/// - A message is lost when its link is cut at the moment it is sent or at the moment it would arrive: a new partition
///   catches what is in flight across it.
/// - A clogged link loses nothing: what arrives waits until it is unclogged.
public struct Network: Sendable {
    /// The conditions of every link that no rule speaks of.
    public var base: LinkConditions
    /// Whether the size of every message is counted, which costs a pass over each message.
    public var countsBytes = false
    /// What happened so far.
    public var statistics: NetworkStatistics { counters }
    @usableFromInline var counters = NetworkStatistics()
    /// What befell messages, in the order in which they were sent; `nil` while it is not noted.
    public var accidents: [Accident]?

    private var random: Random
    private var regions: [Int] = []
    private var regionCount = 0
    private var regionLatencies: [Latency?] = []
    private var rules: [(id: FaultID, rule: LinkRule)] = []
    private var cuts: [(id: FaultID, cut: Cut)] = []
    private var clogs: [(id: FaultID, cut: Cut)] = []
    private var blocked = LinkMatrix()
    private var clogged = LinkMatrix()
    /// When the last message that may not be overtaken arrives.
    private var lastArrival = LinkTimes()
    /// When the last byte before a bandwidth limit has left.
    private var lineFree = LinkTimes()
    private var limitsBandwidth = false
    private var nextFault: UInt64 = 0
    /// Which links have to wait for others; see ``LinkPriorities``.
    public var priorities: LinkPriorities?
    private var turns = LinkTurns()

    /// Creates a network without nodes.
    ///
    /// - Parameters:
    ///   - base: The conditions of every link.
    ///   - random: Decides the fate of messages.
    public init(base: LinkConditions, random: Random) {
        self.base = base
        self.random = random
    }

    /// How many nodes there are.
    public var nodeCount: Int { regions.count }

    /// How many links the network has room to remember; it follows those with a message under way or a line in use.
    public var rememberedLinkRoom: Int { lastArrival.capacity + lineFree.capacity }

    /// Leaves the fate of every further message to another generator.
    mutating func reseed(_ random: Random) {
        self.random = random
        turns.isDrawn = false
    }

    /// Adds the next node.
    mutating func addNode(region: Int) {
        regions.append(region)
        rebuild()
    }

    /// States how long messages take between regions, row by row; `nil` leaves the base latency.
    ///
    /// - Parameter latencies: A square: the latency from region r to region s stands at r · count + s.
    public mutating func setRegions(_ latencies: [Latency?], count: Int) {
        invariant(latencies.count == count * count, "a region matrix is a square")
        regionLatencies = latencies
        regionCount = count
    }

    /// Whether the size of messages has to be known before they are routed.
    @usableFromInline var needsByteCount: Bool { countsBytes || limitsBandwidth || base.bytesPerSecond > 0 }
}

// MARK: - Faults

extension Network {
    /// Switches a rule on; later rules override earlier ones.
    public mutating func add(_ rule: LinkRule) -> FaultID {
        let id = takeFault()
        rules.append((id, rule))
        limitsBandwidth = limitsBandwidth || (rule.change.bytesPerSecond ?? 0) > 0
        return id
    }

    /// Switches a cut on.
    public mutating func add(_ cut: Cut) -> FaultID {
        let id = takeFault()
        cuts.append((id, cut))
        rebuild()
        return id
    }

    /// Clogs the links that the cut names: what arrives on them waits.
    public mutating func clog(_ cut: Cut) -> FaultID {
        let id = takeFault()
        clogs.append((id, cut))
        rebuild()
        return id
    }

    /// Switches a fault off; one that is already off stays off.
    mutating func remove(_ id: FaultID) {
        rules.removeAll { $0.id == id }
        cuts.removeAll { $0.id == id }
        clogs.removeAll { $0.id == id }
        rebuild()
    }

    /// Takes away every cut.
    mutating func removeCuts() {
        cuts.removeAll()
        rebuild()
    }

    /// Takes away every cut, clog and rule.
    mutating func removeAllFaults() {
        rules.removeAll()
        cuts.removeAll()
        clogs.removeAll()
        rebuild()
    }

    /// Whether anything is cut, clogged or overridden.
    public var isDisturbed: Bool { !rules.isEmpty || !cuts.isEmpty || !clogs.isEmpty }

    /// Whether the link from one zero-based position to another is cut.
    public func isCut(from: Int, to: Int) -> Bool { blocked.contains(from: from, to: to) }

    /// Whether the link from one zero-based position to another is clogged.
    public func isClogged(from: Int, to: Int) -> Bool { clogged.contains(from: from, to: to) }

    private mutating func takeFault() -> FaultID {
        nextFault += 1
        return FaultID(rawValue: nextFault)
    }

    private mutating func rebuild() {
        blocked.rebuild(cuts.map { $0.cut }, nodeCount: nodeCount)
        clogged.rebuild(clogs.map { $0.cut }, nodeCount: nodeCount)
    }
}

// MARK: - Routing

/// What becomes of one message.
@usableFromInline
struct Route: Sendable {
    /// Virtual nanoseconds at which the copies arrive; `Int64.min` stands for "no such copy".
    @usableFromInline var first = Int64.min
    @usableFromInline var second = Int64.min
    /// The bits that select the damage, when a bit flips.
    @usableFromInline var damage: UInt64?

    @inlinable var arrives: Bool { first != Int64.min }
    @inlinable var isDoubled: Bool { second != Int64.min }
}

extension Network {
    /// Decides what becomes of a message that is sent now.
    ///
    /// - Complexity: O(1) plus the number of rules in force.
    @usableFromInline
    mutating func route(
        from: Int, to: Int, kind: MessageKind, byteCount: Int, content: UInt64, at now: Instant
    ) -> Route {
        counters.sent &+= 1
        counters.bytesSent &+= UInt64(UInt(bitPattern: byteCount))
        var route = Route()
        if blocked.contains(from: from, to: to) {
            counters.cut &+= 1
            return route
        }
        let link = UInt64(UInt(bitPattern: from)) << 32 | UInt64(UInt(bitPattern: to))
        let bits = random.bits(.message, link, UInt64(bitPattern: now.nanoseconds), content)
        // Most links are as the base says and do nothing but delay: their conditions are not even copied.
        if isPlain {
            let arrival = now + base.latency.draw(Random.further(bits, 2))
            route.first = inOrder(arrival.nanoseconds, from: from, to: to, at: now)
            return route
        }
        var accident = Accident(from: from, to: to, kind: kind, time: now)
        decide(conditions(from: from, to: to, kind: kind), byteCount, bits, &route, &accident)
        if accidents != nil, !accident.isNone { accidents?.append(accident) }
        return route
    }

    /// Whether every link is as the base says, and the base does nothing but delay.
    private var isPlain: Bool {
        rules.isEmpty && regionCount == 0 && base.loss == .zero && base.duplication == .zero
            && base.reordering == .zero && base.corruption == .zero && base.bytesPerSecond == 0 && priorities == nil
    }

    /// Decides everything that chance decides about a message.
    private mutating func decide(
        _ conditions: LinkConditions, _ byteCount: Int, _ bits: UInt64, _ route: inout Route,
        _ accident: inout Accident
    ) {
        let (from, to, now) = (accident.from, accident.to, accident.time)
        if conditions.loss > .zero, Random.isHit(conditions.loss, from: Random.further(bits, 1)) {
            counters.lost &+= 1
            accident.isLost = true
            return
        }
        guard let departure = departure(conditions, from: from, to: to, byteCount: byteCount, at: now) else {
            counters.overflowed &+= 1
            return
        }
        var arrival = departure + conditions.latency.draw(Random.further(bits, 2))
        if let priorities {
            arrival = arrival + turns.wait(from: from, to: to, message: counters.sent, priorities, random)
        }
        if conditions.reordering > .zero, Random.isHit(conditions.reordering, from: Random.further(bits, 3)) {
            counters.reordered &+= 1
            accident.delay = conditions.reorderDelay
            let delay = Random.interval(.zero, conditions.reorderDelay, from: Random.further(bits, 8))
            route.first = (arrival + delay).nanoseconds
        } else {
            route.first = inOrder(arrival.nanoseconds, from: from, to: to, at: now)
        }
        if conditions.duplication > .zero, Random.isHit(conditions.duplication, from: Random.further(bits, 4)) {
            counters.duplicated &+= 1
            accident.isDoubled = true
            route.second = (departure + conditions.latency.draw(Random.further(bits, 5))).nanoseconds
        }
        if conditions.corruption > .zero, Random.isHit(conditions.corruption, from: Random.further(bits, 6)) {
            counters.corrupted &+= 1
            accident.isDamaged = true
            route.damage = Random.further(bits, 7)
        }
    }

    /// Whether a message that is due now gets through; if not, it is lost to a cut.
    @usableFromInline
    mutating func admits(from: Int, to: Int) -> Bool {
        guard blocked.contains(from: from, to: to) else { return true }
        counters.cut &+= 1
        return false
    }

    /// The conditions of one link for one kind of message.
    func conditions(from: Int, to: Int, kind: MessageKind) -> LinkConditions {
        var conditions = base
        if regionCount > 0, let latency = regionLatencies[regions[from] * regionCount + regions[to]] {
            conditions.latency = latency
        }
        for (_, rule) in rules where rule.matches(from: from, to: to, kind: kind) {
            rule.change.applied(to: &conditions)
        }
        return conditions
    }

    /// The arrival, or that of the link's last message when that is later.
    private mutating func inOrder(_ arrival: Int64, from: Int, to: Int, at now: Instant) -> Int64 {
        let earliest = lastArrival.time(from: from, to: to)
        if arrival < earliest { return earliest }
        lastArrival.set(arrival, from: from, to: to, now: now.nanoseconds)
        return arrival
    }

    /// When the last byte leaves; `nil` when the queue is full.
    private mutating func departure(
        _ conditions: LinkConditions, from: Int, to: Int, byteCount: Int, at now: Instant
    ) -> Instant? {
        guard conditions.bytesPerSecond > 0 else { return now }
        let free = Instant(nanoseconds: max(lineFree.time(from: from, to: to), now.nanoseconds))
        let waiting = (free - now).nanoseconds / 1_000 * conditions.bytesPerSecond / 1_000_000
        if conditions.queueBytes > 0, waiting + Int64(byteCount) > conditions.queueBytes { return nil }
        let length = Int64(byteCount) * 1_000_000 / conditions.bytesPerSecond
        let remainder = Int64(byteCount) * 1_000_000 % conditions.bytesPerSecond
        let nanoseconds = length * 1_000 + remainder * 1_000 / conditions.bytesPerSecond
        let departed = free + Interval(nanoseconds: nanoseconds)
        lineFree.set(departed.nanoseconds, from: from, to: to, now: now.nanoseconds)
        return departed
    }
}
