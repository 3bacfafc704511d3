#if MUTANTS
/// A known bug that can be planted, to show that a checker catches it.
///
/// This exists only under the package trait `Mutants`; release builds carry nothing of it. Most of the bugs happened in
/// the projects that are named.
public enum Mutant: UInt8, CaseIterable, Sendable {
    // Elections.

    /// A vote is given before it is durable (nebula #3415, robustmq #2039, akka-raft #56).
    case voteNotPersisted
    /// A term that comes without a vote is not written (robustmq #2039, IoTDB #1125).
    case termNotPersisted
    /// A node that steps down within a term forgets whom it voted for (zeebe #5356, hazelcast #16643, CCF #8094).
    case voteForgotten
    /// A node votes for every candidate of a term.
    case votesTwice
    /// An answer to a campaign of an earlier term is counted (akka-raft #46, #47).
    case staleVoteCounted
    /// A second answer of the same voter is counted as another vote (akka-raft #45, xraft #27).
    case duplicateVoteCounted
    /// A late answer to a pre-vote is counted as a vote (guarded by etcd's stepCandidate).
    case preVoteCountedAsVote
    /// A vote is given to a candidate whose log is behind.
    case logCheckSkipped
    /// The longer log wins, whatever its last term (openraft a48a3282, hydro #3082).
    case upToDateByLength
    /// Half of the voters are taken for a majority (octo-im #43).
    case quorumOffByOne
    /// A pre-vote of an earlier term is not answered (etcd #9586, openraft #1796).
    case lowTermPreVoteIgnored

    // Replication and commit.

    /// Entries of earlier terms are committed by counting copies (LogCabin #44, figure 8 of the paper).
    case oldTermCommittedByCounting
    /// A follower commits what the leader has committed, also entries that the leader has not compared
    /// (copycat #265, scylla #9965).
    case commitNotCapped
    /// Entries that conflict are overwritten, those behind them stay (mofa #1151).
    case suffixNotTruncated
    /// An append that comes late removes what a later one brought (openraft 9540c904, CCF #5991).
    case staleAppendTruncates
    /// The term before the entries is not compared.
    case prevTermNotChecked
    /// An append from before the snapshot is taken for a conflict and the log deleted (openraft #511).
    case compactedTakenForConflict
    /// What a refusal proposes is taken for what the follower holds (CCF #5325).
    case hintStoredAsMatch
    /// An acknowledgement of an earlier term is counted (openraft cecb5de8, fbbf37b1).
    case staleAckCounted
    /// An acknowledgement counts for everything the leader holds when it arrives (PySyncObj #166, raftos #25).
    case matchFromLastIndex
    /// A follower takes over the leader's commit index, also a lower one (PySyncObj #166).
    case commitAssigned
    /// The acknowledged positions are not sorted before the middle one is taken (openraft #1802).
    case quorumNotSorted
    /// A deposed leader goes on sending, in the new term (hashicorp #695, zeebe #5360).
    case deposedLeaderSends
    /// A follower acknowledges before its log is durable (openraft ee460f37, d-engine #446, yugabyte #32875).
    case acksBeforeDurable
    /// A refused append is sent again as it was, at once and for ever (raft-rs #557, etcd-io/raft #149).
    case probeNeverStepsBack
    /// A leader counts its own entries before they are durable (openraft a9f696a9, d-engine #329).
    case leaderCountsUnsynced

    // Snapshots and compaction.

    /// A snapshot older than what is applied is installed (openraft #543, zeebe #6092).
    case oldSnapshotInstalled
    /// A snapshot removes the entries behind it although the log agrees with it (etcd #1763, zeebe #6092).
    case snapshotDropsSuffix
    /// A snapshot keeps the entries behind it although the log disagrees with it (hashicorp #697).
    case conflictKeptBySnapshot
    /// The log is compacted beyond what is applied.
    case compactsBeyondApplied
    /// A leader whose log is compacted away waits for entries instead of sending the snapshot (openraft #1828,
    /// etcd-io/raft #149, raft-rs #557).
    case snapshotNeverSent

    // Changes of the group.

    /// A change is accepted before the leader has committed an entry of its own term (Ongaro on raft-dev 2015, copycat
    /// #23).
    case changeBeforeOwnTerm
    /// A change is accepted while another is pending (guarded in etcd by pendingConfIndex).
    case changeWhilePending
    /// In a joint phase one of the two majorities decides (async-raft 6c0ccaf3).
    case jointByOneMajority
    /// A configuration stays in force although its entry was truncated (rafter #34, canonical/raft #250, ra #609).
    case configurationNotRolledBack
    /// A snapshot's configuration is not restored (openraft 01e813a5, dba24036).
    case configurationNotRestored
    /// Learners count like voters (octo-im #43).
    case learnersCounted

