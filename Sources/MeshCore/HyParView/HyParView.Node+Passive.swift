/// The passive view.
extension HyParView.Node {
    /// Remembers nodes; when there is no place, first those go that were just shown to the other side, then random
    /// ones.
    ///
    /// - Parameter sent: What was just shown to the other side.
    mutating func remember(_ nodes: [NodeID], at now: Instant, sent: [NodeID]) {
        var next = 0
        for node in nodes where node != id && !isNeighbour(node) && !passive.contains(node) {
            if passive.count >= settings.passiveSize {
                var place: Int?
                while place == nil, next < sent.count {
                    place = passive.firstIndex(of: sent[next])
                    next += 1
                }
                let drawn = bits(.overlayForgotten, now, node.rawValue)
                passive.remove(at: place ?? Int(Random.number(below: UInt64(UInt(passive.count)), from: drawn)))
            }
            passive.append(node)
        }
    }

    /// Sends some of both views on a walk.
    func shuffle(at now: Instant, into outbox: inout Effects) {
        guard !active.isEmpty else { return }
        let drawn = bits(.overlaySample, now, 0)
        let target = active[Int(Random.number(below: UInt64(UInt(active.count)), from: drawn))].id
        var shown: [NodeID] = []
        sample(active.map { $0.id }, settings.shuffleActive, Random.further(drawn, 1), &shown)
        sample(passive, settings.shufflePassive, Random.further(drawn, 2), &shown)
        shown.removeAll { $0 == target }
        outbox.send(
            .mix(origin: id, steps: UInt8(truncatingIfNeeded: settings.activeWalk), nodes: shown), to: target)
    }

    /// Adds a few different members of a view.
    ///
    /// Source: Floyd's sampling, in Bentley, "Programming Pearls: A Sample of Brilliance", CACM 1987.
    private func sample(_ view: [NodeID], _ count: Int, _ drawn: UInt64, _ shown: inout [NodeID]) {
        let wanted = count < view.count ? count : view.count
        for bound in (view.count - wanted)..<view.count {
            let word = Random.further(drawn, UInt64(UInt(bound)) + 1)
            let node = view[Int(Random.number(below: UInt64(UInt(bound)) + 1, from: word))]
            shown.append(shown.contains(node) ? view[bound] : node)
        }
    }

    /// Passes a shuffle on, or answers it with as many of this node's.
    mutating func handleShuffle(
        _ nodes: [NodeID], of origin: NodeID, steps: Int, from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        guard origin != id else { return }
        let left = (steps < settings.activeWalk ? steps : settings.activeWalk) - 1
        if left > 0, active.count > 1, let next = step(of: origin, notTo: peer, at: now) {
            return outbox.send(
                .mix(origin: origin, steps: UInt8(truncatingIfNeeded: left), nodes: nodes), to: next)
        }
        var shown: [NodeID] = []
        sample(passive, nodes.count, bits(.overlaySample, now, origin.rawValue), &shown)
        outbox.send(.mixed(shown), to: origin)
        remember(nodes, at: now, sent: shown)
        remember([origin], at: now, sent: shown)
    }
}
