import MeshCore
import Simulator

/// The search for the smallest scenario that fails in one way.
struct Shrinker<Watch: ShrinkObserver> {
    /// The smallest failing scenario so far: drawn, with one seed.
    private(set) var best: Scenario
    private(set) var report: Report
    var observer: Watch
    /// What is being tried.
    var pass = ""

    /// The length of the text of the best scenario.
    private var length: Int
    /// What is to be shrunk, with what it leaves to chance.
    private let original: Scenario
    /// How many other seeds a candidate gets that does not fail with its own.
    var otherSeeds: UInt64 = 0
    private let signature: FailureSignature
    private let budget: UInt64
    private var runs: UInt64 = 0
    private var isCutShort = false
    /// What became of every candidate, by the digest of its text.
    private var known = SortedMap<UInt64, Bool>()

    /// Runs the scenario once; `nil` when it breaks no promise.
    init?(_ scenario: Scenario, seed: UInt64, budget: UInt64, _ observer: Watch) {
        var original = scenario
        original.variations = []
        original.measures = []
        // A scenario that tests the harness expects the promise to break.
        for index in 0..<original.expectations.count {
            if case .failure(let name) = original.expectations[index].claim {
                original.expectations[index].claim = .always(name)
            }
        }
        let drawn = original.drawn(seed: seed)
        guard let (report, signature) = Self.outcome(of: drawn, events: UInt64.max) else { return nil }
        self.original = original
        self.best = drawn
        self.length = drawn.text.count
        self.report = report
        self.signature = signature
        self.budget = budget
        self.observer = observer
        runs = 1
    }

    var result: Shrunk {
        Shrunk(scenario: best, signature: signature, report: report, runs: runs, isMinimal: !isCutShort)
    }

    /// Whether there is no use in going on.
    var isOver: Bool { isCutShort }

    /// Makes the scenario small as it stands, then its exact form, and keeps the better one.
    mutating func run() {
        findShorterRun(of: original)
        narrowExpectations()
        cutEnd()
        dropWhole()
        simplifyAll()
        var events = UInt64.max
        while report.events < events, !isOver {
            events = report.events
            findShorterRun(of: best)
            if report.events < events { simplifyAll() }
        }
        dropWithOtherSeeds()
        tryExactForm { $0.materialise() }
        if best.isExact { tryExactForm { $0.separateMessages() } }
        attempt { $0.sortTimeline() }
    }

    /// Makes the scenario small in a form that leaves less to chance, and goes back when that has too many lines.
    private mutating func tryExactForm(_ change: (inout Shrinker) -> Bool) {
        let inexact = (best: best, length: length, report: report)
        guard !isOver, change(&self) else { return }
        simplifyAll()
        dropWithOtherSeeds()
        // A few reactions tell more than many exact lines.
        if best.timeline.count > max(Self.exactLimit, inexact.best.timeline.count) {
            (best, length, report) = inexact
        }
    }

    /// How many exact lines may stand for fewer that are not.
    private static var exactLimit: Int { 5 }

    /// Takes lines and nodes away that only seem to be needed, because the run depends on its smallest change.
    private mutating func dropWithOtherSeeds() {
        var lines = best.timeline.count + 1
        while best.timeline.count < lines, best.timeline.count > 1, !isOver {
            lines = best.timeline.count
            otherSeeds = 8
            dropStatements()
            dropNodes()
            otherSeeds = 0
            if best.timeline.count < lines { simplifyAll() }
        }
    }

    /// Simplifies everything, again and again, until nothing gets smaller.
    private mutating func simplifyAll() {
        var before: [UInt8] = []
        // Every change makes the text shorter or rounder; the bound is for the case that two passes disagree.
        for _ in 0..<8 where before != best.text && !isOver {
            before = best.text
            cutEnd()
            dropStatements()
            dropNodes()
            simplifyActions()
            simplifyWorld()
            simplifyWorkloads()
            roundTimes()
        }
    }

    /// Runs a candidate and keeps it when it fails in the same way, with its own seed or with one of the others.
    ///
    /// - Parameter mayGrow: Whether it counts as simpler even when its text is longer.
    mutating func keep(_ candidate: Scenario, mayGrow: Bool = false) -> Bool {
        guard !isOver, candidate != best else { return false }
        // Whoever needs many times the events to fail is no simplification.
        if keep(candidate, mayGrow: mayGrow, events: report.events &* 3 &+ 20_000) { return true }
        for offset in 0..<otherSeeds where !isOver {
            var other = candidate
            other.onlySeed = candidate.onlySeed &+ offset &+ 1
            if keep(other, mayGrow: mayGrow, events: report.events) { return true }
        }
        return false
    }

