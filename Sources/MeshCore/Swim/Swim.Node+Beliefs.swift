// Source: paper, section 4.2.

extension Swim.Node {
    /// Takes a claim about somebody, and passes it on when it is news.
    ///
    /// - Parameter spreadsNewcomers: Whether a member that was not known is passed on too.
    /// - Returns: Whether it was news.
    /// - Complexity: O(1) expected, O(``memberCount``) for a new member.
    @discardableResult
    mutating func learn(
        _ update: Swim.Update, spreadsNewcomers: Bool = true, at now: Instant, into effects: inout Effects
    ) -> Bool {
        if update.node == id { return learnAboutSelf(update.claim, at: now, into: &effects) }
        guard let position = roster.position(of: update.node) else {
            return meet(update, spreads: spreadsNewcomers, at: now, into: &effects)
        }
        guard update.claim.overrides(roster[position].claim) else { return false }
        become(update.status, update.incarnation, position, at: now, into: &effects)
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
        announce(position, since: nil, at: now, into: &effects)
        return true
    }

    /// Changes the belief about a member; the only writer of a status.
    mutating func become(
        _ status: Swim.Status, _ incarnation: Swim.Incarnation, _ position: Int, at now: Instant,
        into effects: inout Effects
    ) {
        let old = roster[position]
        let draw = random.bits(.swimInsertion, life, old.id.rawValue, UInt64(incarnation.rawValue) << 2 | 2)
        roster.update(position, to: Swim.Claim(status, incarnation), draw: draw)
        spread(roster[position].update, at: now, into: &effects)
        announce(position, since: old.status, at: now, into: &effects)
    }

    /// Tells the embedding program about a belief that has changed, and starts the clock that it needs.
    private mutating func announce(
        _ position: Int, since old: Swim.Status?, at now: Instant, into effects: inout Effects
    ) {
        let member = roster[position]
        switch member.status {
        case .alive:
            if old != .alive { effects.output(.alive(member.id)) }
        case .suspect:
            if !(old?.isLive ?? false) { effects.output(.alive(member.id)) }
            if old != .suspect { effects.output(.suspect(member.id)) }
            startSuspicion(of: member, at: now, into: &effects)
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
        guard claim.overrides(roster[Swim.Roster.own].claim) else { return false }
        #if MUTANTS
        if Mutant.noRefutation.isPlanted { return false }
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
        effects.output(.refuted(incarnation))
        return true
    }

    /// Takes an incarnation and tells everybody: alive, or left after a good-bye.
    mutating func stand(_ incarnation: Swim.Incarnation, at now: Instant, into effects: inout Effects) {
        self.incarnation = incarnation
        let claim = Swim.Claim(standing == .departed ? .left : .alive, incarnation)
        roster.update(Swim.Roster.own, to: claim, draw: 0)
        spread(Swim.Update(id, claim.status, incarnation), at: now, into: &effects)
    }
}

// MARK: - Suspicion

extension Swim.Node {
    /// Gives a suspect the time to contradict that its group needs to tell it.
    ///
    /// This is the seam for Lifeguard: a longer time that independent accusers shorten.
    mutating func startSuspicion(of member: Swim.Member, at now: Instant, into effects: inout Effects) {
        guard standing == .active else { return }
        let reading = clock.reading(at: now)
        let timeout = settings.suspicionTimeout(liveCount: roster.liveCount)
        let start = Deadline(reading: reading, suspect: member.id, incarnation: member.incarnation)
        suspicions.insert(nextDeadline(after: start, timeout))
        if suspicions.count > 2 * roster.count + 16 { dropSettledSuspicions() }
        setSuspicionTimer(since: reading, at: now, into: &effects)
    }

