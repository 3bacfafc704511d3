extension Raft {
    /// Who should rather lead: the greater the number, the sooner; who is not named has 0.
    ///
    /// Two means, neither of which decides anything about safety. After the death of a leader a voter waits one spread
    /// of the election timeout longer for each other voter of a greater priority, three at most, so that these come
    /// first if they can; nobody is ever refused for a low priority, so a lower one wins when they cannot. And a leader
    /// that sees a caught-up voter of a greater priority answer for a while hands over to it, less and less often when
    /// that does not work.
    ///
    /// Deviation: raft-rs gives each node its own priority and lets it refuse votes to lesser candidates.
    public struct Priorities: Hashable, Sendable {
        private struct Entry: Hashable, Sendable {
            let node: NodeID
            var value: UInt8
        }

        private var entries: [Entry] = []

        /// Creates priorities of which all are 0.
        public init() {}

        /// Whether all are 0.
        public var isEmpty: Bool { entries.isEmpty }

        /// The priority of a node.
        ///
        /// - Complexity: O(nodes that are named).
        public subscript(node: NodeID) -> UInt8 {
            get {
                for entry in entries where entry.node == node { return entry.value }
                return 0
            }
            set {
                entries.removeAll { $0.node == node }
                guard newValue > 0 else { return }
                var place = entries.count
                while place > 0, entries[place - 1].node > node { place -= 1 }
                entries.insert(Entry(node: node, value: newValue), at: place)
            }
        }
    }
}

extension Raft.Node {
    /// How many spreads of the election timeout this node lets others come first; at most three.
    ///
    /// - Complexity: O(voters × nodes with a priority); a timeout is drawn once per lost leader.
    var yieldedSpreads: Int64 {
        guard !settings.priorities.isEmpty else { return 0 }
        let own = settings.priorities[id]
        var count: Int64 = 0
        for position in peers.indices where count < 3 && canLead(position) {
            if settings.priorities[peers[position].id] > own { count += 1 }
        }
        return count
    }

    /// Hands over to a voter of a greater priority that is ready, once the own term has settled.
    ///
    /// - Complexity: O(voters × nodes with a priority) each time it is due, O(1) otherwise.
    mutating func yieldToPriority(_ outbox: inout Effects) {
        guard settings.yieldsToPriority, transfer == nil, round >= yieldRound else { return }
        var best: (position: Int, priority: UInt8)?
        for position in peers.indices where isReadyToLead(position) {
            let priority = settings.priorities[peers[position].id]
            if priority > best?.priority ?? settings.priorities[id] { best = (position, priority) }
        }
        guard let best else { return }
        // An attempt that fails costs a moment of writes or an election: wait twice as long before the next.
        yieldPatience = yieldPatience < 1 << 12 ? yieldPatience * 2 : 1 << 12
        yieldRound = round + yieldPatience
        handleTransfer(to: peers[best.position].id, &outbox)
    }

    /// Whether a peer answers beat by beat and lacks little.
    private func isReadyToLead(_ position: Int) -> Bool {
        let peer = peers[position]
        guard position != ownPosition, canLead(position), peer.pace == .replicate else { return false }
        return peer.ackedRound + 2 >= round && peer.match >= commitIndex
    }
}
