public import MeshCore
public import Simulator

/// What became of a run.
public enum Verdict: UInt8, Sendable, Equatable {
    /// Every expectation held.
    case held
    /// An expectation was broken.
    case broken
    /// A checker could not decide, for a stated reason.
    case unknown

    /// The verdict in a word.
    public var text: String {
        switch self {
        case .held: "held"
        case .broken: "broken"
        case .unknown: "unknown"
        }
    }
}

/// One expectation of a scenario and how it turned out.
public struct Outcome: Sendable {
    /// The expectation.
    public var expectation: Scenario.Expectation
    /// How it turned out in this run.
    public var judgement: Judgement
    /// How often its event came to pass; `sometimes` needs one over all seeds.
    public var occasions: UInt64
}

/// What a run of a scenario gave.
public struct Report: Sendable {
    /// The seed.
    public var seed: UInt64
    /// The verdict over every expectation that one run can decide.
    public var verdict: Verdict
    /// The expectations in the order of the file.
    public var outcomes: [Outcome]
    /// The promise that was broken first, when one was.
    public var violation: Violation?
    /// Promises that were broken although the scenario does not demand them.
    public var undemanded: [Violation]
    /// The fingerprint of the run.
    public var digest: Digest
    /// How many inputs machines took.
    public var events: UInt64
    /// Virtual time at the end.
    public var end: Instant
    /// What the run is measured by.
    public var metrics: Metrics
    /// The values of the scenario's `measure` lines, in their smallest unit; `nil` where there is none.
    public var measures: [Int64?]
    /// The kinds of states the run went through, in the order in which they first came; see ``StateSet``.
    public var states: [UInt64]
}

extension Run {
    /// Ends the run and judges what can only be judged at the end.
    mutating func finish() {
        guard !isFinished else { return }
        isFinished = true
        watcher.judgeEnd(simulation)
        let quiet = simulation.now - lastActivity
        for index in 0..<expectations.count where expectations[index].judgement == nil {
            expectations[index].judgement = judge(index, quiet)
        }
    }

    /// When the world was last disturbed or written to.
    private var lastActivity: Instant {
        guard isWorldClear || !isAnythingLeftToHeal else { return simulation.now }
        var last = lastDisturbance
        for state in workloads where state.workload.kind == .gossip || state.workload.kind == .broadcast {
            let until = state.workload.until.map { Instant.zero + $0.value } ?? end
            last = max(last, min(until, simulation.now))
        }
        return last
    }

    /// Whether a fault other than a crash is still in force; a node that stays down is something to be detected.
    private var isAnythingLeftToHeal: Bool {
        guard faults.isNetworkClear, faults.areNodesClear else { return true }
        return simulation.nodes.contains { simulation.status(of: $0) == .paused }
    }

    private func judge(_ index: Int, _ quiet: Interval) -> Judgement {
        let monitor = expectations[index]
        if watcher.isViolated {
            switch monitor.expectation.claim {
            case .always, .failure: break
            case .never, .sometimes, .within, .atEnd, .compares, .digest:
                return .unknown("the run ended with a broken promise at \(simulation.now)")
            }
        }
        switch monitor.expectation.claim {
        case .always(let name): return judgeAlways(name, quiet)
        case .failure(let name): return judgeFailure(name, quiet)
        case .never, .sometimes: return unknownReason.map { .unknown($0) } ?? .holds
        case .within:
            if let unknownReason { return .unknown(unknownReason) }
            if stopsAt == nil, monitor.occasions == 0 { return .unknown("its event never came to pass") }
            return .holds
        case .atEnd(let condition):
            return judgeAtEnd(isTrue(condition), "it is not true at the end")
        case .compares(let comparison):
            guard let value = value(of: comparison.metric) else {
                return .unknown("the metric has no value in this run")
            }
            return judgeAtEnd(compares(comparison), "the value is \(value)")
        case .digest(let seed, let expected):
            guard seed == self.seed else { return .holds }
            if unknownReason != nil || stopsAt != nil { return .unknown("the run was cut short") }
            return judgeAtEnd(
                simulation.digest.value == expected, "the digest is \(simulation.digest.description)")
        }
    }

