import MeshCore

/// What came out of one benchmark.
struct Measurement: Sendable {
    let benchmark: Benchmark
    /// How many operations each sample did.
    let operations: Int
    /// How much virtual time each sample ran through.
    let simulated: Interval
    /// Nanoseconds of each sample, sorted.
    let nanoseconds: [Int64]
    /// The fewest allocations of any sample: what is left when buffers have grown.
    let allocations: UInt64
    let figures: SortedMap<Bytes, Int64>
    /// What was computed; equal in every sample, or the benchmark is not repeatable.
    let digest: Digest
    let isRepeatable: Bool

    var minimum: Double { Double(nanoseconds.first ?? 0) / Double(operations) }
    var median: Double { Double(nanoseconds[nanoseconds.count / 2]) / Double(operations) }
    /// Simulated seconds in one second, by the median.
    var simulatedSpeed: Double { Double(simulated.nanoseconds) / Double(nanoseconds[nanoseconds.count / 2]) }
    var allocationsPerOperation: Double { Double(allocations) / Double(operations) }

    /// Measures the members of a group in turns, so that whatever else the machine does falls on all of them alike.
    static func measure(_ group: [Benchmark], samples: Int, scale: Int) -> [Measurement] {
        var rows = group.map { Row(size: max($0.operations / scale, 1)) }
        for sample in -1..<samples {
            for index in group.indices {
                var watch = Stopwatch(operations: rows[index].size)
                let digest = group[index].run(&watch)
                // The first round warms up.
                rows[index].add(watch, digest, isWarmUp: sample < 0)
            }
        }
        return group.indices.map { index in
            let row = rows[index]
            return Measurement(
                benchmark: group[index], operations: row.performed, simulated: row.simulated,
                nanoseconds: row.nanoseconds.sorted(), allocations: row.allocations, figures: row.figures,
                digest: row.digest ?? Digest(), isRepeatable: row.isRepeatable)
        }
    }
}

/// The samples of one benchmark while they are taken.
private struct Row {
    let size: Int
    var performed = 0
    var simulated = Interval.zero
    var nanoseconds: [Int64] = []
    var allocations = UInt64.max
    var figures = SortedMap<Bytes, Int64>()
    var digest: Digest?
    var isRepeatable = true

    mutating func add(_ watch: Stopwatch, _ digest: Digest, isWarmUp: Bool) {
        if let earlier = self.digest, earlier != digest { isRepeatable = false }
        self.digest = digest
        if isWarmUp { return }
        performed = watch.performed
        simulated = watch.simulated
        figures = watch.figures
        nanoseconds.append(watch.nanoseconds)
        allocations = min(allocations, watch.allocations)
    }

    init(size: Int) { self.size = size }
}
