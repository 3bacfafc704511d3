public import MeshCore

extension Scenario {
    /// Something that comes to pass during a run: what `when`, `never`, `sometimes` and `after` refer to.
    public enum Event: Equatable, Sendable {
        /// A node became leader: `leader elected`.
        case leaderElected

        /// A node became leader and the leader before it was another: `leader changes`.
        case leaderChanges

        /// A leader stepped down, crashed or was paused: `leader lost`.
        case leaderLost

        /// A node took a snapshot: `snapshot taken`.
        case snapshotTaken

        /// A node installed a snapshot that it was sent: `snapshot installed`.
        case snapshotInstalled

        /// No fault of the timeline is in force any more: `all clear`.
        case allClear

        /// A line of the timeline ran: `heal`, `set "key"`; the key is only ever given for `set` and `delete`.
        case ran(Verb, key: Bytes?)

        /// Something happened to one of these nodes: `n3 crashed`, `any suspected`.
        case node(Target, NodeEvent)

        /// A condition became true: `commit >= 20`, `n3 dead everywhere`.
        case becameTrue(Condition)
    }

    /// Something that happens to a node.
    public enum NodeEvent: UInt8, Equatable, Sendable, CaseIterable {
        /// It crashed.
        case crashed

        /// It came back after a crash.
        case restarted

        /// It started for the first time.
        case started

        /// It was paused.
        case paused

        /// It went on after a pause.
        case resumed

        /// It became leader; of the target `leader` the language says ``Event/leaderElected`` instead.
        case elected

        /// Another node began to suspect it.
        case suspected

        /// Another node declared it dead.
        case dead

        /// Another node took a suspicion or a death of it back.
        case refuted

        /// Another node heard that it left gracefully.
        case left

        /// Its disk failed or had no room, and it stopped with it.
        case stopped

        /// It could not be started from what its disk holds.
        case refused
    }

    /// Something that is true or false at every moment of a run.
    public enum Condition: Equatable, Sendable {
        /// Exactly one node that is up leads, and a majority follows it: `one leader`.
        case oneLeader

        /// No node that is up leads: `no leader`.
        case noLeader

        /// One of these nodes leads: `leader is n3`, `leader is not n3`.
        case leader(isIn: Target, isNegated: Bool)

        /// Something that was proposed since the event (or since the start) was committed: `progress`.
        case progress

        /// Every node that is up applied everything that is committed: `caught up`.
        case caughtUp

        /// Every node that is up holds the same gossip state: `converged`.
        case converged

        /// These nodes, as far as they are up, hold a key (and this value): `all know "key"`, `n3 knows "key" =
        /// "value"`.
        case knows(Target, key: Bytes, value: Bytes?)

        /// No node that is up holds a key: `nobody knows "key"`.
        case nobodyKnows(key: Bytes)

        /// What the nodes that are up think of each of these nodes: `n3 dead everywhere`.
        case membership(of: Target, Membership, Extent)

        /// No node that is up suspects these nodes or holds them dead: `nobody suspects n3`.
        case nobodySuspects(Target)

        /// The leader knows it to be decided that exactly these nodes vote in Raft: `voters n2..n4`.
        case voters(Target)

        /// A metric compares with a number: `commit >= 20`.
        case compares(Comparison)

        /// Every node of the Raft group that is up sleeps: `asleep`.
        case asleep
    }

    /// What one node thinks of another.
    public enum Membership: UInt8, Equatable, Sendable, CaseIterable {
        /// It is there.
        case alive

        /// It does not answer.
        case suspected

        /// It is gone.
        case dead

        /// It left gracefully.
        case left
    }

    /// How many of the nodes that are up think so.
    public enum Extent: UInt8, Equatable, Sendable, CaseIterable {
        /// All of them.
        case everywhere

        /// At least one.
        case somewhere

        /// None.
        case nowhere
    }
}
