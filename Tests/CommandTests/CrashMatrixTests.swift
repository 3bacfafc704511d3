import Foundation
import Testing

@Suite("mesh crash-matrix")
struct CrashMatrixCommandTests {
    @Test("Every part says how many points it tried and how many were refused, and it ends with 0")
    func holds() throws {
        let result = try MeshCommand.run(["crash-matrix", "--points", "150", "--seed", "3"])
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 10)
        #expect(lines.first == "held  the log: 150 points, 0 refusals")
        #expect(lines[1].hasPrefix("held  the log under rot: 150 points, "))
        #expect(lines[4] == "held  the log on a full disk: 150 points, 0 refusals")
        #expect(lines[5] == "held  the log on files used again: 150 points, 0 refusals")
        #expect(lines[6] == "held  three nodes of Raft: 150 points, 0 refusals")
        #expect(lines[7].hasPrefix("held  three nodes of Raft under rot: 150 points, "))
        #expect(lines[9].hasPrefix("900 points, "))
        #expect(result.error.isEmpty)
    }

    @Test(
        "Wrong calls are refused with a way out",
        arguments: [
            (["--points", "0"], "whole number of at least 1"),
            (["--only", "disk"], "log, rot, full, recycled, raft and raft-rot are known"),
            (["FILE"], "takes no file"),
        ])
    func wrongCalls(arguments: [String], text: String) throws {
        let result = try MeshCommand.run(["crash-matrix"] + arguments)
        #expect(result.status == 2)
        #expect(result.error.contains(text))
    }
}
