// Source: paper, section 4.2.

extension Swim.Node {
    /// Takes a claim about somebody, and passes it on when it is news.
    ///
    /// - Parameter spreadsNewcomers: Whether a member that was not known is passed on too.
    /// - Returns: Whether it was news.
    /// - Complexity: O(1) expected, amortised.
    @discardableResult
    mutating func learn(
        _ update: Swim.Update, spreadsNewcomers: Bool = true, at now: Instant, into effects: inout Effects
    ) -> Bool {
        if update.node == id { return learnAboutSelf(update.claim, at: now, into: &effects) }
        guard let position = roster.position(of: update.node) else {
            return meet(update, spreads: spreadsNewcomers, at: now, into: &effects)
        }
        let known = roster.claim(at: position)
        if update.status == .suspect && update.claim == known { return confirm(update, at: now, into: &effects) }
        guard update.claim.overrides(known) else { return false }
        become(update, position, at: now, into: &effects)
        return true
    }

    /// Adds a member that was not known.
    ///
    /// The dead and the departed are not taken: else two nodes would remind each other of them for ever.
    private mutating func meet(
        _ update: Swim.Update, spreads: Bool, at now: Instant, into effects: inout Effects
    ) -> Bool {
        guard update.status.isLive, update.node.rawValue != 0 else { return false }
        let draw = random.bits(.swimInsertion, life, update.node.rawValue, UInt64(bitPattern: periodCount))
        let position = roster.insert(update.node, update.claim, draw: draw)
        if spreads { spread(update, at: now, into: &effects) }
        announce(position, since: nil, by: update.accuser, at: now, into: &effects)
        return true
    }

    /// Changes the belief about a member; the only writer of a status.
    mutating func become(_ update: Swim.Update, _ position: Int, at now: Instant, into effects: inout Effects) {
        let old = roster[position]
        let draw = random.bits(.swimInsertion, life, old.id.rawValue, UInt64(update.incarnation.rawValue) << 2 | 2)
        roster.update(position, to: update.claim, draw: draw)
        countNotice(of: old.id, wasLive: old.status.isLive, isLive: update.status.isLive)
        if old.status == .suspect { suspicions[old.id] = nil }
        spread(update, at: now, into: &effects)
        announce(position, since: old.status, by: update.accuser, at: now, into: &effects)
    }

    /// Tells the embedding program about a belief that has changed, and starts the clock that it needs.
    private mutating func announce(
        _ position: Int, since old: Swim.Status?, by accuser: NodeID, at now: Instant, into effects: inout Effects
    ) {
        let member = roster[position]
        switch member.status {
        case .alive:
            if old != .alive { effects.output(.alive(member.id)) }
        case .suspect:
            if !(old?.isLive ?? false) { effects.output(.alive(member.id)) }
            if old != .suspect { effects.output(.suspect(member.id)) }
            startSuspicion(of: member, by: accuser, at: now, into: &effects)
        case .dead:
            if old != .dead { effects.output(.dead(member.id)) }
            bury(member)
        case .left:
            if old != .left { effects.output(.left(member.id)) }
            bury(member)
        }
    }

    /// Answers a claim about this node itself.
    ///
    /// A claim of an earlier life raises our incarnation; an accusation is contradicted with a higher one, or confirmed
    /// after we left.
    private mutating func learnAboutSelf(
        _ claim: Swim.Claim, at now: Instant, into effects: inout Effects
    ) -> Bool {
        guard claim.overrides(roster.ownClaim) else { return false }
        #if MUTANTS
        if Mutant.noRefutation.isPlanted { return false }
        if Mutant.incarnationReused.isPlanted && claim.incarnation > incarnation { return false }
        #endif
        if claim.status == .alive || standing == .departed {
            stand(claim.incarnation, at: now, into: &effects)
            return true
        }
        guard claim.incarnation < .limit else {
            effects.output(.ignored(.incarnationExhausted))
            return false
        }
        stand(claim.incarnation.next, at: now, into: &effects)
        worsenHealth(by: 1)
        effects.output(.refuted(incarnation))
        return true
    }

    /// Takes an incarnation and tells everybody: alive, or left after a good-bye.
    mutating func stand(_ incarnation: Swim.Incarnation, at now: Instant, into effects: inout Effects) {
        self.incarnation = incarnation
        let claim = Swim.Claim(standing == .departed ? .left : .alive, incarnation)
        let wasLive = roster.ownClaim.status.isLive
        roster.update(roster.own, to: claim, draw: 0)
        countNotice(of: id, wasLive: wasLive, isLive: claim.status.isLive)
        spread(Swim.Update(id, claim.status, incarnation), at: now, into: &effects)
    }
}

// MARK: - The dead

extension Swim.Node {
    /// Remembers a dead or departed member for a while, so that stale rumours do not bring it back.
    private mutating func bury(_ member: Swim.Member) {
        let period = periodCount + settings.periods(in: settings.deadRetention)
        tombstones.append(Tombstone(period: period, update: member.update))
    }

    /// Forgets those whose time has come; whoever came back meanwhile stays.
    ///
    /// - Complexity: O(1) for each, amortised.
    mutating func forgetTheLongDead() {
        #if MUTANTS
        if Mutant.tombstoneForgotten.isPlanted {
            while let tombstone = tombstones.popFirst() { roster.forget(tombstone.update) }
        }
        #endif
        while let tombstone = tombstones.first, tombstone.period <= periodCount {
            _ = tombstones.popFirst()
            roster.forget(tombstone.update)
            dropNotice(of: tombstone.update.node)
        }
    }
}
