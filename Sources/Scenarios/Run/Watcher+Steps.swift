import MeshCore
import Simulator

extension Watcher {
    /// Looks at a node that has taken a step.
    ///
    /// Parts of the machine are read one by one: a machine as a whole would be copied.
    mutating func observe(
        _ effects: borrowing Outbox<Effect<MeshNode>>, _ occasion: Occasion,
        _ simulation: borrowing Simulation<MeshNode>
    ) {
        let place = Int(truncatingIfNeeded: occasion.node.rawValue) - 1
        if let node = simulation[occasion.node].raft { observe(node, effects, occasion, place, simulation) }
        if let hash = simulation[occasion.node].gossip?.stateHash, hash != views[place].gossipHash {
            census.remove(views[place].gossipHash)
            census.add(hash)
            views[place].gossipHash = hash
            isDirty = true
        }
        effects.forEach { effect in
            switch copy effect {
            case .persist(.gossip(let record), _): gossip.wrote(record, occasion)
            case .output(.swim(let output)): said(output, occasion, simulation)
            case .output(.heartbeat(let output)): said(output, occasion, simulation)
            case .output(.broadcast(let output)): broadcast.said(output, occasion)
            case .output(.plumtree(let output)): broadcast.said(output, occasion)
            case .send(.swim(let message), to: let peer):
                guard rumours != nil, let settings = simulation[occasion.node].swim?.settings else { return }
                rumours?.told(message, to: peer, settings, occasion)
            case .persist, .output, .send, .setTimer, .cancelTimer: break
            }
        }
    }

    private mutating func observe(
        _ node: borrowing Raft.Node, _ effects: borrowing Outbox<Effect<MeshNode>>, _ occasion: Occasion, _ place: Int,
        _ simulation: borrowing Simulation<MeshNode>
    ) {
        effects.forEach { effect in
            switch copy effect {
            case .persist(.raft(let record), _):
                raft.checkRemoval(by: record, occasion) { Self.isDurable($0, $1, $2, simulation) }
                raft.wrote(record, node, occasion)
            case .send(.raft(let message), to: let peer): raft.sent(message, to: peer, node, occasion)
            case .persist, .send, .output, .setTimer, .cancelTimer: break
            }
        }
        raft.checkOrder(node, occasion)
        if let peer = answering {
            answering = nil
            let diskTerm = simulation.stable(of: peer).raft.term
            raft.tookAnswer(from: peer, diskTerm: diskTerm, node, occasion) {
                Self.isDurable($0, $1, $2, simulation)
            }
        }
        if node.commitIndex != views[place].commit {
            views[place].commit = node.commitIndex
            isDirty = true
            if node.role == .leader && node.term > committedTerm {
                committedTerm = node.term
                states.isDue = true
            }
            raft.stepped(node, occasion) { Self.isDurable($0, $1, $2, simulation) }
        }
        effects.forEach { effect in
            guard case .output(.raft(let output)) = copy effect else { return }
            raft.said(output, node, occasion) { Self.isDurable($0, $1, $2, simulation) }
            said(output, node, occasion, place)
        }
    }

    /// Whether a disk holds an entry of this term at this position, or a snapshot over it.
    static func isDurable(
        _ place: Int, _ index: Raft.LogIndex, _ term: Raft.Term, _ simulation: borrowing Simulation<MeshNode>
    ) -> Bool {
        let log = simulation.stable(of: NodeID(UInt64(UInt(bitPattern: place + 1)))).raft.log
        return index <= log.snapshotIndex || log.term(at: index) == term
    }

    private mutating func said(
        _ output: Raft.Output, _ node: borrowing Raft.Node, _ occasion: Occasion, _ place: Int
    ) {
        switch output {
        case .becameLeader(let term):
            isDirty = true
            elected(term, occasion)
        case .becameFollower, .becamePreCandidate, .becameCandidate:
            isDirty = true
            states.isDue = true
            if leader == occasion.node && leaderTerm <= node.term { loseLeader(occasion.node, occasion.time) }
        case .leaderChanged: isDirty = true
        case .apply(let entries): views[place].applied = entries.last?.index ?? views[place].applied
        case .installed(let index, _, _):
            views[place].applied = index
            isDirty = true
            // Who starts takes up its own snapshot; nobody sent it one.
            if !isStarting { happen(.snapshotInstalled, occasion.node, occasion.time) }
        case .snapshotWanted:
            metrics.snapshots += 1
            happen(.snapshotTaken, occasion.node, occasion.time)
        case .transferred: metrics.transfers += 1
        case .proposed, .committed, .ignored, .transferStarted, .transferAbandoned, .readReady, .readRefused, .repair:
            break
        case .quiescent:
            isDirty = true
            states.isDue = true
        case .configurationChanged:
            isDirty = true
            states.isDue = true
            if node.role == .leader { metrics.membershipChanges += 1 }
        case .leftGroup: isDirty = true
        case .rejected(_, let reason):
            if reason.isOfMembers { metrics.refusedChanges += 1 }
            if reason == .busy { metrics.busyRefusals += 1 }
        }
    }

