public import MeshCore

/// Watches Raft's promises over a whole cluster, after every event.
///
/// It reads what nodes write to their disks, what they tell their programs and what leaves them, never what they mean
/// to do. The first break of each promise stays; later ones are usually its consequences.
///
/// A wiped disk voids what its node had promised, and Raft's guarantees with it: what the node forgot is taken out of
/// the checks that concern it alone.
///
/// - Complexity: O(1) for each event, plus O(number of voters) for each entry that is committed first and O(1) for each
///   entry a node appends, commits or applies. Memory: 48 bytes for each log position of the run.
public struct RaftChecker: Sendable {
    /// The first break of each promise that was broken, in the order in which they were noticed.
    public private(set) var violations: [Violation] = []
    /// The highest position that any node knew to be committed.
    public var committedIndex: Raft.LogIndex { Raft.LogIndex(UInt64(UInt(bitPattern: committed.count))) }
    /// When the youngest committed entry was written for the first time; `nil` before the first commit.
    public private(set) var youngestCommit: Instant?
    /// How many elections were won.
    public private(set) var electionCount = 0

    var nodes: [NodeView]
    /// What was known of nodes before a part of their disk was salvaged, until they run.
    var unsettled = SortedMap<NodeID, NodeView>()
    private var leaders = SortedMap<UInt64, Leader>()
    private var ledger = EntryLedger()
    var committed: [Committed] = []
    /// The last committed change of the configuration, and where it stands.
    private(set) var decided: (index: Raft.LogIndex, configuration: Raft.Configuration)?
    /// The highest position whose effect a client was told.
    var answered = Raft.LogIndex.zero

    /// What is remembered of one node.
    struct NodeView: Sendable {
        var term = Raft.Term.zero
        var termSeen: Occasion?
        var vote: NodeID?
        var voteSeen: Occasion?
        var commit = Raft.LogIndex.zero
        var applied = Raft.LogIndex.zero
        var last = Raft.LogIndex.zero
        /// An entry below this was there when the node began to lead this term.
        var leadsTerm: Raft.Term?
        /// Whether its disk was ever wiped.
        var isWiped = false
        /// Whether it may have forgotten what it promised, and is not healed yet.
        var isAmnesiac = false
        /// The highest position that its disk may ever have held.
        var reach = Raft.LogIndex.zero
        /// The highest position that it may have acknowledged before it forgot.
        var forgotten = Raft.LogIndex.zero
        /// What it sent to each peer as a leader; empty before.
        var links: [Link] = []
        /// What was in force until the step under way, and where its entry stands; `nil` until that is told.
        var configuration: Raft.Configuration?
        var configurationIndex = Raft.LogIndex.zero
        var configurationSeen: Occasion?
    }

    private struct Leader: Sendable {
        var node: NodeID
        var occasion: Occasion
    }

    struct Committed: Sendable {
        var term: Raft.Term
        var fingerprint: UInt64
        var occasion: Occasion
    }

    /// Creates a checker for nodes numbered from 1.
    ///
    /// - Parameter nodeCount: How many nodes there are.
    public init(nodeCount: Int) {
        self.nodes = [NodeView](repeating: NodeView(), count: nodeCount)
    }

    func place(_ node: NodeID) -> Int { Int(truncatingIfNeeded: node.rawValue) - 1 }

    /// What happened on an earlier occasion, when that is known.
    func evidence(_ occasion: Occasion?, _ text: String) -> [Evidence] {
        occasion.map { [$0.evidence(text)] } ?? []
    }

    mutating func breaks(_ promise: Promise, _ text: String, _ evidence: [Evidence]) {
        for known in violations where known.promise == promise { return }
        violations.append(Violation(promise, text, evidence: evidence))
    }
}

// MARK: - What nodes write

extension RaftChecker {
    /// A node hands a record to its disk.
    ///
    /// - Parameter raft: The node after the step that wrote it.
    public mutating func wrote(
        _ record: borrowing Raft.Stable.Record, _ raft: borrowing Raft.Node, _ occasion: Occasion
    ) {
        switch copy record {
        case .hardState(let term, let vote): checkHardState(term, vote, occasion)
        case .append(let from, let entries): checkAppend(from, entries, raft, occasion)
        case .snapshot(let index, let term, _, _):
            let place = place(occasion.node)
            // A snapshot that does not fit what stood behind it throws that away.
            nodes[place].last = max(index, min(nodes[place].last, raft.log.lastIndex))
            // What stays behind a snapshot must have stood behind the same entry before.
            if let kept = raft.log.entry(at: index.next) { enter(kept, previousTerm: term, occasion) }
        case .compact, .amnesia: break
        }
    }

