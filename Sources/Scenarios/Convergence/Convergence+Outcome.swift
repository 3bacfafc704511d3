import MeshCore

extension Convergence {
    /// What one run gave, to be added to that of other seeds.
    public struct Outcome: Equatable, Sendable {
        /// The times, in the order of ``Family/measures``.
        public var times: [Times]
        /// What it cost.
        public var load: Load
        /// How often news was followed.
        public var occasions: Int64
        /// How often it did not reach everybody before the end of patience.
        public var missed: Int64
        /// Inputs that machines took; messages in a model.
        public var events: UInt64
        /// The fingerprint of the run.
        public var digest: UInt64

        /// Creates the outcome of a run in which nothing happened yet.
        public init(_ family: Family) {
            self.times = family.measures.map { _ in Times() }
            self.load = Load()
            self.occasions = 0
            self.missed = 0
            self.events = 0
            self.digest = 0
        }

        /// Adds the outcome of the next seed.
        public mutating func add(_ other: Outcome) {
            for index in 0..<min(times.count, other.times.count) {
                times[index].samples += other.times[index].samples
            }
            load.add(other.load)
            occasions += other.occasions
            missed += other.missed
            events &+= other.events
            digest = Random.further(digest, other.digest)
        }
    }

    /// Lengths of time that were measured, in virtual nanoseconds.
    public struct Times: Equatable, Sendable {
        /// One for each occasion, in the order of the occasions.
        public var samples: [Int64]

        /// Creates the empty list.
        public init() { samples = [] }

        /// The sample of this rank: the smallest that is at least as large as so many percent of all.
        ///
        /// - Parameter percent: 50 is the median, 100 the largest.
        /// - Returns: `nil` when there is no sample.
        /// - Complexity: O(n log n).
        public func percentile(_ percent: Int) -> Int64? {
            guard !samples.isEmpty else { return nil }
            let rank = (samples.count * percent + 99) / 100
            return samples.sorted()[max(rank, 1) - 1]
        }

        /// The mean, rounded down; `nil` when there is no sample.
        public var mean: Int64? {
            guard !samples.isEmpty else { return nil }
            let count = Int64(samples.count)
            var whole: Int64 = 0
            var rest: Int64 = 0
            for sample in samples {
                whole += sample / count
                rest += sample % count
            }
            return whole + rest / count
        }
    }

    /// Messages and bytes, and what they have to be divided by.
    public struct Load: Equatable, Sendable {
        /// Messages that were sent.
        public var messages: Int64 = 0
        /// Their bytes on the wire, frames included; `nil` in a model, which has none.
        public var bytes: Int64?
        /// News that somebody received who had it already; `nil` when nothing of that kind is sent.
        public var duplicates: Int64?
        /// Nodes times occasions, or nodes times periods: see ``Family/loadUnit``.
        public var divisor: Int64 = 0

        /// Creates an empty load.
        public init() {}

        mutating func add(_ other: Load) {
            messages += other.messages
            bytes = Load.sum(bytes, other.bytes)
            duplicates = Load.sum(duplicates, other.duplicates)
            divisor += other.divisor
        }

        private static func sum(_ left: Int64?, _ right: Int64?) -> Int64? {
            guard let left else { return right }
            return right.map { $0 + left } ?? left
        }
    }
}
