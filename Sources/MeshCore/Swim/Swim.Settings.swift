extension Swim {
    /// How a node probes, suspects and spreads rumours.
    ///
    /// The defaults are those of memberlist for a LAN (`DefaultLANConfig`); where a
    /// number comes from elsewhere, it is said. All members of a group should use the same settings.
    public struct Settings: Hashable, Sendable {
        /// T', the time between two probes, 1 s.
        ///
        /// One member is probed per period. The median time to the first suspicion is 1.69 periods.
        public var period: Interval = .seconds(1)

        /// How long a direct ping may take before others are asked to ping, 500 ms.
        ///
        /// Should be above the 99th percentile of the round trip, and leave the helpers the rest of the period.
        public var probeTimeout: Interval = .milliseconds(500)

        /// k, how many members are asked to ping on our behalf, 3; 0 asks nobody.
        ///
        /// At 5 % loss, k = 3 lets a false suspicion happen in 0.1 % of the probes, k = 1 in 3 %.
        public var indirectProbes: Int = 3

        /// Scales the time a suspect has to refute: multiplier x max(1, log10 N) x period, N being the live members, 4.
        ///
        /// Gives 4 s up to 10 members, 8 s at 100, 12 s at 1,000. N is read when the suspicion starts.
        public var suspicionMultiplier: Int = 4

        /// Scales how often each node repeats a rumour: multiplier x ceil(log10(N + 1)) times, 4.
        ///
        /// A rumour of which c copies arrive per node misses somebody with a chance of about N e^-c; 4 gives 0.06 % at
        /// 100 members.
        public var retransmitMultiplier: Int = 4

        /// The most bytes of one message with its frame, 1,400.
        ///
        /// Fits an Ethernet frame behind IP, UDP and a tunnel's header.
        public var maxPayloadBytes: Int = 1_400

        /// The time between two rounds of rumours while there are any, 200 ms.
        ///
        /// Deviation: the paper sends rumours on probes only; this is what brings a rumour to everybody within about
        /// 2 ln N x interval / fanout instead of 2 ln N periods.
        public var gossipInterval: Interval = .milliseconds(200)

        /// How many members hear the rumours in each round, 3; 0 sends rumours on probes only, as the paper does.
        public var gossipFanout: Int = 3

        /// How long a dead or departed member is remembered at least, 10 minutes.
        ///
        /// Until then stale rumours cannot bring it back, and it is asked now and then whether it lives, so this is
        /// also the longest partition that heals without seeds. Ours; memberlist drops the dead after 30 s and
        /// leaves the rest to serf, which remembers 24 h. Every remembered member costs about 30 bytes.
        public var deadRetention: Interval = .seconds(600)

        /// The time between two attempts to reach one dead member or lost seed, 30 s.
        ///
        /// An attempt is made with a chance of (unreachable / live), so that the whole group makes about one
        /// attempt for each unreachable member per interval. Source: serf, `ReconnectInterval`.
        public var rejoinInterval: Interval = .seconds(30)

        /// The longest time between two comparisons of the whole view with a random member, 30 s.
        ///
        /// After a start, and whenever a comparison brought news, the next follows after two periods; each quiet one
        /// doubles the wait. Equal views cost one small message. Source: memberlist, `PushPullInterval`.
        public var syncInterval: Interval = .seconds(30)

        /// Lifeguard's rules, which make a slow node doubt itself before it accuses others; `nil` is SWIM without them.
        public var lifeguard: Lifeguard? = Lifeguard()

        /// How short an adaptive probe timeout may become; `nil` always waits for ``probeTimeout``, the default.
        ///
        /// With a floor, a node asks its helpers after SRTT + 4 x RTTVAR of the answers it got, clamped to the
        /// floor and ``probeTimeout``, so that they have more of the period. Source: RFC 6298, section 2.
        public var probeTimeoutFloor: Interval?

        /// Creates the default settings.
        public init() {}

        /// Checks that the settings make sense together.
        ///
        /// - Throws: The first rule that is broken, with the way out in its text.
        public func check() throws(SettingsError) {
            guard period > .zero else { throw .notPositive(.period, period) }
            guard probeTimeout > .zero else { throw .notPositive(.probeTimeout, probeTimeout) }
            guard probeTimeout < period else { throw .probeTimeoutTooLong(probeTimeout, period: period) }
            guard gossipInterval > .zero else { throw .notPositive(.gossipInterval, gossipInterval) }
            if let floor = probeTimeoutFloor {
                guard floor > .zero else { throw .notPositive(.probeTimeoutFloor, floor) }
                guard floor <= probeTimeout else { throw .floorAboveTimeout(floor, timeout: probeTimeout) }
            }
            if let lifeguard { try lifeguard.check() }
            try check(deadRetention, .deadRetention)
            try check(rejoinInterval, .rejoinInterval)
            try check(syncInterval, .syncInterval)
            try check(indirectProbes, .indirectProbes, 0...64)
            try check(gossipFanout, .gossipFanout, 0...64)
            try check(suspicionMultiplier, .suspicionMultiplier, 1...1_000)
            try check(retransmitMultiplier, .retransmitMultiplier, 1...1_000)
            try check(maxPayloadBytes, .maxPayloadBytes, 128...65_507)
        }

        private func check(_ interval: Interval, _ name: SettingName) throws(SettingsError) {
            guard interval >= period else { throw .belowPeriod(name, interval, period: period) }
        }

        private func check(_ number: Int, _ name: SettingName, _ range: ClosedRange<Int>) throws(SettingsError) {
            guard range.contains(number) else { throw .outOfRange(name, number, range) }
        }
    }

    /// How a node that may be slow itself treats others.
    ///
    /// Source: Dadgar, Phillips, Currey, "Lifeguard: Local Health Awareness for More Accurate Failure Detection", DSN
    /// 2018 (arXiv 1707.00788), section IV. The defaults are those of memberlist.
    public struct Lifeguard: Hashable, Sendable {
        /// S, the worst local health: probes take up to this + 1 times as long, 7.
        ///
        /// A failed probe, an accusation and each helper that does not answer make it worse by one, a success better.
        public var healthLimit: Int = 7

        /// Beta, how many times the shortest suspicion a lone accuser waits, 6.
        public var suspicionMaximum: Int = 6

        /// K, how many accusers besides the first bring the suspicion down to its shortest time, 2; at most 3.
        ///
        /// In a group that has fewer others to ask, and at 0, every suspicion takes the shortest time.
        public var confirmations: Int = 2

        /// Creates the default settings.
        public init() {}

        func check() throws(SettingsError) {
            let numbers: [(Int, SettingName, ClosedRange<Int>)] = [
                (healthLimit, .healthLimit, 0...64), (suspicionMaximum, .suspicionMaximum, 1...64),
                (confirmations, .confirmations, 0...3),
            ]
            for (number, name, range) in numbers {
                guard range.contains(number) else { throw .outOfRange(name, number, range) }
            }
        }
    }

    /// The settings that an error can name.
    public enum SettingName: Hashable, Sendable, CustomStringConvertible {
        /// ``Settings/period``.
        case period
        /// ``Settings/probeTimeout``.
        case probeTimeout
        /// ``Settings/gossipInterval``.
        case gossipInterval
        /// ``Settings/deadRetention``.
        case deadRetention
        /// ``Settings/rejoinInterval``.
        case rejoinInterval
        /// ``Settings/syncInterval``.
        case syncInterval
        /// ``Settings/indirectProbes``.
        case indirectProbes
        /// ``Settings/gossipFanout``.
        case gossipFanout
        /// ``Settings/suspicionMultiplier``.
        case suspicionMultiplier
        /// ``Settings/retransmitMultiplier``.
        case retransmitMultiplier
        /// ``Settings/maxPayloadBytes``.
        case maxPayloadBytes
        /// ``Settings/probeTimeoutFloor``.
        case probeTimeoutFloor
        /// ``Lifeguard/healthLimit``.
        case healthLimit
        /// ``Lifeguard/suspicionMaximum``.
        case suspicionMaximum
        /// ``Lifeguard/confirmations``.
        case confirmations

        /// The name as the source spells it.
        public var description: String {
            switch self {
            case .period: "period"
            case .probeTimeout: "probeTimeout"
            case .gossipInterval: "gossipInterval"
            case .deadRetention: "deadRetention"
            case .rejoinInterval: "rejoinInterval"
            case .syncInterval: "syncInterval"
            case .indirectProbes: "indirectProbes"
            case .gossipFanout: "gossipFanout"
            case .suspicionMultiplier: "suspicionMultiplier"
            case .retransmitMultiplier: "retransmitMultiplier"
            case .maxPayloadBytes: "maxPayloadBytes"
            case .probeTimeoutFloor: "probeTimeoutFloor"
            case .healthLimit: "lifeguard.healthLimit"
            case .suspicionMaximum: "lifeguard.suspicionMaximum"
            case .confirmations: "lifeguard.confirmations"
            }
        }
    }

    /// Why settings are refused.
    public enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
        /// A time is zero or negative.
        case notPositive(SettingName, Interval)
        /// Direct pings would take the whole period and leave the helpers none of it.
        case probeTimeoutTooLong(Interval, period: Interval)
        /// An adaptive timeout could never be shorter than the fixed one.
        case floorAboveTimeout(Interval, timeout: Interval)
        /// A time that is counted in periods is shorter than one.
        case belowPeriod(SettingName, Interval, period: Interval)
        /// A number is outside its range.
        case outOfRange(SettingName, Int, ClosedRange<Int>)

        /// The reason and the way out, as a sentence.
        public var description: String {
            switch self {
            case .notPositive(let name, let interval):
                "\(name) is \(interval); give a time above 0"
            case .probeTimeoutTooLong(let timeout, let period):
                "probeTimeout \(timeout) leaves helpers no time in a period of \(period); give at most half the period"
            case .floorAboveTimeout(let floor, let timeout):
                "probeTimeoutFloor \(floor) is above the probeTimeout of \(timeout); give at most that"
            case .belowPeriod(let name, let interval, let period):
                "\(name) \(interval) is below the period of \(period); give at least one period"
            case .outOfRange(let name, let number, let range):
                "\(name) is \(number); give \(range.lowerBound) to \(range.upperBound)"
            }
        }
    }
}

