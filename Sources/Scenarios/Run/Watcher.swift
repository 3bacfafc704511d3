import MeshCore
import Simulator

/// What watches a run of a scenario: the checkers, the metrics, and what comes to pass.
///
/// It stops the simulation when something happens that the scenario may want to react to, and when something changes
/// that a condition depends on which is being waited for.
struct Watcher: Observer {
    typealias Machine = MeshNode

    var raft: RaftChecker
    var gossip: GossipChecker
    var membership: MembershipChecker
    /// What was said to everybody or one node.
    var broadcast: BroadcastChecker
    /// Kept only for a run that judges it.
    var exactlyOnce: ExactlyOnceChecker?
    /// The same.
    var rumours: RumourChecker?
    var metrics = Metrics()
    var states = StateBook()
    /// Whether the run stops at a kind of state that is new to it, and whether one came.
    var stopsAtStates = false
    var hasNewState = false
    var clients = ClientBook()
    var trace: TraceLog?
    var etcdTrace: EtcdRaftTrace?

    /// What came to pass since the run last looked.
    var happenings: [Happening] = []
    /// Whether anything changed that a condition may depend on.
    var isDirty = false
    /// Whether a condition is being waited for.
    var isWaiting = false
    /// The promises that must not break; the first break of one ends the run.
    var demanded: [Promise] = []
    /// Whether one of them is broken.
    var isViolated = false
    /// The event at which the run looks up, to report progress or because its budget is spent.
    var eventLimit = UInt64.max
    var eventCount: UInt64 = 0
    private var seenViolations = 0
    /// Whose acknowledgement the step under way takes.
    var answering: NodeID?
    /// Whether the step under way is a node's first since it started.
    var isStarting = false

    var views: [NodeView]
    var census = Census()
    var leader: NodeID?
    var leaderTerm = Raft.Term.zero
    /// The latest term in which something was committed.
    var committedTerm = Raft.Term.zero
    var previousLeader: NodeID?
    var leaderLostAt: Instant?

    /// What is remembered of one node.
    struct NodeView: Sendable {
        var commit = Raft.LogIndex.zero
        var applied = Raft.LogIndex.zero
        var gossipHash: UInt64 = 0
        var isUp = false
        var hasStarted = false
        var downSince: Instant?
        /// How many others it suspects, and how many it holds dead.
        var suspects = 0
        var dead = 0
    }

    init(nodeCount: Int, retention: Interval) {
        self.raft = RaftChecker(nodeCount: nodeCount)
        self.gossip = GossipChecker(nodeCount: nodeCount, retention: retention)
        self.membership = MembershipChecker(nodeCount: nodeCount)
        self.broadcast = BroadcastChecker(nodeCount: nodeCount)
        self.views = [NodeView](repeating: NodeView(), count: nodeCount)
    }

    var wantsStop: Bool {
        eventCount >= eventLimit || !happenings.isEmpty || (isWaiting && isDirty) || isViolated || hasNewState
    }

    /// Every broken promise, demanded or not.
    var violations: [Violation] {
        raft.violations + gossip.violations + membership.violations + (exactlyOnce?.violations ?? [])
            + broadcast.violations
            + (rumours?.violations ?? [])
    }

    /// The first break of a demanded promise.
    var violation: Violation? {
        for violation in violations where demanded.contains(violation.promise) { return violation }
        return nil
    }

    /// How many promises are broken; it is cheap to ask after every event.
    private var violationCount: Int {
        raft.violations.count + gossip.violations.count + membership.violations.count
            + (exactlyOnce?.violations.count ?? 0) + broadcast.violations.count + (rumours?.violations.count ?? 0)
    }

    /// Judges what can only be judged when the run ends.
    mutating func judgeEnd(_ simulation: borrowing Simulation<MeshNode>) {
        var inForce: [(index: Raft.LogIndex, configuration: Raft.Configuration)] = []
        for id in simulation.nodes {
            guard let node = simulation[id].raft else { continue }
            inForce.append((node.configurationIndex, node.configuration))
        }
        if let configuration = raft.decidedConfiguration(inForce) {
            raft.judgeDisks(configuration) { Self.isDurable($0, $1, $2, simulation) }
        }
        lookForViolations()
    }

