/// The leader's side of snapshots.
extension Raft.Node {
    /// Begins to send the snapshot to a peer that needs entries this leader no longer has.
    mutating func sendSnapshot(to position: Int, _ outbox: inout Effects) {
        let peer = peers[position].id
        endSending(to: peer)
        peers[position].becomeSnapshot()
        let (state, checksum) = snapshotToSend(to: position)
        senders.append(
            Raft.SnapshotSender(
                peer: peer, index: log.snapshotIndex, indexTerm: log.snapshotTerm,
                configuration: history.inForce(at: log.snapshotIndex), state: state, checksum: checksum,
                acknowledgedRound: round, patienceRound: round, patience: quorumRounds))
        sendChunks(to: senders.count - 1, &outbox)
    }

    /// The state that a peer gets, with its checksum: none for a witness.
    private mutating func snapshotToSend(to position: Int) -> (state: Bytes, checksum: UInt32) {
        if peers[position].isWitness { return (Bytes(), Checksum.crc32c([])) }
        let checksum = snapshotChecksum ?? Checksum.crc32c(snapshotState)
        snapshotChecksum = checksum
        return (snapshotState, checksum)
    }

    /// Sends as many chunks as the window has room for.
    ///
    /// - Complexity: O(bytes sent).
    private mutating func sendChunks(to place: Int, _ outbox: inout Effects) {
        let size = senders[place].state.count
        while senders[place].isNew || senders[place].sent < size {
            let start = senders[place].sent
            let unacknowledged = (start - senders[place].acknowledged) / settings.snapshotChunkBytes
            guard unacknowledged < settings.snapshotWindow else { return }
            let end = size - start > settings.snapshotChunkBytes ? start + settings.snapshotChunkBytes : size
            let state = senders[place].state
            let chunk = state.part(start..<end)
            senders[place].sent = end
            senders[place].isNew = false
            let message = Raft.Snapshot(
                term: term, round: round, index: senders[place].index, indexTerm: senders[place].indexTerm,
                configuration: senders[place].configuration, size: size, checksum: senders[place].checksum,
                offset: start, chunk: chunk)
            #if MUTANTS
            if Mutant.snapshotNeverSent.isPlanted { continue }
            #endif
            outbox.send(.snapshot(message), to: senders[place].peer)
        }
    }

    /// Sends again what a peer that is alive has not acknowledged for long, waiting twice as long each time.
    mutating func resendSnapshot(to position: Int, _ outbox: inout Effects) {
        guard let place = sender(to: peers[position].id) else { return }
        guard round >= senders[place].patienceRound + senders[place].patience else { return }
        senders[place].patienceRound = round
        senders[place].patience = min(senders[place].patience * 2, 1 << 10)
        senders[place].rewind(to: senders[place].acknowledged)
        sendChunks(to: place, &outbox)
    }

    /// Learns what became of a snapshot or of a part of it.
    mutating func handleSnapshotReply(_ reply: Raft.SnapshotReply, from: NodeID, _ outbox: inout Effects) {
        guard let position = position(of: from) else { return ignore(.unknownPeer, &outbox) }
        guard catchUp(with: reply.term, &outbox) else { return ignore(.staleTerm, &outbox) }
        guard role == .leader else { return }
        if reply.match == .zero && reply.index == .zero { return }
        guard takesPlain(reply.round, of: position) else { return ignore(.otherLife, &outbox) }
        // Who has installed one has a match; none answers a message of an earlier term of this node.
        if reply.match > .zero || reply.index > .zero { noteRound(reply.round, of: position) }
        if peers[position].pace == .snapshot { noteReceived(reply, &outbox, from) }
        if reply.match > .zero { accept(reply.match, from: position, &outbox) }
    }

    /// Notes how much of a snapshot has arrived and sends on from there.
    mutating func noteReceived(_ reply: Raft.SnapshotReply, _ outbox: inout Effects, _ from: NodeID) {
        guard let place = sender(to: from), senders[place].index == reply.index else { return }
        guard reply.received <= senders[place].state.count else { return ignore(.malformed, &outbox) }
        if reply.received > senders[place].acknowledged {
            senders[place].acknowledged = reply.received
            if senders[place].sent < reply.received { senders[place].sent = reply.received }
            senders[place].acknowledgedRound = round
            // What is acknowledged piece by piece is not installed yet: a lost piece is missed soon.
            senders[place].patience = min(2, quorumRounds)
        } else if reply.received < senders[place].acknowledged, reply.round > senders[place].acknowledgedRound {
            // Late, as a rule. But an answer to a beat after the acknowledgement means that the peer has lost what it
            // had: it has started again, or the checksum did not match.
            senders[place].rewind(to: reply.received)
        } else {
            return
        }
        senders[place].patienceRound = round
        sendChunks(to: place, &outbox)
    }

    /// Takes a transport's hint that a peer cannot be reached: probe it with the next beat (etcd's ReportUnreachable).
    mutating func handleUnreachable(_ peer: NodeID, _ outbox: inout Effects) {
        guard role == .leader, let position = position(of: peer), position != ownPosition else { return }
        guard peers[position].pace == .replicate else { return }
        peers[position].becomeProbe(next: peers[position].match.next)
        peers[position].isWaiting = true
    }

    /// Forgets a snapshot that has arrived or is needed no more.
    mutating func endSending(to peer: NodeID) {
        if let place = sender(to: peer) { senders.remove(at: place) }
    }

    /// Forgets snapshots for peers that are gone or got what they need otherwise.
    ///
    /// - Complexity: O(snapshots under way × log members).
    mutating func endIdleSending() {
        for place in senders.indices.reversed() {
            if let position = position(of: senders[place].peer), peers[position].pace == .snapshot { continue }
            senders.remove(at: place)
        }
    }

    /// Which snapshot is under way to a peer.
    ///
    /// - Complexity: O(snapshots under way).
    func sender(to peer: NodeID) -> Int? { senders.firstIndex { $0.peer == peer } }
}
