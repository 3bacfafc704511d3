import Foundation
import MeshCore
import Scenarios
import Simulator
import Synchronization

/// How many times the process was asked to end, by ctrl-C or politely.
///
/// A handler of the system's own counts: one on a queue would wait for a thread, and a run without an end keeps them.
private let requestsToEnd = Atomic<Int>(0)

/// Says to everyone at once that it is time to stop.
final class StopFlag: Sendable {
    private let state = Atomic<Int>(0)
    private let listens = Atomic<Int>(0)

    /// Whether somebody said stop.
    var isRaised: Bool {
        state.load(ordering: .relaxed) != 0
            || (listens.load(ordering: .relaxed) != 0 && requestsToEnd.load(ordering: .relaxed) != 0)
    }

    func raise() { state.store(1, ordering: .relaxed) }

    /// Raises the flag on ctrl-C and on a polite end; the second time ends the process at once.
    func raiseOnSignals() {
        listens.store(1, ordering: .relaxed)
        _ = requestsToEnd.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                if requestsToEnd.add(1, ordering: .relaxed).oldValue > 0 { _exit(128 + number) }
            }
        }
    }
}

/// Runs the plan of a campaign on every core and hands the reports over in the order of the plan.
enum FuzzCrew {
    /// What a run gave.
    struct Result: Sendable {
        var job: FuzzPlan.Job
        var report: Report
        /// The futures that were tried after it.
        var futures: [Exploration.Future]
        var isVerified: Bool
        /// Where a second run of the same seed parts from the first; `nil` when it does not.
        var difference: String?
    }

    /// How many events a run handles between two looks at the flag.
    private static let slice: UInt64 = 5_000

    /// - Parameters:
    ///   - done: Places that are left out, because they were run before.
    ///   - enough: Ends the plan before its end without making it incomplete.
    /// - Returns: Whether the plan was carried out to its end or to the end of its time.
    static func run(
        _ plan: FuzzPlan, without done: PlaceSet, jobs: Int, deadline: ContinuousClock.Instant?, stop: StopFlag,
        enough: StopFlag, keepsGaps: Bool,
        _ body: (UInt64, Result) async throws -> Void
    ) async throws -> Bool {
        var waiting: [UInt64: Result] = [:]
        var next = done.firstMissing(from: 0)
        try await withThrowingTaskGroup(of: (UInt64, Result?).self) { group in
            var started = next
            func startOne() {
                if let count = plan.count, started >= count { return }
                if let deadline, ContinuousClock.now >= deadline { return }
                guard !stop.isRaised, !enough.isRaised else { return }
                let place = started
                started = done.firstMissing(from: started + 1)
                group.addTask { (place, try await one(plan, place, stop, enough)) }
            }
            for _ in 0..<jobs { startOne() }
            while let (place, result) = try await group.next() {
                startOne()
                guard let result else { continue }
                waiting[place] = result
                while let ready = waiting.removeValue(forKey: next) {
                    try await body(next, ready)
                    next = done.firstMissing(from: next + 1)
                }
            }
        }
        // After ctrl-C there may be gaps; what is known behind them is reported all the same, unless the order counts.
        for place in waiting.keys.sorted() where keepsGaps {
            if let result = waiting[place] { try await body(place, result) }
        }
        return !stop.isRaised
    }

    @concurrent
    private static func one(
        _ plan: FuzzPlan, _ place: UInt64, _ stop: StopFlag, _ enough: StopFlag
    ) async throws -> Result? {
        let job = try plan.job(place)
        var exploration = Exploration(
            job.scenario, seed: job.seed, kind: job.kind, futures: ExplorationPlan.futures)
        while !exploration.advance(events: slice) {
            if stop.isRaised || enough.isRaised { return nil }
        }
        let futures = exploration.futures
        var result = Result(
            job: job, report: futures[0].report, futures: Array(futures.dropFirst()), isVerified: false)
        guard plan.isVerified(place) else { return result }
        // A future is compared with a run of the scenario it is said to be.
        for (index, future) in futures.enumerated() {
            var again = job
            if index > 0 { again.scenario = future.scenario }
            guard let report = finish(again, stop, enough) else { return nil }
            guard report.digest != future.report.digest || report.verdict != future.report.verdict else { continue }
            result.difference = difference(again)
        }
        result.isVerified = true
        return result
    }

    private static func finish(_ job: FuzzPlan.Job, _ stop: StopFlag, _ enough: StopFlag) -> Report? {
        var run = Run(job.scenario, seed: job.seed)
        while !run.advance(events: slice) {
            if stop.isRaised || enough.isRaised { return nil }
        }
        return run.report
    }

    /// Runs a seed twice with a trace and compares line by line.
    private static func difference(_ job: FuzzPlan.Job) -> String {
        var traces: [[UInt8]] = []
        for _ in 0..<2 {
            var run = Run(job.scenario, seed: job.seed, trace: .jsonLines)
            _ = run.advance()
            traces.append(run.takeTrace())
        }
        guard let found = TraceDifference.first(traces[0], traces[1]) else {
            return "two more runs are equal: the difference comes and goes"
        }
        return "the first different event is line \(found.line) of the trace:\n  \(found.left)\n  \(found.right)"
    }
}
