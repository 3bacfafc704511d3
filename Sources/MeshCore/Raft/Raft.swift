/// Consensus by a replicated log: every node applies the same commands in the same order.
///
/// ``Raft/Node`` is the protocol of one server as a plain value; the other types are what it speaks, stores and tells.
/// Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (extended version, 2014), cited
/// as "paper"; Ongaro, "Consensus: Bridging Theory and Practice" (2014), cited as "thesis".
///
/// Who belongs to a group is a ``Configuration``: a value with its own arithmetic of quorums and changes, that nodes
/// keep in their log and their snapshots.
public enum Raft {}

extension Raft {
    /// A period with at most one leader; terms only grow.
    public struct Term: Hashable, Sendable, Comparable, CustomStringConvertible {
        /// The number of the term; 0 is before the first election.
        public let rawValue: UInt64

        /// Creates the term with this number.
        @inlinable
        public init(_ rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// The time before the first election.
        @inlinable
        public static var zero: Term { Term(0) }

        /// The last term that is spoken: a message of a later one is malformed, so that no peer can make us overflow.
        @inlinable
        public static var limit: Term { Term(1 << 62) }

        /// The term after this one.
        @inlinable
        public var next: Term { Term(rawValue + 1) }

        /// Orders terms by number.
        @inlinable
        public static func < (left: Term, right: Term) -> Bool { left.rawValue < right.rawValue }

        /// The number.
        public var description: String { "\(rawValue)" }
    }

    /// A position in the log; the first entry stands at 1, and 0 is the place before it.
    public struct LogIndex: Hashable, Sendable, Comparable, CustomStringConvertible {
        /// The number of the position.
        public let rawValue: UInt64

        /// Creates the position with this number.
        @inlinable
        public init(_ rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// The place before the first entry.
        @inlinable
        public static var zero: LogIndex { LogIndex(0) }

        /// The last position that is spoken; a message about a later one is malformed.
        @inlinable
        public static var limit: LogIndex { LogIndex(1 << 62) }

        /// The position after this one.
        @inlinable
        public var next: LogIndex { LogIndex(rawValue + 1) }

        /// The position before this one; 0 has none and stays 0.
        @inlinable
        public var previous: LogIndex { LogIndex(rawValue == 0 ? 0 : rawValue - 1) }

        /// The position `count` places later.
        @inlinable
        func advanced(by count: Int) -> LogIndex { LogIndex(rawValue + UInt64(UInt(count))) }

        /// How many places this position is behind `earlier`, which must not be later.
        @inlinable
        func distance(from earlier: LogIndex) -> Int { Int(rawValue - earlier.rawValue) }

        /// Orders positions.
        @inlinable
        public static func < (left: LogIndex, right: LogIndex) -> Bool { left.rawValue < right.rawValue }

        /// The number.
        public var description: String { "\(rawValue)" }
    }

    /// What a node is in its term.
    public enum Role: Hashable, Sendable, CustomStringConvertible {
        /// Follows a leader, or waits for one.
        case follower
        /// Asks whether an election could be won, without changing anything.
        case preCandidate
        /// Asks for votes in its own new term.
        case candidate
        /// Orders the log.
        case leader

        /// The role's name.
        public var description: String {
            switch self {
            case .follower: "follower"
            case .preCandidate: "pre-candidate"
            case .candidate: "candidate"
            case .leader: "leader"
            }
        }
    }

    /// The timers of a node.
    public enum Timer: Hashable, Traceable {
        /// Patience with the leader, or with an election.
        case election
        /// The leader's beat.
        case heartbeat
        /// The life of one of the beats that a lease rests on.
        case lease(UInt8)

        /// Mixes the name in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .election: digest.mix(0 as UInt64)
            case .heartbeat: digest.mix(1 as UInt64)
            case .lease(let slot):
                digest.mix(2 as UInt64)
                digest.mix(UInt64(slot))
            }
        }

        /// The timer's name.
        public var description: String {
            switch self {
            case .election: "election"
            case .heartbeat: "heartbeat"
            case .lease(let slot): "lease \(slot)"
            }
        }
    }
}

extension Random.Purpose {
    /// How long a follower waits beyond the shortest election timeout.
    static var raftElectionTimeout: Random.Purpose { Random.Purpose(0x0100) }
    /// Where the numbers of a node's forwarded proposals begin after a start.
    static var raftForwardSequence: Random.Purpose { Random.Purpose(0x0101) }
    /// The number of a life of an amnesiac.
    static var raftLife: Random.Purpose { Random.Purpose(0x0103) }
    /// Where the numbers of a node's forwarded reads begin after a start.
    static var raftReadSequence: Random.Purpose { Random.Purpose(0x0102) }
}

extension Digest {
    /// Mixes a term in.
    @inlinable
    mutating func mix(_ term: Raft.Term) { mix(term.rawValue) }

    /// Mixes a position in.
    @inlinable
    mutating func mix(_ index: Raft.LogIndex) { mix(index.rawValue) }

    /// Mixes an optional node in; nobody is 0.
    @inlinable
    mutating func mix(_ node: NodeID?) { mix(node?.rawValue ?? 0) }

    /// Mixes nodes in, their number first.
    mutating func mix(_ nodes: [NodeID]) {
        mix(nodes.count)
        for node in nodes { mix(node) }
    }
}
