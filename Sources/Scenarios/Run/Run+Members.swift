import MeshCore
import Simulator

/// Changes of the Raft group.
extension Run {
    /// Asks the leader, or other nodes that are up, for a change; what is refused is counted.
    ///
    /// Without a leader nothing happens.
    mutating func perform(_ change: Scenario.MemberChange, on target: Scenario.Target?, _ scope: inout TargetScope) {
        guard let leader = currentLeader() else { return }
        guard let target else { return ask(leader, for: change, &scope) }
        for node in resolve(target, &scope) where simulation.status(of: node) == .running {
            ask(node, for: change, &scope)
        }
    }

    private mutating func ask(_ asked: NodeID, for change: Scenario.MemberChange, _ scope: inout TargetScope) {
        guard let raft = simulation[asked].raft else { return }
        let id = nextProposal()
        let command: Raft.Command
        switch change {
        case .add(let target, let seat, let isExplicit):
            let changes = resolve(target, &scope).map { Self.change($0, to: seat) }
            command = .changeConfiguration(changes, id: id, transition: isExplicit ? .explicit : .automatic)
        case .promote(let target, let isExplicit):
            let changes = resolve(target, &scope).map { Raft.Change.addVoter($0) }
            command = .changeConfiguration(changes, id: id, transition: isExplicit ? .explicit : .automatic)
        case .demote(let target, let isExplicit):
            let changes = resolve(target, &scope).map { Raft.Change.addLearner($0) }
            command = .changeConfiguration(changes, id: id, transition: isExplicit ? .explicit : .automatic)
        case .remove(let target, let isExplicit):
            let changes = resolve(target, &scope).map { Raft.Change.remove($0) }
            command = .changeConfiguration(changes, id: id, transition: isExplicit ? .explicit : .automatic)
        case .voters(let target, let isExplicit):
            let wanted = resolve(target, &scope)
            let present = raft.configuration.voters
            let changes =
                wanted.filter { !present.contains($0) }.map { Raft.Change.addVoter($0) }
                + present.filter { !wanted.contains($0) }.map { Raft.Change.remove($0) }
            command = .changeConfiguration(changes, id: id, transition: isExplicit ? .explicit : .automatic)
        case .leaveJoint: command = .leaveJoint(id: id)
        }
        simulation.command(.raft(command), at: asked, observing: &watcher)
    }

    private static func change(_ node: NodeID, to seat: Scenario.Seat) -> Raft.Change {
        switch seat {
        case .voter: .addVoter(node)
        case .learner: .addLearner(node)
        case .promotable: .addPromotable(node)
        case .witness: .addWitness(node)
        }
    }

    /// Whether the leader knows it to be decided that exactly these nodes vote, and no joint phase is under way.
    func areVoters(_ target: Scenario.Target) -> Bool {
        guard let leader = currentLeader(), let raft = simulation[leader].raft else { return false }
        guard !raft.configuration.isJoint, raft.configurationIndex <= raft.commitIndex else { return false }
        var scope = TargetScope(statement: -2)
        return raft.configuration.voters == resolve(target, &scope)
    }
}

extension Raft.Rejection {
    /// Whether only changes of the group are refused so.
    var isOfMembers: Bool {
        switch self {
        case .changePending, .termNotCommitted, .changesNothing, .invalidChange, .notCaughtUp, .fixedDuty: true
        case .noLeader, .notLeader, .busy, .tooLarge, .deposed, .transferring: false
        }
    }
}