    private func judgeAtEnd(_ holds: Bool, _ text: String) -> Judgement {
        if let unknownReason { return .unknown(unknownReason) }
        if holds { return .holds }
        if stopsAt != nil { return .unknown("the run was cut short at \(simulation.now)") }
        let evidence = Evidence(event: simulation.eventCount, time: simulation.now, node: NodeID(0), "the run ends")
        return .broken(Violation(Promises.expectation, text, evidence: [evidence]))
    }

    private func judgeAlways(_ name: Bytes, _ quiet: Interval) -> Judgement {
        let promises = Promises.named(name)
        for violation in watcher.violations where promises.contains(violation.promise) { return .broken(violation) }
        // A history that was cut short can be broken already, and one that is not broken is no proof.
        if !watcher.isViolated, promises.contains(LinearizabilityPromises.linearizable) {
            let judgement = judgeHistory()
            if judgement != .holds { return judgement }
        }
        if let unknownReason { return .unknown(unknownReason) }
        // A promise that another one's break cut short was kept as far as the run went.
        if watcher.isViolated { return .holds }
        for promise in promises where Promises.needsQuiet(promise) {
            let judgement = judgeQuietly(promise, quiet)
            if judgement != .holds { return judgement }
        }
        return .holds
    }

    private func judgeFailure(_ name: Bytes, _ quiet: Interval) -> Judgement {
        let promises = Promises.named(name)
        for violation in watcher.violations where promises.contains(violation.promise) { return .holds }
        if promises.contains(LinearizabilityPromises.linearizable), case .broken = judgeHistory() { return .holds }
        for promise in promises where Promises.needsQuiet(promise) {
            if case .broken = judgeQuietly(promise, quiet) { return .holds }
        }
        return .unknown("\(name) was kept in this run")
    }

    /// How often an operation may be tried on a state, when the scenario does not say.
    private static var checkBudget: UInt64 { 2_000_000 }

    /// Judges what the clients of the run were told.
    private func judgeHistory() -> Judgement {
        let budget = scenario.budget.checks.map { UInt64(clamping: $0) } ?? Self.checkBudget
        return watcher.clients.history?.judge(budget: budget) ?? .unknown("no history was kept")
    }

    /// Judges a promise that holds only after a quiet time.
    private func judgeQuietly(_ promise: Promise, _ quiet: Interval) -> Judgement {
        let needed = quietTime(for: promise)
        guard quiet >= needed else {
            return .unknown(
                "\(promise) needs \(needed) without faults and writes at the end of the run, it had \(quiet)")
        }
        if promise == RaftPromises.settles { return judgeSettled() }
        if promise == BroadcastPromises.reachesAll { return judgeReach() }
        if promise == BroadcastPromises.tree {
            return watcher.broadcast.judgeTree(at: simulation.now).map { .broken($0) } ?? .holds
        }
        let up = upNodes
        if promise == GossipPromises.convergence || promise == GossipPromises.noLostWrite {
            let result = watcher.gossip.judge(up, at: simulation.now) { simulation[$0].gossip }
            let violation = promise == GossipPromises.convergence ? result.convergence : result.lostWrite
            return violation.map { .broken($0) } ?? .holds
        }
        let members = up.filter { simulation[$0].swim?.hasLeft != true }
        if promise == MembershipPromises.contradiction {
            return watcher.membership.judgeContradiction(observers: members, at: simulation.now) { belief($0, $1) }
                .map { .broken($0) } ?? .holds
        }
        if promise == MembershipPromises.silence {
            return watcher.membership.judgeSilence(observers: members, at: simulation.now) {
                simulation[$0].swim?.rumorCount ?? 0
            }.map { .broken($0) } ?? .holds
        }
        if promise == MembershipPromises.metadata {
            return watcher.membership.judgeMetadata(observers: members, at: simulation.now) {
                simulation[$0].swim?.metadata(of: $1) ?? Swim.Metadata()
            }.map { .broken($0) } ?? .holds
        }
        let gone = simulation.nodes.filter { simulation.status(of: $0) == .crashed }
        let result = watcher.membership.judge(observers: members, gone: gone, at: simulation.now) { belief($0, $1) }
        let violation = promise == MembershipPromises.completeness ? result.completeness : result.accuracy
        return violation.map { .broken($0) } ?? .holds
    }

