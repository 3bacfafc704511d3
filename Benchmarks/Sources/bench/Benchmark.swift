import CAllocationCount
import MeshCore

/// One thing that is measured.
struct Benchmark: Sendable {
    /// `group/name`; filters and thresholds refer to it.
    let name: String
    /// What one operation is, for the reader.
    let operation: String
    /// How many operations one sample has.
    let operations: Int
    /// Whether the group's other members are compared with this one.
    let isBaseline: Bool
    /// Prepares, calls `start`, runs `operations` operations, calls `stop`, and returns a digest of what came out.
    let run: @Sendable (inout Stopwatch) -> Digest

    init(
        _ name: String, per operation: String, operations: Int, isBaseline: Bool = false,
        run: @escaping @Sendable (inout Stopwatch) -> Digest
    ) {
        self.name = name
        self.operation = operation
        self.operations = operations
        self.isBaseline = isBaseline
        self.run = run
    }

    /// The part of the name before the slash.
    var group: Substring { name.prefix { $0 != "/" } }
}

/// Measures the part of a sample between `start` and `stop`: time and allocations.
struct Stopwatch {
    /// How many operations this sample has to do.
    let operations: Int
    /// How many operations it did, when that turns out only while it runs.
    var performed: Int
    /// How much virtual time passed.
    var simulated = Interval.zero
    /// What else was counted, by name.
    var figures: SortedMap<Bytes, Int64> = SortedMap()

    private(set) var nanoseconds: Int64 = 0
    private(set) var allocations: UInt64 = 0
    private var startTime: Int64 = 0
    private var startCount: UInt64 = 0

    init(operations: Int) {
        self.operations = operations
        self.performed = operations
    }

    /// Begins to measure.
    @inline(never)
    mutating func start() {
        startCount = allocation_count()
        startTime = monotonic_nanoseconds()
    }

    /// Ends measuring.
    @inline(never)
    mutating func stop() {
        nanoseconds = monotonic_nanoseconds() - startTime
        allocations = allocation_count() - startCount
    }
}

/// Keeps a value alive in the eyes of the optimiser.
@_optimize(none)
func blackHole<Value>(_ value: Value) {}
