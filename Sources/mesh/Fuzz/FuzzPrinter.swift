import Foundation
import MeshCore
import Scenarios
import Simulator

/// A line that says how far a campaign is; nothing in the first second, and nothing without a terminal.
struct FuzzLine {
    private let label: String
    private let total: UInt64?
    private let time: Duration?
    private let start = ContinuousClock.now
    private var shown = ContinuousClock.now
    private var isShown = false

    init(label: String, total: UInt64?, time: Duration?) {
        self.label = label
        self.total = total
        self.time = time
    }

    mutating func show(_ tally: FuzzTally, states: Int) {
        let now = ContinuousClock.now
        guard Terminal.showsProgress, now - start > .seconds(1), now - shown > .milliseconds(100) else { return }
        shown = now
        isShown = true
        let of = total.map { " of \($0)" } ?? time.map { " (\(Units.wall(now - start)) of \(Units.wall($0)))" } ?? ""
        Terminal.write(
            "\r\u{1B}[K\(label): \(tally.runs)\(of) runs, \(FuzzPrinter.perSecond(tally.runs, now - start)) runs/s, "
                + "\(Units.ratio(tally.simulated, now - start)) real time, \(tally.reachedMarks) of "
                + "\(tally.marks.count) marks, \(states) states, \(tally.failures.count) failures", to: .standardError)
    }

    /// Takes the line away.
    mutating func clear() {
        guard isShown else { return }
        isShown = false
        Terminal.write("\r\u{1B}[K", to: .standardError)
    }
}

/// Prints what a campaign found.
enum FuzzPrinter {
    /// How many times a second something happened.
    static func perSecond(_ count: UInt64, _ wall: Duration) -> String {
        let (seconds, attoseconds) = wall.components
        let milliseconds = UInt64(max(seconds * 1_000 + attoseconds / 1_000_000_000_000_000, 1))
        return Units.grouped(count * 1_000 / milliseconds)
    }

    /// One failure: what broke, how small it got, and how to see it again.
    static func failure(_ capsule: Capsule, _ order: FuzzOrder) {
        let failure = capsule.failure
        if order.annotates { Terminal.print(annotation(capsule)) }
        guard !order.isJSON else { return }
        let text = (capsule.shrunk?.report ?? capsule.first).violation?.text ?? ""
        let from = capsule.job.path.map { "\($0), " } ?? ""
        Terminal.print(
            "\(Terminal.red("FAILED")) \(Terminal.bold("\(failure.signature.promise)"))  "
                + "(\(from)seed \(capsule.job.seed), \(failure.count) runs)")
        Terminal.print("  \(text)")
        if let shrunk = capsule.shrunk {
            let cut = capsule.isOutOfTime ? ", the time was over" : ", the budget was spent"
            let lines = capsule.job.scenario.withDeeds(ofSeed: capsule.job.seed).timeline.count
            Terminal.print(
                "  shrunk \(lines) -> \(shrunk.scenario.timeline.count) events, \(shrunk.scenario.cluster.nodeCount) "
                    + "nodes (\(shrunk.runs) runs\(shrunk.isMinimal ? "" : cut))")
            if capsule.folder == nil {
                for line in shrunk.text(from: capsule.job.scenario, seed: capsule.job.seed).split(
                    separator: "\n", omittingEmptySubsequences: false)
                {
                    Terminal.print("    \(line)")
                }
            }
        }
        if capsule.shrunk == nil, capsule.isOutOfTime { Terminal.print("  not shrunk: the time was over") }
        Terminal.print("  reproduce with: \(Terminal.bold(capsule.command))")
    }

    /// Marks that are no longer reached, as annotations of GitHub.
    static func annotate(_ cold: [MarkFile.Cold], in path: String?) {
        let place = "file=\(property(path ?? "")),title=\(property("a mark is no longer reached"))"
        for cold in cold {
            Terminal.print("::error \(place)::\(data(cold.text))")
        }
    }

    /// The failure as an annotation of GitHub.
    private static func annotation(_ capsule: Capsule) -> String {
        let violation = capsule.first.violation?.text ?? ""
        let file = capsule.job.path ?? capsule.folder.map { "\($0)/scenario.mesh" } ?? "scenario.mesh"
        let message = "\(violation)\nreproduce with: \(capsule.command)"
        return "::error file=\(property(file)),title=\(property("\(capsule.failure.signature.promise)"))::"
            + data(message)
    }

