import Foundation
import MeshCore
import Scenarios
import Simulator

/// `mesh trace`: turns a run into what other tools draw.
enum TraceVerb {
    static let verb = Verb(
        name: "trace",
        summary: "turn a run into a diagram, or into what ShiViz, Perfetto, Mermaid, Jepsen or Graphviz read",
        operands: "FILE",
        options: [
            Option(
                name: "--format", value: "NAME",
                summary: "\(names.joined(separator: ", ")) (default: text)"),
            Option(name: "--seed", value: "N", summary: "the seed of a scenario (default: its first)"),
            Option(name: "--from", value: "T", summary: "leave out what comes before this virtual time, such as 2s"),
            Option(name: "--to", value: "T", summary: "leave out what comes after this virtual time"),
            Option(name: "--out", value: "FILE", summary: "write there instead of to stdout"),
        ],
        details: """
            FILE is a scenario, which is run, or a trace that "mesh replay --trace" wrote. A message that is lost is
            drawn as the latest one that can be meant. "jepsen" is the history of the clients, which takes a scenario
            that demands "always linearizable"; "mesh lin check --format edn" judges it. "mermaid" ends after
            \(Exports.Story.mermaidLimit) bytes, the most that programs draw.
            Exit status: 0 written, 2 a file or an argument is wrong.
            """,
        examples: [
            ("mesh trace FILE --seed 7 --from 2s --to 2100ms", "a tenth of a second, for the terminal"),
            ("mesh trace FILE --seed 7 --format shiviz --out run.log", "vector clocks, for ShiViz"),
            ("mesh trace run.jsonl --format perfetto --out run.json", "a recorded trace, for ui.perfetto.dev"),
        ],
        run: { try run($0) })

    private static var names: [String] { Exports.Format.allCases.map { $0.name.description } }

    /// What a call asks for.
    private struct Request {
        var format: Exports.Format
        var seed: UInt64?
        var from: Instant?
        var to: Instant?

        init(_ arguments: Arguments) throws {
            format = try arguments.value("--format").map { try TraceVerb.format($0) } ?? .text
            seed = try arguments.value("--seed").map { try Values.seed($0) }
            from = try arguments.value("--from").map { try Values.instant($0) }
            to = try arguments.value("--to").map { try Values.instant($0) }
        }
    }

    private static func format(_ name: String) throws -> Exports.Format {
        guard let format = Exports.Format.allCases.first(where: { $0.name.description == name }) else {
            throw UsageError(
                "there is no format \"\(name)\"",
                hint: Suggestion.text(for: name, among: names) ?? "\(names.joined(separator: ", ")) are known.")
        }
        return format
    }

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard arguments.operands.count == 1, let path = arguments.operands.first else {
            throw UsageError(
                "\"mesh trace\" needs one file", hint: "a scenario, or what \"mesh replay --trace\" wrote.")
        }
        let request = try Request(arguments)
        let written = try Traces.isScenario(path) ? exported(try Files.read(path), request) : story(path, request)
        try Files.write(written, to: arguments.value("--out") ?? "-")
        return .held
    }

    /// Runs a scenario and writes it in the format.
    private static func exported(_ file: ScenarioFile, _ request: Request) throws -> [UInt8] {
        let isHistory = request.format == .jepsen
        var run = Run(
            file.scenario, seed: request.seed ?? file.scenario.seeds[0], trace: isHistory ? nil : .jsonLines,
            until: request.to)
        _ = run.advance()
        if !isHistory { return try written(run.takeTrace(), file.path, request) }
        guard let history = run.jepsenHistory else {
            throw UsageError(
                "\(file.path) keeps no history of its clients", hint: "add \"always linearizable\" to what it expects.")
        }
        return history
    }

    private static func story(_ path: String, _ request: Request) throws -> [UInt8] {
        guard request.seed == nil else {
            throw UsageError("\(path) is a trace and has one seed", hint: "leave --seed out.")
        }
        return try written(try Files.bytes(path), path, request)
    }

    private static func written(_ trace: [UInt8], _ path: String, _ request: Request) throws -> [UInt8] {
        let whole = Exports.Story(try Traces.records(of: trace, path))
        let story = whole.window(
            from: request.from ?? .zero, to: request.to ?? Instant(nanoseconds: Int64.max))
        guard !story.events.isEmpty else {
            throw UsageError("\(path): nothing happens in that time", hint: "choose other --from and --to.")
        }
        guard let written = story.written(as: request.format) else {
            throw UsageError("a trace holds no history of clients", hint: "name the scenario and its seed instead.")
        }
        return written
    }
}

/// What commands that read traces have in common.
enum Traces {
    /// Whether a file is a scenario by its name, and not a trace.
    static func isScenario(_ path: String) -> Bool { path.hasSuffix(".mesh") }

    /// Reads a trace.
    ///
    /// - Throws: `ScenarioError` with the file, the line and what is wrong there.
    static func records(of trace: [UInt8], _ path: String) throws -> [Exports.Record] {
        do {
            return try Exports.records(of: trace)
        } catch {
            throw ScenarioError(text: error.render(source: trace, file: path))
        }
    }
}
