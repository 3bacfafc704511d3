import MeshCore
import Simulator
import Testing

/// Each promise is broken by hand, so that no checker is one that cannot fail.
@Suite("Checkers")
struct CheckerTests {
    private let first = NodeID(1)
    private let second = NodeID(2)

    private func raft(_ id: NodeID) -> Raft.Node {
        Raft.Node(id: id, voters: [first, second, NodeID(3)], settings: Raft.Settings(), random: Random(seed: 1))
    }

    private func at(_ event: UInt64, _ node: NodeID) -> Occasion {
        Occasion(event: event, time: .zero + .milliseconds(Int64(event)), node: node)
    }

    private func entry(_ index: UInt64, _ term: UInt64, _ text: Bytes) -> Raft.Entry {
        Raft.Entry(term: Raft.Term(term), index: Raft.LogIndex(index), payload: .command(text))
    }

    @Test("Two leaders in one term are found, with both elections as evidence")
    func electionSafety() {
        var checker = RaftChecker(nodeCount: 3)
        checker.said(.becameLeader(term: Raft.Term(4)), raft(first), at(10, first)) { _, _, _ in true }
        #expect(checker.violations.isEmpty)
        checker.said(.becameLeader(term: Raft.Term(4)), raft(second), at(20, second)) { _, _, _ in true }
        #expect(checker.violations.map { $0.promise } == [RaftPromises.electionSafety])
        #expect(checker.violations[0].evidence.map { $0.event } == [10, 20])
        #expect(checker.violations[0].text.contains("n1 and n2"))
    }

    @Test("A leader's message from a node that did not win is found")
    func impostor() {
        var checker = RaftChecker(nodeCount: 3)
        let append = Raft.Append(
            term: Raft.Term(2), prevIndex: .zero, prevTerm: .zero, entries: [], commit: .zero, round: 1,
            wantsReply: true)
        checker.left(.append(append), to: second, Raft.Stable(), at(3, first))
        #expect(checker.violations.first?.promise == RaftPromises.electionSafety)
    }

    @Test("Logs that differ under one index and term are found, at the entry or before it")
    func logMatching() {
        for second in [entry(1, 1, "other"), entry(1, 1, "same")] {
            var checker = RaftChecker(nodeCount: 3)
            let one = Raft.Stable.Record.append(from: Raft.LogIndex(1), entries: [entry(1, 1, "same")])
            checker.wrote(one, raft(first), at(1, first))
            let two = Raft.Stable.Record.append(from: Raft.LogIndex(1), entries: [second])
            checker.wrote(two, raft(self.second), at(2, self.second))
            #expect(checker.violations.isEmpty == (second == entry(1, 1, "same")))
        }
        // The same entry behind different ones.
        var checker = RaftChecker(nodeCount: 3)
        checker.wrote(
            .append(from: Raft.LogIndex(1), entries: [entry(1, 1, "a"), entry(2, 3, "x")]), raft(first), at(1, first))
        checker.wrote(
            .append(from: Raft.LogIndex(1), entries: [entry(1, 2, "b"), entry(2, 3, "x")]), raft(second), at(2, second))
        #expect(checker.violations.map { $0.promise } == [RaftPromises.logMatching])
    }

    @Test("A term that goes back and a second vote in a term are found; a crash allows what was never durable")
    func hardState() {
        var checker = RaftChecker(nodeCount: 3)
        checker.wrote(.hardState(term: Raft.Term(5), votedFor: first), raft(first), at(1, first))
        checker.wrote(.hardState(term: Raft.Term(5), votedFor: second), raft(first), at(2, first))
        checker.wrote(.hardState(term: Raft.Term(4), votedFor: nil), raft(first), at(3, first))
        #expect(checker.violations.map { $0.promise } == [RaftPromises.singleVote, RaftPromises.monotonic])

        var forgiving = RaftChecker(nodeCount: 3)
        forgiving.wrote(.hardState(term: Raft.Term(5), votedFor: first), raft(first), at(1, first))
        forgiving.crashed(first, wiped: false, Raft.Stable())
        forgiving.wrote(.hardState(term: Raft.Term(5), votedFor: second), raft(first), at(2, first))
        #expect(forgiving.violations.isEmpty)
    }

