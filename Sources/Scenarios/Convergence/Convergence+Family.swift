public import MeshCore

extension Convergence {
    /// What spreads the news: a protocol, or a model of one without machines.
    public enum Family: Hashable, Sendable, CaseIterable {
        /// The model: each round everybody who knows tells some others.
        case push
        /// The model: each round everybody calls some others, and both know what either knew.
        case pushPull
        /// `Gossip.Node` as it is shipped, on a network with a millisecond of latency.
        case keyValue
        /// `Gossip.Node` with a latency as long as its push interval, so that it works in rounds as the model does.
        case keyValueRounds
        /// `Gossip.Node` that pushes nothing: only the comparison of states spreads.
        case antiEntropy
        /// `Broadcast.Node`: everybody passes a message on over all of its links.
        case broadcast
        /// `Plumtree.Node` over the links that `HyParView.Node` has made: everybody gets a message once, over a tree.
        case plumtree
        /// `Swim.Node`: how long until a crash is noticed.
        case swim

        /// What a command line calls it.
        public var name: String {
            switch self {
            case .push: "push"
            case .pushPull: "push-pull"
            case .keyValue: "kv"
            case .keyValueRounds: "kv-rounds"
            case .antiEntropy: "anti-entropy"
            case .broadcast: "broadcast"
            case .plumtree: "plumtree"
            case .swim: "swim"
            }
        }

        /// Whether there are no machines in it.
        public var isModel: Bool {
            switch self {
            case .push, .pushPull: true
            case .keyValue, .keyValueRounds, .antiEntropy, .broadcast, .plumtree, .swim: false
            }
        }

        /// What is measured, in one line.
        public var summary: String {
            switch self {
            case .push: "model: each round everybody who knows tells F others"
            case .pushPull: "model: each round everybody calls F others, and both know what either knew"
            case .keyValue: "a write is pushed to F peers when it is heard and every 200ms, and compared every second"
            case .keyValueRounds: "the same, with a latency of 200ms: a round is a push interval"
            case .antiEntropy: "nothing is pushed; every node compares its state with a random peer each round of 1s"
            case .broadcast: "a message floods over 2 F links a node, at distances that lead everywhere in few hops"
            case .plumtree: "a message over a tree of eager links, F + 1 links a node; names over the others"
            case .swim: "a crash in a group that probes once a second, tells rumours to F others every 200ms"
            }
        }

        /// How many others a node tells at a time unless something else is asked for; `nil` when there is no choice.
        public var fanout: Int? {
            switch self {
            case .push, .keyValue, .keyValueRounds, .broadcast, .swim: 3
            case .plumtree: 4
            case .pushPull: 1
            case .antiEntropy: nil
            }
        }

        /// The times that are measured.
        public var measures: [Measure] {
            switch self {
            case .push, .pushPull: [Measure("all know", unit: .rounds(.seconds(1)))]
            case .keyValue, .broadcast, .plumtree: [Measure("all know", unit: .time)]
            case .keyValueRounds: [Measure("all know", unit: .rounds(.milliseconds(200)))]
            case .antiEntropy: [Measure("all know", unit: .rounds(.seconds(1)))]
            case .swim:
                [
                    Measure("first suspicion", unit: .time), Measure("first dead", unit: .time),
                    Measure("all know", unit: .time),
                ]
            }
        }

        /// What messages, bytes and duplicates are divided by.
        public var loadUnit: String {
            switch self {
            case .push, .pushPull, .keyValue, .keyValueRounds, .antiEntropy: "node and write"
            case .broadcast, .plumtree: "node and message"
            case .swim: "node and period while nothing fails"
            }
        }

        /// The topologies it can run on, the usual one first.
        public var topologies: [Topology] {
            switch self {
            case .push, .pushPull: [.full]
            case .keyValue, .broadcast, .plumtree: [.full, .ring, .tree, .regions]
            case .keyValueRounds, .antiEntropy: [.full, .ring, .tree]
            case .swim: [.full, .regions]
            }
        }
    }

    /// One of the times that a family is measured by.
    public struct Measure: Hashable, Sendable {
        /// Until what.
        public let name: String
        /// What it is counted in.
        public let unit: Unit

        init(_ name: String, unit: Unit) {
            self.name = name
            self.unit = unit
        }
    }

    /// What a time is counted in.
    public enum Unit: Hashable, Sendable {
        /// Virtual time.
        case time
        /// Rounds of this length.
        case rounds(Interval)
    }
}
