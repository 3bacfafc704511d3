import MeshCore
import Simulator

/// Changes of the Raft group.
extension Run {
    /// Asks the leader, or other nodes that are up, for a change; what is refused is counted.
    ///
    /// Without a leader nothing happens.
    mutating func perform(_ change: Scenario.MemberChange, on target: Scenario.Target?, _ scope: inout TargetScope) {
        guard let leader = currentLeader() else { return }
        let named = change.target.map { resolve($0, &scope) } ?? []
        guard let target else { return ask(leader, for: change, named) }
        for node in resolve(target, &scope) where simulation.status(of: node) == .running {
            ask(node, for: change, named)
        }
    }

    /// Asks a node for a change of these nodes.
    private mutating func ask(_ asked: NodeID, for change: Scenario.MemberChange, _ named: [NodeID]) {
        guard let raft = simulation[asked].raft else { return }
        let id = nextProposal()
        let changes: [Raft.Change]
        switch change {
        case .add(_, let seat, _): changes = named.map { Self.change($0, to: seat) }
        case .promote: changes = named.map { .addVoter($0) }
        case .demote: changes = named.map { .addLearner($0) }
        case .remove: changes = named.map { .remove($0) }
        case .voters:
            let present = raft.configuration.voters
            changes =
                named.filter { !present.contains($0) }.map { .addVoter($0) }
                + present.filter { !named.contains($0) }.map { .remove($0) }
        case .leaveJoint:
            simulation.command(.raft(.leaveJoint(id: id)), at: asked, observing: &watcher)
            return
        }
        let transition: Raft.Transition = change.isExplicit ? .explicit : .automatic
        simulation.command(
            .raft(.changeConfiguration(changes, id: id, transition: transition)), at: asked, observing: &watcher)
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

extension Scenario.MemberChange {
    /// The nodes that it is about; `nil` where it is about none.
    var target: Scenario.Target? {
        switch self {
        case .add(let target, _, _), .promote(let target, _), .demote(let target, _), .remove(let target, _),
            .voters(let target, _):
            target
        case .leaveJoint: nil
        }
    }

    /// Whether a joint phase is to be entered in any case.
    fileprivate var isExplicit: Bool {
        switch self {
        case .add(_, _, let isExplicit), .promote(_, let isExplicit), .demote(_, let isExplicit),
            .remove(_, let isExplicit), .voters(_, let isExplicit):
            isExplicit
        case .leaveJoint: false
        }
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
