extension Raft.Node {
    /// Moves the commit index, which never falls, and hands out what may be applied.
    ///
    /// - Complexity: O(entries newly committed).
    mutating func commit(upTo index: Raft.LogIndex, _ outbox: inout Effects) {
        invariant(index > commitIndex && index <= log.lastIndex, "the commit index grows within the log")
        let before = commitIndex
        commitIndex = index
        outbox.output(.committed(upTo: index))
        while appliedIndex < commitIndex { handOut(&outbox) }
        answerAppliedReads(&outbox)
        beginReadRound(&outbox)
        if configurationIndex > before { noteConfigurationCommit(after: before, &outbox) }
        askForSnapshot(&outbox)
    }

    /// Hands out the next entries: all that are committed, or as many as one output may carry.
    private mutating func handOut(_ outbox: inout Effects) {
        let batch = log.entries(
            from: appliedIndex.next, upTo: commitIndex, countLimit: settings.maxEntriesPerApply,
            byteLimit: settings.maxBytesPerApply)
        guard let last = batch.last else {
            return invariant(false, "what is committed and not applied is in the log")
        }
        if role == .leader { settle(batch) }
        appliedIndex = last.index
        outbox.output(.apply(batch))
    }

    /// Takes entries that wait no longer out of the leader's account; entries of earlier terms never were in it.
    private mutating func settle(_ batch: [Raft.Entry]) {
        for entry in batch where entry.index >= ledIndex { uncommittedBytes -= entry.payload.byteCount }
    }

    /// Asks for a snapshot when enough has been applied since the last one, and again if it did not come.
    private mutating func askForSnapshot(_ outbox: inout Effects) {
        guard settings.snapshotAfter > 0 else { return }
        guard appliedIndex.distance(from: snapshotAskedAt) >= settings.snapshotAfter else { return }
        snapshotAskedAt = appliedIndex
        outbox.output(.snapshotWanted(upTo: appliedIndex))
    }
}