    @Test("A vote or an acknowledgement that is not durable is found")
    func durability() {
        var checker = RaftChecker(nodeCount: 3)
        let vote = Raft.Message.voteReply(Raft.VoteReply(term: Raft.Term(2), isGranted: true, campaign: 1))
        var stable = Raft.Stable()
        stable.apply(.hardState(term: Raft.Term(2), votedFor: second))
        checker.left(vote, to: second, stable, at(1, first))
        #expect(checker.violations.isEmpty)
        checker.left(vote, to: second, Raft.Stable(), at(2, first))
        #expect(checker.violations.map { $0.promise } == [RaftPromises.durability])

        var other = RaftChecker(nodeCount: 3)
        let reply = Raft.AppendReply(term: Raft.Term(2), round: 1, result: .accepted(match: Raft.LogIndex(3)))
        other.left(.appendReply(reply), to: second, stable, at(3, first))
        #expect(other.violations.map { $0.promise } == [RaftPromises.durability])

        // An acknowledgement also promises its term: whoever forgets it can follow an earlier leader again.
        var forgetful = RaftChecker(nodeCount: 3)
        var old = Raft.Stable()
        old.apply(.hardState(term: Raft.Term(1), votedFor: second))
        old.apply(.append(from: Raft.LogIndex(1), entries: [entry(1, 1, "a"), entry(2, 1, "b"), entry(3, 1, "c")]))
        forgetful.left(.appendReply(reply), to: second, old, at(3, first))
        #expect(forgetful.violations.map { $0.promise } == [RaftPromises.durability])
        old.apply(.hardState(term: Raft.Term(2), votedFor: nil))
        var sound = RaftChecker(nodeCount: 3)
        sound.left(.appendReply(reply), to: second, old, at(3, first))
        #expect(sound.violations.isEmpty)
    }

    @Test("Entries that stay behind a snapshot they never stood behind are found")
    func keptSuffix() {
        var checker = RaftChecker(nodeCount: 3)
        let entries: Raft.Entries = [entry(1, 1, "a"), entry(2, 1, "b")]
        checker.wrote(.append(from: Raft.LogIndex(1), entries: entries), raft(first), at(1, first))
        for (term, isSound) in [(Raft.Term(1), true), (Raft.Term(2), false)] {
            var stable = Raft.Stable()
            stable.apply(
                .snapshot(
                    index: Raft.LogIndex(1), term: term, configuration: Raft.Configuration(voters: [first]),
                    state: Bytes()))
            stable.apply(.append(from: Raft.LogIndex(2), entries: [entry(2, 1, "b")]))
            var node = raft(second)
            node.restore(stable)
            let record = Raft.Stable.Record.snapshot(
                index: Raft.LogIndex(1), term: term, configuration: Raft.Configuration(voters: [first]), state: Bytes())
            checker.wrote(record, node, at(2, second))
            #expect(checker.violations.isEmpty == isSound)
        }
        #expect(checker.violations.map { $0.promise } == [RaftPromises.logMatching])
    }

    /// A checker that knows position 1 of term 1 to be committed, on the disks of all three nodes.
    private func checkerWithCommit() -> RaftChecker {
        var checker = RaftChecker(nodeCount: 3)
        var stable = Raft.Stable()
        let configuration = Raft.Configuration(voters: [first, second, NodeID(3)])
        stable.apply(
            .snapshot(index: Raft.LogIndex(1), term: Raft.Term(1), configuration: configuration, state: Bytes()))
        var node = raft(first)
        node.restore(stable)
        checker.said(.apply([entry(1, 1, "a")]), node, at(1, first)) { _, _, _ in true }
        #expect(checker.violations.isEmpty && checker.committedIndex == Raft.LogIndex(1))
        return checker
    }

    @Test("A disk that loses a committed entry is found, replaced or cut off; one that never held it is not")
    func committedStays() {
        let other = Raft.Stable.Record.append(from: Raft.LogIndex(1), entries: [entry(1, 2, "b")])
        let cut = Raft.Stable.Record.append(from: Raft.LogIndex(1), entries: [])
        for (record, isHeld, isSound) in [(other, true, false), (cut, true, false), (other, false, true)] {
            var checker = checkerWithCommit()
            checker.checkRemoval(by: record, at(2, second)) { _, _, _ in isHeld }
            #expect(checker.violations.map { $0.promise } == (isSound ? [] : [RaftPromises.committedStays]))
        }
        var same = checkerWithCommit()
        same.checkRemoval(by: .append(from: Raft.LogIndex(1), entries: [entry(1, 1, "a")]), at(2, second)) {
            _, _, _ in true
        }
        #expect(same.violations.isEmpty)
    }

    @Test("Positions out of order are found")
    func order() {
        func promises(_ positions: [UInt64]) -> [Promise] {
            var checker = RaftChecker(nodeCount: 3)
            let indexes = positions.map { Raft.LogIndex($0) }
            checker.checkOrder(
                compacted: indexes[0], applied: indexes[1], committed: indexes[2], last: indexes[3], at(1, first))
            return checker.violations.map { $0.promise }
        }
        #expect(promises([1, 2, 3, 4]).isEmpty && promises([4, 4, 4, 4]).isEmpty)
        for wrong: [UInt64] in [[3, 2, 3, 4], [1, 4, 3, 4], [1, 2, 5, 4]] {
            #expect(promises(wrong) == [RaftPromises.order])
        }
    }

