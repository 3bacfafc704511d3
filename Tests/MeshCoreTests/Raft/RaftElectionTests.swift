import MeshCore
import MeshTestKit
import Testing

private func request(
    _ term: UInt64, last: UInt64 = 0, of lastTerm: UInt64 = 0, campaign: UInt64 = 1
) -> Raft.VoteRequest {
    Raft.VoteRequest(
        term: Raft.Term(term), lastIndex: Raft.LogIndex(last), lastTerm: Raft.Term(lastTerm), campaign: campaign)
}

private func heartbeat(_ term: UInt64, after index: UInt64 = 0, of prevTerm: UInt64 = 0) -> Raft.Message {
    .append(
        Raft.Append(
            term: Raft.Term(term), prevIndex: Raft.LogIndex(index), prevTerm: Raft.Term(prevTerm), commit: .zero,
            round: 1)
    )
}

extension RaftProbe {
    /// The only answer to a vote or pre-vote in the last step.
    fileprivate var voteReply: Raft.VoteReply? {
        for (_, message) in sent {
            switch message {
            case .voteReply(let reply), .preVoteReply(let reply): return reply
            case .preVote, .vote, .append, .appendReply, .snapshot, .snapshotReply, .forward, .forwarded: continue
            }
        }
        return nil
    }
}

private var bare: Raft.Settings {
    var settings = Raft.Settings()
    settings.preVote = false
    settings.checkQuorum = false
    return settings
}

@Suite("Raft elections")
struct RaftElectionTests {
    @Test("A group of one to seven elects exactly one leader", arguments: 1...7)
    func elects(_ count: Int) throws {
        var cluster = RaftCluster(count, seed: UInt64(count))
        let leader = try cluster.elect()
        #expect(cluster.hosts.filter { $0.node.role == .leader }.count == 1)
        #expect(cluster[leader].outputs.contains(.becameLeader(term: cluster[leader].node.term)))
        #expect(cluster.violations.isEmpty)
    }

