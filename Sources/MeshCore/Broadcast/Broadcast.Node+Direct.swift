/// Messages to one node, their receipts, and the ways that were learnt.
extension Broadcast.Node {
    mutating func send(_ payload: Bytes, to receiver: NodeID, at now: Instant, into outbox: inout Effects) {
        guard payload.count <= settings.maxPayloadBytes else {
            return outbox.output(.rejected(.tooLong(payload.count)))
        }
        guard pending.count < settings.pendingLimit else { return outbox.output(.rejected(.busy)) }
        let letter = write(payload, at: now)
        outbox.output(.sentDirect(letter.id, to: receiver, payload: payload))
        if receiver == id {
            outbox.output(.received(letter))
            return outbox.output(.confirmed(letter.id, by: id))
        }
        if pending.isEmpty { outbox.setTimer(.receipts, at: now + settings.receiptTimeout) }
        pending.append(Pending(letter: letter, receiver: receiver, attempt: 0, isFresh: true))
        transmit(letter, to: receiver, 0, into: &outbox)
    }

    /// Sends a letter towards its receiver: over the link to it, the way an earlier message came, or every way.
    private func transmit(
        _ letter: Broadcast.Letter, to receiver: NodeID, _ attempt: UInt8, into outbox: inout Effects
    ) {
        let message = Broadcast.Message.direct(letter, to: receiver, attempt: attempt)
        if isLinked(to: receiver) { outbox.send(message, to: receiver) }
        // A link that led nowhere the first time is not trusted alone the next time.
        if attempt == 0 {
            if isLinked(to: receiver) { return }
            if let hop = routes[receiver], isLinked(to: hop), !letter.path.contains(hop) {
                return outbox.send(message, to: hop)
            }
        }
        for link in links where link != receiver && !letter.path.contains(link) { outbox.send(message, to: link) }
    }

    mutating func handleDirect(
        _ letter: Broadcast.Letter, to receiver: NodeID, _ attempt: UInt8, from peer: NodeID, at now: Instant,
        into outbox: inout Effects
    ) {
        let passage = Broadcast.MessageID(
            origin: letter.id.origin, number: letter.id.number | (UInt64(attempt) + 1) << 62)
        guard seen.index(of: passage) == nil else { return }
        if let fault = fault(of: letter, from: peer) { return outbox.output(.ignored(fault, from: peer)) }
        _ = isNew(passage, at: now, into: &outbox)
        learn(letter.path, over: peer)
        guard receiver == id else {
            if let next = passedOn(letter, into: &outbox) { transmit(next, to: receiver, attempt, into: &outbox) }
            return
        }
        if isNew(letter.id, at: now, into: &outbox) { outbox.output(.received(letter)) }
        outbox.send(.receipt(letter.id, by: id, path: Array(letter.path.dropLast())), to: peer)
    }

    mutating func handleReceipt(
        _ message: Broadcast.MessageID, by receiver: NodeID, _ path: [NodeID], from peer: NodeID,
        into outbox: inout Effects
    ) {
        learn([receiver], over: peer)
        if let next = path.last {
            guard path.count < settings.timeToLive, next != id else {
                return outbox.output(.ignored(.path, from: peer))
            }
            return outbox.send(.receipt(message, by: receiver, path: Array(path.dropLast())), to: next)
        }
        guard message.origin == id, let index = pendingIndex(of: message), pending[index].receiver == receiver else {
            return
        }
        pending.remove(at: index)
        outbox.output(.confirmed(message, by: receiver))
    }

    private func pendingIndex(of message: Broadcast.MessageID) -> Int? {
        var low = 0
        var high = pending.count
        while low < high {
            let middle = (low + high) >> 1
            if pending[middle].letter.id.number < message.number { low = middle + 1 } else { high = middle }
        }
        return low < pending.count && pending[low].letter.id == message ? low : nil
    }

    /// Tries again what has waited for a whole timeout, and gives up what was tried often enough.
    ///
    /// - Complexity: O(messages that wait).
    mutating func handleReceiptTimer(at now: Instant, into outbox: inout Effects) {
        var kept: [Pending] = []
        for var waiting in pending {
            if waiting.isFresh {
                waiting.isFresh = false
            } else if Int(waiting.attempt) + 1 < settings.attempts {
                waiting.attempt += 1
                waiting.isFresh = true
                transmit(waiting.letter, to: waiting.receiver, waiting.attempt, into: &outbox)
            } else {
                outbox.output(.undeliverable(waiting.letter.id, to: waiting.receiver))
                continue
            }
            kept.append(waiting)
        }
        pending = kept
        if !pending.isEmpty { outbox.setTimer(.receipts, at: now + settings.receiptTimeout) }
    }

    /// Remembers over which link the nodes of a path are reached.
    ///
    /// - Complexity: O(hops log ways), O(ways) for a node that was not known.
    mutating func learn(_ path: [NodeID], over peer: NodeID) {
        for node in path where node != id && !isLinked(to: node) {
            let (index, isKnown) = routes.position(of: node)
            if isKnown {
                routes.updateValue(at: index) { $0 = peer }
            } else if routes.count < settings.routeLimit {
                routes[node] = peer
            }
        }
    }
}
