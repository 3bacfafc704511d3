public import MeshCore
import Simulator

/// What a campaign of many runs has found so far.
///
/// Runs may be added in any order, and the tallies of disjoint parts add up to the tally of the whole.
public struct FuzzTally: Sendable {
    /// Runs that failed in one way.
    public struct Failure: Equatable, Sendable {
        /// What they have in common.
        public var signature: FailureSignature
        /// The place of the first of them in the campaign, from 0.
        public var place: UInt64
        /// The seed of the first.
        public var seed: UInt64
        /// How the first broke its promise.
        public var text: String
        /// The fingerprint of the first.
        public var digest: UInt64
        /// How many there were.
        public var count: UInt64

        /// Creates a failure from its parts.
        public init(
            signature: FailureSignature, place: UInt64, seed: UInt64, text: String, digest: UInt64, count: UInt64
        ) {
            self.signature = signature
            self.place = place
            self.seed = seed
            self.text = text
            self.digest = digest
            self.count = count
        }
    }

    /// Something that should come to pass in some run.
    public struct Mark: Sendable, Equatable {
        /// The event, as the scenario writes it.
        public var text: String
        /// How often it came to pass.
        public var count: UInt64
        /// In how many runs it came to pass.
        public var runs: UInt64
        /// In how many runs it was looked for.
        public var asked: UInt64
        /// The place of the first run that looked for it.
        public var appeared: UInt64
        /// The place of the first run in which it came to pass.
        public var first: UInt64?

        /// Creates a mark from its parts.
        public init(text: String, count: UInt64, runs: UInt64, asked: UInt64, appeared: UInt64, first: UInt64?) {
            self.text = text
            self.count = count
            self.runs = runs
            self.asked = asked
            self.appeared = appeared
            self.first = first
        }
    }

    /// The most ways to fail that are told apart; runs that fail in further ways are counted together.
    public static var signatureLimit: Int { 1_000 }

    /// How many runs there were.
    public var runs: UInt64 = 0
    /// How many more futures were tried of runs that were explored.
    public var futures: UInt64 = 0
    /// How many could not be decided, futures included.
    public var undecided: UInt64 = 0
    /// How many broke something, futures included.
    public var broken: UInt64 = 0
    /// How many of those broke something in a way that is not among `failures`.
    public var unlisted: UInt64 = 0
    /// How many runs were run twice.
    public var verified: UInt64 = 0
    /// Inputs that machines took, in all runs.
    public var events: UInt64 = 0
    /// Virtual time of all runs together.
    public var simulated = Interval.zero
    /// The fingerprint of the campaign; it does not depend on the order of the runs.
    public var digest = CampaignDigest()
    /// The failures, one for each signature, in the order of their first runs.
    public private(set) var failures: [Failure] = []
    /// Every `sometimes` of the scenarios, in the order in which they first appeared.
    public private(set) var marks: [Mark] = []
    /// The digest of each failure's signature, to find it.
    private var keys: [UInt64] = []

    /// Creates a tally of nothing.
    public init() {}

    /// Adds a run.
    ///
    /// - Parameters:
    ///   - report: What it gave.
    ///   - place: Its place in the campaign, from 0.
    ///   - future: Which further future of that run it is, from 1; 0 for the run itself.
    ///   - isVerified: Whether it was run twice.
    /// - Returns: Whether it failed in a way that no run before it did, and is listed.
    /// - Complexity: O(*m* + *f*) in the marks and failures so far.
    @discardableResult
    public mutating func add(_ report: Report, place: UInt64, future: UInt64 = 0, isVerified: Bool = false) -> Bool {
        if future > 0 { futures += 1 } else { runs += 1 }
        events += report.events
        simulated = simulated + (report.end - Instant.zero)
        digest.add(place: place, future: future, seed: report.seed, digest: report.digest, verdict: report.verdict)
        if isVerified { verified += 1 }
        note(report.outcomes, place)
        switch report.verdict {
        case .held: return false
        case .unknown:
            undecided += 1
            return false
        case .broken:
            broken += 1
            guard let signature = FailureSignature(report) else { return false }
            return add(
                Failure(
                    signature: signature, place: place, seed: report.seed, text: report.violation?.text ?? "",
                    digest: report.digest.value, count: 1))
        }
    }

