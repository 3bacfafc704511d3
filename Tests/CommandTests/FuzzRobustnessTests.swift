import Foundation
import Testing

@Suite("mesh fuzz when things go wrong")
struct FuzzRobustnessTests {
    /// A scenario that fails with every seed.
    private static func failing(_ expectation: String = "at end: no leader") -> String {
        """
        scenario "Fails always"
        about "For the tests of the command."
        duration 1s

        cluster
          nodes 3
          run raft

        expect
          \(expectation)

        """
    }

    private static func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mesh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private static func write(_ text: String, to path: String, in folder: URL) throws {
        let file = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private static func read(_ path: String, in folder: URL) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    private static func names(_ path: String, in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(path).path).sorted()
    }

    /// A campaign without an end, of a scenario that fails, as soon as its failure is in the record.
    private static func withEndlessCampaign(in folder: URL, _ body: (Process, Pipe) throws -> Void) throws {
        try write(failing(), to: "failing.mesh", in: folder)
        let process = Process()
        process.executableURL = MeshCommand.executable
        process.arguments = ["fuzz", "failing.mesh", "--time", "600s", "--out", "out"]
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        for _ in 0..<1_200 {
            if let text = try? read("out/campaign.json", in: folder), text.contains("\"capsule\"") { break }
            Thread.sleep(forTimeInterval: 0.1)
        }
        try body(process, output)
        if process.isRunning { process.terminate() }
    }

    @Test("After ctrl-C in the middle every failure has a report, a scenario and a trace, though it was not shrunk")
    func interrupted() throws {
        try Self.inFolder { folder in
            try Self.withEndlessCampaign(in: folder) { process, output in
                process.interrupt()
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                #expect(process.terminationReason == .exit && process.terminationStatus == 1)
                #expect(text.contains("FAILED expectation"))
                #expect(text.contains("stopped early: failures found"))
                let capsule = try #require(Self.names("out", in: folder).first { $0.hasPrefix("expectation-") })
                #expect(try Self.names("out/" + capsule, in: folder) == ["report.txt", "scenario.mesh", "trace.jsonl"])
                let replay = try MeshCommand.run(["replay", "out/\(capsule)/scenario.mesh"], folder: folder)
                #expect(replay.status == 1)
                let record = try Self.read("out/campaign.json", in: folder)
                #expect(record.contains("\"is_complete\" : false") && record.contains("\"is_finished\" : true"))
            }
        }
    }

    /// Scenarios whose runs take for ever: by their own lines, and by a timer that runs out at once.
    private static let worldsWithoutEnd: [(String, String)] = [
        ("at 1s  heal\n  whenever heal after 1us  heal\n  whenever heal after 2us  heal", ""),
        ("at 1s  heal", "raft election-timeout 1ms..2ms  heartbeat 1ns"),
    ]

    @Test("Ctrl-C ends a campaign in the middle of a run that never ends", arguments: worldsWithoutEnd)
    func endless(timeline: String, raft: String) throws {
        let text = Self.failing("sometimes leader elected").replacing(
            "  run raft\n", with: "  run raft\n  \(raft)\n\ntimeline\n  \(timeline)\n"
        ).replacing("duration 1s", with: "duration 1h")
        try Self.inFolder { folder in
            try Self.write(text, to: "endless.mesh", in: folder)
            let process = Process()
            process.executableURL = MeshCommand.executable
            process.arguments = ["fuzz", "endless.mesh", "--time", "600s", "--out", "out"]
            process.currentDirectoryURL = folder
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            Thread.sleep(forTimeInterval: 1)
            let asked = ContinuousClock.now
            process.interrupt()
            let told = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            // A machine under load may take its time; without the stop it would be hours.
            #expect(ContinuousClock.now - asked < .seconds(60))
            #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(told)")
            #expect(told.contains("stopped early"))
        }
    }

