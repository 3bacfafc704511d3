public import MeshCore

/// What a campaign of many runs has found so far.
///
/// Add the runs in their order; the digest depends on it.
public struct FuzzTally: Sendable {
    /// Runs that failed in one way.
    public struct Failure: Sendable {
        /// What they have in common.
        public var signature: FailureSignature
        /// The first of them.
        public var first: Report
        /// Its place in the campaign, from 0.
        public var place: UInt64
        /// How many there were.
        public var count: UInt64
    }

    /// Something that should come to pass in some run.
    public struct Mark: Sendable, Equatable {
        /// The event, as the scenario writes it.
        public var text: String
        /// How often it came to pass.
        public var count: UInt64
        /// The place of the first run in which it did.
        public var first: UInt64?
    }

    /// How many runs there were.
    public private(set) var runs: UInt64 = 0
    /// How many more futures were tried of runs that were explored.
    public private(set) var futures: UInt64 = 0
    /// How many could not be decided.
    public private(set) var undecided: UInt64 = 0
    /// How many broke something.
    public private(set) var broken: UInt64 = 0
    /// How many runs were run twice and gave the same.
    public private(set) var verified: UInt64 = 0
    /// Inputs that machines took, in all runs.
    public private(set) var events: UInt64 = 0
    /// Virtual time of all runs together.
    public private(set) var simulated = Interval.zero
    /// The fingerprint of the campaign.
    public private(set) var digest = Digest()
    /// The failures, one for each signature, in the order of their first runs.
    public private(set) var failures: [Failure] = []
    /// Every `sometimes` of the scenarios, in the order in which they first appeared.
    public private(set) var marks: [Mark] = []
    /// The run in which a mark was reached for the first time, or a failure seen, last.
    public private(set) var lastNews: UInt64 = 0

    /// Creates a tally of nothing.
    public init() {}

    /// Adds the next run.
    ///
    /// - Parameters:
    ///   - report: What it gave.
    ///   - isVerified: Whether it was run twice.
    ///   - isFuture: Whether it is a future of the run before.
    /// - Returns: Whether it failed in a way that no run before it did.
    @discardableResult
    public mutating func add(_ report: Report, isVerified: Bool = false, isFuture: Bool = false) -> Bool {
        let place = isFuture && runs > 0 ? runs - 1 : runs
        if isFuture { futures += 1 } else { runs += 1 }
        events += report.events
        simulated = simulated + (report.end - Instant.zero)
        digest.mix(report.seed)
        digest.mix(report.digest.value)
        digest.mix(UInt64(report.verdict.rawValue))
        if isVerified { verified += 1 }
        note(report.outcomes, place)
        switch report.verdict {
        case .held: return false
        case .unknown:
            undecided += 1
            return false
        case .broken:
            broken += 1
            return note(report, place)
        }
    }

    private mutating func note(_ outcomes: [Outcome], _ place: UInt64) {
        for outcome in outcomes {
            guard case .sometimes(let event) = outcome.expectation.claim else { continue }
            let text = Scenario.Claim.sometimes(event).description
            let index = marks.firstIndex { $0.text.utf8.elementsEqual(text.utf8) } ?? marks.count
            if index == marks.count { marks.append(Mark(text: text, count: 0, first: nil)) }
            marks[index].count += outcome.occasions
            guard outcome.occasions > 0, marks[index].first == nil else { continue }
            marks[index].first = place
            lastNews = place
        }
    }

    private mutating func note(_ report: Report, _ place: UInt64) -> Bool {
        guard let signature = FailureSignature(report) else { return false }
        if let index = failures.firstIndex(where: { $0.signature == signature }) {
            failures[index].count += 1
            return false
        }
        failures.append(Failure(signature: signature, first: report, place: place, count: 1))
        lastNews = place
        return true
    }

    /// How many marks were reached.
    public var reachedMarks: Int {
        var count = 0
        for mark in marks where mark.first != nil { count += 1 }
        return count
    }
}
