import Foundation
import MeshCore
import Scenarios
import Simulator

/// `mesh debug`: walks through a run, forwards and backwards, and tries other futures.
enum Debug {
    static let verb = Verb(
        name: "debug",
        summary: "walk through a run, forwards and backwards, look at nodes, and try other futures",
        operands: "FILE",
        options: [
            Option(name: "--seed", value: "N", summary: "the seed (default: the file's first)")
        ],
        details: """
            Commands are read from standard input, a line each; \"help\" lists them. From a pipe nothing is asked and
            the first command that cannot be done ends the session.
            Exit status: 0 the session ended, 2 a file, an argument or, from a pipe, a command is wrong.
            """,
        examples: [
            ("mesh debug scenarios/raft/leader-cut-off.mesh --seed 7", "at the terminal"),
            ("printf 'until leader elected\\nnodes\\n' | mesh debug FILE", "from a pipe"),
        ],
        run: { try run($0) })

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard arguments.operands.count == 1, let path = arguments.operands.first else {
            throw UsageError("\"mesh debug\" needs one scenario file", hint: "\"mesh list\" shows what is there.")
        }
        let file = try Files.read(path)
        let seed = try arguments.value("--seed").map { try Values.seed($0) } ?? file.scenario.seeds[0]
        var session = Session(Debugger(file.scenario, seed: seed))
        let isAsked = isatty(STDIN_FILENO) == 1
        if isAsked { Terminal.print("\(path); \"help\" lists the commands") }
        while true {
            if isAsked { Terminal.write("\(session.debugger.run.now)> ", to: .standardOutput) }
            guard let line = readLine() else { return .held }
            do {
                if try session.obey(line) { return .held }
            } catch let error as UsageError {
                guard isAsked else { throw error }
                Terminal.error(error.message + (error.hint.map { "\n\($0)" } ?? ""))
            }
        }
    }
}

/// A session of `mesh debug`: where it stands, and the other futures.
struct Session {
    private(set) var debugger: Debugger
    private var futures: [(name: String, debugger: Debugger)] = []
    private var current = "main"

    init(_ debugger: Debugger) { self.debugger = debugger }

    /// How many lines of a movement are shown.
    private static let shownLines = 40

    private static let help = """
        step [N]          go on by N events (1), showing them
        to T              go on up to a virtual time, such as 2s
        until EVENT       go on until an event of the language, such as: leader elected, n2 crashed, commit >= 20
        end               go on to the end, and say what became of the expectations
        back [N]          go back by N events (1)
        nodes             every node in a line
        node N            the state of a node, such as: node n2
        log N [COUNT]     the end of a node's log (20 entries)
        messages          what is under way on the network
        do ACTION         do something of the language now, such as: crash leader, partition n1 | n2 n3 for 2s
        fork NAME         remember this moment under a name, and go on
        switch NAME       go to another future; the present one is kept
        futures           the names
        export FILE [here]   write the scenario that leads here; "here" lets it end at this moment
        quit              leave
        """

    /// Does what a line says.
    ///
    /// - Returns: Whether the session is over.
    /// - Throws: `UsageError` when it cannot be done.
    mutating func obey(_ line: String) throws -> Bool {
        let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true).map { String($0) }
        guard let command = words.first, !command.hasPrefix("#") else { return false }
        let rest = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
        switch command {
        case "quit", "exit": return true
        case "help": Terminal.print(Self.help)
        case "step", "to", "until", "end", "back": try move(command, rest)
        case "nodes": show(debugger.overview)
        case "node": try showNode(rest)
        case "log": try showLog(rest)
        case "messages":
            let messages = debugger.messages
            show(messages.isEmpty ? ["nothing is under way"] : messages)
        case "do":
            try complaining { try debugger.perform(rest) }
            showTrace()
        case "fork", "switch", "futures": try changeFuture(command, rest)
        case "export": try export(rest)
        default:
            let known = Self.help.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
            throw UsageError(
                "there is no command \"\(command)\"",
                hint: Suggestion.text(for: command, among: known) ?? "\"help\" lists the commands.")
        }
        return false
    }

    private func show(_ lines: [String]) { for line in lines { Terminal.print(line) } }

    private func showTrace() {
        let lines = String(decoding: debugger.trace, as: UTF8.self).split(separator: "\n")
        if lines.count > Self.shownLines { Terminal.print("(\(lines.count - Self.shownLines) lines before these)") }
        for line in lines.suffix(Self.shownLines) { Terminal.print(String(line)) }
    }

    private func complaining<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let complaint as Debugger.Complaint {
            switch complaint {
            case .isOver: throw UsageError("the run is over", hint: "go back first: \"back\"")
            case .pastChanged:
                throw UsageError(
                    "the past came out otherwise with this line, which must not be", hint: "please report it.")
            case .text(let failure, let source):
                throw UsageError(failure.errors.map { $0.render(source: source, file: "timeline") }.joined())
            }
        }
    }
}

