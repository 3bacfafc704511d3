public import MeshCore

/// What a directed link does to messages.
public struct LinkConditions: Hashable, Sendable {
    /// How long a message travels.
    public var latency: Latency
    /// The share of messages that never arrive.
    public var loss: Ratio
    /// The share of messages that arrive twice.
    public var duplication: Ratio
    /// The share of messages that may overtake or be overtaken; all others arrive in the order they were sent.
    public var reordering: Ratio
    /// How much later than its latency a reordered message may arrive.
    public var reorderDelay: Interval
    /// The share of messages in which one bit flips.
    public var corruption: Ratio
    /// How many bytes a second pass; 0 means no limit.
    public var bytesPerSecond: Int64
    /// How many bytes may wait for the bandwidth before messages are dropped; 0 means no limit.
    public var queueBytes: Int64

    /// Creates the conditions of a perfect link: one millisecond, nothing lost, everything in order.
    public init(
        latency: Latency = .constant(.milliseconds(1)), loss: Ratio = .zero, duplication: Ratio = .zero,
        reordering: Ratio = .zero, reorderDelay: Interval = .milliseconds(10), corruption: Ratio = .zero,
        bytesPerSecond: Int64 = 0, queueBytes: Int64 = 0
    ) {
        self.latency = latency
        self.loss = loss
        self.duplication = duplication
        self.reordering = reordering
        self.reorderDelay = reorderDelay
        self.corruption = corruption
        self.bytesPerSecond = bytesPerSecond
        self.queueBytes = queueBytes
    }
}

/// A change of conditions on some links, for some kinds of messages; what is `nil` stays as it was.
public struct LinkOverride: Hashable, Sendable {
    /// Replaces ``LinkConditions/latency``.
    public var latency: Latency?
    /// Replaces ``LinkConditions/loss``.
    public var loss: Ratio?
    /// Replaces ``LinkConditions/duplication``.
    public var duplication: Ratio?
    /// Replaces ``LinkConditions/reordering``.
    public var reordering: Ratio?
    /// Replaces ``LinkConditions/reorderDelay``.
    public var reorderDelay: Interval?
    /// Replaces ``LinkConditions/corruption``.
    public var corruption: Ratio?
    /// Replaces ``LinkConditions/bytesPerSecond``.
    public var bytesPerSecond: Int64?
    /// Replaces ``LinkConditions/queueBytes``.
    public var queueBytes: Int64?

    /// Creates an override that changes nothing.
    public init() {}

    func applied(to conditions: inout LinkConditions) {
        if let latency { conditions.latency = latency }
        if let loss { conditions.loss = loss }
        if let duplication { conditions.duplication = duplication }
        if let reordering { conditions.reordering = reordering }
        if let reorderDelay { conditions.reorderDelay = reorderDelay }
        if let corruption { conditions.corruption = corruption }
        if let bytesPerSecond { conditions.bytesPerSecond = bytesPerSecond }
        if let queueBytes { conditions.queueBytes = queueBytes }
    }
}

/// An override and where it holds.
public struct LinkRule: Hashable, Sendable {
    /// The senders, as zero-based positions.
    public var senders: BitSet
    /// The receivers, as zero-based positions.
    public var receivers: BitSet
    /// The kinds of messages as bits, lowest kind first; all bits set means every kind.
    public var kinds: UInt64
    /// What changes.
    public var change: LinkOverride

    /// Creates a rule; by default for every kind of message.
    public init(senders: BitSet, receivers: BitSet, kinds: UInt64 = UInt64.max, change: LinkOverride) {
        self.senders = senders
        self.receivers = receivers
        self.kinds = kinds
        self.change = change
    }

    func matches(from: Int, to: Int, kind: MessageKind) -> Bool {
        kinds & (1 << UInt64(kind.rawValue)) != 0 && senders.contains(from) && receivers.contains(to)
    }
}
