import MeshCore
import Simulator

extension Scenario.Action {
    /// The key it sets or deletes.
    var key: Bytes? {
        switch self {
        case .set(let key, _, _, _), .delete(let key, _): key
        case .partition, .isolate, .cut, .uncut, .heal, .healEverything, .degrade, .clog, .unclog, .crash, .restart,
            .start, .pause, .resume, .slow, .clock, .stallDisk, .slowDisk, .propose, .leave, .subscribe, .transfer,
            .members, .diskFault, .crashAtSync, .reseed, .describe:
            nil
        }
    }
}

extension Run {
    /// Carries an action out.
    ///
    /// - Returns: How to take it back, when it can be.
    mutating func perform(_ action: Scenario.Action, statement: Int, lasting: Interval? = nil) -> Undo? {
        var scope = TargetScope(statement: statement)
        switch action {
        case .partition(let partition): return perform(partition, &scope)
        case .isolate(let target):
            let inside = positions(resolve(target, &scope))
            let outside = positions(simulation.nodes).subtracting(inside)
            return cut(.groups([inside, outside]), nil)
        case .cut(let links):
            return .all(directions(links, &scope).map { cut(.oneWay(from: $0.from, to: $0.to), links) })
        case .uncut(let links):
            for cut in faults.cuts where links == nil || cut.links == links { lift(cut.id) }
        case .clog(let links):
            return .all(directions(links, &scope).map { clog(.oneWay(from: $0.from, to: $0.to), links) })
        case .unclog(let links):
            for clog in faults.clogs where links == nil || clog.links == links { lift(clog.id) }
        case .heal:
            for cut in faults.cuts { lift(cut.id) }
        case .healEverything: healEverything()
        case .degrade(let rule):
            let ids = linkRules(rule, TargetScope(statement: statement)).map { simulation.network.add($0) }
            faults.rules += ids
            return .network(ids)
        case .crash, .restart, .start, .pause, .resume, .slow, .clock, .stallDisk, .slowDisk, .crashAtSync:
            return performOnNodes(action, &scope, lasting)
        case .set, .delete, .propose, .leave, .subscribe, .transfer, .describe:
            command(action, &scope)
        case .members(let change, let asked): perform(change, on: asked, &scope)
        case .diskFault(let fault, on: let target): return perform(fault, resolve(target, &scope), lasting)
        case .reseed(let seed): reseed(seed)
        }
        return nil
    }

    private mutating func perform(_ partition: Scenario.Partition, _ scope: inout TargetScope) -> Undo {
        switch partition {
        case .groups(let targets):
            var groups: [BitSet] = []
            for target in targets { groups.append(positions(resolve(target, &scope))) }
            let rest = simulation.nodes.filter { !scope.named.contains($0) }
            if !rest.isEmpty { groups.append(positions(rest)) }
            return cut(.groups(groups), nil)
        case .halves:
            let half = half(of: simulation.nodes, scope.statement)
            return cut(.groups([half, positions(simulation.nodes).subtracting(half)]), nil)
        case .ring:
            return cut(.ring(simulation.nodes.map { place($0) }), nil)
        case .bridge(let target):
            let bridge = positions(resolve(target, &scope))
            let others = simulation.nodes.filter { !bridge.contains(place($0)) }
            var left = half(of: others, scope.statement)
            var right = positions(others).subtracting(left)
            left.formUnion(bridge)
            right.formUnion(bridge)
            return cut(.groups([left, right]), nil)
        }
    }

    /// A random half of these nodes, the smaller one when they are odd.
    func half(of nodes: [NodeID], _ statement: Int) -> BitSet {
        var pool = nodes
        var half = BitSet()
        for index in 0..<(nodes.count / 2) {
            let bits = random.bits(
                .target, UInt64(bitPattern: Int64(statement)), UInt64(bitPattern: simulation.now.nanoseconds),
                1_000 + UInt64(UInt(bitPattern: index)))
            let index = Random.number(below: UInt64(UInt(bitPattern: pool.count)), from: bits)
            half.insert(place(pool.remove(at: Int(index))))
        }
        return half
    }

    mutating func cut(_ cut: Cut, _ links: Scenario.Links?) -> Undo {
        let id = simulation.network.add(cut)
        faults.cuts.append((id, links))
        return .network([id])
    }

    mutating func clog(_ cut: Cut, _ links: Scenario.Links?) -> Undo {
        let id = simulation.network.clog(cut)
        faults.clogs.append((id, links))
        return .network([id])
    }

    private mutating func lift(_ id: FaultID) {
        simulation.heal(id)
        faults.forget(id)
    }

