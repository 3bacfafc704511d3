import MeshCore
import Scenarios

/// Runs every cell of a scenario that varies parameters, and prints the table.
enum Table {
    static func run(_ file: ScenarioFile, _ request: Replay.Request, _ totals: inout Totals) async -> ExitStatus {
        let clock = ContinuousClock()
        let start = clock.now
        var worst = ExitStatus.held
        var rows: [[String]] = []
        var all = Sweep(file.scenario)
        var failures: [(ScenarioFile, Report)] = []
        let variations = file.scenario.variations
        for cell in file.scenario.cells {
            let seeds = request.seeds ?? cell.scenario.seeds
            var sweep = Sweep(cell.scenario)
            var samples = [[Int64]](repeating: [], count: cell.scenario.measures.count)
            await Crew.run(cell.scenario, seeds, request, label: file.path) { report in
                sweep.add(report)
                all.add(report)
                for index in 0..<samples.count {
                    if let value = report.measures[index] { samples[index].append(value) }
                }
                if request.isJSON { JSONPrinter.run(file, report, cell: texts(cell, variations)) }
                if report.verdict != .held, failures.count < Printer.failureLimit { failures.append((file, report)) }
            }
            let verdict = sweep.verdict(isComplete: request.seeds == nil && request.until == nil)
            worst = Replay.worse(worst, Replay.status(verdict))
            let measured = samples.indices.map { index in
                Units.median(samples[index], of: cell.scenario.measures[index].metric, runs: Int(sweep.runCount))
            }
            rows.append(texts(cell, variations) + measured + [verdict.text])
        }
        let verdict: Verdict = worst == .held ? .held : (worst == .broken ? .broken : .unknown)
        totals.add(all, verdict)
        if request.isJSON {
            JSONPrinter.file(file, all, verdict)
            return worst
        }
        Printer.file(file, all, verdict, clock.now - start, single: nil)
        let heads =
            variations.map { $0.name }
            + file.scenario.measures.map { $0.metric.description } + ["verdict"]
        Printer.table(heads, rows)
        for (file, report) in failures { Printer.failure(file, report, request) }
        return worst
    }

    /// The values of a cell as a file writes them.
    private static func texts(_ cell: Cell, _ variations: [Scenario.Variation]) -> [String] {
        zip(variations, cell.values).map { $0.text(of: $1) }
    }
}
