import MeshCore

extension Drawer {
    mutating func draw(_ target: Scenario.Target) -> Scenario.Target {
        switch target {
        case .random(let count, of: let set): return .random(draw(count), of: draw(set))
        case .allBut(let excluded): return .allBut(draw(excluded))
        case .list(let parts):
            var drawn: [Scenario.Target] = []
            for part in parts { drawn.append(draw(part)) }
            return .list(drawn)
        case .node, .nodes, .group, .region, .leader, .previousLeader, .followers, .minority, .majority: return target
        case .all, .rest, .crashed, .paused, .any: return target
        }
    }

    mutating func draw(_ action: Scenario.Action) -> Scenario.Action {
        switch action {
        case .partition(let partition): return .partition(draw(partition))
        case .isolate(let target): return .isolate(draw(target))
        case .cut(let links): return .cut(draw(links))
        case .uncut(let links): return .uncut(draw(links))
        case .heal, .healEverything: return action
        case .degrade(let rule): return .degrade(draw(rule))
        case .clog(let links): return .clog(draw(links))
        case .unclog(let links): return .unclog(draw(links))
        case .crash(let target, let mode): return .crash(draw(target), mode)
        case .restart(let target): return .restart(draw(target))
        case .start(let target): return .start(draw(target))
        case .pause(let target): return .pause(draw(target))
        case .resume(let target): return .resume(draw(target))
        case .slow(let target, let factor): return .slow(draw(target), by: draw(factor))
        case .clock(let target, let change): return .clock(draw(target), draw(change))
        case .stallDisk(let target): return .stallDisk(draw(target))
        case .slowDisk(let target, let lengths): return .slowDisk(draw(target), to: lengths)
        case .set(let key, let value, let expires, let target):
            return .set(key: key, value: value, expires: expires.map { draw($0) }, on: draw(target))
        case .delete(let key, let target): return .delete(key: key, on: draw(target))
        case .propose(let text, let target): return .propose(text, on: draw(target))
        case .leave(let target): return .leave(draw(target))
        case .subscribe(let pattern, let target): return .subscribe(pattern: pattern, on: draw(target))
        case .transfer(let target?): return .transfer(to: .some(draw(target)))
        case .transfer(nil): return action
        case .members(let change, let asked): return .members(draw(change), on: asked.map { draw($0) })
        case .diskFault(let fault, let target): return .diskFault(fault, on: draw(target))
        case .crashAtSync(let target, let moment, let mode):
            return .crashAtSync(
                draw(target), Scenario.SyncMoment(draw(moment.count), isBefore: moment.isBefore), mode)
        case .reseed: return action
        case .describe(let target, let metadata): return .describe(draw(target), metadata)
        }
    }

    private mutating func draw(_ change: Scenario.MemberChange) -> Scenario.MemberChange {
        switch change {
        case .add(let target, let seat, let isExplicit): return .add(draw(target), seat, isExplicit: isExplicit)
        case .promote(let target, let isExplicit): return .promote(draw(target), isExplicit: isExplicit)
        case .demote(let target, let isExplicit): return .demote(draw(target), isExplicit: isExplicit)
        case .remove(let target, let isExplicit): return .remove(draw(target), isExplicit: isExplicit)
        case .voters(let target, let isExplicit): return .voters(draw(target), isExplicit: isExplicit)
        case .leaveJoint: return change
        }
    }

    private mutating func draw(_ links: Scenario.Links?) -> Scenario.Links? {
        guard let links else { return nil }
        return .some(draw(links))
    }

    private mutating func draw(_ partition: Scenario.Partition) -> Scenario.Partition {
        switch partition {
        case .halves, .ring: return partition
        case .bridge(let target): return .bridge(draw(target))
        case .groups(let groups):
            var drawn: [Scenario.Target] = []
            for group in groups { drawn.append(draw(group)) }
            return .groups(drawn)
        }
    }

    private mutating func draw(_ change: Scenario.ClockChange) -> Scenario.ClockChange {
        switch change {
        case .skew(let difference): return .skew(draw(difference))
        case .drift(let drift): return .drift(draw(drift))
        case .jump(let difference): return .jump(draw(difference))
        }
    }

    mutating func draw(_ claim: Scenario.Claim) -> Scenario.Claim {
        switch claim {
        case .never(let event): return .never(draw(event))
        case .sometimes(let event): return .sometimes(draw(event))
        case .within(let bound, let event, let condition):
            let bound = draw(bound)
            var after: Scenario.Event?
            if let event { after = draw(event) }
            return .within(bound, after: after, draw(condition))
        case .atEnd(let condition): return .atEnd(draw(condition))
        case .always, .compares, .failure, .digest: return claim
        }
    }

    mutating func draw(_ event: Scenario.Event) -> Scenario.Event {
        switch event {
        case .node(let target, let nodeEvent): return .node(draw(target), nodeEvent)
        case .becameTrue(let condition): return .becameTrue(draw(condition))
        case .leaderElected, .leaderChanges, .leaderLost, .snapshotTaken, .snapshotInstalled, .allClear, .ran:
            return event
        }
    }

    private mutating func draw(_ condition: Scenario.Condition) -> Scenario.Condition {
        switch condition {
        case .leader(let target, let isNegated): return .leader(isIn: draw(target), isNegated: isNegated)
        case .knows(let target, let key, let value): return .knows(draw(target), key: key, value: value)
        case .membership(let target, let membership, let extent):
            return .membership(of: draw(target), membership, extent)
        case .nobodySuspects(let target): return .nobodySuspects(draw(target))
        case .voters(let target): return .voters(draw(target))
        case .oneLeader, .noLeader, .progress, .caughtUp, .converged, .nobodyKnows, .compares, .asleep:
            return condition
        }
    }
}
