import Foundation
import Testing

@Suite("mesh replay")
struct ReplayTests {
    @Test("A scenario that holds ends with 0, its verdict and a digest that is the same each time")
    func holds() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let first = try MeshCommand.run("replay", path)
            #expect(first.status == 0)
            #expect(first.output.hasPrefix("held    \(path)  A small cluster\n"))
            #expect(first.output.contains("3 of 3 seeds held, 9s simulated"))
            #expect(first.error.isEmpty)
            let other = try MeshCommand.run("replay", path, "--jobs", "1")
            #expect(digest(first.output) == digest(other.output))
            #expect(digest(first.output)?.count == 16)
        }
    }

    @Test("Two processes with different hash seeds agree, and --verify says so")
    func verify() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let fixed = try MeshCommand.run("replay", path, environment: ["SWIFT_DETERMINISTIC_HASHING": "1"])
            #expect(digest(fixed.output) == digest(try MeshCommand.run("replay", path).output))
            let verified = try MeshCommand.run("replay", path, "--verify")
            #expect(verified.status == 0)
            #expect(verified.output == "same \(path): 3 seeds, two processes\n")
        }
    }

    @Test("A scenario that breaks ends with 1, the promise, the last events and one command that shows it again")
    func breaks() throws {
        try MeshCommand.withFile(brokenScenario) { path in
            let result = try MeshCommand.run("replay", path)
            #expect(result.status == 1)
            #expect(result.output.contains("broken  \(path)"))
            #expect(result.output.contains("line 16: at end: one leader"))
            #expect(result.output.contains("the last events"))
            #expect(result.output.contains("n3"))
            let command = "mesh replay \(path) --seed 4"
            #expect(result.output.contains("reproduce: \(command)\n"))
            #expect(try MeshCommand.run("replay", path, "--seed", "4").status == 1)
        }
    }

    @Test("A typo ends with 2 and line, column, caret and a suggestion; nothing is run")
    func typo() throws {
        try MeshCommand.withFile(goodScenario.replacing("workload kv", with: "workload kw")) { path in
            let result = try MeshCommand.run("replay", path)
            #expect(result.status == 2)
            #expect(result.output.isEmpty)
            #expect(result.error.contains("\(path):10:10: error: "))
            #expect(result.error.contains("workload kw\n         ^~\n"))
            #expect(result.error.contains("did you mean \"kv\"?"))
        }
    }

    @Test(
        "Bad scenarios are refused with a place and a reason",
        arguments: [
            ("nodes 3", "nodes 0", "at least 1"), ("duration 3s", "duration -3s", "duration"),
            ("duration 3s", "duration 3", "unit"), ("run raft", "run raft\n  raft voters n1..n9", "n9"),
            ("always raft-safety", "always serializable", "not supported yet"),
            ("rate 20/s", "rate 20", "unit"), ("seeds 1..3", "seeds 3..1", ""),
        ])
    func refused(_ original: String, _ bad: String, _ reason: String) throws {
        try MeshCommand.withFile(goodScenario.replacing(original, with: bad)) { path in
            let result = try MeshCommand.run("replay", path)
            #expect(result.status == 2)
            #expect(result.error.contains("error: "))
            #expect(result.error.contains(reason) || reason.isEmpty, "\(result.error)")
            #expect(result.error.contains("^"))
        }
    }

    @Test("A node that does not exist is named with its place")
    func unknownNode() throws {
        try MeshCommand.withFile(brokenScenario.replacing("crash n2", with: "crash n7")) { path in
            let result = try MeshCommand.run("replay", path)
            #expect(result.status == 2)
            #expect(result.error.contains(":12:16: error: "))
            #expect(result.error.contains("n7"))
        }
    }

    @Test("A file that is not there, a folder without scenarios and no file at all are refused with a way out")
    func missing() throws {
        let absent = try MeshCommand.run("replay", "scenarios/raft/leader-cut-of.mesh")
        #expect(absent.status == 2)
        #expect(absent.error.contains("there is no such file"))
        #expect(absent.error.contains("did you mean \"leader-cut-off.mesh\"?"))
        let folder = try MeshCommand.run("replay", "Sources/mesh")
        #expect(folder.status == 2)
        #expect(folder.error.contains("holds no .mesh file"))
        let nothing = try MeshCommand.run("replay")
        #expect(nothing.status == 2)
        #expect(nothing.error.contains("needs a scenario file"))
    }

    @Test(
        "Wrong options are refused with a way out",
        arguments: [
            (["--sed", "1"], "did you mean \"--seed\"?"), (["--seed"], "--seed needs a value"),
            (["--seed", "x"], "is no seed"), (["--seed", "5..1"], "run backwards"),
            (["--until", "5"], "has no unit"), (["--until", "5 s"], "unit of time"),
            (["--jobs", "0"], "at least 1"), (["--trace", "/nonexistent/t.jsonl", "--seed", "1"], "cannot be written"),
            (["--trace", "-"], "takes one seed"), (["--seed", "1", "--seed", "2"], "given twice"),
        ])
    func wrongOptions(_ options: [String], _ text: String) throws {
        try MeshCommand.withFile(goodScenario) { path in
            let arguments = options + [path]
            let result: MeshCommand.Result
            switch arguments.count {
            case 2: result = try MeshCommand.run("replay", arguments[0], arguments[1])
            case 3: result = try MeshCommand.run("replay", arguments[0], arguments[1], arguments[2])
            case _:
                result = try MeshCommand.run(
                    "replay", arguments[0], arguments[1], arguments[2], arguments[3], arguments[4])
            }
            // "--seed" as the last word takes the path for its value.
            if options == ["--seed"] {
                #expect(try MeshCommand.run("replay", path, "--seed").error.contains(text))
            } else if options != ["--trace", "-"] || result.status == 2 {
                #expect(result.status == 2)
                #expect(result.error.contains(text), "\(result.error)")
            }
        }
    }

    @Test("A trace has a line for each step, and says the same on standard output")
    func trace() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let out = path + ".jsonl"
            let result = try MeshCommand.run("replay", path, "--seed", "2", "--trace", out)
            #expect(result.status == 0)
            let trace = try String(contentsOfFile: out, encoding: .utf8)
            let lines = trace.split(separator: "\n")
            #expect(lines.count > 500)
            for line in lines.prefix(50) {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(object?["t"] is NSNumber && object?["n"] is String)
            }
            #expect(try MeshCommand.run("replay", path, "--seed", "2", "--trace", "-").output == trace)
        }
    }

    @Test("--json prints an object a run and one a file; --effective the scenario as drawn")
    func machines() throws {
        try MeshCommand.withFile(goodScenario.replacing("nodes 3", with: "nodes 3..5")) { path in
            let lines = try MeshCommand.run("replay", path, "--json").output.split(separator: "\n")
            let objects = try lines.map {
                try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(objects.count == 4)
            #expect(objects.prefix(3).map { $0["seed"] as? Int } == [1, 2, 3])
            #expect(objects.allSatisfy { $0["verdict"] as? String == "held" })
            #expect(objects[3]["runs"] as? Int == 3)
            let effective = try MeshCommand.run("replay", path, "--effective", "--seed", "2")
            #expect(effective.status == 0)
            #expect(effective.output.contains("seed 2\n"))
            #expect(!effective.output.contains("3..5"))
        }
    }

    @Test("A run that is cut short is judged only as far as it went")
    func until() throws {
        try MeshCommand.withFile(brokenScenario) { path in
            let result = try MeshCommand.run("replay", path, "--until", "1500ms")
            #expect(result.status == 0)
            #expect(result.output.contains("1.5s simulated"))
        }
    }
}

