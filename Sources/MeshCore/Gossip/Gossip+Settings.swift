extension Gossip {
    /// How a node gossips.
    ///
    /// All nodes of a mesh must use the same limits.
    public struct Settings: Hashable, Sendable {
        /// How many random peers a write is pushed to; 3.
        ///
        /// With f peers a round, everybody knows after about log(1+f) N + ln N / f rounds: 5, 7 and 10 rounds for 100,
        /// 1,000 and 10,000 nodes with 3. More is hardly faster and costs f messages per node and write.
        public var fanout: Int

        /// The time between two comparisons of the whole state with a random peer; 1 s.
        public var interval: Interval

        /// The time between pushes of the same news; 200 ms.
        ///
        /// Pushing on as soon as it is heard reaches 94 % of a mesh within a few message delays; the pushes that follow
        /// reach the rest. memberlist and foca use the same 200 ms on a local network.
        public var pushInterval: Interval

        /// The most bytes of one message on the wire, its frame and an envelope of 11 bytes included; 32 KiB.
        ///
        /// What the smallest of the common radio transports carries in one payload.
        public var maxMessageBytes: Int

        /// The longest key in bytes; 512.
        public var maxKeyBytes: Int

        /// The longest value in bytes; 24 KiB, so that any entry fits one message.
        public var maxValueBytes: Int

        /// How long a deletion is remembered after it was written; ten days.
        ///
        /// It must be longer than a node is ever cut off or switched off. A value that stayed behind on a node for
        /// longer than that comes back with the node, because nobody remembers its deletion; nothing is ever lost, and
        /// all nodes still become equal. ``Interval`` of `Int64.max` nanoseconds keeps deletions for ever. Ten days is
        /// what Cassandra's `gc_grace_seconds` allows an operator to notice a dead node.
        public var tombstoneRetention: Interval

        /// How far the stamp of a received entry may be ahead of this node's clock; 60 s.
        ///
        /// An entry that is further ahead is refused, without any effect on this node's clock: one wrong clock must not
        /// make its values unbeatable for the rest.
        public var driftLimit: Interval

        /// What entries are hashed with when states are compared; a key that everybody knows.
        ///
        /// A mesh in which strangers may write should have one that they do not know, the same on all nodes: then
        /// nobody can choose values that make different states look equal, or that never come apart.
        public var key: KeyedHash.Key

        /// The most coded symbols of one comparison; 65,536, enough for 48,000 differences.
        ///
        /// What needs more is compared by ranges, and so is a state of which the other side lacks more than half. 0
        /// compares by ranges only: that is better when what differs nearly always stands together in the order of the
        /// keys, such as a log's newest entries under growing numbers.
        public var maxSymbols: Int

        /// With how many peers a node compares at the same time; 1.
        ///
        /// More bring a late joiner its state from several sides at once; nothing is fetched twice. Each costs a
        /// message of 15 bytes in an interval.
        public var comparisons: Int

        /// How much of the gossip goes to peers that are not near, when it is known who is near; 25 %.
        ///
        /// Near peers are told first and most, but never alone: regions that only talk to themselves are partitions. A
        /// quarter of three pushes is nearly one far message for each push; below a few percent news enters another
        /// region only by chance.
        public var farShare: Ratio

        /// Whether a write is pushed at once; yes.
        ///
        /// Otherwise only the comparison each interval spreads it.
        public var pushesOnSet: Bool

        /// Creates settings; every value has the default that its documentation gives.
        public init(
            fanout: Int = 3, interval: Interval = .seconds(1), pushInterval: Interval = .milliseconds(200),
            maxMessageBytes: Int = 32 << 10,
            maxKeyBytes: Int = 512, maxValueBytes: Int = 24 << 10,
            tombstoneRetention: Interval = .seconds(864_000),
            driftLimit: Interval = HybridLogicalClock.defaultDriftLimit, key: KeyedHash.Key = .open,
            maxSymbols: Int = 65_536, comparisons: Int = 1, farShare: Ratio = .percent(25), pushesOnSet: Bool = true
        ) {
            self.fanout = fanout
            self.interval = interval
            self.pushInterval = pushInterval
            self.maxMessageBytes = maxMessageBytes
            self.maxKeyBytes = maxKeyBytes
            self.maxValueBytes = maxValueBytes
            self.tombstoneRetention = tombstoneRetention
            self.driftLimit = driftLimit
            self.key = key
            self.maxSymbols = maxSymbols
            self.comparisons = comparisons
            self.farShare = farShare
            self.pushesOnSet = pushesOnSet
        }

        /// Refuses settings that cannot work.
        public func check() throws(SettingsError) {
            guard fanout >= 1, fanout <= 64 else { throw .fanout(fanout) }
            guard interval > .zero else { throw .interval(interval) }
            guard pushInterval > .zero else { throw .pushInterval(pushInterval) }
            guard maxKeyBytes >= 1, maxKeyBytes <= Entry.wireKeyLimit else { throw .keyLimit(maxKeyBytes) }
            guard maxValueBytes >= 0, maxValueBytes <= Entry.wireValueLimit else { throw .valueLimit(maxValueBytes) }
            guard maxMessageBytes <= Frame.byteLimit, maxMessageBytes >= smallestMessageLimit else {
                throw .messageLimit(maxMessageBytes, least: smallestMessageLimit)
            }
            guard tombstoneRetention > driftLimit, tombstoneRetention > interval else {
                throw .retention(tombstoneRetention)
            }
            guard driftLimit >= .zero else { throw .driftLimit(driftLimit) }
            guard maxSymbols >= 0, maxSymbols <= Reconciliation.Sketch.limit / 2 else { throw .symbols(maxSymbols) }
            guard comparisons >= 1, comparisons <= 16 else { throw .comparisons(comparisons) }
            guard farShare.millionths > 0, farShare.millionths <= 1_000_000 else { throw .farShare(farShare) }
        }

        /// The largest entry and, for summaries, three bounds of ranges must fit.
        var smallestMessageLimit: Int {
            let entry = maxKeyBytes + maxValueBytes + 64
            let bounds = 4 * maxKeyBytes + 512
            return entry > bounds ? entry : bounds
        }

        /// How many symbols fit one message.
        var symbolRoom: Int { (bodyLimit - 32) / Reconciliation.Symbol.byteCount }

        /// What a message may take without its frame and envelope.
        var bodyLimit: Int { maxMessageBytes - Frame.overhead - 11 }
    }

    /// Why settings cannot work, and what to do about it.
    public enum SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The fanout is outside 1...64.
        case fanout(Int)
        /// The interval is not positive.
        case interval(Interval)
        /// The push interval is not positive.
        case pushInterval(Interval)
        /// The key limit is outside 1...4096.
        case keyLimit(Int)
        /// The value limit is outside 0...1 MiB.
        case valueLimit(Int)
        /// One entry does not fit a message, or a message does not fit a frame.
        case messageLimit(Int, least: Int)
        /// Deletions would be forgotten before they can spread.
        case retention(Interval)
        /// The drift limit is negative.
        case driftLimit(Interval)
        /// The limit of symbols is outside 0...524,288.
        case symbols(Int)
        /// The number of comparisons at a time is outside 1...16.
        case comparisons(Int)
        /// No gossip would ever leave a region, or more than all of it.
        case farShare(Ratio)

        /// The reason and the way out as a sentence.
        public var description: String {
            switch self {
            case .fanout(let value): "a fanout of \(value) is not possible; choose 1 to 64, 3 is usual"
            case .interval(let value): "an interval of \(value) is not possible; choose more than 0, 1s is usual"
            case .pushInterval(let value):
                "a push interval of \(value) is not possible; choose more than 0, 200ms is usual"
            case .keyLimit(let value): "keys of up to \(value) bytes are not possible; choose 1 to 4096"
            case .valueLimit(let value): "values of up to \(value) bytes are not possible; choose 0 to 1048576"
            case .messageLimit(let value, let least):
                "messages of up to \(value) bytes are not possible; choose \(least) to 4194304, "
                    + "or smaller keys and values"
            case .retention(let value):
                "a tombstone retention of \(value) is too short; choose more than the interval and the drift limit, "
                    + "and more than any node is ever cut off"
            case .symbols(let value): "\(value) symbols are not possible; choose 0 to 524288, 65536 is usual"
            case .comparisons(let value): "\(value) comparisons at a time are not possible; choose 1 to 16, 1 is usual"
            case .farShare(let value):
                "a far share of \(value) is not possible; choose more than 0% so that regions do not part, 25% is usual"
            case .driftLimit(let value): "a drift limit of \(value) is not possible; choose 0s or more, 60s is usual"
            }
        }
    }
}
