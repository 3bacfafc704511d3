/// The follower's side of replication.
extension Raft.Node {
    /// Takes entries from the leader (paper, figure 2, AppendEntries).
    mutating func handleAppend(_ message: Raft.Append, from: NodeID, _ outbox: inout Effects) {
        guard catchUp(with: message.term, leader: from, &outbox) else {
            // A leader of the past learns that it is one; without this a node that went ahead could never come back.
            let reply = Raft.AppendReply(term: term, round: message.round, result: .stale)
            return answer(reply, to: from, &outbox)
        }
        guard role != .leader else { return ignore(.secondLeader, &outbox) }
        guard message.isWellFormed else { return ignore(.malformed, &outbox) }
        if !isAsleep || leader != from || !canSleep(on: message) { follow(from, round: message.round, &outbox) }
        #if MUTANTS
        if Mutant.compactedTakenForConflict.isPlanted && message.prevIndex < log.baseIndex {
            forgetDurable(after: log.snapshotIndex)
            log.replaceSuffix(from: log.snapshotIndex.next, with: [])
            return persistEntries(from: log.snapshotIndex.next, [], &outbox)
        }
        #endif
        if message.prevIndex >= log.baseIndex, !agrees(message) {
            return refuse(message, from: from, &outbox)
        }
        #if MUTANTS
        if Mutant.acksBeforeDurable.isPlanted && message.wantsReply {
            let match = message.prevIndex.advanced(by: message.entries.count)
            let reply = Raft.AppendReply(term: term, round: message.round, result: .accepted(match: match))
            outbox.send(.appendReply(reply), to: from)
        }
        #endif
        guard adopt(message, &outbox) else { return ignore(.conflictsWithCommitted, &outbox) }
        // Only what this message compared is known to agree, however long our log is; and what is committed here.
        let proved = message.prevIndex.advanced(by: message.entries.count)
        if message.wantsReply {
            let match = proved > commitIndex ? proved : commitIndex
            let reply = Raft.AppendReply(
                term: term, round: message.round, read: message.read, result: .accepted(match: match))
            answer(reply, to: from, &outbox)
        }
        #if MUTANTS
        if let decided = wronglyDecided(by: message) {
            if Mutant.commitAssigned.isPlanted && decided < commitIndex { commitIndex = decided }
            if decided > commitIndex { commit(upTo: decided, &outbox) }
            return
        }
        #endif
        let decided = message.commit < proved ? message.commit : proved
        if decided > commitIndex { commit(upTo: decided, &outbox) }
        if canSleep(on: message) { fallAsleepAsFollower(&outbox) }
    }

    /// Whether the log holds what stands before the entries of a message.
    private func agrees(_ message: Raft.Append) -> Bool {
        #if MUTANTS
        if Mutant.prevTermNotChecked.isPlanted { return message.prevIndex <= log.lastIndex }
        #endif
        return log.term(at: message.prevIndex) == message.prevTerm
    }

    #if MUTANTS
    /// What a planted bug takes for decided.
    private func wronglyDecided(by message: Raft.Append) -> Raft.LogIndex? {
        guard Mutant.commitNotCapped.isPlanted || Mutant.commitAssigned.isPlanted else { return nil }
        return message.commit < log.lastIndex ? message.commit : log.lastIndex
    }
    #endif

    /// Says where the logs might agree: the last position whose term is not above the leader's (etcd's hint).
    private mutating func refuse(_ message: Raft.Append, from: NodeID, _ outbox: inout Effects) {
        guard message.prevIndex > commitIndex else { return ignore(.conflictsWithCommitted, &outbox) }
        let end = message.prevIndex < log.lastIndex ? message.prevIndex : log.lastIndex
        let hint = log.lastIndex(upTo: end, termAtMost: message.prevTerm)
        let result = Raft.AppendResult.rejected(
            prevIndex: message.prevIndex, hintIndex: hint, hintTerm: log.term(at: hint) ?? .zero)
        let reply = Raft.AppendReply(term: term, round: message.round, read: message.read, result: result)
        answer(reply, to: from, &outbox)
    }

    /// Adds the entries that are missing; removes ours only from the first that differs on (paper, section 5.3: a
    /// message that comes late must not remove what a later one brought).
    ///
    /// - Returns: `false` if the message contradicts what is committed.
    /// - Complexity: O(entries in the message and entries removed).
    private mutating func adopt(_ message: Raft.Append, _ outbox: inout Effects) -> Bool {
        var known = 0
        #if MUTANTS
        if Mutant.staleAppendTruncates.isPlanted, let first = message.entries.first, first.index > commitIndex {
            forgetDurable(after: message.prevIndex)
            log.replaceSuffix(from: first.index, with: message.entries)
            adoptConfigurations(from: first.index, message.entries, &outbox)
            persistEntries(from: first.index, message.entries, &outbox)
            return true
        }
        #endif
        while known < message.entries.count {
            let index = message.entries.index(at: known)
            if index > log.baseIndex, log.term(at: index) != message.entries.term(at: known) { break }
            known += 1
        }
        guard known < message.entries.count else { return true }
        let from = message.entries.index(at: known)
        guard from > commitIndex else { return false }
        let missing = known == 0 ? message.entries : Raft.Entries(message.entries[known...])
        #if MUTANTS
        if Mutant.suffixNotTruncated.isPlanted && missing[missing.count - 1].index < log.lastIndex {
            let kept = log.entries(
                from: missing[missing.count - 1].index.next, upTo: log.lastIndex, countLimit: Int.max,
                byteLimit: Int.max)
            forgetDurable(after: from.previous)
            log.replaceSuffix(from: from, with: Raft.Entries(Array(missing) + Array(kept)))
            persistEntries(from: from, Raft.Entries(Array(missing) + Array(kept)), &outbox)
            return true
        }
        #endif
        if from <= log.lastIndex { forgetDurable(after: from.previous) }
        log.replaceSuffix(from: from, with: missing)
        adoptConfigurations(from: from, missing, &outbox)
        persistEntries(from: from, missing, &outbox)
        return true
    }
}

extension Raft.Append {
    /// Whether the entries follow each other, in terms that never fall and never pass the leader's.
    ///
    /// - Complexity: O(number of entries).
    var isWellFormed: Bool {
        guard prevIndex <= .limit, prevTerm <= term, commit <= .limit else { return false }
        return entries.follow(prevIndex, prevTerm, upTo: term)
    }
}
