public import MeshCore

extension Scenario {
    /// Something that must hold.
    public struct Expectation: Equatable, Sendable {
        /// What must hold.
        public var claim: Claim

        /// Where the statement stands.
        public var location: Location

        /// Creates an expectation.
        public init(_ claim: Claim, location: Location = .none) {
            self.claim = claim
            self.location = location
        }
    }

    /// What must hold.
    public enum Claim: Equatable, Sendable {
        /// A checker holds after every event: `always raft-safety`.
        case always(Bytes)

        /// An event does not come to pass in any run: `never leader lost`.
        case never(Event)

        /// An event comes to pass in at least one run over all seeds: `sometimes leader changes`.
        case sometimes(Event)

        /// Each time the event comes to pass the condition is true at some moment within this long.
        ///
        /// An event that comes so late that the run ends before the time is over does not count, unless the run is
        /// prolonged: `within 2s after heal: one leader`. Without an event the time counts from the start of the run.
        case within(Setting<Interval>, after: Event?, Condition)

        /// The condition is true when the run ends: `at end: converged`.
        case atEnd(Condition)

        /// A metric compares with a number when the run ends: `elections <= 12`.
        case compares(Comparison)

        /// This checker must fail, for some seed: `failure raft-safety`. The scenario tests the harness.
        case failure(Bytes)

        /// The run of a seed has this digest: `digest 1 6d6573685f763031`.
        case digest(seed: UInt64, UInt64)
    }

    /// A metric compared with a number.
    public struct Comparison: Equatable, Sendable {
        /// The metric.
        public var metric: Metric

        /// How it compares.
        public var relation: Relation

        /// With what.
        public var bound: Quantity

        /// Creates a comparison.
        public init(_ metric: Metric, _ relation: Relation, _ bound: Quantity) {
            self.metric = metric
            self.relation = relation
            self.bound = bound
        }
    }

    /// How two numbers compare.
    public enum Relation: UInt8, Equatable, Sendable, CaseIterable {
        /// The metric is less: `<`.
        case less

        /// The metric is at most so much: `<=`.
        case atMost

        /// The metric is exactly so much: `==`.
        case equal

        /// The metric is anything else: `!=`.
        case notEqual

        /// The metric is at least so much: `>=`.
        case atLeast

        /// The metric is greater: `>`.
        case greater
    }

    /// Something a run is measured by.
    public indirect enum Metric: Equatable, Sendable {
        /// A metric of the vocabulary: `elections`, `messages per node`, `p99 commit latency`.
        case named(Bytes, statistic: Statistic?, per: Per?)

        /// The time from the first `set`, `propose` or fault of the timeline until a condition is true.
        case timeUntil(Condition)
    }

    /// What becomes of many samples.
    public enum Statistic: UInt8, Equatable, Sendable, CaseIterable {
        /// The least.
        case min

        /// Half are below it.
        case p50

        /// 90 % are below it.
        case p90

        /// 99 % are below it.
        case p99

        /// The greatest.
        case max

        /// The average.
        case mean
    }

    /// By what a total is divided.
    public enum Per: UInt8, Equatable, Sendable, CaseIterable {
        /// By the number of nodes.
        case node

        /// By the seconds of virtual time.
        case second
    }

    /// What each cell of a benchmark table shows.
    public struct Measure: Equatable, Sendable {
        /// The metric.
        public var metric: Metric

        /// Where the statement stands.
        public var location: Location

        /// Creates a measure.
        public init(_ metric: Metric, location: Location = .none) {
            self.metric = metric
            self.location = location
        }
    }

    /// A parameter of a benchmark table and its values (`vary nodes 3, 5, 7`).
    public struct Variation: Equatable, Sendable {
        /// The parameter.
        public var parameter: Parameter

        /// Its values, at least one, each in the parameter's unit.
        public var values: [Quantity]

        /// Where the statement stands.
        public var location: Location

        /// Creates a variation.
        public init(_ parameter: Parameter, _ values: [Quantity], location: Location = .none) {
            self.parameter = parameter
            self.values = values
            self.location = location
        }
    }

    /// A parameter that a benchmark table can vary.
    public enum Parameter: UInt8, Equatable, Sendable, CaseIterable {
        /// The number of nodes of the only group.
        case nodes

        /// The network's loss.
        case loss

        /// The network's duplication.
        case duplicate

        /// The share of messages that are held back.
        case reorder

        /// The share of messages that arrive damaged.
        case corrupt

        /// The network's constant latency.
        case latency

        /// The network's bandwidth.
        case bandwidth

        /// The time of an fsync.
        case fsync

        /// The rate of every workload.
        case rate

        /// The clients of every workload.
        case clients

        /// The keys of every workload.
        case keys

        /// Raft's election timeout.
        case raftElectionTimeout

        /// Raft's heartbeat.
        case raftHeartbeat

        /// Raft's batch.
        case raftBatch

        /// SWIM's period.
        case swimPeriod

        /// SWIM's indirect probes.
        case swimIndirect

        /// SWIM's suspicion.
        case swimSuspicion

        /// Gossip's fanout.
        case gossipFanout

        /// Gossip's interval.
        case gossipInterval
    }
}
