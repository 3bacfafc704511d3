/// Asking for what is missing, and comparing.
extension Plumtree.Node {
    mutating func handleHave(
        _ notices: [Plumtree.Notice], from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        for notice in notices {
            guard let index = recent.index(of: notice.id) else {
                miss(notice.id, teller: peer, at: now, into: &outbox)
                continue
            }
            if recent[index].value.isMissing {
                hearAgain(of: index, from: peer, at: now, into: &outbox)
            } else {
                shorten(index, notice.hops, peer, into: &outbox)
            }
        }
    }

    /// Lets a lazy link take the place of the tree's when it is a much shorter way.
    ///
    /// Source: "Epidemic Broadcast Trees", 3.8.
    private mutating func shorten(_ index: Int, _ hops: Int, _ peer: NodeID, into outbox: inout Effects) {
        guard let parent = recent[index].value.parent, parent != peer,
            recent[index].value.hops - (hops + 1) >= settings.optimizationThreshold, isLinked(to: peer)
        else { return }
        recent[index].value.parent = peer
        recent[index].value.hops = hops + 1
        setEager(true, peer)
        setEager(false, parent)
        outbox.send(.graft(nil), to: peer)
        outbox.send(.prune, to: parent)
    }

    /// Remembers that somebody has a message which this node has not.
    private mutating func miss(
        _ message: Broadcast.MessageID, teller: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        guard missing.count < settings.payloadLimit else { return }
        var kept = Kept(isMissing: true, tellers: [teller])
        // Begun periods do not count.
        kept.due = period + 5
        keep(message, kept, at: now, into: &outbox)
        wait(for: message, at: now, into: &outbox)
    }

    private mutating func wait(for message: Broadcast.MessageID, at now: Instant, into outbox: inout Effects) {
        missing.append(message)
        guard !timers.graft else { return }
        timers.graft = true
        outbox.setTimer(.graft, at: now + settings.graftPeriod)
    }

    /// How often a missing message is asked for before the next word of it is awaited.
    private static var mostTries: Int { 6 }

    /// One more has a message that is missing.
    private mutating func hearAgain(
        of index: Int, from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        if recent[index].value.tellers.count < Self.mostTries, !recent[index].value.tellers.contains(peer) {
            recent[index].value.tellers.append(peer)
        }
        guard recent[index].value.due == UInt32.max else { return }
        recent[index].value.due = period + 1
        recent[index].value.tries = 0
        wait(for: recent[index].id, at: now, into: &outbox)
    }

    /// Asks for the messages that were to come by now.
    ///
    /// - Complexity: O(missing messages).
    mutating func handleGraftTimer(at now: Instant, into outbox: inout Effects) {
        period += 1
        timers.graft = false
        let waiting = missing
        missing = []
        for message in waiting {
            guard let index = recent.index(of: message), recent[index].value.isMissing else { continue }
            if recent[index].value.due <= period {
                let tries = recent[index].value.tries
                guard tries < Self.mostTries else {
                    // Whoever tells of it next is asked.
                    recent[index].value.due = UInt32.max
                    continue
                }
                let tellers = recent[index].value.tellers
                let teller = tellers[tries % tellers.count]
                recent[index].value.tries = tries + 1
                recent[index].value.due = period + settings.retryPeriods
                #if MUTANTS
                if Mutant.graftNotSent.isPlanted { continue }
                #endif
                setEager(true, teller)
                outbox.send(.graft(message), to: teller)
            }
            wait(for: message, at: now, into: &outbox)
        }
    }

    mutating func handleGraft(_ message: Broadcast.MessageID?, from peer: NodeID, into outbox: inout Effects) {
        setEager(true, peer)
        guard let message, let index = recent.index(of: message), let payload = recent[index].value.payload else {
            return
        }
        let age = age(at: index)
        guard age <= Plumtree.Settings.sweeps else { return }
        outbox.send(
            .payload(message, hops: recent[index].value.hops + 1, age: UInt8(clamping: age), payload), to: peer)
    }

    /// Compares with the next neighbour in turn.
    mutating func handleCompare(at now: Instant, into outbox: inout Effects) {
        let runs = summary()
        timers.compare = recent.count > bare
        if timers.compare { outbox.setTimer(.compare, at: now + settings.compareInterval) }
        guard !runs.isEmpty, !links.isEmpty else { return }
        #if MUTANTS
        if Mutant.treeWithoutLazyRepair.isPlanted { return }
        #endif
        turn = (turn + 1) % links.count
        outbox.send(.summary(runs, wantsAnswer: true), to: links[turn].peer)
    }

    mutating func handleSummary(
        _ runs: [Plumtree.Run], _ wantsAnswer: Bool, from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        for run in runs where missing.count < settings.payloadLimit {
            for offset in 0..<UInt64(UInt(run.count)) {
                let message = Broadcast.MessageID(origin: run.first.origin, number: run.first.number &+ offset)
                guard let index = recent.index(of: message) else {
                    miss(message, teller: peer, at: now, into: &outbox)
                    continue
                }
                if recent[index].value.isMissing { hearAgain(of: index, from: peer, at: now, into: &outbox) }
            }
        }
        guard wantsAnswer else { return }
        let own = summary()
        if !own.isEmpty { outbox.send(.summary(own, wantsAnswer: false), to: peer) }
    }

    /// What this node can hand on, the newest first when it does not fit one message.
    ///
    /// - Complexity: O(n log n) for n messages.
    func summary() -> [Plumtree.Run] {
        var names: [Broadcast.MessageID] = []
        for index in recent.indices.dropFirst(bare).reversed() {
            guard recent[index].value.payload != nil, age(at: index) <= Plumtree.Settings.sweeps else { continue }
            names.append(recent[index].id)
            if names.count == Plumtree.Run.limit { break }
        }
        names.sort()
        var runs: [Plumtree.Run] = []
        for name in names {
            if let last = runs.last, last.first.origin == name.origin,
                last.first.number &+ UInt64(UInt(last.count)) == name.number
            {
                runs[runs.count - 1] = Plumtree.Run(first: last.first, count: last.count + 1)
            } else if runs.count < Plumtree.Message.wireListLimit {
                runs.append(Plumtree.Run(first: name, count: 1))
            }
        }
        return runs
    }
}
