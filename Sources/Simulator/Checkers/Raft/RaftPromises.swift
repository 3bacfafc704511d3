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

    /// All of them.
    public static var all: [Promise] {
        [
            electionSafety, leaderAppendOnly, logMatching, leaderCompleteness, stateMachineSafety, monotonic,
            durability, singleVote, quorumCommit, oneChange,
        ]
    }
}