    @Test("A killed process leaves the scenario of what it found and a valid record; --resume writes the rest")
    func killed() throws {
        try Self.inFolder { folder in
            try Self.withEndlessCampaign(in: folder) { process, _ in
                // Meanwhile the folder is taken.
                let second = try MeshCommand.run(
                    ["fuzz", "failing.mesh", "--seeds", "1..2", "--out", "out"], folder: folder)
                #expect(second.status == 2)
                #expect(
                    second.error.contains("out: another mesh fuzz writes here (process \(process.processIdentifier)"))
                #expect(second.error.contains("--out out-2"))
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            let capsule = try #require(Self.names("out", in: folder).first { $0.hasPrefix("expectation-") })
            #expect(try Self.names("out/" + capsule, in: folder) == ["scenario.mesh"])
            let partial = try MeshCommand.run(["fuzz", "merge", "out"], folder: folder)
            #expect(partial.status == 1)
            #expect(partial.output.contains("reproduce with: mesh replay out/\(capsule)/scenario.mesh"))
            #expect(partial.output.contains("stopped before its time was over"))
            // The time that is left is none: what is left to do is the failure.
            let record = try Self.read("out/campaign.json", in: folder)
            let line = try #require(record.split(separator: "\n").first { $0.contains("\"milliseconds\"") })
            try Self.write(
                record.replacing(line, with: "  \"milliseconds\" : 600000,"), to: "out/campaign.json", in: folder)
            let resumed = try MeshCommand.run(
                ["fuzz", "failing.mesh", "--time", "600s", "--out", "out", "--resume", "--shrink-budget", "5"],
                folder: folder)
            #expect(resumed.status == 1, "\(resumed.error)")
            #expect(
                try Self.names("out/" + capsule, in: folder) == [
                    "report.txt", "scenario.mesh", "shrunk.mesh", "trace.jsonl",
                ])
        }
    }

    @Test("A folder with the record of a campaign is left as it is, and the ways out are told")
    func taken() throws {
        try Self.inFolder { folder in
            try Self.write(Self.failing(), to: "failing.mesh", in: folder)
            let arguments = ["fuzz", "failing.mesh", "--seeds", "1..2", "--shrink-budget", "0", "--out", "out"]
            #expect(try MeshCommand.run(arguments, folder: folder).status == 1)
            let record = try Self.read("out/campaign.json", in: folder)
            let again = try MeshCommand.run(arguments, folder: folder)
            #expect(again.status == 2)
            #expect(
                again.error.contains("out: there is the record of a campaign already (2 runs, 1 ways to fail)"),
                "\(again.error)")
            #expect(again.error.contains("--resume goes on with it") && again.error.contains("--out out-2"))
            #expect(try Self.read("out/campaign.json", in: folder) == record)
            #expect(try MeshCommand.run(arguments + ["--resume"], folder: folder).status == 1)
            try Self.write("{", to: "out/campaign.json", in: folder)
            #expect(try MeshCommand.run(arguments, folder: folder).error.contains("which cannot be read"))
        }
    }

    @Test("When the time to make failures small is over, they are written as they are, and it is said")
    func shrinkTime() throws {
        try Self.inFolder { folder in
            try Self.write(Self.failing(), to: "failing.mesh", in: folder)
            let result = try MeshCommand.run(
                ["fuzz", "failing.mesh", "--seeds", "1..2", "--shrink-time", "1us", "--out", "out"], folder: folder)
            #expect(result.status == 1)
            #expect(result.output.contains("1 of 1 failures are not as small as they get"), "\(result.output)")
            #expect(result.output.contains("the time was over"))
            let capsule = try #require(Self.names("out", in: folder).first { $0.hasPrefix("expectation-") })
            #expect(try Self.names("out/" + capsule, in: folder).contains("report.txt"))
            let none = try MeshCommand.run(["fuzz", "--shrink-time", "0s"], folder: folder)
            #expect(none.status == 2 && none.error.contains("--shrink-time takes a length of time above 0"))
        }
    }

    @Test("A campaign that ends when nothing new comes ends at the same run after a pause")
    func stableAfterPause() throws {
        try Self.inFolder { folder in
            let text = Self.failing("sometimes leader elected").replacing("1s", with: "1ms").replacing("3", with: "1")
            try Self.write(text, to: "tiny.mesh", in: folder)
            let arguments = ["fuzz", "tiny.mesh", "--until-stable", "--explore", "once", "--json", "--out"]
            let whole = try MeshCommand.run(arguments + ["whole"], folder: folder)
            #expect(whole.status == 0, "\(whole.error)")
            let process = Process()
            process.executableURL = MeshCommand.executable
            process.arguments = arguments + ["out", "--jobs", "1"]
            process.currentDirectoryURL = folder
            process.standardOutput = Pipe()
            try process.run()
            // A process that was not started yet, or is over, shows as much: it goes on with what there is.
            Thread.sleep(forTimeInterval: 0.3)
            process.interrupt()
            process.waitUntilExit()
            let resumed = try MeshCommand.run(arguments + ["out", "--resume"], folder: folder)
            #expect(resumed.status == 0, "\(resumed.error)")
            for field in ["runs", "campaign_digest", "states", "stable"] {
                let pattern = try Regex("\"\(field)\":[^,]*")
                let text = try #require(whole.output.firstMatch(of: pattern)).output[0].substring
                #expect(text.map { resumed.output.contains($0) } == true, "\(field): \(resumed.output)")
            }
        }
    }

    @Test("When --out takes no more, the findings are on the terminal, the record stays valid and the status is 2")
    func full() throws {
        try Self.inFolder { folder in
            try Self.write(Self.failing(), to: "failing.mesh", in: folder)
            for (kilobytes, isSaved) in [(0, false), (4, true)] {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/bin/bash")
                process.arguments = [
                    "-c", "ulimit -f \(kilobytes); exec \"$0\" \"$@\"", MeshCommand.executable.path, "fuzz",
                    "failing.mesh",
                    "--seeds", "1..3", "--shrink-budget", "0", "--out", "out-\(kilobytes)",
                ]
                process.currentDirectoryURL = folder
                let output = Pipe()
                let error = Pipe()
                process.standardOutput = output
                process.standardError = error
                try process.run()
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                let complaint = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                #expect(process.terminationReason == .exit && process.terminationStatus == 2, "\(complaint)")
                #expect(complaint.contains("cannot be written: File too large"))
                guard isSaved else { continue }
                #expect(text.contains("FAILED expectation"))
                #expect(text.contains("PROBLEM out-4/"))
                #expect(complaint.contains("--resume goes on when there is room"))
                #expect(text.contains("scenario \"Fails always\"") || text.contains("mesh replay"), "\(text)")
                let merged = try MeshCommand.run(["fuzz", "merge", "out-4", "--json"], folder: folder)
                #expect(merged.status == 1)
                #expect(merged.output.contains("\"signature\":\"expectation-"))
                #expect(try !Self.names("out-4", in: folder).contains { $0.hasSuffix(".new") })
                let resumed = try MeshCommand.run(
                    ["fuzz", "failing.mesh", "--seeds", "1..3", "--shrink-budget", "0", "--out", "out-4", "--resume"],
                    folder: folder)
                #expect(resumed.status == 1 && resumed.output.contains("failures found: 3 runs"), "\(resumed.error)")
            }
        }
    }

    @Test("A scenario of the bug base that cannot be read is named; the others and the campaign run, the status is 2")
    func unreadable() throws {
        try Self.inFolder { folder in
            try Self.write(goodScenario, to: "good.mesh", in: folder)
            try Self.write(goodScenario, to: "scenarios/regressions/good.mesh", in: folder)
            try Self.write("scenario \"Half", to: "scenarios/regressions/half.mesh", in: folder)
            try FileManager.default.createSymbolicLink(
                at: folder.appendingPathComponent("scenarios/regressions/gone.mesh"),
                withDestinationURL: folder.appendingPathComponent("nowhere.mesh"))
            let result = try MeshCommand.run(
                ["fuzz", "good.mesh", "--seeds", "1..2", "--junit", "j.xml", "--out", "out"], folder: folder)
            #expect(result.status == 2)
            for name in ["half.mesh", "gone.mesh"] { #expect(result.error.contains("scenarios/regressions/" + name)) }
            #expect(result.output.contains("bug base: 3 runs, 0 broken"))
            #expect(result.output.contains("nothing failed: 2 runs"))
            #expect(result.output.contains("PROBLEM a scenario of the bug base"))
            #expect(try Self.read("j.xml", in: folder).contains("errors=\"2\""))
            #expect(try Self.read("out/campaign.json", in: folder).contains("gone.mesh"))
        }
    }

    @Test("Of very many failures fifty are written out, all are counted, and what is left out is said")
    func many() throws {
        try Self.inFolder { folder in
            let metrics = [
                "elections", "leader changes", "transfers", "term", "commit", "proposals", "committed", "snapshots",
                "messages", "lost messages", "crashes", "restarts", "suspicions", "false suspicions", "deaths",
            ]
            for metric in metrics {
                for (index, comparison) in ["==", ">", ">=", "<"].enumerated() {
                    let bound = comparison == "<" ? 0 : 999_999
                    try Self.write(
                        Self.failing("\(metric) \(comparison) \(bound)"),
                        to: "many/\(metric.replacing(" ", with: "-"))-\(index).mesh", in: folder)
                }
            }
            let result = try MeshCommand.run(
                [
                    "fuzz", "many", "--explore", "once", "--seeds", "1..2", "--shrink-budget", "0", "--out", "out",
                    "--junit", "j.xml",
                ],
                folder: folder)
            #expect(result.status == 1, "\(result.error)")
            #expect(result.output.contains("120 runs from seed 1 on, 120 broken in 60 ways"))
            #expect(result.output.contains("10 further ways to fail: only 50 are shrunk and written out"))
            #expect(result.output.contains("the others are listed in out/campaign.json"))
            #expect(try Self.names("out", in: folder).filter { $0.hasPrefix("expectation-") }.count == 50)
            #expect(try Self.read("j.xml", in: folder).contains("failures=\"60\""))
            let merged = try MeshCommand.run(["fuzz", "merge", "out", "--out", "all"], folder: folder)
            #expect(merged.output.contains("120 broken in 60 ways"))
            #expect(merged.output.contains("10 further ways to fail"))
            #expect(try Self.names("all", in: folder).filter { $0.hasPrefix("expectation-") }.count == 50)
        }
    }
}
