import MeshCore
import Simulator

extension Run {
    /// The nodes that are up.
    var upNodes: [NodeID] { simulation.nodes.filter { simulation.status(of: $0) == .running } }

    /// Whether a condition is true now.
    ///
    /// - Parameter since: The entry that `progress` asks for was written at this time or later.
    func isTrue(_ condition: Scenario.Condition, since: Instant = .zero) -> Bool {
        switch condition {
        case .oneLeader: return hasOneLeader
        case .noLeader: return !upNodes.contains { simulation[$0].raft?.role == .leader }
        case .leader(let target, let isNegated):
            guard let leader = currentLeader() else { return false }
            return isMember(leader, of: target) != isNegated
        case .progress: return watcher.raft.youngestCommit.map { $0 >= since } ?? false
        case .caughtUp:
            let commit = watcher.raft.committedIndex
            return upNodes.allSatisfy {
                simulation[$0].raft?.isWitness == true || watcher.views[place($0)].applied >= commit
            }
        case .converged: return watcher.census.isUnanimous
        case .knows(let target, let key, let value):
            var scope = TargetScope(statement: -2)
            let nodes = resolve(target, &scope).filter { simulation.status(of: $0) == .running }
            return !nodes.isEmpty && nodes.allSatisfy { knows($0, key, value) }
        case .nobodyKnows(let key): return !upNodes.contains { knows($0, key, nil) }
        case .membership(let target, let membership, let extent): return think(target, membership, extent)
        case .nobodySuspects(let target):
            return nodes(target).allSatisfy { subject in
                upNodes.allSatisfy { observer in
                    let belief = watcher.membership.belief(of: observer, about: subject)
                    return observer == subject || (belief != .suspect && belief != .dead)
                }
            }
        case .voters(let target): return areVoters(target)
        case .compares(let comparison): return compares(comparison)
        case .asleep:
            let up = upNodes
            return up.contains { simulation[$0].raft?.isAsleep == true } && up.allSatisfy { isAsleepOrStranger($0) }
        }
    }

    /// Whether a node sleeps, or belongs to no group that could.
    private func isAsleepOrStranger(_ node: NodeID) -> Bool {
        guard let raft = simulation[node].raft else { return true }
        return raft.isAsleep || raft.configuration.duties(of: node).isEmpty
    }

    /// Exactly one running node leads, and a majority of the voters follows it in its term.
    private var hasOneLeader: Bool {
        var leader: (node: NodeID, term: Raft.Term)?
        for node in upNodes {
            guard let raft = simulation[node].raft, raft.role == .leader else { continue }
            if leader != nil { return false }
            leader = (node, raft.term)
        }
        guard let leader else { return false }
        var followers = 0
        for node in upNodes {
            guard let raft = simulation[node].raft, raft.term == leader.term else { continue }
            if node == leader.node || raft.leader == leader.node { followers += 1 }
        }
        let voters = simulation[leader.node].raft?.configuration.voters.count ?? simulation.nodeCount
        return followers * 2 > voters
    }

    private func nodes(_ target: Scenario.Target) -> [NodeID] {
        var scope = TargetScope(statement: -2)
        return resolve(target, &scope)
    }

    private func knows(_ node: NodeID, _ key: Bytes, _ value: Bytes?) -> Bool {
        guard let held = simulation[node].gossip?.value(of: key) else { return false }
        return value.map { $0 == held } ?? true
    }

    /// What a node thinks of another now, by its own word; conditions take its reports, which cost nothing to look up.
    func belief(_ observer: NodeID, _ subject: NodeID) -> Belief {
        if let swim = simulation[observer].swim {
            switch swim.status(of: subject) {
            case .alive: return .alive
            case .suspect: return .suspect
            case .dead: return .dead
            case .left: return .left
            case nil: return .unknown
            }
        }
        if let heartbeat = simulation[observer].heartbeat {
            switch heartbeat.status(of: subject) {
            case .connected: return .alive
            case .suspect: return .suspect
            case .dead: return .dead
            case .disconnected:
                return watcher.membership.belief(of: observer, about: subject) == .left ? .left : .unknown
            case nil: return .unknown
            }
        }
        return .unknown
    }

    private func think(
        _ target: Scenario.Target, _ membership: Scenario.Membership, _ extent: Scenario.Extent
    ) -> Bool {
        let observers = upNodes
        return nodes(target).allSatisfy { subject in
            var agreeing = 0
            var asked = 0
            for observer in observers where observer != subject {
                asked += 1
                let belief = watcher.membership.belief(of: observer, about: subject)
                if matches(belief, membership) { agreeing += 1 }
            }
            switch extent {
            case .everywhere: return agreeing == asked
            case .somewhere: return agreeing > 0
            case .nowhere: return agreeing == 0
            }
        }
    }

    /// A member that was forgotten after its death counts as dead, and one that was forgotten after leaving as left.
    private func matches(_ belief: Belief, _ membership: Scenario.Membership) -> Bool {
        switch membership {
        case .alive: belief == .alive
        case .suspected: belief == .suspect
        case .dead: belief == .dead
        case .left: belief == .left
        }
    }
}