    /// The directed links a statement names, as sets of zero-based positions.
    private func directions(
        _ links: Scenario.Links, _ scope: inout TargetScope
    ) -> [(from: BitSet, to: BitSet)] {
        let from = positions(resolve(links.from, &scope))
        let to = positions(resolve(links.to, &scope))
        return links.isBothWays ? [(from, to), (to, from)] : [(from, to)]
    }

    /// The rules that a statement about links stands for.
    func linkRules(_ rule: Scenario.LinkRule, _ scope: TargetScope) -> [LinkRule] {
        var scope = scope
        var kinds: UInt64 = 0
        for kind in rule.kinds { kinds |= MeshNode.Message.kinds(named: kind) }
        if rule.kinds.isEmpty { kinds = UInt64.max }
        let change = Setup.change(rule.conditions)
        // A rule of the network section speaks of nodes that have not started yet, too.
        let everyone = positions(simulation.nodes)
        let isEveryLink = rule.links == .every
        let links = isEveryLink ? [(from: everyone, to: everyone)] : directions(rule.links, &scope)
        return links.map { LinkRule(senders: $0.from, receivers: $0.to, kinds: kinds, change: change) }
    }
}

// MARK: - Nodes

extension Run {
    private mutating func performOnNodes(
        _ action: Scenario.Action, _ scope: inout TargetScope, _ lasting: Interval?
    ) -> Undo? {
        switch action {
        case .crash(let target, let mode):
            let nodes = resolve(target, &scope)
            for node in nodes { simulation.crash(node, Self.mode(mode), observing: &watcher) }
            return .restart(nodes)
        case .restart(let target), .start(let target):
            for node in resolve(target, &scope) { simulation.start(node, observing: &watcher) }
            return nil
        case .pause(let target):
            let nodes = resolve(target, &scope)
            for node in nodes { simulation.pause(node, observing: &watcher) }
            return .resume(nodes)
        case .resume(let target):
            for node in resolve(target, &scope) { simulation.resume(node, observing: &watcher) }
            return nil
        case .slow(let target, by: let factor):
            let nodes = resolve(target, &scope)
            let length = Interval(nanoseconds: factor.value.thousandths * Self.stepMicroseconds)
            for node in nodes { simulation.slow(node, stepLength: length) }
            faults.slowed += nodes
            return .speedUp(nodes)
        case .clock(let target, let change): return perform(change, resolve(target, &scope))
        case .stallDisk(let target):
            let nodes = resolve(target, &scope)
            let until = lasting.map { simulation.now + $0 } ?? .distantFuture
            for node in nodes { simulation.stallDisk(of: node, until: until) }
            faults.stalledDisks += nodes
            return .stalled(nodes)
        case .slowDisk(let target, to: let range):
            let nodes = resolve(target, &scope)
            for node in nodes { simulation.slowDisk(of: node, to: .uniform(range.low, range.high)) }
            faults.slowDisks += nodes
            return .fastDisk(nodes)
        case .crashAtSync(let target, let moment, let mode):
            for node in resolve(target, &scope) {
                simulation.crash(
                    node, atSync: UInt64(clamping: moment.count.value), isBefore: moment.isBefore, Self.mode(mode),
                    downTime: lasting)
            }
            return nil
        case .partition, .isolate, .cut, .uncut, .heal, .healEverything, .degrade, .clog, .unclog, .set, .delete,
            .propose, .leave, .subscribe, .transfer, .members, .diskFault, .reseed, .describe:
            return nil
        }
    }

    /// A step of a node that is slowed down by a factor of one takes 100 microseconds: the thousandths of the factor
    /// times this many nanoseconds.
    static var stepMicroseconds: Int64 { 100 }

    static func mode(_ mode: Scenario.CrashMode) -> CrashMode {
        switch mode {
        case .cleanly: .clean
        case .losingUnsynced: .losingUnsynced
        case .wiped: .wiped
        }
    }

    private mutating func perform(_ change: Scenario.ClockChange, _ nodes: [NodeID]) -> Undo? {
        switch change {
        case .skew(let offset):
            for node in nodes {
                simulation.jumpClock(of: node, by: offset.value)
                faults.skewed.append((node, offset.value))
            }
            return .unskew(nodes, offset.value)
        case .jump(let offset):
            for node in nodes { simulation.jumpClock(of: node, by: offset.value) }
            return nil
        case .drift(let drift):
            for node in nodes {
                simulation.driftClock(of: node, partsPerMillion: drift.value.partsPerBillion / 1_000)
            }
            faults.drifting += nodes
            return .undrift(nodes)
        }
    }

