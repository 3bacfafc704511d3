import MeshCore

/// Watches a shrinking, and may end it.
public protocol ShrinkObserver {
    /// Whether to stop with what was reached.
    var wantsStop: Bool { get }

    /// Another candidate was run.
    mutating func didTry(_ progress: ShrinkProgress)
}

/// How far a shrinking is.
public struct ShrinkProgress: Equatable, Sendable {
    /// How many runs it took so far.
    public var runs: UInt64

    /// How many runs it may take.
    public var budget: UInt64

    /// What is being tried, in a word or two.
    public var pass: String

    /// Lines of the timeline that are left.
    public var statements: Int

    /// Nodes that are left.
    public var nodes: Int64

    /// The length of the text that is left, in bytes.
    public var bytes: Int
}

/// A scenario that was made smaller and still fails in the same way.
public struct Shrunk: Sendable {
    /// The smallest scenario found; reading its text and running its only seed breaks the same promise.
    public var scenario: Scenario

    /// What it breaks, and how.
    public var signature: FailureSignature

    /// The report of its run.
    public var report: Report

    /// How many runs it took.
    public var runs: UInt64

    /// Whether nothing was left to try; `false` when the budget was spent or the observer said stop.
    public var isMinimal: Bool
}

extension Scenario {
    /// Finds the smallest scenario that fails as this one does under a seed.
    ///
    /// Draws the scenario, turns what its antagonists and reactions did into exact lines, and takes away or simplifies
    /// whatever the failure does not need: lines of the timeline, nodes, settings, network and disk, workloads,
    /// times. Each candidate is written, read back and run; it is kept when the same promise breaks in the same shape.
    /// The same call gives the same result on every machine.
    ///
    /// Source: Zeller and Hildebrandt, *Simplifying and Isolating Failure-Inducing Input*, TSE 2002; the blocks are
    /// deleted from the end over shrinking sizes as Hypothesis does.
    ///
    /// - Parameters:
    ///   - seed: The seed under which it fails.
    ///   - budget: How many runs it may take.
    ///   - observer: Hears of each run, and may end the search.
    /// - Returns: `nil` when the run breaks no promise.
    /// - Complexity: At most `budget` runs.
    public func shrunk<Watch: ShrinkObserver>(
        seed: UInt64, budget: UInt64 = 2_000, observing observer: inout Watch
    ) -> Shrunk? {
        guard var shrinker = Shrinker(self, seed: seed, budget: budget, observer) else { return nil }
        shrinker.run()
        observer = shrinker.observer
        return shrinker.result
    }
}
