extension Broadcast {
    /// How messages travel.
    ///
    /// All nodes of a mesh must use the same limits and the same ``degree``.
    public struct Settings: Hashable, Sendable {
        /// How many hops a message may make; 10, PeerPigeon's default.
        ///
        /// It must reach the farthest node: a message that stops short of somebody is not repaired. Where it stops with
        /// links left that it did not come by, the node says so (``Output/ended(_:)``).
        public var timeToLive: Int

        /// How many random links a message is passed on to; 0, the default, is all.
        ///
        /// With f links a message reaches the share s = 1 - e^(-f s) of a mesh: 94 % for 3, 99.3 % for 5.
        public var fanout: Int

        /// How often a message is passed on, each time to other links, ``interval`` apart; 1.
        ///
        /// With a fanout of f and enough rounds everybody hears after about log(1+f) N + ln N / f rounds.
        public var rounds: Int

        /// The time between two rounds; 200 ms.
        public var interval: Interval

        /// To how many nodes each is linked when no overlay gives it links; 0, the default, is all.
        ///
        /// An even number d links each node of the ring of all ids to d/2 others on each side, at distances that are
        /// the powers of b, the (d/2)th root of N. At most d/4 b hops lead everywhere.
        public var degree: Int

        /// How long a message that was seen is remembered; 5 min, PeerPigeon's default.
        ///
        /// It must be longer than any copy may wander; one that comes later is delivered again.
        public var seenRetention: Interval

        /// How many messages are remembered at most; 65,536.
        ///
        /// When there are more the oldest is forgotten, however young it is.
        public var seenLimit: Int

        /// How long a direct message waits for its receipt before it is tried again, at least; at most twice as long;
        /// 1 s.
        public var receiptTimeout: Interval

        /// How often a direct message is tried; 3.
        ///
        /// The first time takes the best way known, every other time floods.
        public var attempts: Int

        /// How many direct messages may wait for their receipts; 1,024.
        ///
        /// More are refused.
        public var pendingLimit: Int

        /// How many ways to other nodes are remembered; 1,024.
        ///
        /// Further ones are not learnt.
        public var routeLimit: Int

        /// The longest payload in bytes; 24 KiB, as a value of the gossip state.
        public var maxPayloadBytes: Int

        /// Creates settings; every value has the default that its documentation gives.
        public init(
            timeToLive: Int = 10, fanout: Int = 0, rounds: Int = 1, interval: Interval = .milliseconds(200),
            degree: Int = 0, seenRetention: Interval = .seconds(300), seenLimit: Int = 65_536,
            receiptTimeout: Interval = .seconds(1), attempts: Int = 3, pendingLimit: Int = 1_024,
            routeLimit: Int = 1_024, maxPayloadBytes: Int = 24 << 10
        ) {
            self.timeToLive = timeToLive
            self.fanout = fanout
            self.rounds = rounds
            self.interval = interval
            self.degree = degree
            self.seenRetention = seenRetention
            self.seenLimit = seenLimit
            self.receiptTimeout = receiptTimeout
            self.attempts = attempts
            self.pendingLimit = pendingLimit
            self.routeLimit = routeLimit
            self.maxPayloadBytes = maxPayloadBytes
        }

        /// Refuses settings that cannot work.
        public func check() throws(SettingsError) {
            guard timeToLive >= 1, timeToLive < Letter.wirePathLimit else { throw .timeToLive(timeToLive) }
            guard fanout >= 0, fanout <= 64 else { throw .fanout(fanout) }
            guard rounds >= 1, rounds <= 1_000 else { throw .rounds(rounds) }
            guard interval > .zero else { throw .interval(interval) }
            guard degree >= 0, degree <= 64, degree & 1 == 0 else { throw .degree(degree) }
            guard seenRetention > interval * Int64(rounds), seenRetention > receiptTimeout * Int64(2 * attempts) else {
                throw .seenRetention(seenRetention)
            }
            guard seenLimit >= 1, seenLimit <= 1 << 24 else { throw .seenLimit(seenLimit) }
            guard receiptTimeout > .zero else { throw .receiptTimeout(receiptTimeout) }
            guard attempts >= 1, attempts <= 3 else { throw .attempts(attempts) }
            guard pendingLimit >= 1, routeLimit >= 0 else { throw .limits }
            guard maxPayloadBytes >= 0, maxPayloadBytes <= Letter.wirePayloadLimit else {
                throw .payloadLimit(maxPayloadBytes)
            }
        }

        /// How many sweeps of the seen-set there are in its retention.
        static var sweeps: UInt32 { 8 }
    }

    /// Why settings cannot work, and what to do about it.
    public enum SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The hops are outside 1...254.
        case timeToLive(Int)
        /// The fanout is outside 0...64.
        case fanout(Int)
        /// The rounds are outside 1...1000.
        case rounds(Int)
        /// The interval is not positive.
        case interval(Interval)
        /// The degree is odd or outside 0...64.
        case degree(Int)
        /// A message would be forgotten while it is still passed on.
        case seenRetention(Interval)
        /// The seen-set's limit is outside 1...16777216.
        case seenLimit(Int)
        /// The receipt timeout is not positive.
        case receiptTimeout(Interval)
        /// The attempts are outside 1...3.
        case attempts(Int)
        /// The limit of waiting messages is below 1 or that of ways below 0.
        case limits
        /// The payload limit is outside 0...1 MiB.
        case payloadLimit(Int)

        /// The reason and the way out as a sentence.
        public var description: String {
            switch self {
            case .timeToLive(let value): "a time to live of \(value) hops is not possible; choose 1 to 254, 10 is usual"
            case .fanout(let value): "a fanout of \(value) is not possible; choose 0 for all links, or 1 to 64"
            case .rounds(let value): "\(value) rounds are not possible; choose 1 to 1000, 1 is usual"
            case .interval(let value): "an interval of \(value) is not possible; choose more than 0, 200ms is usual"
            case .degree(let value): "a degree of \(value) is not possible; choose 0 for all, or 2, 4 ... 64"
            case .seenRetention(let value):
                "a seen-set that forgets after \(value) is too short; choose more than all rounds and all "
                    + "attempts take, 5min is usual"
            case .seenLimit(let value): "a seen-set of \(value) is not possible; choose 1 to 16777216, 65536 is usual"
            case .receiptTimeout(let value):
                "a receipt timeout of \(value) is not possible; choose more than 0, 1s is usual"
            case .attempts(let value): "\(value) attempts are not possible; choose 1 to 3, which is usual"
            case .limits: "the limits of waiting messages and of ways must be at least 1 and 0; 1024 is usual"
            case .payloadLimit(let value):
                "payloads of up to \(value) bytes are not possible; choose 0 to 1048576, 24576 is usual"
            }
        }
    }
}

extension Broadcast.Settings: CheckedSettings {}
