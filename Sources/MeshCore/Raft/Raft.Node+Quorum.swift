/// What the voters decide together. A joint configuration would ask each of its two voter sets and need both.
extension Raft.Node {
    /// Where a count of votes stands.
    enum VoteResult {
        case pending
        case won
        case lost
    }

    /// How many voters are a majority, this node included.
    var quorum: Int { peers.count / 2 + 1 }

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
    /// - Complexity: O(voters²) in the worst case by insertion sort, without an allocation; for the usual three to nine
    ///   voters that is the fastest.
    mutating func quorumMatch() -> Raft.LogIndex {
        scratch.removeAll(keepingCapacity: true)
        for peer in peers { insertSorted(peer.match.rawValue) }
        return Raft.LogIndex(scratch[quorum - 1])
    }

    /// The latest beat that a majority of voters has answered; the node itself answers at once.
    ///
    /// - Complexity: as ``quorumMatch()``.
    mutating func quorumRound() -> UInt64 {
        scratch.removeAll(keepingCapacity: true)
        for peer in peers { insertSorted(peer.id == id ? round : peer.ackedRound) }
        return scratch[quorum - 1]
    }

    /// Inserts into `scratch`, the largest first.
    private mutating func insertSorted(_ value: UInt64) {
        scratch.append(value)
        var hole = scratch.count - 1
        while hole > 0, scratch[hole - 1] < value {
            scratch[hole] = scratch[hole - 1]
            hole -= 1
        }
        scratch[hole] = value
    }
}