// MARK: - Metrics

extension Run {
    /// The metrics of the run so far.
    public var metrics: Metrics {
        var metrics = watcher.metrics
        let network = simulation.network.statistics
        metrics.commit = Int64(clamping: watcher.raft.committedIndex.rawValue)
        metrics.messages = Int64(clamping: network.sent)
        metrics.lostMessages = Int64(clamping: network.lost + network.cut + network.missed + network.overflowed)
        metrics.bytes = Int64(clamping: network.bytesSent)
        metrics.events = Int64(clamping: simulation.eventCount)
        metrics.storageFaults = Int64(clamping: simulation.diskFaultCounts.total)
        metrics.withheldFaults = Int64(clamping: simulation.diskFaultCounts.withheld)
        if let lost = watcher.leaderLostAt, scenario.cluster.protocols.raft {
            metrics.leaderlessTime = metrics.leaderlessTime + (simulation.now - lost)
        }
        return metrics
    }

    /// Whether the scenario asks for the number of bytes, which is not counted otherwise.
    var asksForBytes: Bool {
        for measure in scenario.measures where Self.names(measure.metric, "bytes") { return true }
        for expectation in scenario.expectations {
            switch expectation.claim {
            case .compares(let comparison), .atEnd(.compares(let comparison)), .within(_, _, .compares(let comparison)):
                if Self.names(comparison.metric, "bytes") { return true }
            case .always, .never, .sometimes, .within, .atEnd, .failure, .digest: break
            }
        }
        return false
    }

    private static func names(_ metric: Scenario.Metric, _ name: Bytes) -> Bool {
        if case .named(let known, _, _) = metric { known == name } else { false }
    }

    /// The value of a metric in its smallest unit; `nil` when there is none yet.
    public func value(of metric: Scenario.Metric) -> Int64? {
        switch metric {
        case .timeUntil(let condition):
            for stopwatch in stopwatches where stopwatch.condition == condition {
                return stopwatch.stopped.map { ($0 - (firstAction ?? .zero)).nanoseconds }
            }
            return nil
        case .named(let name, let statistic, let per):
            guard let total = total(name, statistic) else { return nil }
            switch per {
            case nil: return total
            case .node: return total / Int64(clamping: max(simulation.nodeCount, 1))
            case .second: return total * 1_000 / max((simulation.now - Instant.zero).nanoseconds / 1_000_000, 1)
            }
        }
    }

    private func total(_ name: Bytes, _ statistic: Scenario.Statistic?) -> Int64? {
        let metrics = metrics
        switch name {
        case "elections": return metrics.elections
        case "leader changes": return metrics.leaderChanges
        case "transfers": return metrics.transfers
        case "membership changes": return metrics.membershipChanges
        case "refused changes": return metrics.refusedChanges
        case "term": return metrics.term
        case "commit": return metrics.commit
        case "proposals": return metrics.proposals
        case "committed": return metrics.committed
        case "snapshots": return metrics.snapshots
        case "messages": return metrics.messages
        case "lost messages": return metrics.lostMessages
        case "bytes": return metrics.bytes
        case "events": return metrics.events
        case "crashes": return metrics.crashes
        case "restarts": return metrics.restarts
        case "suspicions": return metrics.suspicions
        case "false suspicions": return metrics.falseSuspicions
        case "deaths": return metrics.deaths
        case "writes": return metrics.writes
        case "busy refusals": return metrics.busyRefusals
        case "storage faults": return metrics.storageFaults
        case "withheld faults": return metrics.withheldFaults
        case "storage failures": return metrics.storageFailures
        case "refused starts": return metrics.refusedStarts
        case "leaderless time": return metrics.leaderlessTime.nanoseconds
        case "commit latency": return sampled(metrics.commitLatency, statistic)
        case "election time": return sampled(metrics.electionTime, statistic)
        case "detection time": return sampled(metrics.detectionTime, statistic)
        case "convergence time": return sampled(metrics.convergenceTime, statistic)
        case _: return spreadingValue(of: name, statistic)
        }
    }

    func sampled(_ samples: Samples, _ statistic: Scenario.Statistic?) -> Int64? {
        samples.count == 0 ? nil : samples.statistic(statistic ?? .p50).nanoseconds
    }

    func compares(_ comparison: Scenario.Comparison) -> Bool {
        guard let value = value(of: comparison.metric) else { return false }
        let bound = Self.units(comparison.bound)
        switch comparison.relation {
        case .less: return value < bound
        case .atMost: return value <= bound
        case .equal: return value == bound
        case .notEqual: return value != bound
        case .atLeast: return value >= bound
        case .greater: return value > bound
        }
    }

    /// A quantity in its smallest unit.
    static func units(_ quantity: Scenario.Quantity) -> Int64 {
        switch quantity {
        case .count(let count): count
        case .time(let time): time.nanoseconds
        case .share(let share): share.millionths
        case .size(let size): size.bytes
        case .rate(let rate): rate.millihertz
        case .times(let range): range.high.nanoseconds
        }
    }
}
