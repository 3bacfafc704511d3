public import MeshCore

/// A scenario as written down: a cluster, the world it runs in, what happens to it and what must hold.
///
/// It is what ``Scenario/parse(_:knowing:)`` makes of a `.mesh` file, what ``Scenario/text`` writes back, and what the
/// runner carries out. A value of this type knows nothing of the simulator: it is the sentence, not the run.
public struct Scenario: Equatable, Sendable {
    /// What the scenario shows, in one line.
    public var title: Bytes

    /// Why it exists, in one sentence; empty when the file does not say.
    public var about: Bytes

    /// The version of the language, 1.
    public var format: Int32

    /// The seeds the scenario must hold for.
    public var seeds: Seeds

    /// How long the run lasts in virtual time; `nil` leaves it to ``Scenario/end``.
    public var duration: Setting<Interval>?

    /// The nodes and what they run.
    public var cluster: Cluster

    /// How messages travel.
    public var network: Network

    /// How long the nodes' disks take and what a crash does to them.
    public var disk: Disk

    /// What clients do.
    public var workloads: [Workload]

    /// What happens, in the order of the file.
    public var timeline: [TimelineStatement]

    /// What must hold.
    public var expectations: [Expectation]

    /// The parameters of a benchmark table; each combination of their values is one cell.
    public var variations: [Variation]

    /// What each cell of a benchmark table shows.
    public var measures: [Measure]

    /// How much work one run may cost.
    public var budget: Budget

    /// Creates a scenario with a title and nothing else.
    public init(title: Bytes) {
        self.title = title
        self.about = Bytes()
        self.format = 1
        self.seeds = Seeds([SeedRange(1, 1)])
        self.duration = nil
        self.cluster = Cluster()
        self.network = Network()
        self.disk = Disk()
        self.workloads = []
        self.timeline = []
        self.expectations = []
        self.variations = []
        self.measures = []
        self.budget = Budget()
    }
}

extension Scenario {
    /// The seeds of a scenario: numbers and ranges in the order of the file.
    public struct Seeds: Equatable, Sendable {
        /// The ranges, at least one.
        public var ranges: [SeedRange]

        /// Creates the seeds of these ranges.
        public init(_ ranges: [SeedRange]) {
            self.ranges = ranges
        }

        /// How many seeds there are.
        public var count: UInt64 {
            var count: UInt64 = 0
            for range in ranges { count += range.count }
            return count
        }

        /// The seed at this position, `index` being below ``count``; past the end the last seed.
        ///
        /// - Complexity: O(number of ranges).
        public subscript(index: UInt64) -> UInt64 {
            var rest = index
            for range in ranges {
                if rest < range.count { return range.first + rest }
                rest -= range.count
            }
            return ranges.last?.last ?? 1
        }
    }

    /// The seeds between two bounds, both included.
    public struct SeedRange: Equatable, Sendable {
        /// The first seed.
        public var first: UInt64

        /// The last seed, not below ``first``.
        public var last: UInt64

        /// Creates the range between two seeds, both included.
        public init(_ first: UInt64, _ last: UInt64) {
            self.first = first
            self.last = last
        }

        /// How many seeds there are; a file is limited to a million.
        public var count: UInt64 { last >= first ? last - first + 1 : 0 }
    }

    /// How much work one run may cost; a run that needs more ends with the verdict *unknown*.
    public struct Budget: Equatable, Sendable {
        /// Events one run may handle; `nil` leaves it to the runner.
        public var events: Int64?

        /// Steps that the search for an order of the clients' operations may take; `nil` leaves it to the runner.
        public var checks: Int64?

        /// How much damage the disks may take; `nil` means any.
        public var faults: FaultBudget?

        /// Where the section stands.
        public var location: Location

        /// Creates a budget that leaves everything to the runner.
        public init() {
            self.events = nil
            self.checks = nil
            self.faults = nil
            self.location = .none
        }
    }
}
