public import MeshCore
public import Simulator

/// One run of a scenario under one seed.
///
/// A run is a value: it can be advanced a piece at a time, copied in the middle, and gives the same report every time.
///
/// ```swift
/// var run = Run(scenario, seed: 7)
/// while !run.advance(events: 100_000) { print(run.now) }
/// print(run.report.verdict)
/// ```
public struct Run: Sendable {
    /// The scenario as drawn from the seed: every range is a number.
    public internal(set) var scenario: Scenario
    /// The seed.
    public let seed: UInt64
    /// The simulation.
    public internal(set) var simulation: Simulation<MeshNode>
    /// When the run ends, in virtual time.
    public internal(set) var end: Instant

    var watcher: Watcher
    var agenda = Agenda()
    var activity: Activity
    /// After how many deeds without an input the run looks up.
    var lastIdle = UInt64.max
    var faults = FaultBook()
    var expectations: [Monitor]
    var reactions: [ReactionState] = []
    var workloads: [WorkloadState] = []
    var convergenceMarks: [Instant] = []
    var stopwatches: [Stopwatch] = []
    var firstAction: Instant?
    var lastDisturbance = Instant.zero
    var wasClear = true
    /// The event at which everything was healed for the first time.
    var calmEvent: UInt64?
    var proposalCount: UInt64 = 0
    var groups: [Bytes?] = []
    var regionNames: [Bytes] = []
    var regionOf: [Int] = []
    var isFinished = false
    var unknownReason: String?
    var stopsAt: Instant?
    var pause = Pause()
    /// What the timeline did, line by line; `nil` unless somebody wants to know.
    var deeds: [Scenario.TimelineStatement]?
    var random: Random
    let hasFailureExpectation: Bool

    /// Prepares a run; nothing happens before ``advance(events:)``.
    ///
    /// - Parameters:
    ///   - scenario: A scenario that was checked; its ranges are drawn here.
    ///   - seed: Decides everything that is left to chance.
    ///   - trace: How every step is written down, if at all; see ``takeTrace()``.
    ///   - writesEtcdTrace: Whether ``takeTrace()`` gives what Raft does in etcd's form instead.
    ///   - limit: Ends the run at this virtual time, without judging what comes later.
    public init(
        _ scenario: Scenario, seed: UInt64, trace: TraceLog.Format? = nil, writesEtcdTrace: Bool = false,
        until limit: Instant? = nil
    ) {
        self.init(
            scenario, seed: seed, trace: trace, writesEtcdTrace: writesEtcdTrace, until: limit, storage: nil)
    }

    /// Prepares a run whose nodes lay their logs out in this way, and which may note what its timeline does.
    init(
        _ scenario: Scenario, seed: UInt64, trace: TraceLog.Format? = nil, writesEtcdTrace: Bool = false,
        until limit: Instant? = nil, storage: Storage.Settings?, notesDeeds: Bool = false
    ) {
        let drawn = scenario.drawn(seed: seed)
        self.scenario = drawn
        self.seed = seed
        self.random = Self.random(seed)
        let build = Setup(drawn, seed: seed, storage: storage)
        self.simulation = build.simulation
        self.activity = Activity(statements: drawn.timeline.count)
        let retention = drawn.cluster.gossip.retention?.value ?? Gossip.Settings().tombstoneRetention
        self.watcher = Watcher(nodeCount: build.simulation.nodeCount, retention: retention)
        self.end = Instant.zero + drawn.end
        self.stopsAt = limit
        self.expectations = drawn.expectations.map { Monitor($0) }
        self.hasFailureExpectation = drawn.expectations.contains { expectation in
            if case .failure = expectation.claim { true } else { false }
        }
        if notesDeeds { deeds = [] }
        if let trace { watcher.trace = TraceLog(format: trace) }
        watcher.broadcast.hopLimit = drawn.cluster.broadcast.settings.timeToLive
        if writesEtcdTrace { watcher.etcdTrace = EtcdRaftTrace(nodeCount: build.simulation.nodeCount) }
        prepare(build)
    }

    private static func random(_ seed: UInt64) -> Random { Random(seed: seed).derived(.scenario, 0) }

    /// Leaves what is left to chance from now on to another seed: links, disks, nodes and the timeline.
    mutating func reseed(_ seed: UInt64) {
        random = Self.random(seed)
        simulation.reseed(seed) { $0.reseed($1) }
    }

    /// Virtual time.
    public var now: Instant { simulation.now }

    /// How many inputs machines have taken.
    public var eventCount: UInt64 { simulation.eventCount }

    /// The trace so far; it is forgotten here.
    public mutating func takeTrace() -> [UInt8] {
        watcher.etcdTrace?.takeBytes() ?? watcher.trace?.takeBytes() ?? []
    }

    /// Goes on for at most so many events, and about as many deeds of the scenario that are no events.
    ///
    /// - Returns: Whether the run is over.
    public mutating func advance(events: UInt64 = UInt64.max) -> Bool {
        if isFinished { return true }
        let (sum, overflow) = simulation.eventCount.addingReportingOverflow(events)
        let lastEvent = overflow ? UInt64.max : sum
        let idle = activity.idleCount
        lastIdle = idle &+ min(max(events, Activity.slice), UInt64.max - idle)
        let budget = eventBudget
        while !isFinished {
            if pause.isReached || watcher.hasNewState || activity.idleCount >= lastIdle { return false }
            watcher.eventLimit = min(lastEvent, budget - min(activity.idleCount, budget))
            let limit = stopsAt.map { min($0, end) } ?? end
            let next = min(agenda.nextTime ?? limit, limit)
            let due = min(next, pause.time ?? limit)
            let isThere = simulation.run(until: due, observing: &watcher)
            digestHappenings()
            if watcher.isViolated {
                finish()
            } else if finishIfExhausted() {
                return true
            } else if isThere {
                if let time = pause.time, time <= next { return false }
                if due >= limit { finish() } else { performDue() }
            } else if simulation.eventCount >= lastEvent {
                return false
            }
        }
        return true
    }
}

extension Random.Purpose {
    /// The generator of everything the scenario draws while it runs.
    static var scenario: Random.Purpose { Random.Purpose(0x2001) }
    /// Which nodes a target means.
    static var target: Random.Purpose { Random.Purpose(0x2002) }
    /// When and how an antagonist strikes.
    static var chaos: Random.Purpose { Random.Purpose(0x2003) }
    /// What a client does.
    static var client: Random.Purpose { Random.Purpose(0x2004) }
    /// How long something approximate takes.
    static var pace: Random.Purpose { Random.Purpose(0x2005) }
}
