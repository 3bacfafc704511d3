/// What the voters decide together. A joint configuration would ask each of its two voter sets and need both.
extension Raft.Node {
    /// Where a count of votes stands.
    enum VoteResult {
        case pending
        case won
        case lost
    }

    /// How many voters are a majority, this node included.
    var quorum: Int {
        #if MUTANTS
        if Mutant.quorumOffByOne.isPlanted { return (peers.count + 1) / 2 - (peers.count > 2 ? 1 : 0) }
        #endif
        return peers.count / 2 + 1
    }

    /// Where the campaign under way stands.
    ///
    /// - Complexity: O(voters).
    var voteResult: VoteResult {
        var granted = 0
        var refused = 0
        for peer in peers {
            switch peer.ballot {
            case .missing: break
            case .granted: granted += 1
            case .refused: refused += 1
            }
        }
        if granted >= quorum { return .won }
        return peers.count - refused < quorum ? .lost : .pending
    }

    /// The highest position that a majority of voters holds durably.
    ///
    /// - Complexity: O(voters log voters) without an allocation.
    mutating func quorumMatch() -> Raft.LogIndex {
        for position in peers.indices { scratch[position] = peers[position].match.rawValue }
        #if MUTANTS
        if Mutant.leaderCountsUnsynced.isPlanted, let ownPosition { scratch[ownPosition] = log.lastIndex.rawValue }
        #endif
        return Raft.LogIndex(quorumValue())
    }

    /// The latest beat that a majority of voters has answered; the node itself answers at once.
    ///
    /// - Complexity: as ``quorumMatch()``.
    mutating func quorumRound() -> UInt64 {
        for position in peers.indices {
            scratch[position] = position == ownPosition ? round : peers[position].ackedRound
        }
        return quorumValue()
    }

    /// The largest number that a majority of those in `scratch` reaches.
    private mutating func quorumValue() -> UInt64 {
        if scratch.count > 16 {
            scratch.sort(by: >)
        } else {
            // The usual three to nine voters are sorted fastest in place, one by one.
            for start in scratch.indices.dropFirst() { settle(start) }
        }
        return scratch[quorum - 1]
    }

    /// Moves one number among the larger ones before it.
    private mutating func settle(_ start: Int) {
        let value = scratch[start]
        var hole = start
        while hole > 0, scratch[hole - 1] < value {
            scratch[hole] = scratch[hole - 1]
            hole -= 1
        }
        scratch[hole] = value
    }
}
