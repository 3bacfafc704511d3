extension Raft.Node {
    /// Moves the commit index, which never falls, and hands out what may be applied.
    ///
    /// - Complexity: O(entries newly committed).
    mutating func commit(upTo index: Raft.LogIndex, _ outbox: inout Effects) {
        invariant(index > commitIndex && index <= log.lastIndex, "the commit index grows within the log")
        commitIndex = index
        outbox.output(.committed(upTo: index))
        while appliedIndex < commitIndex {
            let next = appliedIndex.next
            guard let entry = log.entry(at: next) else {
                return invariant(false, "what is committed and not applied is in the log")
            }
            appliedIndex = next
            if role == .leader && entry.term == term { uncommittedBytes -= entry.payload.byteCount }
            outbox.output(.apply(entry))
        }
        askForSnapshot(&outbox)
    }

    /// Asks for a snapshot when enough has been applied since the last one, and again if it did not come.
    private mutating func askForSnapshot(_ outbox: inout Effects) {
        guard settings.snapshotAfter > 0 else { return }
        guard appliedIndex.distance(from: snapshotAskedAt) >= settings.snapshotAfter else { return }
        snapshotAskedAt = appliedIndex
        outbox.output(.snapshotWanted(upTo: appliedIndex))
    }
}
