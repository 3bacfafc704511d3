import MeshCore

/// Something that came to pass in a run and that a scenario can refer to.
struct Happening: Sendable {
    var time: Instant
    var node: NodeID
    var kind: Kind

    enum Kind: Equatable, Sendable {
        case elected(Raft.Term, isChange: Bool)
        case leaderLost
        case snapshotTaken
        case snapshotInstalled
        case started
        case restarted
        case crashed(wiped: Bool)
        /// Its disk failed or had no room, and the node stopped with it.
        case stopped
        /// It could not be started from what its disk holds.
        case refused
        case paused
        case resumed
        /// Another node, the one of the happening, thinks otherwise of this one.
        case suspected(NodeID)
        case dead(NodeID)
        case refuted(NodeID)
        case left(NodeID)
        /// A line of the timeline ran.
        case ran(Scenario.Verb, key: Bytes?)
        case allClear
    }
}
