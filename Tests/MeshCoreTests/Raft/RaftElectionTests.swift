import MeshCore
import MeshTestKit
import Testing

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
        probe.receive(.vote(Say.vote(3)), from: 2)
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
        three.receive(.voteReply(Say.vote(1).granted), from: 2)
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
        probe.receive(.voteReply(Say.vote(2, campaign: 2).granted), from: 2)
        probe.step(.persisted(Ticket(1)))
        #expect(probe.node.role == .candidate)
        probe.step(.persisted(Ticket(2)))
        #expect(probe.node.role == .leader)
    }

    @Test("One vote in a term, also after a crash")
    func oneVote() {
        var probe = RaftProbe(settings: bare)
        probe.receive(.vote(Say.vote(3)), from: 2)
        probe.receive(.vote(Say.vote(3)), from: 3)
        #expect(probe.voteReply?.isGranted == false)
        probe.receive(.vote(Say.vote(3)), from: 2)
        #expect(probe.voteReply?.isGranted == true)
        #expect(probe.records.isEmpty)

        var restarted = RaftProbe(settings: bare, disk: .holding("", term: 3, vote: 2))
        restarted.receive(.vote(Say.vote(3)), from: 3)
        #expect(restarted.voteReply?.isGranted == false)
    }

    @Test("The vote of a term survives stepping down and learning the leader (zeebe #5356, CCF #8094)")
    func voteKeptWithinTerm() {
        var probe = RaftProbe(settings: bare)
        probe.receive(.vote(Say.vote(3)), from: 2)
        probe.receive(Say.heartbeat(3), from: 2)
        #expect(probe.node.votedFor == NodeID(2))
        probe.step(.command(.campaign))
        probe.receive(Say.heartbeat(4), from: 3)
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
        probe.receive(.vote(Say.vote(5, last: candidate.last, of: candidate.term)), from: 2)
        #expect(probe.voteReply?.isGranted == candidate.isGranted)
        #expect(probe.node.term == Raft.Term(5))
        #expect(probe.node.votedFor == (candidate.isGranted ? NodeID(2) : nil))
        var pre = RaftProbe(disk: .holding("1 1 2"))
        pre.receive(.preVote(Say.vote(5, last: candidate.last, of: candidate.term)), from: 2)
        #expect(pre.voteReply?.isGranted == candidate.isGranted)
    }

    @Test("A vote of an earlier term, of an earlier campaign, or of the same voter again is not counted")
    func staleVotes() {
        var probe = RaftProbe(of: 5, settings: bare)
        probe.step(.command(.campaign))
        probe.step(.command(.campaign))
        probe.persistAll()
        probe.receive(.voteReply(Say.vote(1, campaign: 1).granted), from: 2)
        probe.receive(.voteReply(Say.vote(2, campaign: 1).granted), from: 2)
        probe.receive(.voteReply(Say.vote(2, campaign: 2).granted), from: 3)
        probe.receive(.voteReply(Say.vote(2, campaign: 2).granted), from: 3)
        probe.receive(.voteReply(Say.vote(2, campaign: 2).granted), from: 9)
        probe.receive(.preVoteReply(Say.vote(3, campaign: 2).granted), from: 4)
        #expect(probe.node.role == .candidate)
        probe.receive(.voteReply(Say.vote(2, campaign: 2).granted), from: 4)
        #expect(probe.node.role == .leader)
    }

    @Test("A pre-vote is no vote")
    func preVoteIsNoVote() {
        var probe = RaftProbe()
        probe.step(.command(.campaign))
        #expect(probe.node.role == .preCandidate)
        probe.receive(.preVoteReply(Say.vote(1).granted), from: 2)
        #expect(probe.node.role == .candidate)
        probe.persistAll()
        probe.receive(.preVoteReply(Say.vote(1).granted), from: 3)
        probe.receive(.preVoteReply(Say.vote(1, campaign: 2).granted), from: 3)
        probe.receive(.preVoteReply(Say.vote(2).granted), from: 2)
        probe.receive(.preVoteReply(Say.vote(2).granted), from: 3)
        #expect(probe.node.role == .candidate)
    }

    @Test("A candidate refused by a majority follows again, in its term, with its vote")
    func lost() {
        var probe = RaftProbe(settings: bare)
        probe.step(.command(.campaign))
        probe.persistAll()
        probe.receive(.voteReply(Say.vote(1).refused), from: 2)
        #expect(probe.node.role == .candidate)
        probe.receive(.voteReply(Say.vote(1).refused), from: 3)
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
        probe.receive(.vote(Say.vote(5)), from: 2)
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
        probe.receive(Say.heartbeat(2), from: 2)
        #expect(probe.node.leader == NodeID(2))
    }
}
