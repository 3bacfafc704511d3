import MeshCore

/// What Raft promises.
///
/// Source: Ongaro's thesis, figure 3.2, and the durability rules of section 3.8.
public enum RaftPromises {
    /// At most one leader in a term.
    public static var electionSafety: Promise {
        Promise("raft-election-safety", "at most one leader is elected in a term")
    }
    /// A leader never overwrites or deletes entries of its own log.
    public static var leaderAppendOnly: Promise {
        Promise("raft-leader-append-only", "a leader never overwrites or deletes entries of its own log")
    }
    /// Logs that agree on one entry agree on everything before it.
    public static var logMatching: Promise {
        Promise("raft-log-matching", "two logs that hold an entry of the same index and term are equal up to it")
    }
    /// A committed entry is in the log of every later leader.
    public static var leaderCompleteness: Promise {
        Promise("raft-leader-completeness", "a committed entry is in the log of every leader of a later term")
    }
    /// No two nodes apply different entries at one index.
    public static var stateMachineSafety: Promise {
        Promise("raft-state-machine-safety", "no two nodes commit or apply different entries at one index")
    }
    /// Terms, commit and applied indexes only grow.
    public static var monotonic: Promise {
        Promise("raft-monotonic", "term, commit index and applied index of a node never go back")
    }
    /// What a node answered it still knows after a crash.
    public static var durability: Promise {
        Promise("raft-durability", "a vote or an acknowledgement leaves a node only after what it promises is durable")
    }
    /// A node votes for one candidate in a term.
    public static var singleVote: Promise {
        Promise("raft-single-vote", "a node votes for at most one candidate in a term")
    }
    /// What is committed is durable on a quorum.
    public static var quorumCommit: Promise {
        Promise(
            "raft-quorum-commit",
            "an entry that is committed is durable on a majority of the voters, in a joint phase of both sets")
    }
    /// One change of the configuration at a time, and none that splits the group.
    public static var oneChange: Promise {
        Promise(
            "raft-one-change",
            "one configuration change is in flight, and any two configurations in force together share a quorum")
    }
    /// A disk that holds a committed entry keeps it.
    public static var committedStays: Promise {
        Promise("raft-committed-stays", "a disk that holds a committed entry keeps it until a snapshot covers it")
    }
    /// What a node says of itself fits together.
    public static var order: Promise {
        Promise("raft-order", "compacted, applied and committed positions and the end of a log stand in this order")
    }
    /// What a leader takes for acknowledged is there.
    public static var match: Promise {
        Promise("raft-match", "what a leader takes for acknowledged by a peer stands on that peer's disk")
    }
    /// What a client was told survives.
    public static var noLostWrite: Promise {
        Promise("raft-no-lost-write", "what a client was told is on the disks of a majority when the run ends")
    }
    /// Nobody talks in circles.
    public static var noStorm: Promise {
        Promise("raft-no-storm", "a leader does not send a peer the same message faster than its heartbeat")
    }

    /// The group finds back to work.
    ///
    /// Judged at the end of a run, when the world has been quiet for some time; it is none of ``all``.
    public static var settles: Promise {
        Promise("raft-settles", "a group that is left alone has one leader, and every member applies what is committed")
    }

    /// All that hold at every moment.
    public static var all: [Promise] {
        [
            electionSafety, leaderAppendOnly, logMatching, leaderCompleteness, stateMachineSafety, monotonic,
            durability, singleVote, quorumCommit, committedStays, order, match, noLostWrite, noStorm, oneChange,
        ]
    }
}
