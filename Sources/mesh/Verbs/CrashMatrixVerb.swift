import MeshCore
import Scenarios
import Simulator

/// `mesh crash-matrix`: crashes the log, and groups that write to it, wherever a crash can hit.
enum CrashMatrixVerb {
    static let verb = Verb(
        name: "crash-matrix",
        summary: "crash the log on disk at every point of many runs, in every way up to a bound",
        operands: "",
        options: [
            Option(name: "--points", value: "N", summary: "how many points for each part (default: \(defaultPoints))"),
            Option(name: "--seed", value: "S", summary: "decides everything left to chance (default: 1)"),
            Option(
                name: "--only", value: "PART", summary: "log, rot, full, recycled, raft or raft-rot (default: all)"),
        ],
        details: """
            A point is a moment of a run and one choice of what the disk keeps of the unsynced sectors and names. The
            log alone must come back with everything it told durable and nothing it was never given; so it must from a
            disk that became full, and from one whose new segments are made of the files of removed ones. With a bit
            flipped at rest it may also refuse to come back, naming the place, or lose the last batch, which looks torn.
            A group of three Raft nodes, one or all of which lose power, must go on without breaking a promise; so must
            one in which a bit flips on a disk, and its node starts from what is legible.
            Exit status: 0 every point held, 1 one did not.
            """,
        examples: [
            ("mesh crash-matrix", "all parts, some ten seconds"),
            ("mesh crash-matrix --points 1000000 --only log", "a longer look at the log"),
        ],
        operandKind: .word([]),
        run: { try await run($0) })

    static let defaultPoints: UInt64 = 20_000

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        guard arguments.operands.isEmpty else { throw UsageError("\"mesh crash-matrix\" takes no file") }
        let points =
            try arguments.value("--points").map { UInt64(try Values.count($0, of: "--points")) } ?? defaultPoints
        let seed = try arguments.value("--seed").map { UInt64(try Values.count($0, of: "--seed")) } ?? 1
        let part = arguments.value("--only")
        let names = logParts.map { $0.name } + raftParts.map { $0.name }
        guard part == nil || names.contains(where: { $0 == part }) else {
            throw UsageError(
                "there is no part \"\(part ?? "")\"", hint: "log, rot, full, recycled, raft and raft-rot are known")
        }
        var total = Total()
        for known in logParts where part == nil || part == known.name {
            var matrix = CrashMatrix(
                seed: seed, limit: points, settings: CrashMatrix.smallSettings, hazard: known.hazard)
            let progress = Progress(label: known.name, total: points, unit: "points")
            while !matrix.advance() { await progress.reach(matrix.points) }
            await progress.clear()
            total.add(known.title, matrix.points, matrix.refusals, matrix.failure?.description)
            if known.hazard == .rot {
                Terminal.print("  \(matrix.cuts) lost the last batch, which looks torn")
                Terminal.print("  \(matrix.salvages) crashes of what salvages refused disks")
            }
        }
        for known in raftParts where part == nil || part == known.name {
            var matrix = ClusterCrashMatrix(seed: seed, limit: points, rots: known.rots)
            let progress = Progress(label: known.name, total: points, unit: "points")
            while !matrix.advance() { await progress.reach(matrix.points) }
            await progress.clear()
            total.add(known.title, matrix.points, matrix.refusals, matrix.failure?.description)
            if known.rots {
                Terminal.print("  \(matrix.salvages) started from a part of their disk, \(matrix.healed) were healed")
            }
        }
        Terminal.print("\(total.points) points, \(total.refusals) refusals")
        return total.isHeld ? .held : .broken
    }

    private static let logParts: [(name: String, hazard: CrashMatrix.Hazard, title: String)] = [
        ("log", .none, "the log"), ("rot", .rot, "the log under rot"), ("full", .fullDisk, "the log on a full disk"),
        ("recycled", .recycling, "the log on files used again"),
    ]

    private static let raftParts: [(name: String, rots: Bool, title: String)] = [
        ("raft", false, "three nodes of Raft"), ("raft-rot", true, "three nodes of Raft under rot"),
    ]

    /// What all parts gave together.
    private struct Total {
        var points: UInt64 = 0
        var refusals: UInt64 = 0
        var isHeld = true

        /// Prints the line of a part.
        mutating func add(_ part: String, _ points: UInt64, _ refusals: UInt64, _ failure: String?) {
            self.points += points
            self.refusals += refusals
            if failure != nil { isHeld = false }
            let verdict = failure == nil ? Terminal.green("held") : Terminal.red("broken")
            Terminal.print("\(verdict)  \(part): \(points) points, \(refusals) refusals")
            if let failure { Terminal.print("  \(failure)") }
        }
    }
}
