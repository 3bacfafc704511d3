import MeshCore
import Simulator

/// How the futures of a world are explored.
public enum ExplorationKind: UInt8, Sendable, CaseIterable {
    /// The world is run once.
    case once
    /// The run is branched where it comes to a rare state.
    case branching
    /// The run is repeated with a crash at a sync, before and after it takes effect.
    case boundaries

    /// Its name on the command line.
    public var name: String {
        switch self {
        case .once: "once"
        case .branching: "branching"
        case .boundaries: "boundaries"
        }
    }
}

extension Random.Purpose {
    /// The seed of a future, and where and how it begins.
    static var future: Random.Purpose { Random.Purpose(0x2080) }
    /// How the futures of a seed are explored.
    static var exploration: Random.Purpose { Random.Purpose(0x2081) }
}

/// Which seeds of a campaign are explored how.
public enum ExplorationPlan: Equatable, Sendable {
    /// Every seed alike.
    case all(ExplorationKind)
    /// Most seeds are run once; a share of them is explored.
    case mix

    /// How a seed is explored.
    public func kind(ofSeed seed: UInt64) -> ExplorationKind {
        guard case .all(let kind) = self else {
            switch Random.number(below: 100, from: Random(seed: seed).bits(.exploration)) {
            case 0..<2: return .branching
            case 2..<12: return .boundaries
            case _: return .once
            }
        }
        return kind
    }

    /// How many futures a seed of a campaign has that is explored.
    public static var futures: Int { 8 }
}

/// A run of a scenario, and the futures that are tried after its rarest moments.
///
/// A run is a value: it is copied where it goes through a state that no run of this exploration went through before,
/// and goes on from there with other dice or with a crash at one of the next syncs. Each future is an ordinary
/// scenario, the one that was run and one more line (`at 1.3s reseed 17`, `at 1.3s crash n2 before sync 3 ...`), and
/// replays as such.
///
/// Everything is decided from this one scenario and seed: which state is rare is judged by the runs of this exploration
/// alone. So a campaign gives the same whatever else it runs, on however many cores or machines.
public struct Exploration: Sendable {
    /// A run that is over.
    public struct Future: Sendable {
        /// The scenario to replay, as drawn.
        public var scenario: Scenario
        /// What it gave.
        public var report: Report
    }

    /// The runs that are over; the first one is that of the scenario itself.
    public private(set) var futures: [Future] = []
    /// How many inputs machines have taken in all runs, what a branch shares with the run it comes from not counted
    /// again.
    public private(set) var events: UInt64 = 0
    /// Of the run under way, what was counted already.
    private var counted: UInt64 = 0
    private let kind: ExplorationKind
    private let limit: Int
    private let random: Random
    private let scenario: Scenario
    private let seed: UInt64
    private var run: Run
    /// The moments to branch at.
    private var points: [Point] = []
    /// How many runs went through a state.
    private var visits = SortedMap<UInt64, Int>()
    /// How many states of the run under way belong to what it was branched from.
    private var inherited = 0
    private var plan: [Boundary] = []
    /// The run that stands where the next boundary is counted from.
    private var walker: Run?
    private var nextFuture: UInt64 = 0

    /// A moment to branch at.
    private struct Point: Sendable {
        var run: Run
        var state: UInt64
        var tries = 0
    }

    /// A crash at a sync, counted from an event.
    private struct Boundary: Sendable {
        var event: UInt64
        var bits: UInt64
    }

    /// The most moments that are kept; a copy of a run of three nodes takes some 100 KiB.
    private static var pointLimit: Int { 24 }
    /// The least number of events between two moments of one run.
    private static var spacing: UInt64 { 20 }

    /// Prepares an exploration.
    ///
    /// - Parameter limit: How many futures are tried at most, besides the run itself.
    public init(_ scenario: Scenario, seed: UInt64, kind: ExplorationKind, futures limit: Int) {
        self.kind = kind
        self.limit = kind == .once ? 0 : limit
        self.random = Random(seed: seed)
        self.scenario = scenario
        self.seed = seed
        self.run = Run(scenario, seed: seed)
        run.watcher.stopsAtStates = kind == .branching && limit > 0
    }

    /// Goes on for about so many events.
    ///
    /// - Returns: Whether everything is over: each future was tried, or a promise is broken.
    public mutating func advance(events: UInt64) -> Bool {
        let last = run.workCount &+ events
        while run.workCount < last {
            if run.advance(events: last - run.workCount) { return finish() }
            if run.watcher.hasNewState { note() }
        }
        return false
    }