    /// Sets the timer for the earliest deadline, unless it is set for an earlier or the same one.
    private mutating func setSuspicionTimer(since reading: Interval, at now: Instant, into effects: inout Effects) {
        guard let first = suspicions.first else { return }
        if let suspicionSetFor, suspicionSetFor <= first.reading { return }
        suspicionSetFor = first.reading
        effects.setTimer(.suspicion, at: now + (first.reading - reading))
    }

    /// Warns the suspect half of whose rest of time has run out, or declares it dead when all of it has.
    ///
    /// That it has run out is known from the timer alone: it was set for the earliest deadline. The node's clock is not
    /// asked, so a jump of it kills nobody.
    mutating func handleSuspicion(at now: Instant, into effects: inout Effects) {
        guard standing == .active, let due = suspicionSetFor.take() else { return }
        while let deadline = suspicions.first, deadline.reading <= due || !isOpen(deadline) {
            _ = suspicions.popFirst()
            guard isOpen(deadline), let position = roster.position(of: deadline.suspect) else { continue }
            if let rest = deadline.rest {
                warn(deadline.suspect, into: &effects)
                suspicions.insert(nextDeadline(after: deadline, rest))
            } else {
                become(.dead, deadline.incarnation, position, at: now, into: &effects)
            }
        }
        setSuspicionTimer(since: due, at: now, into: &effects)
    }

    /// The next warning, in the middle of the rest of a suspect's time, or its end when an answer would come too late.
    private func nextDeadline(after last: Deadline, _ rest: Interval) -> Deadline {
        var next = last
        let half = rest / 2
        let hasTimeToAnswer = half >= settings.probeTimeout
        next.reading = last.reading + (hasTimeToAnswer ? half : rest)
        next.rest = hasTimeToAnswer ? rest - half : nil
        return next
    }

    /// Pings a suspect with the accusation: an answer refutes it.
    ///
    /// Deviation: in the paper a node that the rumour of a refutation misses declares a live member dead. At 10 %
    /// loss a rumour misses one node in a thousand; this asks the member itself while there is time. Bounded per
    /// period, so that half a group that vanishes does not cost each node several messages for each of its members.
    private mutating func warn(_ suspect: NodeID, into effects: inout Effects) {
        guard warningCount < Swim.Node.warningsPerPeriod else { return }
        warningCount += 1
        send(.ping(sequence: Swim.Node.warningSequence, requester: nil), to: suspect, into: &effects)
    }

    /// Eight; a guess: four times what a quiet node sends per period.
    static let warningsPerPeriod = 8

    /// The number of pings that are warnings; no probe has it.
    static let warningSequence: UInt32 = 0

    /// Whether the suspicion has neither been refuted, nor overtaken by a newer one or a death.
    private func isOpen(_ deadline: Deadline) -> Bool {
        roster.claim(about: deadline.suspect) == Swim.Claim(.suspect, deadline.incarnation)
    }

    /// Keeps the heap within twice the size of the group, whatever peers send.
    private mutating func dropSettledSuspicions() {
        let roster = roster
        suspicions.filter { deadline in
            roster.claim(about: deadline.suspect) == Swim.Claim(.suspect, deadline.incarnation)
        }
    }
}

// MARK: - The dead

extension Swim.Node {
    /// Remembers a dead or departed member for a while, so that stale rumours do not bring it back.
    private mutating func bury(_ member: Swim.Member) {
        let period = periodCount + settings.periods(in: settings.deadRetention)
        tombstones.append(Tombstone(period: period, update: member.update))
    }

    /// Forgets those whose time has come, all in one pass.
    ///
    /// - Complexity: O(``memberCount``) in a period in which anybody is forgotten, else O(1).
    mutating func forgetTheLongDead() {
        var expired = SortedMap<NodeID, Swim.Update>()
        while let tombstone = tombstones.first, tombstone.period <= periodCount {
            _ = tombstones.popFirst()
            expired[tombstone.update.node] = tombstone.update
        }
        guard !expired.isEmpty else { return }
        roster.forget { member in expired[member.id] == member.update }
    }
}