    private mutating func checkHardState(_ term: Raft.Term, _ vote: NodeID?, _ occasion: Occasion) {
        let place = place(occasion.node)
        let known = nodes[place]
        if term < known.term {
            breaks(
                RaftPromises.monotonic, "\(occasion.node) went back from term \(known.term) to term \(term)",
                evidence(known.termSeen, "was in term \(known.term)") + [occasion.evidence("writes term \(term)")])
        }
        if term == known.term, let earlier = known.vote, let vote, vote != earlier {
            breaks(
                RaftPromises.singleVote, "\(occasion.node) voted for \(earlier) and for \(vote) in term \(term)",
                evidence(known.voteSeen, "voted for \(earlier) in term \(term)")
                    + [occasion.evidence("votes for \(vote) in term \(term)")])
        }
        if term > known.term {
            nodes[place].term = term
            nodes[place].termSeen = occasion
            nodes[place].vote = nil
        }
        if let vote, nodes[place].vote == nil {
            nodes[place].vote = vote
            nodes[place].voteSeen = occasion
        }
    }

    private mutating func checkAppend(
        _ from: Raft.LogIndex, _ entries: Raft.Entries, _ raft: borrowing Raft.Node, _ occasion: Occasion
    ) {
        let place = place(occasion.node)
        if nodes[place].leadsTerm != nil, raft.role == .leader, from <= nodes[place].last {
            breaks(
                RaftPromises.leaderAppendOnly,
                "\(occasion.node) leads term \(raft.term) and rewrites its log from position \(from) on",
                [occasion.evidence("replaces positions \(from) to \(nodes[place].last)")])
        }
        if from <= nodes[place].last { checkFallback(raft, occasion) }
        var previousTerm = raft.log.term(at: Raft.LogIndex(from.rawValue - 1))
        for entry in entries {
            enter(entry, previousTerm: previousTerm, occasion)
            previousTerm = entry.term
        }
        if let last = entries.last {
            nodes[place].last = last.index
            if last.index > nodes[place].reach { nodes[place].reach = last.index }
        }
    }

    private mutating func enter(_ entry: Raft.Entry, previousTerm: Raft.Term?, _ occasion: Occasion) {
        guard let conflict = ledger.add(entry, previousTerm: previousTerm, occasion) else { return }
        breaks(
            RaftPromises.logMatching,
            "two logs hold position \(entry.index) of term \(entry.term) and differ there or before",
            [
                conflict.evidence("wrote position \(entry.index) of term \(entry.term)"),
                occasion.evidence("writes \(entry.description)"),
            ])
    }
}

// MARK: - What nodes say

