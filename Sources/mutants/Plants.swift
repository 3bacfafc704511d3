#if MUTANTS
import MeshCore

/// A bug, the campaign that finds it, and the promises it may break.
struct Plant {
    var mutant: Mutant
    /// Projects in which it happened, or which guard against it.
    var seenIn: String
    var campaign: Campaign
    var promises: [String]

    init(_ mutant: Mutant, _ seenIn: String, _ campaign: Campaign, _ promises: [String]) {
        self.mutant = mutant
        self.seenIn = seenIn
        self.campaign = campaign
        self.promises = promises
    }

    static let all: [Plant] = elections + replication + snapshots + changes + reads + liveness + others + storage

    /// What breaks when two nodes lead in one term, whichever is noticed first.
    private static var twoLeaders: [String] {
        ["raft-election-safety", "raft-log-matching", "raft-leader-completeness", "raft-state-machine-safety"]
    }

    private static let elections: [Plant] = [
        Plant(.voteNotPersisted, "nebula #3415, robustmq #2039", .storm, ["raft-durability"]),
        Plant(.termNotPersisted, "robustmq #2039, IoTDB #1125", .storm, ["raft-durability"]),
        Plant(.voteForgotten, "zeebe #5356, hazelcast #16643, CCF #8094", .rivals, ["raft-single-vote"]),
        Plant(.votesTwice, "the same", .storm, ["raft-single-vote", "raft-election-safety"]),
        Plant(.staleVoteCounted, "akka-raft #46, #47", .rivals, twoLeaders),
        Plant(.duplicateVoteCounted, "akka-raft #45, xraft #27", .rivals, twoLeaders),
        Plant(.preVoteCountedAsVote, "guarded in etcd", .preVotes, twoLeaders),
        Plant(
            .logCheckSkipped, "textbook", .storm, ["raft-leader-completeness", "raft-state-machine-safety"]),
        Plant(
            .upToDateByLength, "openraft a48a3282, hydro #3082", .longTails,
            ["raft-leader-completeness", "raft-state-machine-safety"]),
        Plant(
            .quorumOffByOne, "octo-im #43", .storm,
            ["raft-quorum-commit", "raft-election-safety", "raft-leader-completeness"]),
    ]

    private static let reads: [Plant] = [
        Plant(.leaseWithoutDriftBound, "tikv #964, etcd #6005", .leases, ["linearizable"]),
        Plant(.readBeforeFirstCommit, "etcd #7331, redisraft #22", .freshLeaders, ["linearizable"]),
        Plant(.readNotConfirmed, "textbook", .oldLeaders, ["linearizable"]),
        Plant(.readAckOfAnyRound, "etcd #20418", .lateRounds, ["linearizable"]),
        Plant(.leaseFromArrival, "openraft #1747, jraft #34", .slowAnswers, ["linearizable"]),
        Plant(.leaseKeptInTransfer, "tikv #1593", .transfers, ["linearizable"]),
        Plant(.sessionsNotInSnapshot, "atomix #417, #466", .retries, ["exactly-once", "linearizable"]),
    ]

    private static let liveness: [Plant] = [
        Plant(.lowTermPreVoteIgnored, "etcd #9586, openraft #1796", .stubborn, ["raft-settles"]),
        Plant(.snapshotNeverSent, "openraft #1828, etcd-io/raft #149", .settling, ["raft-settles"]),
        Plant(.probeNeverStepsBack, "raft-rs #557, hashicorp #697", .quickLinks, ["raft-no-storm"]),
    ]

    private static let replication: [Plant] = [
        Plant(
            .oldTermCommittedByCounting, "LogCabin #44, async-raft #108", .figure8,
            ["raft-leader-completeness", "raft-state-machine-safety"]),
        Plant(
            .commitNotCapped, "copycat #265, scylla #9965", .lossy,
            ["raft-state-machine-safety", "raft-committed-stays"]),
        Plant(.suffixNotTruncated, "mofa #1151", .storm, ["raft-log-matching"]),
        Plant(
            .staleAppendTruncates, "openraft 9540c904, CCF #5991", .storm,
            [
                "raft-quorum-commit", "raft-durability", "raft-leader-completeness", "raft-state-machine-safety",
                "raft-match", "raft-committed-stays",
            ]),
        Plant(.prevTermNotChecked, "textbook", .storm, ["raft-log-matching"]),
        Plant(
            .compactedTakenForConflict, "openraft #511", .snapshots,
            [
                "raft-quorum-commit", "raft-durability", "raft-leader-completeness", "raft-state-machine-safety",
                "raft-match", "raft-committed-stays",
            ]),
        Plant(.hintStoredAsMatch, "CCF #5325", .lossy, ["raft-quorum-commit", "raft-match"]),
        Plant(.staleAckCounted, "openraft cecb5de8, fbbf37b1", .lateAnswers, ["raft-quorum-commit", "raft-match"]),
        Plant(.matchFromLastIndex, "PySyncObj #166, raftos #25", .storm, ["raft-quorum-commit", "raft-match"]),
        Plant(.commitAssigned, "PySyncObj #166", .storm, ["raft-monotonic", "raft-order"]),
        Plant(.quorumNotSorted, "openraft #1802", .storm, ["raft-quorum-commit"]),
        Plant(.deposedLeaderSends, "hashicorp #695, zeebe #5360", .storm, ["raft-election-safety"]),
        Plant(.acksBeforeDurable, "openraft ee460f37, yugabyte #32875", .storm, ["raft-durability", "raft-match"]),
        Plant(.leaderCountsUnsynced, "openraft a9f696a9, d-engine #329", .storm, ["raft-quorum-commit", "raft-match"]),
    ]

