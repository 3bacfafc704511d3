import Foundation
import MeshCore
import Scenarios

/// `mesh fuzz`: looks for failures over many seeds, and hands over the smallest scenario that shows each.
enum Fuzz {
    static let verb = Verb(
        name: "fuzz",
        summary: "look for failures over many drawn worlds or seeds, and shrink what is found",
        operands: "[FILE|FOLDER...]",
        options: [
            Option(
                name: "--seeds", value: "A..B|A+N|A", summary: "these seeds (default: 1+1000); A may be a commit hash"),
            Option(name: "--time", value: "T", summary: "go on for this long, such as 60s"),
            Option(
                name: "--explore", value: "KIND",
                summary: "try further futures of each run: once, branching, boundaries or mix (default: mix)"),
            Option(
                name: "--until-stable", value: nil,
                summary: "end when half of the runs brought no new mark, no new failure and hardly a new state"),
            Option(name: "--jobs", value: "N", summary: "run so many seeds at once (default: one a core)"),
            Option(
                name: "--profile", value: "NAME",
                summary: "what worlds are drawn: raft, membership, gossip, storage or all (default: all)"),
            Option(name: "--out", value: "FOLDER", summary: "write a folder with everything about each failure"),
            Option(name: "--shard", value: "I/N", summary: "the I-th of N equal parts of the seeds"),
            Option(name: "--junit", value: "FILE.xml", summary: "write the result for a CI that reads JUnit"),
            Option(name: "--json", value: nil, summary: "print one JSON object"),
            Option(
                name: "--shrink-budget", value: "N",
                summary: "runs one shrinking may take (default: 2000, 0 for none)"),
            Option(name: "--effective", value: nil, summary: "print the world of the first seed and stop"),
        ],
        details: """
            Without files each seed draws a world: nodes, settings, network, disks, clients and faults. With files each
            seed runs every file. What lies in scenarios/regressions is replayed first. One of twenty seeds is run twice
            and must give the same run. The same seeds give the same failures and the same digest with any --jobs.
            Ctrl-C ends the campaign with a report of what was done.
            Exit status: 0 nothing failed, 1 something did, 2 a file or an argument is wrong, 4 a run was not
            deterministic.
            """,
        examples: [
            ("mesh fuzz --time 60s --out failures", "a minute of everything, on every core"),
            (
                "mesh fuzz --seeds $(git rev-parse HEAD)+1000",
                "other seeds for each commit, the same for all who check it"
            ),
            ("mesh fuzz scenarios/raft --seeds 1..100", "a hundred seeds of every scenario of a folder"),
            ("mesh fuzz --profile raft --until-stable", "as many runs as bring something new"),
            ("mesh fuzz --profile raft --seeds 7 --effective", "the world that seed 7 draws"),
        ],
        run: { try await run($0) })

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let order = try FuzzOrder(arguments)
        if arguments.has("--effective") {
            let job = try FuzzPlan(order).job(0)
            Terminal.write(job.scenario.drawn(seed: job.seed).description, to: .standardOutput)
            return .held
        }
        var campaign = FuzzCampaign(order)
        return try await campaign.run()
    }
}

/// One call of `mesh fuzz`, from the bug base to the report.
struct FuzzCampaign {
    let order: FuzzOrder
    private let stop = StopFlag()
    private let clock = ContinuousClock()
    private let start = ContinuousClock().now
    private(set) var tally = FuzzTally()
    private(set) var regressions = FuzzTally()
    /// What was new, and the kinds of states that were seen.
    private(set) var stability = Stability()
    private(set) var capsules: [Capsule] = []
    /// Runs that were not the same the second time, and where they parted.
    private(set) var leaks: [(seed: UInt64, path: String?, text: String)] = []
    private(set) var isComplete = true
    private(set) var wall = Duration.zero

    /// The most failures that get a folder of their own.
    private static var capsuleLimit: Int { 50 }

    init(_ order: FuzzOrder) { self.order = order }

    mutating func run() async throws -> ExitStatus {
        let sources = stop.raiseOnSignals()
        defer { for source in sources { source.cancel() } }
        let base = try Self.bugBase()
        if !base.isEmpty { try await carryOut(FuzzPlan(regressions: base), isBase: true) }
        try await carryOut(FuzzPlan(order), isBase: false)
        wall = clock.now - start
        for index in capsules.indices {
            try capsules[index].finish(budget: order.shrinkBudget, stop: stop)
            FuzzPrinter.failure(capsules[index], order)
        }
        isComplete = isComplete && !stop.isRaised
        FuzzPrinter.summary(self, order)
        if let path = order.junit { try Files.write(Array(JUnit.text(self).utf8), to: path) }
        if !leaks.isEmpty { return .notDeterministic }
        return capsules.isEmpty ? .held : .broken
    }

    /// The scenarios of bugs that were found before, when the present folder has them.
    private static func bugBase() throws -> [ScenarioFile] {
        let folder = "scenarios/regressions"
        guard FileManager.default.fileExists(atPath: folder), let paths = try? Files.find([folder]) else { return [] }
        do { return try paths.map { try Files.read($0) } } catch let error as ScenarioError {
            throw UsageError("a scenario of the bug base is wrong:\n\(error.text)")
        }
    }

    private mutating func carryOut(_ plan: FuzzPlan, isBase: Bool) async throws {
        let deadline = isBase ? nil : order.time.map { start + $0 }
        var line = FuzzLine(label: isBase ? "bug base" : "fuzz", total: plan.count, time: isBase ? nil : order.time)
        var tally = FuzzTally()
        var found: [Capsule] = []
        var parted: [(seed: UInt64, path: String?, text: String)] = []
        let order = order
        let known = capsules.count
        var stability = Stability()
        let enough = StopFlag()
        let isWhole = try await FuzzCrew.run(plan, jobs: order.jobs, deadline: deadline, stop: stop, enough: enough) {
            place, result in
            // What was under way when nothing new came any more is not counted, however many jobs there are.
            guard !enough.isRaised else { return }
            stability.add(result.report)
            for future in result.futures { stability.add(future.report) }
            if order.untilStable && !isBase && stability.isReached { enough.raise() }
            let isNew = tally.add(result.report, isVerified: result.isVerified)
            if isNew, let failure = tally.failures.last, known + found.count < Self.capsuleLimit {
                let capsule = Capsule(failure, result.job, order)
                try capsule.begin()
                found.append(capsule)
            }
            for future in result.futures {
                let isNew = tally.add(future.report, isFuture: true)
                guard isNew, let failure = tally.failures.last, known + found.count < Self.capsuleLimit else {
                    continue
                }
                var job = result.job
                job.scenario = future.scenario
                let capsule = Capsule(failure, job, order)
                try capsule.begin()
                found.append(capsule)
            }
            if let text = result.difference { parted.append((result.job.seed, result.job.path, text)) }
            line.show(tally, states: stability.states.count)
        }
        line.clear()
        for index in found.indices {
            let signature = found[index].failure.signature
            if let failure = tally.failures.first(where: { $0.signature == signature }) {
                found[index].failure.count = failure.count
            }
        }
        if !isWhole { isComplete = false }
        capsules += found
        leaks += parted
        if isBase { regressions = tally } else { (self.tally, self.stability) = (tally, stability) }
    }
}