// MARK: - Commands

extension Session {
    private mutating func move(_ command: String, _ rest: String) throws {
        guard command == "back" || !debugger.run.isOver else {
            throw UsageError("the run is over", hint: "\"back\" goes back; \"nodes\" shows where it ended.")
        }
        switch command {
        case "step": _ = debugger.step(try count(rest))
        case "back": debugger.back(try count(rest))
        case "to":
            let time = try Values.instant(rest)
            guard time >= debugger.run.now else {
                throw UsageError("it is \(debugger.run.now) already", hint: "\"back N\" goes back by events.")
            }
            _ = debugger.go(to: time)
        case "until":
            let isReached = try complaining { try debugger.go(until: rest) }
            if !isReached { Terminal.print("it did not come to pass") }
        default: debugger.finish()
        }
        if command == "step" || command == "until" { showTrace() }
        if debugger.run.isOver { Printer.seed(debugger.run.report) } else { Terminal.print(debugger.overview[0]) }
    }

    private func count(_ text: String) throws -> UInt64 {
        text.isEmpty ? 1 : UInt64(try Values.count(text, of: "the number of events"))
    }

    private func node(_ name: String) throws -> NodeID {
        guard name.hasPrefix("n"), let number = UInt64(name.dropFirst()),
            let node = debugger.run.simulation.nodes.first(where: { $0.rawValue == number })
        else {
            throw UsageError(
                "there is no node \"\(name)\"", hint: "nodes are n1 to n\(debugger.run.simulation.nodeCount).")
        }
        return node
    }

    private func showNode(_ rest: String) throws { show(debugger.details(of: try node(rest)) ?? []) }

    private func showLog(_ rest: String) throws {
        let words = rest.split(separator: " ").map { String($0) }
        let node = try node(words.first ?? "")
        let count = words.count > 1 ? try Values.count(words[1], of: "the number of entries") : 20
        guard let lines = debugger.log(of: node, last: count) else { throw UsageError("\(node) does not run raft") }
        show(lines.isEmpty ? ["the log of \(node) is empty"] : lines)
    }

    private mutating func changeFuture(_ command: String, _ name: String) throws {
        if command == "futures" {
            Terminal.print("* \(current): \(debugger.run.now)")
            for future in futures { Terminal.print("  \(future.name): \(future.debugger.run.now)") }
            return
        }
        guard !name.isEmpty else { throw UsageError("\"\(command)\" needs a name", hint: "such as: \(command) calm") }
        let place = futures.firstIndex { $0.name == name }
        if command == "fork" {
            guard place == nil, name != current else { throw UsageError("there is a future \"\(name)\" already") }
            futures.append((name, debugger))
            Terminal.print("\(name) stays at \(debugger.run.now)")
            return
        }
        guard let place else {
            let names = futures.map { $0.name }
            throw UsageError(
                "there is no future \"\(name)\"",
                hint: Suggestion.text(for: name, among: names) ?? "\"futures\" lists them.")
        }
        let kept = (current, debugger)
        (current, debugger) = futures.remove(at: place)
        futures.append(kept)
        Terminal.print(debugger.overview[0])
    }

    private func export(_ rest: String) throws {
        let words = rest.split(separator: " ").map { String($0) }
        guard let path = words.first, words.count == 1 || words[1] == "here" else {
            throw UsageError("\"export\" needs a file", hint: "such as: export found.mesh here")
        }
        let scenario = debugger.exported(endsHere: words.count > 1)
        try Files.write(Array(scenario.description.utf8), to: path)
        Terminal.print("written to \(path): mesh replay \(path)")
    }
}
