public import MeshCore

/// How long news takes until everybody knows it, and what that costs.
///
/// A ``Setting`` says what is measured: a family of protocols, how many nodes, which network. ``measure(_:goesOn:)``
/// runs it and returns an ``Outcome`` in whole numbers, the same on every machine. Formulas stand elsewhere: they
/// need logarithms, and nothing here depends on them.
public enum Convergence {
    /// One cell of the table for one seed.
    public struct Setting: Hashable, Sendable {
        /// What spreads the news.
        public var family: Family
        /// How many nodes there are; at least 2.
        public var nodes: Int
        /// The share of messages that the network loses.
        public var loss: Ratio
        /// How many peers a node tells at a time, for families that have such a number.
        public var fanout: Int
        /// Who is whose neighbour, and how far.
        public var topology: Topology
        /// How many pieces of news, or crashes, are measured one after the other.
        public var occasions: Int
        /// Decides everything left to chance.
        public var seed: UInt64

        /// Creates a setting.
        public init(
            _ family: Family, nodes: Int, loss: Ratio = .zero, fanout: Int? = nil, topology: Topology = .full,
            occasions: Int = 1, seed: UInt64 = 1
        ) {
            self.family = family
            self.nodes = nodes
            self.loss = loss
            self.fanout = fanout ?? family.fanout ?? 0
            self.topology = topology
            self.occasions = occasions
            self.seed = seed
        }
    }

    /// Who may talk to whom.
    public enum Topology: Hashable, Sendable, CaseIterable {
        /// Everybody knows everybody, a millisecond apart.
        case full
        /// Everybody knows the next and the one before.
        case ring
        /// Everybody knows one parent and up to two children.
        case tree
        /// Everybody knows everybody, in four regions with ``Convergence/regionLatency`` between them.
        case regions

        /// What a command line calls it.
        public var name: String {
            switch self {
            case .full: "full"
            case .ring: "ring"
            case .tree: "tree"
            case .regions: "regions"
            }
        }
    }

    /// How long a message travels within a region.
    public static var latency: Interval { .milliseconds(1) }

    /// How long a message travels between regions.
    public static var regionLatency: Interval { .milliseconds(40) }

    /// How many regions ``Topology/regions`` has.
    public static var regionCount: Int { 4 }

    /// Runs a setting.
    ///
    /// - Parameter goesOn: Asked now and then; ends the measurement with `nil` when it says no.
    /// - Returns: What was measured; `nil` when it was stopped.
    public static func measure(_ setting: Setting, goesOn: () -> Bool) -> Outcome? {
        invariant(setting.nodes >= 2, "news needs two nodes to spread")
        switch setting.family {
        case .push, .pushPull: return RumorModel.measure(setting, goesOn: goesOn)
        case .keyValue, .keyValueRounds, .antiEntropy: return KeyValue.measure(setting, goesOn: goesOn)
        case .broadcast: return Flooding.measure(setting, goesOn: goesOn)
        case .plumtree: return BroadcastTree.measure(setting, goesOn: goesOn)
        case .swim: return Membership.measure(setting, goesOn: goesOn)
        }
    }
}

extension Random.Purpose {
    /// Whom a node of the model calls.
    static var modelCall: Random.Purpose { Random.Purpose(0x20A0) }
    /// Which messages of the model get lost.
    static var modelLoss: Random.Purpose { Random.Purpose(0x20A1) }
    /// Where and when measured news begins, and who crashes.
    static var convergenceOrigin: Random.Purpose { Random.Purpose(0x20A2) }
}
