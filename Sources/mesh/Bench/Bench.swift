import Foundation
import MeshCore
import Scenarios

/// `mesh bench`: measures how fast news spreads, or what a scenario varies, and compares with the formulas.
enum Bench {
    static let verb = Verb(
        name: "bench",
        summary: "measure how fast news spreads and what it costs, beside the formulas",
        operands: "convergence|FILE",
        options: [
            Option(name: "--protocol", value: "NAME,...", summary: "what is measured (default: \(usualNames))"),
            Option(name: "--nodes", value: "N,...", summary: "how many nodes (default: 10,100,1000,10000)"),
            Option(name: "--loss", value: "P%,...", summary: "share of messages lost (default: 0%,5%,20%)"),
            Option(name: "--fanout", value: "N,...", summary: "how many others a node tells (default: the protocol's)"),
            Option(name: "--topology", value: "NAME,...", summary: "full, ring, tree or regions (default: full)"),
            Option(name: "--seeds", value: "N|A..B", summary: "run these seeds (default: 1..3, or the file's)"),
            Option(name: "--quick", value: nil, summary: "small sizes, seconds instead of minutes"),
            Option(name: "--csv", value: "OUT.csv", summary: "write the table as CSV as well (- is stdout)"),
            Option(name: "--json", value: "OUT.json", summary: "write the table as JSON as well (- is stdout)"),
            Option(name: "--plot", value: "OUT.svg", summary: "draw it, with the formulas as dashed lines"),
            Option(name: "--jobs", value: "N", summary: "run so many seeds at once (default: one a core)"),
        ],
        details: """
            "convergence" runs real nodes in the simulator and prints time, messages, bytes and duplicates for each
            setting, each beside its formula. FILE is a scenario with "vary" and "measure": every cell over all its
            seeds. The same call prints the same bytes on every machine, however many jobs there are. Ctrl-C prints
            what is complete. docs/convergence.md has the formulas with their sources.
            Protocols:
            \(Convergence.Family.allCases.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
            Exit status: 0 measured, 1 an expectation of FILE was broken, 2 a file or an argument is wrong, 3 stopped
            early, or a checker of FILE could not decide.
            """,
        examples: [
            ("mesh bench convergence --plot spread.svg", "all protocols, some two minutes"),
            ("mesh bench convergence --protocol kv --nodes 100,1000 --loss 0%,20%", "one protocol, four settings"),
            ("mesh bench convergence --protocol push --nodes 1000000", "a million nodes, in the model"),
            ("mesh bench scenarios/gossip/spread.mesh --csv spread.csv", "what a file varies and measures"),
        ],
        operandKind: .wordAndFiles(["convergence"]),
        run: { try await run($0) })

    private static var usualNames: String { BenchOrder.usualFamilies.map { $0.name }.joined(separator: ",") }

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        guard let what = arguments.operands.first else {
            throw UsageError(
                "\"mesh bench\" needs to know what to measure",
                hint: "write \"mesh bench convergence\", or name a scenario with vary and measure")
        }
        guard arguments.operands.count == 1 else { throw UsageError("\"mesh bench\" measures one thing at a time") }
        let sinks = try BenchSinks(arguments)
        let stop = StopFlag()
        stop.raiseOnSignals()
        if what == "convergence" {
            let order = try BenchOrder(arguments)
            let report = await ConvergenceReport.run(order, stop)
            try sinks.write(report)
            return report.isComplete ? .held : .unknown
        }
        guard FileManager.default.fileExists(atPath: what) else {
            throw UsageError(
                "\(what): there is no such file",
                hint: Suggestion.text(for: what, among: ["convergence"])
                    ?? "name a scenario with vary and measure, or write \"mesh bench convergence\"")
        }
        let report = try await ScenarioBench.run(what, arguments, stop)
        try sinks.write(report)
        return report.status
    }
}
