public import MeshCore

extension Scenario {
    /// The names a scenario may refer to beyond the words of the language.
    ///
    /// They belong to whoever runs the scenario, so that a new checker, metric or kind of message changes no grammar.
    public struct Vocabulary: Sendable {
        /// The checkers that `always` and `failure` may name.
        public var checkers: [Checker]

        /// The metrics that `expect`, `measure` and `when` may name.
        public var metrics: [Name]

        /// The kinds of messages that `of` may name, such as `raft.vote`; empty allows any.
        public var kinds: [Bytes]

        /// Creates a vocabulary.
        public init(checkers: [Checker], metrics: [Name], kinds: [Bytes]) {
            self.checkers = checkers
            self.metrics = metrics
            self.kinds = kinds
        }

        /// A checker.
        public struct Checker: Sendable {
            /// Its name.
            public var name: Bytes

            /// The protocols of which one must run for it to have anything to check.
            public var needs: [ProtocolName]

            /// Creates the entry of a checker.
            public init(_ name: Bytes, needs: [ProtocolName]) {
                self.name = name
                self.needs = needs
            }
        }

        /// A metric.
        public struct Name: Sendable {
            /// Its name; several words are separated by one space.
            public let name: Bytes

            /// The words of the name.
            let words: [Bytes]

            /// The unit of its values.
            public var unit: MetricUnit

            /// Whether it has many values in a run, so that `p99` and the like make sense of it.
            public var isSampled: Bool

            /// Creates the entry of a metric.
            public init(_ name: Bytes, _ unit: MetricUnit, isSampled: Bool = false) {
                self.name = name
                self.words = Self.split(name)
                self.unit = unit
                self.isSampled = isSampled
            }

            private static func split(_ name: Bytes) -> [Bytes] {
                var words: [Bytes] = []
                var word: [UInt8] = []
                for byte in name.storage {
                    if byte == 0x20 {
                        words.append(Bytes(word))
                        word = []
                    } else {
                        word.append(byte)
                    }
                }
                words.append(Bytes(word))
                return words
            }
        }
    }

    /// The name of a protocol behind `run`.
    public enum ProtocolName: UInt8, Equatable, Sendable, CaseIterable {
        /// Raft.
        case raft

        /// SWIM failure detection.
        case swim

        /// Failure detection by heartbeats.
        case heartbeat

        /// The gossip key-value state.
        case gossip

        /// Broadcasts and direct messages.
        case broadcast

        /// The overlay for large meshes.
        case hyparview

        /// Broadcasts over the tree.
        case plumtree
    }

    /// The unit of a metric.
    public enum MetricUnit: UInt8, Equatable, Sendable, CaseIterable {
        /// A plain number.
        case count

        /// A length of time.
        case time

        /// An amount of data.
        case size

        /// A share.
        case share
    }
}

