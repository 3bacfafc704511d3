import MeshCore
import Simulator

/// An expectation and what is known of it so far.
struct Monitor: Sendable {
    let expectation: Scenario.Expectation
    /// Whether it is decided, and how.
    var judgement: Judgement?
    /// How often its event came to pass.
    var occasions: UInt64 = 0
    /// Deadlines of `within` that are still open.
    var open: [Deadline] = []
    /// Whether the condition of an event was true when it was last looked at.
    var wasTrue = false

    struct Deadline: Sendable {
        var armed: Instant
        var time: Instant
        var event: UInt64
    }

    init(_ expectation: Scenario.Expectation) {
        self.expectation = expectation
    }
}

/// Measures how long it takes until a condition is true.
struct Stopwatch: Sendable {
    var condition: Scenario.Condition
    var stopped: Instant?
}

extension Run {
    /// Prepares what the expectations and measures have to watch.
    mutating func prepareExpectations() {
        for expectation in scenario.expectations {
            switch expectation.claim {
            case .always(let name), .failure(let name):
                let promises = Promises.named(name)
                watcher.demanded += promises
                if promises.contains(LinearizabilityPromises.linearizable) { watcher.clients.history = ClientHistory() }
                if promises.contains(where: { MembershipPromises.rumours.contains($0) }), watcher.rumours == nil {
                    watcher.rumours = RumourChecker(nodeCount: simulation.nodeCount)
                }
                if promises.contains(ExactlyOncePromises.exactlyOnce) { watcher.exactlyOnce = ExactlyOnceChecker() }
            case .never, .sometimes, .within, .atEnd, .compares, .digest: break
            }
        }
        for measure in scenario.measures {
            if case .timeUntil(let condition) = measure.metric { stopwatches.append(Stopwatch(condition: condition)) }
        }
        for expectation in scenario.expectations {
            if case .compares(let comparison) = expectation.claim, case .timeUntil(let condition) = comparison.metric {
                stopwatches.append(Stopwatch(condition: condition))
            }
        }
        for index in 0..<expectations.count {
            if case .within(_, nil, _) = expectations[index].expectation.claim { arm(index) }
        }
        updateWaiting()
    }

    /// Starts the time of a `within`.
    private mutating func arm(_ index: Int) {
        guard case .within(let length, _, let condition) = expectations[index].expectation.claim else { return }
        expectations[index].occasions += 1
        let deadline = simulation.now + length.value
        if isTrue(condition, since: simulation.now) { return }
        expectations[index].open.append(
            .init(armed: simulation.now, time: deadline, event: simulation.eventCount))
        agenda.add(.deadline(index), at: deadline)
        updateWaiting()
    }

    /// Looks whether a happening is what an expectation speaks of.
    mutating func expect(_ happening: Happening) {
        if case .ran(let verb, _) = happening.kind, firstAction == nil, verb.startsMeasuring {
            firstAction = happening.time
        }
        for index in 0..<expectations.count {
            switch expectations[index].expectation.claim {
            case .never(let event) where matches(event, happening): neverHappened(index, happening)
            case .sometimes(let event) where matches(event, happening): expectations[index].occasions += 1
            case .within(_, let event?, _) where matches(event, happening): arm(index)
            case .never, .sometimes, .within, .always, .atEnd, .compares, .failure, .digest: break
            }
        }
    }

    private mutating func neverHappened(_ index: Int, _ happening: Happening) {
        guard expectations[index].judgement == nil else { return }
        expectations[index].judgement = .broken(
            Violation(
                Promises.expectation, "what must never happen happened at \(happening.time)",
                evidence: [
                    Evidence(
                        event: simulation.eventCount, time: happening.time, node: happening.node, "it happens here")
                ]))
    }

    /// Looks at every condition that is waited for.
    mutating func lookAtConditions() {
        for index in 0..<expectations.count { lookAt(index) }
        for index in 0..<stopwatches.count where stopwatches[index].stopped == nil && firstAction != nil {
            if isTrue(stopwatches[index].condition) { stopwatches[index].stopped = simulation.now }
        }
        if !convergenceMarks.isEmpty, watcher.census.isUnanimous {
            for mark in convergenceMarks { watcher.metrics.convergenceTime.add(simulation.now - mark) }
            convergenceMarks = []
        }
        pauseIfTrue()
        for index in 0..<reactions.count {
            guard let reaction = reaction(index), case .becameTrue(let condition) = reaction.event else { continue }
            let holds = isTrue(condition)
            let rises = holds && !reactions[index].wasTrue
            reactions[index].wasTrue = holds
            if rises { trigger(index, reaction) }
        }
        updateWaiting()
    }

    private mutating func lookAt(_ index: Int) {
        switch expectations[index].expectation.claim {
        case .within(_, let event, let condition):
            let open = expectations[index].open.filter { !isTrue(condition, since: $0.armed) }
            expectations[index].open = open
            if case .becameTrue(let start)? = event, rises(index, start) { arm(index) }
        case .never(.becameTrue(let condition)):
            if rises(index, condition) {
                neverHappened(index, Happening(time: simulation.now, node: NodeID(0), kind: .allClear))
            }
        case .sometimes(.becameTrue(let condition)):
            if rises(index, condition) { expectations[index].occasions += 1 }
        case .never, .sometimes, .always, .atEnd, .compares, .failure, .digest: break
        }
    }

    private mutating func rises(_ index: Int, _ condition: Scenario.Condition) -> Bool {
        let holds = isTrue(condition)
        let rises = holds && !expectations[index].wasTrue
        expectations[index].wasTrue = holds
        return rises
    }

    /// Lets the simulation stop at every change only while somebody waits for one.
    mutating func updateWaiting() {
        var isWaiting =
            !convergenceMarks.isEmpty || pause.event != nil || stopwatches.contains { $0.stopped == nil }
        for monitor in expectations {
            switch monitor.expectation.claim {
            case .within(_, .becameTrue?, _), .never(.becameTrue), .sometimes(.becameTrue): isWaiting = true
            case .within: isWaiting = isWaiting || !monitor.open.isEmpty
            case .never, .sometimes, .always, .atEnd, .compares, .failure, .digest: break
            }
        }
        for index in 0..<reactions.count {
            if let reaction = reaction(index), case .becameTrue = reaction.event { isWaiting = true }
        }
        watcher.isWaiting = isWaiting
    }

    /// The time of a `within` is over.
    mutating func expire(_ index: Int) {
        guard case .within(let length, _, let condition) = expectations[index].expectation.claim else { return }
        for deadline in expectations[index].open where deadline.time <= simulation.now {
            if isTrue(condition, since: deadline.armed) || expectations[index].judgement != nil { continue }
            expectations[index].judgement = .broken(
                Violation(
                    Promises.expectation, "it did not become true within \(length.value) after \(deadline.armed)",
                    evidence: [
                        Evidence(event: deadline.event, time: deadline.armed, node: NodeID(0), "the time begins"),
                        Evidence(
                            event: simulation.eventCount, time: simulation.now, node: NodeID(0), "the time is over"),
                    ]))
        }
        expectations[index].open.removeAll { $0.time <= simulation.now }
        updateWaiting()
    }
}

extension Scenario.Verb {
    /// Whether `time until` counts from the first statement of this kind.
    var startsMeasuring: Bool {
        switch self {
        case .set, .delete, .propose, .partition, .isolate, .cut, .degrade, .clog, .crash, .pause, .slow, .clock, .disk,
            .leave, .start, .transfer, .change, .describe:
            true
        case .uncut, .heal, .unclog, .restart, .resume, .subscribe, .reseed: false
        }
    }
}
