import MeshCore

extension Scenario {
    /// The scenario without one node; those above it are numbered anew.
    ///
    /// - Returns: `nil` when there is no such node. A line that speaks of this node alone goes with it.
    func without(_ gone: NodeID) -> Scenario? {
        var fewer = self
        guard fewer.cluster.removeNode(gone) else { return nil }
        func renamed(_ target: Target) -> Target? { target.without(gone) }
        fewer.timeline = timeline.compactMap { statement in
            switch statement {
            case .chaos(var chaos):
                if let target = chaos.target {
                    guard let left = renamed(target) else { return nil }
                    chaos.target = left
                }
                return .chaos(chaos)
            case .event(var event):
                guard let action = event.action.mapped(renamed) else { return nil }
                event.action = action
                if case .when(var reaction) = event.trigger, case .node(let target, let kind) = reaction.event {
                    guard let left = renamed(target) else { return nil }
                    reaction.event = .node(left, kind)
                    event.trigger = .when(reaction)
                }
                return .event(event)
            }
        }
        fewer.network.rules = network.rules.compactMap { rule in
            var rule = rule
            guard let links = rule.links.mapped(renamed) else { return nil }
            rule.links = links
            return rule
        }
        for index in fewer.workloads.indices {
            if let target = fewer.workloads[index].target { fewer.workloads[index].target = renamed(target) }
        }
        if let voters = cluster.raft.voters { fewer.cluster.raft.voters = renamed(voters) }
        if let witnesses = cluster.raft.witnesses { fewer.cluster.raft.witnesses = renamed(witnesses) }
        if let learners = cluster.raft.learners { fewer.cluster.raft.learners = renamed(learners) }
        fewer.cluster.raft.priorities = cluster.raft.priorities.compactMap { priority in
            renamed(priority.target).map { PrioritySetting($0, priority.value) }
        }
        return fewer
    }
}

extension Scenario.Cluster {
    /// Takes a node out of its group.
    fileprivate mutating func removeNode(_ gone: NodeID) -> Bool {
        var first: Int64 = 1
        for index in groups.indices {
            let count = groups[index].count.value
            if Int64(bitPattern: gone.rawValue) < first + count {
                if count == 1 { groups.remove(at: index) } else { groups[index].count = .fixed(count - 1) }
                return true
            }
            first += count
        }
        return false
    }
}

extension Scenario.Target {
    /// The target without one node, those above it being numbered anew; `nil` when nobody is left.
    fileprivate func without(_ gone: NodeID) -> Scenario.Target? {
        func lowered(_ node: NodeID) -> NodeID { node > gone ? NodeID(node.rawValue - 1) : node }
        switch self {
        case .node(let node): return node == gone ? nil : .node(lowered(node))
        case .nodes(let low, let high):
            guard low != high || low != gone else { return nil }
            let first = low > gone ? lowered(low) : low
            let last = high >= gone ? NodeID(high.rawValue - 1) : high
            return first == last ? .node(first) : .nodes(from: first, to: last)
        case .list(let parts):
            let left = parts.compactMap { $0.without(gone) }
            return left.isEmpty ? nil : (left.count == 1 ? left[0] : .list(left))
        case .allBut(let excluded): return excluded.without(gone).map { .allBut($0) } ?? .all
        case .random(let count, of: let set): return set.without(gone).map { .random(count, of: $0) }
        case .group, .region, .leader, .previousLeader, .followers, .minority, .majority, .all, .rest, .crashed,
            .paused, .any:
            return self
        }
    }
}
