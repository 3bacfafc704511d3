public import MeshCore

extension Scenario {
    /// Which nodes a statement means: by name, or resolved when the statement runs.
    ///
    /// What is random is drawn anew each time a statement runs, keyed by the statement and the virtual time.
    public indirect enum Target: Equatable, Sendable {
        /// One node: `n3`.
        case node(NodeID)

        /// The nodes between two, both included: `n1..n3`.
        case nodes(from: NodeID, to: NodeID)

        /// The nodes of a named group: `eu` after `nodes 3 as eu`.
        case group(Bytes)

        /// The nodes of a region: `region eu-west`.
        case region(Bytes)

        /// The leader of the highest term that is up; nobody when there is none.
        case leader

        /// The leader before the present one: `previous leader`; nobody when there was none.
        case previousLeader

        /// All nodes that are up and do not lead.
        case followers

        /// So many nodes of a set, drawn at random: `random 2`, `random follower`, `random 2 of eu`.
        ///
        /// All of the set when it has fewer. `follower` alone is short for `random follower`.
        case random(Setting<Int64>, of: Target)

        /// Fewer than half of the nodes, as many as possible, drawn at random.
        case minority

        /// The nodes that are not in the minority drawn in the same statement.
        case majority

        /// Every node that has been started, up or not.
        case all

        /// The nodes the statement does not name otherwise.
        case rest

        /// The nodes that are crashed.
        case crashed

        /// The nodes that are paused.
        case paused

        /// Whichever node: as the end of a link every node, in an event any one of them.
        case any

        /// Every node but these: `all but leader`.
        case allBut(Target)

        /// All of these together: `{n1, leader}`.
        case list([Target])
    }
}

extension Scenario.Target {
    /// Whether the target is the same nodes at every moment of every run.
    public var isKnownBeforeTheRun: Bool {
        switch self {
        case .node, .nodes, .group, .region, .all, .any: return true
        case .leader, .previousLeader, .followers, .random, .minority, .majority, .rest, .crashed, .paused:
            return false
        case .allBut(let excluded): return excluded.isKnownBeforeTheRun
        case .list(let parts):
            for part in parts where !part.isKnownBeforeTheRun { return false }
            return true
        }
    }
}