    /// Judges whether Raft works again: one leader, and what was committed a while ago is applied by all.
    private func judgeSettled() -> Judgement {
        let evidence = Evidence(event: simulation.eventCount, time: simulation.now, node: NodeID(0), "the run ends")
        func broken(_ text: String) -> Judgement {
            .broken(Violation(RaftPromises.settles, text, evidence: [evidence]))
        }
        guard isTrue(.oneLeader) else {
            // Without a majority there is nothing to settle.
            let voters = Settings(scenario.cluster).raft == nil ? [] : upNodes
            guard voters.contains(where: { canBeLed($0) }) else { return .holds }
            return broken("no leader is followed by a majority")
        }
        let index = watcher.raft.committed(before: simulation.now - .seconds(1))
        let members =
            upNodes.compactMap { simulation[$0].raft }.first { $0.role == .leader }?.configuration.members ?? []
        for id in upNodes where members.contains(where: { $0.id == id }) {
            guard let node = simulation[id].raft, node.appliedIndex < index else { continue }
            return broken("\(id) has applied up to \(node.appliedIndex); \(index) was committed a second ago")
        }
        return .holds
    }

    /// Whether a node knows of a group and all it has committed, and a quorum of its configuration is up.
    private func canBeLed(_ id: NodeID) -> Bool {
        guard let raft = simulation[id].raft, !raft.configuration.members.isEmpty,
            raft.log.lastIndex >= watcher.raft.committedIndex
        else { return false }
        let up = upNodes
        return raft.configuration.voteResult { up.contains($0) } == .won
    }

    /// How long the world must be quiet before a promise can be demanded.
    private func quietTime(for promise: Promise) -> Interval {
        let settings = Settings(scenario.cluster)
        if promise == RaftPromises.settles {
            return (settings.raft?.electionTimeoutMax ?? .milliseconds(300)) * 10 + .seconds(1)
        }
        if promise == BroadcastPromises.reachesAll || promise == BroadcastPromises.tree {
            return settings.spreadingTime
        }
        var rounds: Int64 = 0
        while Int64(1) << rounds < Int64(clamping: simulation.nodeCount) { rounds += 1 }
        if promise == GossipPromises.convergence || promise == GossipPromises.noLostWrite {
            return (settings.gossip?.interval ?? .seconds(1)) * (10 + 4 * rounds)
        }
        if let swim = settings.swim {
            // Two rounds of probes at most until whoever is held for dead has asked everybody, and the rumour.
            if promise == MembershipPromises.contradiction {
                return swim.period * (2 * Int64(clamping: simulation.nodeCount) + 8 + rounds)
            }
            // A probe within three periods, the suspicion of a lone accuser, the rumour, and one exchange with a member
            // held dead.
            let suspicion = swim.suspicionTimeout(liveCount: simulation.nodeCount, confirmations: 0)
            return swim.period * (5 + rounds) + suspicion + swim.rejoinInterval
        }
        return (settings.heartbeat?.deadTimeout ?? .seconds(30)) * 2
    }

    /// The report; complete once ``advance(events:)`` returned true.
    public var report: Report {
        var outcomes: [Outcome] = []
        var verdict = Verdict.held
        for monitor in expectations {
            let judgement = monitor.judgement ?? .unknown("the run is not over")
            outcomes.append(
                Outcome(expectation: monitor.expectation, judgement: judgement, occasions: monitor.occasions))
            if case .failure = monitor.expectation.claim { continue }
            switch judgement {
            case .holds: break
            case .broken: verdict = .broken
            case .unknown: if verdict == .held { verdict = .unknown }
            }
        }
        if hasFailureExpectation && verdict == .broken && watcher.isViolated { verdict = .held }
        let undemanded = watcher.violations.filter { !watcher.demanded.contains($0.promise) }
        return Report(
            seed: seed, verdict: verdict, outcomes: outcomes, violation: firstViolation(outcomes),
            undemanded: undemanded, digest: simulation.digest, events: simulation.eventCount, end: simulation.now,
            metrics: metrics, measures: scenario.measures.map { value(of: $0.metric) },
            states: watcher.states.found)
    }

    private func firstViolation(_ outcomes: [Outcome]) -> Violation? {
        if let violation = watcher.violation { return violation }
        for outcome in outcomes {
            if case .broken(let violation) = outcome.judgement { return violation }
        }
        return nil
    }
}
