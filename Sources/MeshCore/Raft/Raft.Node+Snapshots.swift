extension Raft.Node {
    /// Drops the log up to a position whose state the embedding program hands over.
    mutating func handleCompact(upTo index: Raft.LogIndex, state: Bytes, _ outbox: inout Effects) {
        #if MUTANTS
        if Mutant.compactsBeyondApplied.isPlanted, let lastTerm = log.term(at: log.lastIndex),
            commitIndex < log.lastIndex
        {
            commitIndex = log.lastIndex
            appliedIndex = log.lastIndex
            return takeSnapshot(log.lastIndex, lastTerm, state: state, &outbox)
        }
        #endif
        guard index > log.snapshotIndex, index <= appliedIndex, let indexTerm = log.term(at: index) else {
            return ignore(.badCompaction, &outbox)
        }
        // A snapshot without a configuration would strand whoever starts from it. A node that was added later does not
        // know how the group was founded; it knows more as soon as it has the entry that added it.
        guard !history.inForce(at: index).isEmpty else { return ignore(.badCompaction, &outbox) }
        guard state.count <= Raft.Settings.snapshotByteLimit else { return ignore(.snapshotTooLarge, &outbox) }
        takeSnapshot(index, indexTerm, state: state, &outbox)
    }

    private mutating func takeSnapshot(
        _ index: Raft.LogIndex, _ indexTerm: Raft.Term, state: Bytes, _ outbox: inout Effects
    ) {
        log.compact(upTo: index, term: indexTerm)
        history.compact(upTo: index)
        snapshotState = state
        if snapshotAskedAt < index { snapshotAskedAt = index }
        persist(
            .snapshot(index: index, term: indexTerm, configuration: history.inForce(at: index), state: state),
            ownVoteTerm: nil,
            &outbox)
    }

    /// Sends the snapshot to a peer that needs entries this leader no longer has.
    mutating func sendSnapshot(to position: Int, _ outbox: inout Effects) {
        peers[position].pace = .snapshot
        peers[position].flights.removeAll()
        peers[position].isWaiting = false
        peers[position].snapshotIndex = log.snapshotIndex
        peers[position].snapshotRound = round
        if peers[position].snapshotPatience == 0 { peers[position].snapshotPatience = quorumRounds }
        let message = Raft.Snapshot(
            term: term, round: round, index: log.snapshotIndex, indexTerm: log.snapshotTerm,
            configuration: history.inForce(at: log.snapshotIndex), state: snapshotState)
        outbox.send(.snapshot(message), to: peers[position].id)
    }

    /// Sends the snapshot again to a peer that answers but still lacks it, waiting twice as long each time.
    mutating func resendSnapshot(to position: Int, _ outbox: inout Effects) {
        let peer = peers[position]
        guard round >= peer.snapshotRound + peer.snapshotPatience else { return }
        peers[position].snapshotPatience = peer.snapshotPatience < 1 << 10 ? peer.snapshotPatience * 2 : 1 << 10
        sendSnapshot(to: position, &outbox)
    }

    /// Takes a snapshot from the leader (paper, section 7).
    mutating func handleSnapshot(_ message: Raft.Snapshot, from: NodeID, _ outbox: inout Effects) {
        guard catchUp(with: message.term, leader: from, &outbox) else {
            let reply = Raft.SnapshotReply(term: term, round: message.round, match: .zero)
            return outbox.send(.snapshotReply(reply), to: from)
        }
        guard role != .leader else { return ignore(.secondLeader, &outbox) }
        guard message.isWellFormed else { return ignore(.malformed, &outbox) }
        follow(from, round: message.round, &outbox)
        #if MUTANTS
        if Mutant.oldSnapshotInstalled.isPlanted && message.index > log.snapshotIndex {
            return install(message, &outbox)
        }
        if Mutant.snapshotDropsSuffix.isPlanted && message.index > commitIndex && message.index <= log.lastIndex {
            forgetDurable(after: message.index.previous)
            log.replaceSuffix(from: message.index, with: [])
            persistEntries(from: message.index, [], &outbox)
        }
        #endif
        if message.index <= commitIndex {
            ignore(.oldSnapshot, &outbox)
        } else if log.term(at: message.index) == message.indexTerm {
            // Everything it covers is here; the entries behind it may have been acknowledged and stay.
            commit(upTo: message.index, &outbox)
        } else {
            install(message, &outbox)
        }
        let reply = Raft.SnapshotReply(term: term, round: message.round, match: commitIndex)
        outbox.send(.snapshotReply(reply), to: from)
    }

    /// Replaces state and log; what the log holds beyond contradicts the snapshot and goes (hashicorp #697).
    private mutating func install(_ message: Raft.Snapshot, _ outbox: inout Effects) {
        forgetDurable(after: commitIndex)
        history = Raft.ConfigurationHistory(message.configuration, at: message.index)
        takeSnapshot(message.index, message.indexTerm, state: message.state, &outbox)
        if message.configuration != configuration {
            enforceLatest(&outbox)
        } else {
            configurationIndex = message.index
        }
        commitIndex = message.index
        appliedIndex = message.index
        outbox.output(.installed(index: message.index, term: message.indexTerm, state: message.state))
        outbox.output(.committed(upTo: message.index))
        answerAppliedReads(&outbox)
    }

    /// Learns what became of a snapshot.
    mutating func handleSnapshotReply(_ reply: Raft.SnapshotReply, from: NodeID, _ outbox: inout Effects) {
        guard let position = position(of: from) else { return ignore(.unknownPeer, &outbox) }
        guard catchUp(with: reply.term, &outbox) else { return ignore(.staleTerm, &outbox) }
        guard role == .leader else { return }
        // Who has installed one has a match; none answers a message of an earlier term of this node.
        if reply.match > .zero { noteRound(reply.round, of: position) }
        accept(reply.match, from: position, &outbox)
    }
}

extension Raft.Snapshot {
    /// Whether the fields can belong together.
    var isWellFormed: Bool {
        guard index > .zero, index <= .limit, indexTerm > .zero, indexTerm <= term else { return false }
        return !configuration.voters.isEmpty && configuration.members.count <= Raft.Settings.memberLimit
    }
}
