import Foundation
import Scenarios

/// `mesh check`: reads scenario files and reports mistakes, without running anything.
enum Check {
    static let verb = Verb(
        name: "check",
        summary: "read scenario files and report mistakes, without running them",
        operands: "FILE...",
        options: [Option(name: "--write", value: nil, summary: "print each file in its canonical form")],
        details: "Exit status: 0 all files are right, 2 something is wrong.",
        examples: [
            ("mesh check scenarios", "every scenario below a folder"),
            ("mesh check --write FILE", "the canonical form of a file"),
        ],
        run: { try run($0) })

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard !arguments.operands.isEmpty else { throw UsageError("\"mesh check\" needs a scenario file") }
        var wrong = 0
        let paths = try Files.find(arguments.operands)
        for path in paths {
            do {
                let file = try Files.read(path)
                if arguments.has("--write") {
                    Terminal.write(file.scenario.description, to: .standardOutput)
                } else {
                    Terminal.print("\(Terminal.green("right")) \(path)  \(file.scenario.title)")
                }
            } catch let error as ScenarioError {
                wrong += 1
                Terminal.write(error.text, to: .standardError)
            }
        }
        if wrong > 0 { Terminal.error("\(wrong) of \(paths.count) files \(wrong == 1 ? "has" : "have") mistakes") }
        return wrong == 0 ? .held : .usage
    }
}
