/// What goes to other nodes.
extension MultiRaft.Node {
    /// Where a node stands in `peers`, where it is entered if it is new.
    ///
    /// - Complexity: O(log peers), O(peers) for a new one.
    mutating func row(of node: NodeID) -> Int {
        let (index, isPresent) = find(node)
        if !isPresent { peers.insert(Peer(id: node, heardAt: beatCount), at: index) }
        return index
    }

    private func find(_ node: NodeID) -> (index: Int, isPresent: Bool) {
        var low = 0
        var high = peers.count
        while low < high {
            let middle = (low + high) >> 1
            if peers[middle].id < node { low = middle + 1 } else { high = middle }
        }
        return (low, low < peers.count && peers[low].id == node)
    }

    /// Keeps a group's message until the step is over.
    mutating func post(_ message: Raft.Message, of place: Int, to node: NodeID, _ outbox: inout Effects) {
        let row = row(of: node)
        let bytes = message.payloadByteCount
        let envelope = MultiRaft.Envelope(group: slots[place].id, message: message)
        counts.envelopes += 1
        if slots[place].writtenStep == stepCount {
            if isFull(peers[row].late, peers[row].lateBytes + bytes) {
                deferred.append(.send(.batch(takeLate(row)), to: node))
            }
            peers[row].late.append(envelope)
            peers[row].lateBytes += bytes
        } else {
            if isFull(peers[row].early, peers[row].earlyBytes + bytes) {
                outbox.send(.batch(takeEarly(row)), to: node)
            }
            peers[row].early.append(envelope)
            peers[row].earlyBytes += bytes
        }
    }

    private func isFull(_ batch: [MultiRaft.Envelope], _ bytes: Int) -> Bool {
        !batch.isEmpty && (bytes > settings.maxBatchBytes || batch.count == MultiRaft.Envelope.countLimit)
    }

    /// Sends everything that the step has to say, in three parts: what waits for no record, the records with what is
    /// told after them, and what waits for them.
    ///
    /// - Complexity: O(peers + what is said and written).
    mutating func flush(_ outbox: inout Effects) {
        isOnTick = false
        for row in peers.indices where !peers[row].early.isEmpty {
            outbox.send(.batch(takeEarly(row)), to: peers[row].id)
        }
        if !deferred.isEmpty {
            for effect in deferred { outbox.append(effect) }
            deferred.removeAll(keepingCapacity: true)
        }
        for row in peers.indices where !peers[row].late.isEmpty {
            outbox.send(.batch(takeLate(row)), to: peers[row].id)
        }
    }

    private mutating func takeEarly(_ row: Int) -> [MultiRaft.Envelope] {
        let batch = peers[row].early
        peers[row].early = []
        peers[row].earlyBytes = 0
        noteSent(row)
        return batch
    }

    private mutating func takeLate(_ row: Int) -> [MultiRaft.Envelope] {
        let batch = peers[row].late
        peers[row].late = []
        peers[row].lateBytes = 0
        noteSent(row)
        return batch
    }

    private mutating func noteSent(_ row: Int) {
        counts.batches += 1
        peers[row].hasSent = true
    }
}

/// How nodes watch each other, once for all the groups they share.
extension MultiRaft.Node {
    /// Lets every peer hear from this node, and notices who has been silent for too long.
    ///
    /// - Complexity: O(peers); O(groups) when one of them is found dead.
    mutating func handleBeat(_ outbox: inout Effects) {
        guard settings.beatInterval > .zero else { return }
        beatCount += 1
        outbox.setTimer(.beat, at: now + settings.beatInterval)
        dropStrangers()
        for row in peers.indices {
            if !peers[row].hasSent {
                counts.beats += 1
                outbox.send(.beat, to: peers[row].id)
            }
            peers[row].hasSent = false
        }
        var row = 0
        while row < peers.count {
            let peer = peers[row]
            if !peer.isDown && beatCount > peer.heardAt + settings.patienceBeats { markDown(peer.id, &outbox) }
            row += 1
        }
    }

    /// Forgets dead nodes that share no group with this one any more; a look now and then is enough.
    private mutating func dropStrangers() {
        guard beatCount & 63 == 0 else { return }
        for row in peers.indices.reversed() where peers[row].isDown {
            let node = peers[row].id
            var isMember = false
            for slot in slots where slot.isLive && slot.node.position(of: node) != nil {
                isMember = true
                break
            }
            if !isMember { peers.remove(at: row) }
        }
    }

    /// Notes a sign of life.
    mutating func noteHeard(_ node: NodeID, _ outbox: inout Effects) {
        let (index, isPresent) = find(node)
        guard isPresent else { return }
        peers[index].heardAt = beatCount
        if peers[index].isDown { markUp(node, &outbox) }
    }

    /// Tells every group of a dead node.
    ///
    /// - Complexity: O(groups × log members).
    mutating func markDown(_ node: NodeID, _ outbox: inout Effects) {
        let (index, isPresent) = find(node)
        guard isPresent, !peers[index].isDown else { return }
        peers[index].isDown = true
        outbox.output(.peerDown(node))
        tellGroups(of: node, .peerDown(node), &outbox)
    }

    /// Tells every group of a node that is back.
    mutating func markUp(_ node: NodeID, _ outbox: inout Effects) {
        let (index, isPresent) = find(node)
        guard isPresent, peers[index].isDown else { return }
        peers[index].isDown = false
        peers[index].heardAt = beatCount
        outbox.output(.peerUp(node))
        tellGroups(of: node, .peerUp(node), &outbox)
    }

    private mutating func tellGroups(of node: NodeID, _ command: Raft.Command, _ outbox: inout Effects) {
        for place in slots.indices where slots[place].isLive && slots[place].node.position(of: node) != nil {
            stepGroup(place, .command(command), &outbox)
        }
    }
}
