import Foundation
import MeshCore
import Scenarios
import Simulator

/// `mesh lin check`: judges histories of operations that were recorded anywhere.
enum Lin {
    static let verb = Verb(
        name: "lin",
        summary: "judge whether histories of operations are linearizable",
        operands: "check HISTORY...",
        options: [
            Option(
                name: "--model", value: "NAME",
                summary: "register, kv or list-append (default: register for jepsen-etcd, otherwise kv)"),
            Option(
                name: "--format", value: "NAME",
                summary: "porcupine-kv, jepsen-etcd, edn or jsonl (default: by the name of the file)"),
            Option(name: "--initial", value: "VALUE", summary: "what every key holds at first (default: nothing)"),
            Option(
                name: "--budget", value: "N",
                summary: "how often an operation may be tried on a state (default: \(defaultBudget))"),
            Option(name: "--json", value: nil, summary: "print one JSON object a history"),
        ],
        details: """
            Without --format, .jsonl is jsonl, .edn is edn and .log is jepsen-etcd. Every key is judged on its own. A
            history that is not linearizable is explained by the longest legal order that was found and the operation
            that fits nowhere behind it.
            Exit status: 0 every history is linearizable, 1 one is not, 2 a file or an argument is wrong, 3 the budget
            was spent before one was decided.
            """,
        examples: [
            ("mesh lin check --model register etcd_002.log", "a log of Jepsen's test of etcd"),
            ("mesh lin check --model kv --format porcupine-kv c10-bad.txt", "a log of Porcupine's tests"),
            ("mesh lin check --model list-append --json history.edn", "for a program"),
        ],
        operandKind: .wordAndFiles(["check"]),
        run: { try run($0) })

    static let defaultBudget: UInt64 = 20_000_000

    /// What a call asks for.
    private struct Request {
        var model: Linearizability.Model?
        var format: Histories.Format?
        var initial: Linearizability.Value?
        var budget: UInt64
        var isJSON: Bool

        init(_ arguments: Arguments) throws {
            model = try arguments.value("--model").map { try Lin.model($0) }
            format = try arguments.value("--format").map { try Lin.format($0) }
            initial = arguments.value("--initial").map { .text(Bytes($0)) }
            if initial != nil, model == .listAppend {
                throw UsageError("a list is empty at first; leave --initial out")
            }
            budget =
                try arguments.value("--budget").map { UInt64(try Values.count($0, of: "--budget")) }
                ?? Lin.defaultBudget
            isJSON = arguments.has("--json")
        }
    }

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard arguments.operands.first == "check" else {
            throw UsageError(
                "\"mesh lin\" needs the word \"check\"", hint: "write \"mesh lin check --model register HISTORY\"")
        }
        let paths = arguments.operands.dropFirst()
        guard !paths.isEmpty else { throw UsageError("\"mesh lin check\" needs a history") }
        let request = try Request(arguments)
        var worst = ExitStatus.held
        for path in paths { worst = Replay.worse(worst, try check(path, request)) }
        return worst
    }

    private static func check(_ path: String, _ request: Request) throws -> ExitStatus {
        let format = try request.format ?? format(of: path)
        let model = request.model ?? (format == .jepsenEtcd ? .register : .keyValue)
        let source = try Files.bytes(path)
        let history: Histories.History
        do {
            history = try Histories.parse(source, format, model: model)
        } catch {
            Terminal.write(error.render(source: source, file: path), to: .standardError)
            return .usage
        }
        let clock = ContinuousClock()
        let start = clock.now
        let result = Linearizability.check(
            history.operations, model: model, initial: request.initial ?? history.initial,
            budget: request.budget)
        let wall = clock.now - start
        if request.isJSON {
            printJSON(path, history, result, wall)
        } else {
            printText(path, history, result, wall)
        }
        switch result.verdict {
        case .holds: return .held
        case .broken: return .broken
        case .unknown: return .unknown
        }
    }

    private static func model(_ name: String) throws -> Linearizability.Model {
        let models: [String: Linearizability.Model] = [
            "register": .register, "kv": .keyValue, "list-append": .listAppend,
        ]
        if let model = models[name] { return model }
        throw UsageError(
            "there is no model \"\(name)\"",
            hint: Suggestion.text(for: name, among: models.keys.sorted()) ?? "register, kv and list-append are known.")
    }

    private static func format(_ name: String) throws -> Histories.Format {
        let names = Histories.Format.allCases.map { $0.name.description }
        if let index = names.firstIndex(of: name) { return Histories.Format.allCases[index] }
        throw UsageError(
            "there is no format \"\(name)\"",
            hint: Suggestion.text(for: name, among: names) ?? "porcupine-kv, jepsen-etcd, edn and jsonl are known.")
    }

    private static func format(of path: String) throws -> Histories.Format {
        switch (path as NSString).pathExtension {
        case "jsonl", "ndjson": return .jsonl
        case "edn": return .edn
        case "log": return .jepsenEtcd
        case _:
            throw UsageError(
                "\(path): its name does not say how it is written",
                hint: "add --format porcupine-kv, jepsen-etcd, edn or jsonl")
        }
    }
}

