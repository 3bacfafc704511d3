import MeshCore

/// Watches a group and notes every promise of Raft that is broken.
///
/// The names I1 to I12 are those of the union of the checks in openraft's fuzzer and in the TLA+ specifications of etcd
/// and CCF.
struct RaftOracle: Sendable {
    var violations: [String] = []
    /// How often something worth reaching has been reached.
    var marks: [String: Int] = [:]
    private var leaders: [Raft.Term: NodeID] = [:]
    private var votes: [Raft.Term: [NodeID: NodeID]] = [:]
    private var decided: [Raft.LogIndex: Raft.Entry] = [:]
    private var lastApplied: [NodeID: Raft.LogIndex] = [:]

    private mutating func expect(_ isKept: Bool, _ text: @autoclosure () -> String) {
        if !isKept && violations.count < 20 { violations.append(text()) }
    }

    /// Compares a node before and after a step.
    mutating func check(_ before: Raft.Node, _ after: Raft.Node, _ hosts: [RaftCluster.Host]) {
        let id = after.id
        if after.role == .leader {
            let known = leaders[after.term] ?? id
            if leaders[after.term] == nil { mark("a term with a leader") }
            expect(known == id, "I1 election safety: \(known) and \(id) lead term \(after.term)")
            leaders[after.term] = known
        }
        if before.role == .leader && after.role == .leader && before.term == after.term {
            let isPrefix =
                before.log.lastIndex <= after.log.lastIndex
                && (after.log.term(at: before.log.lastIndex) ?? before.log.lastTerm) == before.log.lastTerm
            expect(isPrefix, "I2 leader append-only: \(id) changed its log in term \(after.term)")
        }
        markStep(before, after)
        expect(after.term >= before.term, "I8 \(id) went back to term \(after.term)")
        expect(after.commitIndex >= before.commitIndex, "I8 \(id) took back a commit")
        expect(after.appliedIndex >= before.appliedIndex, "I8 \(id) took back an application")
        let isOrdered =
            after.log.snapshotIndex <= after.appliedIndex && after.appliedIndex <= after.commitIndex
            && after.commitIndex <= after.log.lastIndex
        expect(isOrdered, "I9 \(id) has snapshot, applied, commit and last out of order")
        if after.commitIndex > before.commitIndex { checkCommit(before, after, hosts) }
        if after.role == .leader { checkMatches(after, hosts) }
    }

    private mutating func mark(_ name: String) { marks[name, default: 0] += 1 }

    private mutating func markStep(_ before: Raft.Node, _ after: Raft.Node) {
        if before.role == .leader && after.role != .leader {
            mark(before.term == after.term ? "stepped down without a quorum" : "deposed")
        }
        if before.log.snapshotIndex == after.log.snapshotIndex,
            after.log.term(at: before.log.lastIndex) != before.log.lastTerm
        {
            mark("suffix removed")
        }
        if after.log.snapshotIndex > before.log.snapshotIndex {
            mark(after.log.snapshotIndex > before.appliedIndex ? "snapshot installed" : "compacted")
        }
    }

    private mutating func checkCommit(
        _ before: Raft.Node, _ after: Raft.Node, _ hosts: [RaftCluster.Host]
    ) {
        let index = after.commitIndex
        guard let term = after.log.term(at: index) else { return }
        if after.role == .leader {
            expect(term == after.term, "I4 \(after.id) committed \(index) of the earlier term \(term) by counting")
        }
        // A follower may be in a later configuration than the one that decided.
        guard before.role == .leader else { return }
        let holders = hosts.filter { $0.disk.log.snapshotIndex >= index || $0.disk.log.term(at: index) == term }
            .map(\.node.id)
        expect(
            before.configuration.voteResult { holders.contains($0) } == .won,
            "I6 \(after.id) committed \(index)/\(term), durable on \(holders) only, in \(before.configuration)")
    }

    /// A peer's match never exceeds what its disk and the leader's log share, while nobody has a later term.
    private mutating func checkMatches(_ leader: Raft.Node, _ hosts: [RaftCluster.Host]) {
        guard hosts.allSatisfy({ $0.node.term <= leader.term && $0.disk.term <= leader.term }) else { return }
        for peer in leader.status.peers where peer.match > .zero {
            let disk = hosts[Int(peer.id.rawValue) - 1].disk.log
            guard peer.match > disk.snapshotIndex, let term = leader.log.term(at: peer.match) else { continue }
            expect(
                disk.term(at: peer.match) == term,
                "match: \(leader.id) believes that \(peer.id) holds \(peer.match)/\(term)")
        }
    }