    /// Notices a break of a demanded promise.
    private mutating func lookForViolations() {
        guard violationCount > seenViolations else { return }
        seenViolations = violationCount
        isViolated = violation != nil
    }

    mutating func willStep(
        _ input: borrowing Input<MeshNode>, at node: NodeID, in simulation: borrowing Simulation<MeshNode>
    ) {
        if etcdTrace != nil { willStepRaft(input, at: node, in: simulation) }
        isStarting = false
        switch copy input {
        case .receive(.raft(.appendReply), from: let peer), .receive(.raft(.snapshotReply), from: let peer):
            answering = peer
        case .restarted: isStarting = true
        case .receive(.broadcast(let message), from: _): broadcast.arrives(message)
        case .receive(.plumtree(.payload(let id, _, _, _)), from: _): broadcast.countCopy(id)
        case .receive, .timer, .command, .persisted: break
        }
        guard trace != nil else { return }
        trace?.beginStep(
            input, event: simulation.eventCount, cause: simulation.cause, at: simulation.now, node: node)
    }

    mutating func didStep(
        _ effects: borrowing Outbox<Effect<MeshNode>>, at node: NodeID, in simulation: borrowing Simulation<MeshNode>
    ) {
        eventCount = simulation.eventCount
        let occasion = Occasion(event: eventCount, time: simulation.now, node: node)
        if trace != nil { trace?.endStep(effects) }
        if etcdTrace != nil { didStepRaft(effects, at: node, in: simulation) }
        observe(effects, occasion, simulation)
        lookForViolations()
        noteState(simulation)
    }

    mutating func willRelease(
        _ effect: borrowing Effect<MeshNode>, at node: NodeID, in simulation: borrowing Simulation<MeshNode>
    ) {
        switch copy effect {
        case .send(.raft(let message), to: let peer):
            let occasion = Occasion(event: simulation.eventCount, time: simulation.now, node: node)
            raft.left(message, to: peer, simulation.stable(of: node).raft, occasion)
            etcdTrace?.willRelease(message, from: node, to: peer, at: simulation.now)
        case .output(.applied(let index, let request, let result, let isRepeat)):
            let occasion = Occasion(event: simulation.eventCount, time: simulation.now, node: node)
            raft.told(index)
            exactlyOnce?.applied(request, at: index, result, isRepeat: isRepeat, occasion)
            answered(request, result, occasion)
        case .output(.read(let id, _, let value, _)):
            answered(id, .value(value), Occasion(event: simulation.eventCount, time: simulation.now, node: node))
        case .output(.readRefused(let id, _)):
            clients.refused(id, at: node)
        case .output(.raft(.rejected(let id, _))):
            clients.refused(id, at: node)
        case .output(.gossip(.stored(let key, let version))):
            let occasion = Occasion(event: simulation.eventCount, time: simulation.now, node: node)
            metrics.writes += 1
            gossip.reported(key, version, simulation.stable(of: node).gossip, occasion)
        case .send, .output, .setTimer, .cancelTimer, .persist: break
        }
        lookForViolations()
    }

    private mutating func answered(
        _ request: UInt64, _ result: KeyValueStore.Result, _ occasion: Occasion
    ) {
        guard let asked = clients.answered(request, result, occasion) else { return }
        exactlyOnce?.acknowledged(request, result, occasion)
        metrics.committed += 1
        metrics.commitLatency.add(occasion.time - asked)
    }

