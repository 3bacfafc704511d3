import Foundation
import Testing

@Suite("mesh crash-matrix")
struct CrashMatrixCommandTests {
    @Test("Both parts say how many points they tried and how many were refused, and end with 0")
    func holds() throws {
        let result = try MeshCommand.run(["crash-matrix", "--points", "150", "--seed", "3"])
        #expect(result.status == 0)
        #expect(
            result.output
                == "held  the log: 150 points, 0 refusals\nheld  three nodes of Raft: 150 points, 0 refusals\n")
        #expect(result.error.isEmpty)
    }

    @Test(
        "Wrong calls are refused with a way out",
        arguments: [
            (["--points", "0"], "whole number of at least 1"), (["--only", "disk"], "log and raft are known"),
            (["FILE"], "takes no file"),
        ])
    func wrongCalls(arguments: [String], text: String) throws {
        let result = try MeshCommand.run(["crash-matrix"] + arguments)
        #expect(result.status == 2)
        #expect(result.error.contains(text))
    }
}
