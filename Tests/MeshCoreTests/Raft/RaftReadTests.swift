import MeshCore
import MeshTestKit
import Testing

/// A leader of three that has committed its no-op.
private func readyLeader(settings: Raft.Settings = Raft.Settings()) -> RaftProbe {
    var probe = RaftProbe(settings: settings)
    probe.lead()
    probe.receive(Say.accepted(1, 1), from: 2)
    return probe
}

@Suite("Raft reads at the leader")
struct RaftLeaderReadTests {
    @Test("A read is ready once a majority has answered its own round, at what was committed when the round began")
    func oneRound() {
        var probe = readyLeader()
        probe.step(.command(.read(id: 7)))
        #expect(probe.outputs.isEmpty)
        #expect(probe.appends(to: 2).map(\.read) == [1])
        #expect(probe.appends(to: 3).map(\.read) == [1])
        probe.receive(Say.accepted(1, 1, read: 1), from: 3)
        #expect(probe.outputs == [.readReady(id: 7, index: Raft.LogIndex(1))])
        probe.receive(Say.accepted(1, 1, read: 1), from: 2)
        #expect(probe.outputs.isEmpty)
    }

    @Test("A read waits for the first commit of the term, also when nothing else happens (etcd #7331, redisraft #22)")
    func firstCommit() {
        var probe = RaftProbe(disk: .holding("1 1"))
        probe.lead()
        probe.step(.command(.read(id: 1)))
        #expect(probe.effects.isEmpty)
        probe.receive(Say.accepted(2, 2, round: 1), from: 2)
        #expect(!probe.outputs.contains { if case .readReady = $0 { true } else { false } })
        probe.receive(Say.accepted(2, 3), from: 2)
        #expect(probe.node.commitIndex == Raft.LogIndex(3))
        #expect(probe.appends(to: 3).contains { $0.read == 1 })
        probe.receive(Say.accepted(2, 3, read: 1), from: 2)
        #expect(probe.outputs == [.readReady(id: 1, index: Raft.LogIndex(3))])
    }

    @Test(
        "Reads that come during a round wait for the next: an answer to the round under way is not theirs (etcd #20418)"
    )
    func nextBatch() {
        var probe = readyLeader()
        probe.step(.command(.read(id: 1)))
        probe.step(.command(.read(id: 2)))
        #expect(probe.effects.isEmpty)
        probe.step(.command(.read(id: 3)))
        probe.receive(Say.accepted(1, 1, read: 1), from: 2)
        #expect(probe.outputs == [.readReady(id: 1, index: Raft.LogIndex(1))])
        #expect(probe.appends(to: 2).map(\.read) == [2])
        probe.receive(Say.accepted(1, 1, read: 1), from: 3)
        #expect(probe.outputs.isEmpty)
        probe.receive(Say.accepted(1, 1, read: 2), from: 3)
        let index = Raft.LogIndex(1)
        #expect(probe.outputs == [.readReady(id: 2, index: index), .readReady(id: 3, index: index)])
    }

    @Test("One answer twice is one answer, a round that was never begun is nobody's, and entries confirm like beats")
    func counting() {
        var probe = RaftProbe(of: 5)
        probe.lead()
        probe.receive(Say.accepted(1, 1), from: 2)
        probe.receive(Say.accepted(1, 1), from: 3)
        probe.step(.command(.read(id: 1)))
        probe.receive(Say.accepted(1, 1, read: 1), from: 2)
        probe.receive(Say.accepted(1, 1, read: 1), from: 2)
        probe.receive(Say.accepted(1, 1, read: 9), from: 4)
        #expect(probe.outputs.isEmpty)
        probe.step(.command(.propose("x", id: 1)))
        #expect(probe.appends(to: 3).allSatisfy { $0.read == 1 && !$0.entries.isEmpty })
        probe.receive(Say.rejected(1, 1, hint: 0, of: 0, round: 1), from: 4)
        probe.receive(Say.accepted(1, 2, read: 1), from: 3)
        #expect(probe.outputs.contains(.readReady(id: 1, index: Raft.LogIndex(1))))
    }

