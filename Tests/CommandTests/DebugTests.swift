import Foundation
import Testing

@Suite("mesh debug")
struct DebugTests {
    /// Runs a session whose commands come from a pipe.
    private func session(_ commands: String, in path: String) throws -> MeshCommand.Result {
        let process = Process()
        process.executableURL = MeshCommand.executable
        process.arguments = ["debug", path, "--seed", "2"]
        process.currentDirectoryURL = MeshCommand.root
        let (input, output, error) = (Pipe(), Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = error
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(commands.utf8))
        try input.fileHandleForWriting.close()
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        let errorData = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return MeshCommand.Result(
            status: process.terminationStatus, output: String(decoding: outputData, as: UTF8.self),
            error: String(decoding: errorData, as: UTF8.self))
    }

    @Test("A session from a pipe walks, looks, forks, acts, and exports a scenario that replays")
    func pipe() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let found = path + ".found.mesh"
            let result = try session(
                """
                until leader elected
                nodes
                # a remark
                to 1s
                fork calm
                do crash leader
                to 2s
                nodes
                export \(found) here
                switch calm
                futures
                back 3
                end

                """, in: path)
            #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
            for part in ["leader in term", "timeline: crash leader", "n2 crashed", "* calm: 1s", "held    seed 2"] {
                let isThere =
                    result.output.contains(part) || part == "n2 crashed" && result.output.contains(" crashed,")
                #expect(isThere, "\(part) is missing in \(result.output)")
            }
            #expect(try MeshCommand.run("replay", found).output.contains("2s simulated"))
        }
    }

    @Test("From a pipe, a command that cannot be done ends the session with 2 and a way out")
    func mistakes() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let cases = [
                ("stepp\n", "did you mean \"step\"?"), ("do fly\n", "unknown action"), ("node n7\n", "n1 to n3"),
                ("to 2s\nto 1s\n", "it is 2s already"), ("end\nstep\n", "the run is over"),
                ("switch x\n", "there is no future"), ("export\n", "needs a file"), ("log n1 many\n", "number"),
            ]
            for (commands, message) in cases {
                let result = try session(commands + "nodes\n", in: path)
                #expect(result.status == 2 && result.error.contains(message), "\(commands): \(result.error)")
            }
        }
    }
}