    private static func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private static func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }

    static func summary(_ outcome: CampaignOutcome, isJSON: Bool) {
        guard !isJSON else { return Terminal.print(json(outcome)) }
        let record = outcome.record
        let tally = record.campaign
        for leak in record.leaks {
            Terminal.print("\(Terminal.red("NOT DETERMINISTIC")) \(leak.file ?? "drawn world"), seed \(leak.seed)")
            Terminal.print("  \(leak.text)")
        }
        leftOut(outcome)
        if record.regressions.runs > 0 {
            Terminal.print("bug base: \(record.regressions.runs) runs, \(record.regressions.broken) broken")
        }
        let hasFailed = tally.broken + record.regressions.broken > 0 || !outcome.cold.isEmpty
        let failed = hasFailed ? Terminal.red("failures found") : Terminal.green("nothing failed")
        let early = outcome.isMerged ? "runs are missing: " : "stopped early: "
        Terminal.print(
            "\(outcome.isComplete ? failed : Terminal.yellow(early) + failed): "
                + "\(Units.grouped(tally.runs)) runs from seed \(record.plan.firstSeed) on, \(tally.broken) broken in "
                + "\(tally.failures.count)\(tally.unlisted > 0 ? " and more" : "") ways, \(tally.undecided) undecided, "
                + "\(tally.verified) run twice, \(tally.futures) more futures")
        let simulated = Interval(nanoseconds: tally.simulatedNanoseconds)
        let wall = outcome.isMerged ? .milliseconds(Int64(record.milliseconds)) : outcome.wall
        Terminal.print(
            "\(simulated) simulated, \(Units.grouped(tally.events)) events in \(Units.wall(wall)): "
                + "\(perSecond(tally.runs, wall)) runs/s, \(Units.ratio(simulated, wall)) real time; "
                + "\(tally.marks.count { $0.first != nil }) of \(tally.marks.count) marks reached")
        if record.plan.exploration == FuzzOrder.everyBoundary {
            Terminal.print(
                "\(Units.grouped(tally.runs)) of \(Units.grouped(record.plan.runs ?? 0)) boundaries: "
                    + "a crash before and after each sync of each node")
        }
        Terminal.print(states(outcome))
        if outcome.cutShort > 0 {
            Terminal.print(
                Terminal.yellow("\(outcome.cutShort) of \(shown(outcome)) failures are not as small as they get")
                    + ": the \(Units.wall(outcome.shrinkTime)) of --shrink-time were over; mesh shrink goes on")
        }
        for mark in tally.marks where mark.first == nil { Terminal.print("  never: \(mark.text)") }
        for cold in outcome.cold { Terminal.print("\(Terminal.red("COLD")) \(cold.text)") }
        if let path = outcome.marks, !outcome.cold.isEmpty {
            Terminal.print(
                "  the worlds may have changed, or a checker: if that was meant, --marks \(path) --update-marks")
        } else if outcome.marks != nil, !outcome.isComplete {
            Terminal.print("the marks were not judged, because not all runs were run")
        }
        for problem in record.problems { Terminal.print("\(Terminal.red("PROBLEM")) \(problem)") }
        Terminal.print("campaign digest \(tally.digest)")
    }

    /// How many kinds of states there were, and whether there seem to be more.
    private static func states(_ outcome: CampaignOutcome) -> String {
        let states = outcome.record.states
        let count = "\(states.isFull ? "at least " : "")\(Units.grouped(states.count)) kinds of states"
        return outcome.isStable == true ? "\(count); hardly anything new came any more" : count
    }

    /// How many failures are shown in full.
    private static func shown(_ outcome: CampaignOutcome) -> Int {
        outcome.findings.count { $0.failure.capsule != nil }
    }

    /// Says what was found and is not shown in full.
    private static func leftOut(_ outcome: CampaignOutcome) {
        let bare = outcome.findings.filter { $0.failure.capsule == nil }
        let shown = shown(outcome)
        if let first = bare.first {
            let place = outcome.folders.map { "listed in \($0)/\(CampaignRecord.fileName)" } ?? "listed by --json"
            Terminal.print(
                Terminal.yellow("\(bare.count) further ways to fail")
                    + ": only \(shown) are shrunk and written out; the others are \(place), such as")
            Terminal.print("  \(outcome.command(of: first.failure))")
        }
        let unlisted = outcome.record.campaign.unlisted
        guard unlisted > 0 else { return }
        Terminal.print(
            Terminal.yellow("\(unlisted) runs")
                + " failed in ways beyond the first \(FuzzTally.signatureLimit), and are only counted")
    }

    private static func json(_ outcome: CampaignOutcome) -> String {
        let record = outcome.record
        let tally = record.campaign
        var object = JSONObject()
        object.add("first_seed", record.plan.firstSeed)
        object.add("runs", tally.runs)
        object.add("complete", outcome.isComplete ? "yes" : "no")
        if outcome.isMerged { object.add("missing", texts: record.missing) }
        object.add("futures", tally.futures)
        object.add("broken", tally.broken)
        object.add("undecided", tally.undecided)
        object.add("run_twice", tally.verified)
        object.add("not_deterministic", UInt64(record.leaks.count))
        object.add("events", tally.events)
        object.add("simulated_ns", UInt64(max(tally.simulatedNanoseconds, 0)))
        object.add("wall_ms", record.milliseconds)
        object.add("campaign_digest", tally.digest)
        object.add("states", record.states.count)
        if let isStable = outcome.isStable { object.add("stable", isStable ? "yes" : "no") }
        if outcome.cutShort > 0 { object.add("not_shrunk_wholly", UInt64(outcome.cutShort)) }
        object.add("regression_runs", record.regressions.runs)
        object.add("regressions_broken", record.regressions.broken)
        object.add("problems", texts: record.problems)
        object.add(
            "marks",
            objects: tally.marks.map { mark in
                var object = JSONObject()
                object.add("text", mark.text)
                object.add("count", mark.count)
                object.add("runs", mark.runs)
                object.add("asked", mark.asked)
                return object
            })
        if outcome.marks != nil { object.add("cold_marks", texts: outcome.cold.map(\.mark.text)) }
        object.add("unlisted_broken", tally.unlisted)
        object.add("failures", objects: outcome.findings.map { failure($0.failure, outcome) })
        return object.text
    }

    private static func failure(_ failure: TallyRecord.Failure, _ outcome: CampaignOutcome) -> JSONObject {
        var object = JSONObject()
        object.add("promise", failure.promise)
        object.add("signature", failure.signature)
        object.add("shape", failure.shape)
        object.add("text", failure.text)
        object.add("seed", failure.seed)
        if let path = failure.file { object.add("file", path) }
        object.add("runs", failure.runs)
        object.add("digest", failure.digest)
        if let shrunk = failure.capsule?.shrunk {
            object.add("shrunk_lines", shrunk.lines)
            object.add("shrunk_nodes", shrunk.nodes)
            object.add("shrunk", shrunk.text)
        }
        if let folder = outcome.folder(of: failure) { object.add("folder", folder) }
        object.add("command", outcome.command(of: failure))
        return object
    }
}