    /// Adds the runs of another part of the same campaign.
    ///
    /// The result is that of all runs together, whatever the order of the parts. Only where there are more ways to fail
    /// than `signatureLimit` a run may be counted as unlisted although its signature is listed.
    ///
    /// - Complexity: O(*f*²) in the failures of both, at most the square of the limit.
    public mutating func add(_ other: FuzzTally) {
        runs += other.runs
        futures += other.futures
        undecided += other.undecided
        broken += other.broken
        unlisted += other.unlisted
        verified += other.verified
        events += other.events
        simulated = simulated + other.simulated
        digest.add(other.digest)
        for mark in other.marks { add(mark) }
        for failure in other.failures { add(failure) }
    }

    private mutating func note(_ outcomes: [Outcome], _ place: UInt64) {
        for outcome in outcomes {
            guard case .sometimes(let event) = outcome.expectation.claim else { continue }
            let isReached = outcome.occasions > 0
            add(
                Mark(
                    text: Scenario.Claim.sometimes(event).description, count: outcome.occasions,
                    runs: isReached ? 1 : 0, asked: 1, appeared: place, first: isReached ? place : nil))
        }
    }

    /// Adds what is known of a mark.
    public mutating func add(_ mark: Mark) {
        guard let index = marks.firstIndex(where: { $0.text.utf8.elementsEqual(mark.text.utf8) }) else {
            let index = marks.firstIndex { Self.isBefore(mark, $0) } ?? marks.count
            marks.insert(mark, at: index)
            return
        }
        var sum = marks[index]
        sum.count += mark.count
        sum.runs += mark.runs
        sum.asked += mark.asked
        if let first = mark.first { sum.first = min(sum.first ?? first, first) }
        if mark.appeared < sum.appeared {
            sum.appeared = mark.appeared
            marks.remove(at: index)
            marks.insert(sum, at: marks.firstIndex { Self.isBefore(sum, $0) } ?? marks.count)
        } else {
            marks[index] = sum
        }
    }

    private static func isBefore(_ left: Mark, _ right: Mark) -> Bool {
        if left.appeared != right.appeared { return left.appeared < right.appeared }
        return left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Adds runs that failed in one way.
    ///
    /// - Returns: Whether no run before them did, and they are listed.
    @discardableResult
    public mutating func add(_ failure: Failure) -> Bool {
        let key = failure.signature.digest
        var isNew = true
        var sum = failure
        if let index = keys.indices.first(where: { keys[$0] == key && failures[$0].signature == failure.signature }) {
            let count = failures[index].count + failure.count
            guard failure.place < failures[index].place else {
                failures[index].count = count
                return false
            }
            sum.count = count
            failures.remove(at: index)
            keys.remove(at: index)
            isNew = false
        }
        let index = failures.firstIndex { $0.place > sum.place } ?? failures.count
        if index < Self.signatureLimit {
            failures.insert(sum, at: index)
            keys.insert(key, at: index)
        } else {
            unlisted += sum.count
            isNew = false
        }
        if failures.count > Self.signatureLimit, let last = failures.popLast() {
            unlisted += last.count
            keys.removeLast()
        }
        return isNew
    }

    /// The last place at which something was new: a mark reached or a failure seen for the first time.
    public var lastNews: UInt64 {
        var last: UInt64 = 0
        for mark in marks { last = max(last, mark.first ?? 0) }
        for failure in failures { last = max(last, failure.place) }
        return last
    }

    /// How many marks were reached.
    public var reachedMarks: Int {
        var count = 0
        for mark in marks where mark.first != nil { count += 1 }
        return count
    }
}
