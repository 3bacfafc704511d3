extension Raft.Node {
    /// Moves the commit index, which never falls, and hands out what may be applied.
    ///
    /// - Complexity: O(entries newly committed).
    mutating func commit(upTo index: Raft.LogIndex, _ outbox: inout Effects) {
        invariant(index > commitIndex && index <= log.lastIndex, "the commit index grows within the log")
        let before = commitIndex
        commitIndex = index
        outbox.output(.committed(upTo: index))
        if role == .leader { settle(after: before) }
        if receiver?.isCovered(by: index) ?? false { receiver = nil }
        if lacksState { passOver(&outbox) } else { handOutAll(&outbox) }
        answerAppliedReads(&outbox)
        beginReadRound(&outbox)
        if configurationIndex > before { noteConfigurationCommit(after: before, &outbox) }
        askForSnapshot(&outbox)
    }

    /// Takes entries that wait no longer out of the leader's account; entries of earlier terms never were in it.
    private mutating func settle(after before: Raft.LogIndex) {
        let first = before.next > ledIndex ? before.next : ledIndex
        uncommittedBytes -= log.byteCount(from: first, upTo: commitIndex)
    }

    /// Hands out what is committed, as far as the embedding program keeps up.
    private mutating func handOutAll(_ outbox: inout Effects) {
        while appliedIndex < commitIndex, handOuts.hasRoom(settings.maxUnappliedBytes) { handOut(&outbox) }
    }

    /// Hands out the next entries: all that are committed, or as many as one output may carry.
    private mutating func handOut(_ outbox: inout Effects) {
        let batch = log.entries(
            from: appliedIndex.next, upTo: commitIndex, countLimit: settings.maxEntriesPerApply,
            byteLimit: settings.maxBytesPerApply)
        invariant(!batch.isEmpty, "what is committed and not applied is in the log")
        appliedIndex = batch.index(at: batch.count - 1)
        handOuts.add(batch, isConfirmed: settings.maxUnappliedBytes == 0)
        outbox.output(.apply(batch))
    }

    /// Up to where the embedding program is known to have applied what it was handed.
    var confirmedIndex: Raft.LogIndex { settings.maxUnappliedBytes == 0 ? appliedIndex : handOuts.confirmed }

    /// Learns that the embedding program has applied what it was handed, and hands out more.
    mutating func handleApplied(upTo index: Raft.LogIndex, _ outbox: inout Effects) {
        guard settings.maxUnappliedBytes > 0, index > handOuts.confirmed, index <= appliedIndex else {
            return ignore(.badConfirmation, &outbox)
        }
        handOuts.confirm(upTo: index)
        handOutAll(&outbox)
        answerAppliedReads(&outbox)
        askForSnapshot(&outbox)
    }

    /// Notes that a snapshot stands in for everything up to `index`.
    mutating func noteInstalled(_ index: Raft.LogIndex) {
        appliedIndex = index
        handOuts = Raft.HandOuts(confirmed: index)
    }

    /// Asks for a snapshot when enough has been handed out since the last one, and again if it did not come.
    private mutating func askForSnapshot(_ outbox: inout Effects) {
        guard settings.snapshotAfter > 0 || settings.snapshotAfterBytes > 0, appliedIndex > snapshotAskedAt else {
            return
        }
        let distance = appliedIndex.distance(from: snapshotAskedAt)
        let isLong = settings.snapshotAfter > 0 && distance >= settings.snapshotAfter
        let isLarge = settings.snapshotAfterBytes > 0 && handOuts.byteCount >= settings.snapshotAfterBytes
        guard isLong || isLarge else { return }
        snapshotAskedAt = appliedIndex
        handOuts.byteCount = 0
        outbox.output(.snapshotWanted(upTo: appliedIndex))
    }
}
