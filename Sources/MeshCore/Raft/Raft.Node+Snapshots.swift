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
        guard index > log.snapshotIndex, index <= confirmedIndex, let indexTerm = log.term(at: index) else {
            return ignore(.badCompaction, &outbox)
        }
        // A snapshot without a configuration would strand whoever starts from it. A node that was added later does not
        // know how the group was founded; it knows more as soon as it has the entry that added it.
        guard !history.inForce(at: index).isEmpty else { return ignore(.badCompaction, &outbox) }
        guard state.count <= settings.maxSnapshotBytes else { return ignore(.snapshotTooLarge, &outbox) }
        takeSnapshot(index, indexTerm, state: state, &outbox)
    }

    mutating func takeSnapshot(
        _ index: Raft.LogIndex, _ indexTerm: Raft.Term, state: Bytes, _ outbox: inout Effects
    ) {
        log.cover(upTo: index, term: indexTerm)
        history.compact(upTo: index)
        snapshotState = state
        snapshotChecksum = nil
        if snapshotAskedAt < index { snapshotAskedAt = index }
        persist(
            .snapshot(index: index, term: indexTerm, configuration: history.inForce(at: index), state: state),
            ownVoteTerm: nil,
            &outbox)
        dropCovered(&outbox)
    }

    /// Drops what the snapshot covers, except the entries that stay for followers that are not far behind.
    private mutating func dropCovered(_ outbox: inout Effects) {
        let covered = log.snapshotIndex.distance(from: log.baseIndex)
        guard covered > settings.trailingEntries else { return }
        let end = log.baseIndex.advanced(by: covered - settings.trailingEntries)
        log.drop(upTo: end)
        persist(.compact(upTo: end), ownVoteTerm: nil, &outbox)
    }

    /// Takes a snapshot from the leader (paper, section 7).
    mutating func handleSnapshot(_ message: Raft.Snapshot, from: NodeID, _ outbox: inout Effects) {
        guard catchUp(with: message.term, leader: from, &outbox) else {
            let reply = Raft.SnapshotReply(term: term, round: message.round, match: .zero)
            return answer(reply, to: from, &outbox)
        }
        guard role != .leader else { return ignore(.secondLeader, &outbox) }
        guard message.isWellFormed else { return ignore(.malformed, &outbox) }
        follow(from, round: message.round, &outbox)
        #if MUTANTS
        if Mutant.oldSnapshotInstalled.isPlanted && message.index < appliedIndex {
            outbox.output(.installed(index: message.index, term: message.indexTerm, state: message.chunk))
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
        } else if receiver?.supersedes(message) ?? false {
            return ignore(.oldSnapshot, &outbox)
        } else if message.size > settings.maxSnapshotBytes {
            return ignore(.snapshotTooLarge, &outbox)
        } else {
            assemble(message, &outbox)
        }
        let reply = Raft.SnapshotReply(
            term: term, round: message.round, match: commitIndex, index: message.index,
            received: receiver?.received ?? 0)
        answer(reply, to: from, &outbox)
    }

    /// Takes a chunk, and installs the snapshot with the last one.
    private mutating func assemble(_ message: Raft.Snapshot, _ outbox: inout Effects) {
        if message.offset == 0 && message.chunk.count == message.size {
            receiver = nil
            guard Checksum.crc32c(message.chunk) == message.checksum else {
                return ignore(.snapshotDamaged, &outbox)
            }
            return install(message, state: message.chunk, &outbox)
        }
        if !(receiver?.belongs(message) ?? false) { receiver = Raft.SnapshotReceiver(message) }
        switch receiver?.take(message) {
        case .none, .partial: break
        case .complete(let state):
            receiver = nil
            install(message, state: state, &outbox)
        case .damaged:
            receiver = nil
            ignore(.snapshotDamaged, &outbox)
        }
    }

    /// Replaces state and log; what the log holds beyond contradicts the snapshot and goes (hashicorp #697).
    private mutating func install(_ message: Raft.Snapshot, state: Bytes, _ outbox: inout Effects) {
        forgetDurable(after: commitIndex)
        history = Raft.ConfigurationHistory(message.configuration, at: message.index)
        takeSnapshot(message.index, message.indexTerm, state: state, &outbox)
        if message.configuration != configuration {
            enforceLatest(&outbox)
        } else {
            configurationIndex = message.index
        }
        commitIndex = message.index
        noteInstalled(message.index)
        isHollow = message.configuration.duties(of: id).contains(.witness)
        if !lacksState {
            outbox.output(.installed(index: message.index, term: message.indexTerm, state: state))
        }
        outbox.output(.committed(upTo: message.index))
        answerAppliedReads(&outbox)
    }
}

extension Raft.Snapshot {
    /// Whether the fields can belong together.
    var isWellFormed: Bool {
        guard index > .zero, index <= .limit, indexTerm > .zero, indexTerm <= term else { return false }
        guard size >= 0, offset >= 0, offset <= size, chunk.count <= size - offset else { return false }
        guard size <= Raft.Settings.snapshotSizeLimit, size == 0 || chunk.count > 0 else { return false }
        return !configuration.voters.isEmpty && configuration.members.count <= Raft.Settings.memberLimit
    }
}
