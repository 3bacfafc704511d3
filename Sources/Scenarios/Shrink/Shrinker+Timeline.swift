import MeshCore

extension Shrinker {
    /// Takes whole sections away.
    mutating func dropWhole() {
        pass = "sections"
        attempt { $0.timeline = [] }
        attempt { $0.workloads = [] }
        attempt { $0.network = Scenario.Network() }
        attempt { $0.disk = Scenario.Disk() }
        attempt { $0.cluster.dropSettings() }
    }

    /// Takes lines of the timeline away: blocks from the end, each round half as long, then pairs.
    mutating func dropStatements() {
        pass = "timeline"
        attempt { $0.timeline = [] }
        var size = max(best.timeline.count / 2, 1)
        while !isOver {
            var end = best.timeline.count
            while end > 0, !isOver {
                let start = max(end - size, 0)
                attempt { $0.timeline.removeSubrange(start..<end) }
                end = start
            }
            if size == 1 { break }
            size /= 2
        }
        dropPairs()
    }

    /// The most lines among which every pair is tried.
    private static var pairLimit: Int { 12 }

    /// A fault and its end often go only together.
    private mutating func dropPairs() {
        guard best.timeline.count <= Self.pairLimit else { return }
        var last = best.timeline.count - 1
        while last > 0, !isOver {
            for first in (0..<last).reversed() {
                let isGone = attempt {
                    $0.timeline.remove(at: last)
                    $0.timeline.remove(at: first)
                }
                if isGone { break }
            }
            last = min(last, best.timeline.count) - 1
        }
    }

    /// Takes nodes away, the others being numbered anew.
    mutating func dropNodes() {
        pass = "nodes"
        var node = best.cluster.nodeCount
        while node > 0, !isOver {
            if best.cluster.nodeCount > 1, let fewer = best.without(NodeID(UInt64(bitPattern: node))) {
                _ = keep(fewer)
            }
            node = min(node - 1, best.cluster.nodeCount)
        }
    }

    /// Makes each line of the timeline simpler.
    mutating func simplifyActions() {
        pass = "lines"
        var index = best.timeline.count - 1
        while index >= 0, !isOver {
            switch best.timeline[index] {
            case .event: simplifyEvent(index)
            case .chaos: simplifyChaos(index)
            }
            index -= 1
        }
    }

    /// Changes one line, if it is an event.
    private mutating func attemptEvent(_ index: Int, _ change: (inout Scenario.TimelineEvent) -> Void) {
        attempt { scenario in
            guard case .event(var event) = scenario.timeline[index] else { return }
            change(&event)
            scenario.timeline[index] = .event(event)
        }
    }

    private mutating func simplifyEvent(_ index: Int) {
        attemptEvent(index) { $0.lasting = nil }
        attemptEvent(index) { $0.lasting?.isApproximate = false }
        attemptEvent(index) { event in
            if case .crash(let target, _) = event.action { event.action = .crash(target, .cleanly) }
        }
        attemptEvent(index) { event in
            if case .cut(var links) = event.action {
                links.isBothWays = false
                event.action = .cut(links)
            }
        }
        attemptEvent(index) { event in
            if case .when(var reaction) = event.trigger {
                reaction.isEachTime = false
                event.trigger = .when(reaction)
            }
        }
        attemptEvent(index) { event in
            if case .when(var reaction) = event.trigger {
                reaction.from = nil
                reaction.until = nil
                event.trigger = .when(reaction)
            }
        }
        simplifyTargets(index)
        simplifyConditions(index)
    }

    /// Names fewer nodes.
    private mutating func simplifyTargets(_ index: Int) {
        var member = 0
        while !isOver {
            guard case .event(let event) = best.timeline[index] else { return }
            var seen = 0
            let fewer = event.action.mapped { target -> Scenario.Target? in
                guard case .list(let parts) = target else { return target }
                var left: [Scenario.Target] = []
                for part in parts {
                    if seen != member { left.append(part) }
                    seen += 1
                }
                return left.isEmpty ? nil : (left.count == 1 ? left[0] : .list(left))
            }
            guard member < seen else { return }
            var isKept = false
            if let fewer {
                isKept = attempt { scenario in
                    var changed = event
                    changed.action = fewer
                    scenario.timeline[index] = .event(changed)
                }
            }
            if !isKept { member += 1 }
        }
    }

    /// Changes less about links.
    private mutating func simplifyConditions(_ index: Int) {
        guard case .event(let event) = best.timeline[index], case .degrade = event.action else { return }
        for change in Scenario.LinkConditions.simplifications {
            attemptEvent(index) { event in
                guard case .degrade(var rule) = event.action else { return }
                change(&rule.conditions)
                event.action = .degrade(rule)
            }
        }
        attemptEvent(index) { event in
            guard case .degrade(var rule) = event.action else { return }
            rule.kinds = []
            event.action = .degrade(rule)
        }
    }

    private mutating func simplifyChaos(_ index: Int) {
        attempt { scenario in
            guard case .chaos(var chaos) = scenario.timeline[index] else { return }
            chaos.every.isApproximate = false
            chaos.lasting.isApproximate = false
            scenario.timeline[index] = .chaos(chaos)
        }
        attempt { scenario in
            guard case .chaos(var chaos) = scenario.timeline[index] else { return }
            chaos.from = nil
            chaos.until = nil
            scenario.timeline[index] = .chaos(chaos)
        }
    }

    /// Replaces times by round ones.
    mutating func roundTimes() {
        pass = "times"
        for unit in [Interval.seconds(1), .milliseconds(100), .milliseconds(10), .milliseconds(1)] {
            var index = best.timeline.count - 1
            while index >= 0, !isOver {
                attemptEvent(index) { event in
                    guard case .at(let time) = event.trigger else { return }
                    event.trigger = .at(.fixed(time.value.roundedDown(to: unit)))
                }
                attemptEvent(index) { event in
                    guard case .at(let time) = event.trigger else { return }
                    event.trigger = .at(.fixed(time.value.roundedUp(to: unit)))
                }
                attemptEvent(index) { event in
                    guard let length = event.lasting?.length.value, length > .zero else { return }
                    event.lasting?.length = .fixed(length.roundedUp(to: unit))
                }
                index -= 1
            }
        }
    }
}
