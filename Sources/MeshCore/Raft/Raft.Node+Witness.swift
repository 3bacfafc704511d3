/// Voters that keep no commands, so that two full replicas and one small one survive a crash of any.
///
/// A witness stores its term, its vote, and of each entry the position and the term: the leader sends it
/// ``Raft/Payload/elided`` in place of commands, and snapshots without state. It counts in every quorum, but never
/// campaigns, never applies, and compacts its log by itself. Three rules keep what is committed from being lost:
///
/// 1. It votes only for a log that lacks nothing it has acknowledged, like any voter. When the only full copy of a
///    committed entry is on a crashed node, the group waits for that node rather than electing one without the entry.
/// 2. Nothing is committed before some full voter holds it durably, however many witnesses have acknowledged it; in a
///    group with fewer witnesses than a majority that follows from the quorum alone.
/// 3. Who has ever stored an elided entry can lead only after a snapshot with state has replaced all of them, and a
///    change of the configuration does not make full voters of witnesses or the reverse.
///
/// Source: Liskov et al., "Replication in the Harp file system" (1991), section 4; asked for in etcd #8934 and #20696,
/// raft-rs #145; dragonboat's witnesses.
extension Raft.Node {
    /// Whether this node is a witness in the configuration in force.
    public var isWitness: Bool {
        // No closure: it would capture a copy of the whole node, on every commit.
        guard let ownPosition else { return false }
        return peers[ownPosition].isWitness
    }

    /// Whether commands are missing here, so that nothing can be applied or led.
    var lacksState: Bool { isHollow || isWitness }

    /// The entries as a peer is to get them.
    ///
    /// - Complexity: O(number of entries) for a witness.
    func parcel(_ entries: Raft.Entries, for position: Int) -> Raft.Entries {
        guard peers[position].isWitness else { return entries }
        return entries.elided
    }

    /// What some full voter holds durably, at most `index`.
    ///
    /// - Complexity: O(members).
    func boundByFullCopies(_ index: Raft.LogIndex) -> Raft.LogIndex {
        guard hasWitnesses else { return index }
        var best = Raft.LogIndex.zero
        for position in peers.indices where !peers[position].isWitness && peers[position].match > best {
            if !configuration.members[position].duties.isDisjoint(with: [.voter, .outgoing]) {
                best = peers[position].match
            }
        }
        return index < best ? index : best
    }

    /// Passes over what a node without state cannot apply, and drops what is decided from its log now and then.
    mutating func passOver(_ outbox: inout Effects) {
        noteInstalled(commitIndex)
        let limit = settings.snapshotAfter > 0 ? settings.snapshotAfter : 1 << 12
        guard isWitness, commitIndex.distance(from: log.snapshotIndex) >= limit else { return }
        guard let term = log.term(at: commitIndex), !history.inForce(at: commitIndex).isEmpty else { return }
        takeSnapshot(commitIndex, term, state: Bytes(), &outbox)
    }

    /// Refuses to make a full voter of a witness or the reverse: the one lacks what it would have to lead with, of the
    /// other nobody knows any more what it holds.
    func checkDuty(of change: Raft.Change) throws(Raft.Rejection) {
        let duties = configuration.duties(of: change.node)
        switch change {
        case .addVoter, .addLearner, .addPromotable:
            if duties.contains(.witness) { throw .fixedDuty(change.node) }
        case .addWitness:
            if duties.contains(.voter) && !duties.contains(.witness) { throw .fixedDuty(change.node) }
        case .remove, .update:
            break
        }
    }
}

extension Raft.Entry {
    /// The entry as a witness keeps it: without its command.
    public var elided: Raft.Entry {
        switch payload {
        case .command: Raft.Entry(term: term, index: index, payload: .elided)
        case .noOp, .configuration, .elided: self
        }
    }
}
