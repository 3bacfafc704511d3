/// Nodes whose disk was found damaged, and what a group does to trust them again (docs/decisions/0011).
///
/// What an *amnesiac* acknowledged, voted and promised before may be forgotten. It goes on behind what was legible, but
/// it gives no vote and no pre-vote, does not campaign, and answers leaders in words of their own kind, which count in
/// no quorum, confirm no read and keep no lease. The leader makes a learner of a voter, by a change that is committed
/// without it, and for a learner appends an empty entry; then it fills the amnesiac. Once that entry is committed, and
/// the amnesiac holds everything up to it, whatever was forgotten matters no more: the leader says so, and promotes it
/// like any learner.
///
/// Why that is enough: let x be the amnesiac, t the leader's term, D the entry behind the loss, committed in t by a
/// majority R of the voters without x. Let a be the first elected after t by a majority Q without holding D, x's
/// forgotten vote perhaps in it. Q without x and R have a voter in common, for odd and for even sizes. It acknowledged
/// D before it voted for a, since it would not have afterwards, and so refused a shorter log. Nobody like a is elected,
/// then; what x acknowledged stands before D, and x, who holds D, helps nobody who lacks it.
extension Raft.Node {
    // MARK: - The amnesiac

    /// Draws the number of this life, by which the answers of different lives are told apart.
    mutating func beginLife(_ outbox: inout Effects) {
        guard isAmnesiac else { return }
        let bits = random.bits(.raftLife, id.rawValue, UInt64(bitPattern: now.nanoseconds), log.lastIndex.rawValue)
        life = bits | 1
        outbox.output(.repair(.began))
        noteLoneliness(&outbox)
    }

    /// Says that nobody can help: without another voter there is no quorum that remembers.
    private func noteLoneliness(_ outbox: inout Effects) {
        guard isVoter else { return }
        for member in configuration.members where member.id != id {
            if !member.duties.isDisjoint(with: [.voter, .outgoing]) { return }
        }
        outbox.output(.repair(.stranded))
    }

    /// Answers an append, in the amnesiac's own words if need be.
    func answer(_ reply: Raft.AppendReply, to leader: NodeID, _ outbox: inout Effects) {
        guard isAmnesiac else { return outbox.send(.appendReply(reply), to: leader) }
        let word = Raft.Amnesiac(term: reply.term, life: life, round: reply.round, answer: .append(reply.result))
        outbox.send(.amnesiac(word), to: leader)
    }

    /// Answers a snapshot, in the amnesiac's own words if need be.
    func answer(_ reply: Raft.SnapshotReply, to leader: NodeID, _ outbox: inout Effects) {
        guard isAmnesiac else { return outbox.send(.snapshotReply(reply), to: leader) }
        let word = Raft.Amnesiac(
            term: reply.term, life: life, round: reply.round,
            answer: .snapshot(match: reply.match, index: reply.index, received: reply.received))
        outbox.send(.amnesiac(word), to: leader)
    }

    /// Looks for a leader, which may be asleep, instead of campaigning.
    func askForRepair(_ outbox: inout Effects) {
        guard isAmnesiac else { return }
        let word = Raft.Amnesiac(term: term, life: life, round: 0, answer: .none)
        for member in configuration.members where member.id != id { outbox.send(.amnesiac(word), to: member.id) }
    }

    /// Learns that nothing forgotten in this life matters any more.
    mutating func handleHealed(_ message: Raft.Healed, from: NodeID, _ outbox: inout Effects) {
        _ = catchUp(with: message.term, &outbox)
        guard isAmnesiac, message.life == life else { return ignore(.otherLife, &outbox) }
        remember(&outbox)
        outbox.output(.repair(.ended))
    }

    /// Goes on as if nothing was lost, because the operator says so.
    mutating func handleAcceptLoss(_ outbox: inout Effects) {
        guard isAmnesiac else { return ignore(.otherLife, &outbox) }
        remember(&outbox)
        outbox.output(.repair(.lossAccepted))
    }

    private mutating func remember(_ outbox: inout Effects) {
        isAmnesiac = false
        persist(.amnesia(false), ownVoteTerm: nil, &outbox)
    }

    // MARK: - The leader