    @Test("An answer to an append of this node's earlier term says nothing about a round of this one")
    func staleAnswer() {
        var probe = readyLeader()
        probe.step(.command(.read(id: 1)))
        let stale = Raft.AppendReply(term: Raft.Term(1), round: 1, read: 1, result: .stale)
        probe.receive(.appendReply(stale), from: 2)
        #expect(probe.outputs.isEmpty)
        var follower = RaftProbe(disk: .holding("1", term: 4))
        follower.receive(
            .append(
                Raft.Append(
                    term: Raft.Term(2), prevIndex: .zero, prevTerm: .zero, commit: .zero, round: 3, read: 5)), from: 2)
        #expect(
            follower.sent(to: 2)
                == [.appendReply(Raft.AppendReply(term: Raft.Term(4), round: 3, read: 0, result: .stale))])
    }

    @Test("A single voter answers at once, and a leader that steps down refuses what waits (etcd #9566)")
    func extremes() {
        var single = RaftProbe(of: 1)
        single.lead()
        single.step(.command(.read(id: 4)))
        #expect(single.outputs == [.readReady(id: 4, index: Raft.LogIndex(1))])

        var probe = readyLeader()
        probe.step(.command(.read(id: 1)))
        probe.receive(.readRequest(Raft.ReadRequest(term: Raft.Term(1), sequence: 40)), from: 3)
        probe.receive(Say.heartbeat(2), from: 2)
        #expect(probe.outputs.contains(.readRefused(id: 1, reason: .deposed)))
        let refusal = Raft.ReadReply(term: Raft.Term(2), sequence: 40, result: .refused(.deposed))
        #expect(probe.sent(to: 3) == [.readReply(refusal)])
        probe.receive(Say.accepted(1, 1, read: 1), from: 3)
        #expect(!probe.outputs.contains { if case .readReady = $0 { true } else { false } })
    }

    @Test("Beyond the bound reads are refused, before the first commit too")
    func bounded() {
        var settings = Raft.Settings()
        settings.maxReads = 2
        var probe = RaftProbe(settings: settings)
        probe.lead()
        for id in 1...UInt64(2) { probe.step(.command(.read(id: id))) }
        probe.step(.command(.read(id: 3)))
        #expect(probe.outputs == [.readRefused(id: 3, reason: .busy)])
        probe.receive(.readRequest(Raft.ReadRequest(term: Raft.Term(1), sequence: 8)), from: 2)
        let refusal = Raft.ReadReply(term: Raft.Term(1), sequence: 8, result: .refused(.busy))
        #expect(probe.sent(to: 2) == [.readReply(refusal)])
    }
}

@Suite("Raft reads at followers")
struct RaftFollowerReadTests {
    /// A follower of n2 in term 1 that has two entries and has applied the first.
    private func follower() -> RaftProbe {
        var probe = RaftProbe()
        probe.receive(Say.append(1, "1 1", commit: 1), from: 2)
        probe.persistAll()
        return probe
    }

    private func request(_ probe: RaftProbe) throws -> Raft.ReadRequest {
        for message in probe.sent(to: 2) {
            if case .readRequest(let request) = message { return request }
        }
        throw Missing()
    }
    private struct Missing: Error {}

    private func reply(_ sequence: UInt64, _ result: Raft.ReadResult, term: UInt64 = 1) -> Raft.Message {
        .readReply(Raft.ReadReply(term: Raft.Term(term), sequence: sequence, result: result))
    }

    @Test("A follower asks for the index, waits until it has applied it, and answers behind the entries")
    func waitsForApplication() throws {
        var probe = follower()
        probe.step(.command(.read(id: 5)))
        let asked = try request(probe)
        probe.receive(reply(asked.sequence, .ready(index: Raft.LogIndex(2))), from: 2)
        #expect(probe.outputs.isEmpty)
        probe.receive(Say.append(1, after: 2, of: 1, commit: 2), from: 2)
        #expect(probe.applied.count == 1)
        #expect(probe.outputs.last == .readReady(id: 5, index: Raft.LogIndex(2)))
    }

