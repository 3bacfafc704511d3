import Foundation
import Testing

@Suite("mesh trace and mesh diff")
struct TraceTests {
    @Test("A scenario comes out in every format, and its recorded trace comes out alike")
    func formats() throws {
        try MeshCommand.withFile(goodScenario + "  always linearizable\n") { path in
            let trace = path + ".jsonl"
            #expect(try MeshCommand.run("replay", path, "--seed", "2", "--trace", trace).status == 0)
            let beginnings = [
                "text": "              n1  n2  n3", "shiviz": "(?<event>", "perfetto": "{\"displayTimeUnit\":\"ms\"",
                "mermaid": "sequenceDiagram", "dot": "digraph run {", "jepsen": "{:index 0, ",
            ]
            for (format, beginning) in beginnings {
                let result = try MeshCommand.run("trace", path, "--seed", "2", "--format", format)
                #expect(result.status == 0 && result.output.hasPrefix(beginning), "\(format): \(result.error)")
                if format == "jepsen" { continue }
                #expect(try MeshCommand.run("trace", trace, "--format", format).output == result.output)
            }
        }
    }

    @Test("Bad calls end with 2 and a way out")
    func mistakes() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let calls = [
                (["trace"], "needs one file"), (["trace", path, "--format", "shivix"], "did you mean \"shiviz\"?"),
                (["trace", "README.md"], "README.md:1:1: error: "), (["trace", path, "--from", "9s"], "choose other"),
                (["trace", path, "--format", "jepsen"], "add \"always linearizable\""), (["diff", path], "two files"),
                (["diff", path, path, "--seed", "1..3"], "write --seed 7,8"),
                (["trace", path, "--out", "/nowhere/run.txt"], "/nowhere/run.txt"),
            ]
            for (arguments, message) in calls {
                let result = try MeshCommand.run(arguments)
                #expect(result.status == 2 && result.error.contains(message), "\(arguments): \(result.error)")
            }
        }
    }

    @Test("Two runs part at their first difference, and a run is the same as itself")
    func difference() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let same = try MeshCommand.run("diff", path, path)
            #expect(same.status == 0 && same.output.hasPrefix("same: "))
            let seeds = try MeshCommand.run("diff", path, path, "--seed", "1,2", "--json")
            #expect(seeds.status == 1 && seeds.output.hasPrefix("{\"same\":false,\"line\":2,\"before\":\"{"))
            let slower = path + ".slower.mesh"
            try goodScenario.replacing("duration 3s", with: "duration 3s\n\ntimeline\n  at 2s crash n2\n")
                .write(toFile: slower, atomically: true, encoding: .utf8)
            let crash = try MeshCommand.run("diff", path, slower)
            #expect(crash.status == 1 && crash.output.contains("\"n\":\"n2\",\"ev\":\"stops cleanly\""))
            #expect(try MeshCommand.run("diff", path, slower, "--until", "1s").status == 0)
        }
    }
}
