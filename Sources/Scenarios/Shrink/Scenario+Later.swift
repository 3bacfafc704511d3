import MeshCore

extension Scenario {
    /// Drops lines that come after this time, and windows that reach beyond it.
    mutating func dropWhatIsLater(than end: Interval) {
        timeline = timeline.compactMap { $0.before(end) }
        for index in 0..<workloads.count {
            if let until = workloads[index].until?.value, until > end { workloads[index].until = nil }
        }
        workloads.removeAll { ($0.from?.value ?? .zero) > end }
    }

    /// Puts the lines that say when they happen in the order of their times, the others behind them.
    mutating func sortTimeline() {
        func time(_ statement: TimelineStatement) -> Interval {
            guard case .event(let event) = statement, case .at(let time) = event.trigger else {
                return Interval(nanoseconds: Int64.max)
            }
            return time.value
        }
        var sorted: [TimelineStatement] = []
        for statement in timeline {
            let place = sorted.firstIndex { time($0) > time(statement) } ?? sorted.count
            sorted.insert(statement, at: place)
        }
        timeline = sorted
    }

    /// Whether every line of the timeline says when it happens and to which nodes.
    var isExact: Bool {
        for statement in timeline {
            guard case .event(let event) = statement, case .at = event.trigger else { return false }
            guard event.lasting?.isApproximate != true, event.action.namesNodes else { return false }
        }
        return true
    }
}

extension Scenario.TimelineStatement {
    /// The statement as far as it lies before this time.
    fileprivate func before(_ end: Interval) -> Scenario.TimelineStatement? {
        switch self {
        case .chaos(var chaos):
            if let from = chaos.from?.value, from >= end { return nil }
            if let until = chaos.until?.value, until > end { chaos.until = nil }
            return .chaos(chaos)
        case .event(var event):
            switch event.trigger {
            case .at(let time): return time.value > end ? nil : self
            case .every(var repetition):
                if let from = repetition.from?.value, from >= end { return nil }
                if let until = repetition.until?.value, until > end { repetition.until = nil }
                event.trigger = .every(repetition)
            case .when(var reaction):
                if let from = reaction.from?.value, from >= end { return nil }
                if let until = reaction.until?.value, until > end { reaction.until = nil }
                event.trigger = .when(reaction)
            }
            return .event(event)
        }
    }
}

extension Scenario.Action {
    /// Whether it names its nodes instead of describing them.
    var namesNodes: Bool {
        for target in targets where !target.namesNodes { return false }
        if case .partition(.halves) = self { return false }
        return true
    }
}

extension Scenario.Target {
    /// Whether it is a list of nodes, or the rest of one.
    fileprivate var namesNodes: Bool {
        switch self {
        case .node, .nodes, .rest, .any: return true
        case .list(let parts):
            for part in parts where !part.namesNodes { return false }
            return true
        case .group, .region, .leader, .previousLeader, .followers, .random, .minority, .majority, .all, .crashed,
            .paused, .allBut:
            return false
        }
    }
}

extension Interval {
    /// The least multiple of a length that is not shorter.
    func roundedUp(to unit: Interval) -> Interval {
        let rest = nanoseconds % unit.nanoseconds
        return rest == 0 ? self : Interval(nanoseconds: nanoseconds - rest + unit.nanoseconds)
    }

    /// The greatest multiple of a length that is not longer.
    func roundedDown(to unit: Interval) -> Interval {
        Interval(nanoseconds: nanoseconds - nanoseconds % unit.nanoseconds)
    }
}

extension Settings {
    /// Whether nodes can be made of them: a default may contradict what is left of the stated settings.
    var areValid: Bool {
        if let raft { do { try raft.check() } catch { return false } }
        if let swim { do { try swim.check() } catch { return false } }
        if let heartbeat { do { try heartbeat.check() } catch { return false } }
        if let gossip { do { try gossip.check() } catch { return false } }
        return true
    }
}
