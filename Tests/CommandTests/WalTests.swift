import Foundation
import Testing

/// The disks that a run left, for one test.
private struct Disks: ~Copyable {
    let path: String
    /// Node 1's only segment.
    var segment: String { "\(path)/n1/log-0000000000000001" }
    var node: String { "\(path)/n1" }

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("mesh-\(UUID().uuidString)").path
        let result = try MeshCommand.run(
            "replay", "scenarios/raft/leader-cut-off.mesh", "--seed", "1", "--until", "3s", "--disks", path)
        // A run that ends early has not seen all it expects.
        #expect(result.status != 2 && result.output.contains("5 disks with "))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Changes the bytes of the segment.
    func damage(_ change: (inout Data) -> Void) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: segment))
        change(&bytes)
        try bytes.write(to: URL(fileURLWithPath: segment))
    }

    /// The offsets of the records, as `inspect` shows them.
    func offsets() throws -> [Int] {
        try MeshCommand.run("wal", "inspect", segment, "--json").output.split(separator: "\n")
            .filter { $0.contains("\"kind\":\"record\"") }
            .compactMap { line in
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return object?["offset"] as? Int
            }
    }
}

@Suite("mesh wal")
struct WalTests {
    @Test("inspect shows every record with offset, number, checksum and content, and what recovery would do")
    func inspect() throws {
        let disks = try Disks()
        let result = try MeshCommand.run("wal", "inspect", disks.node)
        #expect(result.status == 0 && result.error.isEmpty)
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines[0] == "log-0000000000000001  segment 1, 262,144 bytes, sectors of 512")
        #expect(lines[2] == "           0  header, version 1, first record 1")
        #expect(lines[3].hasPrefix("         512           1           1         4  "))
        #expect(lines[3].contains("  raft term 1 vote n"))
        let count = try disks.offsets().count
        #expect(count > 10 && lines.contains { $0.hasPrefix("  \(count) records, ") && $0.hasSuffix("nothing broken") })
        #expect(
            lines.last
                == "whole  \(disks.node)  recovery reads \(count) records of 1 segment; the last is record \(count)")
    }

    @Test("A file is inspected under any name, and content that means nothing is shown as bytes")
    func singleFiles() throws {
        let disks = try Disks()
        let other = "\(disks.path)/kept.bin"
        try FileManager.default.copyItem(atPath: disks.segment, toPath: other)
        let result = try MeshCommand.run("wal", "inspect", other, "--content", "any")
        #expect(result.status == 0)
        #expect(result.output.contains("kept.bin  segment 1, ") && result.output.contains("  010001"))
        let nobody = "\(disks.path)/notes.txt"
        try Data("no log at all, but longer than the header of one would be".utf8).write(
            to: URL(fileURLWithPath: nobody))
        let refused = try MeshCommand.run("wal", "inspect", nobody)
        #expect(refused.status == 2)
        #expect(refused.error.contains("is no file of a log, by neither its name nor its first bytes"))
    }

    @Test("Rot in the middle is damage with its place, is shown, and is never repaired by guessing")
    func rot() throws {
        let disks = try Disks()
        let offset = try disks.offsets()[7]
        try disks.damage { $0[offset + 25] ^= 4 }
        let before = try Data(contentsOf: URL(fileURLWithPath: disks.segment))
        let verified = try MeshCommand.run("wal", "verify", disks.node)
        #expect(verified.status == 1)
        #expect(
            verified.output.contains(
                "log-0000000000000001 is damaged at offset \(offset): record 8 was durable and cannot be read"))
        #expect(verified.output.contains("restore a backup, or let the node begin anew as a new member"))
        let shown = try MeshCommand.run("wal", "inspect", disks.segment)
        #expect(shown.status == 1 && shown.output.contains("\(offset)  broken: 512 bytes are no record"))
        let repaired = try MeshCommand.run("wal", "repair", disks.node)
        #expect(repaired.status == 1 && repaired.output.contains("nothing was changed"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: disks.segment)) == before)
        let json = try MeshCommand.run("wal", "verify", disks.node, "--json")
        #expect(json.status == 1 && json.output.contains("\"verdict\":\"damaged\""))
    }

    @Test("A torn tail is cut, with a copy of what was cut; a dry run only says so")
    func tornTail() throws {
        let disks = try Disks()
        let offset = try #require(try disks.offsets().last)
        try disks.damage { $0[offset + 24] ^= 1 }
        let verified = try MeshCommand.run("wal", "verify", disks.node)
        #expect(verified.status == 0 && verified.output.contains("cuts log-0000000000000001 at offset \(offset)"))
        let size = try Data(contentsOf: URL(fileURLWithPath: disks.segment)).count
        let dry = try MeshCommand.run("wal", "repair", "--dry-run", disks.node)
        #expect(dry.status == 0)
        #expect(dry.output.hasPrefix("would cut log-0000000000000001 at offset \(offset), "))
        #expect(try Data(contentsOf: URL(fileURLWithPath: disks.segment)).count == size)
        let done = try MeshCommand.run("wal", "repair", disks.node)
        #expect(done.status == 0 && done.output.contains("what was moved or cut is in \(disks.node)/aside-1"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: disks.segment)).count == offset)
        let kept = try Data(
            contentsOf: URL(fileURLWithPath: "\(disks.node)/aside-1/log-0000000000000001.from-\(offset)"))
        #expect(kept.count == size - offset && kept.contains { $0 != 0 })
        let after = try MeshCommand.run("wal", "verify", disks.node)
        #expect(after.status == 0 && !after.output.contains("cuts"))
    }

    @Test("A header that its records prove is written anew; one that they do not is left alone")
    func header() throws {
        let disks = try Disks()
        let first = try disks.offsets().count
        try disks.damage { $0[3] ^= 1 }
        let verified = try MeshCommand.run("wal", "verify", disks.node)
        #expect(verified.status == 1 && verified.output.contains("wal repair --dry-run"))
        let done = try MeshCommand.run("wal", "repair", disks.node)
        #expect(done.status == 0)
        #expect(done.output.hasPrefix("write the header of log-0000000000000001 anew: its first record is 1, whole"))
        let after = try MeshCommand.run("wal", "verify", disks.node)
        #expect(after.status == 0 && after.output.contains("recovery reads \(first) records"))
        try disks.damage {
            $0[3] ^= 1
            $0[520] ^= 1
        }
        let refused = try MeshCommand.run("wal", "repair", disks.node)
        #expect(refused.status == 1 && refused.output.contains("is damaged at offset 0: no header"))
    }

    @Test("Files of no use are put aside")
    func leftovers() throws {
        let disks = try Disks()
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(disks.node)/new-image-0000000000000005"))
        let dry = try MeshCommand.run("wal", "repair", "--dry-run", disks.node, "--json")
        #expect(dry.output.contains("\"do\":\"move aside\",\"reason\":\"an image whose writing was interrupted\""))
        #expect(try MeshCommand.run("wal", "repair", disks.node).status == 0)
        #expect(FileManager.default.fileExists(atPath: "\(disks.node)/aside-1/new-image-0000000000000005"))
        let again = try MeshCommand.run("wal", "repair", disks.node)
        #expect(again.status == 0 && again.output.hasPrefix("nothing to do"))
    }

    @Test("A log of another version is not called damaged")
    func version() throws {
        let disks = try Disks()
        try disks.damage { bytes in
            bytes[8] = 7
            // CRC-32C of the first 32 bytes, bit by bit.
            var crc: UInt32 = .max
            for byte in bytes[0..<32] {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
            }
            for place in 0..<4 { bytes[32 + place] = UInt8(truncatingIfNeeded: ~crc >> UInt32(8 * place)) }
        }
        let result = try MeshCommand.run("wal", "verify", disks.node)
        #expect(result.status == 2 && result.output.hasPrefix("unreadable"))
        #expect(result.output.contains("format version 7 is not known"))
        #expect(result.output.contains("read it with the version of mesh that wrote it"))
    }

    @Test("A file cut short anywhere is judged, never trapped on")
    func truncated() throws {
        let disks = try Disks()
        let whole = try Data(contentsOf: URL(fileURLWithPath: disks.segment))
        for length in [0, 1, 35, 36, 100, 511, 512, 530, 1_030, 2_000] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: disks.segment))
            for word in ["inspect", "verify"] {
                let result = try MeshCommand.run("wal", word, disks.node)
                #expect(result.status == 0 && result.output.contains("whole"), "\(word), \(length) bytes")
            }
        }
    }

    @Test(
        "Wrong calls are refused with a way out",
        arguments: [
            ([], "needs one of the words inspect, verify and repair"),
            (["verfy", "x"], "did you mean \"verify\"?"),
            (["verify"], "\"mesh replay FILE --disks FOLDER\" writes some"),
            (["verify", "no-such-folder"], "no-such-folder: there is no such folder"),
            (["verify", "Sources"], "holds no log, only "),
            (["verify", "README.md"], "\"mesh wal inspect\" looks at single files"),
            (["inspect", "no-such-file"], "no-such-file: there is no such file or folder"),
            (["verify", "Sources", "--content", "rft"], "did you mean \"raft\"?"),
            (["verify", "Sources", "--dry-run"], "--dry-run is for \"mesh wal repair\""),
            (["verify", "Sources", "--sector", "500"], "set sectorBytes to a power of two"),
            (["repair", "a", "b"], "takes one folder"),
        ])
    func wrongCalls(arguments: [String], text: String) throws {
        let result = try MeshCommand.run(["wal"] + arguments)
        #expect(result.status == 2)
        #expect(result.error.contains(text), "\(result.error)")
    }

    @Test("A folder of several disks names them; disks are never written over")
    func folders() throws {
        let disks = try Disks()
        let result = try MeshCommand.run("wal", "verify", disks.path)
        #expect(result.status == 2 && result.error.contains("holds no log itself, but n1, n2, n3, n4, n5"))
        let again = try MeshCommand.run("replay", "scenarios/raft/leader-cut-off.mesh", "--disks", disks.path)
        #expect(again.status == 2 && again.error.contains("name a folder that is not there yet"))
    }
}
