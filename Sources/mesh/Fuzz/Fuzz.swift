import Foundation
import Scenarios

/// `mesh fuzz`: looks for failures over many seeds, and hands over the smallest scenario that shows each.
enum Fuzz {
    static let verb = Verb(
        name: "fuzz",
        summary: "look for failures over many drawn worlds or seeds, and shrink what is found",
        operands: "[FILE|FOLDER...] | merge FOLDER...",
        options: [
            Option(
                name: "--seeds", value: "A..B|A+N|A", summary: "these seeds (default: 1+1000); A may be a commit hash"),
            Option(name: "--time", value: "T", summary: "go on for this long, such as 60s"),
            Option(
                name: "--explore", value: "KIND",
                summary: "try further futures of each run: once, branching, boundaries or mix (default: mix)"),
            Option(
                name: "--boundaries", value: nil,
                summary: "crash each node of one FILE before and after each of its syncs, one crash a run"),
            Option(
                name: "--until-stable", value: nil,
                summary: "end when half of the runs brought no new mark, no new failure and hardly a new state"),
            Option(name: "--jobs", value: "N", summary: "run so many seeds at once (default: one a core)"),
            Option(
                name: "--profile", value: "NAME",
                summary: "what worlds are drawn: raft, membership, gossip, storage or all (default: all)"),
            Option(
                name: "--out", value: "FOLDER",
                summary: "write a record of the campaign, and a folder with everything about each failure"),
            Option(name: "--resume", value: nil, summary: "go on with the record in --out instead of starting anew"),
            Option(
                name: "--shard", value: "I/N|auto",
                summary: "the I-th of N equal parts of the seeds; auto asks the scheduler's variables"),
            Option(name: "--junit", value: "FILE.xml", summary: "write the result for a CI that reads JUnit"),
            Option(name: "--json", value: nil, summary: "print one JSON object"),
            Option(
                name: "--shrink-budget", value: "N",
                summary: "runs one shrinking may take (default: 2000, 0 for none)"),
            Option(
                name: "--shrink-time", value: "T",
                summary: "how long all shrinking together may take (default: 120s); what is reached by then is kept"),
            Option(
                name: "--marks", value: "FILE",
                summary: "fail when a mark of this file is no longer reached; its seeds and profile if none are given"),
            Option(name: "--update-marks", value: nil, summary: "rewrite the file of --marks with what was reached"),
            Option(name: "--any-build", value: nil, summary: "merge records of different builds of mesh"),
            Option(name: "--effective", value: nil, summary: "print the world of the first seed and stop"),
        ],
        details: """
            Without files each seed draws a world: nodes, settings, network, disks, clients and faults. With files each
            seed runs every file. What lies in scenarios/regressions is replayed first. One of twenty seeds is run twice
            and must give the same run. The same seeds give the same failures and the same digest with any --jobs.
            Ctrl-C ends the campaign with a report of what was done.
            "mesh fuzz merge" adds up the records that shards wrote with --out; it counts no run twice and names the
            runs that are missing.
            Exit status: 0 nothing failed, 1 something did, 2 a file or an argument is wrong, or something could not be
            read or written, 3 runs are missing from a merge in which nothing failed, 4 a run was not deterministic.
            """,
        examples: [
            ("mesh fuzz --time 60s --out failures", "a minute of everything, on every core"),
            (
                "mesh fuzz --seeds $(git rev-parse HEAD)+1000",
                "other seeds for each commit, the same for all who check it"
            ),
            ("mesh fuzz scenarios/raft --seeds 1..100", "a hundred seeds of every scenario of a folder"),
            ("mesh fuzz scenarios/raft/busy-leader.mesh --boundaries", "a crash at every sync of its run"),
            ("mesh fuzz --profile raft --until-stable", "as many runs as bring something new"),
            ("mesh fuzz --seeds 1+9000 --shard 2/3 --out part-2", "the second of three machines"),
            ("mesh fuzz merge part-1 part-2 part-3 --out all", "what the three found together"),
            ("mesh fuzz --profile raft --seeds 7 --effective", "the world that seed 7 draws"),
        ],
        run: { try await run($0) })

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        // A file that may grow no further is an error like a full disk, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        if arguments.operands.first == "merge" { return try FuzzMerge.run(arguments) }
        if arguments.has("--any-build") { throw UsageError("--any-build is for \"mesh fuzz merge\"") }
        let order = try FuzzOrder(arguments)
        if arguments.has("--effective") {
            let job = try FuzzPlan(order).job(0)
            Terminal.write(job.scenario.drawn(seed: job.seed).description, to: .standardOutput)
            return .held
        }
        var campaign = try FuzzCampaign(order)
        return try await campaign.run()
    }
}
