/// The active view.
extension HyParView.Node {
    /// Makes a node a neighbour; another one has to go when there is no place.
    mutating func add(_ peer: NodeID, at now: Instant, into outbox: inout Effects) {
        guard peer != id, !isNeighbour(peer) else { return }
        asked.removeAll { $0.peer == peer }
        passive.removeAll { $0 == peer }
        if active.count >= settings.activeSize {
            let drawn = bits(.overlayVictim, now, peer.rawValue)
            let index = Int(Random.number(below: UInt64(UInt(active.count)), from: drawn))
            let victim = active.remove(at: index).id
            outbox.send(.disconnect(isLeaving: false), to: victim)
            outbox.output(.down(victim, .replaced))
            remember([victim], at: now, sent: [])
        }
        active.append(Neighbour(id: peer))
        outbox.output(.up(peer))
    }

    /// Takes in a newcomer and sends its name on walks.
    mutating func handleJoin(from newcomer: NodeID, at now: Instant, into outbox: inout Effects) {
        add(newcomer, at: now, into: &outbox)
        outbox.send(.answer(isAccepted: true), to: newcomer)
        for neighbour in active where neighbour.id != newcomer {
            outbox.send(
                .forwardJoin(newcomer, steps: UInt8(truncatingIfNeeded: settings.activeWalk)), to: neighbour.id)
        }
    }

    mutating func handleForwardJoin(
        _ newcomer: NodeID, steps: Int, from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        guard newcomer != id, !isNeighbour(newcomer) else { return }
        if steps == settings.passiveWalk { remember([newcomer], at: now, sent: []) }
        let next = steps > 0 && active.count > 1 ? step(of: newcomer, notTo: peer, at: now) : nil
        guard let next else {
            add(newcomer, at: now, into: &outbox)
            return outbox.send(.answer(isAccepted: true), to: newcomer)
        }
        let left = steps < settings.activeWalk ? steps : settings.activeWalk
        outbox.send(.forwardJoin(newcomer, steps: UInt8(truncatingIfNeeded: left - 1)), to: next)
    }

    /// The neighbour with whom a walk goes on.
    func step(of node: NodeID, notTo peer: NodeID, at now: Instant) -> NodeID? {
        var left = 0
        for neighbour in active where neighbour.id != peer && neighbour.id != node { left += 1 }
        guard left > 0 else { return nil }
        var chosen = Random.number(
            below: UInt64(UInt(left)), from: bits(.overlayWalk, now, node.rawValue ^ peer.rawValue << 32))
        for neighbour in active where neighbour.id != peer && neighbour.id != node {
            if chosen == 0 { return neighbour.id }
            chosen -= 1
        }
        return nil
    }

    mutating func handleRequest(isUrgent: Bool, from peer: NodeID, at now: Instant, into outbox: inout Effects) {
        let isAccepted = isUrgent || isNeighbour(peer) || active.count < settings.activeSize
        if isAccepted { add(peer, at: now, into: &outbox) }
        outbox.send(.answer(isAccepted: isAccepted), to: peer)
    }

    mutating func handleAnswer(_ isAccepted: Bool, from peer: NodeID, at now: Instant, into outbox: inout Effects) {
        var wasUrgent = false
        for request in asked where request.peer == peer { wasUrgent = request.isUrgent }
        asked.removeAll { $0.peer == peer }
        guard isAccepted else {
            avoid(peer)
            // Whoever has a few neighbours may wait until others lose some.
            if active.count * 2 > settings.activeSize {
                resting = beat + UInt64(UInt(settings.shuffleBeats))
            } else {
                findNeighbours(at: now, into: &outbox)
            }
            return
        }
        if wasUrgent || active.count < settings.activeSize {
            add(peer, at: now, into: &outbox)
        } else if !isNeighbour(peer) {
            outbox.send(.disconnect(isLeaving: false), to: peer)
            remember([peer], at: now, sent: [])
        }
    }

    mutating func handleDisconnect(_ isLeaving: Bool, from peer: NodeID, at now: Instant, into outbox: inout Effects) {
        if let index = neighbourIndex(peer) {
            active.remove(at: index)
            outbox.output(.down(peer, .told))
        }
        asked.removeAll { $0.peer == peer }
        if isLeaving {
            passive.removeAll { $0 == peer }
        } else {
            remember([peer], at: now, sent: [])
            avoid(peer)
        }
        findNeighbours(at: now, into: &outbox)
    }

    /// Asks nodes of the passive view to take the free places; without anybody, joins again.
    ///
    /// One without a neighbour is urgent: nobody refuses it. So is the first request of one with a single neighbour,
    /// since two that have only each other are as lost as one alone.
    ///
    /// Deviation: in the paper only an empty active view is urgent.
    mutating func findNeighbours(at now: Instant, into outbox: inout Effects) {
        guard !hasLeft else { return }
        #if MUTANTS
        if Mutant.passiveNeverPromoted.isPlanted, beat > 20 { return }
        #endif
        if active.count * 2 > settings.activeSize, beat < resting { return }
        var free = settings.activeSize - active.count - asked.count
        var isUrgent = active.count < 2
        var salt: UInt64 = beat << 8
        while free > 0 {
            salt += 1
            guard let candidate = candidate(bits(.overlayCandidate, now, salt)) else { break }
            ask(candidate, isUrgent: isUrgent, into: &outbox)
            isUrgent = active.isEmpty
            free -= 1
        }
        guard active.isEmpty, asked.isEmpty, !contacts.isEmpty else { return }
        let drawn = bits(.overlayContact, now, 2)
        let contact = contacts[Int(Random.number(below: UInt64(UInt(contacts.count)), from: drawn))]
        asked.append(Request(peer: contact, isUrgent: true))
        outbox.send(.join, to: contact)
    }

    /// Asks others first until the next beat.
    func isAvoided(_ peer: NodeID) -> Bool { avoided.contains(peer) }

    mutating func avoid(_ peer: NodeID) {
        if avoided.count < settings.passiveSize { avoided.append(peer) }
    }

    mutating func ask(_ peer: NodeID, isUrgent: Bool, into outbox: inout Effects) {
        guard asked.count < 2 * settings.activeSize else { return }
        for request in asked where request.peer == peer { return }
        asked.append(Request(peer: peer, isUrgent: isUrgent))
        outbox.send(.neighbour(isUrgent: isUrgent), to: peer)
    }

    /// One of the passive view that was neither asked nor has refused since the last beat.
    private func candidate(_ drawn: UInt64) -> NodeID? {
        guard !passive.isEmpty else { return nil }
        let start = Int(Random.number(below: UInt64(UInt(passive.count)), from: drawn))
        for offset in 0..<passive.count {
            let peer = passive[(start + offset) % passive.count]
            guard !isAvoided(peer) else { continue }
            var isAsked = false
            for request in asked where request.peer == peer { isAsked = true }
            if !isAsked { return peer }
        }
        return nil
    }
}