    @Test("Four nodes split in two halves elect nobody (E3: their group of four had two leaders in one term)")
    func evenSplit() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var settings = Raft.Settings()
            settings.preVote = seed % 2 == 0
            var cluster = RaftCluster(4, settings: settings, seed: seed)
            cluster.partition([1, 2], [3, 4])
            cluster.run(for: .seconds(5))
            #expect(cluster.leader == nil)
            cluster.heal()
            try cluster.elect()
            #expect(cluster.violations.isEmpty)
        }
    }

    @Test("A majority of four is three votes, the own one included")
    func majorityOfFour() throws {
        var probe = RaftProbe(of: 4, settings: bare)
        probe.step(.command(.campaign))
        let vote = try #require(probe.sent(to: 2).first)
        guard case .vote(let request) = vote else { Issue.record("no vote was asked for"); return }
        probe.persistAll()
        probe.receive(.voteReply(request.granted), from: 2)
        #expect(probe.node.role == .candidate)
        probe.receive(.voteReply(request.granted), from: 3)
        #expect(probe.node.role == .leader)
    }

    @Test("The first campaign comes after 150 to 300 ms (E3)")
    func timeoutRange() throws {
        var seen: [Int64] = []
        for id in 1...200 as ClosedRange<UInt64> {
            let probe = RaftProbe(id: id, of: 200)
            let timer = try #require(probe.timer(.election))
            #expect(timer >= .zero + .milliseconds(150) && timer <= .zero + .milliseconds(300))
            seen.append(timer.nanoseconds / 10_000_000)
        }
        #expect(Set(seen).count == 16 || Set(seen).count == 15)
    }

    @Test("The vote is durable before the request for others and before the answer to others leaves")
    func voteBeforeAnswer() throws {
        var probe = RaftProbe(settings: bare)
        probe.receive(.vote(request(3)), from: 2)
        #expect(probe.records == [.hardState(term: Raft.Term(3), votedFor: NodeID(2))])
        let write = try #require(probe.effects.firstIndex { if case .persist = $0 { true } else { false } })
        let send = try #require(probe.effects.firstIndex { if case .send = $0 { true } else { false } })
        #expect(write < send)
        #expect(probe.voteReply?.isGranted == true)

        probe.step(.command(.campaign))
        #expect(probe.records == [.hardState(term: Raft.Term(4), votedFor: NodeID(1))])
        guard case .persist = probe.effects.first else { Issue.record("the own vote comes late"); return }
    }

    @Test("The own vote counts only when it is durable")
    func ownVoteDurable() {
        var probe = RaftProbe(of: 1)
        probe.step(.command(.campaign))
        #expect(probe.node.role == .candidate)
        probe.persistAll()
        #expect(probe.node.role == .leader)

        var three = RaftProbe(settings: bare)
        three.step(.command(.campaign))
        three.receive(.voteReply(request(1).granted), from: 2)
        #expect(three.node.role == .candidate)
        three.persistAll()
        #expect(three.node.role == .leader)
    }

    @Test("A completion of an older term's vote is not taken for the vote of this term")
    func staleOwnVote() {
        var probe = RaftProbe(settings: bare)
        probe.step(.command(.campaign))
        probe.step(.command(.campaign))
        #expect(probe.node.term == Raft.Term(2))
        probe.receive(.voteReply(request(2, campaign: 2).granted), from: 2)
        probe.step(.persisted(Ticket(1)))
        #expect(probe.node.role == .candidate)
        probe.step(.persisted(Ticket(2)))
        #expect(probe.node.role == .leader)
    }

    @Test("One vote in a term, also after a crash")
    func oneVote() {
        var probe = RaftProbe(settings: bare)
        probe.receive(.vote(request(3)), from: 2)
        probe.receive(.vote(request(3)), from: 3)
        #expect(probe.voteReply?.isGranted == false)
        probe.receive(.vote(request(3)), from: 2)
        #expect(probe.voteReply?.isGranted == true)
        #expect(probe.records.isEmpty)

        var restarted = RaftProbe(settings: bare, disk: .holding("", term: 3, vote: 2))
        restarted.receive(.vote(request(3)), from: 3)
        #expect(restarted.voteReply?.isGranted == false)
    }

    @Test("The vote of a term survives stepping down and learning the leader (zeebe #5356, CCF #8094)")
    func voteKeptWithinTerm() {
        var probe = RaftProbe(settings: bare)
        probe.receive(.vote(request(3)), from: 2)
        probe.receive(heartbeat(3), from: 2)
        #expect(probe.node.votedFor == NodeID(2))
        probe.step(.command(.campaign))
        probe.receive(heartbeat(4), from: 3)
        #expect(probe.node.role == .follower)
        #expect(probe.node.votedFor == NodeID(1))
    }

    @Test(
        "A vote goes to a log that ends in a later term, or in the same and is not shorter",
        arguments: [
            (last: 3, term: 2, isGranted: true), (last: 4, term: 2, isGranted: true),
            (last: 2, term: 2, isGranted: false),
            (last: 9, term: 1, isGranted: false), (last: 1, term: 3, isGranted: true),
        ] as [(last: UInt64, term: UInt64, isGranted: Bool)])
    func upToDate(_ candidate: (last: UInt64, term: UInt64, isGranted: Bool)) {
        var probe = RaftProbe(settings: bare, disk: .holding("1 1 2"))
        probe.receive(.vote(request(5, last: candidate.last, of: candidate.term)), from: 2)
        #expect(probe.voteReply?.isGranted == candidate.isGranted)
        #expect(probe.node.term == Raft.Term(5))
        #expect(probe.node.votedFor == (candidate.isGranted ? NodeID(2) : nil))
        var pre = RaftProbe(disk: .holding("1 1 2"))
        pre.receive(.preVote(request(5, last: candidate.last, of: candidate.term)), from: 2)
        #expect(pre.voteReply?.isGranted == candidate.isGranted)
    }

    @Test("A vote of an earlier term, of an earlier campaign, or of the same voter again is not counted")
    func staleVotes() {
        var probe = RaftProbe(of: 5, settings: bare)
        probe.step(.command(.campaign))
        probe.step(.command(.campaign))
        probe.persistAll()
        probe.receive(.voteReply(request(1, campaign: 1).granted), from: 2)
        probe.receive(.voteReply(request(2, campaign: 1).granted), from: 2)
        probe.receive(.voteReply(request(2, campaign: 2).granted), from: 3)
        probe.receive(.voteReply(request(2, campaign: 2).granted), from: 3)
        probe.receive(.voteReply(request(2, campaign: 2).granted), from: 9)
        probe.receive(.preVoteReply(request(3, campaign: 2).granted), from: 4)
        #expect(probe.node.role == .candidate)
        probe.receive(.voteReply(request(2, campaign: 2).granted), from: 4)
        #expect(probe.node.role == .leader)
    }

    @Test("A pre-vote is no vote")
    func preVoteIsNoVote() {
        var probe = RaftProbe()
        probe.step(.command(.campaign))
        #expect(probe.node.role == .preCandidate)
        probe.receive(.preVoteReply(request(1).granted), from: 2)
        #expect(probe.node.role == .candidate)
        probe.persistAll()
        probe.receive(.preVoteReply(request(1).granted), from: 3)
        probe.receive(.preVoteReply(request(1, campaign: 2).granted), from: 3)
        probe.receive(.preVoteReply(request(2).granted), from: 2)
        probe.receive(.preVoteReply(request(2).granted), from: 3)
        #expect(probe.node.role == .candidate)
    }

    @Test("A candidate refused by a majority follows again, in its term, with its vote")
    func lost() {
        var probe = RaftProbe(settings: bare)
        probe.step(.command(.campaign))
        probe.persistAll()
        probe.receive(.voteReply(request(1).refused), from: 2)
        #expect(probe.node.role == .candidate)
        probe.receive(.voteReply(request(1).refused), from: 3)
        #expect(probe.node.role == .follower)
        #expect(probe.node.votedFor == NodeID(1))
    }

    @Test("A later term in any message deposes; a leader sets a timer again")
    func deposed() {
        var probe = RaftProbe(settings: bare)
        probe.lead()
        #expect(probe.node.role == .leader)
        probe.receive(.appendReply(Raft.AppendReply(term: Raft.Term(9), round: 0, result: .stale)), from: 2)
        #expect(probe.node.role == .follower)
        #expect(probe.node.term == Raft.Term(9))
        #expect(probe.records == [.hardState(term: Raft.Term(9), votedFor: nil)])
        #expect(probe.timer(.election) != nil)
        #expect(probe.outputs.first == .becameFollower(term: Raft.Term(9), leader: nil))
        probe.step(.timer(.heartbeat))
        #expect(probe.effects.isEmpty)
    }

    @Test("A refused request for a vote does not give the voter more patience")
    func refusalKeepsTimer() {
        var probe = RaftProbe(settings: bare, disk: .holding("1 1"))
        probe.receive(.vote(request(5)), from: 2)
        #expect(probe.voteReply?.isGranted == false)
        #expect(probe.timer(.election) == nil)
    }

    @Test("A node outside the voters follows and never campaigns")
    func outsider() {
        var probe = RaftProbe(id: 9, of: 3)
        probe.step(.timer(.election))
        #expect(probe.node.role == .follower)
        #expect(probe.sent.isEmpty && probe.timer(.election) != nil)
        probe.step(.command(.campaign))
        #expect(probe.outputs == [.ignored(.cannotCampaign)])
        probe.receive(heartbeat(2), from: 2)
        #expect(probe.node.leader == NodeID(2))
    }
}