    @Test("One request serves all reads that waited when it was sent; later ones go with the next")
    func batches() throws {
        var probe = follower()
        probe.step(.command(.read(id: 1)))
        let first = try request(probe)
        probe.step(.command(.read(id: 2)))
        #expect(probe.sent.isEmpty)
        probe.step(.command(.read(id: 3)))
        probe.receive(reply(first.sequence, .ready(index: Raft.LogIndex(1))), from: 2)
        #expect(probe.outputs == [.readReady(id: 1, index: Raft.LogIndex(1))])
        let second = try request(probe)
        #expect(second.sequence == first.sequence &+ 2)
        // The first answer, doubled by the network, knows nothing about the reads that came after it.
        probe.receive(reply(first.sequence, .ready(index: Raft.LogIndex(1))), from: 2)
        #expect(probe.outputs == [.ignored(.staleRead)])
        probe.receive(reply(second.sequence, .ready(index: Raft.LogIndex(1))), from: 2)
        #expect(probe.outputs.count == 2)
    }

    @Test("A lost request is sent again after two beats of the leader, once")
    func retries() throws {
        var probe = follower()
        probe.step(.command(.read(id: 1)))
        let first = try request(probe)
        var repeats = 0
        for round in 2...UInt64(6) {
            let beat = Raft.Append(
                term: Raft.Term(1), prevIndex: Raft.LogIndex(2), prevTerm: Raft.Term(1), commit: .zero, round: round)
            probe.receive(.append(beat), from: 2)
            if let again = try? request(probe) {
                #expect(again.sequence == first.sequence)
                repeats += 1
            }
        }
        #expect(repeats == 1)
    }

    @Test("A change of leader or term refuses what waits for an index, and keeps what only waits to be applied")
    func leaderChange() throws {
        var probe = follower()
        probe.step(.command(.read(id: 1)))
        let asked = try request(probe)
        probe.receive(reply(asked.sequence, .ready(index: Raft.LogIndex(2))), from: 2)
        probe.step(.command(.read(id: 2)))
        let second = try request(probe)
        probe.receive(Say.append(3, after: 2, of: 1), from: 3)
        #expect(probe.outputs.contains(.readRefused(id: 2, reason: .notLeader(NodeID(3)))))
        probe.receive(reply(second.sequence, .ready(index: Raft.LogIndex(2))), from: 2)
        #expect(probe.outputs == [.ignored(.staleRead)])
        probe.receive(Say.append(3, after: 2, of: 1, commit: 2), from: 3)
        #expect(probe.outputs.last == .readReady(id: 1, index: Raft.LogIndex(2)))
    }

    @Test("Without a leader, or asked by somebody who thinks we lead, a read is refused and says whom to ask")
    func refusals() throws {
        var probe = RaftProbe()
        probe.step(.command(.read(id: 1)))
        #expect(probe.outputs == [.readRefused(id: 1, reason: .noLeader)])
        var second = follower()
        second.receive(.readRequest(Raft.ReadRequest(term: Raft.Term(1), sequence: 3)), from: 3)
        #expect(
            second.sent(to: 3)
                == [
                    .readReply(
                        Raft.ReadReply(
                            term: Raft.Term(1), sequence: 3, result: .refused(.notLeader(NodeID(2)))))
                ])
        second.step(.command(.read(id: 9)))
        let asked = try request(second)
        second.receive(reply(asked.sequence, .refused(.busy)), from: 2)
        #expect(second.outputs == [.readRefused(id: 9, reason: .busy)])
    }

    @Test("An answer that was on its way before a restart is not taken for one to a read of after it")
    func restart() throws {
        var first = follower()
        first.step(.command(.read(id: 1)))
        let old = try request(first)
        var second = RaftProbe(disk: .holding("1 1"))
        second.now = Instant(nanoseconds: 5)
        second.step(.restarted)
        second.receive(Say.append(1, after: 2, of: 1, commit: 1), from: 2)
        second.step(.command(.read(id: 1)))
        second.receive(reply(old.sequence, .ready(index: .zero)), from: 2)
        #expect(second.outputs == [.ignored(.staleRead)])
    }
}
