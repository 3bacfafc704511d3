import MeshCore

extension Scenario.Action {
    /// The targets it names, in the order of the text.
    var targets: [Scenario.Target] {
        var found: [Scenario.Target] = []
        _ = mapped { target in
            found.append(target)
            return target
        }
        return found
    }

    /// The action with every target replaced; `nil` when one is gone that it cannot do without.
    func mapped(_ change: (Scenario.Target) -> Scenario.Target?) -> Scenario.Action? {
        switch self {
        case .partition(.groups(let groups)):
            let left = groups.compactMap(change)
            return left.isEmpty || left == [.rest] ? nil : .partition(.groups(left))
        case .partition(.bridge(let target)): return change(target).map { .partition(.bridge($0)) }
        case .partition(.halves), .partition(.ring), .heal, .healEverything, .reseed: return self
        case .uncut(nil), .unclog(nil), .transfer(to: nil): return self
        case .isolate(let target): return change(target).map { .isolate($0) }
        case .cut(let links): return links.mapped(change).map { .cut($0) }
        case .uncut(let links?): return links.mapped(change).map { .uncut($0) }
        case .clog(let links): return links.mapped(change).map { .clog($0) }
        case .unclog(let links?): return links.mapped(change).map { .unclog($0) }
        case .degrade(var rule):
            guard let links = rule.links.mapped(change) else { return nil }
            rule.links = links
            return .degrade(rule)
        case .crash(let target, let mode): return change(target).map { .crash($0, mode) }
        case .restart(let target): return change(target).map { .restart($0) }
        case .start(let target): return change(target).map { .start($0) }
        case .pause(let target): return change(target).map { .pause($0) }
        case .resume(let target): return change(target).map { .resume($0) }
        case .slow(let target, by: let factor): return change(target).map { .slow($0, by: factor) }
        case .clock(let target, let change0): return change(target).map { .clock($0, change0) }
        case .stallDisk(let target): return change(target).map { .stallDisk($0) }
        case .slowDisk(let target, to: let range): return change(target).map { .slowDisk($0, to: range) }
        case .set(let key, let value, let expires, on: let target):
            return change(target).map { .set(key: key, value: value, expires: expires, on: $0) }
        case .delete(let key, on: let target): return change(target).map { .delete(key: key, on: $0) }
        case .propose(let text, on: let target): return change(target).map { .propose(text, on: $0) }
        case .leave(let target): return change(target).map { .leave($0) }
        case .subscribe(let pattern, on: let target):
            return change(target).map { .subscribe(pattern: pattern, on: $0) }
        case .transfer(to: let target?): return change(target).map { .transfer(to: $0) }
        case .members(let members, on: let asked):
            // Without the nodes that were asked the leader is.
            return members.mapped(change).map { .members($0, on: asked.flatMap(change)) }
        case .diskFault(let fault, on: let target): return change(target).map { .diskFault(fault, on: $0) }
        case .crashAtSync(let target, let moment, let mode):
            return change(target).map { .crashAtSync($0, moment, mode) }
        case .describe(let target, let metadata): return change(target).map { .describe($0, metadata) }
        }
    }
}

extension Scenario.MemberChange {
    fileprivate func mapped(_ change: (Scenario.Target) -> Scenario.Target?) -> Scenario.MemberChange? {
        switch self {
        case .add(let target, let seat, let isExplicit):
            return change(target).map { .add($0, seat, isExplicit: isExplicit) }
        case .promote(let target, let isExplicit): return change(target).map { .promote($0, isExplicit: isExplicit) }
        case .demote(let target, let isExplicit): return change(target).map { .demote($0, isExplicit: isExplicit) }
        case .remove(let target, let isExplicit): return change(target).map { .remove($0, isExplicit: isExplicit) }
        case .voters(let target, let isExplicit): return change(target).map { .voters($0, isExplicit: isExplicit) }
        case .leaveJoint: return self
        }
    }
}

extension Scenario.Links {
    func mapped(_ change: (Scenario.Target) -> Scenario.Target?) -> Scenario.Links? {
        guard let from = change(from), let to = change(to) else { return nil }
        return Scenario.Links(from: from, to: to, isBothWays: isBothWays)
    }
}
