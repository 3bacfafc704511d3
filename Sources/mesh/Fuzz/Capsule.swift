import Foundation
import MeshCore
import Scenarios
import Simulator

/// A folder with everything about one failure.
struct Capsule {
    /// What failed with this signature.
    var failure: FuzzTally.Failure
    var job: FuzzPlan.Job
    /// What the run of the job gave.
    let first: Report
    /// The folder's name; `nil` when nothing is written.
    private(set) var name: String?
    private(set) var shrunk: Shrunk?
    /// Whether everything was written, and not the scenario alone.
    private(set) var isFinished = false
    /// Whether it was to be made small already, and whether there was no time left to do so, or to do so wholly.
    private(set) var wasTried = false
    private(set) var isOutOfTime = false
    /// The report, when it was wanted.
    private(set) var text: String?
    private let isBase: Bool
    /// The folder that has the folder.
    private let out: String?
    /// What the world was drawn for, when it was drawn.
    private let profile: FuzzProfile

    /// - Parameter isBase: Whether it is a scenario of the bug base.
    init(_ failure: FuzzTally.Failure, _ job: FuzzPlan.Job, _ first: Report, _ order: FuzzOrder, isBase: Bool) {
        self.failure = failure
        self.job = job
        self.first = first
        profile = order.profile
        self.isBase = isBase
        out = order.out
        name = out == nil ? nil : (isBase ? "bug-base-" : "") + failure.signature.name
    }

    var folder: String? { name.flatMap { name in out.map { "\($0)/\(name)" } } }

    /// Tells the failure from all others.
    var key: String { (isBase ? "bug-base-" : "") + failure.signature.name }

    /// The scenario as the seed sees it, to be replayed without knowing how it was drawn.
    private var scenario: Scenario { job.scenario.drawn(seed: job.seed) }

    /// Writes the scenario at once, so that nothing is lost when the process ends.
    ///
    /// - Throws: `UsageError` when it cannot be written; the capsule has no folder then.
    mutating func begin() throws {
        guard let folder else { return }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for old in ["shrunk.mesh", "report.txt", "trace.jsonl"] {
                try? FileManager.default.removeItem(atPath: path(old))
            }
            try write("scenario.mesh", scenario.description)
        } catch {
            name = nil
            throw error as? UsageError ?? UsageError("\(folder): cannot be made: \(Files.reason(error))")
        }
    }

    /// Goes on without a folder.
    mutating func loseFolder() {
        if !isFinished { name = nil }
    }

    /// Makes the scenario small and writes the rest.
    ///
    /// - Parameters:
    ///   - budget: How many runs it may take to make it small.
    ///   - time: How long that may take; what it came to by then is kept.
    ///   - isTold: Whether the report is wanted although there is no folder.
    /// - Throws: `UsageError` when it cannot be written; what is known is in the capsule all the same.
    mutating func finish(budget: UInt64, time: Duration, stop: StopFlag, isTold: Bool) throws {
        wasTried = true
        if budget > 0, !stop.isRaised {
            var watch = ShrinkWatch(label: "shrinking \(failure.signature.promise)", limit: time, stop: stop)
            if time > .zero { shrunk = scenario.shrunk(seed: job.seed, budget: budget, observing: &watch) }
            isOutOfTime = watch.isOutOfTime && shrunk?.isMinimal != true && !stop.isRaised
            watch.clear()
        }
        if folder != nil || isTold { text = report }
        guard let text, folder != nil else { return }
        if let shrunk { try write("shrunk.mesh", shrunk.text(from: job.scenario, seed: job.seed)) }
        try write("report.txt", text)
        var run = Run(shrunk?.scenario ?? scenario, seed: replaySeed, trace: .jsonLines)
        _ = run.advance()
        try Files.replace(path("trace.jsonl"), with: run.takeTrace())
        isFinished = true
    }

    /// What the record says of it.
    var record: TallyRecord.CapsuleRecord {
        TallyRecord.CapsuleRecord(
            seed: job.seed, folder: name, isFinished: isFinished,
            shrunk: shrunk.map { shrunk in
                TallyRecord.CapsuleRecord.Shrunk(
                    lines: UInt64(shrunk.scenario.timeline.count), nodes: UInt64(shrunk.scenario.cluster.nodeCount),
                    runs: shrunk.runs, isMinimal: shrunk.isMinimal,
                    text: shrunk.text(from: job.scenario, seed: job.seed))
            })
    }

    private var replaySeed: UInt64 { shrunk?.scenario.seeds[0] ?? job.seed }

    private func path(_ name: String) -> String { "\(folder ?? ".")/\(name)" }

    private func write(_ name: String, _ text: String) throws { try Files.replace(path(name), with: Array(text.utf8)) }

    /// The command that shows the failure again.
    var command: String {
        if folder != nil { return "mesh replay \(path(shrunk == nil ? "scenario.mesh" : "shrunk.mesh"))" }
        if let file = job.path, job.isBoundary { return "mesh fuzz \(file) --seeds \(job.seed)+1 --boundaries" }
        if let file = job.path, job.kind != .once { return "mesh fuzz \(file) --seeds \(job.seed)+1" }
        if let file = job.path { return "mesh replay \(file) --seed \(job.seed)" }
        return "mesh fuzz --profile \(profile.name) --seeds \(job.seed)+1"
    }

    /// The failure in words: what broke, the evidence, the last events and how to see it again.
    private var report: String {
        let first = shrunk?.report ?? self.first
        var text = "\(failure.signature.promise)\n\n"
        if let violation = first.violation {
            if violation.promise != Promises.expectation { text += "Promised: \(violation.promise.sentence)\n" }
            text += "Broken:   \(violation.text)\n\nEvidence:\n"
            for evidence in violation.evidence {
                let place = evidence.node.rawValue == 0 ? "" : "\(evidence.node) "
                text += "  event \(evidence.event) at \(evidence.time): \(place)\(evidence.text)\n"
            }
        }
        text += "\nSeed \(job.seed), digest \(self.first.digest), \(self.first.events) events, "
        text += "ended at \(self.first.end); \(failure.count) runs failed like this.\n"
        if let shrunk {
            text += "Shrunk to \(shrunk.scenario.timeline.count) lines of the timeline, "
            text +=
                "\(shrunk.scenario.cluster.nodeCount) nodes and \(shrunk.report.events) events in \(shrunk.runs) runs, "
            text += "digest \(shrunk.report.digest).\n"
        }
        text += "Reproduce: \(command)\n\n"
        text += "The last events; * happens at a node, o---> is a message that arrives, o---x a lost one:\n"
        return text + lastEvents(of: first)
    }

    /// How many of the last events are shown, and how many before them are read for what their messages hold.
    private static let (shownEvents, knownEvents): (Int, UInt64) = (60, 2_000)

    private func lastEvents(of report: Report) -> String {
        var run = Run(shrunk?.scenario ?? scenario, seed: replaySeed, trace: .jsonLines)
        let last = report.violation?.evidence.last.map { $0.event }.flatMap { $0 == 0 ? nil : $0 } ?? report.events
        while run.eventCount + Self.knownEvents < last,
            !run.advance(events: min(20_000, last - Self.knownEvents - run.eventCount))
        {
            _ = run.takeTrace()
        }
        _ = run.advance(events: last - min(last, run.eventCount))
        // What this program wrote it can read.
        guard let records = try? Exports.records(of: run.takeTrace()), let end = records.last?.time else { return "" }
        let start = records[max(0, records.count - Self.shownEvents)].time
        return String(decoding: Exports.Story(records).window(from: start, to: end).text(), as: UTF8.self)
    }
}
