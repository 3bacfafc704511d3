public import MeshCore

extension Scenario {
    /// What a file says about broadcasts; `nil` keeps the protocol's default.
    public struct BroadcastSettings: Equatable, Sendable {
        /// How many hops a message may make (`ttl 10`).
        public var timeToLive: Setting<Int64>?

        /// How many random links a message is passed on to (`fanout 3`); all when `nil`.
        public var fanout: Setting<Int64>?

        /// How often it is passed on (`rounds 8`).
        public var rounds: Setting<Int64>?

        /// The time between two rounds (`interval 200ms`).
        public var interval: Setting<Interval>?

        /// To how many nodes each is linked (`degree 6`); to all when `nil`.
        public var degree: Setting<Int64>?

        /// How long a message is remembered (`seen 5min`).
        public var seen: Setting<Interval>?

        /// How many messages are remembered (`seen-limit 1000`).
        public var seenLimit: Setting<Int64>?

        /// How long a direct message waits for its receipt (`receipt 1s`).
        public var receipt: Setting<Interval>?

        /// Creates settings that keep every default.
        public init() {}

        /// The settings as the protocol takes them.
        var settings: Broadcast.Settings {
            var settings = Broadcast.Settings()
            if let timeToLive { settings.timeToLive = Int(clamping: timeToLive.value) }
            if let fanout { settings.fanout = Int(clamping: fanout.value) }
            if let rounds { settings.rounds = Int(clamping: rounds.value) }
            if let interval { settings.interval = interval.value }
            if let degree { settings.degree = Int(clamping: degree.value) }
            if let seen { settings.seenRetention = seen.value }
            if let seenLimit { settings.seenLimit = Int(clamping: seenLimit.value) }
            if let receipt { settings.receiptTimeout = receipt.value }
            return settings
        }
    }
}

extension Drawer {
    /// Draws the settings of broadcasts.
    mutating func draw(_ settings: Scenario.BroadcastSettings) -> Scenario.BroadcastSettings {
        var drawn = settings
        drawn.timeToLive = draw("broadcast ttl", settings.timeToLive)
        drawn.fanout = draw("broadcast fanout", settings.fanout)
        drawn.rounds = draw("broadcast rounds", settings.rounds)
        drawn.interval = draw("broadcast interval", settings.interval)
        drawn.degree = draw("broadcast degree", settings.degree)
        drawn.seen = draw("broadcast seen", settings.seen)
        drawn.seenLimit = draw("broadcast seen-limit", settings.seenLimit)
        drawn.receipt = draw("broadcast receipt", settings.receipt)
        return drawn
    }
}

extension Scenario.Cluster {
    /// Each takes one setting of what spreads messages back to its default.
    static var spreading: [(inout Scenario.Cluster) -> Void] {
        [
            { $0.broadcast.timeToLive = nil }, { $0.broadcast.fanout = nil }, { $0.broadcast.rounds = nil },
            { $0.broadcast.interval = nil }, { $0.broadcast.degree = nil }, { $0.broadcast.seen = nil },
            { $0.broadcast.seenLimit = nil }, { $0.broadcast.receipt = nil },
        ]
    }
}
