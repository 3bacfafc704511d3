/// Linearizable reads at the leader, without writing to the log (thesis, section 6.4).
///
/// A read may be answered from any state that has applied the log up to what was committed when the read arrived. The
/// leader knows that index once it has committed an entry of its own term (etcd #7331) and has made sure, after the
/// read arrived, that no later leader had committed more: a majority has answered in its term. All reads that wait
/// share that confirmation. One round is under way at a time; what comes meanwhile waits for the next.
///
/// A round has a number of its own, which every append carries and every answer to it repeats. Numbers grow from the
/// node's start on and are never used twice, and an answer confirms a round only if the append it answers left after
/// the round began (etcd #20418).
extension Raft.Node {
    /// Takes a read: queues it, asks the leader, or refuses it.
    mutating func handleRead(id read: UInt64, _ outbox: inout Effects) {
        // A witness has no state to read.
        if lacksState { return outbox.output(.readRefused(id: read, reason: .fixedDuty(id))) }
        switch role {
        case .leader: admit(Raft.PendingRead(origin: nil, number: read), &outbox)
        case .follower: askLeader(about: read, &outbox)
        case .preCandidate, .candidate: outbox.output(.readRefused(id: read, reason: .noLeader))
        }
    }

    /// Takes a read at the leader.
    ///
    /// - Complexity: O(1), amortised, beyond the round it may start.
    mutating func admit(_ read: Raft.PendingRead, _ outbox: inout Effects) {
        invariant(role == .leader, "only a leader knows what is committed")
        if settings.usesLease, hasCommittedInTerm, holdsLease() {
            return answer(read, with: .ready(index: commitIndex), &outbox)
        }
        guard reads.count < settings.maxReads else { return answer(read, with: .refused(.busy), &outbox) }
        reads.add(read)
        beginReadRound(&outbox)
    }

    /// Whether an entry of the leader's own term is committed; until then it does not know what is.
    var hasCommittedInTerm: Bool {
        #if MUTANTS
        if Mutant.readBeforeFirstCommit.isPlanted { return true }
        #endif
        return log.term(at: commitIndex) == term
    }

    /// Starts a round for all reads that wait, unless one is under way or the leader has to learn what is committed.
    ///
    /// - Complexity: O(peers).
    mutating func beginReadRound(_ outbox: inout Effects) {
        guard reads.wantsRound, role == .leader, hasCommittedInTerm else { return }
        readRound += 1
        reads.beginRound(at: commitIndex)
        #if MUTANTS
        if Mutant.readNotConfirmed.isPlanted { return finishReadRound(&outbox) }
        #endif
        if quorumRead() >= readRound { return finishReadRound(&outbox) }
        for position in peers.indices where position != ownPosition {
            sendHeartbeat(to: position, after: peers[position].match, &outbox)
        }
    }

    /// Notes which round a peer has answered, in an answer that shows that it follows this leader in this term.
    mutating func noteRead(_ answered: UInt64, of position: Int, _ outbox: inout Effects) {
        #if MUTANTS
        let answered = Mutant.readAckOfAnyRound.isPlanted ? readRound : answered
        #endif
        guard answered > peers[position].ackedRead, answered <= readRound else { return }
        peers[position].ackedRead = answered
        if reads.inRound > 0 && quorumRead() >= readRound { finishReadRound(&outbox) }
    }

    /// Answers the reads of the round under way and starts the next.
    ///
    /// - Complexity: O(reads in the round).
    private mutating func finishReadRound(_ outbox: inout Effects) {
        let index = reads.index
        while let read = reads.popConfirmed() { answer(read, with: .ready(index: index), &outbox) }
        beginReadRound(&outbox)
    }

    /// Refuses every read that waits at this node as a leader: it leads no more.
    mutating func refuseReads(_ outbox: inout Effects) {
        while let read = reads.popAny() { answer(read, with: .refused(.deposed), &outbox) }
    }

