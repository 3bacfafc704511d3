import Foundation
import Testing

@Suite("mesh shrink")
struct ShrinkCommandTests {
    private static let noisy = brokenScenario.replacing(
        "timeline\n", with: "timeline\n  chaos pauses every ~700ms lasting ~100ms\n  at 3s  clog n3 -> n1 for 1s\n")

    @Test("A failing scenario gets smaller and still breaks what it broke")
    func shrinks() throws {
        try MeshCommand.withFile(Self.noisy) { path in
            let output = path + ".small.mesh"
            let result = try MeshCommand.run("shrink", path, "-o", output)
            #expect(result.status == 0)
            #expect(result.output.isEmpty)
            #expect(result.error.contains("4 -> 1 lines of the timeline, 3 -> 1 nodes"))
            #expect(result.error.contains("reproduce: mesh replay \(output)"))
            let replay = try MeshCommand.run("replay", output)
            #expect(replay.status == 1)
            #expect(replay.output.contains("at end: one leader"))
        }
    }

    @Test("Without -o the scenario goes to standard output, the same each time")
    func standardOutput() throws {
        try MeshCommand.withFile(Self.noisy) { path in
            let first = try MeshCommand.run("shrink", path, "--seed", "4")
            let second = try MeshCommand.run("shrink", path, "--seed", "4")
            #expect(first.output.hasPrefix("scenario \"A majority stays down\"\nabout \"Shrunk from seed 4: "))
            #expect(first.output == second.output)
            #expect(!first.error.contains("\u{1B}"))
        }
    }

    @Test("A small budget gives what was reached, and says so")
    func budget() throws {
        try MeshCommand.withFile(Self.noisy) { path in
            let result = try MeshCommand.run("shrink", path, "--budget", "3")
            #expect(result.status == 0)
            #expect(result.error.contains("3 runs (the budget was spent)"))
        }
    }

    @Test("A scenario that holds is told apart from one that is wrong and one that is missing")
    func nothing() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let result = try MeshCommand.run("shrink", path)
            #expect(result.status == 3)
            #expect(result.error.contains("breaks no promise with any of the 3 seeds"))
        }
        try MeshCommand.withFile("scenario \"Wrong\"\n") { path in
            let result = try MeshCommand.run("shrink", path)
            #expect(result.status == 2)
        }
        #expect(try MeshCommand.run("shrink", "no-such.mesh").status == 2)
        #expect(try MeshCommand.run("shrink", "no-such.mesh", "--budget", "5 minutes").status == 2)
    }
}
