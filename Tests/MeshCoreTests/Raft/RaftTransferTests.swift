import MeshCore
import MeshTestKit
import Testing

@Suite("Raft leadership transfer")
struct RaftTransferTests {
    private func transfer(_ cluster: inout RaftCluster, from number: UInt64 = 1, to target: UInt64?) {
        cluster.step(NodeID(number), .command(.transfer(to: target.map { NodeID($0) })))
    }

    private func led() -> RaftCluster {
        var cluster = RaftCluster(3)
        cluster.lead(1)
        return cluster
    }

    @Test("A caught-up target leads the next term at once, although everybody hears a living leader")
    func plain() {
        var cluster = led()
        let term = cluster[1].node.term
        transfer(&cluster, to: 3)
        #expect(cluster[1].outputs.contains(.transferStarted(to: NodeID(3))))
        cluster.settle()
        #expect(cluster.leader == NodeID(3))
        #expect(cluster[3].node.term == term.next)
        #expect(cluster[1].outputs.last { $0.isTransfer } == .transferred(to: NodeID(3), term: term.next))
        #expect(cluster[2].node.leader == NodeID(3) && cluster[1].node.leader == NodeID(3))
        #expect(!cluster[3].outputs.contains(.becamePreCandidate(term: term)))
        cluster.propose(3, "after", id: 9)
        cluster.settle()
        #expect(cluster.hosts.allSatisfy { $0.state == ["after"] })
        #expect(cluster.violations.isEmpty)
    }

    @Test("A target that lacks entries is brought up to date before it is told to campaign")
    func catchesUpFirst() {
        var cluster = led()
        cluster.partition([3], [1, 2])
        for number in 1...20 as ClosedRange<UInt64> { cluster.propose(1, Bytes("\(number)"), id: number) }
        cluster.settle()
        cluster.heal()
        transfer(&cluster, to: 3)
        #expect(!cluster.letters.contains { $0.message.kind == MessageKind(10) })
        // The beat after the next finds out that everything sent into the cut was lost.
        for _ in 0..<3 {
            cluster.fire(1, .heartbeat)
            cluster.settle()
        }
        #expect(cluster.leader == NodeID(3))
        #expect(cluster[3].node.log.lastIndex == cluster[1].node.log.lastIndex)
        #expect(cluster[3].state.count == 20)
        #expect(cluster.violations.isEmpty)
    }

    @Test("A leader that hands over refuses proposals, its own and forwarded ones, and says why")
    func refusesProposals() {
        var cluster = led()
        transfer(&cluster, to: 3)
        cluster.drop { _ in true }
        cluster.propose(1, "own", id: 1)
        cluster.propose(2, "forwarded", id: 2)
        cluster.settle()
        #expect(cluster[1].outputs.last == .rejected(id: 1, reason: .transferring))
        #expect(cluster[2].outputs.last == .rejected(id: 2, reason: .transferring))
        #expect(cluster.hosts.allSatisfy { $0.state.isEmpty })
    }

