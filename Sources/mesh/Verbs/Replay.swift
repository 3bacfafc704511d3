import Foundation
import MeshCore
import Scenarios
import Simulator

/// `mesh replay`: runs scenarios and says what became of them.
enum Replay {
    static let verb = Verb(
        name: "replay",
        summary: "run scenario files and say whether their expectations held",
        operands: "FILE...",
        options: [
            Option(name: "--seed", value: "N|A..B", summary: "run these seeds instead of the file's own"),
            Option(name: "--until", value: "T", summary: "stop at this virtual time, such as 5s"),
            Option(
                name: "--trace", value: "OUT.jsonl",
                summary: "write every step of one seed of one file down (- is stdout)"),
            Option(
                name: "--trace-format", value: "NAME",
                summary: "jsonl, or etcd-raft for the trace validation of etcd-io/raft (default: jsonl)"),
            Option(
                name: "--disks", value: "FOLDER",
                summary: "write the disk of every node at the end of one seed of one file as real files"),
            Option(name: "--json", value: nil, summary: "print one JSON object a run, then one a file"),
            Option(name: "--effective", value: nil, summary: "print the scenario as drawn from the seed and stop"),
            Option(name: "--verify", value: nil, summary: "run twice, in two processes; name the first difference"),
            Option(name: "--jobs", value: "N", summary: "run so many seeds at once (default: one a core)"),
            Option(name: "--verbose", value: nil, summary: "show every seed, its expectations and its metrics"),
        ],
        details: """
            A folder stands for every .mesh file below it. The same seed gives the same digest on every machine.
            Exit status: 0 every expectation held, 1 one was broken, 2 a file or an argument is wrong, 3 a checker could
            not decide, 4 a run was not deterministic.
            """,
        examples: [
            ("mesh replay scenarios/raft/leader-cut-off.mesh", "every seed of the file"),
            ("mesh replay scenarios --seed 1..100", "a hundred seeds of every scenario"),
            ("mesh replay FILE --seed 7 --trace run.jsonl", "one run, written down step by step"),
            (
                "mesh replay FILE --trace-format etcd-raft --until 2s",
                "what Raft does, for etcd's TLA+ trace validation"
            ),
            ("mesh replay FILE --seed 7 --disks disks", "then \"mesh wal inspect disks/n1\" shows what node 1 wrote"),
            ("mesh replay FILE --seed 7 --effective", "what seed 7 draws from the ranges of the file"),
        ],
        run: { try await run($0) })

    /// What a call asks for.
    struct Request: Sendable {
        var seeds: Scenario.Seeds?
        var until: Instant?
        var trace: String?
        var isTraceForEtcd: Bool
        var disks: String?
        var isJSON: Bool
        var isVerbose: Bool
        var jobs: Int

        init(_ arguments: Arguments) throws {
            seeds = try arguments.value("--seed").map { try Values.seeds($0) }
            until = try arguments.value("--until").map { try Values.instant($0) }
            isTraceForEtcd = try arguments.value("--trace-format").map { try Replay.isForEtcd($0) } ?? false
            trace = arguments.value("--trace") ?? (isTraceForEtcd ? "-" : nil)
            disks = arguments.value("--disks")
            isJSON = arguments.has("--json")
            isVerbose = arguments.has("--verbose")
            let cores = ProcessInfo.processInfo.activeProcessorCount
            jobs = try arguments.value("--jobs").map { try Values.count($0, of: "--jobs") } ?? cores
        }
    }

