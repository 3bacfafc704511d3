public import MeshCore

extension Scenario {
    /// How long a run lasts: ``duration``, or until a while after the last thing that the file puts at a time.
    ///
    /// The while is the longest `within` of the expectations, at least 5 s; the run lasts at least 10 s. Of drawn
    /// settings the greatest value counts.
    ///
    /// - Complexity: O(statements).
    public var end: Interval {
        if let duration { return duration.value }
        var last = Interval.zero
        for workload in workloads { last = max(last, workload.until?.highest ?? workload.from?.highest ?? .zero) }
        for statement in timeline { last = max(last, statement.latest) }
        var grace = Interval.seconds(5)
        for expectation in expectations {
            if case .within(let bound, _, _) = expectation.claim { grace = max(grace, bound.highest) }
        }
        return max(last + grace, .seconds(10))
    }

    /// The targets of every `start` of the timeline: their nodes do not exist before that.
    public var lateStarters: [Target] {
        var targets: [Target] = []
        for statement in timeline {
            if case .event(let event) = statement, case .start(let target) = event.action { targets.append(target) }
        }
        return targets
    }
}

extension Scenario.TimelineStatement {
    /// The last moment the statement puts something at, with what it undoes then.
    fileprivate var latest: Interval {
        switch self {
        case .chaos(let chaos):
            return (chaos.until?.highest ?? chaos.from?.highest ?? .zero) + chaos.lasting.longest
        case .event(let event):
            let lasting = event.lasting?.longest ?? .zero
            switch event.trigger {
            case .at(let time): return time.highest + lasting
            case .every(let repetition):
                return (repetition.until?.highest ?? repetition.from?.highest ?? .zero) + lasting
            case .when(let reaction):
                let last = reaction.until?.highest ?? reaction.from?.highest ?? .zero
                return last + (reaction.after?.highest ?? .zero) + lasting
            }
        }
    }
}

extension Scenario.Pace {
    /// The shortest length one occasion can have.
    public var shortest: Interval { isApproximate ? length.value / 2 : length.value }

    /// The greatest length one occasion can have.
    public var longest: Interval { isApproximate ? length.highest + length.highest / 2 : length.highest }
}