    @Test("A transfer to a crashed node is abandoned within the longest election timeout, and the group is writable")
    func targetDown() {
        var cluster = led()
        cluster.crash(NodeID(3))
        transfer(&cluster, to: 3)
        cluster.run(for: Raft.Settings().electionTimeoutMax + .milliseconds(1))
        #expect(cluster.leader == NodeID(1))
        #expect(
            cluster[1].outputs.last { $0.isTransfer } == .transferAbandoned(to: NodeID(3), reason: .timedOut))
        cluster.propose(1, "written", id: 1)
        cluster.settle()
        #expect(cluster[1].state == ["written"] && cluster[2].state == ["written"])
        #expect(cluster.violations.isEmpty)
    }

    @Test("The word to campaign is repeated at each beat until it arrives")
    func wordLost() {
        var cluster = led()
        transfer(&cluster, to: 2)
        cluster.drop { $0.message.kind == MessageKind(10) }
        cluster.settle()
        #expect(cluster.leader == NodeID(1))
        cluster.fire(1, .heartbeat)
        cluster.settle()
        #expect(cluster.leader == NodeID(2))
    }

    @Test("A word of an abandoned transfer that arrives after a later beat is ignored")
    func lateWord() throws {
        var cluster = led()
        transfer(&cluster, to: 2)
        let late = try #require(cluster.letters.first { $0.message.kind == MessageKind(10) })
        cluster.letters = []
        cluster.partition([1], [2])
        cluster.run(for: Raft.Settings().electionTimeoutMax)
        cluster.heal()
        #expect(cluster[1].outputs.contains(.transferAbandoned(to: NodeID(2), reason: .timedOut)))
        cluster.fire(1, .heartbeat)
        cluster.settle()
        cluster.letters = [late]
        cluster.settle()
        #expect(cluster[2].outputs.last == .ignored(.staleTransfer))
        #expect(cluster.leader == NodeID(1))
    }

    @Test("The word counts only from the leader of the term, and only for a voter")
    func strangers() {
        var probe = RaftProbe(disk: .holding("", term: 2))
        probe.receive(.timeoutNow(Raft.TimeoutNow(term: Raft.Term(2), round: 5)), from: 2)
        #expect(probe.outputs == [.ignored(.staleTransfer)])
        probe.receive(Say.heartbeat(2), from: 3)
        probe.receive(.timeoutNow(Raft.TimeoutNow(term: Raft.Term(2), round: 5)), from: 2)
        #expect(probe.outputs == [.ignored(.staleTransfer)])
        probe.receive(.timeoutNow(Raft.TimeoutNow(term: Raft.Term(1), round: 5)), from: 3)
        #expect(probe.outputs == [.ignored(.staleTerm)])
        #expect(probe.node.role == .follower && probe.node.term == Raft.Term(2))
        probe.receive(.timeoutNow(Raft.TimeoutNow(term: Raft.Term(2), round: 5)), from: 3)
        #expect(probe.node.role == .candidate && probe.node.term == Raft.Term(3))

        var outsider = RaftProbe(id: 9)
        outsider.receive(.timeoutNow(Raft.TimeoutNow(term: Raft.Term(2), round: 1)), from: 3)
        #expect(outsider.outputs.last == .ignored(.cannotCampaign))
    }

    @Test("A voter that hears a leader answers the vote request of a transfer and ignores any other")
    func stickinessLifted() {
        var probe = RaftProbe(disk: .holding("", term: 2))
        probe.receive(Say.heartbeat(2), from: 3)
        var request = Say.vote(3, last: 5, of: 2)
        probe.receive(.vote(request), from: 2)
        #expect(probe.outputs == [.ignored(.leaderAlive)])
        request.isTransfer = true
        probe.receive(.vote(request), from: 2)
        #expect(probe.voteReply?.isGranted == true)
        #expect(probe.node.votedFor == NodeID(2))
    }

    @Test("A candidate of a transfer whose log is behind is not elected by virtue of the transfer")
    func logStillCounts() {
        var probe = RaftProbe(disk: .holding("1 2", term: 2))
        probe.receive(
            .append(
                Raft.Append(
                    term: Raft.Term(2), prevIndex: Raft.LogIndex(2), prevTerm: Raft.Term(2), commit: .zero, round: 1)),
            from: 3)
        var request = Say.vote(3, last: 1, of: 1)
        request.isTransfer = true
        probe.receive(.vote(request), from: 2)
        #expect(probe.voteReply?.isGranted == false)
    }

    @Test("Without a named target the voter that answered lately and lacks least is chosen")
    func bestTarget() {
        var cluster = RaftCluster(5)
        cluster.lead(1)
        cluster.crash(NodeID(2))
        cluster.run(for: Raft.Settings().electionTimeoutMax + .milliseconds(100))
        cluster.partition([3], [1])
        cluster.propose(1, "news", id: 1)
        cluster.settle()
        transfer(&cluster, to: nil)
        #expect(cluster[1].outputs.last { $0.isTransfer } == .transferStarted(to: NodeID(4)))
    }

    @Test("What cannot be transferred is refused at once with the reason")
    func refusals() {
        var cluster = led()
        transfer(&cluster, from: 2, to: 3)
        #expect(cluster[2].outputs.last == .transferAbandoned(to: NodeID(3), reason: .notLeader(NodeID(1))))
        transfer(&cluster, to: 1)
        #expect(cluster[1].outputs.last == .transferAbandoned(to: NodeID(1), reason: .alreadyLeads))
        transfer(&cluster, to: 7)
        #expect(cluster[1].outputs.last == .transferAbandoned(to: NodeID(7), reason: .cannotLead))
        cluster.propose(1, "still writable", id: 1)
        cluster.settle()
        #expect(cluster[3].state == ["still writable"])

        var alone = RaftCluster(1)
        alone.lead(1)
        transfer(&alone, to: nil)
        #expect(alone[1].outputs.last == .transferAbandoned(to: nil, reason: .nobodyReady))
    }

    @Test("A second target replaces the first; the same one again changes nothing")
    func replaced() {
        var cluster = led()
        cluster.crash(NodeID(3))
        transfer(&cluster, to: 3)
        let before = cluster[1].outputs.count
        transfer(&cluster, to: 3)
        #expect(cluster[1].outputs.count == before)
        transfer(&cluster, to: 2)
        #expect(
            cluster[1].outputs.suffix(2) == [
                .transferAbandoned(to: NodeID(3), reason: .replaced), .transferStarted(to: NodeID(2)),
            ])
        cluster.settle()
        #expect(cluster.leader == NodeID(2))
    }

    @Test("If somebody else is elected meanwhile, the old leader says that the transfer did not happen")
    func otherLeader() {
        var cluster = led()
        cluster.crash(NodeID(3))
        transfer(&cluster, to: 3)
        cluster.partition([1], [2])
        cluster.restart(NodeID(3))
        cluster.partition([1], [3])
        cluster.run(for: .seconds(2))
        #expect(cluster.leader == NodeID(2) || cluster.leader == NodeID(3))
        let leader = cluster.leader ?? NodeID(0)
        cluster.heal()
        cluster.run(for: .seconds(1))
        let end = cluster[1].outputs.last { $0.isTransfer }
        if leader == NodeID(3) {
            #expect(end == .transferred(to: NodeID(3), term: cluster[3].node.term) || end?.hasTimedOut == true)
        } else {
            #expect(end == .transferAbandoned(to: NodeID(3), reason: .otherLeader(leader)) || end?.hasTimedOut == true)
        }
    }
}

extension Raft.Output {
    fileprivate var isTransfer: Bool {
        switch self {
        case .transferStarted, .transferred, .transferAbandoned: true
        default: false
        }
    }

    fileprivate var hasTimedOut: Bool {
        if case .transferAbandoned(_, .timedOut) = self { true } else { false }
    }
}
