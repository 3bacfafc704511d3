import Foundation
import MeshCore
import Scenarios
import Testing

/// A block of the reference of the language.
private struct Block {
    /// What stands behind the three marks.
    let tag: String

    /// The lines of the block.
    let text: String

    /// The block as a file: behind a head, unless it brings its own.
    var source: String {
        if text.hasPrefix("scenario ") { return text }
        let head = "scenario \"t\"\ncluster run raft, swim, heartbeat, gossip, broadcast, plumtree\n"
        return head + "  nodes 3 as eu in region eu-west\n  nodes 3 in region us-east\n" + text
    }
}

@Suite("The reference of the language")
struct ReferenceTests {
    private func blocks() throws -> [Block] {
        let page = try String(
            contentsOf: ScenarioFiles.root.appendingPathComponent("docs/scenario-language.md"), encoding: .utf8)
        var blocks: [Block] = []
        for (index, piece) in page.components(separatedBy: "\n```").enumerated() where index % 2 == 1 {
            let end = piece.firstIndex(of: "\n") ?? piece.endIndex
            blocks.append(Block(tag: String(piece[..<end]), text: String(piece[end...].dropFirst()) + "\n"))
        }
        return blocks
    }

    @Test("every example reads, and reads back the same")
    func examples() throws {
        let examples = try blocks().filter { $0.tag == "mesh" }
        #expect(examples.count > 12)
        for example in examples {
            let scenario = try read(example.source)
            #expect(try read(scenario.description) == scenario)
        }
    }

    @Test("the mistakes it shows are shown so")
    func mistakes() throws {
        let all = try blocks()
        let wrong = try #require(all.firstIndex { $0.tag == "mesh wrong" })
        #expect(errors(all[wrong].source) == all[wrong + 1].text)
    }

    @Test("it names every word of the language")
    func words() throws {
        let page = try String(
            contentsOf: ScenarioFiles.root.appendingPathComponent("docs/scenario-language.md"), encoding: .utf8)
        for word in Scenario.words { #expect(page.contains(word.description), "\(word) is missing") }
        for checker in Scenario.Vocabulary.standard.checkers { #expect(page.contains("`\(checker.name)`")) }
        for metric in Scenario.Vocabulary.standard.metrics { #expect(page.contains("`\(metric.name)`")) }
    }
}
