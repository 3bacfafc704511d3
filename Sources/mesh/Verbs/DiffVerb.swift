import Foundation
import MeshCore
import Scenarios
import Simulator

/// `mesh diff`: names the first event at which two runs part.
enum DiffVerb {
    static let verb = Verb(
        name: "diff",
        summary: "name the first event at which two runs part",
        operands: "A B",
        options: [
            Option(name: "--seed", value: "N|N,M", summary: "the seeds of two scenarios (default: the first of each)"),
            Option(name: "--until", value: "T", summary: "compare up to this virtual time"),
            Option(name: "--json", value: nil, summary: "print one JSON object"),
        ],
        details: """
            A and B are scenarios, which are run, or traces that "mesh replay --trace" wrote, such as those of two
            versions of this program. The event before the first difference is shown too.
            Exit status: 0 the runs are the same, 1 they part, 2 a file or an argument is wrong.
            """,
        examples: [
            ("mesh diff old.jsonl new.jsonl", "two recorded traces"),
            ("mesh diff FILE changed.mesh --seed 7", "what a change of a scenario changes first"),
            ("mesh diff FILE FILE --seed 7,8", "two seeds of one scenario"),
        ],
        run: { try run($0) })

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard arguments.operands.count == 2 else {
            throw UsageError("\"mesh diff\" needs two files", hint: "scenarios, or what \"mesh replay --trace\" wrote.")
        }
        let seeds = try arguments.value("--seed").map { try Values.seeds($0) }
        if let seeds, seeds.count > 2 { throw UsageError("two runs have two seeds at most", hint: "write --seed 7,8") }
        let until = try arguments.value("--until").map { try Values.instant($0) }
        var traces: [[UInt8]] = []
        for (place, path) in arguments.operands.enumerated() {
            let seed = seeds.map { $0[min(UInt64(place), $0.count - 1)] }
            traces.append(try trace(of: path, seed, until))
        }
        guard let difference = TraceDifference.first(traces[0], traces[1]) else {
            let lines = traces[0].count { $0 == 10 }
            if arguments.has("--json") {
                Terminal.print("{\"same\":true,\"lines\":\(lines)}")
            } else {
                Terminal.print("\(Terminal.green("same")): \(lines) lines")
            }
            return .held
        }
        let before = line(difference.line - 1, of: traces[0])
        if arguments.has("--json") {
            printJSON(difference, before)
        } else {
            Terminal.print("\(Terminal.red("the runs part")) at line \(difference.line) of their traces")
            if let before { Terminal.print("  both  \(before)") }
            Terminal.print("  A     \(difference.left)")
            Terminal.print("  B     \(difference.right)")
        }
        return .broken
    }

    private static func trace(of path: String, _ seed: UInt64?, _ until: Instant?) throws -> [UInt8] {
        guard Traces.isScenario(path) else {
            guard seed == nil else {
                throw UsageError("\(path) is a trace and has one seed", hint: "leave --seed out.")
            }
            let trace = try Files.bytes(path)
            let records = try Traces.records(of: trace, path)
            guard let until else { return trace }
            let kept = records.prefix { $0.time <= until }.count
            return Array(trace.split(separator: 10).prefix(kept).joined(separator: [10])) + [10]
        }
        let file = try Files.read(path)
        var run = Run(file.scenario, seed: seed ?? file.scenario.seeds[0], trace: .jsonLines, until: until)
        _ = run.advance()
        return run.takeTrace()
    }

    /// A line by its number; `nil` when it is not there.
    private static func line(_ number: Int, of trace: [UInt8]) -> String? {
        guard number > 0 else { return nil }
        let lines = trace.split(separator: 10, maxSplits: number, omittingEmptySubsequences: false)
        return lines.count >= number ? String(decoding: lines[number - 1], as: UTF8.self) : nil
    }

    private static func printJSON(_ difference: TraceDifference, _ before: String?) {
        var text: [UInt8] = Array("{\"same\":false,\"line\":\(difference.line),\"before\":".utf8)
        JSONText.quote(before ?? "", into: &text)
        text.append(contentsOf: ",\"a\":".utf8)
        JSONText.quote(difference.left, into: &text)
        text.append(contentsOf: ",\"b\":".utf8)
        JSONText.quote(difference.right, into: &text)
        Terminal.print(String(decoding: text, as: UTF8.self) + "}")
    }
}
