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

extension Scenario {
    /// What a file says about the overlay; `nil` keeps the protocol's default.
    public struct OverlaySettings: Equatable, Sendable {
        /// How many neighbours a node has (`active 5`).
        public var active: Setting<Int64>?

        /// How many others it remembers (`passive 30`).
        public var passive: Setting<Int64>?

        /// How many nodes it joins through (`contacts 3`).
        public var contacts: Setting<Int64>?

        /// The time between two beats (`beat 1s`).
        public var beat: Setting<Interval>?

        /// How many beats may be missing (`silence 3`).
        public var silence: Setting<Int64>?

        /// How many beats there are between two shuffles (`shuffle 10`).
        public var shuffle: Setting<Int64>?

        /// Creates settings that keep every default.
        public init() {}

        /// The settings as the protocol takes them.
        var settings: HyParView.Settings {
            var settings = HyParView.Settings()
            if let active { settings.activeSize = Int(clamping: active.value) }
            if let passive { settings.passiveSize = Int(clamping: passive.value) }
            if let contacts { settings.contacts = Int(clamping: contacts.value) }
            if let beat { settings.beatInterval = beat.value }
            if let silence { settings.silenceLimit = Int(clamping: silence.value) }
            if let shuffle { settings.shuffleBeats = Int(clamping: shuffle.value) }
            return settings
        }
    }

    /// What a file says about broadcasts over the tree; `nil` keeps the protocol's default.
    public struct TreeSettings: Equatable, Sendable {
        /// How long a message is waited for whose name was heard (`graft 500ms`).
        public var graft: Setting<Interval>?

        /// How long names are collected (`lazy 20ms`).
        public var lazy: Setting<Interval>?

        /// How many hops a way must be shorter (`threshold 7`).
        public var threshold: Setting<Int64>?

        /// The time between two comparisons (`compare 5s`).
        public var compare: Setting<Interval>?

        /// How long payloads are kept (`keep 30s`).
        public var keep: Setting<Interval>?

        /// Creates settings that keep every default.
        public init() {}

        /// The settings as the protocol takes them; messages are remembered ten times as long as their payloads.
        var settings: Plumtree.Settings {
            var settings = Plumtree.Settings()
            if let graft {
                settings.graftTimeout = graft.value
                settings.graftRetry = Interval(nanoseconds: graft.value.nanoseconds / 2 + 1)
            }
            if let lazy { settings.lazyDelay = lazy.value }
            if let threshold { settings.optimizationThreshold = Int(clamping: threshold.value) }
            if let compare { settings.compareInterval = compare.value }
            if let keep {
                settings.payloadRetention = keep.value
                settings.seenRetention = keep.value * 10
            }
            return settings
        }
    }
}

extension Drawer {
    /// Draws the settings of the overlay.
    mutating func draw(_ settings: Scenario.OverlaySettings) -> Scenario.OverlaySettings {
        var drawn = settings
        drawn.active = draw("hyparview active", settings.active)
        drawn.passive = draw("hyparview passive", settings.passive)
        drawn.contacts = draw("hyparview contacts", settings.contacts)
        drawn.beat = draw("hyparview beat", settings.beat)
        drawn.silence = draw("hyparview silence", settings.silence)
        drawn.shuffle = draw("hyparview shuffle", settings.shuffle)
        return drawn
    }

    /// Draws the settings of the tree.
    mutating func draw(_ settings: Scenario.TreeSettings) -> Scenario.TreeSettings {
        var drawn = settings
        drawn.graft = draw("plumtree graft", settings.graft)
        drawn.lazy = draw("plumtree lazy", settings.lazy)
        drawn.threshold = draw("plumtree threshold", settings.threshold)
        drawn.compare = draw("plumtree compare", settings.compare)
        drawn.keep = draw("plumtree keep", settings.keep)
        return drawn
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
            { $0.hyparview.active = nil }, { $0.hyparview.passive = nil }, { $0.hyparview.contacts = nil },
            { $0.hyparview.beat = nil }, { $0.hyparview.silence = nil }, { $0.hyparview.shuffle = nil },
            { $0.plumtree.graft = nil }, { $0.plumtree.lazy = nil }, { $0.plumtree.threshold = nil },
            { $0.plumtree.compare = nil }, { $0.plumtree.keep = nil },
        ]
    }
}