    @Test("An acknowledgement that the peer's disk does not bear out is found, unless that disk was wiped")
    func match() {
        var checker = RaftChecker(nodeCount: 3)
        checker.checkMatch(Raft.LogIndex(3), Raft.Term(1), of: second, at(1, first)) { _, _, _ in true }
        #expect(checker.violations.isEmpty)
        var wiped = checker
        wiped.crashed(second, wiped: true, Raft.Stable())
        wiped.checkMatch(Raft.LogIndex(3), Raft.Term(1), of: second, at(1, first)) { _, _, _ in false }
        #expect(wiped.violations.isEmpty)
        checker.checkMatch(Raft.LogIndex(3), Raft.Term(1), of: second, at(1, first)) { _, _, _ in false }
        #expect(checker.violations.map { $0.promise } == [RaftPromises.match])
    }

    @Test("A write whose effect a client was told and that is left on a minority's disks is found at the end")
    func lostWrite() {
        let voters = Raft.Configuration(voters: [first, second, NodeID(3)])
        for (copies, isSound) in [(3, true), (2, true), (1, false)] {
            var checker = checkerWithCommit()
            checker.judgeDisks(voters) { _, _, _ in false }
            #expect(checker.violations.isEmpty, "nobody was told anything")
            checker.told(Raft.LogIndex(1))
            checker.judgeDisks(voters) { place, _, _ in place < copies }
            #expect(checker.violations.map { $0.promise } == (isSound ? [] : [RaftPromises.noLostWrite]))
        }
    }

    @Test("The same message over and over is found, at the pace of heartbeats it is not")
    func storm() {
        let node = raft(first)
        func append(_ previous: UInt64) -> Raft.Message {
            .append(
                Raft.Append(
                    term: Raft.Term(1), prevIndex: Raft.LogIndex(previous), prevTerm: Raft.Term(1), commit: .zero,
                    round: 1))
        }
        var calm = RaftChecker(nodeCount: 3)
        var busy = RaftChecker(nodeCount: 3)
        var loop = RaftChecker(nodeCount: 3)
        for step in 1...500 as ClosedRange<UInt64> {
            let beat = Occasion(event: step, time: .zero + .milliseconds(Int64(step) * 50), node: first)
            calm.sent(append(1), to: second, node, beat)
            busy.sent(append(step), to: second, node, at(step, first))
            loop.sent(append(1), to: second, node, at(step, first))
        }
        #expect(calm.violations.isEmpty && busy.violations.isEmpty)
        #expect(loop.violations.map { $0.promise } == [RaftPromises.noStorm])
    }

    @Test("A snapshot that is acknowledged before it is durable is found")
    func snapshotReply() {
        let reply = Raft.Message.snapshotReply(
            Raft.SnapshotReply(term: Raft.Term(1), round: 1, match: Raft.LogIndex(4)))
        var checker = RaftChecker(nodeCount: 3)
        var stable = Raft.Stable()
        let configuration = Raft.Configuration(voters: [first, second])
        stable.apply(
            .snapshot(index: Raft.LogIndex(4), term: Raft.Term(1), configuration: configuration, state: Bytes()))
        checker.left(reply, to: second, stable, at(1, first))
        #expect(checker.violations.isEmpty)
        checker.left(reply, to: second, Raft.Stable(), at(1, first))
        #expect(checker.violations.map { $0.promise } == [RaftPromises.durability])
    }

