import MeshCore
import Scenarios
import Simulator

/// Prints results for people.
enum Printer {
    /// How many failing seeds of a file are shown in full.
    static let failureLimit = 3

    static func mark(_ verdict: Verdict) -> String {
        switch verdict {
        case .held: Terminal.green("held   ")
        case .broken: Terminal.red("broken ")
        case .unknown: Terminal.yellow("unknown")
        }
    }

    /// A file and its sweep.
    static func file(_ file: ScenarioFile, _ sweep: Sweep, _ verdict: Verdict, _ wall: Duration, single: Report?) {
        Terminal.print("\(mark(verdict)) \(Terminal.bold(file.path))  \(file.scenario.title)")
        let seeds =
            single.map { "seed \($0.seed)" } ?? "\(sweep.heldCount) of \(sweep.runCount) seeds held"
        Terminal.print(
            "        \(seeds), \(sweep.simulated) simulated, \(Units.grouped(sweep.events)) events in "
                + "\(Units.wall(wall)) (\(Units.ratio(sweep.simulated, wall))), "
                + "digest \(single?.digest ?? sweep.digest)")
        guard let single, single.verdict == .held else { return }
        for outcome in single.outcomes { Printer.outcome(outcome) }
        metrics(single.metrics)
    }

    private static func outcome(_ outcome: Outcome) {
        let text = outcome.expectation.claim.description
        switch outcome.judgement {
        case .holds:
            var note = ""
            if case .sometimes = outcome.expectation.claim { note = " (\(outcome.occasions) times in this run)" }
            Terminal.print("        \(Terminal.green("+")) \(text)\(Terminal.faint(note))")
        case .broken(let violation):
            Terminal.print("        \(Terminal.red("x")) \(text): \(violation.text)")
        case .unknown(let reason):
            Terminal.print("        \(Terminal.yellow("?")) \(text): \(reason)")
        }
    }

    private static func metrics(_ metrics: Metrics) {
        var parts: [String] = []
        func add(_ count: Int64, _ name: String) {
            if count > 0 { parts.append("\(Units.grouped(UInt64(count))) \(name)") }
        }
        add(metrics.elections, "elections")
        add(metrics.commit, "committed entries")
        add(metrics.committed, "answers")
        if metrics.commitLatency.count > 0 {
            let middle = Units.rounded(metrics.commitLatency.statistic(.p50))
            let tail = Units.rounded(metrics.commitLatency.statistic(.p99))
            parts.append("latency p50 \(middle) p99 \(tail)")
        }
        add(metrics.writes, "gossip writes")
        add(metrics.storageFaults, "disk faults")
        add(metrics.withheldFaults, "withheld")
        add(metrics.refusedStarts, "refused starts")
        add(metrics.suspicions, "suspicions")
        add(metrics.deaths, "death reports")
        add(metrics.messages, "messages")
        add(metrics.lostMessages, "lost")
        if !parts.isEmpty { Terminal.print(Terminal.faint("        " + parts.joined(separator: ", "))) }
    }

    /// One seed, in the verbose form.
    static func seed(_ report: Report) {
        Terminal.print(
            "\(mark(report.verdict)) seed \(report.seed): \(report.end), \(Units.grouped(report.events)) events, "
                + "digest \(report.digest)")
        for outcome in report.outcomes { Printer.outcome(outcome) }
        metrics(report.metrics)
    }

    /// What only all seeds together could have shown.
    static func missed(_ sweep: Sweep) {
        for expectation in sweep.missed {
            Terminal.print("        \(Terminal.red("x")) \(expectation.claim.description): in none of the seeds")
        }
    }

    static func total(_ totals: Totals, _ wall: Duration) {
        let colour = totals.held == totals.files ? Terminal.green : Terminal.red
        Terminal.print(
            colour("\(totals.held) of \(totals.files) scenarios held")
                + ": \(totals.runs) runs, \(totals.simulated) simulated, \(Units.grouped(totals.events)) events in "
                + "\(Units.wall(wall)) (\(Units.ratio(totals.simulated, wall)))")
    }

    /// A table with aligned columns.
    static func table(_ heads: [String], _ rows: [[String]]) {
        let widths = heads.indices.map { column in ([heads] + rows).map { $0[column].count }.max() ?? 0 }
        for (index, row) in ([heads] + rows).enumerated() {
            let cells = row.indices.map { column in
                String(repeating: " ", count: widths[column] - row[column].count) + row[column]
            }
            let line = "        " + cells.joined(separator: "  ")
            Terminal.print(index == 0 ? Terminal.bold(line) : line)
        }
    }
}

// MARK: - Failures

extension Printer {
    /// A run that was broken or undecided: the promise, the evidence, the events before it, and how to see it again.
    static func failure(_ file: ScenarioFile, _ report: Report, _ request: Replay.Request) {
        Terminal.print("")
        Terminal.print("\(mark(report.verdict)) \(file.path), seed \(report.seed), at \(report.end)")
        for outcome in report.outcomes where isShown(outcome, report.verdict) {
            let line = outcome.expectation.location.line
            Terminal.print("  line \(line): \(Terminal.bold(outcome.expectation.claim.description))")
            switch outcome.judgement {
            case .broken(let violation): explain(violation)
            case .unknown(let reason): Terminal.print("    cannot be decided: \(reason)")
            case .holds: break
            }
        }
        if report.verdict == .broken { lastEvents(file, report, request) }
        var command = "mesh replay \(file.path) --seed \(report.seed)"
        if let until = request.until { command += " --until \(until)" }
        Terminal.print("  reproduce: \(Terminal.bold(command))")
    }

    /// A broken run shows what broke it, an undecided one what could not be decided.
    private static func isShown(_ outcome: Outcome, _ verdict: Verdict) -> Bool {
        switch outcome.judgement {
        case .holds: false
        case .broken: true
        case .unknown: verdict == .unknown
        }
    }

    private static func explain(_ violation: Violation) {
        if violation.promise != Promises.expectation {
            Terminal.print("    \(violation.promise): \(violation.promise.sentence)")
        }
        Terminal.print("    \(Terminal.red(violation.text))")
        for evidence in violation.evidence {
            let place = evidence.node.rawValue == 0 ? "" : "\(evidence.node) "
            Terminal.print("      event \(evidence.event) at \(evidence.time): \(place)\(evidence.text)")
        }
    }

    /// Runs the seed again with a trace and prints its last lines.
    private static func lastEvents(_ file: ScenarioFile, _ report: Report, _ request: Replay.Request) {
        var run = Run(file.scenario, seed: report.seed, trace: .text, until: request.until)
        let noticed = report.violation?.evidence.last?.event ?? report.events
        let last = noticed == 0 ? report.events : noticed
        let lead = last > 40 ? last - 40 : 0
        while run.eventCount < lead, !run.advance(events: min(100_000, lead - run.eventCount)) { _ = run.takeTrace() }
        _ = run.takeTrace()
        _ = run.advance(events: last - min(last, run.eventCount))
        var lines = String(decoding: run.takeTrace(), as: UTF8.self).split(separator: "\n")
        if lines.count > 30 { lines.removeFirst(lines.count - 30) }
        Terminal.print("  the last events (event, time, node, what happened, and what followed from it):")
        for line in lines { Terminal.print("  " + line) }
    }
}
