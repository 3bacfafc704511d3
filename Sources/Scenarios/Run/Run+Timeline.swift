import MeshCore
import Simulator

/// A line of the timeline that waits for an event.
struct ReactionState: Sendable {
    var statement: Int
    var occasions: UInt64 = 0
    /// Whether the condition of an event such as `commit >= 20` was true when it was last looked at.
    var wasTrue = false
}

extension Run {
    /// Starts the nodes and plans everything that is known from the beginning.
    mutating func prepare(_ build: Setup) {
        groups = build.groups
        regionNames = build.regions
        regionOf = build.regionOf
        watcher.leaderLostAt = .zero
        simulation.network.countsBytes = asksForBytes
        addStaticRules()
        prepareExpectations()
        let late = scenario.lateStarters.flatMap { build.fixed($0, simulation.nodes) }
        for node in simulation.nodes where !late.contains(node) { simulation.start(node, observing: &watcher) }
        for index in 0..<scenario.timeline.count { plan(index) }
        prepareWorkloads()
        digestHappenings()
    }

    private mutating func addStaticRules() {
        let scope = TargetScope(statement: -1, isOfNetwork: true)
        for rule in scenario.network.rules {
            for change in linkRules(rule, scope) { _ = simulation.network.add(change) }
        }
    }

    private mutating func plan(_ index: Int) {
        switch scenario.timeline[index] {
        case .event(let event):
            switch event.trigger {
            case .at(let time): agenda.add(.statement(index, occasion: 0), at: .zero + time.value)
            case .every(let repetition):
                let first = repetition.from?.value ?? pace(repetition.period, index, 0)
                agenda.add(.statement(index, occasion: 0), at: .zero + first)
            case .when: reactions.append(ReactionState(statement: index))
            }
        case .chaos(let chaos):
            let from = chaos.from?.value ?? .zero
            agenda.add(.strike(index, occasion: 0), at: .zero + from + pace(chaos.every, index, 0))
        }
    }

    /// The length of one occasion of something repeated.
    func pace(_ pace: Scenario.Pace, _ index: Int, _ occasion: UInt64) -> Interval {
        let length = pace.length.value
        guard pace.isApproximate else { return length }
        let bits = random.bits(.pace, UInt64(UInt(bitPattern: index)), occasion)
        return Random.interval(length / 2, length + length / 2, from: bits)
    }

    /// Does everything that is due now.
    mutating func performDue() {
        while let item = agenda.popDue(by: simulation.now) {
            let before = workCount
            switch item {
            case .statement(let index, let occasion): performStatement(index, occasion)
            case .strike(let index, let occasion): performStrike(index, occasion)
            case .undo(let undo):
                activity.note(statement: nil, at: simulation.now)
                take(back: undo)
                noteIfClear()
            case .arrival(let index): performArrival(index)
            case .retry(let index, let client, let request): performRetry(index, client, request)
            case .deadline(let index): expire(index)
            }
            if workCount == before, !item.isDeadline { activity.idleCount += 1 }
            digestHappenings()
            if isFinished || watcher.isViolated || isExhausted || activity.idleCount >= lastIdle { return }
        }
    }

    private mutating func performStatement(_ index: Int, _ occasion: UInt64) {
        guard case .event(let event) = scenario.timeline[index] else { return }
        perform(event, index)
        guard case .every(let repetition) = event.trigger else { return }
        let next = simulation.now + pace(repetition.period, index, occasion + 1)
        if let until = repetition.until?.value, next > .zero + until { return }
        agenda.add(.statement(index, occasion: occasion + 1), at: next)
    }

    /// Carries a line of the timeline out and plans its end.
    mutating func perform(_ event: Scenario.TimelineEvent, _ index: Int) {
        let before = workCount
        activity.note(statement: index, at: simulation.now)
        let lasting = event.lasting.map { pace($0, index, UInt64(bitPattern: simulation.now.nanoseconds)) }
        noteDeed(event.action, index, lasting: lasting)
        let undo = perform(event.action, statement: index, lasting: lasting)
        if workCount == before { activity.idleCount += 1 }
        note(event.action)
        watcher.isDirty = true
        // Other dice disturb nobody.
        if event.action.verb != .reseed { lastDisturbance = simulation.now }
        watcher.happen(.ran(event.action.verb, key: event.action.key), NodeID(0), simulation.now)
        noteIfClear()
        if let lasting, let undo { agenda.add(.undo(undo), at: simulation.now + lasting) }
    }

    private mutating func note(_ action: Scenario.Action) {
        guard watcher.trace != nil else { return }
        watcher.trace?.note(
            "timeline: \(action.description)", event: simulation.eventCount,
            at: simulation.now, node: NodeID(0))
    }

