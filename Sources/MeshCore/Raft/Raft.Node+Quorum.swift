/// What the members of the configuration in force decide together.
extension Raft.Node {
    /// Where the campaign under way stands.
    ///
    /// - Complexity: O(members).
    var voteResult: Raft.VoteResult {
        configuration.voteResult(at: { position in
            switch peers[position].ballot {
            case .missing: nil
            case .granted: true
            case .refused: false
            }
        })
    }

    /// The highest position that a quorum holds durably.
    ///
    /// - Complexity: O(n log n) for n members without an allocation.
    mutating func quorumMatch() -> Raft.LogIndex {
        for position in peers.indices { scratch[position] = peers[position].match.rawValue }
        #if MUTANTS
        if Mutant.leaderCountsUnsynced.isPlanted, let ownPosition { scratch[ownPosition] = log.lastIndex.rawValue }
        #endif
        // In two steps: the receiver of a call is taken before its arguments, and a copy of the node would make the
        // scratch space be copied too.
        let reached = configuration.reached(&scratch)
        return boundByFullCopies(Raft.LogIndex(reached))
    }

    /// The latest beat that a quorum has answered; the node itself answers at once.
    ///
    /// - Complexity: as ``quorumMatch()``.
    mutating func quorumRound() -> UInt64 {
        for position in peers.indices {
            scratch[position] = position == ownPosition ? round : peers[position].ackedRound
        }
        return configuration.reached(&scratch)
    }

    /// The latest beat that a quorum has really answered in this term; a member that has just joined has not.
    ///
    /// - Complexity: as ``quorumMatch()``.
    mutating func quorumPromise() -> UInt64 {
        for position in peers.indices {
            scratch[position] = position == ownPosition ? round : peers[position].promisedRound
        }
        return configuration.reached(&scratch)
    }

    /// The latest round of confirmation for reads that a quorum has answered; the node itself at once.
    ///
    /// - Complexity: as ``quorumMatch()``.
    mutating func quorumRead() -> UInt64 {
        for position in peers.indices {
            scratch[position] = position == ownPosition ? readRound : peers[position].ackedRead
        }
        return configuration.reached(&scratch)
    }
}
