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
    private let seed: UInt64
    private let signature: FailureSignature
    private let budget: UInt64
    private var runs: UInt64 = 0
    private var isCutShort = false
    /// What became of every candidate, by the digest of its text.
    private var known = SortedMap<UInt64, Bool>()

    /// Runs the scenario once; `nil` when it breaks no promise.
    init?(_ scenario: Scenario, seed: UInt64, budget: UInt64, _ observer: Watch) {
        var drawn = scenario.drawn(seed: seed)
        drawn.variations = []
        drawn.measures = []
        // A scenario that tests the harness expects the promise to break.
        for index in 0..<drawn.expectations.count {
            if case .failure(let name) = drawn.expectations[index].claim {
                drawn.expectations[index].claim = .always(name)
            }
        }
        guard let (report, signature) = Self.outcome(of: drawn, seed, events: UInt64.max) else { return nil }
        self.best = drawn
        self.length = drawn.text.count
        self.report = report
        self.signature = signature
        self.seed = seed
        self.budget = budget
        self.observer = observer
        runs = 1
    }

    var result: Shrunk {
        Shrunk(scenario: best, signature: signature, report: report, runs: runs, isMinimal: !isCutShort)
    }

    /// Whether there is no use in going on.
    var isOver: Bool { isCutShort }

    /// Tries everything, again and again, until nothing gets smaller.
    mutating func run() {
        narrowExpectations()
        cutEnd()
        dropWhole()
        dropStatements()
        simplifyWorld()
        materialise()
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
        attempt { $0.sortTimeline() }
    }

    /// Runs a candidate and keeps it when it fails in the same way.
    ///
    /// - Parameter mayGrow: Whether it counts as simpler even when its text is longer.
    mutating func keep(_ candidate: Scenario, mayGrow: Bool = false) -> Bool {
        guard !isOver, candidate != best else { return false }
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
        // Whoever needs many times the events to fail is no simplification.
        let outcome = Self.outcome(of: read, seed, events: report.events &* 3 &+ 20_000)
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
        of scenario: Scenario, _ seed: UInt64, events: UInt64
    ) -> (report: Report, signature: FailureSignature)? {
        var run = Run(scenario, seed: seed)
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

    /// Turns what antagonists, repetitions and reactions did into exact lines, all at once or statement by statement.
    mutating func materialise() {
        pass = "exact lines"
        guard !best.isExact else { return }
        let exact = best.withDeeds(ofSeed: seed)
        _ = keep(exact, mayGrow: true)
    }
}