    /// Takes an amnesiac's answer: demotes it, fills it, and tells it when it is healed.
    mutating func handleAmnesiac(_ word: Raft.Amnesiac, from: NodeID, _ outbox: inout Effects) {
        guard let position = position(of: from) else { return ignore(.unknownPeer, &outbox) }
        guard catchUp(with: word.term, &outbox) else { return ignore(.staleTerm, &outbox) }
        guard role == .leader, position != ownPosition, word.round <= round else { return }
        #if MUTANTS
        if Mutant.amnesiacCounted.isPlanted { return countAsUsual(word, position, from, &outbox) }
        #endif
        guard word.round > 0 else { return sendHeartbeat(to: position, after: peers[position].match, &outbox) }
        #if MUTANTS
        if Mutant.amnesiacStaleAckCounted.isPlanted, peers[position].life != 0 { peers[position].life = word.life }
        #endif
        if word.life != peers[position].life {
            guard peers[position].life == 0 || word.round > peers[position].lifeRound else { return }
            return noteLoss(word.life, position, &outbox)
        }
        guard word.round > peers[position].lifeRound else { return }
        if !isFenced(position) {
            fence(position, &outbox)
            // The change may have made room for others in front.
            guard let position = self.position(of: from), isFenced(position) else { return }
            return serve(position, &outbox)
        }
        if word.round > peers[position].ackedRound { peers[position].ackedRound = word.round }
        take(word.answer, word.round, position, from, &outbox)
        if let position = self.position(of: from), peers[position].isHealed(by: commitIndex) {
            outbox.send(.healed(Raft.Healed(term: term, life: word.life)), to: from)
        }
    }

    /// Starts over with a peer that has forgotten what it acknowledged.
    ///
    /// Every answer to a beat up to this one may be from before the loss.
    private mutating func noteLoss(_ life: UInt64, _ position: Int, _ outbox: inout Effects) {
        let peer = peers[position].id
        endSending(to: peer)
        peers[position].forget(life: life, round: round)
        peers[position].becomeProbe(next: log.lastIndex.next)
        outbox.output(.repair(.noted(peer)))
        if transfer?.target == peer { abandonTransfer(to: peer, .cannotLead, &outbox) }
        fence(position, &outbox)
    }

    /// Whether the entry behind the loss stands in the log: from then on the peer's answers say what it holds.
    private func isFenced(_ position: Int) -> Bool { peers[position].healIndex > .zero }

    /// Appends the entry that heals a peer: the change that takes its vote away, or for a learner any.
    private mutating func fence(_ position: Int, _ outbox: inout Effects) {
        guard settings.repairsAmnesiacs, ledTerm == term else { return }
        let duties = configuration.members[position].duties
        let peer = peers[position].id
        if duties.isDisjoint(with: [.voter, .outgoing]) {
            peers[position].healIndex = log.lastIndex.next
            return append(Raft.Entries(Raft.Entry(term: term, index: log.lastIndex.next, payload: .noOp)), &outbox)
        }
        // A witness keeps no commands and cannot become a learner: the operator removes it and adds an empty one.
        guard !duties.contains(.witness), !configuration.isJoint, !isTransferring else { return }
        guard (try? checkPermission()) != nil else { return }
        guard let next = try? configuration.simple([.addPromotable(peer)]) else { return }
        peers[position].healIndex = log.lastIndex.next
        append(next, &outbox)
    }

    /// Takes what a peer says that it holds; as it has no vote, it counts in no quorum.
    private mutating func take(
        _ answer: Raft.Amnesiac.Answer, _ answered: UInt64, _ position: Int, _ from: NodeID, _ outbox: inout Effects
    ) {
        switch answer {
        case .none, .append(.stale): break
        case .append(.accepted(let match)): accept(match, from: position, &outbox)
        case .append(.rejected(let prevIndex, let hintIndex, let hintTerm)):
            reject(
                prevIndex, hintIndex: hintIndex, hintTerm: hintTerm, round: answered, from: position, &outbox)
        case .snapshot(let match, let index, let received):
            let reply = Raft.SnapshotReply(
                term: term, round: answered, match: match, index: index, received: received)
            if peers[position].pace == .snapshot { noteReceived(reply, &outbox, from) }
            if match > .zero { accept(match, from: position, &outbox) }
        }
    }

    /// Whether a plain answer of this peer is from behind its loss; who answers plainly again is healed.
    mutating func takesPlain(_ answered: UInt64, of position: Int) -> Bool {
        guard peers[position].life != 0 else { return true }
        guard answered > peers[position].lifeRound else { return false }
        peers[position].isAmnesiac = false
        return true
    }

    /// Whether a peer may become a voter: not before it has said that it knows it is healed, because it would give no
    /// vote, and a group of two would need it.
    func isTrusted(_ position: Int) -> Bool { !peers[position].isAmnesiac }

    #if MUTANTS
    private mutating func countAsUsual(
        _ word: Raft.Amnesiac, _ position: Int, _ from: NodeID, _ outbox: inout Effects
    ) {
        noteRound(word.round, of: position)
        if peers[position].life != word.life {
            peers[position].forget(life: word.life, round: round)
            peers[position].becomeProbe(next: log.lastIndex.next)
        }
        peers[position].isAmnesiac = false
        take(word.answer, word.round, position, from, &outbox)
    }
    #endif
}
