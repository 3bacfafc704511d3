/// The leader's side of replication.
extension Raft.Node {
    /// Appends entries of the own term, which fit into one message, sends them, and writes them.
    ///
    /// The write stands behind the messages, so that they do not wait for it (thesis, section 10.2.1).
    ///
    /// - Complexity: O(voters + `entries.count`); the log, the messages and the record share the entries.
    mutating func append(_ entries: Raft.Entries, _ outbox: inout Effects) {
        invariant(role == .leader && ledTerm == term, "only the leader of a term appends in it")
        guard !entries.isEmpty else { return }
        let first = entries.index(at: 0)
        log.append(entries)
        let byteCount = entries.byteCount
        uncommittedBytes += byteCount
        var parcel = Parcel(first: first, entries: entries, byteCount: byteCount)
        for position in peers.indices where position != ownPosition { serve(position, &parcel, &outbox) }
        persistEntries(from: first, entries, &outbox)
    }

    /// Entries that were cut out of the log once and can go to several peers.
    struct Parcel {
        var first: Raft.LogIndex
        var entries: Raft.Entries
        var byteCount: Int

        static var none: Parcel { Parcel(first: .zero, entries: [], byteCount: 0) }
    }

    /// Sends every peer what it can take.
    mutating func serveAll(_ outbox: inout Effects) {
        var parcel = Parcel.none
        for position in peers.indices where position != ownPosition { serve(position, &parcel, &outbox) }
    }

    /// Sends a peer what it can take.
    mutating func serve(_ position: Int, _ outbox: inout Effects) {
        guard position != ownPosition else { return }
        var parcel = Parcel.none
        serve(position, &parcel, &outbox)
    }

    /// Sends a peer what its window has room for, or the news of a commit if nothing else is under way to it.
    mutating func serve(_ position: Int, _ parcel: inout Parcel, _ outbox: inout Effects) {
        switch peers[position].pace {
        case .probe:
            if !peers[position].isWaiting { sendEntries(to: position, &parcel, &outbox) }
        case .replicate:
            while peers[position].pace == .replicate, peers[position].next <= log.lastIndex,
                peers[position].flights.count < settings.maxInflight,
                peers[position].flightBytes < settings.maxInflightBytes
            {
                sendEntries(to: position, &parcel, &outbox)
            }
            if peers[position].flights.isEmpty { sendCommit(to: position, &outbox) }
        case .snapshot:
            break
        }
    }

    /// Sends the entries from the peer's next on, or none, as many as one message may carry.
    private mutating func sendEntries(to position: Int, _ parcel: inout Parcel, _ outbox: inout Effects) {
        let next = peers[position].next
        guard let prevTerm = log.term(at: next.previous) else { return sendSnapshot(to: position, &outbox) }
        if parcel.first != next {
            parcel.first = next
            parcel.entries = log.entries(
                from: next, upTo: log.lastIndex, countLimit: settings.maxEntriesPerAppend,
                byteLimit: settings.maxBytesPerAppend)
            parcel.byteCount = parcel.entries.byteCount
        }
        let last = next.previous.advanced(by: parcel.entries.count)
        switch peers[position].pace {
        case .probe, .snapshot:
            peers[position].isWaiting = true
        case .replicate:
            if !parcel.entries.isEmpty {
                peers[position].send(Raft.Flight(last: last, round: round, byteCount: parcel.byteCount))
            }
        }
        noteToldCommit(position, proved: last)
        let message = Raft.Append(
            term: term, prevIndex: next.previous, prevTerm: prevTerm,
            entries: peers[position].isWitness ? self.parcel(parcel.entries, for: position) : parcel.entries,
            commit: commitIndex,
            round: round, read: readRound)
        outbox.send(.append(message), to: peers[position].id)
    }

    /// Tells a peer that has everything how far it is decided; it need not answer.
    private mutating func sendCommit(to position: Int, _ outbox: inout Effects) {
        let match = peers[position].match
        let news = match < commitIndex ? match : commitIndex
        guard news > peers[position].toldCommit, let matchTerm = log.term(at: match) else { return }
        peers[position].toldCommit = news
        let message = Raft.Append(
            term: term, prevIndex: match, prevTerm: matchTerm, commit: commitIndex, round: round, read: readRound,
            wantsReply: false)
        outbox.send(.append(message), to: peers[position].id)
    }