    /// Takes a fault back.
    mutating func take(back undo: Undo) {
        watcher.isDirty = true
        switch undo {
        case .network(let ids):
            for id in ids { lift(id) }
        case .restart(let nodes):
            for node in nodes { simulation.start(node, observing: &watcher) }
        case .resume(let nodes):
            for node in nodes { simulation.resume(node, observing: &watcher) }
        case .speedUp(let nodes):
            for node in nodes { simulation.slow(node, stepLength: .zero) }
            faults.slowed.removeAll { nodes.contains($0) }
        case .fastDisk(let nodes):
            for node in nodes { simulation.slowDisk(of: node, to: nil) }
            faults.slowDisks.removeAll { nodes.contains($0) }
        case .stalled(let nodes):
            faults.stalledDisks.removeAll { nodes.contains($0) }
        case .unskew(let nodes, let offset):
            for node in nodes { simulation.jumpClock(of: node, by: .zero - offset) }
            faults.forgetSkew(of: nodes, offset)
        case .undrift(let nodes):
            for node in nodes { simulation.driftClock(of: node, partsPerMillion: 0) }
            faults.drifting.removeAll { nodes.contains($0) }
        case .diskFault(let fault, let nodes):
            for node in nodes { simulation.endDiskFault(fault, of: node) }
            faults.forgetDiskFault(fault, of: nodes)
        case .all(let undos):
            for undo in undos { take(back: undo) }
        }
    }

    private mutating func healEverything() {
        calmEvent = calmEvent ?? simulation.eventCount
        for cut in faults.cuts { lift(cut.id) }
        for clog in faults.clogs { lift(clog.id) }
        for rule in faults.rules { lift(rule) }
        for node in faults.slowed { simulation.slow(node, stepLength: .zero) }
        for node in faults.slowDisks { simulation.slowDisk(of: node, to: nil) }
        for node in faults.stalledDisks { simulation.stallDisk(of: node, until: simulation.now) }
        for node in faults.drifting { simulation.driftClock(of: node, partsPerMillion: 0) }
        for (node, offset) in faults.skewed { simulation.jumpClock(of: node, by: .zero - offset) }
        simulation.disarmCrashes()
        if !faults.brokenDisks.isEmpty { for node in simulation.nodes { simulation.endDiskFaults(of: node) } }
        faults = FaultBook()
        for node in simulation.nodes {
            switch simulation.status(of: node) {
            case .paused: simulation.resume(node, observing: &watcher)
            case .crashed: simulation.start(node, observing: &watcher)
            case .absent, .running: break
            }
        }
    }
}

// MARK: - Commands

extension Run {
    private mutating func command(_ action: Scenario.Action, _ scope: inout TargetScope) {
        switch action {
        case .set(let key, let value, let expires, on: let target):
            convergenceMarks.append(simulation.now)
            if let life = expires?.value {
                tell(.gossip(.setExpiring(key: key, value: value, for: life)), resolve(target, &scope))
            } else {
                tell(.gossip(.set(key: key, value: value)), resolve(target, &scope))
            }
        case .delete(let key, on: let target):
            convergenceMarks.append(simulation.now)
            tell(.gossip(.delete(key: key)), resolve(target, &scope))
        case .propose(let text, on: let target):
            for node in resolve(target, &scope) {
                watcher.metrics.proposals += 1
                let id = nextProposal()
                simulation.command(.raft(.propose(text, id: id)), at: node, observing: &watcher)
            }
        case .leave(let target):
            let nodes = resolve(target, &scope)
            tell(.swim(.leave), nodes)
            tell(.heartbeat(.stop), nodes)
        case .subscribe(let pattern, on: let target):
            tell(.gossip(.subscribe(pattern)), resolve(target, &scope))
        case .describe(let target, let metadata): tell(.swim(.describe(metadata)), resolve(target, &scope))
        case .transfer(let target):
            let leader = resolve(.leader, &scope)
            guard let target else { return tell(.raft(.transfer(to: nil)), leader) }
            if let successor = resolve(target, &scope).first { tell(.raft(.transfer(to: successor)), leader) }
        case .partition, .isolate, .cut, .uncut, .heal, .healEverything, .degrade, .clog, .unclog, .crash, .restart,
            .start, .pause, .resume, .slow, .clock, .stallDisk, .slowDisk, .members, .diskFault, .crashAtSync,
            .reseed:
            break
        }
    }

    private mutating func tell(_ command: MeshNode.Command, _ nodes: [NodeID]) {
        for node in nodes { simulation.command(command, at: node, observing: &watcher) }
    }

    /// The number of a proposal that no client waits for.
    mutating func nextProposal() -> UInt64 {
        proposalCount += 1
        return proposalCount
    }
}
