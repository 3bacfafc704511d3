import MeshCore
import MeshTestKit
import Testing

@Suite("Raft pre-vote, stickiness and check-quorum")
struct RaftDisturbanceTests {
    @Test("A pre-vote changes no state: no term, no vote, no timer, no record")
    func preVoteChangesNothing() {
        var probe = RaftProbe()
        probe.receive(.preVote(Say.vote(7)), from: 2)
        #expect(probe.voteReply == Raft.VoteReply(term: Raft.Term(7), isGranted: true, campaign: 1))
        #expect(probe.effects.count == 1)
        #expect(probe.node.term == .zero && probe.node.votedFor == nil)
        probe.step(.command(.campaign))
        #expect(probe.records.isEmpty)
        #expect(probe.node.term == .zero)
    }

    @Test("A pre-vote of a lower term is answered with the current term, which its sender takes over (etcd #9586)")
    func lowerPreVote() throws {
        var probe = RaftProbe(disk: .holding("", term: 6))
        probe.receive(.preVote(Say.vote(2, last: 9, of: 1)), from: 2)
        let reply = try #require(probe.voteReply)
        #expect(reply == Raft.VoteReply(term: Raft.Term(6), isGranted: false, campaign: 1))

        var sender = RaftProbe(id: 2, disk: .holding("1 1", term: 1))
        sender.step(.command(.campaign))
        sender.receive(.preVoteReply(reply), from: 1)
        #expect(sender.node.term == Raft.Term(6))
    }

    @Test("A long log of a low term and a short log of a high term still find a leader")
    func mixedTerms() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            var cluster = RaftCluster(
                3, seed: seed, disks: [.holding("1 1 1", term: 1), .holding("1", term: 9), .holding("1 1", term: 4)])
            cluster.crash(NodeID(3))
            let leader = try cluster.elect()
            #expect(leader == 1)
            #expect(cluster.violations.isEmpty)
        }
    }

    @Test("Who has heard its leader within the shortest timeout refuses votes and pre-votes and keeps its term")
    func sticky() {
        var probe = RaftProbe(disk: .holding("", term: 2))
        probe.receive(Say.heartbeat(2), from: 3)
        probe.receive(.vote(Say.vote(8, last: 5, of: 5)), from: 2)
        #expect(probe.outputs == [.ignored(.leaderAlive)])
        #expect(probe.sent.isEmpty && probe.node.term == Raft.Term(2))
        probe.receive(.preVote(Say.vote(8, last: 5, of: 5)), from: 2)
        #expect(probe.voteReply?.isGranted == false)

        // The shortest timeout has passed: the leader no longer counts as alive.
        probe.step(.timer(.election))
        #expect(probe.node.role == .follower)
        probe.receive(.preVote(Say.vote(8, last: 5, of: 5)), from: 2)
        #expect(probe.voteReply?.isGranted == true)
        probe.receive(.vote(Say.vote(8, last: 5, of: 5)), from: 2)
        #expect(probe.voteReply?.isGranted == true)
    }

    @Test("A follower waits the shortest timeout and then a random rest, whatever its clock does meanwhile")
    func twoPhases() throws {
        var probe = RaftProbe()
        probe.now = .zero + .seconds(100)
        probe.receive(Say.heartbeat(1), from: 2)
        #expect(probe.timer(.election) == probe.now + .milliseconds(150))
        probe.now = .zero + .seconds(3)
        probe.step(.timer(.election))
        let rest = try #require(probe.timer(.election))
        #expect(rest >= probe.now && rest <= probe.now + .milliseconds(150))
        probe.step(.timer(.election))
        #expect(probe.node.role == .preCandidate)
    }

    @Test("A node that was cut off does not depose the leader when it returns (pre-vote)")
    func returns() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            var cluster = RaftCluster(5, seed: seed)
            let leader = try cluster.elect()
            let term = cluster[leader].node.term
            let lone = leader % 5 + 1
            cluster.partition([lone], (1...5).filter { $0 != lone })
            cluster.run(for: .seconds(3))
            #expect(cluster[lone].node.role != .leader)
            #expect(cluster[lone].node.term == term)
            cluster.heal()
            cluster.run(for: .seconds(1))
            #expect(cluster[leader].node.role == .leader)
            #expect(cluster[leader].node.term == term)
            #expect(cluster[lone].node.leader == NodeID(UInt64(leader)))
            #expect(cluster.violations.isEmpty)
        }
    }

    @Test("Without pre-vote a node that went ahead is let back in: the stale leader learns its term")
    func freesStuckCandidate() throws {
        var settings = Raft.Settings()
        settings.preVote = false
        var cluster = RaftCluster(3, settings: settings, seed: 5)
        let leader = try cluster.elect()
        let lone = leader % 3 + 1
        cluster.partition([lone], (1...3).filter { $0 != lone })
        cluster.run(for: .seconds(2))
        let ahead = cluster[lone].node.term
        #expect(ahead > cluster[leader].node.term)
        cluster.heal()
        cluster.run(for: .seconds(2))
        let after = try cluster.elect()
        #expect(cluster[after].node.term >= ahead)
        #expect(cluster.hosts.allSatisfy { $0.node.term == cluster[after].node.term })
        #expect(cluster.violations.isEmpty)
    }

    @Test("A leader that does not hear from a quorum for an election timeout steps down, counted in its own beats")
    func checkQuorum() {
        var probe = RaftProbe()
        probe.lead()
        var beats = 0
        // The clock stands still: only beats count.
        while probe.node.role == .leader, beats < 100 {
            probe.step(.timer(.heartbeat))
            beats += 1
        }
        #expect(beats == 7)
        #expect(probe.outputs.contains(.becameFollower(term: Raft.Term(1), leader: nil)))
        #expect(probe.node.votedFor == NodeID(1))
        #expect(probe.timer(.election) != nil)
    }

    @Test("An answer counts for the beat it answers, not for the beat in which it arrives")
    func delayedAnswers() {
        var probe = RaftProbe()
        probe.lead()
        var beats = 0
        while probe.node.role == .leader, beats < 100 {
            probe.step(.timer(.heartbeat))
            let stale = Raft.AppendReply(term: Raft.Term(1), round: 1, result: .accepted(match: .zero))
            probe.receive(.appendReply(stale), from: 2)
            beats += 1
        }
        #expect(beats == 7)
    }

    @Test("One of two followers is enough to stay, refusals count as a sign of life")
    func quorumStays() {
        var probe = RaftProbe()
        probe.lead()
        for _ in 0..<50 {
            probe.step(.timer(.heartbeat))
            let round = probe.appends(to: 2).last?.round ?? 0
            let result = Raft.AppendResult.rejected(prevIndex: .zero, hintIndex: .zero, hintTerm: .zero)
            probe.receive(.appendReply(Raft.AppendReply(term: Raft.Term(1), round: round, result: result)), from: 2)
        }
        #expect(probe.node.role == .leader)
    }

    @Test("A leader cut off from the majority steps down while the others elect a new one")
    func cutOffLeader() throws {
        var cluster = RaftCluster(5, seed: 11)
        let leader = try cluster.elect()
        cluster.partition([leader], (1...5).filter { $0 != leader })
        cluster.run(for: .seconds(2))
        #expect(cluster[leader].node.role != .leader)
        let next = try #require(cluster.leader)
        #expect(Int(next.rawValue) != leader)
        cluster.heal()
        cluster.run(for: .seconds(1))
        #expect(cluster[leader].node.leader == next)
        #expect(cluster.violations.isEmpty)
    }
}