/// The digest in the output of a replay.
private func digest(_ output: String) -> String? {
    output.split(separator: "digest ").last.map { String($0.prefix(16)) }
}

@Suite("mesh")
struct OtherVerbTests {
    @Test("Help has examples for every verb and ends with 0; no command is a usage error")
    func help() throws {
        #expect(try MeshCommand.run("--help").status == 0)
        #expect(try MeshCommand.run().status == 2)
        for verb in ["replay", "check", "list", "lin", "completions"] {
            let help = try MeshCommand.run(verb, "--help")
            #expect(help.status == 0)
            #expect(help.output.contains("Usage: mesh \(verb)"))
            #expect(help.output.contains("Examples:"))
            #expect(try MeshCommand.run("help", verb).output == help.output)
        }
        let wrong = try MeshCommand.run("reply")
        #expect(wrong.status == 2)
        #expect(wrong.error.contains("did you mean \"replay\"?"))
    }

    @Test("check reads without running, and every mistake in every file is told")
    func check() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let right = try MeshCommand.run("check", path)
            #expect(right.status == 0)
            #expect(right.output == "right \(path)  A small cluster\n")
            let canonical = try MeshCommand.run("check", "--write", path)
            #expect(canonical.output.hasPrefix("scenario \"A small cluster\"\n"))
        }
        let bad = goodScenario.replacing("nodes", with: "nods").replacing("expect", with: "expct")
        try MeshCommand.withFile(bad) { path in
            let wrong = try MeshCommand.run("check", path)
            #expect(wrong.status == 2)
            #expect(wrong.error.contains("did you mean \"nodes\"?"))
            #expect(wrong.error.contains("did you mean \"expect\"?"))
        }
    }

    @Test("list shows every scenario of the repository and why it exists")
    func list() throws {
        let list = try MeshCommand.run("list")
        #expect(list.status == 0)
        #expect(list.output.contains("scenarios/raft/leader-cut-off.mesh\n"))
        #expect(list.output.split(separator: "\n").count >= 60)
    }

    @Test("Completion scripts are accepted by the shells that are here", arguments: ["bash", "zsh", "fish"])
    func completions(_ shell: String) throws {
        let script = try MeshCommand.run("completions", shell)
        #expect(script.status == 0)
        #expect(script.output.contains("replay") && script.output.contains("effective"))
        let place = "/bin/" + shell
        guard FileManager.default.isExecutableFile(atPath: place) else { return }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: place)
        process.arguments = ["-n"]
        let input = Pipe()
        process.standardInput = input
        try process.run()
        input.fileHandleForWriting.write(Data(script.output.utf8))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test("Colours only on a terminal")
    func colours() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let output = try MeshCommand.run("replay", path).output
            #expect(!output.contains("\u{1B}"))
        }
    }

    @Test("--trace-format etcd-raft writes what Raft does, a JSON object a line, to standard output or a file")
    func etcdTrace() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let result = try MeshCommand.run("replay", path, "--trace-format", "etcd-raft", "--seed", "2")
            #expect(result.status == 0)
            let events = try result.output.split(separator: "\n").map { line in
                let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                #expect(object["tag"] as? String == "trace")
                return try #require((object["event"] as? [String: Any])?["name"] as? String)
            }
            #expect(events.prefix(3) == ["InitState", "InitState", "InitState"])
            #expect(events.contains("BecomeLeader") && events.contains("Commit"))
            let out = path + ".ndjson"
            let written = try MeshCommand.run(
                "replay", path, "--trace-format", "etcd-raft", "--seed", "2", "--trace", out)
            #expect(written.status == 0)
            #expect(try String(contentsOfFile: out, encoding: .utf8) == result.output)
            let wrong = try MeshCommand.run("replay", path, "--trace-format", "etcd-raf")
            #expect(wrong.status == 2)
            #expect(wrong.error.contains("did you mean \"etcd-raft\"?"))
            let many = try MeshCommand.run("replay", path, "--trace-format", "etcd-raft", "--seed", "1..3")
            #expect(many.status == 2)
        }
    }

    @Test("The runs whose traces the other project's model has judged are still there, and hold")
    func judgedTraces() throws {
        for (name, count) in [("plain", 400), ("cut-off", 600), ("split", 600)] {
            let path = "Tests/Conformance/traces/\(name).mesh"
            let result = try MeshCommand.run("replay", path, "--trace-format", "etcd-raft")
            #expect(result.status == 0)
            #expect(result.output.split(separator: "\n").count > count)
        }
    }
}
