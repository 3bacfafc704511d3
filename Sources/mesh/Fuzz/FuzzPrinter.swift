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
        let text = (capsule.shrunk?.report ?? failure.first).violation?.text ?? ""
        let from = capsule.job.path.map { "\($0), " } ?? ""
        Terminal.print(
            "\(Terminal.red("FAILED")) \(Terminal.bold("\(failure.signature.promise)"))  "
                + "(\(from)seed \(capsule.job.seed), \(failure.count) runs)")
        Terminal.print("  \(text)")
        if let shrunk = capsule.shrunk {
            let lines = capsule.job.scenario.withDeeds(ofSeed: capsule.job.seed).timeline.count
            Terminal.print(
                "  shrunk \(lines) -> \(shrunk.scenario.timeline.count) events, \(shrunk.scenario.cluster.nodeCount) "
                    + "nodes (\(shrunk.runs) runs\(shrunk.isMinimal ? "" : ", the budget was spent"))")
            if order.out == nil {
                for line in shrunk.text(from: capsule.job.scenario, seed: capsule.job.seed).split(
                    separator: "\n", omittingEmptySubsequences: false)
                {
                    Terminal.print("    \(line)")
                }
            }
        }
        Terminal.print("  reproduce with: \(Terminal.bold(capsule.command))")
    }

    /// The failure as an annotation of GitHub.
    private static func annotation(_ capsule: Capsule) -> String {
        let violation = capsule.failure.first.violation?.text ?? ""
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

    static func summary(_ campaign: FuzzCampaign, _ order: FuzzOrder) {
        guard !order.isJSON else { return Terminal.print(json(campaign, order)) }
        let tally = campaign.tally
        for leak in campaign.leaks {
            Terminal.print("\(Terminal.red("NOT DETERMINISTIC")) \(leak.path ?? "drawn world"), seed \(leak.seed)")
            Terminal.print("  \(leak.text)")
        }
        if campaign.regressions.runs > 0 {
            let base = campaign.regressions
            Terminal.print("bug base: \(base.runs) runs, \(base.broken) broken")
        }
        let failed = campaign.capsules.isEmpty ? Terminal.green("nothing failed") : Terminal.red("failures found")
        Terminal.print(
            "\(campaign.isComplete ? failed : Terminal.yellow("stopped early: ") + failed): "
                + "\(Units.grouped(tally.runs)) runs from seed \(order.first) on, \(tally.broken) broken in "
                + "\(tally.failures.count) ways, \(tally.undecided) undecided, \(tally.verified) run twice, "
                + "\(tally.futures) more futures")
        Terminal.print(
            "\(tally.simulated) simulated, \(Units.grouped(tally.events)) events in \(Units.wall(campaign.wall)): "
                + "\(perSecond(tally.runs, campaign.wall)) runs/s, \(Units.ratio(tally.simulated, campaign.wall)) real "
                + "time; \(tally.reachedMarks) of \(tally.marks.count) marks reached")
        Terminal.print(states(campaign))
        for mark in tally.marks where mark.first == nil { Terminal.print("  never: \(mark.text)") }
        Terminal.print("campaign digest \(tally.digest)")
    }

    /// How many kinds of states there were, and whether there seem to be more.
    private static func states(_ campaign: FuzzCampaign) -> String {
        let states = campaign.stability.states
        let count = "\(states.isFull ? "at least " : "")\(Units.grouped(UInt64(states.count))) kinds of states"
        return campaign.stability.isReached ? "\(count); hardly anything new came any more" : count
    }

    private static func json(_ campaign: FuzzCampaign, _ order: FuzzOrder) -> String {
        let tally = campaign.tally
        var object = JSONObject()
        object.add("first_seed", order.first)
        object.add("runs", tally.runs)
        object.add("complete", campaign.isComplete ? "yes" : "no")
        object.add("futures", tally.futures)
        object.add("broken", tally.broken)
        object.add("undecided", tally.undecided)
        object.add("run_twice", tally.verified)
        object.add("not_deterministic", UInt64(campaign.leaks.count))
        object.add("events", tally.events)
        object.add("simulated_ns", UInt64(max(tally.simulated.nanoseconds, 0)))
        object.add("campaign_digest", tally.digest.description)
        object.add("states", UInt64(campaign.stability.states.count))
        object.add("stable", campaign.stability.isReached ? "yes" : "no")
        object.add("regression_runs", campaign.regressions.runs)
        object.add("regressions_broken", campaign.regressions.broken)
        object.add(
            "marks",
            objects: tally.marks.map { mark in
                var object = JSONObject()
                object.add("text", mark.text)
                object.add("count", mark.count)
                return object
            })
        object.add("failures", objects: campaign.capsules.map { failure($0) })
        return object.text
    }

    private static func failure(_ capsule: Capsule) -> JSONObject {
        var object = JSONObject()
        object.add("promise", "\(capsule.failure.signature.promise)")
        object.add("signature", capsule.failure.signature.name)
        object.add("shape", "\(capsule.failure.signature.shape)")
        object.add("text", capsule.failure.first.violation?.text ?? "")
        object.add("seed", capsule.job.seed)
        if let path = capsule.job.path { object.add("file", path) }
        object.add("runs", capsule.failure.count)
        object.add("digest", capsule.failure.first.digest.description)
        if let shrunk = capsule.shrunk {
            object.add("shrunk_lines", UInt64(shrunk.scenario.timeline.count))
            object.add("shrunk_nodes", UInt64(shrunk.scenario.cluster.nodeCount))
            object.add("shrunk", shrunk.text(from: capsule.job.scenario, seed: capsule.job.seed))
        }
        if let folder = capsule.folder { object.add("folder", folder) }
        object.add("command", capsule.command)
        return object
    }
}
