extension Raft.Node {
    /// Follows in this term or a later one, with this vote in it.
    ///
    /// The vote of a term is never taken back: who steps down within a term passes the vote it has (zeebe #5356,
    /// CCF #8094).
    mutating func becomeFollower(
        term newTerm: Raft.Term, votedFor vote: NodeID?, leader newLeader: NodeID?, _ outbox: inout Effects
    ) {
        invariant(newTerm >= term, "a term never falls")
        let previous = role
        let isNewTerm = newTerm > term
        wake(beats: false, &outbox)
        role = .follower
        #if MUTANTS
        let vote = Mutant.voteForgotten.isPlanted && !isNewTerm && vote == votedFor ? nil : vote
        #endif
        setHardState(term: newTerm, votedFor: vote, &outbox)
        if isNewTerm { receiver = nil }
        switch previous {
        case .leader:
            senders.removeAll()
            outbox.cancelTimer(.heartbeat)
            hasHeardLeader = false
            setElectionTimer(&outbox)
            giveUpLease(&outbox)
            refuseReads(&outbox)
        case .follower, .preCandidate, .candidate:
            // The patience under way goes on: a candidate that cannot win must not hold up one that can.
            break
        }
        if isNewTerm || previous != .follower {
            outbox.output(.becameFollower(term: newTerm, leader: newLeader))
        }
        setLeader(newLeader, isNewTerm: isNewTerm, &outbox)
    }

    /// Asks whether an election could be won; nothing changes that another node could see (thesis, section 9.6).
    mutating func becomePreCandidate(_ outbox: inout Effects) {
        role = .preCandidate
        setElectionTimer(&outbox)
        outbox.output(.becamePreCandidate(term: term))
        setLeader(nil, isNewTerm: false, &outbox)
        beginCampaign()
        castOwnBallot(&outbox)
        guard role == .preCandidate else { return }
        ask(.preVote(voteRequest(in: term.next)), &outbox)
    }

    /// Raises the term, votes for itself and asks for votes.
    ///
    /// - Parameter isTransfer: Whether the leader asked for it, so that voters answer although it is alive.
    mutating func becomeCandidate(isTransfer: Bool = false, _ outbox: inout Effects) {
        role = .candidate
        setHardState(term: term.next, votedFor: id, &outbox)
        receiver = nil
        setElectionTimer(&outbox)
        outbox.output(.becameCandidate(term: term))
        setLeader(nil, isNewTerm: true, &outbox)
        beginCampaign()
        // The own vote counts like any other once it is durable, see `handlePersisted`.
        var request = voteRequest(in: term)
        request.isTransfer = isTransfer
        ask(.vote(request), &outbox)
    }

    /// Takes the lead.
    mutating func becomeLeader(_ outbox: inout Effects) {
        invariant(votedFor == id, "a leader has voted for itself")
        role = .leader
        ledTerm = term
        round = 1
        lease.begin(round: round)
        yieldRound = round + yieldPatience
        idleBeats = 0
        sleepRound = 0
        uncommittedBytes = 0
        ledIndex = log.lastIndex.next
        for position in peers.indices { peers[position].reset(next: log.lastIndex.next, round: round) }
        if let ownPosition { peers[ownPosition].match = durableIndex }
        outbox.cancelTimer(.election)
        outbox.setTimer(.heartbeat, at: now + settings.heartbeatInterval)
        outbox.output(.becameLeader(term: term))
        setLeader(id, isNewTerm: true, &outbox)
        // A change that an earlier leader began is finished by the next commit, which must not wait for a proposal.
        if settings.appendsNoOp || configuration.isJoint || !isConfigurationCommitted {
            append(Raft.Entries(Raft.Entry(term: term, index: log.lastIndex.next, payload: .noOp)), &outbox)
        } else {
            for position in peers.indices { serve(position, &outbox) }
        }
    }

    /// Notes that the leader is silent, where nothing else can be done about it: what is asked of a learner, or of a
    /// node that was removed, is refused instead of being sent to somebody who does not answer.
    mutating func forgetLeader(_ outbox: inout Effects) {
        if leader != nil { setLeader(nil, isNewTerm: false, &outbox) }
    }

    /// Notes whom the node follows, and tells.
    private mutating func setLeader(_ newLeader: NodeID?, isNewTerm: Bool, _ outbox: inout Effects) {
        let isNews = newLeader != leader || (isNewTerm && newLeader != nil)
        leader = newLeader
        if isNewTerm { heardRound = 0 }
        if isNews {
            outbox.output(.leaderChanged(newLeader, term: term))
            refuseAskedReads(&outbox)
        }
        if transfer != nil, let newLeader { settleTransfer(newLeader, &outbox) }
    }

    /// Hears from the leader of the current term.
    mutating func follow(_ node: NodeID, round: UInt64, _ outbox: inout Effects) {
        invariant(role != .leader, "a leader follows nobody in its own term")
        if role != .follower {
            becomeFollower(term: term, votedFor: votedFor, leader: node, &outbox)
        } else if leader != node {
            setLeader(node, isNewTerm: false, &outbox)
        }
        wake(beats: false, &outbox)
        if round > heardRound { heardRound = round }
        hearLeader(&outbox)
        noteBeat(round, &outbox)
    }

    /// Starts the time in which this node helps nobody to replace its leader.
    mutating func hearLeader(_ outbox: inout Effects) {
        hasHeardLeader = true
        outbox.setTimer(.election, at: now + settings.electionTimeoutMin)
    }
}
