public import MeshCore
import Simulator

/// The verdict over many seeds of one scenario.
///
/// Add the reports in the order of the seeds; the digest depends on it.
public struct Sweep: Sendable {
    /// How many runs there were.
    public private(set) var runCount: UInt64 = 0
    /// How many runs ended with each verdict.
    public private(set) var heldCount: UInt64 = 0
    /// How many runs broke an expectation.
    public private(set) var brokenCount: UInt64 = 0
    /// How many runs could not be decided.
    public private(set) var unknownCount: UInt64 = 0
    /// Inputs that machines took, in all runs.
    public private(set) var events: UInt64 = 0
    /// Virtual time of all runs together.
    public private(set) var simulated = Interval.zero
    /// The fingerprint of all runs in their order.
    public private(set) var digest = Digest()
    /// For each expectation in the order of the file, how often its event came to pass in all runs, and in how many
    /// runs a `failure` was seen.
    public private(set) var occasions: [UInt64]

    private let expectations: [Scenario.Expectation]

    /// Creates the sweep of a scenario before its first run.
    public init(_ scenario: Scenario) {
        self.expectations = scenario.expectations
        self.occasions = [UInt64](repeating: 0, count: scenario.expectations.count)
    }

    /// Adds the report of the next seed.
    public mutating func add(_ report: Report) {
        runCount += 1
        events += report.events
        simulated = simulated + (report.end - Instant.zero)
        digest.mix(report.digest.value)
        switch report.verdict {
        case .held: heldCount += 1
        case .broken: brokenCount += 1
        case .unknown: unknownCount += 1
        }
        for index in 0..<min(occasions.count, report.outcomes.count) {
            if case .failure = expectations[index].claim {
                if report.outcomes[index].judgement == .holds { occasions[index] += 1 }
            } else {
                occasions[index] += report.outcomes[index].occasions
            }
        }
    }

    /// The expectations that only all runs together can decide and that none of them fulfilled.
    public var missed: [Scenario.Expectation] {
        var missed: [Scenario.Expectation] = []
        for index in 0..<expectations.count where occasions[index] == 0 {
            switch expectations[index].claim {
            case .sometimes, .failure: missed.append(expectations[index])
            case .always, .never, .within, .atEnd, .compares, .digest: break
            }
        }
        return missed
    }

    /// The verdict over everything.
    ///
    /// - Parameter isComplete: Whether every seed of the scenario was run; `sometimes` is only judged then.
    public func verdict(isComplete: Bool) -> Verdict {
        if brokenCount > 0 || (isComplete && !missed.isEmpty) { return .broken }
        return unknownCount > 0 ? .unknown : .held
    }
}
