public import MeshCore

extension Scenario {
    /// How messages travel.
    public struct Network: Equatable, Sendable {
        /// What holds for every link.
        public var conditions: LinkConditions

        /// Latencies between regions, which take precedence over the general latency.
        public var regions: [RegionLatency]

        /// What holds for some links or some kinds of messages only; a later rule takes precedence.
        public var rules: [LinkRule]

        /// Which links have to wait for others; `nil` for none.
        public var schedule: PrioritySchedule?

        /// Where the section stands.
        public var location: Location

        /// Creates a network that keeps every default.
        public init() {
            self.conditions = LinkConditions()
            self.regions = []
            self.rules = []
            self.schedule = nil
            self.location = .none
        }
    }

    /// Lets links wait for others by random priorities that change at few points: `schedule pct depth 3 delay 50ms
    /// period 1000`.
    public struct PrioritySchedule: Equatable, Sendable {
        /// One more than the number of changes in each period.
        public var depth: Setting<Int64>

        /// The longest that a message waits for others.
        public var delay: Setting<Interval>

        /// After how many messages everything is drawn anew.
        public var period: Setting<Int64>

        /// Creates a schedule.
        public init(depth: Setting<Int64>, delay: Setting<Interval>, period: Setting<Int64>) {
            self.depth = depth
            self.delay = delay
            self.period = period
        }
    }

    /// How one link treats messages; `nil` leaves the matter to the next more general statement.
    public struct LinkConditions: Equatable, Sendable {
        /// How long a message travels.
        public var latency: Latency?

        /// The share of messages that get lost.
        public var loss: Setting<Ratio>?

        /// The share of messages that arrive twice.
        public var duplicate: Setting<Ratio>?

        /// The share of messages that are held back so that later ones overtake them.
        public var reorder: Reorder?

        /// The share of messages that arrive with a bit flipped.
        public var corrupt: Setting<Ratio>?

        /// How much data the link carries in a second.
        public var bandwidth: Setting<Size>?

        /// How much data may wait for the link; what comes on top is lost.
        public var queue: Setting<Size>?

        /// Creates conditions that leave everything to the next more general statement.
        public init() {}

        /// Whether nothing is said.
        public var isEmpty: Bool { self == LinkConditions() }
    }

    /// How long a message travels.
    public enum Latency: Equatable, Sendable {
        /// Every message takes the same time.
        case constant(Setting<Interval>)

        /// Every length in the range is equally likely.
        case uniform(IntervalRange)

        /// At least `minimum`; what comes on top is distributed exponentially, so that the average is `mean`.
        case exponential(minimum: Setting<Interval>, mean: Setting<Interval>)

        /// Half of the messages take longer than `median`; two thirds lie between `median` / `spread` and
        /// `median` times `spread`.
        case lognormal(median: Setting<Interval>, spread: Setting<Factor>)

        /// Most messages are fast, and `share` of them slow.
        case bimodal(fast: IntervalRange, slow: IntervalRange, share: Setting<Ratio>)
    }

    /// The share of messages that are held back, and for how long.
    public struct Reorder: Equatable, Sendable {
        /// The share of messages that are held back.
        public var share: Setting<Ratio>

        /// The longest extra delay; `nil` leaves it to the simulator.
        public var by: Setting<Interval>?

        /// Creates a reordering.
        public init(share: Setting<Ratio>, by: Setting<Interval>? = nil) {
            self.share = share
            self.by = by
        }
    }

    /// One line of the latency matrix (`latency eu us 80ms..90ms`).
    public struct RegionLatency: Equatable, Sendable {
        /// The region of the sender.
        public var from: Bytes

        /// The region of the receiver.
        public var to: Bytes

        /// Whether the line holds in the other direction too.
        public var isBothWays: Bool

        /// How long a message travels.
        public var latency: Latency

        /// Where the statement stands.
        public var location: Location

        /// Creates a line of the matrix.
        public init(from: Bytes, to: Bytes, isBothWays: Bool, latency: Latency, location: Location = .none) {
            self.from = from
            self.to = to
            self.isBothWays = isBothWays
            self.latency = latency
            self.location = location
        }
    }

    /// What holds for some links or some kinds of messages only (`link n1 -> n2 latency 80ms`, `loss 50% of
    /// raft.vote`).
    public struct LinkRule: Equatable, Sendable {
        /// Which links.
        public var links: Links

        /// Which kinds of messages, such as `raft.vote` or all of `raft`; empty means every kind.
        public var kinds: [Bytes]

        /// How they treat messages.
        public var conditions: LinkConditions

        /// Where the statement stands.
        public var location: Location

        /// Creates a rule.
        public init(
            links: Links = .every, kinds: [Bytes] = [], conditions: LinkConditions, location: Location = .none
        ) {
            self.links = links
            self.kinds = kinds
            self.conditions = conditions
            self.location = location
        }
    }

    /// A choice of directed links: those from one set of nodes to another.
    public struct Links: Equatable, Sendable {
        /// The senders.
        public var from: Target

        /// The receivers.
        public var to: Target

        /// Whether the links back are meant too (`<->`).
        public var isBothWays: Bool

        /// Creates a choice of links.
        public init(from: Target, to: Target, isBothWays: Bool = false) {
            self.from = from
            self.to = to
            self.isBothWays = isBothWays
        }

        /// Every link there is.
        public static var every: Links { Links(from: .any, to: .any) }
    }

    /// The nodes' disks.
    public struct Disk: Equatable, Sendable {
        /// How long a write takes; each draws its own length.
        public var write: IntervalRange?

        /// How long an fsync takes; each draws its own length.
        public var fsync: IntervalRange?

        /// Whether a crash may leave a part of the unsynced writes on the disk (`torn-writes on`).
        public var tornWrites: Bool?

        /// What the disk writes whole or not at all (`sector 4KiB`).
        public var sector: Size?

        /// How much fits on each disk (`capacity 1MiB`).
        public var capacity: Setting<Size>?

        /// How large the files of the log are (`segment 16KiB`).
        public var segment: Setting<Size>?

        /// After how much log it begins anew from an image (`image-after 64KiB`).
        public var imageAfter: Setting<Size>?

        /// How long after its disk stopped it a node is started again (`restart-after 1s`).
        public var restartAfter: Setting<Interval>?

        /// Whether a node takes what is legible of a damaged disk and is healed by the others (`salvage on`).
        public var salvage: Bool?

        /// How often a bit at rest flips on each disk (`bit-rot 0.1/s`).
        public var bitRot: Setting<Rate>?

        /// What operations meet by chance, in the order of the faults.
        public var shares: [DiskShare] = []

        /// Fsyncs that take longer.
        public var spikes: DiskDelays?

        /// Fsyncs with which the whole disk stalls.
        public var stalls: DiskDelays?

        /// Where the section stands.
        public var location: Location

        /// Creates disks that keep every default.
        public init() {
            self.write = nil
            self.fsync = nil
            self.tornWrites = nil
            self.location = .none
        }
    }
}