    mutating func didChange(_ change: HostChange, at node: NodeID, in simulation: borrowing Simulation<MeshNode>) {
        let place = Int(truncatingIfNeeded: node.rawValue) - 1
        isDirty = true
        switch change {
        case .started: started(node, place, simulation)
        case .crashed(let mode): crashed(node, place, mode, simulation)
        case .paused:
            happen(.paused, node, simulation.now)
            loseLeader(node, simulation.now)
        case .resumed: happen(.resumed, node, simulation.now)
        case .storageFailed:
            metrics.storageFailures += 1
            happen(.stopped, node, simulation.now)
        case .refused:
            metrics.refusedStarts += 1
            raft.refused(node)
            happen(.refused, node, simulation.now)
        case .salvaged: raft.salvaged(node, simulation.stable(of: node).raft)
        }
        if trace != nil {
            trace?.note(Self.describe(change), event: simulation.eventCount, at: simulation.now, node: node)
        }
        noteState(simulation)
    }

    private mutating func started(_ node: NodeID, _ place: Int, _ simulation: borrowing Simulation<MeshNode>) {
        let isRestart = views[place].hasStarted
        views[place].hasStarted = true
        views[place].isUp = true
        views[place].downSince = nil
        views[place].suspects = 0
        views[place].dead = 0
        views[place].commit = .zero
        views[place].applied = .zero
        raft.started(node, simulation.stable(of: node).raft)
        membership.restarted(node)
        broadcast.started(node, at: simulation.now)
        rumours?.restarted(node)
        gossip.restarted(node, simulation.stable(of: node).gossip)
        views[place].gossipHash = simulation[node].gossip?.stateHash ?? 0
        census.add(views[place].gossipHash)
        if isRestart { metrics.restarts += 1 }
        if let node = simulation[node].raft { etcdTrace?.started(node, at: simulation.now) }
        happen(isRestart ? .restarted : .started, node, simulation.now)
    }

    private mutating func crashed(
        _ node: NodeID, _ place: Int, _ mode: CrashMode, _ simulation: borrowing Simulation<MeshNode>
    ) {
        views[place].isUp = false
        views[place].downSince = simulation.now
        census.remove(views[place].gossipHash)
        metrics.crashes += 1
        clients.lostNode(node)
        broadcast.crashed(node, at: simulation.now)
        raft.crashed(node, wiped: mode == .wiped, simulation.stable(of: node).raft)
        if mode == .wiped {
            let nodes = simulation.nodes
            gossip.wiped(node) { key, version in
                for other in nodes where other != node {
                    let held = simulation.stable(of: other).gossip.entry(key)?.version
                    if let held, !(held < version) { return true }
                }
                return false
            }
        }
        happen(.crashed(wiped: mode == .wiped), node, simulation.now)
        loseLeader(node, simulation.now)
    }

    mutating func didLose(
        _ reason: LossReason, from: NodeID, to: NodeID, in simulation: borrowing Simulation<MeshNode>
    ) {
        guard trace != nil else { return }
        let what: StaticString =
            switch reason {
            case .network: "is lost"
            case .cutInFlight: "is cut off in flight"
            case .receiverDown: "finds it down"
            case .damaged: "is thrown away as damaged"
            }
        trace?.note(
            "message to \(to) \(what)", event: simulation.eventCount, cause: simulation.cause, at: simulation.now,
            node: from)
    }

    mutating func happen(_ kind: Happening.Kind, _ node: NodeID, _ time: Instant) {
        happenings.append(Happening(time: time, node: node, kind: kind))
        // A group may take snapshots all the time; that one was taken changes little.
        if kind != .snapshotTaken { states.isDue = true }
    }

    static func describe(_ change: HostChange) -> String {
        switch change {
        case .started: "starts"
        case .crashed(.clean): "stops cleanly"
        case .crashed(.losingUnsynced): "crashes, losing unsynced writes"
        case .crashed(.wiped): "crashes, its disk is wiped"
        case .paused: "is paused"
        case .resumed: "goes on"
        case .storageFailed(let failure): "stops: \(failure)"
        case .refused(let failure): "cannot start: \(failure)"
        case .salvaged(let report): "starts from what is legible: \(report)"
        }
    }
}
