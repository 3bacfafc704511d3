extension MultiRaft {
    /// A node at a glance, as a plain value.
    public struct Status: Hashable, Sendable {
        /// How many groups it has.
        public let groups: Int
        /// How many of them it leads.
        public let leading: Int
        /// How many of them sleep here.
        public let asleep: Int
        /// How many timers of groups are set; one timer of the driver stands for all of them.
        public let timers: Int
        /// The nodes that share a group with it, ascending.
        public let peers: [NodeID]
        /// Those of them that are believed dead.
        public let down: [NodeID]
    }
}

extension MultiRaft.Node {
    /// The node at a glance.
    ///
    /// - Complexity: O(groups + peers).
    public var status: MultiRaft.Status {
        var leading = 0
        var asleep = 0
        for slot in slots where slot.isLive {
            if slot.node.role == .leader { leading += 1 }
            if slot.node.isAsleep { asleep += 1 }
        }
        return MultiRaft.Status(
            groups: places.count, leading: leading, asleep: asleep, timers: wheel.armed, peers: peers.map { $0.id },
            down: peers.filter { $0.isDown }.map { $0.id })
    }

    /// The groups, in the order of their names.
    public var groups: [MultiRaft.GroupID] { places.keys }

    /// The Raft node of a group; `nil` if the group is not here.
    ///
    /// - Complexity: O(log groups).
    public subscript(group: MultiRaft.GroupID) -> Raft.Node? { places[group].map { slots[$0].node } }
}