    private static func isForEtcd(_ format: String) throws -> Bool {
        guard format != "jsonl" else { return false }
        guard format == "etcd-raft" else {
            throw UsageError(
                "there is no trace format \"\(format)\"",
                hint: Suggestion.text(for: format, among: ["jsonl", "etcd-raft"]) ?? "jsonl and etcd-raft are known.")
        }
        return true
    }

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let request = try Request(arguments)
        guard !arguments.operands.isEmpty else {
            throw UsageError("\"mesh replay\" needs a scenario file", hint: "\"mesh list\" shows what is there.")
        }
        var files: [ScenarioFile] = []
        var mistakes = ""
        for path in try Files.find(arguments.operands) {
            do { files.append(try Files.read(path)) } catch let error as ScenarioError { mistakes += error.text }
        }
        guard mistakes.isEmpty else {
            Terminal.write(mistakes, to: .standardError)
            return .usage
        }
        if arguments.has("--effective") { return printEffective(files, request) }
        if let disks = request.disks { return try Disks.write(files, request, to: disks) }
        if let trace = request.trace { return try writeTrace(files, request, to: trace) }
        if arguments.has("--verify") { return try await Verification.run(files, request) }
        return await replay(files, request)
    }

    private static func printEffective(_ files: [ScenarioFile], _ request: Request) -> ExitStatus {
        for file in files {
            let seeds = request.seeds ?? file.scenario.seeds
            Terminal.write(file.scenario.drawn(seed: seeds[0]).description, to: .standardOutput)
        }
        return .held
    }

    /// Runs all seeds of all files and prints what became of them.
    private static func replay(_ files: [ScenarioFile], _ request: Request) async -> ExitStatus {
        var worst = ExitStatus.held
        var totals = Totals()
        let clock = ContinuousClock()
        let start = clock.now
        for file in files {
            let status: ExitStatus
            if file.scenario.variations.isEmpty {
                status = await replayOne(file, request, &totals)
            } else {
                status = await Table.run(file, request, &totals)
            }
            worst = worse(worst, status)
        }
        if files.count > 1 && !request.isJSON { Printer.total(totals, clock.now - start) }
        return worst
    }

    private static func replayOne(
        _ file: ScenarioFile, _ request: Request, _ totals: inout Totals
    ) async -> ExitStatus {
        let seeds = request.seeds ?? file.scenario.seeds
        let clock = ContinuousClock()
        let start = clock.now
        var sweep = Sweep(file.scenario)
        var failures: [Report] = []
        var shown: Report?
        await Crew.run(file.scenario, seeds, request, label: file.path) { report in
            sweep.add(report)
            if report.verdict != .held && failures.count < Printer.failureLimit { failures.append(report) }
            if shown == nil { shown = report }
            if request.isJSON { JSONPrinter.run(file, report) }
            if request.isVerbose && !request.isJSON { Printer.seed(report) }
        }
        let isComplete = request.seeds == nil && request.until == nil
        let verdict = sweep.verdict(isComplete: isComplete)
        totals.add(sweep, verdict)
        if request.isJSON {
            JSONPrinter.file(file, sweep, verdict)
        } else {
            Printer.file(file, sweep, verdict, clock.now - start, single: seeds.count == 1 ? shown : nil)
            if isComplete { Printer.missed(sweep) }
            for report in failures { Printer.failure(file, report, request) }
        }
        switch verdict {
        case .held: return .held
        case .broken: return .broken
        case .unknown: return .unknown
        }
    }

    /// The status that speaks of more trouble.
    static func worse(_ left: ExitStatus, _ right: ExitStatus) -> ExitStatus {
        let order: [ExitStatus] = [.held, .unknown, .broken, .usage, .notDeterministic]
        let places = [left, right].map { order.firstIndex(of: $0) ?? 0 }
        return places[0] >= places[1] ? left : right
    }

    private static func writeTrace(_ files: [ScenarioFile], _ request: Request, to path: String) throws -> ExitStatus {
        guard files.count == 1, let file = files.first else {
            throw UsageError("--trace takes one scenario file", hint: "name one of the \(files.count) files.")
        }
        let first = file.scenario.seeds[0]
        let seeds = request.seeds ?? Scenario.Seeds([Scenario.SeedRange(first, first)])
        guard seeds.count == 1 else {
            throw UsageError("--trace takes one seed", hint: "add --seed \(seeds[0])")
        }
        let handle = try Files.writer(path)
        var run = Run(
            file.scenario, seed: seeds[0], trace: request.isTraceForEtcd ? nil : .jsonLines,
            writesEtcdTrace: request.isTraceForEtcd, until: request.until)
        var isOver = false
        while !isOver {
            isOver = run.advance(events: 20_000)
            do {
                try handle.write(contentsOf: Data(run.takeTrace()))
            } catch {
                throw UsageError("\(path): cannot be written: \(Files.reason(error))", hint: "is the disk full?")
            }
        }
        let report = run.report
        guard path != "-" else { return status(report.verdict) }
        if request.isJSON {
            JSONPrinter.run(file, report)
        } else {
            Printer.seed(report)
            if report.verdict != .held { Printer.failure(file, report, request) }
            Terminal.print("trace of \(report.events) events written to \(path)")
        }
        return status(report.verdict)
    }

    static func status(_ verdict: Verdict) -> ExitStatus {
        switch verdict {
        case .held: .held
        case .broken: .broken
        case .unknown: .unknown
        }
    }
}

/// What all files of a call add up to.
struct Totals {
    var files = 0
    var held = 0
    var runs: UInt64 = 0
    var events: UInt64 = 0
    var simulated = Interval.zero

    mutating func add(_ sweep: Sweep, _ verdict: Verdict) {
        files += 1
        if verdict == .held { held += 1 }
        runs += sweep.runCount
        events += sweep.events
        simulated = simulated + sweep.simulated
    }
}
