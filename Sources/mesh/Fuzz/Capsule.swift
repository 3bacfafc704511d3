import Foundation
import MeshCore
import Scenarios
import Simulator

/// A folder with everything about one failure.
struct Capsule {
    /// What failed first with this signature.
    var failure: FuzzTally.Failure
    var job: FuzzPlan.Job
    /// The folder; `nil` when nothing is written.
    var folder: String?
    var shrunk: Shrunk?
    /// What the world was drawn for, when it was drawn.
    private let profile: FuzzProfile

    init(_ failure: FuzzTally.Failure, _ job: FuzzPlan.Job, _ order: FuzzOrder) {
        self.failure = failure
        self.job = job
        profile = order.profile
        folder = order.out.map { "\($0)/\(failure.signature.name)" }
    }

    /// The scenario as the seed sees it, to be replayed without knowing how it was drawn.
    private var scenario: Scenario { job.scenario.drawn(seed: job.seed) }

    /// Writes the scenario at once, so that nothing is lost when the process ends.
    func begin() throws {
        guard let folder else { return }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw UsageError("\(folder): cannot be made: \(Files.reason(error))")
        }
        try write("scenario.mesh", scenario.description)
    }

    /// Makes the scenario small and writes the rest.
    mutating func finish(budget: UInt64, stop: StopFlag) throws {
        if budget > 0, !stop.isRaised {
            var watch = ShrinkWatch(label: "shrinking \(failure.signature.promise)", limit: nil, stop: stop)
            shrunk = scenario.shrunk(seed: job.seed, budget: budget, observing: &watch)
            watch.clear()
        }
        guard folder != nil else { return }
        if let shrunk { try write("shrunk.mesh", shrunk.text(from: job.scenario, seed: job.seed)) }
        try write("report.txt", report)
        var run = Run(shrunk?.scenario ?? scenario, seed: replaySeed, trace: .jsonLines)
        _ = run.advance()
        try Files.write(run.takeTrace(), to: path("trace.jsonl"))
    }

    private var replaySeed: UInt64 { shrunk?.scenario.seeds[0] ?? job.seed }

    private func path(_ name: String) -> String { "\(folder ?? ".")/\(name)" }

    private func write(_ name: String, _ text: String) throws { try Files.write(Array(text.utf8), to: path(name)) }

    /// The command that shows the failure again.
    var command: String {
        if folder != nil { return "mesh replay \(path(shrunk == nil ? "scenario.mesh" : "shrunk.mesh"))" }
        if let file = job.path, job.kind != .once { return "mesh fuzz \(file) --seeds \(job.seed)+1" }
        if let file = job.path { return "mesh replay \(file) --seed \(job.seed)" }
        return "mesh fuzz --profile \(profile.name) --seeds \(job.seed)+1"
    }

    /// The failure in words: what broke, the evidence, the last events and how to see it again.
    var report: String {
        let first = shrunk?.report ?? failure.first
        var text = "\(failure.signature.promise)\n\n"
        if let violation = first.violation {
            if violation.promise != Promises.expectation { text += "Promised: \(violation.promise.sentence)\n" }
            text += "Broken:   \(violation.text)\n\nEvidence:\n"
            for evidence in violation.evidence {
                let place = evidence.node.rawValue == 0 ? "" : "\(evidence.node) "
                text += "  event \(evidence.event) at \(evidence.time): \(place)\(evidence.text)\n"
            }
        }
        text += "\nSeed \(job.seed), digest \(failure.first.digest), \(failure.first.events) events, "
        text += "ended at \(failure.first.end); \(failure.count) runs failed like this.\n"
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
