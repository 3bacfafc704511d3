#if MUTANTS
import MeshCore
import Scenarios
import Simulator

extension Catch {
    /// Makes a scenario that caught the bug small, for so long at most, and replays the result; the bug is still
    /// planted.
    mutating func shrink(_ scenario: Scenario, seed: UInt64, limit: Duration, shows: Bool) {
        let clock = ContinuousClock()
        let start = clock.now
        var watch = Stopwatch(end: start + limit)
        guard let shrunk = scenario.shrunk(seed: seed, budget: 5_000, observing: &watch) else {
            strange.append("seed \(seed) does not fail when it is shrunk")
            return
        }
        lines.append(shrunk.scenario.timeline.count)
        shrinking.append(clock.now - start)
        var run = Run(shrunk.scenario, seed: shrunk.scenario.seeds[0])
        _ = run.advance()
        if FailureSignature(run.report) != shrunk.signature || run.report.digest != shrunk.report.digest {
            strange.append("the shrunk scenario of seed \(seed) does not replay")
        }
        if shows { say(shrunk.scenario.description) }
    }
}

/// Ends a shrinking in time.
private struct Stopwatch: ShrinkObserver {
    var end: ContinuousClock.Instant
    var wantsStop: Bool { ContinuousClock().now > end }
    mutating func didTry(_ progress: ShrinkProgress) {}
}
#endif
