import MeshCore
import Simulator

/// The kinds of states that a run went through.
///
/// A kind of state is a hash of what matters about the cluster and leaves out what does not: terms and positions
/// count only relative to the greatest, nodes are not told apart, many are as good as more. Two runs with the same
/// kinds of states went through the same situations, as far as this looks; a run with a new one did something no
/// other did.
///
/// Source: state coverage as feedback, Meng et al., Mallory, CCS 2023, and Gulcan et al., OOPSLA 2025; here the states
/// are abstracted by hand instead of by a model.
struct StateBook: Sendable {
    /// The signatures, in the order in which they first came.
    private(set) var found: [UInt64] = []
    private var set = StateSet()
    /// Whether something happened after which it is worth looking.
    var isDue = false
    /// The event after which it was looked last.
    var lastLook: UInt64 = 0

    /// The most kinds that one run notes.
    static var limit: Int { 4_096 }

    /// Notes a kind of state.
    ///
    /// - Returns: Whether the run went through none like it before.
    mutating func note(_ signature: UInt64) -> Bool {
        guard found.count < Self.limit, set.insert(signature) else { return false }
        found.append(signature)
        return true
    }
}

extension Watcher {
    /// Takes the signature of the state if something happened after which it is worth it.
    ///
    /// - Complexity: O(n) in the nodes; in large clusters it waits for n/4 events since the last time, so that a run
    ///   pays O(1) for each event.
    mutating func noteState(_ simulation: borrowing Simulation<MeshNode>) {
        guard states.isDue else { return }
        let nodeCount = UInt64(UInt(bitPattern: simulation.nodeCount))
        guard simulation.eventCount >= states.lastLook + nodeCount / 4 else { return }
        states.isDue = false
        states.lastLook = simulation.eventCount
        if states.note(signature(simulation)) && stopsAtStates { hasNewState = true }
    }

    /// What is compared with: the greatest of everything among the nodes.
    private struct Summit {
        var term = Raft.Term.zero
        var commit = Raft.LogIndex.zero
        var lastTerm = Raft.Term.zero
        var configuration = Raft.LogIndex.zero
        var leader: NodeID?
        var firstKept = Raft.LogIndex.zero
    }

    /// How many nodes something is true of.
    private struct Features {
        var (paused, crashed, cut, suspicious, bereaved) = (0, 0, 0, 0, 0)
        var (leaders, candidates, ofOldTerm, unaware, ofOldLog, tails, needy) = (0, 0, 0, 0, 0, 0, 0)
        var (pending, ofOldGroup, joint, outside, asleep, amnesiac) = (0, 0, 0, 0, 0, 0)
        /// Whether these are true of the leader of the latest term.
        var (leaderIsBehind, leaderHasTail, leaderIsOutside) = (false, false, false)
    }

    private func signature(_ simulation: borrowing Simulation<MeshNode>) -> UInt64 {
        let summit = summit(simulation)
        var features = Features()
        for place in 0..<simulation.nodeCount { count(place, summit, simulation, &features) }
        var digest = Digest()
        // None, one, or more: of two nodes or of a hundred.
        for count in [
            features.paused, features.crashed, features.cut, features.leaders, features.candidates,
            features.ofOldTerm, features.ofOldLog, features.unaware, features.outside,
        ] { digest.mix(min(count, 2)) }
        for count in [
            features.suspicious, features.bereaved, features.tails, features.needy, features.pending,
            features.ofOldGroup, features.joint, features.asleep, features.amnesiac, summit.leader == nil ? 0 : 1,
        ] { digest.mix(min(count, 1)) }
        digest.mix(features.leaderIsBehind)
        digest.mix(features.leaderHasTail)
        digest.mix(features.leaderIsOutside)
        digest.mix(min(census.count, 3))
        return digest.value
    }

    private func summit(_ simulation: borrowing Simulation<MeshNode>) -> Summit {
        var summit = Summit()
        for id in simulation.nodes {
            guard let node = simulation[id].raft else { break }
            if node.role == .leader, node.term >= summit.term {
                summit.leader = id
                summit.firstKept = node.log.baseIndex
            } else if node.term > summit.term {
                summit.leader = nil
            }
            summit.term = max(summit.term, node.term)
            summit.commit = max(summit.commit, node.commitIndex)
            summit.lastTerm = max(summit.lastTerm, node.log.lastTerm)
            summit.configuration = max(summit.configuration, node.configurationIndex)
        }
        return summit
    }

    private func count(
        _ place: Int, _ summit: Summit, _ simulation: borrowing Simulation<MeshNode>, _ features: inout Features
    ) {
        let id = NodeID(UInt64(UInt(bitPattern: place + 1)))
        switch simulation.status(of: id) {
        case .absent: return
        case .running: break
        case .paused: features.paused += 1
        case .crashed:
            features.crashed += 1
            return
        }
        if let leader = summit.leader, leader != id, simulation.network.isDisturbed {
            let hub = Int(truncatingIfNeeded: leader.rawValue) - 1
            let isCut = simulation.network.isCut(from: place, to: hub) || simulation.network.isCut(from: hub, to: place)
            if isCut { features.cut += 1 }
        }
        if views[place].suspects > 0 { features.suspicious += 1 }
        if views[place].dead > 0 { features.bereaved += 1 }
        if let node = simulation[id].raft { count(node, summit, &features) }
    }

    private func count(_ node: borrowing Raft.Node, _ summit: Summit, _ features: inout Features) {
        let hasTail = node.log.lastIndex > node.commitIndex
        let isOutside = node.configuration.duties(of: node.id).isEmpty
        switch node.role {
        case .follower: break
        case .preCandidate, .candidate: features.candidates += 1
        case .leader: features.leaders += 1
        }
        if summit.leader == node.id {
            features.leaderIsBehind = node.commitIndex < summit.commit
            features.leaderHasTail = hasTail
            features.leaderIsOutside = isOutside
        }
        if node.term < summit.term { features.ofOldTerm += 1 }
        if node.commitIndex < summit.commit { features.unaware += 1 }
        if node.log.lastTerm < summit.lastTerm { features.ofOldLog += 1 }
        if hasTail { features.tails += 1 }
        if node.log.lastIndex < summit.firstKept { features.needy += 1 }
        if node.configurationIndex > node.commitIndex { features.pending += 1 }
        if node.configurationIndex < summit.configuration { features.ofOldGroup += 1 }
        if node.configuration.isJoint { features.joint += 1 }
        if isOutside { features.outside += 1 }
        if node.isAsleep { features.asleep += 1 }
        if node.isAmnesiac { features.amnesiac += 1 }
    }
}
