import Foundation
#if MUTANTS
import Simulator
#endif

/// The command line: arguments, files, colours and exit codes, and nothing else.
@main
struct Mesh {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        #if MUTANTS
        // For scripts/leaks: a build with planted bugs can let the machine reach into its runs.
        if let name = ProcessInfo.processInfo.environment["MESH_LEAK"] {
            guard let leak = Leak(rawValue: name) else {
                Terminal.error("mesh: there is no leak \"\(name)\"")
                exit(ExitStatus.usage.rawValue)
            }
            unsafe Leak.planted = leak
        }
        #endif
        do {
            let status = try await run(arguments)
            exit(status.rawValue)
        } catch let error as ScenarioError {
            Terminal.write(error.text, to: .standardError)
            exit(ExitStatus.usage.rawValue)
        } catch let error as UsageError {
            Terminal.error("mesh: \(error.message)")
            if let hint = error.hint { Terminal.error(hint) }
            exit(ExitStatus.usage.rawValue)
        } catch {
            Terminal.error("mesh: \(error)")
            exit(ExitStatus.usage.rawValue)
        }
    }

    private static func run(_ arguments: [String]) async throws -> ExitStatus {
        guard let first = arguments.first else {
            Terminal.print(Help.overview)
            return .usage
        }
        let rest = Array(arguments.dropFirst())
        switch first {
        case "--help", "-h", "help":
            if let name = rest.first { return try Help.show(name) }
            Terminal.print(Help.overview)
            return .held
        case "--version":
            Terminal.print("mesh \(Version.text)")
            return .held
        case _: break
        }
        guard let verb = Verb.all.first(where: { $0.name == first }) else {
            throw UsageError(
                "unknown command \"\(first)\"",
                hint: Suggestion.text(for: first, among: Verb.all.map { $0.name })
                    ?? "\"mesh --help\" lists the commands.")
        }
        if rest.contains("--help") || rest.contains("-h") { return try Help.show(verb.name) }
        return try await verb.run(Arguments(rest, verb: verb))
    }
}

/// What a command ends with.
enum ExitStatus: Int32 {
    /// Every expectation held.
    case held = 0
    /// An expectation was broken.
    case broken = 1
    /// The file or the arguments are wrong.
    case usage = 2
    /// A checker ran out of budget.
    case unknown = 3
    /// The run was not deterministic.
    case notDeterministic = 4
}

/// The version of the command.
enum Version {
    static let text = "0.1.0"
}