    // Reads.

    /// A read is answered before the leader has committed in its term (etcd #7331, redisraft #22).
    case readBeforeFirstCommit
    /// Any answer confirms the round of reads under way (etcd #20418).
    case readAckOfAnyRound
    /// A leader answers reads without asking whether it still leads.
    case readNotConfirmed
    /// A lease is as long as the shortest election timeout, whatever the clocks do (tikv #964).
    case leaseWithoutDriftBound
    /// A lease counts from when the answer arrived (openraft #1747, jraft #34).
    case leaseFromArrival
    /// A leader keeps its lease while it hands over (tikv #1593).
    case leaseKeptInTransfer

    /// A snapshot is written without the sessions (atomix #417, #466).
    case sessionsNotInSnapshot

    // Members and gossip.

    /// An accused member does not contradict.
    case noRefutation
    /// Concurrent writes of one stamp are not ordered by their origin.
    case noTieBreak
    /// A write is reported as stored before it is durable.
    case storedBeforeDurable
    /// The log takes a failed write for a good one.
    case fullDiskIgnored
    /// A batch is told durable without a sync.
    case syncLeftOut
    /// A new segment's name is not made durable.
    case directorySyncLeftOut
    /// An image gets its name before it is durable.
    case imageNamedBeforeSync
    /// A segment goes although the image lacks its last record.
    case segmentDroppedEarly
    /// The oldest image is read instead of the newest.
    case staleImagePreferred
    /// The log is cut at the first broken frame, whatever stands behind it.
    case tailCutAtRot
    /// A batch is told durable after its write and before its sync.
    case answerBeforeSync
    /// The length of a frame is believed before its header's checksum.
    case lengthTrusted
    /// A node that may have forgotten its votes votes.
    case amnesiacVotes
    /// A leader takes the answers of a node that may have forgotten something like those of any voter.
    case amnesiacCounted
    /// A leader takes what a node acknowledged before it forgot again for acknowledged in its present life.
    case amnesiacStaleAckCounted

    // Membership at scale.

    /// A suspicion is never ended by its time.
    case suspicionNeverExpires
    /// A restarted member takes accusations of its earlier lives for not meant.
    case incarnationReused
    /// A view that differs is not shown to who asked for it.
    case viewNeverShown
    /// Whoever is accused is not told before others.
    case buddyLeftOut
    /// A member that is dead is reported dead at every tick (edge-mesh).
    case deathToldAgain
    /// The dead are forgotten at once, so that an old word brings them back.
    case tombstoneForgotten
    /// The limit of repetitions is not kept.
    case rumoursNeverEnd
    /// A helper answers for the target it was asked to ping.
    case helperAnswersItself
    /// A rumour is told once more than the limit says.
    case retransmitOffByOne
    /// An accuser that repeats itself counts as another one.
    case sameAccuserCounted
    /// A restarted member does not contradict what its earlier life told of itself.
    case oldMetadataKept

    // Broadcasts.

    /// A message makes one hop more than it may.
    case timeToLiveOffByOne
    /// The seen-set holds one message.
    case seenForgottenEarly
    /// Nobody tells what it has, so that a message that the tree lost is lost.
    case treeWithoutLazyRepair
    /// A link that brings a message twice stays eager.
    case duplicatesNotPruned
    /// A missing message is not asked for.
    case graftNotSent
    /// The name of a message is forgotten with its payload.
    case namesForgottenWithPayloads
    /// Nobody of the passive view takes the place of a neighbour that failed.
    case passiveNeverPromoted

    // Reconciliation.

    /// States with equally many entries are taken for equal.
    case sizesCompared
    /// An entry older than the newest of its origin is taken for known (dart-gossip: a version vector of maxima).
    case middleTakenForKnown
    /// A value whose time is over is forgotten at once, so that an older one comes back (WebDHT ignores every ttl).
    case expiryForgotten
    /// A deletion is forgotten at once (dart-gossip: compacted entries come back).
    case deletionForgotten

    /// The bug that is planted at present, in the whole process.
    public nonisolated(unsafe) static var planted: Mutant?

    /// Whether this bug is planted.
    public var isPlanted: Bool { unsafe Mutant.planted == self }
}
#endif
