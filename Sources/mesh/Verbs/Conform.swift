import Foundation
import MeshCore
import Scenarios

/// `mesh conformance`: runs data-driven files and says which of their cases come out differently.
enum Conform {
    static let verb = Verb(
        name: "conformance",
        summary: "run data-driven test files and show every output that differs",
        operands: "FILE...",
        options: [
            Option(name: "--rewrite", value: nil, summary: "put the present outputs in the place of the expected ones"),
            Option(name: "--json", value: nil, summary: "print one JSON object a file"),
        ],
        details: """
            A folder stands for every .txt file below it. The files ask the arithmetic of quorums, or move a
            Raft group by hand and show every effect; docs/conformance.md describes them. Read every line of a
            rewritten file before you commit it.
            Exit status: 0 every case agrees, 1 one differs, 2 a file or an argument is wrong.
            """,
        examples: [
            ("mesh conformance Tests/Conformance", "every file that comes with this repository"),
            ("mesh conformance raft/quorum/testdata", "the quorum tests of a copy of etcd-io/raft"),
            ("mesh conformance --rewrite FILE", "take the present outputs over"),
        ],
        operandKind: .files("txt"),
        run: { try run($0) })

    /// What all files of a call add up to.
    private struct Totals {
        var files = 0
        var cases = 0
        var differing = 0
        var rewritten = 0
        var unreadable = 0
    }

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard !arguments.operands.isEmpty else {
            throw UsageError(
                "\"mesh conformance\" needs a file or a folder",
                hint: "write \"mesh conformance Tests/Conformance\"")
        }
        var totals = Totals()
        let isJSON = arguments.has("--json")
        for path in try Files.find(arguments.operands, suffix: ".txt") {
            let source = try Files.bytes(path)
            do {
                let outcome = try Conformance.check(source)
                totals.files += 1
                totals.cases += outcome.caseCount
                totals.differing += outcome.differences.count
                if isJSON { printJSON(path, outcome) } else { printText(path, outcome) }
                if arguments.has("--rewrite"), outcome.rewritten != source {
                    totals.rewritten += 1
                    try Files.write(outcome.rewritten, to: path)
                }
            } catch let error as Scenario.ParseError {
                totals.unreadable += 1
                Terminal.write(error.render(source: source, file: path), to: .standardError)
            }
        }
        if !isJSON { printSummary(totals, isRewriting: arguments.has("--rewrite")) }
        if totals.unreadable > 0 { return .usage }
        return totals.differing == 0 || arguments.has("--rewrite") ? .held : .broken
    }

    private static func printText(_ path: String, _ outcome: Conformance.Outcome) {
        let cases = Units.counted(outcome.caseCount, "case", "cases")
        guard !outcome.differences.isEmpty else {
            return Terminal.print("\(Terminal.green("agrees ")) \(path)  \(cases)")
        }
        Terminal.print("\(Terminal.red("differs")) \(path)  \(outcome.differences.count) of \(cases)")
        for difference in outcome.differences {
            let lines = difference.render(file: path).split(separator: "\n", omittingEmptySubsequences: false)
            for line in lines.dropLast() { Terminal.print("  \(line)") }
        }
    }

    private static func printSummary(_ totals: Totals, isRewriting: Bool) {
        let place =
            "\(Units.counted(totals.cases, "case", "cases")) in \(Units.counted(totals.files, "file", "files"))"
        if totals.cases == 0 && totals.unreadable > 0 {
            Terminal.print("no case was compared")
        } else if totals.differing == 0 {
            Terminal.print("\(place): \(Terminal.green("all agree"))")
        } else {
            let differ = totals.differing == 1 ? "1 differs" : "\(totals.differing) differ"
            Terminal.print("\(place): \(Terminal.red(differ))")
        }
        if isRewriting { Terminal.print("\(Units.counted(totals.rewritten, "file", "files")) rewritten") }
        if totals.unreadable > 0 {
            Terminal.error("\(Units.counted(totals.unreadable, "file", "files")) could not be read")
        }
    }

    private static func printJSON(_ path: String, _ outcome: Conformance.Outcome) {
        var object = JSONObject()
        object.add("file", path)
        object.add("verdict", outcome.differences.isEmpty ? "agrees" : "differs")
        object.add("cases", UInt64(outcome.caseCount))
        object.add(
            "differences",
            objects: outcome.differences.map { difference in
                var object = JSONObject()
                object.add("line", UInt64(difference.line))
                object.add("command_line", UInt64(difference.commandLine))
                object.add("command", difference.command.description)
                object.add("expected", String(decoding: difference.expected.storage, as: UTF8.self))
                object.add("actual", String(decoding: difference.actual.storage, as: UTF8.self))
                return object
            })
        Terminal.print(object.text)
    }
}
