import MeshCore

/// Watches the reads of a group: each is answered at most once, and never from an index below what anybody had
/// committed when it was asked.
struct RaftReadBook: Sendable {
    /// A read that is not answered.
    private struct Open {
        let node: NodeID
        let id: UInt64
        /// What somebody had committed when it was asked.
        let floor: Raft.LogIndex
    }

    private var open: [Open] = []
    private var lastID: UInt64 = 0
    private(set) var violations: [String] = []
    private(set) var marks: [String: Int] = [:]

    /// How many reads wait for an answer.
    var count: Int { open.count }

    mutating func ask(_ node: NodeID, floor: Raft.LogIndex) -> UInt64 {
        lastID += 1
        open.append(Open(node: node, id: lastID, floor: floor))
        return lastID
    }

    private mutating func close(_ node: NodeID, _ id: UInt64) -> Open? {
        guard let place = open.firstIndex(where: { $0.node == node && $0.id == id }) else {
            violations.append("\(node) answered read #\(id), which nobody waits for")
            return nil
        }
        return open.remove(at: place)
    }

    /// Looks at what a node tells after it has applied the log up to `applied`.
    mutating func note(_ output: Raft.Output, of node: NodeID, isLeader: Bool, applied: Raft.LogIndex) {
        switch output {
        case .readReady(let id, let index):
            marks[isLeader ? "read at the leader" : "read at a follower", default: 0] += 1
            guard let read = close(node, id) else { return }
            if index < read.floor {
                violations.append("C1 \(node) answered read #\(id) at \(index), behind \(read.floor)")
            }
            if applied < index { violations.append("C1 \(node) answered read #\(id) before it applied \(index)") }
        case .readRefused(let id, let reason):
            marks["read refused: \(reason)", default: 0] += 1
            _ = close(node, id)
        default: break
        }
    }

    /// Forgets the reads of a node that stops.
    mutating func forget(_ node: NodeID) { open.removeAll { $0.node == node } }
}

extension RaftCluster {
    /// Asks a node for a read.
    public mutating func read(_ number: Int) {
        let id = NodeID(UInt64(number))
        guard hosts[position(of: id)].isUp else { return }
        let floor = hosts.map(\.node.commitIndex).max() ?? .zero
        let read = reads.ask(id, floor: floor)
        step(id, .command(.read(id: read)))
    }

    /// How many reads wait for an answer at nodes that run.
    public var openReads: Int { reads.count }
}
