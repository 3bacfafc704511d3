import MeshCore
import Simulator

/// Writes down what the timeline really did, with nothing left to chance: which nodes, when, for how long.
extension Run {
    /// Notes an action that is about to be carried out, as lines `at T ...` that name nodes.
    mutating func noteDeed(_ action: Scenario.Action, _ statement: Int, lasting: Interval?) {
        guard deeds != nil else { return }
        let moment = Scenario.Setting.fixed(simulation.now - Instant.zero)
        for exact in exactly(action, statement) {
            deeds?.append(
                .event(
                    Scenario.TimelineEvent(
                        .at(moment), exact, lasting: lasting.map { Scenario.Pace(.fixed($0)) })))
        }
    }

    /// What an action comes to at this moment; empty when it does nothing.
    ///
    /// Targets are resolved in the order in which carrying it out resolves them, so that the same nodes are drawn.
    private func exactly(_ action: Scenario.Action, _ statement: Int) -> [Scenario.Action] {
        var scope = TargetScope(statement: statement)
        switch action {
        case .partition(let partition): return exactly(partition, &scope)
        case .isolate(let target): return named(target, &scope) { .isolate($0) }
        case .cut(let links): return named(links, &scope) { .cut($0) }
        case .clog(let links): return named(links, &scope) { .clog($0) }
        case .uncut(let links?): return named(links, &scope) { .uncut($0) }
        case .unclog(let links?): return named(links, &scope) { .unclog($0) }
        case .uncut(nil), .unclog(nil), .heal, .healEverything, .transfer(to: nil), .reseed: return [action]
        case .degrade(let rule):
            guard rule.links != .every else { return [action] }
            return named(rule.links, &scope) { links in
                var exact = rule
                exact.links = links
                return .degrade(exact)
            }
        case .crash(let target, let mode): return named(target, &scope) { .crash($0, mode) }
        case .restart(let target): return named(target, &scope) { .restart($0) }
        case .start(let target): return named(target, &scope) { .start($0) }
        case .pause(let target): return named(target, &scope) { .pause($0) }
        case .resume(let target): return named(target, &scope) { .resume($0) }
        case .slow(let target, by: let factor): return named(target, &scope) { .slow($0, by: factor) }
        case .clock(let target, let change): return named(target, &scope) { .clock($0, change) }
        case .stallDisk(let target): return named(target, &scope) { .stallDisk($0) }
        case .slowDisk(let target, to: let range): return named(target, &scope) { .slowDisk($0, to: range) }
        case .set(let key, let value, let expires, on: let target):
            return named(target, &scope) { .set(key: key, value: value, expires: expires, on: $0) }
        case .delete(let key, on: let target): return named(target, &scope) { .delete(key: key, on: $0) }
        case .propose(let text, on: let target): return named(target, &scope) { .propose(text, on: $0) }
        case .leave(let target): return named(target, &scope) { .leave($0) }
        case .subscribe(let pattern, on: let target):
            return named(target, &scope) { .subscribe(pattern: pattern, on: $0) }
        case .transfer(to: let target?):
            // Carrying it out resolves the leader first.
            _ = resolve(.leader, &scope)
            return named(target, &scope) { .transfer(to: $0) }
        case .members(let change, on: let asked):
            guard let exact = exactly(change, &scope) else { return [] }
            guard let asked else { return [.members(exact, on: nil)] }
            return named(asked, &scope) { .members(exact, on: $0) }
        case .diskFault(let fault, on: let target): return named(target, &scope) { .diskFault(fault, on: $0) }
        case .crashAtSync(let target, let moment, let mode):
            return named(target, &scope) { .crashAtSync($0, moment, mode) }
        case .describe(let target, let metadata): return named(target, &scope) { .describe($0, metadata) }
        }
    }

