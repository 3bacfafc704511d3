// Anti-entropy: rumours reach everybody but for a chance of N e^-c per rumour; comparing views closes what is left.
// Deviation: the paper has none. Source of the idea: Demers et al., PODC 1987, section 1.3; memberlist's push-pull.

extension Swim.Node {
    /// Sends a peer the hash of our view; it answers only when its own differs.
    mutating func askForView(_ peer: NodeID, into effects: inout Effects) {
        send(.sync(viewHash: viewHash), to: peer, into: &effects)
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
    /// Metadata is only mentioned: whoever lacks it asks for it.
    ///
    /// - Complexity: O(``memberCount``) when the views differ.
    mutating func handleSync(_ viewHash: UInt64, from peer: NodeID, into effects: inout Effects) {
        guard viewHash != self.viewHash else { return }
        #if MUTANTS
        if Mutant.viewNeverShown.isPlanted { return }
        #endif
        showView(0, UInt64.max, isComplete: true, to: peer, into: &effects) { member, notice in
            (member.update, notice?.mention)
        }
    }

    /// A part of a peer's view: what it believes about the ids in a range.
    struct ViewPart {
        var lower: UInt64
        var upper: UInt64
        var updates: [Swim.Update]
        var notices: [Swim.Notice]
    }

    /// Merges a part of a peer's view, asks for metadata that it mentions and we lack, and answers a complete one with
    /// what we know better.
    ///
    /// - Complexity: O(updates + our members in the range).
    mutating func handleSyncReply(
        _ part: ViewPart, _ isComplete: Bool, from peer: NodeID, at now: Instant, into effects: inout Effects
    ) {
        var isNews = false
        for update in part.updates where merge(update, at: now, into: &effects) { isNews = true }
        var wanted: [Swim.Notice] = []
        for notice in part.notices where take(notice, spreadsNewcomers: !isNewcomer, at: now, into: &effects) {
            isNews = true
            if notice.metadata == nil && notice.node != id { wanted.append(notice) }
        }
        if isNews {
            syncDelay = 2
            nextSync = min(nextSync, periodCount + 2)
        }
        ask(wanted, of: peer, into: &effects)
        guard isComplete, part.lower <= part.upper else { return }
        // Both sides are in id order: one walk finds what the peer lacks or holds in an older version.
        var place = 0
        var noticePlace = 0
        showView(part.lower, part.upper, isComplete: false, to: peer, into: &effects) { member, notice in
            while place < part.updates.count && part.updates[place].node < member.id { place += 1 }
            while noticePlace < part.notices.count && part.notices[noticePlace].node < member.id { noticePlace += 1 }
            let isKnown = place < part.updates.count && part.updates[place].node == member.id
            let isBetter = isKnown ? member.claim.overrides(part.updates[place].claim) : member.status.isLive
            let isNoted = noticePlace < part.notices.count && part.notices[noticePlace].node == member.id
            let held = isNoted ? part.notices[noticePlace].stamp : Swim.Stamp.none
            let isOlder = notice.map { held < $0.stamp } ?? false
            return (isBetter ? member.update : nil, isOlder ? notice : nil)
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
    ///
    /// - Parameter choose: What is shown of a member, which may have told something of itself; that of the dead is not
    ///   asked about.
    private func showView(
        _ lower: UInt64, _ upper: UInt64, isComplete: Bool, to peer: NodeID, into effects: inout Effects,
        choose: (Swim.Member, Swim.Notice?) -> (Swim.Update?, Swim.Notice?)
    ) {
        var part = ViewPart(lower: lower, upper: upper, updates: [], notices: [])
        let room = settings.maxPayloadBytes - Swim.Message.headerBytes
        var budget = room
        var walk = roster.walk(from: lower)
        while let member = roster.next(&walk) {
            guard member.id.rawValue <= upper else { break }
            let noted = notices.isEmpty || !member.status.isLive ? nil : notices[member.id]
            let (update, notice) = choose(member, noted)
            guard update != nil || notice != nil else { continue }
            let size = stepSize(of: update, after: part.updates.last)
            let noticeSize = notice?.byteCount ?? 0
            if size + noticeSize > budget {
                part.upper = member.id.rawValue - 1
                show(part, isComplete, to: peer, into: &effects)
                part = ViewPart(lower: member.id.rawValue, upper: upper, updates: [], notices: [])
                budget = room - stepSize(of: update, after: nil) - noticeSize
            } else {
                budget -= size + noticeSize
            }
            if let update { part.updates.append(update) }
            if let notice { part.notices.append(notice) }
        }
        if isComplete || !part.updates.isEmpty || !part.notices.isEmpty {
            show(part, isComplete, to: peer, into: &effects)
        }
    }

    private func show(_ part: ViewPart, _ isComplete: Bool, to peer: NodeID, into effects: inout Effects) {
        let purpose = Swim.Message.Purpose.syncReply(lower: part.lower, upper: part.upper, isComplete: isComplete)
        effects.send(
            Swim.Message(purpose, sender: roster.ownClaim, updates: part.updates, notices: part.notices), to: peer)
    }

    private func stepSize(of update: Swim.Update?, after previous: Swim.Update?) -> Int {
        guard let update else { return 0 }
        return Swim.varintSize(update.node.rawValue - (previous?.node.rawValue ?? 0)) + update.sizeBehindID
    }
}
