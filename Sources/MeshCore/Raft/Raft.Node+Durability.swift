extension Raft.Node {
    /// Takes over a term and a vote, and writes them if they are news.
    mutating func setHardState(term newTerm: Raft.Term, votedFor vote: NodeID?, _ outbox: inout Effects) {
        guard newTerm != term || vote != votedFor else { return }
        #if !MUTANTS
        invariant(newTerm > term || votedFor == nil, "a vote is given once in a term")
        #endif
        term = newTerm
        votedFor = vote
        let ownVoteTerm: Raft.Term? = vote == id ? newTerm : nil
        #if MUTANTS
        if Mutant.termNotPersisted.isPlanted && vote == nil { return }
        if Mutant.voteNotPersisted.isPlanted {
            return persist(.hardState(term: newTerm, votedFor: nil), ownVoteTerm: ownVoteTerm, &outbox)
        }
        #endif
        persist(.hardState(term: newTerm, votedFor: vote), ownVoteTerm: ownVoteTerm, &outbox)
    }

    /// Writes entries that are in the log already.
    mutating func persistEntries(from: Raft.LogIndex, _ entries: Raft.Entries, _ outbox: inout Effects) {
        persist(.append(from: from, entries: entries), ownVoteTerm: nil, &outbox)
    }

    /// Writes a record and notes what its completion will prove.
    mutating func persist(_ record: Raft.Stable.Record, ownVoteTerm: Raft.Term?, _ outbox: inout Effects) {
        lastTicket += 1
        let ticket = Ticket(lastTicket)
        writes.append(Raft.PendingWrite(ticket: ticket, last: log.lastIndex, ownVoteTerm: ownVoteTerm))
        outbox.persist(record, ticket)
    }

    /// Notes that entries behind `index` are removed: no write of theirs proves them any more.
    mutating func forgetDurable(after index: Raft.LogIndex) {
        writes.truncate(after: index)
        if durableIndex > index { durableIndex = index }
    }

    /// Learns that records are durable: the node's own vote and its own entries count from here on.
    mutating func handlePersisted(_ ticket: Ticket, _ outbox: inout Effects) {
        var hasOwnVote = false
        while let write = writes.popFirst(upTo: ticket) {
            if write.last > durableIndex { durableIndex = write.last }
            if write.ownVoteTerm == term { hasOwnVote = true }
        }
        switch role {
        case .candidate:
            if hasOwnVote { castOwnBallot(&outbox) }
        case .leader:
            guard let ownPosition else { return }
            peers[ownPosition].match = durableIndex
            if durableIndex > commitIndex { _ = commitAndServe(&outbox) }
        case .follower, .preCandidate:
            break
        }
    }
}
