import MeshCore
import MeshTestKit
import Testing

private func forward(_ term: UInt64, _ sequence: UInt64, _ command: Bytes = "x", id: UInt64 = 5) -> Raft.Message {
    .forward(Raft.Forward(term: Raft.Term(term), id: id, sequence: sequence, commands: [command]))
}

extension RaftProbe {
    fileprivate var forwardResult: Raft.ForwardResult? {
        for (_, message) in sent {
            if case .forwarded(let reply) = message { return reply.fates.first?.result }
        }
        return nil
    }

    fileprivate mutating func follow(_ leader: UInt64, term: UInt64) {
        receive(
            .append(
                Raft.Append(term: Raft.Term(term), prevIndex: .zero, prevTerm: .zero, commit: .zero, round: 1)),
            from: leader)
    }
}

extension RaftCluster.Host {
    fileprivate func results(_ id: UInt64) -> [Raft.Output] {
        outputs.filter {
            switch $0 {
            case .proposed(let number, _, _), .rejected(let number, _): number == id
            default: false
            }
        }
    }
}

@Suite("Raft proposals")
struct RaftProposalTests {
    @Test("A leader says where a proposal stands, before it is committed and without waiting for its own disk")
    func proposed() throws {
        var probe = RaftProbe()
        probe.lead()
        probe.step(.command(.propose("x", id: 7)))
        #expect(probe.outputs == [.proposed(id: 7, index: Raft.LogIndex(2), term: Raft.Term(1))])
        let told = try #require(probe.effects.firstIndex { if case .output = $0 { true } else { false } })
        let write = try #require(probe.effects.firstIndex { if case .persist = $0 { true } else { false } })
        #expect(told < write)
    }

    @Test("Without a leader a proposal is rejected at once")
    func noLeader() {
        var probe = RaftProbe()
        probe.step(.command(.propose("x", id: 7)))
        #expect(probe.outputs == [.rejected(id: 7, reason: .noLeader)])
        probe.follow(2, term: 1)
        probe.step(.command(.campaign))
        probe.step(.command(.propose("x", id: 8)))
        #expect(probe.outputs == [.rejected(id: 8, reason: .noLeader)])
    }

