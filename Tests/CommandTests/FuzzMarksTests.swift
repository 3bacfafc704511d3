import Foundation
import Testing

@Suite("mesh fuzz --marks")
struct FuzzMarksTests {
    private static func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mesh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    /// Writes the record of a campaign of 100 runs with these marks, made from that of a single run.
    private static func write(_ marks: [(text: String, runs: Int, asked: Int)], in folder: URL) throws {
        let file = folder.appendingPathComponent("out/campaign.json")
        var record = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        var plan = try #require(record["plan"] as? [String: Any])
        plan["runs"] = 100
        record["plan"] = plan
        record["parts"] = [["shard": 1, "places": [[0, 99]], "is_complete": true] as [String: Any]]
        var campaign = try #require(record["campaign"] as? [String: Any])
        campaign["runs"] = 100
        campaign["marks"] = marks.map {
            ["text": $0.text, "count": $0.runs, "runs": $0.runs, "asked": $0.asked, "appeared": 0] as [String: Any]
        }
        record["campaign"] = campaign
        try JSONSerialization.data(withJSONObject: record).write(to: file)
    }

    private static let known = """
        mesh-marks 1
        profile raft
        seeds 1+200
        # A comment.
        120 of 200  sometimes leader lost
        16 of 200  sometimes snapshot installed
        90 of 100  sometimes a unicorn is seen

        """

    @Test("A mark that was reached often and is no more fails the campaign and is named; a rare one does not")
    func cold() throws {
        try Self.inFolder { folder in
            func mesh(_ arguments: String...) throws -> MeshCommand.Result {
                try MeshCommand.run(["fuzz"] + arguments, environment: ["GITHUB_ACTIONS": "true"], folder: folder)
            }
            let made = try mesh(
                "--profile", "raft", "--seeds", "4+1", "--out", "out", "--marks", "made.txt", "--update-marks")
            #expect(made.status == 0, "\(made.error)")
            let text = try String(contentsOf: folder.appendingPathComponent("made.txt"), encoding: .utf8)
            #expect(text.hasPrefix("mesh-marks 1\n"))
            #expect(text.contains("profile raft\nseeds 4+1\n"))
            #expect(text.contains(" of 1  sometimes leader lost\n"))
            // The file brings its profile and its seeds along.
            let again = try mesh("--marks", "made.txt", "--json")
            #expect(again.status == 0, "\(again.error)")
            #expect(again.output.contains("\"first_seed\":4,\"runs\":1,"))
            #expect(again.output.contains("\"cold_marks\":[]"))

            try Data(Self.known.utf8).write(to: folder.appendingPathComponent("marks.txt"))
            let warm: [(String, Int, Int)] = [
                ("sometimes leader lost", 1, 100), ("sometimes snapshot installed", 0, 100),
                ("sometimes a unicorn is seen", 1, 2),
            ]
            try Self.write(warm, in: folder)
            let held = try mesh("merge", "out", "--marks", "marks.txt")
            #expect(held.status == 0, "8 of 100 were expected, which is no proof: \(held.output)\(held.error)")

            try Self.write([("sometimes leader lost", 0, 100), ("sometimes snapshot installed", 0, 100)], in: folder)
            let cold = try mesh("merge", "out", "--marks", "marks.txt", "--junit", "j.xml")
            #expect(cold.status == 1)
            #expect(
                cold.output.contains(
                    "COLD sometimes leader lost: reached in none of 100 runs, and it was in 120 of 200"))
            #expect(cold.output.contains("COLD sometimes a unicorn is seen: no run looks for it"))
            #expect(!cold.output.contains("COLD sometimes snapshot"))
            #expect(cold.output.contains("--marks marks.txt --update-marks"))
            let junit = try String(contentsOf: folder.appendingPathComponent("j.xml"), encoding: .utf8)
            #expect(junit.contains("tests=\"2\" failures=\"2\""))
            #expect(junit.contains("name=\"reached: sometimes leader lost\""))
        }
    }

    @Test("What is no file of marks, or of another profile, is refused with the line")
    func wrong() throws {
        try Self.inFolder { folder in
            let wrong: [(String, String)] = [
                ("", "no file of marks"), (Self.known.replacing("mesh-marks 1", with: "mesh-marks 2"), "version 1"),
                ("mesh-marks 1\nprofile raft\n", "missing"),
                (Self.known.replacing("120 of 200", with: "220 of 200"), "220 of 200  sometimes leader lost"),
                (Self.known.replacing("120 of 200", with: "many times"), "is no mark"),
                (Self.known.replacing("1+200", with: "1"), "no end"),
                (Self.known.replacing("raft", with: "rafd"), "rafd"),
            ]
            for (text, complaint) in wrong {
                try Data(text.utf8).write(to: folder.appendingPathComponent("marks.txt"))
                let result = try MeshCommand.run(["fuzz", "--marks", "marks.txt"], folder: folder)
                #expect(result.status == 2 && result.error.contains(complaint), "\(text): \(result.error)")
            }
            try Data(Self.known.utf8).write(to: folder.appendingPathComponent("marks.txt"))
            for arguments in [
                ["--marks", "marks.txt", "--profile", "gossip"], ["--marks", "none.txt"], ["--update-marks"],
            ] {
                let result = try MeshCommand.run(["fuzz"] + arguments, folder: folder)
                #expect(result.status == 2 && !result.error.isEmpty, "\(arguments)")
            }
        }
    }

    @Test("Every profile has a file of marks that can be read")
    func corpus() throws {
        let folder = MeshCommand.root.appendingPathComponent("Tests/Corpus/marks")
        for profile in ["raft", "membership", "gossip", "storage", "all"] {
            let text = try String(contentsOf: folder.appendingPathComponent(profile + ".txt"), encoding: .utf8)
            #expect(text.contains("\nprofile \(profile)\nseeds 1+250\n"))
            // An impossible profile stops the call before the campaign; the file is read first.
            let result = try MeshCommand.run(
                "fuzz", "--marks", folder.path + "/\(profile).txt", "--profile", profile == "raft" ? "gossip" : "raft")
            #expect(result.error.contains("holds the marks of profile \(profile)"))
        }
    }
}