extension RaftChecker {
    /// A node tells its program something.
    ///
    /// - Parameters:
    ///   - raft: The node after the step that said it.
    ///   - isDurable: Whether a node's disk holds this term at this position, or a snapshot over it.
    public mutating func said(
        _ output: borrowing Raft.Output, _ raft: borrowing Raft.Node, _ occasion: Occasion,
        isDurable: (_ place: Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        switch copy output {
        case .becameLeader(let term): checkElection(term, raft, occasion)
        case .becameFollower, .becamePreCandidate, .becameCandidate:
            nodes[place(occasion.node)].leadsTerm = nil
        case .apply(let entries):
            for entry in entries { checkApply(entry, raft, occasion, isDurable: isDurable) }
        case .configurationChanged(let configuration, let index):
            checkChange(configuration, at: index, raft, occasion, isDurable: isDurable)
        case .installed(let index, _, _):
            let place = place(occasion.node)
            if index < nodes[place].applied {
                breaks(
                    RaftPromises.monotonic, "\(occasion.node) installed a snapshot older than what it has applied",
                    [occasion.evidence("installs \(index) after applying \(nodes[place].applied)")])
            }
            nodes[place].applied = index
            if nodes[place].configurationIndex > index { nodes[place].configurationIndex = index }
        case .leaderChanged, .proposed, .rejected, .committed, .snapshotWanted, .ignored, .transferStarted,
            .transferred, .transferAbandoned, .quiescent, .readReady, .readRefused, .leftGroup:
            break
        case .repair(let repair): noteRepair(repair, occasion)
        }
    }

    private mutating func checkElection(_ term: Raft.Term, _ raft: borrowing Raft.Node, _ occasion: Occasion) {
        electionCount += 1
        nodes[place(occasion.node)].leadsTerm = term
        if let other = leaders[term.rawValue] {
            if other.node != occasion.node {
                breaks(
                    RaftPromises.electionSafety, "term \(term) has two leaders: \(other.node) and \(occasion.node)",
                    [
                        other.occasion.evidence("became leader of term \(term)"),
                        occasion.evidence("became leader of term \(term)"),
                    ])
            }
        } else {
            leaders[term.rawValue] = Leader(node: occasion.node, occasion: occasion)
        }
        checkCompleteness(term, raft, occasion)
    }

    /// The last entry that was committed in an earlier term must be in the new leader's log; by log matching, so are
    /// all before it.
    private mutating func checkCompleteness(
        _ term: Raft.Term, _ raft: borrowing Raft.Node, _ occasion: Occasion
    ) {
        var low = 0
        var high = committed.count
        while low < high {
            let middle = (low + high) >> 1
            if committed[middle].term < term { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return }
        let index = Raft.LogIndex(UInt64(UInt(bitPattern: low)))
        if raft.log.snapshotIndex >= index || raft.log.term(at: index) == committed[low - 1].term { return }
        breaks(
            RaftPromises.leaderCompleteness,
            "\(occasion.node) leads term \(term) without the committed entry at position \(index)",
            [
                committed[low - 1].occasion.evidence("knew position \(index) to be committed"),
                occasion.evidence("became leader of term \(term), its log ends at \(raft.log.lastIndex)"),
            ])
    }

    private mutating func checkApply(
        _ entry: Raft.Entry, _ raft: borrowing Raft.Node, _ occasion: Occasion,
        isDurable: (Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        let place = place(occasion.node)
        // A node that compacts in the step in which it commits has no log entry left to look at: this one is it.
        if entry.index <= raft.commitIndex { checkCommit(entry, raft, occasion, isDurable: isDurable) }
        let applied = nodes[place].applied
        if entry.index.rawValue != applied.rawValue + 1 {
            breaks(
                RaftPromises.monotonic, "\(occasion.node) applied position \(entry.index) after position \(applied)",
                [occasion.evidence("applies \(entry.description)")])
        }
        nodes[place].applied = entry.index
        let fingerprint = EntryLedger.fingerprint(entry)
        let slot = Int(truncatingIfNeeded: entry.index.rawValue) - 1
        guard slot < committed.count, slot >= 0 else {
            breaks(
                RaftPromises.stateMachineSafety,
                "\(occasion.node) applied position \(entry.index), which nobody knows to be committed",
                [occasion.evidence("applies \(entry.description)")])
            return
        }
        if committed[slot].fingerprint != fingerprint {
            breaks(
                RaftPromises.stateMachineSafety,
                "\(occasion.node) applied another entry at position \(entry.index) than was committed there",
                [
                    committed[slot].occasion.evidence("knew position \(entry.index) of term \(committed[slot].term)"),
                    occasion.evidence("applies \(entry.description)"),
                ])
        }
    }
}

// MARK: - What nodes are

extension RaftChecker {
    /// A node has taken a step.
    ///
    /// - Parameter isDurable: Whether a node's disk holds this term at this position, or a snapshot over it.
    public mutating func stepped(
        _ raft: borrowing Raft.Node, _ occasion: Occasion,
        isDurable: (_ place: Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        let place = place(occasion.node)
        let commit = raft.commitIndex
        if commit == nodes[place].commit { return }
        if commit < nodes[place].commit {
            breaks(
                RaftPromises.monotonic,
                "\(occasion.node) took its commit index back from \(nodes[place].commit) to \(commit)",
                [occasion.evidence("commit index \(commit)")])
        }
        var index = nodes[place].commit.next
        if index <= raft.log.snapshotIndex { index = raft.log.snapshotIndex.next }
        nodes[place].commit = commit
        while index <= commit {
            guard let entry = raft.log.entry(at: index) else { break }
            checkCommit(entry, raft, occasion, isDurable: isDurable)
            index = index.next
        }
    }

    private mutating func checkCommit(
        _ entry: Raft.Entry, _ raft: borrowing Raft.Node, _ occasion: Occasion,
        isDurable: (Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        let fingerprint = EntryLedger.fingerprint(entry)
        let slot = Int(truncatingIfNeeded: entry.index.rawValue) - 1
        if slot < committed.count {
            guard committed[slot].fingerprint != fingerprint else { return }
            // A witness knows the term only.
            if case .elided = entry.payload, committed[slot].term == entry.term { return }
            breaks(
                RaftPromises.stateMachineSafety,
                "two different entries are committed at position \(entry.index)",
                [
                    committed[slot].occasion.evidence("committed an entry of term \(committed[slot].term)"),
                    occasion.evidence("commits \(entry.description)"),
                ])
            return
        }
        // A position can only be missing here when a node skipped it, which its own log would have to have done.
        guard slot == committed.count else { return }
        committed.append(Committed(term: entry.term, fingerprint: fingerprint, occasion: occasion))
        if case .configuration(let configuration) = entry.payload { decided = (entry.index, configuration) }
        if let birth = ledger.birth(of: entry), youngestCommit.map({ $0 < birth }) ?? true { youngestCommit = birth }
        checkQuorum(of: entry, raft, occasion, isDurable: isDurable)
    }

    /// A message leaves a node, after everything that was persisted before it became durable.
    ///
    /// - Parameter stable: What the node's disk holds.
    public mutating func left(
        _ message: borrowing Raft.Message, to peer: NodeID, _ stable: borrowing Raft.Stable, _ occasion: Occasion
    ) {
        switch copy message {
        case .voteReply(let reply) where reply.isGranted:
            checkVote(reply.term, peer, stable, occasion)
            checkAmnesiacVote(reply.term, occasion)
        case .vote(let request):
            checkVote(request.term, occasion.node, stable, occasion)
            checkAmnesiacVote(request.term, occasion)
        case .append(let append): checkLeadership(append.term, occasion)
        case .snapshot(let snapshot): checkLeadership(snapshot.term, occasion)
        case .timeoutNow(let word): checkLeadership(word.term, occasion)
        case .appendReply(let reply):
            guard case .accepted(let match) = reply.result else { return }
            // Entries that were durable and acknowledged in one term, and replaced in the next, may have become so in
            // one write of the disk, before the acknowledgement leaves: it is of a term that is over.
            if stable.term > reply.term { return }
            if stable.term < reply.term {
                breaks(
                    RaftPromises.durability,
                    "\(occasion.node) acknowledged in term \(reply.term), its disk holds term \(stable.term)",
                    [occasion.evidence("sends \(message.description) to \(peer)")])
            }
            if match > stable.log.lastIndex && match > stable.log.snapshotIndex {
                breaks(
                    RaftPromises.durability,
                    "\(occasion.node) acknowledged position \(match), its disk ends at \(stable.log.lastIndex)",
                    [occasion.evidence("sends \(message.description) to \(peer)")])
            }
        case .snapshotReply(let reply) where reply.match > stable.log.lastIndex:
            breaks(
                RaftPromises.durability,
                "\(occasion.node) acknowledged a snapshot up to \(reply.match), "
                    + "its disk ends at \(stable.log.lastIndex)",
                [occasion.evidence("sends \(message.description) to \(peer)")])
        case .amnesiac(let word): checkAnswer(word, stable, peer, occasion)
        case .preVote, .preVoteReply, .voteReply, .snapshotReply, .forward, .forwarded, .readRequest, .readReply,
            .healed:
            break
        }
    }

    private mutating func checkVote(
        _ term: Raft.Term, _ candidate: NodeID, _ stable: borrowing Raft.Stable, _ occasion: Occasion
    ) {
        if stable.term > term || (stable.term == term && stable.votedFor == candidate) { return }
        breaks(
            RaftPromises.durability,
            "\(occasion.node) voted for \(candidate) in term \(term) before the vote was durable",
            [
                occasion.evidence(
                    "its disk holds term \(stable.term), vote \(stable.votedFor?.description ?? "for nobody")")
            ])
    }

    private mutating func checkLeadership(_ term: Raft.Term, _ occasion: Occasion) {
        guard leaders[term.rawValue]?.node != occasion.node else { return }
        breaks(
            RaftPromises.electionSafety, "\(occasion.node) acts as leader of term \(term), which it did not win",
            [occasion.evidence("sends as leader of term \(term)")])
    }
}
