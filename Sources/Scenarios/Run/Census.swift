import MeshCore

/// How many nodes hold which state, so that "everybody agrees" is a question of O(1).
struct Census: Sendable {
    private var counts = SortedMap<UInt64, Int>()

    /// Whether all nodes that count hold the same state.
    var isUnanimous: Bool { counts.count <= 1 }

    /// How many different states there are.
    var count: Int { counts.count }

    mutating func add(_ hash: UInt64) { counts[hash, default: 0] += 1 }

    mutating func remove(_ hash: UInt64) {
        let left = (counts[hash] ?? 0) - 1
        counts[hash] = left > 0 ? left : nil
    }
}
