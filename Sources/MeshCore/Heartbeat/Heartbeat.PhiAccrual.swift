extension Heartbeat {
    /// A detector that learns how regularly each peer is heard, instead of waiting for a fixed time.
    ///
    /// The level of suspicion after a silence t is phi(t) = -log10 P(a heartbeat still comes later than t), with P
    /// taken from the intervals that were seen. A peer is suspect when phi reaches one threshold and dead when it
    /// reaches another: at 8, one suspicion in 10^8 heartbeats is wrong as far as the past tells the future.
    ///
    /// All of it is arithmetic with integers: instead of phi(t) the moment is computed at which phi reaches a
    /// threshold, which is a multiple of the deviation (or of the mean) that a table gives.
    ///
    /// Source: Hayashibara, Défago, Yared, Katayama, "The phi Accrual Failure Detector", SRDS 2004, section 4. Window,
    /// smallest deviation, pause and the start are those of Akka's `PhiAccrualFailureDetector`, whose pause and
    /// deviation are three times and a tenth of the interval; `exponential` is Cassandra's.
    public struct PhiAccrual: Hashable, Sendable {
        /// How the intervals between heartbeats are taken to be distributed.
        public enum Distribution: UInt8, Sendable, CaseIterable {
            /// Normally: a silence is long in terms of the deviation. Source: Hayashibara, section 4.2.
            case normal = 0
            /// Exponentially: a silence is long in terms of the mean, whatever the deviation. Source: Cassandra.
            case exponential = 1
        }

        /// The phi at which a peer is suspect, 8.
        public var suspectThreshold: Int = 8

        /// The phi at which a peer is dead, 12.
        public var deadThreshold: Int = 12

        /// How the intervals are taken to be distributed, normally.
        public var distribution: Distribution = .normal

        /// How many intervals are remembered of each peer, 200; each takes 4 bytes.
        ///
        /// Deviation: Akka and Cassandra remember 1,000, which at 5 s is an hour and a half.
        public var window: Int = 200

        /// The smallest deviation that is believed; `nil` is a tenth of the interval between heartbeats.
        ///
        /// A peer that was heard like clockwork would else be suspect at the first hiccup. Not used by `exponential`.
        public var minDeviation: Interval?

        /// How much longer than the past says a silence may be; `nil` is three times the interval between heartbeats.
        ///
        /// It lets that many heartbeats in a row be lost, and a node collect its garbage. Not used by `exponential`.
        public var pause: Interval?

        /// Creates the default settings.
        public init() {}

        /// Checks the settings for themselves.
        func check() throws(SettingsError) {
            let range = 1...Self.thresholdLimit
            guard range.contains(suspectThreshold) else { throw .thresholdOutOfRange(suspectThreshold) }
            guard range.contains(deadThreshold) else { throw .thresholdOutOfRange(deadThreshold) }
            guard suspectThreshold < deadThreshold else {
                throw .thresholdsNotInOrder(suspect: suspectThreshold, dead: deadThreshold)
            }
            guard (2...10_000).contains(window) else { throw .windowOutOfRange(window) }
            if let minDeviation, minDeviation < .zero { throw .phiNegative(minDeviation) }
            if let pause, pause < .zero { throw .phiNegative(pause) }
        }

        /// The highest threshold, 16: one wrong suspicion in 10^16.
        public static var thresholdLimit: Int { 16 }

        /// The silence at which phi reaches a threshold.
        ///
        /// - Parameters:
        ///   - threshold: 1 to ``thresholdLimit``.
        ///   - history: The intervals that were seen.
        ///   - interval: The time between two heartbeats.
        public func silence(_ threshold: Int, after history: History, interval: Interval) -> Interval {
            let mean = history.mean
            switch distribution {
            case .normal:
                let deviation = max(history.deviation, minDeviation ?? interval / 10)
                return mean + (pause ?? interval * 3) + deviation / 1_000 * Self.deviations(threshold) / 1_000
            case .exponential:
                // phi = t / (mean ln 10), so t = phi ln 10 mean.
                return mean / 1_000 * Int64(threshold) * 2_302_585 / 1_000
            }
        }

        /// How many deviations above the mean a normal variable is with a chance of 10^-threshold, in millionths.
        private static func deviations(_ threshold: Int) -> Int64 {
            let table: [Int64] = [
                1_281_552, 2_326_348, 3_090_232, 3_719_016, 4_264_891, 4_753_424, 5_199_338, 5_612_001,
                5_997_807, 6_361_341, 6_706_023, 7_034_484, 7_348_796, 7_650_628, 7_941_345, 8_222_082,
            ]
            return table[threshold - 1]
        }
    }

    /// The last intervals between the heartbeats of a peer, and their mean and deviation.
    ///
    /// They are kept in tenths of a millisecond and as differences from the interval that is expected, so that sums
    /// and squares stay small: a window of 10,000 intervals of an hour each does not overflow.
    public struct History: Sendable {
        private let expected: Int64
        private let window: Int
        private var differences = Ring<Int32>()
        private var sum: Int64 = 0
        private var squares: Int64 = 0

        private static var unit: Int64 { 100_000 }
        /// Two hours; a longer interval counts as that.
        private static var longest: Int64 { 72_000_000 }

        /// Creates the history of a peer that was never heard: as if two heartbeats had come, a quarter of the interval
        /// too early and too late.
        ///
        /// Source: Akka, `firstHeartbeat`.
        public init(expecting interval: Interval, window: Int) {
            self.expected = min(interval.nanoseconds / Self.unit, Self.longest)
            self.window = window
            add(interval - interval / 4)
            add(interval + interval / 4)
        }

        /// Notes the time between two heartbeats, and forgets the oldest when there are more than the window holds.
        ///
        /// - Complexity: O(1), amortised.
        public mutating func add(_ interval: Interval) {
            let length = min(max(interval.nanoseconds / Self.unit, 0), Self.longest)
            let difference = length - expected
            differences.append(Int32(truncatingIfNeeded: difference))
            sum += difference
            squares += difference * difference / Self.squareUnit
            guard differences.count > window, let oldest = differences.popFirst() else { return }
            let gone = Int64(oldest)
            sum -= gone
            squares -= gone * gone / Self.squareUnit
        }

        /// Squares are kept in units of 0.1 ms times 1 ms, which costs a tenth of a unit of each.
        private static var squareUnit: Int64 { 10 }

        /// The mean interval.
        public var mean: Interval {
            Interval(nanoseconds: (expected + sum / Int64(differences.count)) * Self.unit)
        }

        /// The standard deviation of the intervals.
        public var deviation: Interval {
            let count = Int64(differences.count)
            let mean = sum / count
            let variance = squares / count * Self.squareUnit - mean * mean
            return Interval(nanoseconds: Self.squareRoot(max(variance, 0)) * Self.unit)
        }

        /// The square root, rounded down.
        ///
        /// Source: Newton's method on integers; it falls until it is there.
        private static func squareRoot(_ square: Int64) -> Int64 {
            guard square > 1 else { return square }
            var root = Int64(1) << Int64((65 - square.leadingZeroBitCount) / 2)
            while true {
                let next = (root + square / root) / 2
                if next >= root { return root }
                root = next
            }
        }
    }
}
