import Foundation
import Testing

@Suite("mesh fuzz --boundaries")
struct FuzzBoundariesTests {
    /// A planted fault that no run without a crash shows: for a while the disk says done to what it keeps in memory.
    private static let lying = """
        scenario "A disk that lies for a while"
        about "For the tests of the command."
        seed 3
        duration 1500ms

        cluster
          nodes 1
          run raft

        workload kv
          clients 1  rate 20/s

        timeline
          at 700ms  lying fsync on n1 for 300ms

        expect
          always raft-safety

        """

    @Test("Every crash at a sync is run once, and finds what shows only between two syncs")
    func lies() throws {
        try MeshCommand.withFile(Self.lying) { path in
            #expect(try MeshCommand.run("replay", path).status == 0)
            let arguments = ["fuzz", path, "--boundaries", "--shrink-budget", "0"]
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            let result = try MeshCommand.run(arguments + ["--json"], folder: folder)
            #expect(result.status == 1, "\(result.error)")
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            let runs = try #require(object["runs"] as? Int)
            #expect(runs > 20 && runs % 2 == 0)
            let broken = try #require(object["broken"] as? Int)
            #expect(broken > 0 && broken < runs)
            let failure = try #require((object["failures"] as? [[String: Any]])?.first)
            #expect((failure["command"] as? String)?.hasSuffix("--seeds 3+1 --boundaries") == true)
            // Parts are the whole, and two of one half are not.
            var parts = 0
            for shard in ["1/2", "2/2"] {
                let part = try MeshCommand.run(arguments + ["--shard", shard], folder: folder)
                #expect(part.output.contains("\(runs / 2) of \(runs) boundaries"), "\(part.output)")
                let text = try #require(part.output.firstMatch(of: /, (\d+) broken in/)?.output.1)
                parts += Int(text) ?? 0
            }
            #expect(parts == broken)
        }
    }

    @Test("It wants one file whose nodes write something")
    func refused() throws {
        for arguments in [["--boundaries"], ["--boundaries", "scenarios/raft"]] {
            let result = try MeshCommand.run(["fuzz"] + arguments)
            #expect(result.status == 2)
            #expect(result.error.contains("--boundaries crashes one scenario at every sync"))
        }
        let quiet = Self.lying.replacing("run raft", with: "run swim").replacing(
            "workload kv\n  clients 1  rate 20/s\n\n", with: ""
        ).replacing("raft-safety", with: "membership-safety")
        try MeshCommand.withFile(quiet) { path in
            let result = try MeshCommand.run("fuzz", path, "--boundaries")
            #expect(result.status == 2 && result.error.contains("no node syncs anything"), "\(result.error)")
        }
    }
}
