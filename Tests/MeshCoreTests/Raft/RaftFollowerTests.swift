import MeshCore
import MeshTestKit
import Testing

@Suite("Raft followers")
struct RaftFollowerTests {
    @Test("Entries are written before they are acknowledged")
    func writeBeforeAck() throws {
        var probe = RaftProbe()
        probe.receive(Say.append(1, "1 1", commit: 1), from: 2)
        #expect(probe.node.log.terms == "1 1")
        #expect(probe.records.last == .append(from: Raft.LogIndex(1), entries: Raft.Entry.test("1 1")))
        let write = try #require(probe.effects.lastIndex { if case .persist = $0 { true } else { false } })
        let answer = try #require(probe.effects.lastIndex { if case .send = $0 { true } else { false } })
        let output = try #require(probe.effects.lastIndex { if case .output(.apply) = $0 { true } else { false } })
        #expect(write < answer && write < output)
        #expect(probe.appendResult == .accepted(match: Raft.LogIndex(2)))
    }

    @Test("The first entry, at index 1, is applied (E26: theirs never applied the first command)")
    func firstEntry() {
        var probe = RaftProbe()
        probe.receive(Say.append(1, "1", commit: 1), from: 2)
        #expect(probe.applied == Raft.Entry.test("1"))
    }

    @Test("A stale append never removes a matching suffix (openraft 9540c904)")
    func staleAppend() {
        var probe = RaftProbe()
        probe.receive(Say.append(1, "1 1 1 1"), from: 2)
        probe.receive(Say.append(1, "1 1"), from: 2)
        #expect(probe.node.log.terms == "1 1 1 1")
        #expect(probe.records.isEmpty)
        #expect(probe.appendResult == .accepted(match: Raft.LogIndex(2)))
        probe.receive(Say.append(1, after: 1, of: 1), from: 2)
        #expect(probe.node.log.terms == "1 1 1 1")
    }

    @Test("A conflicting suffix is removed whole, also by a shorter batch")
    func conflict() {
        var probe = RaftProbe(disk: .holding("1 1 2 2 2"))
        probe.receive(Say.append(3, after: 2, of: 1, "3"), from: 2)
        #expect(probe.node.log.terms == "1 1 3")
        #expect(probe.records.last == .append(from: Raft.LogIndex(3), entries: Raft.Entry.test("3", from: 3)))
        #expect(probe.appendResult == .accepted(match: Raft.LogIndex(3)))
    }

    @Test("The previous entry must agree in its term, not only exist")
    func previousTerm() {
        var probe = RaftProbe(disk: .holding("1 1 2"))
        probe.receive(Say.append(4, after: 3, of: 3, "4"), from: 2)
        #expect(probe.node.log.terms == "1 1 2")
        #expect(
            probe.appendResult
                == .rejected(prevIndex: Raft.LogIndex(3), hintIndex: Raft.LogIndex(3), hintTerm: Raft.Term(2)))
        probe.receive(Say.append(4, after: 9, of: 1, "4"), from: 2)
        #expect(
            probe.appendResult
                == .rejected(prevIndex: Raft.LogIndex(9), hintIndex: Raft.LogIndex(2), hintTerm: Raft.Term(1)))
    }

    @Test("The commit index is capped at what the message proved (copycat #265, scylla #9965)")
    func commitCapped() {
        var probe = RaftProbe(disk: .holding("1 1 2 2"))
        probe.receive(Say.append(3, after: 2, of: 1, commit: 4), from: 2)
        #expect(probe.node.commitIndex == Raft.LogIndex(2))
        #expect(probe.applied == Raft.Entry.test("1 1"))
        probe.receive(Say.append(3, after: 2, of: 1, "3", commit: 1), from: 2)
        #expect(probe.node.commitIndex == Raft.LogIndex(2))
    }

    @Test("An acknowledgement covers what the message proved and no tail behind it (E32)")
    func ackCapped() {
        var probe = RaftProbe(disk: .holding("1 1 2 2"))
        probe.receive(Say.append(3, after: 1, of: 1), from: 2)
        #expect(probe.appendResult == .accepted(match: Raft.LogIndex(1)))
    }

    @Test("A previous entry that is compacted is committed and no conflict (openraft #511)")
    func compactedPrevious() {
        var probe = RaftProbe(disk: .holding("1 1 1 2 2", snapshotAt: 4))
        probe.receive(Say.append(3, after: 1, of: 1, "1 1 2 2 3"), from: 2)
        #expect(probe.node.log.terms == "2 3")
        #expect(probe.node.log.firstIndex == Raft.LogIndex(5))
        #expect(probe.appendResult == .accepted(match: Raft.LogIndex(6)))
        probe.receive(Say.append(3, after: 1, of: 1, "1"), from: 2)
        #expect(probe.node.log.terms == "2 3")
        #expect(probe.appendResult == .accepted(match: Raft.LogIndex(4)))
    }

    @Test("A leader of the past is answered with the current term and changes nothing")
    func staleLeader() {
        var probe = RaftProbe(disk: .holding("1 2"))
        probe.receive(Say.append(1, after: 1, of: 1, "1 1"), from: 2)
        #expect(probe.sent(to: 2) == [.appendReply(Raft.AppendReply(term: Raft.Term(2), round: 1, result: .stale))])
        #expect(probe.node.leader == nil && probe.timer(.election) == nil)
        #expect(probe.node.log.terms == "1 2")
    }

    @Test("A second leader of the own term, and what contradicts committed entries, is reported and not obeyed")
    func impossible() {
        var probe = RaftProbe()
        probe.lead()
        probe.receive(Say.append(1, "1"), from: 2)
        #expect(probe.outputs == [.ignored(.secondLeader)])
        var follower = RaftProbe()
        follower.receive(Say.append(1, "1 1", commit: 2), from: 2)
        follower.receive(Say.append(2, after: 1, of: 1, "2"), from: 3)
        #expect(follower.outputs.contains(.ignored(.conflictsWithCommitted)))
        #expect(follower.node.log.terms == "1 1")
    }

    @Test("Entries with gaps or falling terms are malformed")
    func malformed() {
        var probe = RaftProbe()
        let gap = Raft.Append(
            term: Raft.Term(2), prevIndex: .zero, prevTerm: .zero, entries: [Raft.Entry.test(2, term: 1)],
            commit: .zero, round: 1)
        let falling = Raft.Append(
            term: Raft.Term(2), prevIndex: .zero, prevTerm: .zero, entries: Raft.Entry.test("2 1"), commit: .zero,
            round: 1)
        for message in [gap, falling] {
            probe.receive(.append(message), from: 2)
            #expect(probe.outputs.contains(.ignored(.malformed)))
            #expect(probe.node.log.lastIndex == .zero)
        }
    }

    @Test("News of a commit alone is not answered")
    func silentCommit() {
        var probe = RaftProbe()
        probe.receive(Say.append(1, "1"), from: 2)
        probe.receive(Say.append(1, after: 1, of: 1, commit: 1, wantsReply: false), from: 2)
        #expect(probe.sent.isEmpty)
        #expect(probe.applied.count == 1)
    }
}
