public import MeshCore

extension Scenario {
    /// The nodes of a scenario and what they run.
    public struct Cluster: Equatable, Sendable {
        /// The groups of nodes.
        ///
        /// `n1`, `n2` ... are numbered across them.
        public var groups: [NodeGroup]

        /// Which protocols run on every node.
        public var protocols: Protocols

        /// What the file says about Raft.
        public var raft: RaftSettings

        /// What the file says about SWIM.
        public var swim: SwimSettings

        /// What the file says about heartbeats.
        public var heartbeat: HeartbeatSettings

        /// What the file says about gossip.
        public var gossip: GossipSettings

        /// What the file says about broadcasts.
        public var broadcast = BroadcastSettings()

        /// What the file says about the overlay.
        public var hyparview = OverlaySettings()

        /// What the file says about broadcasts over the tree.
        public var plumtree = TreeSettings()

        /// Where the section stands.
        public var location: Location

        /// Creates a cluster without nodes.
        public init() {
            self.groups = []
            self.protocols = Protocols()
            self.raft = RaftSettings()
            self.swim = SwimSettings()
            self.heartbeat = HeartbeatSettings()
            self.gossip = GossipSettings()
            self.location = .none
        }

        /// How many nodes there are in all groups together.
        public var nodeCount: Int64 {
            var count: Int64 = 0
            for group in groups { count += group.count.value }
            return count
        }
    }

    /// Nodes that were written down together (`nodes 3 as eu in region eu-west`).
    public struct NodeGroup: Equatable, Sendable {
        /// How many nodes, at least 1.
        public var count: Setting<Int64>

        /// The name by which the timeline may call the group.
        public var name: Bytes?

        /// The region, which the network's latency matrix refers to.
        public var region: Bytes?

        /// Where the statement stands.
        public var location: Location

        /// Creates a group.
        public init(count: Setting<Int64>, name: Bytes? = nil, region: Bytes? = nil, location: Location = .none) {
            self.count = count
            self.name = name
            self.region = region
            self.location = location
        }
    }

    /// Which protocols run on every node.
    public struct Protocols: Equatable, Sendable {
        /// Whether Raft runs.
        public var raft: Bool

        /// Whether SWIM failure detection runs.
        public var swim: Bool

        /// Whether failure detection by heartbeats runs, the alternative to SWIM for small clusters.
        public var heartbeat: Bool

        /// Whether the gossip key-value state runs.
        public var gossip: Bool

        /// Whether broadcasts and direct messages run.
        public var broadcast: Bool = false

        /// Whether the overlay for large meshes runs; it does with the tree.
        public var hyparview: Bool = false

        /// Whether broadcasts over the tree run.
        public var plumtree: Bool = false

        /// Creates a choice of protocols.
        public init(raft: Bool = false, swim: Bool = false, heartbeat: Bool = false, gossip: Bool = false) {
            self.raft = raft
            self.swim = swim
            self.heartbeat = heartbeat
            self.gossip = gossip
        }

        /// Raft, SWIM and gossip on one node: `run mesh`.
        public static var mesh: Protocols { Protocols(raft: true, swim: true, gossip: true) }

        /// Whether nothing runs.
        public var isEmpty: Bool { !raft && !swim && !heartbeat && !gossip && !broadcast && !hyparview && !plumtree }
    }

    /// What a file says about Raft; `nil` keeps the protocol's default.
    public struct RaftSettings: Equatable, Sendable {
        /// Each election timeout is drawn from this range (`election-timeout 150ms..300ms`).
        public var electionTimeout: IntervalRange?

        /// The time between two heartbeats of a leader (`heartbeat 50ms`).
        public var heartbeat: Setting<Interval>?

        /// Whether a candidate asks before it raises the term (`pre-vote on`).
        public var preVote: Bool?

        /// Whether a leader that hears no quorum steps down (`check-quorum on`).
        public var checkQuorum: Bool?

        /// Takes a snapshot whenever this many entries were applied since the last (`snapshot-after 100`).
        public var snapshotAfter: Setting<Int64>?

        /// The most entries in one message (`batch 64`).
        public var batch: Setting<Int64>?

        /// How many of the entries that a snapshot covers stay in the log (`trailing 50`).
        public var trailing: Setting<Int64>?

        /// The most bytes of a snapshot in one message (`snapshot-chunk 1KiB`).
        public var snapshotChunk: Setting<Size>?