    private mutating func elected(_ term: Raft.Term, _ occasion: Occasion) {
        metrics.elections += 1
        metrics.term = max(metrics.term, Int64(clamping: term.rawValue))
        guard term > leaderTerm else { return }
        let isChange = (leader ?? previousLeader).map { $0 != occasion.node } ?? false
        if isChange { metrics.leaderChanges += 1 }
        if let lost = leaderLostAt {
            metrics.leaderlessTime = metrics.leaderlessTime + (occasion.time - lost)
            if metrics.elections > 1 { metrics.electionTime.add(occasion.time - lost) }
            leaderLostAt = nil
        }
        if let leader, leader != occasion.node { previousLeader = leader }
        leader = occasion.node
        leaderTerm = term
        happen(.elected(term, isChange: isChange), occasion.node, occasion.time)
    }

    /// The leader stepped down, crashed or was paused.
    mutating func loseLeader(_ node: NodeID, _ time: Instant) {
        guard leader == node else { return }
        previousLeader = node
        leader = nil
        leaderLostAt = time
        happen(.leaderLost, node, time)
    }

    private mutating func said(
        _ output: Swim.Output, _ occasion: Occasion, _ simulation: borrowing Simulation<MeshNode>
    ) {
        if rumours != nil, let node = simulation[occasion.node].swim {
            if case .suspect(let subject) = output { rumours?.suspected(subject, by: node, occasion) }
            if case .dead(let subject) = output { rumours?.buried(subject, by: node, occasion) }
        }
        switch output {
        case .alive(let subject): believed(.alive, subject, occasion, simulation)
        case .suspect(let subject): believed(.suspect, subject, occasion, simulation)
        case .dead(let subject): believed(.dead, subject, occasion, simulation)
        case .left(let subject): believed(.left, subject, occasion, simulation)
        case .refuted, .ignored, .described: break
        }
    }

    private mutating func said(
        _ output: Heartbeat.Output, _ occasion: Occasion, _ simulation: borrowing Simulation<MeshNode>
    ) {
        switch output {
        case .connected(let subject), .recovered(let subject): believed(.alive, subject, occasion, simulation)
        case .suspect(let subject): believed(.suspect, subject, occasion, simulation)
        case .dead(let subject): believed(.dead, subject, occasion, simulation)
        case .disconnected(let subject): believed(.left, subject, occasion, simulation)
        case .ignored: break
        }
    }

    private static func status(_ belief: Belief) -> Swim.Status? {
        switch belief {
        case .alive: .alive
        case .suspect: .suspect
        case .dead: .dead
        case .left: .left
        case .unknown: nil
        }
    }

    /// A node thinks otherwise of another.
    private mutating func believed(
        _ belief: Belief, _ subject: NodeID, _ occasion: Occasion, _ simulation: borrowing Simulation<MeshNode>
    ) {
        guard simulation.hasNode(subject), subject != occasion.node else { return }
        isDirty = true
        let place = Int(truncatingIfNeeded: subject.rawValue) - 1
        let before = membership.belief(of: occasion.node, about: subject)
        membership.reported(belief, about: subject, isUp: views[place].isUp, occasion)
        count(belief, instead: before, at: Int(truncatingIfNeeded: occasion.node.rawValue) - 1)
        // A node that changed its mind again within the step has said more than one word; the last one counts.
        if let swim = simulation[occasion.node].swim, let incarnation = swim.incarnation(of: subject),
            swim.status(of: subject) == Self.status(belief)
        {
            membership.held(belief, about: subject, incarnation, occasion)
        }
        switch belief {
        case .suspect:
            metrics.suspicions += 1
            if views[place].isUp { metrics.falseSuspicions += 1 }
            happen(.suspected(subject), occasion.node, occasion.time)
        case .dead:
            metrics.deaths += 1
            if let down = views[place].downSince { metrics.detectionTime.add(occasion.time - down) }
            happen(.dead(subject), occasion.node, occasion.time)
        case .left:
            happen(.left(subject), occasion.node, occasion.time)
        case .alive where before == .suspect || before == .dead:
            happen(.refuted(subject), occasion.node, occasion.time)
        case .alive, .unknown: break
        }
    }

    /// Keeps count of what a node thinks of the others.
    private mutating func count(_ belief: Belief, instead before: Belief, at observer: Int) {
        guard belief != before else { return }
        if before == .suspect { views[observer].suspects -= 1 }
        if before == .dead { views[observer].dead -= 1 }
        if belief == .suspect { views[observer].suspects += 1 }
        if belief == .dead { views[observer].dead += 1 }
        states.isDue = true
    }
}