    /// Looks at a run that is over and begins the next one.
    private mutating func finish() -> Bool {
        let report = run.report
        events += run.eventCount - counted
        futures.append(Future(scenario: run.scenario, report: report))
        count(report.states)
        if futures.count > limit || report.verdict == .broken { return true }
        switch kind {
        case .once: return true
        case .branching: return !branch()
        case .boundaries:
            if futures.count == 1 { planBoundaries() }
            return !crashAtBoundary()
        }
    }
}

// MARK: - Branching at rare states

extension Exploration {
    /// Keeps the moment at which a state came that no run of this exploration went through.
    private mutating func note() {
        run.watcher.hasNewState = false
        guard let state = run.watcher.states.found.last, visits[state] == nil else { return }
        if let last = points.last, last.run.eventCount + Self.spacing > run.eventCount,
            last.run.eventCount <= run.eventCount, futures.isEmpty
        {
            return
        }
        points.append(Point(run: run, state: state))
        guard points.count > Self.pointLimit else { return }
        // Half of them, spread evenly; the latest stays.
        var kept: [Point] = []
        for index in points.indices where (points.count - 1 - index) & 1 == 0 { kept.append(points[index]) }
        points = kept
    }

    private mutating func count(_ states: [UInt64]) {
        for index in states.indices where index >= inherited { visits[states[index], default: 0] += 1 }
    }

    /// Goes on from the rarest state under other dice; of equally rare ones from the last that was found.
    ///
    /// - Returns: Whether there is a moment to branch at.
    private mutating func branch() -> Bool {
        var best: (place: Int, score: Int)?
        for index in points.indices.reversed() {
            let score = (visits[points[index].state] ?? 0) + 2 * points[index].tries
            if best == nil || score < (best?.score ?? 0) { best = (index, score) }
        }
        guard let best else { return false }
        points[best.place].tries += 1
        nextFuture += 1
        var copy = points[best.place].run
        copy.add(.reseed(random.bits(.future, nextFuture) >> 16), lasting: nil)
        begin(copy)
        return true
    }

    private mutating func begin(_ copy: Run) {
        run = copy
        counted = run.eventCount
        inherited = run.watcher.states.found.count
        run.watcher.hasNewState = false
    }
}

// MARK: - Crashes at syncs

extension Exploration {
    /// Chooses the boundaries, anywhere before the last quarter of the run or before everything is healed.
    private mutating func planBoundaries() {
        let events = run.calmEvent ?? run.eventCount
        for index in 0..<limit {
            let bits = random.bits(.future, UInt64(UInt(bitPattern: index)), 1)
            let event = Random.number(below: max(events, 1), from: Random.further(bits, 1))
            plan.append(Boundary(event: event, bits: bits))
        }
        plan.sort { $0.event > $1.event }
        walker = Run(scenario, seed: seed)
    }

    /// Repeats the run with a crash at the next boundary of the plan.
    ///
    /// - Returns: Whether there is one.
    private mutating func crashAtBoundary() -> Bool {
        guard let boundary = plan.popLast(), var walker else { return false }
        self.walker = nil
        let before = walker.eventCount
        if boundary.event > before { _ = walker.advance(events: boundary.event - before) }
        events += walker.eventCount - before
        guard !walker.isOver else { return false }
        let nodes = walker.simulation.nodes
        let bits = boundary.bits
        let node = nodes[
            Int(Random.number(below: UInt64(UInt(bitPattern: nodes.count)), from: Random.further(bits, 2)))]
        let sync = 1 + Int64(Random.number(below: 4, from: Random.further(bits, 3)))
        let moment = Scenario.SyncMoment(.fixed(sync), isBefore: Random.further(bits, 4) & 1 == 0)
        let downTime = Int64(1) << Int64(Random.number(below: 10, from: Random.further(bits, 5)))
        var copy = walker
        self.walker = walker
        copy.add(
            .crashAtSync(.node(node), moment, .losingUnsynced), lasting: Interval.milliseconds(downTime))
        begin(copy)
        return true
    }
}

extension Run {
    /// Puts one more line at the next free nanosecond, as if it had stood in the file from the beginning.
    mutating func add(_ action: Scenario.Action, lasting: Interval?) {
        var time = simulation.now + Interval(nanoseconds: 1)
        while agenda.hasItem(at: time) { time = time + Interval(nanoseconds: 1) }
        let pace = lasting.map { Scenario.Pace(.fixed($0)) }
        scenario.duration = .fixed(end - Instant.zero)
        scenario.timeline.append(
            .event(Scenario.TimelineEvent(.at(.fixed(time - Instant.zero)), action, lasting: pace)))
        agenda.add(.statement(scenario.timeline.count - 1, occasion: 0), at: time)
    }
}
