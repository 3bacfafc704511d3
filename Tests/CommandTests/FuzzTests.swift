import Foundation
import Testing

@Suite("mesh fuzz")
struct FuzzCommandTests {
    /// A scenario that fails with some seeds, and in two ways.
    private static let flaky = """
        scenario "Fails now and then"
        about "For the tests of the command."
        duration 4s

        cluster
          nodes 3
          run raft

        timeline
          at 1s..3s  crash leader
          chaos pauses every ~700ms lasting ~100ms

        expect
          leader changes == 0
          at end: leader is n1

        """

    private static func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mesh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    /// Runs `mesh fuzz` where there is no bug base.
    private static func fuzz(_ arguments: [String], environment: [String: String] = [:]) throws -> MeshCommand.Result {
        try MeshCommand.run(
            ["fuzz"] + arguments, environment: environment, folder: FileManager.default.temporaryDirectory)
    }

    private static func json(_ arguments: [String]) throws -> [String: Any] {
        let result = try fuzz(arguments + ["--json"])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require(object as? [String: Any])
    }

    @Test("The bug base is replayed first; drawn worlds hold, one of twenty is run twice, and there is a digest")
    func drawn() throws {
        try Self.inFolder { folder in
            let base = folder + "/scenarios/regressions"
            try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
            try Data(goodScenario.utf8).write(to: URL(fileURLWithPath: base + "/good.mesh"))
            let result = try MeshCommand.run(
                ["fuzz", "--seeds", "4..5", "--profile", "raft"], folder: URL(fileURLWithPath: folder))
            #expect(result.status == 0, "\(result.output)\(result.error)")
            #expect(result.output.contains("bug base: 3 runs, 0 broken"))
            #expect(result.output.contains("nothing failed: 2 runs from seed 4 on, 0 broken in 0 ways"))
            #expect(result.output.contains("campaign digest "))
            #expect(result.output.contains(", 1 run twice"))
        }
    }

    @Test("The same seeds give the same failures and the same digest with one job and with four, whole and in shards")
    func jobs() throws {
        try MeshCommand.withFile(Self.flaky) { path in
            let arguments = [path, "--seeds", "1..6", "--shrink-budget", "5"]
            let one = try Self.json(arguments + ["--jobs", "1"])
            let four = try Self.json(arguments + ["--jobs", "4"])
            #expect(one["campaign_digest"] as? String == four["campaign_digest"] as? String)
            #expect(try #require(one["states"] as? Int) == four["states"] as? Int)
            let failures = try #require(one["failures"] as? [[String: Any]])
            let others = try #require(four["failures"] as? [[String: Any]])
            #expect(!failures.isEmpty)
            #expect(failures.map { $0["signature"] as? String } == others.map { $0["signature"] as? String })
            #expect(failures.map { $0["shrunk"] as? String } == others.map { $0["shrunk"] as? String })
            #expect(one["runs"] as? Int == 6)
            var parts = 0
            var broken = 0
            for shard in ["1/3", "2/3", "3/3"] {
                let part = try Self.json(arguments + ["--shard", shard])
                parts += part["runs"] as? Int ?? 0
                broken += part["broken"] as? Int ?? 0
            }
            #expect(parts == 6)
            #expect(broken == one["broken"] as? Int)
        }
    }

    @Test("A failure leaves a folder whose scenarios break the same promise, a JUnit file and an annotation")
    func capsule() throws {
        try Self.inFolder { folder in
            try MeshCommand.withFile(Self.flaky) { path in
                let result = try Self.fuzz(
                    [
                        path, "--seeds", "1..3", "--out", folder + "/out", "--junit", folder + "/junit.xml",
                        "--shrink-budget", "25",
                    ],
                    environment: ["GITHUB_ACTIONS": "true"])
                #expect(result.status == 1)
                #expect(result.output.contains("::error file="))
                #expect(result.output.contains("FAILED expectation"))
                let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/out")
                #expect(names.contains("campaign.json"))
                let capsule = folder + "/out/" + (try #require(names.first { $0.hasPrefix("expectation-") }))
                for name in ["scenario.mesh", "shrunk.mesh"] {
                    let replay = try MeshCommand.run("replay", capsule + "/" + name)
                    #expect(replay.status == 1, "\(name): \(replay.output)")
                }
                let report = try String(contentsOfFile: capsule + "/report.txt", encoding: .utf8)
                #expect(report.contains("Reproduce: mesh replay \(capsule)/shrunk.mesh"))
                #expect(report.contains("The last events"))
                #expect(FileManager.default.fileExists(atPath: capsule + "/trace.jsonl"))
                let junit = try String(contentsOfFile: folder + "/junit.xml", encoding: .utf8)
                #expect(junit.contains("<failure message="))
                #expect(junit.contains(">mesh replay "))
                #expect(XMLCheck.isWellFormed(junit))
            }
        }
    }

    @Test("The world of a seed is printed as a scenario that can be checked and replayed")
    func effective() throws {
        let result = try MeshCommand.run("fuzz", "--profile", "raft", "--seeds", "7", "--effective")
        #expect(result.status == 0)
        try MeshCommand.withFile(result.output) { path in
            let check = try MeshCommand.run("check", path)
            #expect(check.status == 0)
        }
    }

    @Test("The first seed may be a commit hash; what is no seed, shard, profile or time is refused")
    func arguments() throws {
        let hash = "3976e8a0503050861643297d227e46b5e1c6d868"
        let object = try Self.json(["--seeds", hash + "+1", "--profile", "raft"])
        #expect(object["first_seed"] as? Int == 0x3976_e8a0_5030)
        #expect(object["runs"] as? Int == 1)
        let wrong: [[String]] = [
            ["--seeds", "x"], ["--seeds", "9..3"], ["--shard", "0/3"], ["--shard", "4/3"], ["--profile", "rafd"],
            ["--time", "0s"], ["--jobs", "0"], ["no-such-file.mesh"],
        ]
        for arguments in wrong {
            let result = try Self.fuzz(arguments)
            #expect(result.status == 2, "\(arguments)")
            #expect(!result.error.isEmpty)
        }
    }

    @Test("Ctrl-C ends a campaign with a report of what was done")
    func interrupted() throws {
        try Self.inFolder { folder in
            let process = Process()
            process.executableURL = MeshCommand.executable
            process.arguments = ["fuzz", "--time", "120s", "--profile", "raft", "--junit", folder + "/j.xml"]
            process.currentDirectoryURL = URL(fileURLWithPath: folder)
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            Thread.sleep(forTimeInterval: 4)
            process.interrupt()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == 0)
            #expect(text.contains("stopped early"))
            #expect(text.contains("campaign digest"))
            let junit = try String(contentsOfFile: folder + "/j.xml", encoding: .utf8)
            #expect(junit.contains("stopped early"))
        }
    }

    @Test("A folder that cannot be written is an error of its own, not a lost failure")
    func fullDisk() throws {
        try MeshCommand.withFile(Self.flaky) { path in
            let result = try Self.fuzz([path, "--seeds", "1..2", "--out", "/proc/nowhere"])
            #expect(result.status == 2)
            #expect(result.error.contains("/proc/nowhere"))
        }
    }
}

/// Whether every element of an XML text is closed, in order.
private enum XMLCheck {
    static func isWellFormed(_ text: String) -> Bool {
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("?") || tag.hasSuffix("/") { continue }
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return false }
            } else {
                open.append(tag.prefix { $0 != " " })
            }
        }
        return open.isEmpty
    }
}
