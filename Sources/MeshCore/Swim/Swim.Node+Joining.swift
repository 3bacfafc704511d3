extension Swim.Node {
    /// Starts the periods at a random moment, so that the members of a group do not probe in step, and joins the seeds.
    mutating func handleRestarted(at now: Instant, into effects: inout Effects) {
        self = Swim.Node(restartOf: self)
        life = UInt64(bitPattern: now.nanoseconds)
        sequence = UInt32(truncatingIfNeeded: random.bits(.swimSequence, life))
        nextRejoin = delay(before: settings.rejoinInterval, .swimRejoin)
        becomeActive(at: now, into: &effects)
        stand(incarnation, at: now, into: &effects)
        if !metadata.isEmpty { publish(at: now, into: &effects) }
        // Each node starts with another seed, so that the first one does not carry a mass start alone.
        let first = Int(Random.number(below: UInt64(max(1, seeds.count)), from: random.bits(.swimContact, life)))
        expect(Array(seeds[first...] + seeds[..<first]))
        if let contact = awaited.first { askForView(contact, into: &effects) }
    }

    /// Contacts nodes; after a good-bye it first comes back, with a higher incarnation.
    mutating func handleJoin(_ nodes: [NodeID], at now: Instant, into effects: inout Effects) {
        if standing == .departed {
            becomeActive(at: now, into: &effects)
            suspectAnew(at: now, into: &effects)
            stand(incarnation.next, at: now, into: &effects)
        }
        let others = nodes.filter { $0 != id && $0.rawValue != 0 }
        for node in others where !seeds.contains(node) { seeds.append(node) }
        expect(others)
        guard standing == .active else { return }
        for node in others { askForView(node, into: &effects) }
    }

    /// Says good-bye to some members at once; the rumour does the rest.
    ///
    /// Deviation: the paper has no way to leave. A good-bye is a status of its own that outranks every other at the
    /// same incarnation, so that no late suspicion turns it into a death.
    mutating func handleLeave(at now: Instant, into effects: inout Effects) {
        guard standing == .active else {
            effects.output(.ignored(.notTakingPart))
            return
        }
        becomeDeparted(into: &effects)
        stand(incarnation, at: now, into: &effects)
        effects.output(.left(id))
        gossip(to: max(settings.gossipFanout, settings.indirectProbes, 1), into: &effects)
    }

    private mutating func becomeActive(at now: Instant, into effects: inout Effects) {
        standing = .active
        syncDelay = 2
        nextSync = periodCount + 2
        let bits = random.bits(.swimPhase, life, UInt64(bitPattern: periodCount))
        let phase = Random.interval(.zero, settings.period, from: bits)
        clock.set(at: now, for: phase)
        effects.setTimer(.period, at: now + phase)
    }

    private mutating func becomeDeparted(into effects: inout Effects) {
        standing = .departed
        probe = nil
        awaited = []
        suspicions = SortedMap()
        deadlines = MinHeap()
        suspicionSetFor = nil
        effects.cancelTimer(.period)
        effects.cancelTimer(.probeTimeout)
        effects.cancelTimer(.suspicion)
    }

    /// Gives every suspect its time, after a return: a departed node accuses nobody.
    private mutating func suspectAnew(at now: Instant, into effects: inout Effects) {
        var walk = roster.walk()
        while let member = roster.next(&walk) {
            if member.status == .suspect { startSuspicion(of: member, by: NodeID(0), at: now, into: &effects) }
        }
    }
}

// MARK: - Reaching members that are not there yet, or not any more

extension Swim.Node {
    /// - Complexity: O(n log n), as long as nobody is named twice: a group may start with all its members as seeds.
    private mutating func expect(_ nodes: [NodeID]) {
        if Self.namesEachOnce(awaited + nodes) {
            awaited += nodes
        } else {
            for node in nodes where !awaited.contains(node) { awaited.append(node) }
        }
        joinPatience = 3 * awaited.count
    }

    private static func namesEachOnce(_ nodes: [NodeID]) -> Bool {
        var numbers = nodes.map { $0.rawValue }
        numbers.sort()
        for place in numbers.indices.dropFirst() where numbers[place] == numbers[place - 1] { return false }
        return true
    }

    /// Asks one of the awaited nodes again, in each period: for ever while we are alone, else a few times.
    mutating func retryJoin(into effects: inout Effects) {
        guard !awaited.isEmpty else { return }
        awaited = awaited.filter { node in !(status(of: node)?.isLive ?? false) }
        if liveCount > 1 {
            joinPatience -= 1
            if joinPatience < 0 { awaited = [] }
        }
        guard !awaited.isEmpty else { return }
        askForView(awaited[Int(periodCount % Int64(awaited.count))], into: &effects)
    }

    /// Now and then asks one dead member or lost seed whether it is there, so that a healed partition becomes one
    /// group.
    mutating func retryUnreachable(into effects: inout Effects) {
        guard periodCount >= nextRejoin else { return }
        let occasion = UInt64(bitPattern: periodCount)
        nextRejoin = periodCount + settings.periods(in: settings.rejoinInterval)
        let lost = seeds.filter { seed in status(of: seed) == nil }
        let unreachable = lost.count + roster.deadCount
        let chance = Int(Random.number(below: UInt64(liveCount), from: random.bits(.swimRejoin, life, occasion)))
        guard unreachable > 0, chance < unreachable else { return }
        let choice = Random.number(below: UInt64(unreachable), from: random.bits(.swimRejoin, life, occasion, 1))
        if choice < UInt64(lost.count) {
            askForView(lost[Int(choice)], into: &effects)
        } else {
            let grave = roster.graves[Int(choice) - lost.count]
            askForView(roster[Int(grave)].id, into: &effects)
        }
    }

    /// A random number of periods up to an interval, to spread what all members do in that interval.
    func delay(before interval: Interval, _ purpose: Random.Purpose) -> Int64 {
        let periods = settings.periods(in: interval)
        let bits = random.bits(purpose, life, UInt64(bitPattern: periodCount), 2)
        return periodCount + 1 + Int64(Random.number(below: UInt64(periods), from: bits))
    }
}