extension Swim.Settings {
    /// How long a suspect has to refute in a group of this many live members.
    ///
    /// Source: memberlist, `suspicionTimeout`; the same as Lifeguard's minimum (arXiv 1707.00788, section IV).
    public func suspicionTimeout(liveCount: Int) -> Interval {
        let scale = max(1_000_000, Swim.log10Millionths(of: liveCount))
        // Microseconds first, so that an hour times 10 in millionths stays far from overflowing 64 bits.
        let microseconds = period.nanoseconds / 1_000
        let remainder = period.nanoseconds % 1_000
        let scaled = Interval(nanoseconds: microseconds) * scale / 1_000
        return (scaled + Interval(nanoseconds: remainder * scale / 1_000_000)) * Int64(suspicionMultiplier)
    }

    /// How long a suspect has to refute when so many accusers besides the first have confirmed the suspicion.
    ///
    /// Source: Lifeguard, section IV: max(Min, Max - (Max - Min) log(C + 1) / log(K + 1)). Deviation: as in memberlist,
    /// a group of K + 1 or less expects no confirmations.
    public func suspicionTimeout(liveCount: Int, confirmations: Int) -> Interval {
        let shortest = suspicionTimeout(liveCount: liveCount)
        guard let lifeguard, confirmations < lifeguard.confirmations, liveCount - 2 >= lifeguard.confirmations else {
            return shortest
        }
        let spare = shortest * Int64(lifeguard.suspicionMaximum - 1)
        let share =
            Swim.log10Millionths(of: confirmations + 1) * 1_000_000
            / Swim.log10Millionths(of: lifeguard.confirmations + 1)
        return shortest + (spare - spare / 1_000_000 * share)
    }

    /// How often a node repeats a rumour in a group of this many live members.
    ///
    /// Source: paper, section 4.1 (lambda log n); the scale is memberlist's `retransmitLimit`.
    public func copies(liveCount: Int) -> Int {
        var digits = 0
        var reach: Int64 = 1
        while reach < Int64(liveCount) + 1 {
            reach *= 10
            digits += 1
        }
        return retransmitMultiplier * max(1, digits)
    }

    /// A time in whole periods, rounded up, at least one.
    func periods(in interval: Interval) -> Int64 {
        max(1, (interval.nanoseconds - 1) / period.nanoseconds + 1)
    }
}
