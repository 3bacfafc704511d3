extension Raft.Node {
    /// Waits a random time before the next campaign, longer where voters of a greater priority come first.
    func randomExtra() -> Interval {
        let spread = settings.electionTimeoutMax - settings.electionTimeoutMin
        let bits = random.bits(.raftElectionTimeout, id.rawValue, term.rawValue, timeoutCount)
        let extra = Random.interval(.zero, spread, from: bits)
        return extra + Interval(nanoseconds: spread.nanoseconds * yieldedSpreads)
    }

    /// Sets the election timer to a whole random timeout.
    mutating func setElectionTimer(_ outbox: inout Effects) {
        timeoutCount += 1
        hasHeardLeader = false
        outbox.setTimer(.election, at: now + settings.electionTimeoutMin + randomExtra())
    }

    /// Loses patience, in two steps after a word of the leader.
    ///
    /// For the shortest timeout the leader counts as alive, then a random rest passes. No clock is compared, so a clock
    /// that jumps harms nobody.
    mutating func handleElectionTimer(_ outbox: inout Effects) {
        guard role != .leader else { return }
        if isAsleep { return wake(beats: false, &outbox) }
        if hasHeardLeader {
            hasHeardLeader = false
            timeoutCount += 1
            outbox.setTimer(.election, at: now + randomExtra())
            return
        }
        startElection(&outbox)
    }

    /// Starts an election by command.
    mutating func handleCampaign(_ outbox: inout Effects) {
        guard role != .leader, mayCampaign else { return ignore(.cannotCampaign, &outbox) }
        guard !owesLease else { return ignore(.leaderAlive, &outbox) }
        startElection(&outbox)
    }

    private mutating func startElection(_ outbox: inout Effects) {
        guard mayCampaign, term < .limit else {
            forgetLeader(&outbox)
            askForRepair(&outbox)
            return setElectionTimer(&outbox)
        }
        if settings.preVote { becomePreCandidate(&outbox) } else { becomeCandidate(&outbox) }
    }

    /// Whether a leader has been heard within the shortest election timeout; a leader hears itself.
    var isLeaderAlive: Bool {
        role == .leader || (leader != nil && hasHeardLeader) || owesLease
    }

    /// Whether a lease may rest on this node's promise to help nobody else, of whatever term that leader was.
    private var owesLease: Bool { hasHeardLeader && settings.usesLease }

    /// Whether a log that ends so holds at least what this one holds: the later last term wins, then the longer log
    /// (paper, section 5.4.1).
    private func isUpToDate(_ request: Raft.VoteRequest) -> Bool {
        #if MUTANTS
        if Mutant.logCheckSkipped.isPlanted { return true }
        if Mutant.upToDateByLength.isPlanted { return request.lastIndex >= log.lastIndex }
        #endif
        if request.lastTerm != log.lastTerm { return request.lastTerm > log.lastTerm }
        return request.lastIndex >= log.lastIndex
    }

    /// Answers a pre-vote without changing anything, not even a timer (thesis, section 9.6; ra #608).
    mutating func handlePreVote(_ request: Raft.VoteRequest, from: NodeID, _ outbox: inout Effects) {
        #if MUTANTS
        if Mutant.lowTermPreVoteIgnored.isPlanted && request.term <= term { return }
        #endif
        let isPossible = request.term > term || (request.term == term && canVote(for: from))
        let isGranted = isPossible && mayVote && !isLeaderAlive && isUpToDate(request)
        // A refusal carries our term, also to a lower one: else a node with a long log and a low term and one with a
        // short log and a high term would refuse each other for ever (etcd #9586).
        let reply = Raft.VoteReply(
            term: isGranted ? request.term : term, isGranted: isGranted, campaign: request.campaign)
        outbox.send(.preVoteReply(reply), to: from)
    }

    /// Whether this node remembers its votes.
    private var mayVote: Bool {
        #if MUTANTS
        if Mutant.amnesiacVotes.isPlanted { return true }
        #endif
        return !isAmnesiac
    }

    private func canVote(for node: NodeID) -> Bool {
        #if MUTANTS
        if Mutant.votesTwice.isPlanted { return true }
        #endif
        return votedFor == node || (votedFor == nil && leader == nil)
    }

    /// Votes at most once in a term, for a log that is not behind (paper, figure 2, RequestVote).
    mutating func handleVote(_ request: Raft.VoteRequest, from: NodeID, _ outbox: inout Effects) {
        if request.term > term {
            // Thesis, section 4.2.3: whoever hears a leader neither votes nor even takes over the term, unless that
            // leader asked for the election (section 3.10).
            if settings.checkQuorum && isLeaderAlive && !request.isTransfer { return ignore(.leaderAlive, &outbox) }
            let isGranted = mayVote && isUpToDate(request)
            becomeFollower(term: request.term, votedFor: isGranted ? from : nil, leader: nil, &outbox)
            answer(request, from: from, isGranted: isGranted, &outbox)
        } else if request.term == term {
            if owesLease && leader == nil && !request.isTransfer { return ignore(.leaderAlive, &outbox) }
            let isGranted = mayVote && canVote(for: from) && isUpToDate(request)
            #if MUTANTS
            if Mutant.votesTwice.isPlanted && isGranted && role != .leader {
                becomeFollower(term: term, votedFor: from, leader: nil, &outbox)
                return answer(request, from: from, isGranted: true, &outbox)
            }
            #endif
            if isGranted && votedFor == nil { becomeFollower(term: term, votedFor: from, leader: nil, &outbox) }
            answer(request, from: from, isGranted: isGranted, &outbox)
        } else {
            answer(request, from: from, isGranted: false, &outbox)
        }
    }

    private mutating func answer(
        _ request: Raft.VoteRequest, from: NodeID, isGranted: Bool, _ outbox: inout Effects
    ) {
        if isGranted && leader == nil { setElectionTimer(&outbox) }
        let reply = Raft.VoteReply(term: term, isGranted: isGranted, campaign: request.campaign)
        outbox.send(.voteReply(reply), to: from)
    }

    /// Counts a pre-vote.
    mutating func handlePreVoteReply(_ reply: Raft.VoteReply, from: NodeID, _ outbox: inout Effects) {
        guard position(of: from) != nil else { return ignore(.unknownPeer, &outbox) }
        if !reply.isGranted && reply.term > term {
            becomeFollower(term: reply.term, votedFor: nil, leader: nil, &outbox)
            return
        }
        #if MUTANTS
        if Mutant.preVoteCountedAsVote.isPlanted && role == .candidate { return count(reply, from: from, &outbox) }
        #endif
        guard role == .preCandidate, reply.campaign == campaign else { return }
        guard !reply.isGranted || reply.term == term.next else { return ignore(.staleTerm, &outbox) }
        count(reply, from: from, &outbox)
    }

    /// Counts a vote; only one that was given in this term (akka-raft #46).
    mutating func handleVoteReply(_ reply: Raft.VoteReply, from: NodeID, _ outbox: inout Effects) {
        #if MUTANTS
        if Mutant.staleVoteCounted.isPlanted && role == .candidate { return count(reply, from: from, &outbox) }
        #endif
        guard position(of: from) != nil else { return ignore(.unknownPeer, &outbox) }
        guard catchUp(with: reply.term, &outbox) else { return ignore(.staleTerm, &outbox) }
        guard role == .candidate, reply.campaign == campaign else { return }
        count(reply, from: from, &outbox)
    }

    /// Enters a voter's answer; a second one of the same voter changes nothing.
    private mutating func count(_ reply: Raft.VoteReply, from: NodeID, _ outbox: inout Effects) {
        guard let position = position(of: from) else { return ignore(.unknownPeer, &outbox) }
        #if MUTANTS
        if Mutant.duplicateVoteCounted.isPlanted, reply.isGranted, peers[position].ballot == .granted,
            let other = peers.firstIndex(where: { $0.ballot == .missing })
        {
            peers[other].ballot = .granted
        }
        #endif
        peers[position].ballot = reply.isGranted ? .granted : .refused
        tally(&outbox)
    }

    /// Enters the own answer: at once in a pre-vote, in an election when it is durable.
    mutating func castOwnBallot(_ outbox: inout Effects) {
        guard let ownPosition else { return }
        peers[ownPosition].ballot = .granted
        tally(&outbox)
    }

    private mutating func tally(_ outbox: inout Effects) {
        switch (voteResult, role) {
        case (.won, .preCandidate): becomeCandidate(&outbox)
        case (.won, .candidate): becomeLeader(&outbox)
        case (.lost, .preCandidate), (.lost, .candidate):
            becomeFollower(term: term, votedFor: votedFor, leader: nil, &outbox)
        case (.pending, _), (_, .follower), (_, .leader): break
        }
    }

    /// Opens a new count.
    mutating func beginCampaign() {
        campaign += 1
        for position in peers.indices { peers[position].ballot = .missing }
    }

    /// Asks every other voter, of both sets if there are two.
    func ask(_ message: Raft.Message, _ outbox: inout Effects) {
        for member in configuration.members
        where member.id != id && !member.duties.isDisjoint(with: [.voter, .outgoing]) {
            outbox.send(message, to: member.id)
        }
    }

    func voteRequest(in term: Raft.Term) -> Raft.VoteRequest {
        Raft.VoteRequest(term: term, lastIndex: log.lastIndex, lastTerm: log.lastTerm, campaign: campaign)
    }
}
