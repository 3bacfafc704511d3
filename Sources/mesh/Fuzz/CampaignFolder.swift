import Foundation
import MeshCore
import Scenarios

/// The folder that `--out` names, which belongs to one process at a time.
struct CampaignFolder {
    let path: String
    /// Holds the lock until the process ends.
    private let lock: FileHandle

    /// Makes the folder if need be, and takes it.
    ///
    /// - Throws: `UsageError` when it cannot be made, or another process has it.
    init(taking path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw UsageError("\(path): cannot be made: \(Files.reason(error))", hint: Self.hint)
        }
        let file = "\(path)/campaign.lock"
        let descriptor = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw UsageError("\(file): cannot be written: \(Files.text(of: errno))", hint: Self.hint)
        }
        lock = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        // A file system without locks protects nobody, and hinders nobody.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            let owner = (try? lock.readToEnd()).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw UsageError(
                "\(path): another mesh fuzz writes here\(owner.isEmpty ? "" : " (\(owner))")",
                hint: "give each process a folder of its own: --out \(path)-2; mesh fuzz merge puts them together.")
        }
        self.path = path
        let name = "process \(ProcessInfo.processInfo.processIdentifier) on \(ProcessInfo.processInfo.hostName)"
        try? lock.truncate(atOffset: 0)
        try? lock.write(contentsOf: Data(name.utf8))
    }

    private static let hint = "nothing was run yet; give --out a folder that can be written."

    /// Replaces the record; a reader sees the old one or the new one.
    ///
    /// - Throws: `UsageError` when it cannot be written; the old one stays.
    func save(_ record: CampaignRecord) throws {
        try Self.save(record, in: path)
    }

    /// Replaces the record of a folder.
    static func save(_ record: CampaignRecord, in folder: String) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(record)
        try Files.replace("\(folder)/\(CampaignRecord.fileName)", with: [UInt8](data) + [10])
    }

    /// Reads the record of a folder, or of a file.
    ///
    /// - Throws: `UsageError` when there is none, or it is none of this version.
    static func read(_ path: String) throws -> CampaignRecord {
        let bytes = try Files.bytes(path)
        let way = "run that shard again, or leave the record out: the merge names what is missing."
        struct Head: Codable {
            var format: String
            var version: Int
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let head = try? decoder.decode(Head.self, from: Data(bytes)), head.format == CampaignRecord.format else {
            throw UsageError("\(path): this is no record of a campaign, or it is damaged", hint: way)
        }
        guard head.version == CampaignRecord.version else {
            throw UsageError(
                "\(path): this record has version \(head.version), and this mesh \(Version.text) reads "
                    + "\(CampaignRecord.version)",
                hint: "merge it with the mesh that wrote it, or run that shard again.")
        }
        do {
            let record = try decoder.decode(CampaignRecord.self, from: Data(bytes))
            if let wrong = record.contradiction {
                throw UsageError("\(path): the record is damaged: \(wrong)", hint: way)
            }
            return record
        } catch let error as DecodingError {
            throw UsageError("\(path): the record is damaged: \(text(of: error))", hint: way)
        }
    }

    private static func text(of error: DecodingError) -> String {
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let inner), .valueNotFound(_, let inner), .keyNotFound(_, let inner),
            .dataCorrupted(let inner):
            context = inner
        @unknown default: return "\(error)"
        }
        let place = context.codingPath.map(\.stringValue).joined(separator: ".")
        return place.isEmpty ? context.debugDescription : "\(place): \(context.debugDescription)"
    }
}

extension CampaignRecord {
    /// What cannot be so, in words; `nil` when all fits together.
    fileprivate var contradiction: String? {
        guard plan.shards >= 1, plan.shards <= 1 << 32 else { return "\(plan.shards) shards" }
        guard plan.runs ?? 0 <= 1 << 48 else { return "\(plan.runs ?? 0) runs" }
        var known: [UInt64] = []
        for part in parts {
            guard part.shard >= 1, part.shard <= plan.shards else { return "there is no shard \(part.shard)" }
            guard !known.contains(part.shard) else { return "shard \(part.shard) is there twice" }
            known.append(part.shard)
            if let runs = runs(ofShard: part.shard), let last = part.places.ranges.last, last.last >= runs {
                return "shard \(part.shard) has no run \(last.last)"
            }
        }
        let count = parts.reduce(0) { $0 &+ $1.places.count }
        guard count == campaign.runs else { return "\(count) places for \(campaign.runs) runs" }
        guard states.set != nil else { return "the kinds of states are no list of so many" }
        for (name, tally) in [("campaign", campaign), ("regressions", regressions)] {
            let most: UInt64 = 1 << 48
            let listed = tally.failures.reduce(tally.unlisted) { $0 &+ $1.runs }
            let numbers =
                [tally.runs, tally.futures, tally.undecided, tally.broken, tally.verified] + tally.failures.map(\.runs)
            guard !numbers.contains(where: { $0 > most }), tally.undecided + tally.broken <= tally.runs + tally.futures,
                listed == tally.broken, tally.events < 1 << 56, tally.simulatedNanoseconds.magnitude < 1 << 56,
                !tally.marks.contains(where: {
                    $0.count > most || $0.runs > $0.asked || $0.asked > tally.runs + tally.futures
                }),
                tally.tally != nil
            else { return "the numbers of \"\(name)\" do not fit together" }
        }
        return nil
    }
}

/// Which build of `mesh` this is.
enum Build {
    /// A fingerprint of the program's file; empty when it cannot be read.
    static let fingerprint: String = {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        else { return "" }
        var digest = Digest()
        digest.mix(data.count)
        unsafe data.withUnsafeBytes { bytes in
            var offset = 0
            while offset + 8 <= bytes.count {
                digest.mix(unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
        }
        return digest.description
    }()
}
