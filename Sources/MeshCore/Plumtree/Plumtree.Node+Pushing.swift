/// Messages on their way, and names over lazy links.
extension Plumtree.Node {
    mutating func broadcast(_ payload: Bytes, at now: Instant, into outbox: inout Effects) {
        guard payload.count <= settings.maxPayloadBytes else { return outbox.output(.tooLong(payload.count)) }
        if numbers == nil { numbers = Broadcast.Numbers(random, id, at: now) }
        let message = Broadcast.MessageID(origin: id, number: numbers?.take() ?? 0)
        keep(message, Kept(payload: payload), at: now, into: &outbox)
        outbox.output(.sent(message, payload: payload))
        push(message, hops: 1, age: 0, payload, notTo: nil, at: now, into: &outbox)
    }

    mutating func handlePayload(
        _ message: Broadcast.MessageID, _ hops: Int, _ age: UInt32, _ payload: Bytes, from peer: NodeID,
        at now: Instant, into outbox: inout Effects
    ) {
        let index = recent.index(of: message)
        if let index, !recent[index].value.isMissing {
            #if MUTANTS
            if Mutant.duplicatesNotPruned.isPlanted { return }
            #endif
            setEager(false, peer)
            return outbox.send(.prune, to: peer)
        }
        guard payload.count <= settings.maxPayloadBytes, hops >= 1, hops < Plumtree.Notice.hopLimit else { return }
        if let index {
            recent[index].value = Kept(payload: payload, hops: hops, age: age, parent: peer)
        } else {
            keep(message, Kept(payload: payload, hops: hops, age: age, parent: peer), at: now, into: &outbox)
        }
        outbox.output(.delivered(message, payload: payload, hops: hops))
        setEager(true, peer)
        push(message, hops: hops + 1, age: age, payload, notTo: peer, at: now, into: &outbox)
    }

    /// Pushes a message over eager links, and has it told over lazy ones.
    private mutating func push(
        _ message: Broadcast.MessageID, hops: Int, age: UInt32, _ payload: Bytes, notTo peer: NodeID?,
        at now: Instant, into outbox: inout Effects
    ) {
        var hasLazy = false
        for link in links where link.peer != peer {
            guard link.isEager else {
                hasLazy = true
                continue
            }
            outbox.send(.payload(message, hops: hops, age: UInt8(clamping: age), payload), to: link.peer)
        }
        guard hasLazy else { return }
        notices.append(Plumtree.Notice(id: message, hops: hops - 1))
        if notices.count >= Plumtree.Message.wireListLimit { return handleLazy(into: &outbox) }
        guard !timers.lazy else { return }
        timers.lazy = true
        outbox.setTimer(.lazy, at: now + settings.lazyDelay)
    }

    /// Tells the names that were collected over every lazy link.
    mutating func handleLazy(into outbox: inout Effects) {
        timers.lazy = false
        guard !notices.isEmpty else { return }
        #if MUTANTS
        if Mutant.treeWithoutLazyRepair.isPlanted { return notices = [] }
        #endif
        for link in links where !link.isEager { outbox.send(.have(notices), to: link.peer) }
        notices = []
    }
}

// MARK: - What is kept

extension Plumtree.Node {
    /// Remembers a message.
    mutating func keep(_ message: Broadcast.MessageID, _ kept: Kept, at now: Instant, into outbox: inout Effects) {
        recent.append(message, kept, sweep: sweep)
        if recent.count > settings.seenLimit {
            recent.dropFirst()
            if bare > 0 { bare -= 1 }
        }
        while recent.count - bare > settings.payloadLimit { dropPayload() }
        if !timers.sweep {
            timers.sweep = true
            outbox.setTimer(.sweep, at: now + settings.sweepInterval)
        }
        guard !timers.compare else { return }
        timers.compare = true
        let phase = random.bits(.treePhase, id.rawValue, UInt64(bitPattern: now.nanoseconds))
        outbox.setTimer(.compare, at: now + Random.interval(.zero, settings.compareInterval, from: phase))
    }

    /// Drops the oldest payload.
    private mutating func dropPayload() {
        recent[recent.indices.lowerBound + bare].value.payload = nil
        bare += 1
    }

    /// The age of a message in sweeps.
    func age(at index: Int) -> UInt32 { recent[index].value.age + (sweep - recent[index].sweep) }

    /// Drops payloads that are too old to be handed on, and forgets names long after.
    mutating func handleSweep(at now: Instant, into outbox: inout Effects) {
        sweep += 1
        while bare < recent.count,
            recent[recent.indices.lowerBound + bare].sweep + Plumtree.Settings.sweeps < sweep
        {
            dropPayload()
        }
        let before = recent.count
        if sweep > settings.seenSweeps { recent.drop(before: sweep - settings.seenSweeps) }
        #if MUTANTS
        if Mutant.namesForgottenWithPayloads.isPlanted, sweep > 1 { recent.drop(before: sweep - 1) }
        #endif
        let gone = before - recent.count
        bare = bare > gone ? bare - gone : 0
        timers.sweep = recent.count > 0
        if timers.sweep { outbox.setTimer(.sweep, at: now + settings.sweepInterval) }
    }
}