    private static let snapshots: [Plant] = [
        Plant(.oldSnapshotInstalled, "openraft #543, zeebe #6092", .snapshots, ["raft-monotonic"]),
        Plant(
            .snapshotDropsSuffix, "etcd #1763, zeebe #6092", .snapshots,
            [
                "raft-quorum-commit", "raft-durability", "raft-leader-completeness", "raft-match",
                "raft-committed-stays",
            ]),
        Plant(
            .conflictKeptBySnapshot, "hashicorp #697", .snapshots,
            [
                "raft-log-matching", "raft-state-machine-safety", "raft-leader-completeness", "raft-durability",
                "raft-committed-stays", "raft-order",
            ]),
        Plant(
            .compactsBeyondApplied, "textbook", .snapshots,
            [
                "raft-monotonic", "raft-state-machine-safety", "raft-quorum-commit", "raft-log-matching", "raft-order",
                "raft-committed-stays",
            ]),
    ]

    private static let storage: [Plant] = [
        Plant(
            .syncLeftOut, "textbook", .crashedGroup,
            ["raft-single-vote", "raft-durability", "raft-quorum-commit", "raft-match"] + twoLeaders),
        Plant(.answerBeforeSync, "", .crashedLog, ["log-durability"]),
        Plant(.directorySyncLeftOut, "", .crashedLog, ["log-durability", "log-recovery"]),
        Plant(.imageNamedBeforeSync, "", .crashedLog, ["log-durability", "log-recovery"]),
        Plant(.segmentDroppedEarly, "", .crashedLog, ["log-durability", "log-recovery"]),
        Plant(.staleImagePreferred, "", .crashedLog, ["log-durability", "log-recovery"]),
        Plant(.fullDiskIgnored, "", .fullDisk, ["log-durability", "log-recovery"]),
        Plant(.tailCutAtRot, "", .rottenLog, ["log-durability"]),
        Plant(.lengthTrusted, "", .rottenLog, ["log-recovery"]),
        Plant(.amnesiacVotes, "", .rottenGroup, ["raft-single-vote"] + twoLeaders),
        Plant(
            .amnesiacCounted, "", .rottenGroup,
            ["raft-quorum-commit", "raft-no-lost-write", "raft-match"] + twoLeaders),
        Plant(.amnesiacStaleAckCounted, "", .rottenGroup, ["raft-match", "raft-quorum-commit"]),
    ]

    private static let others: [Plant] =
        [
            Plant(.noRefutation, "", .membership, ["swim-accuracy"]),
            Plant(.suspicionNeverExpires, "", .watchers, ["swim-completeness"]),
            Plant(.incarnationReused, "dart-gossip TODO 12", .watchers, ["swim-accuracy", "swim-contradiction"]),
            Plant(.viewNeverShown, "", .watchers, ["swim-accuracy", "swim-completeness"]),
            Plant(.buddyLeftOut, "", .sleepers, ["swim-contradiction"]),
            Plant(.deathToldAgain, "edge-mesh", .watchers, ["swim-transitions"]),
            Plant(
                .tombstoneForgotten, "dart-gossip: compacted entries come back", .watchers,
                ["swim-no-resurrection", "swim-completeness"]),
            Plant(.rumoursNeverEnd, "", .watchers, ["swim-silence"]),
            Plant(.helperAnswersItself, "", .watchers, ["swim-completeness"]),
            Plant(.retransmitOffByOne, "", .tellers, ["swim-copies"]),
            Plant(.sameAccuserCounted, "", .loneAccusers, ["swim-patience"]),
            Plant(.oldMetadataKept, "", .tellers, ["swim-metadata"]),
            Plant(.noTieBreak, "", .gossip, ["gossip-convergence"]),
            Plant(.storedBeforeDurable, "", .gossip, ["gossip-durability"]),
            Plant(
                .sizesCompared, "", .lostNews, ["gossip-convergence", "gossip-no-lost-write"]),
            Plant(
                .middleTakenForKnown, "dart-gossip handleDeltaResponse", .lostNews,
                ["gossip-convergence", "gossip-no-lost-write"]),
            Plant(
                .expiryForgotten, "PeerPigeon: every ttl is ignored", .endings,
                ["gossip-no-resurrection", "gossip-convergence"]),
            Plant(
                .deletionForgotten, "dart-gossip removeEntries", .endings,
                ["gossip-no-resurrection", "gossip-convergence"]),
        ] + spreading
}
#endif
