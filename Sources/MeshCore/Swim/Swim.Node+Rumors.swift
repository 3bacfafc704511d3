// Source: paper, section 4.1.

extension Swim.Node {
    /// Takes a rumour into the queue, and makes sure that it is told.
    ///
    /// A node that is alone has nobody to tell and drops what it has: when it finds the others again, an old rumour
    /// would kill at once whom a comparison of views only suspects.
    mutating func spread(_ update: Swim.Update, at now: Instant, into effects: inout Effects) {
        guard !roster.rotation.isEmpty else {
            rumors = Swim.Rumors()
            return
        }
        rumors.add(update)
        startRounds(at: now, into: &effects)
    }

    /// Takes a change of a member's metadata into the queue, and makes sure that it is told.
    mutating func spread(_ notice: Swim.Notice, at now: Instant, into effects: inout Effects) {
        guard !roster.rotation.isEmpty else { return }
        noticeRumors.add(.init(node: notice.node, stamp: notice.stamp, byteCount: notice.byteCount))
        startRounds(at: now, into: &effects)
    }

    private mutating func startRounds(at now: Instant, into effects: inout Effects) {
        guard settings.gossipFanout > 0, !isGossipTimerSet, standing != .fresh else { return }
        isGossipTimerSet = true
        // The first round comes after a random part of the interval, as if the rounds had never stopped.
        let bits = random.bits(.swimGossipPhase, life, gossipCount)
        effects.setTimer(.gossip, at: now + Random.interval(.zero, settings.gossipInterval, from: bits))
    }

    /// Tells a few members the rumours; the rounds stop when there are none.
    mutating func handleGossip(at now: Instant, into effects: inout Effects) {
        isGossipTimerSet = false
        guard standing != .fresh else { return }
        gossip(to: settings.gossipFanout, into: &effects)
        guard !rumors.isEmpty || !noticeRumors.isEmpty else { return }
        isGossipTimerSet = true
        effects.setTimer(.gossip, at: now + settings.gossipInterval)
    }

    mutating func gossip(to fanout: Int, into effects: inout Effects) {
        gossipCount += 1
        for peer in peers(fanout, .swimGossipPeer, gossipCount, except: nil) {
            let message = message(.gossip, to: peer, about: nil)
            guard !message.updates.isEmpty || !message.notices.isEmpty else { return }
            effects.send(message, to: peer)
        }
    }

    /// Sends a message with as many rumours as fit.
    ///
    /// - Parameter subject: A member that the message is about; what we believe of it is told as well.
    mutating func send(
        _ purpose: Swim.Message.Purpose, to peer: NodeID, about subject: NodeID? = nil, into effects: inout Effects
    ) {
        effects.send(message(purpose, to: peer, about: subject), to: peer)
    }

    /// A message with as many rumours as fit: claims first, then metadata in what is left.
    private mutating func message(
        _ purpose: Swim.Message.Purpose, to peer: NodeID, about subject: NodeID?
    ) -> Swim.Message {
        var budget = settings.maxPayloadBytes - Swim.Message.headerBytes
        let updates = rumors(for: peer, about: subject, budget: &budget)
        return Swim.Message(purpose, sender: roster.ownClaim, updates: updates, notices: notices(budget: budget))
    }

    /// Whether a member hears before anything else what is believed of it.
    ///
    /// Source: Lifeguard, section IV, the buddy system, for suspects. The dead and the departed are told anyway:
    /// whoever comes back has to hear what it must contradict.
    private func isToldFirst(_ claim: Swim.Claim) -> Bool {
        #if MUTANTS
        if Mutant.buddyLeftOut.isPlanted { return false }
        #endif
        switch claim.status {
        case .alive: return false
        case .suspect: return settings.lifeguard != nil
        case .dead, .left: return true
        }
    }

    /// Chooses what to tell a peer: first what is held against the peer itself, so that it can contradict, then
    /// what is known of the subject, then the least repeated rumours.
    private mutating func rumors(
        for peer: NodeID, about subject: NodeID?, budget: inout Int
    ) -> [Swim.Update] {
        var updates: [Swim.Update] = []
        if let claim = roster.claim(about: peer), isToldFirst(claim) {
            updates.append(Swim.Update(peer, claim.status, claim.incarnation))
        }
        if let subject, let claim = roster.claim(about: subject) {
            updates.append(Swim.Update(subject, claim.status, claim.incarnation))
        }
        for update in updates { budget -= update.byteCount }
        guard !rumors.isEmpty else { return updates }
        let known = roster
        let told = updates.count
        rumors.take(into: &updates, budget: budget, limit: copyLimit) { update in
            known.claim(about: update.node) == update.claim
        }
        for update in updates[told...] { budget -= update.byteCount }
        return updates
    }

    /// Chooses the metadata to tell: the least repeated changes that fit.
    private mutating func notices(budget: Int) -> [Swim.Notice] {
        guard !noticeRumors.isEmpty else { return [] }
        let known = notices
        var chosen: [Swim.NoticeRumor] = []
        noticeRumors.take(into: &chosen, budget: budget, limit: copyLimit) { rumor in
            known[rumor.node]?.stamp == rumor.stamp
        }
        var notices: [Swim.Notice] = []
        for rumor in chosen {
            if let notice = known[rumor.node] { notices.append(notice) }
        }
        return notices
    }

    /// How often a rumour is told.
    private var copyLimit: Int {
        #if MUTANTS
        if Mutant.rumoursNeverEnd.isPlanted { return Int(Int32.max) }
        if Mutant.retransmitOffByOne.isPlanted { return settings.copies(liveCount: roster.liveCount) + 1 }
        #endif
        return settings.copies(liveCount: roster.liveCount)
    }
}
