import Foundation
import MeshCore
import Scenarios
import Simulator

/// What a campaign, or a part of one, has run and found: `campaign.json`.
///
/// The records of disjoint parts of one plan add up to the record of the whole; see docs/fuzzing.md for the format.
struct CampaignRecord: Codable, Sendable {
    static let format = "mesh-campaign"
    static let version = 2
    static let fileName = "campaign.json"

    /// Which runs a campaign consists of; equal for all of its parts.
    struct Plan: Codable, Equatable, Sendable {
        /// What worlds were drawn for; `nil` when files were run.
        var profile: String?
        /// The files that were run, in their order, with a fingerprint of each.
        var files: [String]
        /// The bug base, likewise.
        var regressions: [String]
        /// How further futures of the runs were explored, as `--explore` names it.
        var exploration: String
        var firstSeed: UInt64
        /// How many runs all parts have together; `nil` when the time decided.
        var runs: UInt64?
        /// Into how many parts it was cut.
        var shards: UInt64
    }

    /// The runs of one shard.
    struct Part: Codable, Equatable, Sendable {
        /// Which shard, from 1.
        var shard: UInt64
        /// Which of its runs were run, numbered within the shard from 0.
        var places: PlaceSet
        /// Whether it came to its end: of its runs, or of its time.
        var isComplete: Bool
    }

    /// A run that was not the same the second time.
    struct Leak: Codable, Equatable, Sendable {
        var seed: UInt64
        var file: String?
        var text: String
    }

    /// Which kinds of states the runs went through.
    struct States: Codable, Equatable, Sendable {
        var count: UInt64
        /// Whether there may be more than are counted.
        var isFull: Bool
        /// Their signatures in ascending order, eight bytes each with the highest first, in base 64.
        var signatures: String
    }

    /// What a process remembers to know when nothing new comes any more; numbers of marks and failures are digests.
    struct News: Codable, Equatable, Sendable {
        var seen: Int
        var last: Int
        var bringers: [Int]
        var bringerCount: Int
        var marks: [String]
        var failures: [String]
    }

    var format = CampaignRecord.format
    var version = CampaignRecord.version
    /// Which build of `mesh` ran it.
    var build: String
    var plan: Plan
    var parts: [Part]
    /// Wall time, of all parts together.
    var milliseconds: UInt64
    var campaign: TallyRecord
    /// The bug base; each part runs all of it, and together they count it once.
    var regressions: TallyRecord
    var states: States
    /// Left out of what several processes found together.
    var news: News?
    var leaks: [Leak]
    /// What went wrong besides: files that could not be read or written.
    var problems: [String]

    /// Whether every part is there and came to its end.
    var isComplete: Bool { missing.isEmpty }

    /// What is not there, in words.
    var missing: [String] {
        var result: [String] = []
        for shard in 1...max(plan.shards, 1) {
            let name = plan.shards == 1 ? "the campaign" : "shard \(shard)/\(plan.shards)"
            guard let part = parts.first(where: { $0.shard == shard }) else {
                if runs(ofShard: shard) != 0 { result.append("\(name) is missing") }
                continue
            }
            if let runs = runs(ofShard: shard) {
                let rest = PlaceSet(below: runs).subtracting(part.places)
                if !rest.isEmpty {
                    result.append("\(name) lacks \(rest.count) of \(runs) runs, from seed \(seed(rest, shard)) on")
                }
            } else if !part.isComplete {
                result.append("\(name) was stopped before its time was over, after \(part.places.count) runs")
            }
        }
        return result
    }

    /// How many runs a shard has; `nil` when the time decides.
    func runs(ofShard shard: UInt64) -> UInt64? {
        plan.runs.map { $0 > shard - 1 ? ($0 - shard) / plan.shards + 1 : 0 }
    }

    private func seed(_ places: PlaceSet, _ shard: UInt64) -> UInt64 {
        let place = (places.ranges.first?.first ?? 0) * plan.shards + shard - 1
        return plan.firstSeed &+ place / UInt64(max(plan.files.count, 1))
    }
}

/// A tally as it is written down.
struct TallyRecord: Codable, Sendable {
    struct Mark: Codable, Equatable, Sendable {
        var text: String
        var count: UInt64
        var runs: UInt64
        var asked: UInt64
        var appeared: UInt64
        var first: UInt64?
    }

    struct Failure: Codable, Sendable {
        var promise: String
        var shape: String
        /// The name of the signature.
        var signature: String
        var text: String
        /// The first of the runs: its place in the campaign from 0, its seed, its file and its digest.
        var place: UInt64
        var seed: UInt64
        var file: String?
        var digest: String
        var runs: UInt64
        /// The folder with everything about it, when it has one.
        var capsule: CapsuleRecord?
    }