    @Test("A follower hands a proposal to the leader and tells the answer once (E26)")
    func forwarded() throws {
        var cluster = RaftCluster(3, seed: 2)
        let leader = try cluster.elect()
        let follower = leader % 3 + 1
        cluster.propose(follower, "x", id: 7)
        #expect(cluster[follower].results(7).isEmpty)
        for _ in 0..<2 {
            let copies = cluster.letters
            cluster.letters += copies
            cluster.deliver()
        }
        cluster.settle()
        let index = cluster[leader].node.log.lastIndex
        let term = cluster[leader].node.term
        #expect(cluster[follower].results(7) == [.proposed(id: 7, index: index, term: term)])
        for host in cluster.hosts { #expect(host.state == ["x"]) }
        #expect(cluster.violations.isEmpty)
    }

    @Test("A lost proposal or answer stays silent: the outcome is unknown")
    func lost() throws {
        var cluster = RaftCluster(3, seed: 2)
        let leader = try cluster.elect()
        let follower = leader % 3 + 1
        cluster.propose(follower, "lost", id: 1)
        cluster.drop { if case .forward = $0.message { true } else { false } }
        cluster.propose(follower, "unanswered", id: 2)
        cluster.deliver()
        cluster.drop { if case .forwarded = $0.message { true } else { false } }
        cluster.run(for: .seconds(1))
        #expect(cluster[follower].results(1).isEmpty && cluster[follower].results(2).isEmpty)
        #expect(cluster[follower].state == ["unanswered"])
    }

    @Test("A node that does not lead refuses a forwarded proposal and names the leader")
    func refused() {
        var probe = RaftProbe()
        probe.follow(3, term: 2)
        probe.receive(forward(2, 1), from: 2)
        #expect(probe.forwardResult == .rejected(.notLeader(NodeID(3))))
        var origin = RaftProbe(id: 2)
        origin.follow(1, term: 2)
        origin.step(.command(.propose("x", id: 5)))
        guard case .forward(let sent)? = origin.sent.first?.message else { Issue.record("nothing forwarded"); return }
        let answer = Raft.Forwarded(
            term: Raft.Term(2), id: 5, sequence: sent.sequence,
            fates: [Raft.Fate(count: 1, result: .rejected(.notLeader(NodeID(3))))])
        origin.receive(.forwarded(answer), from: 1)
        #expect(origin.outputs == [.rejected(id: 5, reason: .notLeader(NodeID(3)))])
        origin.receive(.forwarded(answer), from: 1)
        #expect(origin.outputs == [.ignored(.staleForward)])
    }

    @Test("A doubled forward that arrives after its sender has started again, and was heard again, is appended once")
    func doubledAcrossStarts() {
        var probe = RaftProbe()
        probe.lead()
        let before = probe.node.log.lastIndex.rawValue
        // Sixteen starts, each with a numbering of its own and two proposals; then every copy once more.
        for _ in 0..<2 {
            for start in 1...16 as ClosedRange<UInt64> {
                probe.receive(forward(1, start << 40), from: 2)
                probe.receive(forward(1, start << 40 + 1), from: 2)
            }
        }
        #expect(probe.node.log.lastIndex.rawValue == before + 32)
        // The numbering of an earlier start goes on: what it never brought is no copy.
        probe.receive(forward(1, 3 << 40 + 2), from: 2)
        #expect(probe.node.log.lastIndex.rawValue == before + 33)
    }

    @Test("A doubled forward is appended once, in whatever order copies arrive")
    func doubled() {
        var probe = RaftProbe()
        probe.lead()
        let before = probe.node.log.lastIndex.rawValue
        for sequence in [10, 12, 11, 12, 10, 11, 13, 10, 13] as [UInt64] {
            probe.receive(forward(1, sequence), from: 2)
        }
        #expect(probe.node.log.lastIndex.rawValue == before + 4)
        // The sender has started again, far away.
        probe.receive(forward(1, 1 << 50), from: 2)
        probe.receive(forward(1, 1 << 50), from: 2)
        #expect(probe.node.log.lastIndex.rawValue == before + 5)
        // Another sender has its own numbers.
        probe.receive(forward(1, 10), from: 3)
        #expect(probe.node.log.lastIndex.rawValue == before + 6)
    }

    @Test("No refusal is given where the attempt may have been appended before: silence instead")
    func noFalseRefusal() {
        // A forward of an earlier term.
        var later = RaftProbe()
        later.follow(3, term: 4)
        later.receive(forward(2, 1), from: 2)
        #expect(later.forwardResult == nil)
        // A node that voted for itself and crashed may have led this term.
        var restarted = RaftProbe(disk: .holding("1 2", term: 2, vote: 1))
        restarted.receive(forward(2, 1), from: 2)
        #expect(restarted.forwardResult == nil)
        // A leader that stepped down remembers what it has seen.
        var deposed = RaftProbe()
        deposed.lead()
        deposed.receive(forward(1, 1), from: 2)
        for _ in 0..<10 { deposed.step(.timer(.heartbeat)) }
        #expect(deposed.node.role == .follower)
        deposed.receive(forward(1, 1), from: 2)
        #expect(deposed.forwardResult == nil)
        deposed.receive(forward(1, 2), from: 2)
        #expect(deposed.forwardResult == .rejected(.deposed))
    }

    @Test("A command over the limit is too large, everywhere")
    func tooLarge() {
        var settings = Raft.Settings()
        settings.maxBytesPerAppend = 4
        var probe = RaftProbe(settings: settings)
        probe.follow(2, term: 1)
        probe.step(.command(.propose("12345", id: 1)))
        #expect(probe.outputs == [.rejected(id: 1, reason: .tooLarge)])
        probe.lead()
        probe.step(.command(.propose("12345", id: 2)))
        #expect(probe.outputs == [.rejected(id: 2, reason: .tooLarge)])
        probe.receive(forward(probe.node.term.rawValue, 1, "12345"), from: 2)
        #expect(probe.forwardResult == .rejected(.tooLarge))
    }

    @Test("A leader with too many uncommitted bytes is busy until they are committed, but always takes one")
    func busy() {
        var settings = Raft.Settings()
        settings.maxUncommittedBytes = 8
        var probe = RaftProbe(settings: settings)
        probe.lead()
        probe.step(.command(.propose("123456789", id: 1)))
        #expect(probe.node.status.uncommittedBytes == 9)
        probe.step(.command(.propose("1", id: 2)))
        #expect(probe.outputs == [.rejected(id: 2, reason: .busy)])
        probe.receive(forward(1, 1), from: 2)
        #expect(probe.forwardResult == .rejected(.busy))
        probe.persistAll()
        let match = Raft.LogIndex(2)
        probe.receive(
            .appendReply(Raft.AppendReply(term: Raft.Term(1), round: 1, result: .accepted(match: match))), from: 2)
        #expect(probe.node.status.uncommittedBytes == 0)
        probe.step(.command(.propose("1", id: 3)))
        #expect(probe.outputs.first == .proposed(id: 3, index: Raft.LogIndex(3), term: Raft.Term(1)))
    }

    @Test("A follower waits for a bounded number of answers and gives up the oldest")
    func boundedForwards() {
        var settings = Raft.Settings()
        settings.maxForwards = 4
        var probe = RaftProbe(settings: settings)
        probe.follow(2, term: 1)
        var sequences: [UInt64] = []
        for id in 1...6 as ClosedRange<UInt64> {
            probe.step(.command(.propose("x", id: id)))
            if case .forward(let sent)? = probe.sent.first?.message { sequences.append(sent.sequence) }
        }
        var told: [UInt64] = []
        for (place, sequence) in sequences.enumerated().reversed() {
            let result = Raft.ForwardResult.appended(index: Raft.LogIndex(1), term: Raft.Term(1))
            let id = UInt64(place + 1)
            probe.receive(
                .forwarded(
                    Raft.Forwarded(
                        term: Raft.Term(1), id: id, sequence: sequence, fates: [Raft.Fate(count: 1, result: result)])),
                from: 2)
            if case .proposed(let number, _, _)? = probe.outputs.first { told.append(number) }
        }
        #expect(told == [6, 5, 4, 3])
    }
}
