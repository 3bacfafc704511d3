public import MeshCore
import Simulator

extension Debugger {
    /// Where the run stands: the time, the events, and a line for each node.
    public var overview: [String] {
        let digest = run.simulation.digest
        var lines = ["\(run.now), event \(run.eventCount), digest \(digest)\(run.isOver ? ", the run is over" : "")"]
        for node in run.simulation.nodes { lines.append("  \(summary(of: node))") }
        return lines
    }

    private func summary(of node: NodeID) -> String {
        let machine = run.simulation[node]
        var text = "\(node) \(Self.word(run.simulation.status(of: node)))"
        if let raft = machine.raft {
            text += ", \(raft.role) in term \(raft.term)"
            if let leader = raft.leader, leader != node { text += " of \(leader)" }
            text += ", log \(raft.log.firstIndex)..\(raft.log.lastIndex), committed \(raft.commitIndex)"
        }
        if let gossip = machine.gossip { text += ", gossip \(hexadecimal(gossip.stateHash))" }
        return text
    }

    private static func word(_ status: HostStatus) -> StaticString {
        switch status {
        case .absent: "not started"
        case .running: "running"
        case .paused: "paused"
        case .crashed: "crashed"
        }
    }

    /// The state of a node in full; `nil` when there is no such node.
    public func details(of node: NodeID) -> [String]? {
        guard run.simulation.nodes.contains(node) else { return nil }
        var lines = [summary(of: node)]
        let unsynced = run.simulation.unsynced(of: node)
        lines.append("  disk: \(unsynced.sectors) sectors and \(unsynced.names) names not durable")
        if let status = run.simulation[node].raft?.status { lines += Self.lines(of: status) }
        if run.simulation[node].swim != nil || run.simulation[node].heartbeat != nil {
            var beliefs = ""
            for other in run.simulation.nodes where other != node {
                beliefs += " \(other) \(Self.word(run.belief(node, other)))"
            }
            lines.append("  members:\(beliefs)")
        }
        return lines
    }

    private static func lines(of status: Raft.Status) -> [String] {
        var lines = [
            "  vote \(status.votedFor.map { "\($0)" } ?? "for nobody"), durable up to \(status.durableIndex), "
                + "applied up to \(status.appliedIndex), snapshot up to \(status.snapshotIndex)",
            "  group \(status.configuration) since \(status.configurationIndex)",
            "  waiting: \(status.pendingRecords) records, \(status.pendingReads) reads, "
                + "\(status.pendingForwards) forwarded proposals, \(status.uncommittedBytes) bytes to commit",
        ]
        for peer in status.peers {
            lines.append(
                "  \(peer.id) holds up to \(peer.match), next \(peer.next), \(peer.inflight) messages under way, "
                    + "silent for \(peer.silentRounds) beats")
        }
        return lines
    }

    private static func word(_ belief: Belief) -> StaticString {
        switch belief {
        case .alive: "alive"
        case .suspect: "suspect"
        case .dead: "dead"
        case .left: "left"
        case .unknown: "unknown"
        }
    }

    /// The end of a node's Raft log, oldest first; `nil` when the node has none.
    public func log(of node: NodeID, last count: Int = 20) -> [String]? {
        guard run.simulation.nodes.contains(node), let raft = run.simulation[node].raft else { return nil }
        var lines: [String] = []
        var index = raft.log.lastIndex
        while lines.count < count, index >= raft.log.firstIndex, let entry = raft.log.entry(at: index) {
            let mark: StaticString = index <= raft.commitIndex ? "committed" : "open"
            lines.append("  \(entry) \(mark)")
            guard index.rawValue > 0 else { break }
            index = Raft.LogIndex(index.rawValue - 1)
        }
        if raft.log.snapshotIndex > .zero { lines.append("  up to \(raft.log.snapshotIndex): a snapshot") }
        return lines.reversed()
    }

    /// What is under way on the network, in the order of arrival.
    public var messages: [String] {
        run.simulation.messagesUnderWay.map { message in
            let arrival = message.arrival.map { "in \($0 - run.now)" } ?? "held back"
            return "  \(arrival)  \(message.from) -> \(message.to)  \(message.message)"
        }
    }
}