@Suite("Raft pre-vote, stickiness and check-quorum")
struct RaftDisturbanceTests {
    @Test("A pre-vote changes no state: no term, no vote, no timer, no record")
    func preVoteChangesNothing() {
        var probe = RaftProbe()
        probe.receive(.preVote(request(7)), from: 2)
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
        probe.receive(.preVote(request(2, last: 9, of: 1)), from: 2)
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
        probe.receive(heartbeat(2), from: 3)
        probe.receive(.vote(request(8, last: 5, of: 5)), from: 2)
        #expect(probe.outputs == [.ignored(.leaderAlive)])
        #expect(probe.sent.isEmpty && probe.node.term == Raft.Term(2))
        probe.receive(.preVote(request(8, last: 5, of: 5)), from: 2)
        #expect(probe.voteReply?.isGranted == false)

        // The shortest timeout has passed: the leader no longer counts as alive.
        probe.step(.timer(.election))
        #expect(probe.node.role == .follower)
        probe.receive(.preVote(request(8, last: 5, of: 5)), from: 2)
        #expect(probe.voteReply?.isGranted == true)
        probe.receive(.vote(request(8, last: 5, of: 5)), from: 2)
        #expect(probe.voteReply?.isGranted == true)
    }

    @Test("A follower waits the shortest timeout and then a random rest, whatever its clock does meanwhile")
    func twoPhases() throws {
        var probe = RaftProbe()
        probe.now = .zero + .seconds(100)
        probe.receive(heartbeat(1), from: 2)
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
