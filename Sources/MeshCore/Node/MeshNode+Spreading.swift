/// Broadcasts, direct messages and the overlay they travel on.
extension MeshNode {
    /// Creates what spreads messages.
    mutating func prepareSpreading(_ configuration: Configuration, _ random: Random) {
        if let settings = configuration.broadcast {
            broadcast = Broadcast.Node(
                id: id, peers: configuration.peers, settings: settings, random: random.derived(.component, 4))
        }
    }

    /// Leaves every decision from now on to another generator.
    mutating func reseedSpreading(_ random: Random) {
        broadcast?.random = random.derived(.component, 4)
    }

    mutating func stepBroadcast(
        _ input: consuming Input<Broadcast.Node>, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        guard broadcast != nil else { return }
        var inner = outbox.lend(Effect<Broadcast.Node>.self)
        broadcast?.step(input, at: now, into: &inner)
        inner.drain { effect in
            switch effect {
            case .send(let message, to: let peer): outbox.send(.broadcast(message), to: peer)
            case .setTimer(let timer, at: let instant): outbox.setTimer(.broadcast(timer), at: instant)
            case .cancelTimer(let timer): outbox.cancelTimer(.broadcast(timer))
            case .persist: break
            case .output(let output): outbox.output(.broadcast(output))
            }
        }
        outbox.takeBack(inner)
    }

    /// Failure detection has found a node: broadcasts use the link to it.
    mutating func linkPeer(_ peer: NodeID, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>) {
        stepBroadcast(.command(.addLink(peer)), now, &outbox)
    }

    /// Failure detection has lost a node: broadcasts do without the link to it.
    mutating func unlinkPeer(_ peer: NodeID, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>) {
        stepBroadcast(.command(.removeLink(peer)), now, &outbox)
    }
}
