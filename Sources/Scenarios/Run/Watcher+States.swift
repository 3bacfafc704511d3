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
    /// - Complexity: O(n log n) in the nodes; in large clusters it waits for n/4 events since the last time, so that a
    ///   run pays O(log n) for each event at most.
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
        var last = Raft.LogIndex.zero
        var lastTerm = Raft.Term.zero
        var configuration = Raft.LogIndex.zero
        var leader: NodeID?
        var firstKept = Raft.LogIndex.zero
    }

    private func signature(_ simulation: borrowing Simulation<MeshNode>) -> UInt64 {
        let summit = summit(simulation)
        var codes: [UInt64] = []
        codes.reserveCapacity(simulation.nodeCount)
        for place in 0..<simulation.nodeCount { codes.append(code(place, summit, simulation)) }
        codes.sort()
        var digest = Digest()
        digest.mix(min(census.count, 3))
        var index = 0
        while index < codes.count {
            var next = index + 1
            while next < codes.count && codes[next] == codes[index] { next += 1 }
            digest.mix(codes[index])
            digest.mix(Self.bucket(next - index))
            index = next
        }
        return digest.value
    }

    /// Up to four are told apart, then 5...8, 9...16 and so on.
    private static func bucket(_ count: Int) -> Int {
        if count <= 4 { return count }
        var (bucket, bound) = (5, 8)
        while bound < count { (bucket, bound) = (bucket + 1, bound * 2) }
        return bucket
    }

    private func summit(_ simulation: borrowing Simulation<MeshNode>) -> Summit {
        var summit = Summit()
        for id in simulation.nodes {
            guard let node = simulation[id].raft else { break }
            summit.term = max(summit.term, node.term)
            summit.commit = max(summit.commit, node.commitIndex)
            summit.last = max(summit.last, node.log.lastIndex)
            summit.lastTerm = max(summit.lastTerm, node.log.lastTerm)
            summit.configuration = max(summit.configuration, node.configurationIndex)
            if node.role == .leader, node.term == summit.term {
                summit.leader = id
                summit.firstKept = node.log.baseIndex
            }
        }
        return summit
    }

    /// What matters about one node.
    private func code(_ place: Int, _ summit: Summit, _ simulation: borrowing Simulation<MeshNode>) -> UInt64 {
        let id = NodeID(UInt64(UInt(bitPattern: place + 1)))
        var code = Packed()
        switch simulation.status(of: id) {
        case .absent: return 1
        case .running: code.add(0, bits: 2)
        case .paused: code.add(1, bits: 2)
        case .crashed: code.add(2, bits: 2)
        }
        if simulation.network.isDisturbed, let leader = summit.leader {
            let hub = Int(truncatingIfNeeded: leader.rawValue) - 1
            code.add(hub != place && simulation.network.isCut(from: place, to: hub))
            code.add(hub != place && simulation.network.isCut(from: hub, to: place))
        } else {
            code.add(0, bits: 2)
        }
        code.add(min(views[place].suspects, 2), bits: 2)
        code.add(min(views[place].dead, 2), bits: 2)
        if let node = simulation[id].raft {
            add(node, summit, to: &code)
            // What was written and is not on the disk yet.
            code.add(node.log.lastIndex > simulation.stable(of: id).raft.log.lastIndex)
        }
        return code.word | 2
    }

    /// How far something is behind: not at all, by one, or by more.
    private static func gap(_ high: UInt64, _ low: UInt64) -> Int { high > low ? Int(clamping: min(high - low, 2)) : 0 }

    private func add(_ node: borrowing Raft.Node, _ summit: Summit, to code: inout Packed) {
        switch node.role {
        case .follower: code.add(0, bits: 2)
        case .preCandidate: code.add(1, bits: 2)
        case .candidate: code.add(2, bits: 2)
        case .leader: code.add(3, bits: 2)
        }
        code.add(Self.gap(summit.term.rawValue, node.term.rawValue), bits: 2)
        code.add(node.leader == nil)
        code.add(Self.gap(summit.commit.rawValue, node.commitIndex.rawValue), bits: 2)
        code.add(node.log.lastTerm < summit.lastTerm)
        code.add(node.log.lastIndex < summit.last)
        code.add(Self.gap(node.log.lastIndex.rawValue, node.commitIndex.rawValue), bits: 2)
        code.add(node.log.lastIndex < summit.firstKept)
        code.add(node.configurationIndex > node.commitIndex)
        code.add(node.configurationIndex < summit.configuration)
        code.add(node.configuration.isJoint)
        code.add(!node.configuration.duties(of: node.id).isEmpty)
        code.add(node.isAsleep)
        code.add(node.isAmnesiac)
    }
}

/// Small numbers side by side in one word.
private struct Packed {
    private(set) var word: UInt64 = 1

    mutating func add(_ value: Int, bits: UInt64) {
        word = word << bits | UInt64(UInt(bitPattern: value)) & ((1 as UInt64) << bits - 1)
    }

    mutating func add(_ flag: Bool) { word = word << 1 | (flag ? 1 : 0) }
}
