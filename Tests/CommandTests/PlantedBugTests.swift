import Foundation
import Testing

@Suite("Planted bugs")
struct PlantedBugTests {
    @Test("The command carries nothing of the planted bugs")
    func absent() throws {
        let source = MeshCommand.root.appendingPathComponent("Sources/MeshCore/Basics/Mutant.swift")
        let names = try String(contentsOf: source, encoding: .utf8).split(separator: "\n").compactMap { line in
            line.hasPrefix("    case ") ? String(line.dropFirst(9)) : nil
        }
        #expect(names.count >= 30)
        let command = try Data(contentsOf: MeshCommand.executable)
        // The names of cases stand in a binary: a case of another enumeration shows that the search would find one.
        #expect(command.range(of: Data("preCandidate".utf8)) != nil)
        for name in names { #expect(command.range(of: Data(name.utf8)) == nil, "\(name) is in the command") }
    }
}
