public import MeshCore

/// What a run is measured by; the names are those of the scenario language.
public struct Metrics: Equatable, Sendable {
    /// Elections that were won.
    public internal(set) var elections: Int64 = 0
    /// Elections won by another node than the leader before.
    public internal(set) var leaderChanges: Int64 = 0
    /// Transfers of the lead that worked.
    public internal(set) var transfers: Int64 = 0
    /// Changes of the Raft group that leaders appended.
    public internal(set) var membershipChanges: Int64 = 0
    /// Changes of the Raft group that leaders refused.
    public internal(set) var refusedChanges: Int64 = 0
    /// The highest term.
    public internal(set) var term: Int64 = 0
    /// The highest position that is known to be committed.
    public internal(set) var commit: Int64 = 0
    /// Commands that clients and the timeline proposed.
    public internal(set) var proposals: Int64 = 0
    /// Proposals whose client got an answer.
    public internal(set) var committed: Int64 = 0
    /// Snapshots that were taken.
    public internal(set) var snapshots: Int64 = 0
    /// Messages that were sent.
    public internal(set) var messages: Int64 = 0
    /// Messages that did not arrive.
    public internal(set) var lostMessages: Int64 = 0
    /// Bytes that were sent, when the scenario asks for them.
    public internal(set) var bytes: Int64 = 0
    /// Inputs that machines took.
    public internal(set) var events: Int64 = 0
    /// Crashes.
    public internal(set) var crashes: Int64 = 0
    /// Restarts after a crash.
    public internal(set) var restarts: Int64 = 0
    /// Reports that a member is suspected.
    public internal(set) var suspicions: Int64 = 0
    /// Reports that a member is suspected which runs.
    public internal(set) var falseSuspicions: Int64 = 0
    /// Reports that a member is dead.
    public internal(set) var deaths: Int64 = 0
    /// Writes to the gossip state that were reported as stored.
    public internal(set) var writes: Int64 = 0
    /// What disks did wrong.
    public internal(set) var storageFaults: Int64 = 0
    /// What they would have done wrong beyond the budget, or so that nobody could notice.
    public internal(set) var withheldFaults: Int64 = 0
    /// Nodes that stopped because their disk failed or had no room.
    public internal(set) var storageFailures: Int64 = 0
    /// Starts that were refused because of what the disk holds.
    public internal(set) var refusedStarts: Int64 = 0
    /// Virtual time without a leader, from the start of the run.
    public internal(set) var leaderlessTime = Interval.zero
    /// Proposals that were refused because too much waits for its commit.
    public internal(set) var busyRefusals: Int64 = 0
    /// From proposal to answer, a sample for each answered proposal.
    public internal(set) var commitLatency = Samples()
    /// From the loss of a leader to the next election, a sample for each.
    public internal(set) var electionTime = Samples()
    /// From a crash until each other node holds the crashed one dead, a sample for each pair.
    public internal(set) var detectionTime = Samples()
    /// From a `set` or `delete` of the timeline until every node that is up agrees, a sample for each.
    public internal(set) var convergenceTime = Samples()
}

/// Lengths of time that were measured, for percentiles.
public struct Samples: Equatable, Sendable {
    private var values: [Int64]

    /// Takes samples in nanoseconds.
    init(nanoseconds: [Int64] = []) {
        self.values = nanoseconds
    }

    /// How many samples there are.
    public var count: Int { values.count }

    mutating func add(_ interval: Interval) { values.append(interval.nanoseconds) }

    /// What becomes of the samples; zero when there is none.
    ///
    /// Percentiles are the nearest rank: the smallest sample that is at least as large as that share of all.
    ///
    /// - Complexity: O(n log n).
    public func statistic(_ statistic: Scenario.Statistic) -> Interval {
        guard !values.isEmpty else { return .zero }
        let sorted = values.sorted()
        switch statistic {
        case .min: return Interval(nanoseconds: sorted[0])
        case .p50: return Interval(nanoseconds: sorted[rank(50)])
        case .p90: return Interval(nanoseconds: sorted[rank(90)])
        case .p99: return Interval(nanoseconds: sorted[rank(99)])
        case .max: return Interval(nanoseconds: sorted[sorted.count - 1])
        case .mean:
            var whole: Int64 = 0
            var rest: Int64 = 0
            let count = Int64(values.count)
            for value in values {
                whole += value / count
                rest += value % count
            }
            return Interval(nanoseconds: whole + rest / count)
        }
    }

    private func rank(_ percent: Int) -> Int {
        let rank = (values.count * percent + 99) / 100
        return rank < 1 ? 0 : rank - 1
    }
}