    /// Reports that no fault is left, when the last one has just gone.
    mutating func noteIfClear() {
        let isClear = isWorldClear
        if isClear && !wasClear {
            lastDisturbance = simulation.now
            watcher.happen(.allClear, NodeID(0), simulation.now)
        }
        if !isClear { lastDisturbance = simulation.now }
        wasClear = isClear
    }

    /// Whether no fault of the timeline is in force.
    var isWorldClear: Bool {
        guard faults.isNetworkClear, faults.areNodesClear else { return false }
        for node in simulation.nodes {
            let status = simulation.status(of: node)
            if status == .crashed || status == .paused { return false }
        }
        return true
    }
}

// MARK: - Events

extension Run {
    /// Looks at everything that came to pass since the last time: metrics, reactions, expectations.
    mutating func digestHappenings() {
        while !watcher.happenings.isEmpty {
            var happenings: [Happening] = []
            swap(&happenings, &watcher.happenings)
            for happening in happenings {
                pauseIfMeant(by: happening)
                react(to: happening)
                // A reaction may cause what it reacts to.
                if isStuck && finishIfExhausted() { return }
                expect(happening)
                // A node that was started again by itself may have been the last thing that was wrong.
                if case .restarted = happening.kind { noteIfClear() }
                if case .crashed = happening.kind { lastDisturbance = max(lastDisturbance, happening.time) }
            }
        }
        watcher.noteState(simulation)
        if watcher.isDirty {
            watcher.isDirty = false
            lookAtConditions()
        }
    }

    private mutating func react(to happening: Happening) {
        for index in 0..<reactions.count {
            guard let reaction = reaction(index), matches(reaction.event, happening) else { continue }
            trigger(index, reaction)
        }
    }

    func reaction(_ index: Int) -> Scenario.Reaction? {
        guard case .event(let event) = scenario.timeline[reactions[index].statement],
            case .when(let reaction) = event.trigger
        else { return nil }
        return reaction
    }

    mutating func trigger(_ index: Int, _ reaction: Scenario.Reaction) {
        let now = simulation.now - Instant.zero
        if let from = reaction.from?.value, now < from { return }
        if let until = reaction.until?.value, now > until { return }
        if !reaction.isEachTime && reactions[index].occasions > 0 { return }
        reactions[index].occasions += 1
        let statement = reactions[index].statement
        if let after = reaction.after?.value, after > .zero {
            agenda.add(.statement(statement, occasion: reactions[index].occasions), at: simulation.now + after)
        } else if case .event(let event) = scenario.timeline[statement] {
            perform(event, statement)
        }
    }

    /// Whether a happening is what an event means.
    func matches(_ event: Scenario.Event, _ happening: Happening) -> Bool {
        switch (event, happening.kind) {
        case (.leaderElected, .elected): return true
        case (.leaderChanges, .elected(_, let isChange)): return isChange
        case (.leaderLost, .leaderLost): return true
        case (.snapshotTaken, .snapshotTaken): return true
        case (.snapshotInstalled, .snapshotInstalled): return true
        case (.allClear, .allClear): return true
        case (.ran(let verb, let key), .ran(let ran, let ranKey)):
            return verb == ran && (key == nil || key == ranKey)
        case (.node(let target, let nodeEvent), let kind):
            guard let node = subject(nodeEvent, kind, happening.node) else { return false }
            return isMember(node, of: target)
        case (.leaderElected, _), (.leaderChanges, _), (.leaderLost, _), (.snapshotTaken, _),
            (.snapshotInstalled, _), (.allClear, _), (.ran, _), (.becameTrue, _):
            return false
        }
    }

    /// The node that a happening is about, if it is of this kind.
    private func subject(_ event: Scenario.NodeEvent, _ kind: Happening.Kind, _ node: NodeID) -> NodeID? {
        switch kind {
        case .crashed: return event == .crashed ? node : nil
        case .restarted: return event == .restarted ? node : nil
        case .started: return event == .started ? node : nil
        case .paused: return event == .paused ? node : nil
        case .resumed: return event == .resumed ? node : nil
        case .elected: return event == .elected ? node : nil
        case .stopped: return event == .stopped ? node : nil
        case .refused: return event == .refused ? node : nil
        case .suspected(let subject): return event == .suspected ? subject : nil
        case .dead(let subject): return event == .dead ? subject : nil
        case .refuted(let subject): return event == .refuted ? subject : nil
        case .left(let subject): return event == .left ? subject : nil
        case .leaderLost, .snapshotTaken, .snapshotInstalled, .ran, .allClear: return nil
        }
    }
}
