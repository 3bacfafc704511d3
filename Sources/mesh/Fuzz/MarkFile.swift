import Foundation
import MeshCore
import Scenarios

/// The marks that campaigns of a profile reach, as they were written down: `--marks FILE`.
///
/// ```text
/// mesh-marks 1
/// profile raft
/// seeds 1+400
/// 213 of 400  sometimes leader lost
/// ```
struct MarkFile: Equatable, Sendable {
    /// How often a mark was reached.
    struct Mark: Equatable, Sendable {
        /// In how many runs.
        var runs: UInt64
        /// How many runs looked for it.
        var asked: UInt64
        var text: String
    }

    /// A mark that is no longer reached although it was often.
    struct Cold: Equatable, Sendable {
        var mark: Mark
        /// How many runs look for it now.
        var asked: UInt64
        /// In how many of those it would come to pass if it still came to pass as often.
        var expected: UInt64

        /// The mark, and what is wrong with it.
        var text: String {
            let now = asked == 0 ? "no run looks for it" : "reached in none of \(asked) runs"
            return "\(mark.text): \(now), and it was in \(mark.runs) of \(mark.asked)"
        }
    }

    var profile: String
    var first: UInt64
    var count: UInt64
    /// Sorted by their texts.
    var marks: [Mark]

    /// A mark is cold when it is reached by no run, and this many or more were to be expected.
    ///
    /// A mark that comes to pass by chance in so many runs is missed altogether once in 20,000 campaigns (e^-10), even
    /// if a change of what is drawn makes other worlds of the same seeds.
    static let threshold: UInt64 = 10

    init(profile: String, first: UInt64, count: UInt64, marks: [Mark]) {
        self.profile = profile
        self.first = first
        self.count = count
        self.marks = marks
    }

    /// What a campaign reached.
    init(_ record: CampaignRecord) {
        profile = record.plan.profile ?? "files"
        first = record.plan.firstSeed
        count = record.plan.runs ?? record.campaign.runs
        marks = record.campaign.marks.map { Mark(runs: $0.runs, asked: $0.asked, text: $0.text) }
            .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    /// Reads a file.
    ///
    /// - Throws: `UsageError` when it cannot be read or is none of this format.
    init(path: String) throws {
        let text = String(decoding: try Files.bytes(path), as: UTF8.self)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        func fail(_ what: String) -> UsageError {
            UsageError(
                "\(path): \(what)", hint: "rewrite it with --marks \(path) --update-marks --profile ... --seeds ...")
        }
        guard lines.first == "mesh-marks 1" else { throw fail("this is no file of marks of version 1") }
        guard lines.count >= 3, lines[1].hasPrefix("profile "), lines[2].hasPrefix("seeds ") else {
            throw fail("the profile and the seeds are missing")
        }
        profile = String(lines[1].dropFirst("profile ".count))
        let seeds = try FuzzOrder.seeds(String(lines[2].dropFirst("seeds ".count)))
        guard let count = seeds.count else { throw fail("the seeds have no end") }
        first = seeds.first
        self.count = count
        marks = try lines.dropFirst(3).map { line in
            let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
            guard parts.count == 4, parts[1] == "of", let runs = UInt64(parts[0]), let asked = UInt64(parts[2]),
                runs <= asked, asked < 1 << 31
            else { throw fail("\"\(line)\" is no mark") }
            return Mark(runs: runs, asked: asked, text: String(parts[3].drop { $0 == " " }))
        }
    }

    /// The file's content.
    var text: String {
        let head = """
            mesh-marks 1
            # How often campaigns reach what worlds and checkers mark with "sometimes"; checked by --marks FILE, and
            # rewritten by --marks FILE --update-marks after a change of what is drawn or marked.
            profile \(profile)
            seeds \(first)+\(count)

            """
        return head + marks.map { "\($0.runs) of \($0.asked)  \($0.text)\n" }.joined()
    }

    /// The marks that a campaign of this profile should have reached and has not.
    ///
    /// What is expected of a campaign of another size is in proportion.
    func cold(in record: CampaignRecord) -> [Cold] {
        marks.compactMap { mark in
            let now = record.campaign.marks.first { $0.text == mark.text }
            guard mark.asked > 0, now?.runs ?? 0 == 0 else { return nil }
            // A mark that no run looks for would be looked for by as large a part of them as before.
            let asked = now?.asked ?? min(record.campaign.runs, 1 << 31) * mark.asked / max(count, 1)
            let expected = min(asked, 1 << 31) * mark.runs / mark.asked
            guard expected >= Self.threshold else { return nil }
            return Cold(mark: mark, asked: now?.asked ?? 0, expected: expected)
        }
    }
}
