public import MeshCore

// MARK: - Nodes that lost their memory, or a part of their disk

extension RaftChecker {
    /// A node lost its memory, and with a wiped disk its past.
    public mutating func crashed(_ node: NodeID, wiped: Bool, _ stable: borrowing Raft.Stable) {
        let place = place(node)
        let known = nodes[place]
        nodes[place] = NodeView()
        nodes[place].last = stable.log.lastIndex
        nodes[place].isWiped = known.isWiped || wiped
        nodes[place].isAmnesiac = stable.isAmnesiac
        nodes[place].reach = known.reach
        nodes[place].forgotten = known.forgotten
        guard !wiped else { return }
        // What was durable stays promised; a term or a vote that was only in memory may be forgotten.
        nodes[place].term = stable.term
        nodes[place].termSeen = known.termSeen
        nodes[place].vote = stable.votedFor
        nodes[place].voteSeen = known.voteSeen
    }

    /// A node starts from a disk of which only a part could be read: what it was seen to promise is behind it.
    ///
    /// It is held to its new promises like any node; what it acknowledged before is not looked for on its disk until
    /// it is healed.
    public mutating func salvaged(_ node: NodeID, _ stable: borrowing Raft.Stable) {
        let place = place(node)
        let known = nodes[place]
        unsettled[node] = known
        nodes[place] = NodeView()
        nodes[place].isWiped = known.isWiped
        nodes[place].reach = known.reach
        nodes[place].forgotten = known.reach
        nodes[place].isAmnesiac = true
        nodes[place].last = stable.log.lastIndex
        nodes[place].term = stable.term
        nodes[place].vote = stable.votedFor
    }

    /// A node could not start: it is held to all it promised until its disk says otherwise.
    ///
    /// What was to be salvaged may not have reached the disk, and the disk may be whole, as after a read that only came
    /// back wrong.
    public mutating func refused(_ node: NodeID) {
        if let known = unsettled[node] { nodes[place(node)] = known }
    }

    /// A node starts; from a disk that an attempt which was refused has marked, it starts as a salvaged one.
    public mutating func started(_ node: NodeID, _ stable: borrowing Raft.Stable) {
        guard unsettled[node] != nil else { return }
        if stable.isAmnesiac { salvaged(node, stable) }
        unsettled[node] = nil
    }

    /// A node tells of its repair.
    mutating func noteRepair(_ repair: Raft.Repair, _ occasion: Occasion) {
        let place = place(occasion.node)
        switch repair {
        case .began: nodes[place].isAmnesiac = true
        case .ended: nodes[place].isAmnesiac = false
        case .lossAccepted:
            nodes[place].isAmnesiac = false
            nodes[place].isWiped = true
        case .stranded, .noted: break
        }
    }

    /// An amnesiac answers a leader: what it says that it holds has to stand on its disk.
    mutating func checkAnswer(
        _ word: Raft.Amnesiac, _ stable: borrowing Raft.Stable, _ peer: NodeID, _ occasion: Occasion
    ) {
        let match: Raft.LogIndex
        switch word.answer {
        case .append(.accepted(let held)): match = held
        case .snapshot(let held, _, _): match = held
        case .none, .append(.rejected), .append(.stale): return
        }
        guard stable.term <= word.term else { return }
        if stable.term == word.term && (match <= stable.log.lastIndex || match <= stable.log.snapshotIndex) { return }
        breaks(
            RaftPromises.durability,
            "\(occasion.node) acknowledged position \(match), its disk ends at \(stable.log.lastIndex)",
            [occasion.evidence("sends an amnesiac's answer to \(peer)")])
    }

    /// An amnesiac gives a vote, or asks for one.
    mutating func checkAmnesiacVote(_ term: Raft.Term, _ occasion: Occasion) {
        guard nodes[place(occasion.node)].isAmnesiac else { return }
        breaks(
            RaftPromises.singleVote, "\(occasion.node) votes in term \(term) and may have forgotten that it did before",
            [occasion.evidence("votes although its disk was damaged")])
    }
}