    private mutating func noteToldCommit(_ position: Int, proved: Raft.LogIndex) {
        let told = proved < commitIndex ? proved : commitIndex
        if told > peers[position].toldCommit { peers[position].toldCommit = told }
    }

    /// Beats: steps down without a quorum, else lets every peer hear from its leader.
    mutating func handleHeartbeatTimer(_ outbox: inout Effects) {
        guard role == .leader else { return }
        round += 1
        if settings.checkQuorum && round > quorumRound() + quorumRounds {
            return becomeFollower(term: term, votedFor: votedFor, leader: nil, &outbox)
        }
        if settings.quiesceAfter > 0 && fallsAsleep(&outbox) { return }
        outbox.setTimer(.heartbeat, at: now + settings.heartbeatInterval)
        measureBeat(&outbox)
        if transfer != nil { beatTransfer(&outbox) }
        if !settings.priorities.isEmpty { yieldToPriority(&outbox) }
        if !senders.isEmpty { endIdleSending() }
        beatAll(&outbox)
        promoteIfDue(&outbox)
    }

    /// Lets every peer hear from its leader.
    mutating func beatAll(_ outbox: inout Effects) {
        var parcel = Parcel.none
        for position in peers.indices where position != ownPosition { beat(position, &parcel, &outbox) }
    }

    /// Sends a heartbeat that also finds out what was lost.
    private mutating func beat(_ position: Int, _ parcel: inout Parcel, _ outbox: inout Effects) {
        switch peers[position].pace {
        case .probe:
            sendEntries(to: position, &parcel, &outbox)
        case .replicate:
            // While messages are fresh a heartbeat could overtake them and be refused for nothing; once they had a
            // whole beat to arrive it asks behind them, so that a lost one is found, or a lost answer made good.
            let isSettled = peers[position].flights.last.map { $0.round + 1 < round } ?? true
            let place = isSettled ? peers[position].next.previous : peers[position].match
            sendHeartbeat(to: position, after: place, &outbox)
        case .snapshot:
            sendHeartbeat(to: position, after: log.snapshotIndex, &outbox)
        }
    }

    /// Asks a peer whether it follows, and whether it holds the entry at `place`.
    mutating func sendHeartbeat(to position: Int, after place: Raft.LogIndex, _ outbox: inout Effects) {
        let prevIndex = place < log.baseIndex ? log.baseIndex : place
        guard let prevTerm = log.term(at: prevIndex) else { return }
        let message = Raft.Append(
            term: term, prevIndex: prevIndex, prevTerm: prevTerm, commit: commitIndex, round: round, read: readRound,
            isSleep: sleepRound > 0)
        outbox.send(.append(message), to: peers[position].id)
    }

    /// Learns what became of an append.
    mutating func handleAppendReply(_ reply: Raft.AppendReply, from: NodeID, _ outbox: inout Effects) {
        #if MUTANTS
        if Mutant.staleAckCounted.isPlanted, reply.term < term, role == .leader, let position = position(of: from),
            case .accepted(let match) = reply.result
        {
            return accept(match, from: position, &outbox)
        }
        #endif
        guard let position = position(of: from) else { return ignore(.unknownPeer, &outbox) }
        guard catchUp(with: reply.term, &outbox) else { return ignore(.staleTerm, &outbox) }
        guard role == .leader else { return }
        if case .stale = reply.result { return }
        guard takesPlain(reply.round, of: position) else { return ignore(.otherLife, &outbox) }
        switch reply.result {
        case .accepted(let match):
            noteRound(reply.round, of: position)
            #if MUTANTS
            if Mutant.leaseFromArrival.isPlanted, let slot = lease.slot(of: reply.round) {
                outbox.setTimer(.lease(slot), at: now + lease.length)
            }
            #endif
            noteRead(reply.read, of: position, &outbox)
            accept(match, from: position, &outbox)
        case .rejected(let prevIndex, let hintIndex, let hintTerm):
            noteRound(reply.round, of: position)
            noteRead(reply.read, of: position, &outbox)
            reject(
                prevIndex, hintIndex: hintIndex, hintTerm: hintTerm, round: reply.round, from: position, &outbox)
        case .stale:
            // It answers a message of an earlier term of this node, whose numbers say nothing about this one.
            break
        }
    }

    /// Notes which beat a peer has answered.
    mutating func noteRound(_ answered: UInt64, of position: Int) {
        guard answered <= round else { return }
        if answered > peers[position].ackedRound {
            peers[position].ackedRound = answered
            peers[position].isDown = false
        }
        if answered > peers[position].promisedRound { peers[position].promisedRound = answered }
    }

