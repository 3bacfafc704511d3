public import MeshCore

/// What Raft promises about its configurations.
extension RaftChecker {
    /// What is committed is durable on a quorum of the configuration that was in force at who committed it: on both
    /// majorities when that is joint.
    ///
    /// - Complexity: O(members).
    mutating func checkQuorum(
        of entry: Raft.Entry, _ raft: borrowing Raft.Node, _ occasion: Occasion,
        isDurable: (Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        // A step may commit and then append what ends a joint phase: what decided is what was in force before it.
        let configuration = nodes[place(occasion.node)].configuration ?? raft.configuration
        // Counted here once more: a checker that shares the arithmetic of what it checks shares its mistakes.
        var copies = (voters: 0, outgoing: 0)
        var seats = (voters: 0, outgoing: 0)
        for member in configuration.members {
            let place = place(member.id)
            // What an amnesiac acknowledged before it forgot counts: whoever is elected without its vote knows of it.
            // What it acknowledges now does not.
            let isAmnesiac = place < nodes.count && nodes[place].isAmnesiac
            let isHeld =
                isAmnesiac
                ? entry.index <= nodes[place].forgotten
                : place < nodes.count && isDurable(place, entry.index, entry.term)
            if member.duties.contains(.voter) {
                seats.voters += 1
                if isHeld { copies.voters += 1 }
            }
            if member.duties.contains(.outgoing) {
                seats.outgoing += 1
                if isHeld { copies.outgoing += 1 }
            }
        }
        let isDecidedByOutgoing = seats.outgoing == 0 || copies.outgoing * 2 > seats.outgoing
        if copies.voters * 2 > seats.voters && isDecidedByOutgoing { return }
        let first = "\(copies.voters) of \(seats.voters) voters"
        let second = seats.outgoing == 0 ? "" : " and \(copies.outgoing) of \(seats.outgoing) outgoing ones"
        breaks(
            RaftPromises.quorumCommit,
            "position \(entry.index) is committed with durable copies on \(first)\(second)",
            [occasion.evidence("commits \(entry.description) in \(configuration)")])
    }

    /// The configuration that is decided last, from what nodes have in force and what is known to be committed.
    ///
    /// What is committed is known here even if no node knows it any more, as after a crash of them all. While a change
    /// stands behind what is committed nobody can say which majority the last answer stood on.
    ///
    /// - Parameter inForce: What every node has in force, and where its entry stands.
    /// - Returns: `nil` while a change is pending.
    public func decidedConfiguration(
        _ inForce: [(index: Raft.LogIndex, configuration: Raft.Configuration)]
    ) -> Raft.Configuration? {
        for known in inForce where known.index > committedIndex { return nil }
        if let decided { return decided.configuration }
        for known in inForce where known.index == .zero { return known.configuration }
        return nil
    }

    /// A node that loses entries falls back to the configuration its log still holds.
    mutating func checkFallback(_ raft: borrowing Raft.Node, _ occasion: Occasion) {
        let index = raft.configurationIndex
        if index <= raft.log.snapshotIndex { return }
        if let entry = raft.log.entry(at: index), case .configuration(let held) = entry.payload,
            held == raft.configuration
        {
            return
        }
        breaks(
            RaftPromises.oneChange,
            "\(occasion.node) is still in the configuration of position \(index), which is no longer in its log",
            [occasion.evidence("keeps \(raft.configuration)")])
    }

    /// Another configuration is in force on a node.
    ///
    /// - Complexity: O(nodes × members), at a change only.
    mutating func checkChange(
        _ configuration: Raft.Configuration, at index: Raft.LogIndex, _ raft: borrowing Raft.Node, _ occasion: Occasion,
        isDurable: (Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        let place = place(occasion.node)
        let before = nodes[place]
        nodes[place].configuration = configuration
        nodes[place].configurationIndex = index
        nodes[place].configurationSeen = occasion
        if raft.role == .leader, before.configuration != nil, before.configurationIndex > raft.commitIndex {
            breaks(
                RaftPromises.oneChange,
                "\(occasion.node) changes the configuration at position \(index) while the change at"
                    + " \(before.configurationIndex) is pending",
                evidence(before.configurationSeen, "the pending change came into force")
                    + [occasion.evidence("changes to \(configuration)")])
        }
        guard let last = committed.last else { return }
        let own = raft.log.term(at: committedIndex)
        guard raft.log.snapshotIndex >= committedIndex || own == last.term else { return }
        for other in 0..<nodes.count where other != place {
            guard let rival = nodes[other].configuration else { continue }
            // Who lacks what is committed can neither be elected nor commit: its configuration is of the past.
            guard isDurable(other, committedIndex, last.term), !configuration.meets(rival) else { continue }
            breaks(
                RaftPromises.oneChange,
                "two configurations are in force together that can decide without each other",
                evidence(nodes[other].configurationSeen, "is in \(rival)")
                    + [occasion.evidence("changes to \(configuration)")])
        }
    }
}

extension Raft.Configuration {
    /// Whether every quorum of one shares a node with every quorum of the other.
    ///
    /// It is enough that one majority of the one does so with one of the other; the rules of changes see to that.
    ///
    /// - Complexity: O(members of both).
    func meets(_ other: Raft.Configuration) -> Bool {
        let mine = [voters, outgoing]
        let theirs = [other.voters, other.outgoing]
        for left in mine where !left.isEmpty {
            for right in theirs where !right.isEmpty && Self.majoritiesMeet(left, right) { return true }
        }
        return isEmpty || other.isEmpty
    }

    /// Whether no majority of one ascending set can do without the nodes of some majority of the other.
    private static func majoritiesMeet(_ left: [NodeID], _ right: [NodeID]) -> Bool {
        var common = 0
        var place = 0
        for node in left {
            while place < right.count, right[place] < node { place += 1 }
            if place < right.count, right[place] == node { common += 1 }
        }
        // Each majority takes first what the other cannot use; what it needs beyond comes from the common nodes.
        let fromLeft = max(0, left.count / 2 + 1 - (left.count - common))
        let fromRight = max(0, right.count / 2 + 1 - (right.count - common))
        return fromLeft + fromRight > common
    }
}