    @Test("Applying what nobody committed, or out of order, is found")
    func applying() {
        var checker = RaftChecker(nodeCount: 3)
        checker.said(.apply([entry(2, 1, "x")]), raft(first), at(1, first)) { _, _, _ in true }
        #expect(
            Set(checker.violations.map { $0.promise }) == [RaftPromises.monotonic, RaftPromises.stateMachineSafety])
    }

    @Test("A stored write that is gone, not durable, replaced by an older one or ambiguous is found")
    func gossip() {
        let version = Gossip.Version(stamp: .zero, origin: first)
        func put(_ value: Bytes, _ origin: NodeID) -> Gossip.Stable.Record {
            .put(Gossip.Entry(key: "k", value: value, version: .init(stamp: .zero, origin: origin)))
        }
        var checker = GossipChecker(nodeCount: 2)
        checker.reported("k", version, Gossip.Stable(), at(1, first))
        #expect(checker.violations.map { $0.promise } == [GossipPromises.durability])

        var lost = GossipChecker(nodeCount: 2)
        var stable = Gossip.Stable()
        stable.apply(.put(Gossip.Entry(key: "k", value: "v", version: version)))
        lost.reported("k", version, stable, at(1, first))
        #expect(lost.violations.isEmpty)
        let empty = Gossip.Node(id: first, peers: [], settings: Gossip.Settings(), random: Random(seed: 1))
        let gone = lost.judge([first], at: .zero) { _ in empty }
        #expect(gone.lostWrite?.promise == GossipPromises.noLostWrite && gone.convergence == nil)
        var holder = empty
        holder.restore(stable)
        let kept = lost.judge([first], at: .zero) { _ in holder }
        #expect(kept.lostWrite == nil && kept.convergence == nil)
        let apart = lost.judge([first, second], at: .zero) { $0 == NodeID(1) ? holder : empty }
        #expect(apart.convergence?.promise == GossipPromises.convergence)
        #expect(apart.lostWrite?.promise == GossipPromises.noLostWrite, "a disagreement must not hide a lost write")

        var older = GossipChecker(nodeCount: 2)
        older.wrote(put("new", second), at(1, first))
        older.wrote(put("old", first), at(2, first))
        #expect(older.violations.map { $0.promise } == [GossipPromises.monotonic])

        var ambiguous = GossipChecker(nodeCount: 2)
        ambiguous.wrote(put("one", first), at(1, first))
        ambiguous.wrote(put("two", first), at(2, second))
        #expect(ambiguous.violations.map { $0.promise } == [GossipPromises.oneValue])
    }

    @Test("A version that a crash took before anybody had it may be given again, one that somebody has may not")
    func lostVersion() {
        func put(_ value: Bytes) -> Gossip.Stable.Record {
            .put(Gossip.Entry(key: "k", value: value, version: .init(stamp: .zero, origin: first)))
        }
        var unseen = GossipChecker(nodeCount: 2)
        unseen.wrote(put("one"), at(1, first))
        unseen.restarted(first, Gossip.Stable())
        unseen.wrote(put("two"), at(2, first))
        #expect(unseen.violations.isEmpty)

        var seen = GossipChecker(nodeCount: 2)
        seen.wrote(put("one"), at(1, first))
        seen.wrote(put("one"), at(2, second))
        seen.restarted(first, Gossip.Stable())
        seen.wrote(put("two"), at(3, first))
        #expect(seen.violations.map { $0.promise } == [GossipPromises.oneValue])

        var durable = GossipChecker(nodeCount: 2)
        var stable = Gossip.Stable()
        stable.apply(put("one"))
        durable.wrote(put("one"), at(1, first))
        durable.restarted(first, stable)
        durable.wrote(put("two"), at(2, first))
        #expect(durable.violations.map { $0.promise } == [GossipPromises.oneValue])
    }

    @Test("A deletion that a crash took is not known any more, one that was durable is")
    func lostDeletion() {
        func entry(_ value: Bytes?, _ milliseconds: UInt64) -> Gossip.Stable.Record {
            .put(
                Gossip.Entry(
                    key: "k", value: value, version: .init(stamp: .init(milliseconds: milliseconds), origin: first)))
        }
        var lost = GossipChecker(nodeCount: 2)
        lost.wrote(entry(nil, 20), at(1, first))
        lost.restarted(first, Gossip.Stable())
        lost.wrote(entry("old", 10), at(2, first))
        #expect(lost.violations.isEmpty)

        var durable = GossipChecker(nodeCount: 2)
        var stable = Gossip.Stable()
        stable.apply(entry(nil, 20))
        durable.wrote(entry(nil, 20), at(1, first))
        durable.restarted(first, stable)
        durable.wrote(.forget(key: "k"), at(2, first))
        durable.wrote(entry("old", 10), at(3, first))
        #expect(durable.violations.map { $0.promise } == [GossipPromises.noResurrection])
    }

    @Test("A change that is reported twice, a dead member taken for alive and a live one for dead are found")
    func membership() {
        var checker = MembershipChecker(nodeCount: 2)
        checker.reported(.dead, about: second, isUp: true, at(1, first))
        #expect(checker.falseDeathCount == 1 && checker.violations.isEmpty)
        checker.reported(.dead, about: second, isUp: false, at(2, first))
        #expect(checker.violations.map { $0.promise } == [MembershipPromises.transitions])

        let wrong = checker.judge(observers: [first], gone: [second], at: .zero) { _, _ in .alive }
        #expect(wrong.completeness?.promise == MembershipPromises.completeness)
        let harsh = checker.judge(observers: [first, second], gone: [], at: .zero) { _, _ in .dead }
        #expect(harsh.accuracy?.promise == MembershipPromises.accuracy)
        let right = checker.judge(observers: [first], gone: [second], at: .zero) { _, _ in .dead }
        #expect(right.completeness == nil && right.accuracy == nil)
    }
}