    private func exactly(
        _ change: Scenario.MemberChange, _ scope: inout TargetScope
    ) -> Scenario.MemberChange? {
        switch change {
        case .add(let target, let seat, let isExplicit):
            return names(target, &scope).map { .add($0, seat, isExplicit: isExplicit) }
        case .promote(let target, let isExplicit):
            return names(target, &scope).map { .promote($0, isExplicit: isExplicit) }
        case .demote(let target, let isExplicit):
            return names(target, &scope).map { .demote($0, isExplicit: isExplicit) }
        case .remove(let target, let isExplicit):
            return names(target, &scope).map { .remove($0, isExplicit: isExplicit) }
        case .voters(let target, let isExplicit):
            return names(target, &scope).map { .voters($0, isExplicit: isExplicit) }
        case .leaveJoint: return change
        }
    }

    private func exactly(_ partition: Scenario.Partition, _ scope: inout TargetScope) -> [Scenario.Action] {
        switch partition {
        case .ring: return [.partition(.ring)]
        case .halves:
            let half = half(of: simulation.nodes, scope.statement)
            return [.partition(.groups([Self.list(nodes(at: half)), .rest]))]
        case .bridge(let target):
            let bridge = positions(resolve(target, &scope))
            let others = simulation.nodes.filter { !bridge.contains(place($0)) }
            let left = half(of: others, scope.statement)
            let right = positions(others).subtracting(left)
            let links = Scenario.Links(
                from: Self.list(nodes(at: left)), to: Self.list(nodes(at: right)), isBothWays: true)
            return left.isEmpty || right.isEmpty ? [] : [.cut(links)]
        case .groups(let targets):
            var groups: [Scenario.Target] = []
            for target in targets {
                let nodes = resolve(target, &scope)
                if !nodes.isEmpty { groups.append(Self.list(nodes)) }
            }
            guard let first = groups.first else { return [] }
            let isWhole = scope.named.count == simulation.nodes.count
            if groups.count == 1 && isWhole { return [.partition(.groups([first]))] }
            // Whoever is in no group is in one more, written down or not.
            return [.partition(.groups(isWhole ? groups : groups + [.rest]))]
        }
    }

    private func nodes(at places: BitSet) -> [NodeID] { simulation.nodes.filter { places.contains(place($0)) } }

    /// The nodes as a target that names them.
    static func list(_ nodes: [NodeID]) -> Scenario.Target {
        nodes.count == 1 ? .node(nodes[0]) : .list(nodes.map { .node($0) })
    }

    private func names(_ target: Scenario.Target, _ scope: inout TargetScope) -> Scenario.Target? {
        let nodes = resolve(target, &scope)
        return nodes.isEmpty ? nil : Self.list(nodes)
    }

    private func named(
        _ target: Scenario.Target, _ scope: inout TargetScope, _ action: (Scenario.Target) -> Scenario.Action
    ) -> [Scenario.Action] {
        names(target, &scope).map { [action($0)] } ?? []
    }

    private func named(
        _ links: Scenario.Links, _ scope: inout TargetScope, _ action: (Scenario.Links) -> Scenario.Action
    ) -> [Scenario.Action] {
        guard let from = names(links.from, &scope), let to = names(links.to, &scope) else { return [] }
        return [action(Scenario.Links(from: from, to: to, isBothWays: links.isBothWays))]
    }
}

extension Scenario {
    /// The scenario as one seed runs it, with every line of its timeline replaced by what it did, up to the end of the
    /// run: antagonists, repetitions and reactions become lines `at T ...` that name their nodes.
    ///
    /// The run of the result is the same run, except where two things happen in the same nanosecond.
    ///
    /// - Complexity: That of a run.
    public func withDeeds(ofSeed seed: UInt64, events: UInt64 = UInt64.max) -> Scenario {
        var run = Run(self, seed: seed, storage: nil, notesDeeds: true)
        _ = run.advance(events: events)
        var exact = run.scenario
        exact.duration = .fixed(run.end - Instant.zero)
        exact.timeline = run.deeds ?? []
        // A node that has not started by now must not start at once.
        let absent = run.simulation.nodes.filter { run.simulation.status(of: $0) == .absent }
        if !absent.isEmpty {
            let start = Action.start(Run.list(absent))
            exact.timeline.append(.event(TimelineEvent(.at(.fixed(run.end - Instant.zero)), start)))
        }
        return exact
    }
}
