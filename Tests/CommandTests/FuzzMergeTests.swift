import Foundation
import Testing

@Suite("mesh fuzz merge")
struct FuzzMergeTests {
    /// A scenario that fails with some seeds, in two ways, and holds with others.
    private static let flaky = """
        scenario "Fails now and then"
        about "For the tests of the command."
        duration 2s

        cluster
          nodes 3
          run raft

        timeline
          at 1s..2500ms  crash leader

        expect
          leader changes == 0
          at end: leader is n1
          sometimes leader elected
          sometimes snapshot taken

        """

    /// A folder with a scenario, where there is no bug base.
    private struct Place {
        let folder: URL
        var scenario: String { folder.path + "/flaky.mesh" }

        func mesh(_ arguments: String...) throws -> MeshCommand.Result {
            try MeshCommand.run(["fuzz"] + arguments, folder: folder)
        }

        func json(_ arguments: String...) throws -> [String: Any] {
            let result = try MeshCommand.run(["fuzz"] + arguments + ["--json"], folder: folder)
            let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
            return try #require(object as? [String: Any], "\(result.error)")
        }

        func text(_ path: String) throws -> String {
            try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
        }

        func write(_ text: String, to path: String) throws {
            let url = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }

        func names(_ path: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + path).sorted()
        }

