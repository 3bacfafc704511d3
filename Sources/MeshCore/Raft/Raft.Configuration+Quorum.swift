extension Raft {
    /// Where a count of votes stands.
    public enum VoteResult: Hashable, Sendable, CustomStringConvertible {
        /// Too few have answered.
        case pending
        /// A quorum has granted its votes.
        case won
        /// No quorum can grant its votes any more.
        case lost

        /// The name.
        public var description: String {
            switch self {
            case .pending: "pending"
            case .won: "won"
            case .lost: "lost"
            }
        }
    }
}

/// What the voters decide together: one majority, or in a joint configuration two at once.
///
/// Source: paper, section 6; for what nobody decides, etcd-io/raft, package quorum: the majority of an empty set grants
/// every vote and holds back no commit, so that it never stands in the way of the other set.
extension Raft.Configuration {
    /// How many of `count` voters are a majority.
    static func majority(of count: Int) -> Int {
        #if MUTANTS
        if Mutant.quorumOffByOne.isPlanted { return (count + 1) / 2 - (count > 2 ? 1 : 0) }
        #endif
        return count / 2 + 1
    }

    /// Whether both majorities decide.
    private var needsBoth: Bool {
        #if MUTANTS
        if Mutant.jointByOneMajority.isPlanted { return false }
        #endif
        return isJoint
    }

    /// The highest position that a quorum has acknowledged; `nil`, without a bound, if there are no voters.
    ///
    /// - Parameter acknowledged: How far a voter has got; `nil` if that is not known.
    /// - Complexity: O(n log n) for n members, and an allocation; nodes use a form without one.
    public func committedIndex(_ acknowledged: (NodeID) -> Raft.LogIndex?) -> Raft.LogIndex? {
        var numbers = [UInt64](repeating: 0, count: members.count * 2)
        for position in members.indices { numbers[position] = acknowledged(members[position].id)?.rawValue ?? 0 }
        let index = reached(&numbers)
        return index == .max ? nil : Raft.LogIndex(index)
    }

    /// What the votes given so far come to.
    ///
    /// - Parameter answer: What a voter has answered; `nil` if nothing.
    /// - Complexity: O(members).
    public func voteResult(_ answer: (NodeID) -> Bool?) -> Raft.VoteResult {
        voteResult(at: { answer(members[$0].id) })
    }

    /// What the votes given so far come to, by the places of the voters in ``members``.
    func voteResult(at answer: (Int) -> Bool?) -> Raft.VoteResult {
        let incoming = voteResult(of: .voter, answer)
        guard needsBoth else { return incoming }
        let outgoing = voteResult(of: .outgoing, answer)
        if incoming == outgoing { return incoming }
        return incoming == .lost || outgoing == .lost ? .lost : .pending
    }

    private func voteResult(of duty: Duties, _ answer: (Int) -> Bool?) -> Raft.VoteResult {
        var count = 0
        var granted = 0
        var refused = 0
        for position in members.indices where members[position].duties.votes(in: duty) {
            count += 1
            switch answer(position) {
            case true?: granted += 1
            case false?: refused += 1
            case nil: break
            }
        }
        guard count > 0 else { return .won }
        let majority = Self.majority(of: count)
        if granted >= majority { return .won }
        return count - refused < majority ? .lost : .pending
    }

    /// The largest number that a quorum reaches; the largest of all if there are no voters.
    ///
    /// - Parameter numbers: One for each member, in the order of ``members``, and as much room again behind them.
    /// - Complexity: O(n log n) for n members without an allocation; up to 16, a few comparisons each.
    func reached(_ numbers: inout [UInt64]) -> UInt64 {
        let incoming = reached(by: .voter, &numbers)
        guard needsBoth else { return incoming }
        let outgoing = reached(by: .outgoing, &numbers)
        return incoming < outgoing ? incoming : outgoing
    }

    private func reached(by duty: Duties, _ numbers: inout [UInt64]) -> UInt64 {
        let start = members.count
        let isSmall = start <= 16
        var end = start
        for position in members.indices where members[position].duties.votes(in: duty) {
            numbers[end] = numbers[position]
            // The usual three to nine voters are sorted fastest while they are collected.
            if isSmall { Self.settle(end, among: &numbers, from: start, step: 1) }
            end += 1
        }
        guard end > start else { return .max }
        if !isSmall { Self.sort(&numbers, from: start, to: end) }
        return numbers[start + Self.majority(of: end - start) - 1]
    }

    /// Sorts a part of the numbers, the largest first, without room of its own (Shell 1959).
    private static func sort(_ numbers: inout [UInt64], from start: Int, to end: Int) {
        var step = 1
        while step * 3 < end - start { step = step * 3 + 1 }
        while step > 0 {
            var place = start + step
            while place < end {
                settle(place, among: &numbers, from: start, step: step)
                place += 1
            }
            step /= 3
        }
    }

    /// Moves one number among the larger ones before it.
    private static func settle(_ place: Int, among numbers: inout [UInt64], from start: Int, step: Int) {
        #if MUTANTS
        if Mutant.quorumNotSorted.isPlanted { return }
        #endif
        let value = numbers[place]
        var hole = place
        while hole - step >= start, numbers[hole - step] < value {
            numbers[hole] = numbers[hole - step]
            hole -= step
        }
        numbers[hole] = value
    }
}

extension Raft.Configuration.Duties {
    /// Whether a member with these duties votes in one of the two sets.
    fileprivate func votes(in set: Raft.Configuration.Duties) -> Bool {
        #if MUTANTS
        if Mutant.learnersCounted.isPlanted && contains(.learner) { return true }
        #endif
        return contains(set)
    }
}
