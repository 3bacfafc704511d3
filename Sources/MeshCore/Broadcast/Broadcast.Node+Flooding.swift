/// Messages to everybody.
extension Broadcast.Node {
    mutating func broadcast(_ payload: Bytes, at now: Instant, into outbox: inout Effects) {
        guard payload.count <= settings.maxPayloadBytes else {
            return outbox.output(.rejected(.tooLong(payload.count)))
        }
        let letter = write(payload, at: now)
        _ = isNew(letter.id, at: now, into: &outbox)
        outbox.output(.sent(letter.id, payload: payload))
        spread(letter, at: now, into: &outbox)
    }

    mutating func handleBroadcast(
        _ letter: Broadcast.Letter, from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        // Copies are what comes most often.
        guard seen.index(of: letter.id) == nil else { return }
        if let fault = fault(of: letter, from: peer) { return outbox.output(.ignored(fault, from: peer)) }
        _ = isNew(letter.id, at: now, into: &outbox)
        learn(letter.path, over: peer)
        outbox.output(.delivered(letter))
        guard let next = passedOn(letter, into: &outbox) else { return }
        spread(next, at: now, into: &outbox)
    }

    /// The letter as this node passes it on; `nil` when it ends here, which is told if there was further to go.
    func passedOn(_ letter: Broadcast.Letter, into outbox: inout Effects) -> Broadcast.Letter? {
        var isLast = letter.timeToLive <= 1
        #if MUTANTS
        if Mutant.timeToLiveOffByOne.isPlanted { isLast = letter.path.count > settings.timeToLive }
        if Mutant.timeToLiveOffByOne.isPlanted, !isLast, letter.timeToLive == 1 {
            return Broadcast.Letter(
                id: letter.id, timeToLive: 1, path: letter.path + [id], payload: letter.payload)
        }
        #endif
        guard isLast else { return letter.passedOn(by: id) }
        for link in links where !letter.path.contains(link) {
            outbox.output(.ended(letter.id))
            break
        }
        return nil
    }

    /// Sends a letter on, now and in the rounds that follow.
    private mutating func spread(_ letter: Broadcast.Letter, at now: Instant, into outbox: inout Effects) {
        push(letter, at: now, into: &outbox)
        guard settings.rounds > 1 else { return }
        if hot.isEmpty { outbox.setTimer(.round, at: now + settings.interval) }
        hot.append(Hot(letter: letter, roundsLeft: settings.rounds - 1))
    }

    /// Sends a letter to every link that it has not come by, or to some of them.
    ///
    /// A chosen link that the letter has come by is left out and not replaced: the copy would be wasted, as the formula
    /// for a fanout has it.
    ///
    /// Source: Floyd's sampling, in Bentley, "Programming Pearls: A Sample of Brilliance", CACM 1987.
    private mutating func push(_ letter: Broadcast.Letter, at now: Instant, into outbox: inout Effects) {
        guard settings.fanout > 0, settings.fanout < links.count else {
            return flood(.broadcast(letter), letter, &outbox)
        }
        let occasion = letter.id.hash ^ UInt64(bitPattern: now.nanoseconds)
        chosen.removeAll(keepingCapacity: true)
        for bound in (links.count - settings.fanout)..<links.count {
            let bits = random.bits(.broadcastTarget, id.rawValue, occasion, UInt64(UInt(bound)))
            let drawn = Int(Random.number(below: UInt64(UInt(bound)) + 1, from: bits))
            chosen.append(chosen.contains(drawn) ? bound : drawn)
        }
        for index in chosen where !letter.path.contains(links[index]) {
            outbox.send(.broadcast(letter), to: links[index])
        }
    }

    /// Sends a message to every link that is not on its letter's path.
    func flood(_ message: Broadcast.Message, _ letter: Broadcast.Letter, _ outbox: inout Effects) {
        for link in links where !letter.path.contains(link) { outbox.send(message, to: link) }
    }

    mutating func handleRound(at now: Instant, into outbox: inout Effects) {
        var kept = 0
        for index in 0..<hot.count {
            let letter = hot[index].letter
            push(letter, at: now, into: &outbox)
            hot[index].roundsLeft -= 1
            guard hot[index].roundsLeft > 0 else { continue }
            hot.swapAt(kept, index)
            kept += 1
        }
        hot.removeLast(hot.count - kept)
        if !hot.isEmpty { outbox.setTimer(.round, at: now + settings.interval) }
    }
}