    private mutating func answer(
        _ read: Raft.PendingRead, with result: Raft.ReadResult, _ outbox: inout Effects
    ) {
        if let origin = read.origin {
            let reply = Raft.ReadReply(term: term, sequence: read.number, result: result)
            return outbox.send(.readReply(reply), to: origin)
        }
        switch result {
        case .ready(let index):
            // Ahead of what is handed out is only a program that applies slowly.
            guard index > appliedIndex else { return outbox.output(.readReady(id: read.number, index: index)) }
            lateReads.append(Raft.LateRead(id: read.number, index: index))
        case .refused(let reason): outbox.output(.readRefused(id: read.number, reason: reason))
        }
    }

    /// Takes a follower's question.
    ///
    /// Whoever asks gets an answer, of whatever term: to know what is committed harms nobody.
    mutating func handleReadRequest(_ message: Raft.ReadRequest, from: NodeID, _ outbox: inout Effects) {
        _ = catchUp(with: message.term, &outbox)
        let read = Raft.PendingRead(origin: from, number: message.sequence)
        guard role == .leader else { return answer(read, with: .refused(.notLeader(leader)), &outbox) }
        admit(read, &outbox)
    }
}

/// Reads at a follower: it asks the leader for the index and waits until it has applied that much.
///
/// One request is under way at a time and covers every read that waited when it was sent. It is repeated when it, or
/// its answer, seems lost; whenever the leader or the term changes, what waits for an index is refused.
extension Raft.Node {
    private mutating func askLeader(about read: UInt64, _ outbox: inout Effects) {
        guard leader != nil else { return outbox.output(.readRefused(id: read, reason: .noLeader)) }
        guard askedReads.count < settings.maxReads else {
            return outbox.output(.readRefused(id: read, reason: .busy))
        }
        askedReads.add(read)
        sendReadRequest(&outbox)
    }

    private mutating func sendReadRequest(_ outbox: inout Effects) {
        guard let leader, leader != id, askedReads.wantsRequest else { return }
        outbox.send(.readRequest(Raft.ReadRequest(term: term, sequence: askedReads.ask())), to: leader)
    }

    /// Asks again when two beats of the leader have passed without an answer.
    mutating func noteBeat(_ round: UInt64, _ outbox: inout Effects) {
        guard let leader, askedReads.isOverdue(at: round) else { return }
        outbox.send(.readRequest(Raft.ReadRequest(term: term, sequence: askedReads.ask())), to: leader)
    }

    /// Learns up to where the reads of a request must see the log.
    ///
    /// - Complexity: O(reads that are answered).
    mutating func handleReadReply(_ message: Raft.ReadReply, _ outbox: inout Effects) {
        _ = catchUp(with: message.term, &outbox)
        guard let count = askedReads.served(by: message.sequence) else { return ignore(.staleRead, &outbox) }
        for _ in 0..<count {
            switch message.result {
            case .ready(let index):
                askedReads.settleFirst(at: index)
            case .refused(let reason):
                guard let read = askedReads.popOpen() else { break }
                outbox.output(.readRefused(id: read, reason: reason))
            }
        }
        answerAppliedReads(&outbox)
        sendReadRequest(&outbox)
    }

    /// Answers the reads whose index has been applied.
    ///
    /// - Complexity: O(reads that are answered).
    mutating func answerAppliedReads(_ outbox: inout Effects) {
        while let read = lateReads.first, read.index <= appliedIndex {
            _ = lateReads.popFirst()
            outbox.output(.readReady(id: read.id, index: read.index))
        }
        while let read = askedReads.popReady(applied: appliedIndex) {
            outbox.output(.readReady(id: read.id, index: read.index))
        }
    }

    /// Refuses the reads that wait for an index from a leader that is not known any more.
    mutating func refuseAskedReads(_ outbox: inout Effects) {
        while let read = askedReads.popOpen() {
            let reason: Raft.Rejection = leader.map { .notLeader($0) } ?? .noLeader
            outbox.output(.readRefused(id: read, reason: reason))
        }
    }
}
