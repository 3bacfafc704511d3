import MeshCore

/// Tells when a campaign has stopped seeing anything new.
///
/// It is stable after a run whose number is a multiple of 100 and at least 1,000 if, over the last half of the runs
/// and at least the last 500, no mark was reached for the first time, no failure was seen for the first time, and
/// fewer than one run in a hundred brought a kind of state that no run before it had. The rule counts runs and never
/// looks at a clock, so that the same seeds end at the same run.
///
/// Add the runs in their order.
public struct Stability: Sendable {
    /// Every kind of state so far.
    public private(set) var states = StateSet()
    /// The number of the last run that brought a mark or a failure that no run before it had.
    private var lastNews = 0
    private var runs = 0
    /// How many runs had brought a new kind of state, after each hundred runs.
    private var bringers: [Int] = [0]
    private var bringerCount = 0
    /// Digests of what was reached or failed so far.
    private var marks: [UInt64] = []
    private var failures: [UInt64] = []

    private static var pace: Int { 100 }
    /// How many ways to fail are remembered; a campaign with more is not about to end for lack of news.
    private static var failureLimit: Int { 1_000 }

    /// Creates it before the first run.
    public init() {}

    /// Adds the next run, or a branch of one, which counts as a run.
    ///
    /// - Complexity: O(states of the run + marks reached).
    public mutating func add(_ report: Report) {
        runs += 1
        var isNew = false
        for state in report.states where states.insert(state) { isNew = true }
        if isNew { bringerCount += 1 }
        for outcome in report.outcomes where outcome.occasions > 0 {
            guard case .sometimes(let event) = outcome.expectation.claim else { continue }
            var digest = Digest()
            digest.mix(Bytes(event.description))
            guard !marks.contains(digest.value) else { continue }
            marks.append(digest.value)
            lastNews = runs
        }
        if report.verdict == .broken, let signature = FailureSignature(report)?.digest, !failures.contains(signature) {
            if failures.count < Self.failureLimit { failures.append(signature) }
            lastNews = runs
        }
        if runs % Self.pace == 0 { judge() }
    }

    /// What it remembers besides the kinds of states, so that another process can go on.
    public struct Memory: Equatable, Sendable {
        /// How many runs there were.
        public var runs: Int
        /// The number of the last run that brought a new mark or failure.
        public var lastNews: Int
        /// How many runs had brought a new kind of state, after each hundred runs.
        public var bringers: [Int]
        /// How many have by now.
        public var bringerCount: Int
        /// Digests of the marks that were reached.
        public var marks: [UInt64]
        /// Digests of the failures that were seen.
        public var failures: [UInt64]

        /// Creates a memory that was written down.
        public init(
            runs: Int, lastNews: Int, bringers: [Int], bringerCount: Int, marks: [UInt64], failures: [UInt64]
        ) {
            self.runs = runs
            self.lastNews = lastNews
            self.bringers = bringers
            self.bringerCount = bringerCount
            self.marks = marks
            self.failures = failures
        }
    }

    /// What it remembers besides the kinds of states.
    public var memory: Memory {
        Memory(
            runs: runs, lastNews: lastNews, bringers: bringers, bringerCount: bringerCount, marks: marks,
            failures: failures)
    }

    /// Goes on where another one stopped.
    ///
    /// - Returns: `nil` when the memory contradicts itself.
    public init?(_ memory: Memory, states: StateSet) {
        guard memory.runs >= 0, memory.bringers.count == memory.runs / Self.pace + 1,
            memory.lastNews <= memory.runs, memory.bringerCount <= memory.runs
        else { return nil }
        runs = memory.runs
        lastNews = memory.lastNews
        bringers = memory.bringers
        bringerCount = memory.bringerCount
        marks = memory.marks
        failures = memory.failures
        self.states = states
        if runs > 0, runs % Self.pace == 0 {
            bringers.removeLast()
            judge()
        }
    }

    /// Whether nothing new had come for long enough at the last multiple of 100 runs.
    public private(set) var isReached = false

    private mutating func judge() {
        bringers.append(bringerCount)
        guard runs >= 1_000 else { return }
        let window = (max(500, runs / 2) + Self.pace - 1) / Self.pace
        let place = bringers.count - 1
        let start = place - window
        isReached = lastNews <= start * Self.pace && bringers[place] - bringers[start] < window
    }
}
