extension Plumtree {
    /// How messages travel over the tree and how it is mended.
    ///
    /// All nodes of a mesh must use the same.
    public struct Settings: Hashable, Sendable {
        /// How long a node waits for a message whose name it has heard before it asks for it, at least; 500 ms.
        ///
        /// It must be longer than the tree takes, or what is under way is sent twice; at most a quarter longer.
        public var graftTimeout: Interval

        /// How long it waits before it asks the next one who has told it, at least; 250 ms.
        public var graftRetry: Interval

        /// How long names of messages are collected before they are told over lazy links; 20 ms.
        public var lazyDelay: Interval

        /// How many hops a lazy link must be shorter to take the place of the tree's; 7, as iroh-gossip's.
        ///
        /// A small one makes the tree flatter and less steady when senders take turns.
        public var optimizationThreshold: Int

        /// The time between two comparisons with a neighbour, each in turn; 5 s.
        public var compareInterval: Interval

        /// How long a message is kept to be handed on; 30 s.
        ///
        /// Whoever joins or is back within it gets the message. All neighbours must have their turn within it.
        public var payloadRetention: Interval

        /// How long a message that was seen is remembered; 5 min, ten times the retention of its payload.
        public var seenRetention: Interval

        /// How many messages are remembered at most; 65,536.
        ///
        /// When there are more the oldest is forgotten, however young it is.
        public var seenLimit: Int

        /// How many payloads are kept at most; 4,096.
        ///
        /// When there are more the oldest is dropped: it can no longer be repaired from here.
        public var payloadLimit: Int

        /// The longest payload in bytes; 24 KiB, as a value of the gossip state.
        public var maxPayloadBytes: Int

        /// Creates settings; every value has the default that its documentation gives.
        public init(
            graftTimeout: Interval = .milliseconds(500), graftRetry: Interval = .milliseconds(250),
            lazyDelay: Interval = .milliseconds(20), optimizationThreshold: Int = 7,
            compareInterval: Interval = .seconds(5), payloadRetention: Interval = .seconds(30),
            seenRetention: Interval = .seconds(300), seenLimit: Int = 65_536, payloadLimit: Int = 4_096,
            maxPayloadBytes: Int = 24 << 10
        ) {
            self.graftTimeout = graftTimeout
            self.graftRetry = graftRetry
            self.lazyDelay = lazyDelay
            self.optimizationThreshold = optimizationThreshold
            self.compareInterval = compareInterval
            self.payloadRetention = payloadRetention
            self.seenRetention = seenRetention
            self.seenLimit = seenLimit
            self.payloadLimit = payloadLimit
            self.maxPayloadBytes = maxPayloadBytes
        }

        /// Refuses settings that cannot work.
        public func check() throws(SettingsError) {
            guard lazyDelay > .zero, graftTimeout > lazyDelay, graftRetry > .zero else { throw .graft }
            guard optimizationThreshold >= 1 else { throw .threshold(optimizationThreshold) }
            guard compareInterval > .zero, payloadRetention > compareInterval else { throw .compare }
            guard seenRetention >= payloadRetention * 3 else { throw .seenRetention(seenRetention) }
            guard seenLimit >= 1, seenLimit <= 1 << 24, payloadLimit >= 1, payloadLimit <= seenLimit else {
                throw .limits
            }
            guard maxPayloadBytes >= 0, maxPayloadBytes <= Broadcast.Letter.wirePayloadLimit else {
                throw .payloadLimit(maxPayloadBytes)
            }
        }

        /// How many sweeps there are in the retention of a payload.
        static var sweeps: UInt32 { 8 }

        /// The time between two sweeps.
        var sweepInterval: Interval { Interval(nanoseconds: payloadRetention.nanoseconds / Int64(Settings.sweeps) + 1) }

        /// How many sweeps a message is remembered for.
        var seenSweeps: UInt32 {
            UInt32(clamping: seenRetention.nanoseconds / sweepInterval.nanoseconds + 1)
        }

        /// The time in which waiting for missing messages is counted.
        var graftPeriod: Interval { Interval(nanoseconds: graftTimeout.nanoseconds / 4 + 1) }

        /// How many periods a further question waits.
        var retryPeriods: UInt32 {
            UInt32(clamping: graftRetry.nanoseconds / graftPeriod.nanoseconds + 1)
        }
    }

    /// Why settings cannot work, and what to do about it.
    public enum SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
        /// A wait is not positive, or a message is asked for before its name is told.
        case graft
        /// The threshold is below 1.
        case threshold(Int)
        /// Payloads are dropped before neighbours compare.
        case compare
        /// Messages would be forgotten while they are still handed on.
        case seenRetention(Interval)
        /// A limit is below 1, or more payloads are kept than names.
        case limits
        /// The payload limit is outside 0...1 MiB.
        case payloadLimit(Int)

        /// The reason and the way out as a sentence.
        public var description: String {
            switch self {
            case .graft:
                "the graft timeout must be longer than the lazy delay, and both more than 0; 500ms and 20ms are usual"
            case .threshold(let value): "a threshold of \(value) is not possible; choose at least 1, 7 is usual"
            case .compare: "payloads must be kept for longer than the compare interval; 30s and 5s are usual"
            case .seenRetention(let value):
                "a seen-set that forgets after \(value) is too short; choose at least three times the retention of "
                    + "payloads, 5min is usual"
            case .limits: "the limits must be at least 1, and that of names not below that of payloads"
            case .payloadLimit(let value):
                "payloads of up to \(value) bytes are not possible; choose 0 to 1048576, 24576 is usual"
            }
        }
    }
}

extension Plumtree.Settings: CheckedSettings {}