// MARK: - Printing

extension Lin {
    /// How many operations of the order are shown, counted from its end.
    private static let shown = 12

    private static func printText(
        _ path: String, _ history: Histories.History, _ result: Linearizability.Result, _ wall: Duration
    ) {
        let size =
            "\(Units.grouped(UInt64(history.operations.count))) operations on \(result.keyCount) "
            + "\(result.keyCount == 1 ? "key" : "keys"), \(Units.grouped(result.steps)) steps in \(Units.wall(wall))"
        switch result.verdict {
        case .holds: Terminal.print("\(Terminal.green("linearizable")) \(path)  \(size)")
        case .unknown(let key):
            Terminal.print("\(Terminal.yellow("unknown")) \(path)  \(size)")
            Terminal.print("  the budget was spent before\(name(key)) was decided; --budget N gives it more")
        case .broken(let example):
            Terminal.print("\(Terminal.red("not linearizable")) \(path)  \(size)")
            explain(example, history)
        }
    }

    private static func name(_ key: Bytes) -> String { key.isEmpty ? " it" : " key \(key)" }

    private static func explain(_ example: Linearizability.Counterexample, _ history: Histories.History) {
        let count = example.prefix.count == 1 ? "1 operation" : "\(example.prefix.count) operations"
        let place = example.key.isEmpty ? "" : " of key \(example.key)"
        Terminal.print("  the longest legal order\(place) that was found has \(count):")
        if example.prefix.count > shown { Terminal.print("    ...") }
        for index in example.prefix.suffix(shown) { Terminal.print("    \(history.description(of: index))") }
        let state = example.state.map { "holds \($0)" } ?? "is absent"
        Terminal.print("  then the value \(state), and this fits nowhere:")
        Terminal.print("    \(Terminal.bold(history.description(of: example.offender)))")
    }

    private static func printJSON(
        _ path: String, _ history: Histories.History, _ result: Linearizability.Result, _ wall: Duration
    ) {
        var object = JSONObject()
        object.add("file", path)
        switch result.verdict {
        case .holds: object.add("verdict", "linearizable")
        case .unknown: object.add("verdict", "unknown")
        case .broken: object.add("verdict", "not linearizable")
        }
        object.add("operations", UInt64(history.operations.count))
        object.add("keys", UInt64(result.keyCount))
        object.add("steps", result.steps)
        object.add("check_nanoseconds", UInt64(max(wall / .nanoseconds(1), 0)))
        switch result.verdict {
        case .holds: break
        case .unknown(let key): object.add("key", key.description)
        case .broken(let example):
            object.add("key", example.key.description)
            object.add("order", objects: example.prefix.map { self.object($0, history) })
            object.add("state", example.state?.description ?? "absent")
            object.add("offender", object: self.object(example.offender, history))
        }
        Terminal.print(object.text)
    }

    private static func object(_ index: Int, _ history: Histories.History) -> JSONObject {
        var object = JSONObject()
        object.add("client", history.operations[index].client)
        object.add("action", history.operations[index].action.description)
        object.add("called_line", UInt64(history.calls[index].line))
        if let line = history.returns[index]?.line { object.add("returned_line", UInt64(line)) }
        return object
    }
}