    /// Looks at a message that leaves a node.
    mutating func check(_ message: Raft.Message, from host: RaftCluster.Host, to: NodeID) {
        let id = host.node.id
        if message.isPromise {
            expect(host.disk.term >= message.term, "I11 \(id) answered in term \(message.term) before it was durable")
        }
        switch message {
        case .voteReply(let reply) where reply.isGranted:
            expect(
                host.disk.term > reply.term || (host.disk.term == reply.term && host.disk.votedFor == to),
                "I11 \(id) gave \(to) a vote in term \(reply.term) that is not durable")
            noteVote(reply.term, by: id, for: to)
        case .vote(let request):
            expect(host.disk.term >= request.term, "I11 \(id) campaigned in term \(request.term) before it was durable")
            noteVote(request.term, by: id, for: id)
        case .appendReply(let reply):
            switch reply.result {
            case .accepted(let match):
                expect(host.disk.log.lastIndex >= match, "I11 \(id) acknowledged \(match) before it was durable")
            case .rejected: mark("append refused")
            case .stale: mark("append of an earlier term")
            }
        case .snapshotReply(let reply):
            expect(
                host.disk.log.lastIndex >= reply.match, "I11 \(id) acknowledged \(reply.match) before it was durable")
        case .append(let append):
            expect(
                leaders[append.term] == id || host.node.term > append.term,
                "I12 \(id) sends entries of term \(append.term), which it did not win")
        case .forwarded: mark("forward answered")
        case .voteReply, .preVote, .preVoteReply, .snapshot, .forward, .timeoutNow, .readRequest, .readReply,
            .amnesiac, .healed:
            break
        }
    }

    private mutating func noteVote(_ term: Raft.Term, by voter: NodeID, for candidate: NodeID) {
        let known = votes[term, default: [:]][voter] ?? candidate
        expect(known == candidate, "I8 \(voter) voted for \(known) and \(candidate) in term \(term)")
        votes[term, default: [:]][voter] = known
    }

    /// Looks at an entry that a node applies.
    mutating func checkApplied(_ entry: Raft.Entry, by id: NodeID) {
        let last = lastApplied[id] ?? .zero
        expect(entry.index == last.next, "I5 \(id) applied \(entry.index) after \(last)")
        lastApplied[id] = entry.index
        let known = decided[entry.index] ?? entry
        expect(known == entry, "I5 \(id) applied \(entry) where \(known) was applied")
        if decided.updateValue(known, forKey: entry.index) == nil { mark("entry applied") }
    }

    /// Counts what a node tells.
    mutating func note(_ output: Raft.Output) {
        switch output {
        case .ignored(let reason): mark("ignored: \(reason)")
        case .transferred: mark("transfer done")
        case .transferAbandoned(_, let reason): mark("transfer abandoned: \(reason)")
        default: break
        }
    }

    /// Up to where a node has applied the log.
    func lastApplied(of id: NodeID) -> Raft.LogIndex { lastApplied[id] ?? .zero }

    /// Notes a node's start.
    mutating func noteStart(_ host: RaftCluster.Host) { lastApplied[host.node.id] = .zero }

    /// Notes that a snapshot replaced a node's state.
    mutating func noteInstalled(_ index: Raft.LogIndex, by id: NodeID) { lastApplied[id] = index }

    /// Compares all logs with each other: the same term at one position means the same entries up to there.
    ///
    /// - Complexity: O(nodes × entries).
    mutating func checkLogMatching(_ hosts: [RaftCluster.Host]) {
        for (place, first) in hosts.enumerated() {
            for second in hosts[(place + 1)...] { compare(first.node, second.node) }
        }
    }

    private mutating func compare(_ first: Raft.Node, _ second: Raft.Node) {
        var index = min(first.log.lastIndex, second.log.lastIndex)
        let start = max(first.log.snapshotIndex, second.log.snapshotIndex)
        while index > start, first.log.term(at: index) != second.log.term(at: index) { index = index.previous }
        while index > start {
            expect(
                first.log.entry(at: index)?.elided == second.log.entry(at: index)?.elided
                    && (first.isWitness || second.isWitness
                        || first.log.entry(at: index) == second.log.entry(at: index)),
                "I3 log matching: \(first.id) and \(second.id) differ at \(index)")
            index = index.previous
        }
    }
}

extension Raft.Message {
    /// Whether the message says that its sender has taken its term over.
    fileprivate var isPromise: Bool {
        switch self {
        case .vote, .voteReply, .append, .appendReply, .snapshot, .snapshotReply, .amnesiac: true
        case .preVote, .preVoteReply, .forward, .forwarded, .timeoutNow, .readRequest, .readReply, .healed: false
        }
    }
}

extension RaftCluster {
    /// Compares all logs with each other and adds what differs to ``violations``.
    public mutating func checkLogMatching() { oracle.checkLogMatching(hosts) }
}