    /// Takes an acknowledgement: within a term it is never too old to be true, as logs only grow along the leader's.
    mutating func accept(_ match: Raft.LogIndex, from position: Int, _ outbox: inout Effects) {
        guard match <= log.lastIndex, position != ownPosition else { return ignore(.malformed, &outbox) }
        #if MUTANTS
        let match = Mutant.matchFromLastIndex.isPlanted ? log.lastIndex : match
        #endif
        let peer = peers[position].id
        let isNews = match > peers[position].match && match > commitIndex
        peers[position].acknowledge(match, round: round)
        switch peers[position].pace {
        case .probe:
            peers[position].becomeReplicate()
        case .snapshot:
            if peers[position].match >= log.baseIndex {
                endSending(to: peers[position].id)
                peers[position].becomeReplicate()
            } else if let place = sender(to: peers[position].id), peers[position].match >= senders[place].index {
                endSending(to: peers[position].id)
                // It is installed, but the log has been compacted beyond it meanwhile: the next one follows at once.
                peers[position].becomeProbe(next: peers[position].match.next)
            }
        case .replicate:
            break
        }
        if !(isNews && commitAndServe(&outbox)) { serve(position, &outbox) }
        if transfer != nil, let position = self.position(of: peer) { advanceTransfer(position, &outbox) }
    }

    /// Looks for the place where the logs agree, in one step per term that differs (thesis, section 3.5, and etcd).
    mutating func reject(
        _ prevIndex: Raft.LogIndex, hintIndex: Raft.LogIndex, hintTerm: Raft.Term, round answered: UInt64,
        from position: Int, _ outbox: inout Effects
    ) {
        guard hintIndex <= prevIndex, prevIndex <= log.lastIndex else { return ignore(.malformed, &outbox) }
        #if MUTANTS
        if Mutant.hintStoredAsMatch.isPlanted { peers[position].acknowledge(hintIndex, round: round) }
        #endif
        if prevIndex <= peers[position].match {
            // Late, as a rule. But an answer to a beat after the one in which the match was acknowledged means that the
            // peer has lost its disk since. It is filled again; what was committed meanwhile stays committed.
            guard answered > peers[position].matchRound, answered <= round else { return }
            ignore(.conflictsWithCommitted, &outbox)
            peers[position].match = .zero
            endSending(to: peers[position].id)
            peers[position].becomeProbe(next: prevIndex.next)
        }
        let peer = peers[position]
        switch peer.pace {
        case .snapshot:
            return resendSnapshot(to: position, &outbox)
        case .probe:
            guard prevIndex == peer.next.previous else { return }
        case .replicate:
            break
        }
        let guess = log.lastIndex(upTo: hintIndex, termAtMost: hintTerm)
        // A hint below what is held asks for the snapshot; a guess clamped to what is held must not hide that.
        let place = hintIndex < log.baseIndex ? hintIndex : guess
        let bounded = place < prevIndex ? place : prevIndex.previous
        peers[position].becomeProbe(next: bounded > peer.match ? bounded.next : peer.match.next)
        #if MUTANTS
        if Mutant.probeNeverStepsBack.isPlanted { peers[position].becomeProbe(next: prevIndex.next) }
        #endif
        serve(position, &outbox)
    }

    /// Commits what a quorum holds durably, tells everyone, and does what a committed configuration asks for.
    ///
    /// - Returns: Whether anything was committed.
    mutating func commitAndServe(_ outbox: inout Effects) -> Bool {
        guard advanceLeaderCommit(&outbox) else { return false }
        leaveJointIfDue(&outbox)
        serveAll(&outbox)
        stepDownIfRemoved(&outbox)
        return true
    }

    /// Commits what a quorum holds durably, if it is of the own term: earlier entries come along, but are never
    /// committed by counting (paper, section 5.4.2, figure 8).
    private mutating func advanceLeaderCommit(_ outbox: inout Effects) -> Bool {
        let index = quorumMatch()
        #if MUTANTS
        if Mutant.oldTermCommittedByCounting.isPlanted, index > commitIndex {
            commit(upTo: index, &outbox)
            return true
        }
        #endif
        guard index > commitIndex, log.term(at: index) == term else { return false }
        commit(upTo: index, &outbox)
        return true
    }
}
