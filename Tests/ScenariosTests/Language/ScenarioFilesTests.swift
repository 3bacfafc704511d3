import Foundation
import MeshCore
import Scenarios
import Testing

@Suite("The scenario files")
struct ScenarioFilesTests {
    @Test("each is read, says why it exists in one sentence, and reads back the same", arguments: ScenarioFiles.names)
    func file(name: String) throws {
        let source = try ScenarioFiles.bytes(name)
        let scenario = try read(String(decoding: source, as: UTF8.self))
        #expect(!scenario.title.isEmpty)
        #expect(scenario.about.description.hasSuffix("."))
        #expect(!scenario.expectations.isEmpty)
        #expect(try read(scenario.description) == scenario)
    }

    @Test("there are at least 24, in four folders, each with a title of its own")
    func all() throws {
        #expect(ScenarioFiles.names.count >= 24)
        var titles: [String: String] = [:]
        for name in ScenarioFiles.names {
            let title = try read(String(decoding: ScenarioFiles.bytes(name), as: UTF8.self)).title.description
            #expect(titles[title] == nil, "\(name) and \(titles[title] ?? "") have the same title")
            titles[title] = name
        }
        for folder in ["raft", "swim", "membership", "gossip", "mesh"] {
            #expect(ScenarioFiles.names.contains { $0.hasPrefix(folder + "/") })
        }
    }

    @Test("those that the plan of the project names exist")
    func named() {
        let names = [
            "raft/leader-cut-off.mesh", "raft/ring-partition.mesh", "raft/one-way-to-leader.mesh",
            "raft/majority-crash.mesh", "raft/clock-jump.mesh", "raft/slow-disk.mesh", "raft/lossy-30.mesh",
            "raft/late-joiner.mesh", "raft/mass-restart.mesh", "raft/flapping-link.mesh", "raft/long-split.mesh",
            "gossip/convergence-100.mesh", "gossip/long-split.mesh", "swim/detection-200.mesh",
        ]
        for name in names { #expect(ScenarioFiles.names.contains(name), "\(name) is missing") }
    }
}
