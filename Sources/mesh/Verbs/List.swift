import Foundation
import MeshCore
import Scenarios

/// `mesh list`: the scenarios below a folder, and why each exists.
enum List {
    static let verb = Verb(
        name: "list",
        summary: "show the scenarios below a folder and why each exists",
        operands: "[FOLDER...]",
        options: [],
        details: "Without a folder it looks below scenarios/, or below the present folder when there is none.",
        examples: [("mesh list", "what comes with this repository"), ("mesh list scenarios/raft", "a part of it")],
        run: { try run($0) })

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        var operands = arguments.operands
        if operands.isEmpty { operands = [FileManager.default.fileExists(atPath: "scenarios") ? "scenarios" : "."] }
        var status = ExitStatus.held
        for path in try Files.find(operands) {
            do {
                let scenario = try Files.read(path).scenario
                Terminal.print("\(Terminal.bold(path))")
                Terminal.print("    \(scenario.title)")
                if !scenario.about.isEmpty { Terminal.print("    \(Terminal.faint(scenario.about.description))") }
            } catch let error as ScenarioError {
                status = .usage
                Terminal.write(error.text, to: .standardError)
            }
        }
        return status
    }
}
