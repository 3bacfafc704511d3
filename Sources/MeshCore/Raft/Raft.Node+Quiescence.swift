/// Sleep of an idle group: no beats, no election timers, no messages.
///
/// A leader that has had nothing to do for ``Raft/Settings/quiesceAfter`` beats, and whose members hold everything and
/// know that it is committed, says so on its beats. A follower that agrees stops its timer; once all of them have
/// answered such a beat the leader stops too. Proposals, reads and messages that ask for something wake a node up, and
/// its first beat or campaign the others.
///
/// Nothing here touches safety, which never rests on timers. What sleep costs is that nobody notices a leader's death:
/// the embedding program says so (``Raft/Command/peerDown(_:)``, from failure detection), or a follower looks by itself
/// after ``Raft/Settings/sleepLimit``. A follower that wakes up for a campaign still counts its leader as alive for one
/// shortest election timeout, so that one sleeper with a lost message does not depose a leader that is well.
///
/// Source: the quiescence of CockroachDB's ranges and TiKV's hibernating regions; dragonboat's `Quiesce`.
extension Raft.Node {
    /// Decides at a beat whether the leader falls asleep, or says on its beats that it is about to.
    ///
    /// - Returns: Whether it sleeps now.
    /// - Complexity: O(members).
    mutating func fallsAsleep(_ outbox: inout Effects) -> Bool {
        guard isIdle else {
            idleBeats = 0
            sleepRound = 0
            return false
        }
        idleBeats += 1
        if sleepRound == 0 {
            if idleBeats > settings.quiesceAfter { sleepRound = round }
            return false
        }
        for position in peers.indices where position != ownPosition && !peers[position].isDown {
            guard peers[position].ackedRound >= sleepRound else { return false }
        }
        isAsleep = true
        outbox.output(.quiescent(true))
        return true
    }

    /// Whether a leader has nothing to do and nobody to bring up to date, but for members that are known to be down.
    private var isIdle: Bool {
        guard transfer == nil, reads.count == 0, !configuration.isJoint, log.lastTerm == term else { return false }
        guard commitIndex == log.lastIndex, appliedIndex == commitIndex, durableIndex == commitIndex else {
            return false
        }
        for position in peers.indices where position != ownPosition && !peers[position].isDown {
            let peer = peers[position]
            guard peer.pace == .replicate, peer.match == log.lastIndex else { return false }
            guard peer.ackedRound + quorumRounds > round else { return false }
        }
        return true
    }

    /// Whether a leader's beat lets this follower sleep: it holds and knows what the leader has committed.
    func canSleep(on message: Raft.Append) -> Bool {
        message.isSleep && message.entries.isEmpty && commitIndex == message.prevIndex
            && message.commit == message.prevIndex && askedReads.count == 0
    }

    /// Stops the follower's patience.
    mutating func fallAsleepAsFollower(_ outbox: inout Effects) {
        guard !isAsleep else { return }
        isAsleep = true
        if settings.sleepLimit > .zero {
            outbox.setTimer(.election, at: now + settings.sleepLimit + randomExtra())
        } else {
            outbox.cancelTimer(.election)
        }
        outbox.output(.quiescent(true))
    }

    /// Wakes up if the input is nothing to sleep through.
    mutating func stir(for input: borrowing Input<Raft.Node>, _ outbox: inout Effects) {
        switch copy input {
        case .receive(let message, _):
            if isDisturbing(message) { wake(beats: true, &outbox) }
        case .command(let command):
            switch command {
            case .propose, .proposeAll, .read: wake(beats: false, &outbox)
            case .compact, .applied, .reportUnreachable, .peerDown, .peerUp, .acceptLoss: break
            case .campaign, .transfer, .changeConfiguration, .leaveJoint: wake(beats: true, &outbox)
            }
        case .timer, .persisted, .restarted: break
        }
    }

    /// Whether a message asks for something; answers do not, and what the leader sends is judged where it is read.
    private func isDisturbing(_ message: Raft.Message) -> Bool {
        switch message {
        case .preVote, .vote, .forward, .snapshot, .timeoutNow, .readRequest, .amnesiac: true
        case .appendReply(let reply):
            switch reply.result {
            case .accepted: false
            case .rejected, .stale: true
            }
        case .append, .preVoteReply, .voteReply, .snapshotReply, .forwarded, .readReply, .healed: false
        }
    }

    /// Ends the sleep: the leader beats again, a follower waits for it as if it had just heard it.
    ///
    /// - Parameter beats: Whether the leader beats at once; what it appends wakes the others as well.
    mutating func wake(beats: Bool, _ outbox: inout Effects) {
        guard isAsleep else { return }
        isAsleep = false
        idleBeats = 0
        sleepRound = 0
        outbox.output(.quiescent(false))
        if role == .leader {
            outbox.setTimer(.heartbeat, at: now + settings.heartbeatInterval)
            if beats { beatAll(&outbox) }
        } else {
            hearLeader(&outbox)
        }
    }

    /// Learns that a node is believed to be dead: who sleeps under it looks for another leader, as if it had just heard
    /// the last of it.
    mutating func handlePeerDown(_ node: NodeID, _ outbox: inout Effects) {
        guard let position = position(of: node), position != ownPosition else { return }
        peers[position].isDown = true
        // The word may be wrong, and what the leader was promised holds: its shortest election timeout begins now.
        if role == .follower, leader == node { wake(beats: false, &outbox) }
    }

    /// Learns that a node is back: a leader that fell asleep without it brings it up to date.
    mutating func handlePeerUp(_ node: NodeID, _ outbox: inout Effects) {
        guard let position = position(of: node), peers[position].isDown else { return }
        peers[position].isDown = false
        if role == .leader { wake(beats: true, &outbox) }
    }
}
