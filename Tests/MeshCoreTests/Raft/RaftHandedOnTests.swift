import MeshCore
import MeshTestKit
import Testing

/// What a follower does with a wish for another configuration, and its leader with what is handed on.
@Suite("Changes of the configuration that a follower is asked for")
struct RaftHandedOnTests {
    private func node(_ id: UInt64) -> NodeID { NodeID(id) }

    private func follower(_ settings: Raft.Settings = Raft.Settings()) -> RaftProbe {
        var probe = RaftProbe(id: 2, settings: settings)
        probe.receive(Say.heartbeat(1), from: 1)
        return probe
    }

    /// The wish that a probe has just handed on.
    private func forward(_ probe: RaftProbe) throws -> Raft.Forward {
        let sent = try #require(probe.sent.first)
        #expect(probe.sent.count == 1 && sent.to == node(1))
        guard case .forward(let forward) = sent.message else { throw Unexpected() }
        return forward
    }

    private func forwarded(_ probe: RaftProbe) throws -> Raft.Forwarded {
        for (peer, message) in probe.sent {
            guard case .forwarded(let answer) = message else { continue }
            #expect(peer == node(2))
            return answer
        }
        throw Unexpected()
    }

    private struct Unexpected: Error {}

    private func ask(_ probe: inout RaftProbe, _ changes: [Raft.Change], id: UInt64 = 7) {
        probe.step(.command(.changeConfiguration(changes, id: id, transition: .automatic)))
    }

    @Test("It is handed to the leader, which appends it and says where; the asker is told once")
    func appended() throws {
        var asker = follower()
        ask(&asker, [.addLearner(node(4))])
        #expect(asker.refusals.isEmpty)
        let wish = try forward(asker)
        #expect(wish.count == 1 && wish.change == .change([.addLearner(node(4))], .automatic))

        var leader = RaftProbe.leading()
        leader.receive(.forward(wish), from: 2)
        #expect(leader.node.configuration.learners == [node(4)])
        let answer = try forwarded(leader)
        let result = Raft.ForwardResult.appended(index: leader.node.log.lastIndex, term: leader.node.term)
        #expect(answer.fates == [Raft.Fate(count: 1, result: result)])

        asker.receive(.forwarded(answer), from: 1)
        let place = Raft.Output.proposed(id: 7, index: leader.node.log.lastIndex, term: leader.node.term)
        #expect(asker.outputs.contains(place))
        asker.receive(.forwarded(answer), from: 1)
        #expect(asker.outputs == [.ignored(.staleForward)])
    }

    @Test("A wish that the network doubled is carried out once")
    func doubled() throws {
        var asker = follower()
        ask(&asker, [.addLearner(node(4))])
        let wish = try forward(asker)
        var leader = RaftProbe.leading()
        leader.receive(.forward(wish), from: 2)
        let last = leader.node.log.lastIndex
        leader.receive(.forward(wish), from: 2)
        #expect(leader.node.log.lastIndex == last && leader.outputs == [.ignored(.staleForward)])
    }

    @Test("What the leader refuses comes back with its reason")
    func refused() throws {
        var leader = RaftProbe.leading()
        var asker = follower()
        for (changes, reason) in [
            ([.update(node(1))], .changesNothing),
            ([.remove(node(1)), .remove(node(2)), .remove(node(3))], .invalidChange(.removesAllVoters)),
            ([.addLearner(node(4))], nil),
            ([.addLearner(node(5))], .changePending),
        ] as [([Raft.Change], Raft.Rejection?)] {
            ask(&asker, changes)
            leader.receive(.forward(try forward(asker)), from: 2)
            asker.receive(.forwarded(try forwarded(leader)), from: 1)
            #expect(asker.refusals == (reason.map { [$0] } ?? []), "\(changes)")
        }
    }

    @Test("A wish to leave a joint phase is handed on as well")
    func leaveJoint() throws {
        var asker = follower()
        asker.step(.command(.leaveJoint(id: 9)))
        let wish = try forward(asker)
        #expect(wish.change == .leaveJoint && wish.id == 9)
        var leader = RaftProbe.leading()
        leader.receive(.forward(wish), from: 2)
        asker.receive(.forwarded(try forwarded(leader)), from: 1)
        #expect(asker.refusals == [.invalidChange(.notJoint)])
    }

    @Test("Who does not lead any more says so and changes nothing; a stranger and an earlier term are not heard")
    func elsewhere() throws {
        var asker = follower()
        ask(&asker, [.addLearner(node(4))])
        let wish = try forward(asker)
        var other = RaftProbe(id: 3)
        other.receive(Say.heartbeat(1), from: 1)
        other.receive(.forward(wish), from: 2)
        #expect(try forwarded(other).fates == [Raft.Fate(count: 1, result: .rejected(.notLeader(node(1))))])
        #expect(other.node.configuration.learners == [])

        var leader = RaftProbe.leading()
        leader.receive(.forward(wish), from: 9)
        #expect(leader.outputs == [.ignored(.unknownPeer)])
        var old = wish
        old.term = .zero
        leader.receive(.forward(old), from: 2)
        #expect(leader.outputs == [.ignored(.staleTerm)])
    }

    @Test("More changes than a group has members are refused where they are asked for")
    func tooMany() {
        var asker = follower()
        ask(&asker, (0..<2_000).map { .addLearner(node($0 + 4)) })
        #expect(asker.refusals == [.tooLarge] && asker.sent.isEmpty)
    }
}
