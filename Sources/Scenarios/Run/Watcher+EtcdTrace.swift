import MeshCore
import Simulator

/// What the trace in etcd's form sees of a node: its Raft.
extension Watcher {
    mutating func willStepRaft(
        _ input: borrowing Input<MeshNode>, at node: NodeID, in simulation: borrowing Simulation<MeshNode>
    ) {
        guard let raft = simulation[node].raft else { return }
        let time = simulation.now
        switch copy input {
        case .receive(.raft(let message), from: let peer):
            etcdTrace?.willStep(.receive(message, from: peer), raft, at: time)
        case .persisted(let ticket): etcdTrace?.willStep(.persisted(ticket), raft, at: time)
        case .receive, .timer, .command, .restarted: etcdTrace?.willStep(.restarted, raft, at: time)
        }
    }

    mutating func didStepRaft(
        _ effects: borrowing Outbox<Effect<MeshNode>>, at node: NodeID, in simulation: borrowing Simulation<MeshNode>
    ) {
        guard let raft = simulation[node].raft else { return }
        var raftEffects: [Effect<Raft.Node>] = []
        effects.forEach { effect in
            switch copy effect {
            case .send(.raft(let message), to: let peer): raftEffects.append(.send(message, to: peer))
            case .persist(.raft(let record), let ticket): raftEffects.append(.persist(record, ticket))
            case .output(.raft(let output)): raftEffects.append(.output(output))
            case .send, .persist, .output, .setTimer, .cancelTimer: break
            }
        }
        etcdTrace?.didStep(raftEffects, raft)
    }
}
