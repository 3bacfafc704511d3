// Anti-entropy: rumours reach everybody but for a chance of N e^-c per rumour; comparing views closes what is left.
// Deviation: the paper has none. Source of the idea: Demers et al., PODC 1987, section 1.3; memberlist's push-pull.

extension Swim.Node {
    /// Sends a peer the hash of our view; it answers only when its own differs.
    mutating func askForView(_ peer: NodeID, into effects: inout Effects) {
        send(.sync(viewHash: roster.viewHash), to: peer, into: &effects)
    }

    /// Compares views with a random member when it is time.
    mutating func compareViews(into effects: inout Effects) {
        guard periodCount >= nextSync else { return }
        let occasion = UInt64(bitPattern: periodCount)
        let bits = random.bits(.swimSyncDelay, life, occasion)
        let spread = Int64(Random.number(below: UInt64(syncDelay / 2 + 1), from: bits))
        nextSync = periodCount + syncDelay - spread
        syncDelay = min(syncDelay * 2, settings.periods(in: settings.syncInterval))
        for peer in peers(1, .swimSyncPeer, occasion, except: nil) { askForView(peer, into: &effects) }
    }

    /// Shows the asker our whole view when it differs from its own, in as many messages as it takes.
    ///
    /// - Complexity: O(``memberCount``) when the views differ.
    mutating func handleSync(_ viewHash: UInt64, from peer: NodeID, into effects: inout Effects) {
        guard viewHash != roster.viewHash else { return }
        #if MUTANTS
        if Mutant.viewNeverShown.isPlanted { return }
        #endif
        showView(0, UInt64.max, isComplete: true, to: peer, into: &effects) { _ in true }
    }

    /// Merges a part of a peer's view, and answers a complete one with what we know better.
    ///
    /// - Complexity: O(updates + our members in the range).
    mutating func handleSyncReply(
        _ updates: [Swim.Update], _ lower: UInt64, _ upper: UInt64, _ isComplete: Bool, from peer: NodeID,
        at now: Instant, into effects: inout Effects
    ) {
        var isNews = false
        for update in updates where merge(update, at: now, into: &effects) { isNews = true }
        if isNews {
            syncDelay = 2
            nextSync = min(nextSync, periodCount + 2)
        }
        guard isComplete, lower <= upper else { return }
        // Both sides are in id order: one walk finds what the peer lacks or holds in an older version.
        var index = 0
        showView(lower, upper, isComplete: false, to: peer, into: &effects) { member in
            while index < updates.count && updates[index].node < member.id { index += 1 }
            guard index < updates.count, updates[index].node == member.id else { return member.status.isLive }
            return member.claim.overrides(updates[index].claim)
        }
    }

    /// Takes a claim out of a view: a death is taken as a suspicion only.
    ///
    /// After a partition each side holds the other for dead. Taken at their word, one comparison would kill half of the
    /// group; as suspects they have the time to contradict. Source: memberlist, `mergeState`.
    private mutating func merge(_ update: Swim.Update, at now: Instant, into effects: inout Effects) -> Bool {
        guard update.status == .dead, update.node != id else {
            return learn(update, spreadsNewcomers: !isNewcomer, at: now, into: &effects)
        }
        guard let status = status(of: update.node), status.isLive else { return false }
        guard learn(Swim.Update(update.node, .suspect, update.incarnation), at: now, into: &effects) else {
            return false
        }
        confirmWholly(update.node, at: now, into: &effects)
        return true
    }

    /// Whether this node has only just started: what a view tells it is news to nobody else.
    ///
    /// Without this rule each newcomer repeats the whole list: 16 copies of 5,000 rumours in a group of 5,000.
    private var isNewcomer: Bool { periodCount <= 2 }

    /// Sends the chosen part of our view, cut into messages that each say which range of ids they cover.
    private func showView(
        _ lower: UInt64, _ upper: UInt64, isComplete: Bool, to peer: NodeID, into effects: inout Effects,
        where isShown: (Swim.Member) -> Bool
    ) {
        var updates: [Swim.Update] = []
        var start = lower
        var budget = settings.maxPayloadBytes - Swim.Message.headerBytes
        var walk = roster.walk(from: lower)
        while let member = roster.next(&walk) {
            guard member.id.rawValue <= upper else { break }
            guard isShown(member) else { continue }
            let size = stepSize(of: member, after: updates.last)
            if size > budget {
                let end = member.id.rawValue - 1
                showPart(updates, start, end, isComplete, to: peer, into: &effects)
                updates = []
                start = member.id.rawValue
                budget = settings.maxPayloadBytes - Swim.Message.headerBytes - stepSize(of: member, after: nil)
            } else {
                budget -= size
            }
            updates.append(member.update)
        }
        if isComplete || !updates.isEmpty { showPart(updates, start, upper, isComplete, to: peer, into: &effects) }
    }

    private func showPart(
        _ updates: [Swim.Update], _ lower: UInt64, _ upper: UInt64, _ isComplete: Bool, to peer: NodeID,
        into effects: inout Effects
    ) {
        let purpose = Swim.Message.Purpose.syncReply(lower: lower, upper: upper, isComplete: isComplete)
        effects.send(Swim.Message(purpose, sender: roster.ownClaim, updates: updates), to: peer)
    }

    private func stepSize(of member: Swim.Member, after previous: Swim.Update?) -> Int {
        let step = member.id.rawValue - (previous?.node.rawValue ?? 0)
        return Swim.varintSize(step) + member.update.sizeBehindID
    }
}
