import MeshCore
import Simulator

/// What the targets of one statement have named so far, for `rest` and `majority`.
struct TargetScope: Sendable {
    var statement: Int
    var named: [NodeID] = []
    var minority: [NodeID]?
    /// Distinguishes several random targets of one statement.
    var draws: UInt64 = 0
    /// Whether `all`, `any` and `rest` mean nodes that have not started yet, too: the network is there before them.
    var isOfNetwork = false
}

extension Run {
    /// The nodes a target means now, in the order of their ids.
    func resolve(_ target: Scenario.Target, _ scope: inout TargetScope) -> [NodeID] {
        let nodes = resolveQuietly(target, &scope)
        for node in nodes where !scope.named.contains(node) { scope.named.append(node) }
        return nodes
    }

    private func resolveQuietly(_ target: Scenario.Target, _ scope: inout TargetScope) -> [NodeID] {
        let all = simulation.nodes.filter { scope.isOfNetwork || simulation.status(of: $0) != .absent }
        switch target {
        case .node(let id): return [id]
        case .nodes(let low, let high): return simulation.nodes.filter { low <= $0 && $0 <= high }
        case .group(let name): return simulation.nodes.filter { groups[place($0)] == name }
        case .region(let name):
            return simulation.nodes.filter { regionNames[regionOf[place($0)]] == name }
        case .leader: return currentLeader().map { [$0] } ?? []
        case .previousLeader: return watcher.previousLeader.map { [$0] } ?? []
        case .followers:
            let leader = currentLeader()
            return all.filter { simulation.status(of: $0) == .running && $0 != leader }
        case .random(let count, let set):
            let candidates = resolveQuietly(set, &scope)
            return draw(Int(clamping: count.value), of: candidates, &scope)
        case .minority: return minority(all, &scope)
        case .majority:
            let minority = minority(all, &scope)
            return all.filter { !minority.contains($0) }
        case .all, .any: return all
        case .rest: return all.filter { !scope.named.contains($0) }
        case .crashed: return all.filter { simulation.status(of: $0) == .crashed }
        case .paused: return all.filter { simulation.status(of: $0) == .paused }
        case .allBut(let excluded):
            let out = resolveQuietly(excluded, &scope)
            return all.filter { !out.contains($0) }
        case .list(let targets):
            var members: [NodeID] = []
            for target in targets {
                // A random member of a list is drawn among those the list does not hold already.
                let found = resolve(target, &scope)
                for node in found where !members.contains(node) { members.append(node) }
            }
            return members.sorted()
        }
    }

    func place(_ node: NodeID) -> Int { Int(truncatingIfNeeded: node.rawValue) - 1 }

    /// The leader of the highest term that is up.
    func currentLeader() -> NodeID? {
        var best: (node: NodeID, term: Raft.Term)?
        for node in simulation.nodes where simulation.status(of: node) == .running {
            guard let raft = simulation[node].raft, raft.role == .leader else { continue }
            if best.map({ raft.term > $0.term }) ?? true { best = (node, raft.term) }
        }
        return best?.node
    }

    /// Draws so many nodes of a set, preferring those the statement has not named yet.
    private func draw(_ count: Int, of candidates: [NodeID], _ scope: inout TargetScope) -> [NodeID] {
        let fresh = candidates.filter { !scope.named.contains($0) }
        var pool = fresh.count >= count ? fresh : candidates
        var drawn: [NodeID] = []
        while drawn.count < count, !pool.isEmpty {
            scope.draws += 1
            let bits = random.bits(
                .target, UInt64(bitPattern: Int64(scope.statement)), UInt64(bitPattern: simulation.now.nanoseconds),
                scope.draws)
            drawn.append(pool.remove(at: Int(Random.number(below: UInt64(UInt(bitPattern: pool.count)), from: bits))))
        }
        return drawn.sorted()
    }

    private func minority(_ all: [NodeID], _ scope: inout TargetScope) -> [NodeID] {
        if let known = scope.minority { return known }
        let drawn = draw((all.count - 1) / 2, of: all, &scope)
        scope.minority = drawn
        return drawn
    }

    /// Whether a node is meant by a target of an event or a condition.
    func isMember(_ node: NodeID, of target: Scenario.Target) -> Bool {
        var scope = TargetScope(statement: -2)
        return resolveQuietly(target, &scope).contains(node)
    }

    /// A set of nodes as zero-based positions.
    func positions(_ nodes: [NodeID]) -> BitSet { BitSet(nodes.map { place($0) }) }
}
