/// Broadcasts, direct messages and the overlay they travel on.
extension MeshNode {
    /// Creates what spreads messages.
    mutating func prepareSpreading(_ configuration: Configuration, _ random: Random) {
        if let settings = configuration.hyparview ?? (configuration.plumtree == nil ? nil : HyParView.Settings()) {
            hyparview = HyParView.Node(
                id: id, peers: configuration.peers, settings: settings, random: random.derived(.component, 5))
        }
        if let settings = configuration.plumtree {
            plumtree = Plumtree.Node(id: id, settings: settings, random: random.derived(.component, 6))
        }
        if let settings = configuration.broadcast {
            broadcast = Broadcast.Node(
                id: id, peers: hyparview == nil ? configuration.peers : [], settings: settings,
                random: random.derived(.component, 4))
        }
    }

    /// Leaves every decision from now on to another generator.
    mutating func reseedSpreading(_ random: Random) {
        broadcast?.random = random.derived(.component, 4)
        hyparview?.random = random.derived(.component, 5)
        plumtree?.random = random.derived(.component, 6)
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

    mutating func stepOverlay(
        _ input: consuming Input<HyParView.Node>, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        guard hyparview != nil else { return }
        var inner = outbox.lend(Effect<HyParView.Node>.self)
        hyparview?.step(input, at: now, into: &inner)
        inner.drain { effect in
            switch effect {
            case .send(let message, to: let peer): outbox.send(.hyparview(message), to: peer)
            case .setTimer(let timer, at: let instant): outbox.setTimer(.hyparview(timer), at: instant)
            case .cancelTimer(let timer): outbox.cancelTimer(.hyparview(timer))
            case .persist: break
            case .output(let output): handle(output, now, &outbox)
            }
        }
        outbox.takeBack(inner)
    }

    mutating func stepTree(
        _ input: consuming Input<Plumtree.Node>, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        guard plumtree != nil else { return }
        var inner = outbox.lend(Effect<Plumtree.Node>.self)
        plumtree?.step(input, at: now, into: &inner)
        inner.drain { effect in
            switch effect {
            case .send(let message, to: let peer): outbox.send(.plumtree(message), to: peer)
            case .setTimer(let timer, at: let instant): outbox.setTimer(.plumtree(timer), at: instant)
            case .cancelTimer(let timer): outbox.cancelTimer(.plumtree(timer))
            case .persist: break
            case .output(let output): outbox.output(.plumtree(output))
            }
        }
        outbox.takeBack(inner)
    }

    /// The neighbours of the overlay are the links of whatever spreads messages.
    private mutating func handle(
        _ output: HyParView.Output, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>
    ) {
        outbox.output(.hyparview(output))
        switch output {
        case .up(let peer):
            stepTree(.command(.addLink(peer)), now, &outbox)
            stepBroadcast(.command(.addLink(peer)), now, &outbox)
        case .down(let peer, _):
            stepTree(.command(.removeLink(peer)), now, &outbox)
            stepBroadcast(.command(.removeLink(peer)), now, &outbox)
        }
    }

    /// Failure detection has found a node: broadcasts use the link to it.
    mutating func linkPeer(_ peer: NodeID, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>) {
        if hyparview != nil { return stepOverlay(.command(.meet(peer)), now, &outbox) }
        stepBroadcast(.command(.addLink(peer)), now, &outbox)
    }

    /// Failure detection has lost a node: broadcasts do without the link to it; an overlay judges for itself.
    mutating func unlinkPeer(_ peer: NodeID, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>) {
        if hyparview == nil { stepBroadcast(.command(.removeLink(peer)), now, &outbox) }
    }
}