    /// Runs a candidate and keeps it when it fails in the same way within so many events.
    private mutating func keep(_ candidate: Scenario, mayGrow: Bool, events: UInt64) -> Bool {
        let text = candidate.text
        guard mayGrow || text.count <= length else { return false }
        var digest = Digest()
        digest.mix(Bytes(text))
        guard known[digest.value] == nil else { return false }
        // What cannot be written down and read back is no result.
        guard let read = try? Scenario.parse(text), Settings(read.cluster).areValid else {
            known[digest.value] = false
            return false
        }
        guard runs < budget, !observer.wantsStop else {
            isCutShort = true
            return false
        }
        runs += 1
        let outcome = Self.outcome(of: read, events: events)
        let isKept = outcome.map { $0.signature == signature } ?? false
        known[digest.value] = isKept
        if isKept, let outcome {
            best = read
            length = text.count
            report = outcome.report
        }
        observer.didTry(
            ShrinkProgress(
                runs: runs, budget: budget, pass: pass, statements: best.timeline.count,
                nodes: best.cluster.nodeCount, bytes: text.count))
        return isKept
    }

    private static func outcome(
        of scenario: Scenario, events: UInt64
    ) -> (report: Report, signature: FailureSignature)? {
        var run = Run(scenario, seed: scenario.onlySeed)
        guard run.advance(events: events) else { return nil }
        let report = run.report
        guard report.verdict == .broken, let signature = FailureSignature(report) else { return nil }
        return (report, signature)
    }

    /// Keeps what a change makes of the best scenario.
    @discardableResult
    mutating func attempt(mayGrow: Bool = false, _ change: (inout Scenario) -> Void) -> Bool {
        var candidate = best
        change(&candidate)
        return keep(candidate, mayGrow: mayGrow)
    }
}

extension Shrinker {
    /// The most seeds that are tried for a shorter run.
    private static var seedLimit: UInt64 { 100 }

    /// Looks for a seed under which the scenario fails after fewer events: at first the original, of which another
    /// seed draws another world, then what is left of it.
    private mutating func findShorterRun(of world: Scenario) {
        pass = "other seeds"
        let first = best.onlySeed
        // They may take a twentieth of the budget.
        for offset in 0..<min(Self.seedLimit, budget / 20) where !isOver && report.events > 1 {
            _ = keep(world.drawn(seed: first &+ offset &+ 1), mayGrow: true, events: report.events - 1)
        }
    }

    /// Demands nothing but what is broken.
    private mutating func narrowExpectations() {
        pass = "expectations"
        let promise = signature.promise
        let isNarrow = attempt(mayGrow: true) {
            $0.expectations = [Scenario.Expectation(.always(promise))]
        }
        if isNarrow { return }
        for index in (0..<best.expectations.count).reversed() where best.expectations.count > 1 {
            attempt { $0.expectations.remove(at: index) }
        }
    }

    /// Ends the run where it fails, and drops what would come later.
    mutating func cutEnd() {
        pass = "end"
        let end = report.end - Instant.zero
        for round in [Interval.seconds(1), .milliseconds(100), .milliseconds(1), .nanoseconds(1)] {
            let length = end.roundedUp(to: round)
            if let duration = best.duration?.value, duration <= length { continue }
            let isCut = attempt(mayGrow: true) { scenario in
                scenario.duration = .fixed(length)
                scenario.dropWhatIsLater(than: length)
            }
            if isCut { break }
        }
    }

    /// Turns what antagonists, repetitions and reactions did into exact lines.
    fileprivate mutating func materialise() -> Bool {
        pass = "exact lines"
        return !best.isExact && keep(best.withDeeds(ofSeed: best.onlySeed), mayGrow: true)
    }

    /// Turns what chance did to messages into exact lines.
    fileprivate mutating func separateMessages() -> Bool {
        pass = "messages"
        guard let exact = best.withAccidents(ofSeed: best.onlySeed) else { return false }
        return keep(exact, mayGrow: true)
    }
}

extension Scenario {
    /// The seed of a scenario that has one.
    fileprivate var onlySeed: UInt64 {
        get { seeds[0] }
        set { seeds = Seeds([SeedRange(newValue, newValue)]) }
    }
}