    /// A folder with everything about one failure.
    struct CapsuleRecord: Codable, Equatable, Sendable {
        struct Shrunk: Codable, Equatable, Sendable {
            var lines: UInt64
            var nodes: UInt64
            var runs: UInt64
            var isMinimal: Bool
            var text: String
        }

        /// The seed of its run.
        var seed: UInt64
        /// Its path from the record; `nil` when nothing was written.
        var folder: String?
        /// Whether everything is there, and not the scenario alone.
        var isFinished: Bool
        var shrunk: Shrunk?
    }

    var runs: UInt64
    /// Further futures of those runs, which the other counts include.
    var futures: UInt64
    var undecided: UInt64
    var broken: UInt64
    /// Broken runs whose signature is not listed, because there are too many.
    var unlisted: UInt64
    var verified: UInt64
    var events: UInt64
    var simulatedNanoseconds: Int64
    var digest: String
    var marks: [Mark]
    var failures: [Failure]
}

extension TallyRecord {
    init(_ tally: FuzzTally, file: (UInt64) -> String?, capsule: (FailureSignature) -> CapsuleRecord?) {
        runs = tally.runs
        futures = tally.futures
        undecided = tally.undecided
        broken = tally.broken
        unlisted = tally.unlisted
        verified = tally.verified
        events = tally.events
        simulatedNanoseconds = tally.simulated.nanoseconds
        digest = tally.digest.description
        marks = tally.marks.map {
            Mark(
                text: $0.text, count: $0.count, runs: $0.runs, asked: $0.asked, appeared: $0.appeared, first: $0.first)
        }
        failures = tally.failures.map { failure in
            Failure(
                promise: "\(failure.signature.promise)", shape: "\(failure.signature.shape)",
                signature: failure.signature.name, text: failure.text, place: failure.place, seed: failure.seed,
                file: file(failure.place), digest: hexadecimal(failure.digest), runs: failure.count,
                capsule: capsule(failure.signature))
        }
    }

    /// The tally that was written down; `nil` when a fingerprint is none.
    var tally: FuzzTally? {
        guard digest.utf8.count == 32, let high = UInt64(digest.prefix(16), radix: 16),
            let low = UInt64(digest.suffix(16), radix: 16)
        else { return nil }
        var tally = FuzzTally()
        tally.runs = runs
        tally.futures = futures
        tally.undecided = undecided
        tally.broken = broken
        tally.unlisted = unlisted
        tally.verified = verified
        tally.events = events
        tally.simulated = Interval(nanoseconds: simulatedNanoseconds)
        tally.digest = CampaignDigest(high: high, low: low)
        for mark in marks {
            tally.add(
                FuzzTally.Mark(
                    text: mark.text, count: mark.count, runs: mark.runs, asked: mark.asked, appeared: mark.appeared,
                    first: mark.first))
        }
        for failure in failures {
            guard let digest = UInt64(failure.digest, radix: 16) else { return nil }
            tally.add(
                FuzzTally.Failure(
                    signature: failure.id, place: failure.place, seed: failure.seed, text: failure.text,
                    digest: digest, count: failure.runs))
        }
        return tally
    }
}

extension TallyRecord.Failure {
    /// The signature itself.
    var id: FailureSignature {
        FailureSignature(promise: Bytes(Array(promise.utf8)), shape: Bytes(Array(shape.utf8)))
    }
}

extension CampaignRecord.States {
    init(_ states: StateSet) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(states.count * 8)
        for state in states.sorted {
            for place in 0..<UInt64(8) { bytes.append(UInt8(truncatingIfNeeded: state >> (56 - 8 * place))) }
        }
        count = UInt64(states.count)
        isFull = states.isFull
        signatures = Data(bytes).base64EncodedString()
    }

    /// The states; `nil` when the text is none, or of another number.
    var set: StateSet? {
        guard let data = Data(base64Encoded: signatures), data.count % 8 == 0, data.count / 8 <= StateSet.limit else {
            return nil
        }
        var set = StateSet()
        var word: UInt64 = 0
        for (index, byte) in data.enumerated() {
            word = word << 8 | UInt64(byte)
            if index % 8 == 7 { set.insert(word) }
        }
        return UInt64(set.count) == count ? set : nil
    }
}

extension CampaignRecord.News {
    init(_ memory: Stability.Memory) {
        seen = memory.runs
        last = memory.lastNews
        bringers = memory.bringers
        bringerCount = memory.bringerCount
        marks = memory.marks.map(hexadecimal)
        failures = memory.failures.map(hexadecimal)
    }

    var memory: Stability.Memory {
        Stability.Memory(
            runs: seen, lastNews: last, bringers: bringers, bringerCount: bringerCount,
            marks: marks.compactMap { UInt64($0, radix: 16) }, failures: failures.compactMap { UInt64($0, radix: 16) })
    }
}