extension Scenario.Vocabulary {
    /// What the simulator of this package knows.
    public static let standard = Scenario.Vocabulary(
        checkers: [
            Checker("raft-safety", needs: [.raft]),
            Checker("raft-election-safety", needs: [.raft]),
            Checker("raft-leader-append-only", needs: [.raft]),
            Checker("raft-log-matching", needs: [.raft]),
            Checker("raft-leader-completeness", needs: [.raft]),
            Checker("raft-state-machine-safety", needs: [.raft]),
            Checker("raft-monotonic", needs: [.raft]),
            Checker("raft-durability", needs: [.raft]),
            Checker("raft-single-vote", needs: [.raft]),
            Checker("raft-vote-persisted", needs: [.raft]),
            Checker("raft-quorum-commit", needs: [.raft]),
            Checker("raft-one-change", needs: [.raft]),
            Checker("raft-committed-stays", needs: [.raft]),
            Checker("raft-order", needs: [.raft]),
            Checker("raft-match", needs: [.raft]),
            Checker("raft-no-lost-write", needs: [.raft]),
            Checker("raft-no-storm", needs: [.raft]),
            Checker("raft-settles", needs: [.raft]),
            Checker("membership-safety", needs: [.swim, .heartbeat]),
            Checker("swim-safety", needs: [.swim, .heartbeat]),
            Checker("swim-transitions", needs: [.swim, .heartbeat]),
            Checker("swim-incarnations", needs: [.swim, .heartbeat]),
            Checker("linearizable", needs: [.raft]),
            Checker("exactly-once", needs: [.raft]),
            Checker("swim-completeness", needs: [.swim, .heartbeat]),
            Checker("swim-accuracy", needs: [.swim, .heartbeat]),
            Checker("swim-no-resurrection", needs: [.swim]),
            Checker("swim-contradiction", needs: [.swim]),
            Checker("swim-silence", needs: [.swim]),
            Checker("swim-metadata", needs: [.swim]),
            Checker("swim-copies", needs: [.swim]),
            Checker("swim-patience", needs: [.swim]),
            Checker("gossip-safety", needs: [.gossip]),
            Checker("gossip-one-value", needs: [.gossip]),
            Checker("gossip-monotonic", needs: [.gossip]),
            Checker("gossip-durability", needs: [.gossip]),
            Checker("gossip-no-resurrection", needs: [.gossip]),
            Checker("gossip-convergence", needs: [.gossip]),
            Checker("gossip-no-lost-write", needs: [.gossip]),
            Checker("broadcast-safety", needs: [.broadcast, .plumtree]),
            Checker("broadcast-once", needs: [.broadcast, .plumtree]),
            Checker("broadcast-sent", needs: [.broadcast, .plumtree]),
            Checker("broadcast-path", needs: [.broadcast]),
            Checker("broadcast-hops", needs: [.broadcast]),
            Checker("broadcast-direct", needs: [.broadcast]),
            Checker("broadcast-reaches-all", needs: [.broadcast, .plumtree]),
            Checker("plumtree-tree", needs: [.plumtree]),
        ],
        metrics: [
            Name("elections", .count),
            Name("leader changes", .count),
            Name("transfers", .count),
            Name("membership changes", .count),
            Name("refused changes", .count),
            Name("term", .count),
            Name("commit", .count),
            Name("proposals", .count),
            Name("committed", .count),
            Name("snapshots", .count),
            Name("messages", .count),
            Name("lost messages", .count),
            Name("bytes", .size),
            Name("events", .count),
            Name("crashes", .count),
            Name("restarts", .count),
            Name("suspicions", .count),
            Name("false suspicions", .count),
            Name("deaths", .count),
            Name("writes", .count),
            Name("busy refusals", .count),
            Name("storage faults", .count),
            Name("withheld faults", .count),
            Name("storage failures", .count),
            Name("refused starts", .count),
            Name("leaderless time", .time),
            Name("commit latency", .time, isSampled: true),
            Name("election time", .time, isSampled: true),
            Name("detection time", .time, isSampled: true),
            Name("convergence time", .time, isSampled: true),
            Name("broadcasts", .count),
            Name("deliveries", .count),
            Name("payload copies", .count),
            Name("ended messages", .count),
            Name("overlay parts", .count),
            Name("direct messages", .count),
            Name("confirmed messages", .count),
            Name("undeliverable messages", .count),
            Name("duplicates", .count, isSampled: true),
            Name("reach", .count, isSampled: true),
            Name("last hop", .count, isSampled: true),
            Name("delivery time", .time, isSampled: true),
            Name("last delivery time", .time, isSampled: true),
        ],
        kinds: kinds("raft.", Raft.Message.kinds) + kinds("swim.", Swim.Message.kinds)
            + kinds("heartbeat.", Heartbeat.Message.kinds) + kinds("gossip.", Gossip.Message.kinds)
            + kinds("broadcast.", Broadcast.Message.kinds) + kinds("hyparview.", HyParView.Message.kinds)
            + kinds("plumtree.", Plumtree.Message.kinds))

    /// The kinds of messages of a protocol with its name in front.
    private static func kinds(_ prefix: Bytes, _ names: [StaticString]) -> [Bytes] {
        names.map { Bytes(prefix.storage + Bytes(stringLiteral: $0).storage) }
    }
}
