public import MeshCore
public import Simulator

/// The promises a scenario can demand, by the names it uses.
public enum Promises {
    /// What an expectation of the scenario itself says, when no checker stands behind it.
    public static var expectation: Promise { Promise("expectation", "what the scenario expects comes to pass") }

    /// The promises behind a name of the language; a protocol's `-safety` stands for all that always holds.
    ///
    /// - Returns: Empty when no checker has that name.
    public static func named(_ name: Bytes) -> [Promise] {
        switch name {
        case "raft-safety": return RaftPromises.all
        case "raft-vote-persisted": return [RaftPromises.durability, RaftPromises.singleVote]
        case "swim-safety", "membership-safety":
            return [MembershipPromises.transitions, MembershipPromises.noResurrection]
        case "gossip-safety":
            return [
                GossipPromises.oneValue, GossipPromises.monotonic, GossipPromises.noResurrection,
                GossipPromises.durability,
            ]
        case "gossip-no-lost-write":
            return [GossipPromises.noLostWrite, GossipPromises.durability]
        case "broadcast-safety": return BroadcastPromises.safety
        case "linearizable": return [LinearizabilityPromises.linearizable]
        case "exactly-once": return [ExactlyOncePromises.exactlyOnce]
        case _:
            return
                (RaftPromises.all + [RaftPromises.settles] + MembershipPromises.all + GossipPromises.all
                + BroadcastPromises.all).filter { $0.key == name }
        }
    }

    /// Whether a promise can only be judged when the world has been quiet long enough.
    static func needsQuiet(_ promise: Promise) -> Bool {
        promise == GossipPromises.convergence || promise == GossipPromises.noLostWrite
            || promise == RaftPromises.settles || promise == BroadcastPromises.reachesAll
            || promise == BroadcastPromises.tree || MembershipPromises.quiet.contains(promise)
    }
}
