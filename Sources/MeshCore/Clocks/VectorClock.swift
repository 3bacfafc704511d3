/// Counts the events of every node, and so tells which of two histories knew of the other.
///
/// A value: a copy is independent. Nodes are kept in ascending order and a count of zero is not kept at all, so that
/// two clocks that say the same are equal values with equal bytes.
///
/// Source: Fidge 1988; Mattern, "Virtual Time and Global States of Distributed Systems", 1989.
public struct VectorClock: Hashable, Sendable {
    /// The count of one node.
    public struct Component: Hashable, Sendable {
        /// The node.
        public let node: NodeID
        /// How many of its events are known, at least 1.
        public internal(set) var count: UInt64
    }

    /// The counts above zero, in ascending order of their nodes.
    public private(set) var components: [Component]

    /// Creates the clock that knows of nothing.
    public init() {
        self.components = []
    }

    /// Creates a clock from counts in any order; of two counts for one node the larger is taken.
    public init(_ counts: [(NodeID, UInt64)]) {
        self.components = []
        for (node, count) in counts {
            let (index, isPresent) = position(of: node)
            if isPresent {
                if count > components[index].count { components[index].count = count }
            } else if count > 0 {
                components.insert(Component(node: node, count: count), at: index)
            }
        }
    }

    /// How many events of a node are known; 0 for a node never heard of.
    ///
    /// - Complexity: O(log number of nodes).
    public subscript(node: NodeID) -> UInt64 {
        let (index, isPresent) = position(of: node)
        return isPresent ? components[index].count : 0
    }

    /// How many events of a node are known; 0 for a node never heard of.
    ///
    /// - Complexity: O(log number of nodes).
    public func get(_ node: NodeID) -> UInt64 { self[node] }

    /// Counts one more event of a node.
    ///
    /// - Returns: The new count.
    /// - Complexity: O(log number of nodes), O(number of nodes) for a node's first event.
    @discardableResult
    public mutating func increment(_ node: NodeID) -> UInt64 {
        let (index, isPresent) = position(of: node)
        guard isPresent else {
            components.insert(Component(node: node, count: 1), at: index)
            return 1
        }
        invariant(components[index].count < UInt64.max, "a vector clock counts fewer than 2^64 events")
        components[index].count += 1
        return components[index].count
    }

    /// Takes over whatever the other clock knows: the larger count, node by node.
    ///
    /// - Complexity: O(number of nodes of both).
    public mutating func merge(_ other: VectorClock) {
        if mergeInPlace(other) { return }
        var merged: [Component] = []
        merged.reserveCapacity(components.count + other.components.count)
        var left = 0
        var right = 0
        while left < components.count || right < other.components.count {
            if right == other.components.count {
                merged.append(components[left])
                left += 1
            } else if left == components.count || other.components[right].node < components[left].node {
                merged.append(other.components[right])
                right += 1
            } else if components[left].node < other.components[right].node {
                merged.append(components[left])
                left += 1
            } else {
                let isLarger = other.components[right].count > components[left].count
                merged.append(isLarger ? other.components[right] : components[left])
                left += 1
                right += 1
            }
        }
        components = merged
    }

    /// Relates this clock to another.
    ///
    /// - Complexity: O(number of nodes of both).
    public func compare(to other: VectorClock) -> Causality {
        var hasLess = false
        var hasMore = false
        var left = 0
        var right = 0
        while left < components.count && right < other.components.count {
            let mine = components[left]
            let theirs = other.components[right]
            if mine.node < theirs.node {
                hasMore = true
                left += 1
            } else if theirs.node < mine.node {
                hasLess = true
                right += 1
            } else {
                if mine.count < theirs.count { hasLess = true }
                if mine.count > theirs.count { hasMore = true }
                left += 1
                right += 1
            }
        }
        if left < components.count { hasMore = true }
        if right < other.components.count { hasLess = true }
        switch (hasLess, hasMore) {
        case (false, false): return .equal
        case (true, false): return .before
        case (false, true): return .after
        case (true, true): return .concurrent
        }
    }

    private func position(of node: NodeID) -> (index: Int, isPresent: Bool) {
        var low = 0
        var high = components.count
        while low < high {
            let middle = (low + high) >> 1
            if components[middle].node < node { low = middle + 1 } else { high = middle }
        }
        return (low, low < components.count && components[low].node == node)
    }

    /// Merges a clock over the same nodes without moving anything; the usual case once a group has met.
    private mutating func mergeInPlace(_ other: VectorClock) -> Bool {
        guard components.count == other.components.count else { return other.components.isEmpty }
        for index in 0..<components.count where components[index].node != other.components[index].node {
            return false
        }
        for index in 0..<components.count where other.components[index].count > components[index].count {
            components[index].count = other.components[index].count
        }
        return true
    }
}

extension VectorClock: Traceable {
    /// Mixes every count in.
    public func digest(into digest: inout Digest) {
        digest.mix(components.count)
        for component in components {
            digest.mix(component.node)
            digest.mix(component.count)
        }
    }

    /// The counts as tests and traces write them, such as `n1:2 n2:1`.
    public var description: String {
        var text = ""
        for component in components {
            if !text.isEmpty { text += " " }
            text += "\(component.node):\(component.count)"
        }
        return text
    }
}

extension VectorClock: WireCodable {
    /// The most nodes a clock from the wire may name.
    public static let wireNodeLimit = 65_536

    /// Writes the counts in ascending order of their nodes.
    public func encode(into writer: inout WireWriter) {
        writer.number(components.count)
        for component in components {
            writer.node(component.node)
            writer.number(component.count)
        }
    }

    /// Reads a clock; nodes out of order, named twice or with a count that is 0 or above 2^63 are refused.
    ///
    /// The bound on counts keeps a peer from driving a count to where our own events could no longer be counted.
    public init(from reader: inout WireReader) throws(WireError) {
        let count = try reader.count(each: 2, limit: VectorClock.wireNodeLimit)
        self.components = []
        components.reserveCapacity(count)
        for _ in 0..<count {
            let node = try reader.node()
            if let last = components.last, node <= last.node { throw .invalid("a vector clock out of order") }
            let events = try reader.number()
            guard events > 0, events <= 1 << 63 else { throw .invalid("a vector clock's count") }
            components.append(Component(node: node, count: events))
        }
    }
}