        /// The record of a part as if its process had been killed after some of its runs.
        func cut(_ path: String, runs: Int, of whole: Int) throws {
            var record = try text(path + "/campaign.json")
            for (old, new) in [("\(whole - 1)\n", "\(runs - 1)\n"), ("\"runs\" : \(whole),", "\"runs\" : \(runs),")] {
                #expect(record.contains(old))
                record = record.replacing(old, with: new)
            }
            try write(
                record.replacing("\"is_complete\" : true", with: "\"is_complete\" : false"), to: path + "/campaign.json"
            )
        }
    }

    private static func inPlace(_ body: (Place) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mesh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = Place(folder: folder)
        try place.write(flaky, to: "flaky.mesh")
        try body(place)
    }

    @Test("The union of the shards is the single run: digest, runs, marks, failures with their first seeds")
    func union() throws {
        try Self.inPlace { place in
            let whole = try place.json("flaky.mesh", "--seeds", "1..14", "--shrink-budget", "3", "--out", "whole")
            #expect(try #require(whole["failures"] as? [[String: Any]]).count >= 2)
            for shard in 1...3 {
                _ = try place.json(
                    "flaky.mesh", "--seeds", "1..14", "--shrink-budget", "3", "--shard", "\(shard)/3", "--out",
                    "parts/\(shard)")
            }
            let merged = try place.json("merge", "parts", "--out", "merged")
            for key in ["campaign_digest", "complete"] { #expect(merged[key] as? String == whole[key] as? String) }
            for key in ["runs", "broken", "undecided", "run_twice", "events", "simulated_ns", "first_seed", "states"] {
                #expect(merged[key] as? Int == whole[key] as? Int, "\(key)")
            }
            for (list, keys) in [
                ("failures", ["signature", "text", "seed", "runs", "digest", "file", "shrunk"]),
                ("marks", ["text", "count", "runs", "asked"]),
            ] {
                let left = try #require(merged[list] as? [[String: Any]])
                let right = try #require(whole[list] as? [[String: Any]])
                #expect(left.count == right.count)
                for (left, right) in zip(left, right) {
                    for key in keys { #expect("\(left[key] ?? "")" == "\(right[key] ?? "")", "\(list) \(key)") }
                }
            }
            // Every distinct failure has one folder, whose report names the new place.
            #expect(try place.names("merged") == place.names("whole"))
            for name in try place.names("merged") where name.hasPrefix("expectation-") {
                #expect(try place.names("merged/" + name) == place.names("whole/" + name))
                #expect(try place.text("merged/\(name)/report.txt").contains("mesh replay merged/\(name)/shrunk.mesh"))
            }
            // The merged record is a record as well.
            let again = try place.mesh("merge", "merged", "parts/2", "--junit", "j.xml")
            #expect(again.status == 1)
            #expect(again.error.contains("parts/2: left out, merged has all of its"))
            #expect(again.output.contains("campaign digest \(whole["campaign_digest"] ?? "")"))
            #expect(try place.text("j.xml").contains(">mesh replay merged/expectation-"))
        }
    }

    @Test("A retried shard is counted once, a missing one is named, and two that overlap are refused")
    func overlaps() throws {
        try Self.inPlace { place in
            try place.write(goodScenario, to: "good.mesh")
            for shard in 1...2 {
                _ = try place.mesh("good.mesh", "--seeds", "1..9", "--shard", "\(shard)/2", "--out", "part-\(shard)")
            }
            let whole = try place.json("good.mesh", "--seeds", "1..9")
            _ = try place.mesh("good.mesh", "--seeds", "1..9", "--shard", "2/2", "--out", "tried")
            try place.cut("tried", runs: 2, of: 4)
            let merged = try place.mesh("merge", "part-1", "tried", "part-2")
            #expect(merged.status == 0, "\(merged.output)\(merged.error)")
            #expect(merged.error.contains("tried: left out, part-2 has all of its 2 runs"))
            #expect(merged.output.contains("campaign digest \(whole["campaign_digest"] ?? "")"))
            #expect(merged.output.contains("merged: 2 of 2 shards"))

            let missing = try place.mesh("merge", "part-1")
            #expect(missing.status == 3)
            #expect(missing.output.contains("missing: shard 2/2 is missing"))
            #expect(missing.output.contains("runs are missing: nothing failed: 5 runs"))
            let partial = try place.mesh("merge", "part-1", "tried")
            #expect(partial.status == 3)
            #expect(partial.output.contains("shard 2/2 lacks 2 of 4 runs, from seed 6 on"))

            // A record of runs 2 to 3 and one of runs 0 to 2 have one in common.
            try place.write(try place.text("part-2/campaign.json"), to: "late/campaign.json")
            try place.cut("late", runs: 3, of: 4)
            try place.cut("part-2", runs: 3, of: 4)
            let record = try place.text("late/campaign.json").replacing(
                "          0,\n          2\n", with: "          1,\n          3\n")
            try place.write(record, to: "late/campaign.json")
            let twice = try place.mesh("merge", "part-1", "part-2", "late")
            #expect(twice.status == 2)
            #expect(twice.error.contains("would be counted twice: they have 2 runs in common"))
        }
    }

    @Test("Records of other campaigns, builds and versions, and damaged ones, are refused with a way out")
    func refused() throws {
        try Self.inPlace { place in
            try place.write(goodScenario, to: "good.mesh")
            _ = try place.mesh("good.mesh", "--seeds", "1..4", "--shard", "1/2", "--out", "one")
            _ = try place.mesh("good.mesh", "--seeds", "1..4", "--shard", "2/2", "--out", "two")
            let sound = try place.text("two/campaign.json")
            let build = try #require(sound.split(separator: "\n").first { $0.contains("\"build\"") })
            let changed: [(old: String, new: String, complaint: String)] = [
                ("\"first_seed\" : 1", "\"first_seed\" : 2", "no parts of one campaign: first seeds 1 and 2"),
                ("\"shards\" : 2", "\"shards\" : 3", "damaged: 2 places"),
                ("good.mesh ", "good.mesh 1", "different files"),
                ("\"version\" : 2", "\"version\" : 3", "has version 3"),
                ("mesh-campaign", "mess-campaign", "no record of a campaign"),
                ("\"plan\"", "\"plane\"", "damaged"),
                ("\"undecided\" : 0", "\"undecided\" : 99", "do not fit together"),
                (String(build), "  \"build\" : \"0\",", "different builds"),
            ]
            for (old, new, complaint) in changed {
                #expect(sound.contains(old))
                let text = sound.replacing(old, with: new)
                try place.write(text, to: "two/campaign.json")
                let result = try place.mesh("merge", "one", "two")
                if old == "\"shards\" : 2" {
                    #expect(result.status == 2)
                } else {
                    #expect(result.status == 2 && result.error.contains(complaint), "\(new): \(result.error)")
                }
                #expect(result.error.split(separator: "\n").count >= 2, "there is no way out: \(result.error)")
            }
            let any = try place.mesh("merge", "one", "two", "--any-build")
            #expect(any.status == 0)
            // Every truncation of a record is refused or read, never a trap.
            for length in stride(from: 0, to: sound.utf8.count - 1, by: 97) {
                try place.write(String(sound.prefix(length)), to: "two/campaign.json")
                let result = try place.mesh("merge", "one", "two")
                #expect(result.status == 2 && result.error.contains("two/campaign.json"))
            }
            let none = try place.mesh("merge", "nowhere")
            #expect(none.status == 2 && none.error.contains("nowhere"))
            #expect(try place.mesh("merge").status == 2)
        }
    }

    @Test("--shard auto is what Slurm and Kubernetes say, and an error that names the variables where nobody does")
    func automatic() throws {
        try Self.inPlace { place in
            try place.write(goodScenario, to: "good.mesh")
            func run(_ environment: [String: String]) throws -> MeshCommand.Result {
                try MeshCommand.run(
                    ["fuzz", "good.mesh", "--seeds", "1..7", "--shard", "auto", "--json"], environment: environment,
                    folder: place.folder)
            }
            let good: [([String: String], Int)] = [
                (["SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_COUNT": "3"], 3),
                (["SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_COUNT": "3"], 2),
                (
                    [
                        "SLURM_ARRAY_TASK_ID": "6", "SLURM_ARRAY_TASK_MIN": "2", "SLURM_ARRAY_TASK_COUNT": "3",
                        "SLURM_ARRAY_TASK_STEP": "4",
                    ], 2
                ),
                (["SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "1", "MESH_SHARDS": "4"], 1),
                (["JOB_COMPLETION_INDEX": "0", "MESH_SHARDS": "2"], 4),
            ]
            for (environment, runs) in good {
                let result = try run(environment)
                #expect(result.output.contains("\"runs\":\(runs),"), "\(environment): \(result.output)\(result.error)")
            }
            let wrong: [([String: String], String)] = [
                ([:], "neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX"),
                (["JOB_COMPLETION_INDEX": "1"], "MESH_SHARDS is not"),
                (["JOB_COMPLETION_INDEX": "2", "MESH_SHARDS": "2"], "shard 3 of 2"),
                (["SLURM_ARRAY_TASK_ID": "x", "SLURM_ARRAY_TASK_COUNT": "2"], "no number"),
                (["SLURM_ARRAY_TASK_ID": "1"], "does not say"),
                (
                    ["SLURM_ARRAY_TASK_ID": "9", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "3"],
                    "shard 9 of 3"
                ),
            ]
            for (environment, complaint) in wrong {
                let result = try run(environment)
                #expect(result.status == 2 && result.error.contains(complaint), "\(environment): \(result.error)")
            }
        }
    }

    @Test("A killed process leaves a record that --resume goes on with, to the result of one that was not killed")
    func resumed() throws {
        try Self.inPlace { place in
            try place.write(goodScenario.replacing("duration 3s", with: "duration 20s"), to: "good.mesh")
            let arguments = [
                "fuzz", "good.mesh", "--explore", "once", "--seeds", "1..40", "--jobs", "1", "--out", "out",
            ]
            let process = Process()
            process.executableURL = MeshCommand.executable
            process.arguments = arguments
            process.currentDirectoryURL = place.folder
            process.standardOutput = Pipe()
            try process.run()
            var seen = 0
            for _ in 0..<600 where seen == 0 {
                Thread.sleep(forTimeInterval: 0.1)
                guard let text = try? place.text("out/campaign.json"), text.contains("is_complete") else { continue }
                let merged = try place.json("merge", "out")
                seen = merged["runs"] as? Int ?? 0
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(seen > 0)
            let partial = try place.json("merge", "out")
            #expect(partial["complete"] as? String == "no")
            let before = try #require(partial["runs"] as? Int)
            #expect(before >= seen && before < 40)
            let resumed = try MeshCommand.run(arguments + ["--resume", "--json"], folder: place.folder)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(resumed.output.utf8)) as? [String: Any], "\(resumed.error)")
            #expect(object["runs"] as? Int == 40)
            let whole = try place.json("good.mesh", "--explore", "once", "--seeds", "1..40")
            #expect(object["campaign_digest"] as? String == whole["campaign_digest"] as? String)
            #expect(object["events"] as? Int == whole["events"] as? Int)
            // What is complete is not run again; another campaign is not gone on with.
            let again = try MeshCommand.run(arguments + ["--resume"], folder: place.folder)
            #expect(again.output.contains("campaign digest \(whole["campaign_digest"] ?? "")"))
            let other = try place.mesh(
                "--profile", "gossip", "--explore", "once", "--seeds", "1..40", "--out", "out",
                "--resume")
            #expect(other.status == 2 && other.error.contains("another campaign"))
        }
    }
}
