/// What happens every beat.
extension HyParView.Node {
    mutating func handleBeatTimer(at now: Instant, into outbox: inout Effects) {
        beat += 1
        outbox.setTimer(.beat, at: now + settings.beatInterval)
        countBeat(at: now)
        missSilent(at: now, into: &outbox)
        for neighbour in active { outbox.send(.beat(part.root), to: neighbour.id) }
        forgetSilentRequests()
        avoided = []
        findNeighbours(at: now, into: &outbox)
        let phase = random.bits(.overlayPhase, id.rawValue, 1) % UInt64(UInt(settings.shuffleBeats))
        guard (beat &+ phase) % UInt64(UInt(settings.shuffleBeats)) == 0 else { return }
        shuffle(at: now, into: &outbox)
        greet(at: now, into: &outbox)
    }

    /// Gives up neighbours whose beats are missing.
    private mutating func missSilent(at now: Instant, into outbox: inout Effects) {
        var index = 0
        while index < active.count {
            active[index].silence += 1
            guard active[index].silence > settings.silenceLimit else {
                index += 1
                continue
            }
            let peer = active.remove(at: index).id
            // It may hear us although we do not hear it.
            outbox.send(.disconnect(isLeaving: false), to: peer)
            outbox.output(.down(peer, .silent))
            avoid(peer)
        }
    }

    /// A neighbour lives; somebody else who takes this node for a neighbour is one, or is told the truth.
    mutating func handleBeat(_ root: HyParView.Root, from peer: NodeID, at now: Instant, into outbox: inout Effects) {
        if let index = neighbourIndex(peer) {
            active[index].silence = 0
        } else if active.count < settings.activeSize {
            add(peer, at: now, into: &outbox)
        } else {
            return outbox.send(.disconnect(isLeaving: false), to: peer)
        }
        hear(of: root)
    }

    /// Forgets nodes that did not answer for two beats.
    private mutating func forgetSilentRequests() {
        var index = 0
        while index < asked.count {
            asked[index].age += 1
            guard asked[index].age > 2 else {
                index += 1
                continue
            }
            let peer = asked.remove(at: index).peer
            passive.removeAll { $0 == peer }
        }
    }
}

// MARK: - Parts of a mesh

extension HyParView.Node {
    /// What is known of the part of the mesh in which this node is.
    struct Part: Sendable {
        /// The smallest id, and the highest count it was heard with.
        var root = HyParView.Root(id: NodeID(UInt64.max), count: 0)
        /// How many beats its count has not grown.
        var silence = 0
        /// How many beats it has been the root.
        var age = 0
        /// A root that fell silent; what others still say of it is old.
        var lost: HyParView.Root?
        /// How many beats ago it was forgotten.
        var lostAge = 0
    }

    /// Whether the root has stood long enough to tell parts of a mesh apart.
    var isSettled: Bool { part.age >= settings.rootLife }

    /// Raises the count when this node is the root, and forgets a root that has been silent for too long.
    private mutating func countBeat(at now: Instant) {
        part.age += 1
        part.lostAge += 1
        if part.lostAge > 4 * settings.rootLife { part.lost = nil }
        guard part.root.id != id else {
            part.root = HyParView.Root(id: id, count: part.root.count &+ 1)
            return
        }
        part.silence += 1
        guard part.silence > settings.rootLife else { return }
        part.lost = part.root
        part.lostAge = 0
        become(rootOf: HyParView.Root(id: id, count: 1))
    }

    private mutating func become(rootOf root: HyParView.Root) {
        if root.id != part.root.id { part.age = 0 }
        part.root = root
        part.silence = 0
    }

    /// Takes over a smaller root, or a newer word of the same.
    private mutating func hear(of root: HyParView.Root) {
        if let lost = part.lost, lost.id == root.id, root.count <= lost.count { return }
        // An echo of an earlier life.
        if root.id == id, part.root.id == id, root.count > part.root.count { return become(rootOf: root) }
        if root.id < part.root.id || (root.id == part.root.id && root.count > part.root.count) { become(rootOf: root) }
    }

    /// Greets one that is no neighbour, so that two parts of a mesh find each other.
    private func greet(at now: Instant, into outbox: inout Effects) {
        let choice = bits(.overlayContact, now, 1)
        let isToContact = choice & 3 == 0 || passive.isEmpty
        let nodes = isToContact ? contacts : passive
        guard !nodes.isEmpty else { return }
        let peer = nodes[Int(Random.number(below: UInt64(UInt(nodes.count)), from: choice >> 2))]
        guard !isNeighbour(peer) else { return }
        outbox.send(.greeting(part.root, isSettled: isSettled), to: peer)
    }

    /// Becomes the neighbour of whoever is in another part of the mesh.
    mutating func handleGreeting(
        _ root: HyParView.Root, _ isOtherSettled: Bool, from peer: NodeID, into outbox: inout Effects
    ) {
        guard root.id != part.root.id, isOtherSettled, isSettled, !isNeighbour(peer) else { return }
        ask(peer, isUrgent: true, into: &outbox)
    }
}
