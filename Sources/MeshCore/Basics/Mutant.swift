#if MUTANTS
/// A known bug that can be planted, to show that a checker catches it.
///
/// This exists only under the package trait `Mutants`; release builds carry nothing of it. Most of the bugs happened in
/// the projects that are named.
public enum Mutant: UInt8, CaseIterable, Sendable {
    /// A vote is given before it is durable (nebula #3415, robustmq #2039, akka-raft #56).
    case voteNotPersisted
    /// A node votes for every candidate of a term (zeebe #5356, hazelcast #16643).
    case votesTwice
    /// A vote is given to a candidate whose log is behind.
    case logCheckSkipped
    /// Entries of earlier terms are committed by counting copies (LogCabin #44, figure 8 of the paper).
    case oldTermCommittedByCounting
    /// An append that comes late removes what a later one brought (openraft 9540c904, CCF #5991).
    case staleAppendTruncates
    /// Half of the voters are taken for a majority (octo-im #43).
    case quorumOffByOne
    /// A leader counts its own entries before they are durable (openraft a9f696a9, d-engine #329).
    case leaderCountsUnsynced
    /// An accused member does not contradict.
    case noRefutation
    /// Concurrent writes of one stamp are not ordered by their origin.
    case noTieBreak
    /// A write is reported as stored before it is durable.
    case storedBeforeDurable

    /// The bug that is planted at present, in the whole process.
    public nonisolated(unsafe) static var planted: Mutant?

    /// Whether this bug is planted.
    public var isPlanted: Bool { unsafe Mutant.planted == self }
}
#endif