        /// The most bytes of commands that wait for their commit (`uncommitted 64KiB`).
        public var uncommitted: Setting<Size>?

        /// Whether a new leader begins with an entry of its own (`no-op on`).
        public var noOp: Bool?

        /// How far clocks may be off for reads by lease (`lease-drift 5%`); no leases when `nil`.
        public var leaseDrift: Setting<Ratio>?

        /// How many client sessions there are at most (`session-limit 16`).
        public var sessionLimit: Setting<Int64>?

        /// The nodes that vote (`voters n1..n3`); all when `nil`.
        public var voters: Target?

        /// The voters that keep no commands (`witness n3`); none when `nil`.
        public var witnesses: Target?

        /// The nodes that belong to the group from the start and do not vote (`learner n4`); none when `nil`.
        public var learners: Target?

        /// After how many idle beats the group falls asleep (`quiesce-after 4`); never when `nil`.
        public var quiesceAfter: Setting<Int64>?

        /// After how long a sleeping follower looks whether its leader lives (`sleep-limit 10s`).
        public var sleepLimit: Setting<Interval>?

        /// How many entries a learner may lack when it is made a voter (`promotion-distance 10`).
        public var promotionDistance: Setting<Int64>?

        /// Who should rather lead (`priority n1 10`), in the order of the file; a later line wins.
        public var priorities: [PrioritySetting] = []

        /// Creates settings that keep every default.
        public init() {}
    }

    /// How much some nodes should rather lead than others.
    public struct PrioritySetting: Equatable, Sendable {
        /// The nodes.
        public var target: Target

        /// The greater, the sooner; 0 to 255.
        public var value: Setting<Int64>

        /// Creates the setting.
        public init(_ target: Target, _ value: Setting<Int64>) {
            self.target = target
            self.value = value
        }
    }

    /// What a file says about SWIM; `nil` keeps the protocol's default.
    public struct SwimSettings: Equatable, Sendable {
        /// The length of a protocol period (`period 1s`).
        public var period: Setting<Interval>?

        /// How long a direct probe may stay unanswered (`probe-timeout 500ms`).
        public var probeTimeout: Setting<Interval>?

        /// How many members are asked to probe on one's behalf (`indirect 3`).
        public var indirect: Setting<Int64>?

        /// How many periods, times the logarithm of the cluster's size, a suspect has to speak up (`suspicion 4`).
        public var suspicion: Setting<Int64>?

        /// How often, times the logarithm of the cluster's size, a piece of news is passed on (`retransmit 4`).
        public var retransmit: Setting<Int64>?

        /// Whether Lifeguard's rules are in force (`lifeguard on`).
        public var lifeguard: Bool?

        /// How short an adaptive probe timeout may become (`adaptive 50ms`).
        public var adaptive: Setting<Interval>?

        /// Creates settings that keep every default.
        public init() {}
    }

    /// What a file says about heartbeats; `nil` keeps the protocol's default.
    public struct HeartbeatSettings: Equatable, Sendable {
        /// The time between two heartbeats (`interval 5s`).
        public var interval: Setting<Interval>?

        /// The silence after which a node is suspected (`suspect 15s`).
        public var suspect: Setting<Interval>?

        /// The silence after which a node is declared dead (`dead 30s`).
        public var dead: Setting<Interval>?

        /// The phi at which a node is suspected, learnt from its heartbeats, instead of the two times (`phi 8`).
        public var phi: Setting<Int64>?

        /// Creates settings that keep every default.
        public init() {}
    }

    /// What a file says about gossip; `nil` keeps the protocol's default.
    public struct GossipSettings: Equatable, Sendable {
        /// How many peers hear of each round (`fanout 3`).
        public var fanout: Setting<Int64>?

        /// The time between two rounds (`interval 1s`).
        public var interval: Setting<Interval>?

        /// The greatest message (`message-limit 32KiB`).
        public var messageLimit: Setting<Size>?

        /// How much of the gossip leaves the region of a node (`far 25%`); regions count only with it.
        public var farShare: Setting<Ratio>?

        /// The most coded symbols of a comparison (`symbols 65536`); 0 compares by ranges.
        public var symbols: Setting<Int64>?

        /// With how many peers a node compares at a time (`comparisons 1`).
        public var comparisons: Setting<Int64>?

        /// How long a deletion is remembered (`retention 10m`).
        public var retention: Setting<Interval>?

        /// Creates settings that keep every default.
        public init() {}
    }
}
