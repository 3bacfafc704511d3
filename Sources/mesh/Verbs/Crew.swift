import MeshCore
import Scenarios

/// Runs many seeds at once and hands the reports over in the order of the seeds.
enum Crew {
    /// How many events a run handles between two looks at the progress line.
    private static let slice: UInt64 = 250_000

    static func run(
        _ scenario: Scenario, _ seeds: Scenario.Seeds, _ request: Replay.Request, label: String,
        _ body: (Report) -> Void
    ) async {
        let progress = Progress(label: label, total: seeds.count)
        var waiting: [UInt64: Report] = [:]
        var next: UInt64 = 0
        await withTaskGroup(of: (UInt64, Report).self) { group in
            var started: UInt64 = 0
            func startOne() {
                guard started < seeds.count else { return }
                let index = started
                started += 1
                group.addTask {
                    (index, await Self.run(scenario, seed: seeds[index], until: request.until, progress))
                }
            }
            for _ in 0..<request.jobs { startOne() }
            while let (index, report) = await group.next() {
                startOne()
                await progress.finishOne()
                waiting[index] = report
                while let ready = waiting.removeValue(forKey: next) {
                    next += 1
                    if request.isJSON || request.isVerbose { await progress.clear() }
                    body(ready)
                }
            }
        }
        await progress.clear()
    }

    @concurrent
    private static func run(
        _ scenario: Scenario, seed: UInt64, until: Instant?, _ progress: Progress
    ) async -> Report {
        var run = Run(scenario, seed: seed, until: until)
        while !run.advance(events: slice) {
            await progress.update("(seed \(seed) at \(run.now) of \(run.end), \(run.eventCount) events)")
        }
        return run.report
    }
}
