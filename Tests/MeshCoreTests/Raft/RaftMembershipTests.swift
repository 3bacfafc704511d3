import MeshCore
import MeshTestKit
import Testing

private func node(_ number: UInt64) -> NodeID { NodeID(number) }

private func voters(_ numbers: UInt64...) -> Raft.Configuration {
    Raft.Configuration(voters: numbers.map { NodeID($0) })
}

extension RaftProbe {
    fileprivate mutating func change(_ changes: [Raft.Change], _ transition: Raft.Transition = .automatic) {
        step(.command(.changeConfiguration(changes, id: 1, transition: transition)))
    }

    /// A peer holds everything up to a position.
    fileprivate mutating func acknowledge(_ index: UInt64, from peer: UInt64) {
        let reply = Raft.AppendReply(
            term: node.term, round: node.status.term.rawValue, result: .accepted(match: Raft.LogIndex(index)))
        receive(.appendReply(reply), from: peer)
    }

    var refusals: [Raft.Rejection] {
        outputs.compactMap { if case .rejected(_, let reason) = $0 { reason } else { nil } }
    }

    /// Leads, with the opening no-op committed by n2.
    static func leading(of count: UInt64 = 3, settings: Raft.Settings = Raft.Settings()) -> RaftProbe {
        var probe = RaftProbe(of: count, settings: settings)
        probe.lead()
        var peer: UInt64 = 2
        while probe.node.commitIndex == .zero {
            probe.acknowledge(1, from: peer)
            peer += 1
        }
        return probe
    }
}

extension RaftCluster.Host {
    fileprivate func answer(_ id: UInt64) -> Raft.Output? {
        outputs.last {
            switch $0 {
            case .proposed(id, _, _), .rejected(id, _): true
            default: false
            }
        }
    }
}

@Suite("Changes of a Raft group")
struct RaftMembershipTests {
    @Test("A configuration is in force when it is appended, and its majority commits it")
    func inForceWhenAppended() {
        var probe = RaftProbe.leading()
        probe.change([.addVoter(node(4))])
        #expect(probe.node.configuration == voters(1, 2, 3, 4))
        #expect(probe.outputs.contains(.configurationChanged(voters(1, 2, 3, 4), index: Raft.LogIndex(2))))
        #expect(probe.appends(to: 4).count == 1, "the new member is replicated to at once")
        probe.persistAll()
        probe.acknowledge(2, from: 2)
        #expect(probe.node.commitIndex == Raft.LogIndex(1), "two of four are no majority (raft.md 1.4, 8)")
        probe.acknowledge(2, from: 4)
        #expect(probe.node.commitIndex == Raft.LogIndex(2))
    }

    @Test("No change before an entry of the own term is committed (raft.md 1.4, 33)")
    func ownTermFirst() {
        var probe = RaftProbe()
        probe.lead()
        probe.change([.addVoter(node(4))])
        #expect(probe.refusals == [.termNotCommitted])
        #expect(probe.node.configuration == voters(1, 2, 3))
        probe.acknowledge(1, from: 2)
        probe.change([.addVoter(node(4))])
        #expect(probe.refusals.isEmpty)
    }

    @Test("No change while another is pending (raft.md 1.4, 34)")
    func oneAtATime() {
        var probe = RaftProbe.leading()
        probe.change([.remove(node(3))])
        probe.change([.addVoter(node(4))])
        #expect(probe.refusals == [.changePending])
        probe.step(.command(.leaveJoint(id: 2)))
        #expect(probe.refusals == [.changePending])
        probe.persistAll()
        probe.acknowledge(2, from: 2)
        probe.change([.addVoter(node(4))])
        #expect(probe.refusals.isEmpty && probe.node.configuration == voters(1, 2, 4))
    }

    @Test("What changes nothing, removes everyone or is asked where no leader is known is refused")
    func refusals() {
        var probe = RaftProbe.leading()
        probe.change([.update(node(2)), .addVoter(node(3))])
        #expect(probe.refusals == [.changesNothing])
        probe.change([])
        #expect(probe.refusals == [.changesNothing])
        probe.change([.remove(node(1)), .remove(node(2)), .remove(node(3))])
        #expect(probe.refusals == [.invalidChange(.removesAllVoters)])
        probe.step(.command(.leaveJoint(id: 2)))
        #expect(probe.refusals == [.invalidChange(.notJoint)])
        var follower = RaftProbe()
        follower.change([.addVoter(node(4))])
        #expect(follower.refusals == [.noLeader])
        follower.step(.command(.campaign))
        follower.change([.addVoter(node(4))])
        #expect(follower.node.role == .preCandidate && follower.refusals == [.noLeader])
    }

    @Test("A configuration goes with its entry, in memory and on the disk (raft.md 1.4, 36)")
    func rollback() {
        var probe = RaftProbe(id: 2)
        let changed = voters(1, 2, 3, 4)
        let lost = Raft.Entry(term: Raft.Term(1), index: Raft.LogIndex(2), payload: .configuration(changed))
        var disk = Raft.Stable()
        func receive(_ append: Raft.Append, from: UInt64) {
            probe.receive(.append(append), from: from)
            for record in probe.records { disk.apply(record) }
        }
        receive(
            Raft.Append(
                term: Raft.Term(1), prevIndex: .zero, prevTerm: .zero, entries: [.test(1, term: 1), lost],
                commit: Raft.LogIndex(1), round: 1), from: 1)
        #expect(probe.node.configuration == changed)
        #expect(RaftProbe(id: 2, disk: disk).node.configuration == changed, "a restart reads it from the log")
        receive(
            Raft.Append(
                term: Raft.Term(2), prevIndex: Raft.LogIndex(1), prevTerm: Raft.Term(1), entries: [.test(2, term: 2)],
                commit: Raft.LogIndex(1), round: 1), from: 3)
        #expect(probe.node.configuration == voters(1, 2, 3))
        #expect(probe.outputs.contains(.configurationChanged(voters(1, 2, 3), index: .zero)))
        #expect(RaftProbe(id: 2, disk: disk).node.configuration == voters(1, 2, 3))
    }

    @Test("A snapshot holds the configuration of its place, not the one in force (raft.md 1.4, 30)")
    func snapshots() {
        var probe = RaftProbe.leading()
        probe.change([.addVoter(node(4))])
        probe.persistAll()
        probe.step(.command(.compact(upTo: Raft.LogIndex(1), state: "one")))
        var disk = Raft.Stable()
        for record in probe.records { disk.apply(record) }
        #expect(disk.snapshotConfiguration == voters(1, 2, 3))
        #expect(probe.node.configuration == voters(1, 2, 3, 4))
        for peer in [2, 3, 4] as [UInt64] { probe.acknowledge(2, from: peer) }
        probe.step(.command(.compact(upTo: Raft.LogIndex(2), state: "two")))
        for record in probe.records { disk.apply(record) }
        #expect(disk.snapshotConfiguration == voters(1, 2, 3, 4))
        #expect(RaftProbe(of: 3, disk: disk).node.configuration == voters(1, 2, 3, 4))
    }

    @Test("In a joint phase both majorities commit, and both elect (raft.md 1.4, 35)")
    func joint() throws {
        var probe = RaftProbe.leading()
        probe.change([.addVoter(node(4)), .addVoter(node(5)), .remove(node(2)), .remove(node(3))])
        let joint = Raft.Configuration(
            voters: [node(1), node(4), node(5)], outgoing: [node(1), node(2), node(3)], leavesAutomatically: true)
        #expect(probe.node.configuration == joint)
        probe.persistAll()
        probe.acknowledge(2, from: 4)
        probe.acknowledge(2, from: 5)
        #expect(probe.node.commitIndex == Raft.LogIndex(1), "the incoming majority alone decides nothing")
        probe.acknowledge(2, from: 3)
        #expect(probe.node.commitIndex == Raft.LogIndex(2))
        #expect(probe.node.configuration == voters(1, 4, 5), "the joint phase ends by itself")
        #expect(probe.appends(to: 2).contains { $0.entries.isEmpty == false }, "who goes is told")

        var disk = Raft.Stable()
        let entry = Raft.Entry(term: Raft.Term(1), index: Raft.LogIndex(1), payload: .configuration(joint))
        disk.apply(.hardState(term: Raft.Term(1), votedFor: nil))
        disk.apply(.append(from: Raft.LogIndex(1), entries: [entry]))
        var settings = Raft.Settings()
        settings.preVote = false
        var candidate = RaftProbe(of: 3, settings: settings, disk: disk)
        candidate.step(.command(.campaign))
        #expect(candidate.sent.map(\.to) == [node(2), node(3), node(4), node(5)])
        let request = try #require(candidate.sent.first)
        guard case .vote(let vote) = request.message else {
            Issue.record("a candidate asks for votes")
            return
        }
        candidate.persistAll()
        candidate.receive(.voteReply(vote.granted), from: 4)
        #expect(candidate.node.role == .candidate, "one majority alone elects nobody")
        candidate.receive(.voteReply(vote.granted), from: 2)
        #expect(candidate.node.role == .leader)
    }

    @Test("An explicit joint phase lasts until it is left, and takes no change meanwhile")
    func explicitJoint() {
        var probe = RaftProbe.leading()
        probe.change([.addVoter(node(4))], .explicit)
        probe.persistAll()
        for peer in [2, 3, 4] as [UInt64] { probe.acknowledge(2, from: peer) }
        #expect(probe.node.commitIndex == Raft.LogIndex(2) && probe.node.configuration.isJoint)
        probe.change([.remove(node(4))])
        #expect(probe.refusals == [.invalidChange(.alreadyJoint)])
        probe.step(.command(.leaveJoint(id: 3)))
        #expect(probe.refusals.isEmpty && probe.node.configuration == voters(1, 2, 3, 4))
    }

    @Test("A leader that is removed does not count itself, steps down when that is decided, and names a successor")
    func removedLeader() {
        var probe = RaftProbe.leading()
        probe.change([.remove(node(1))])
        probe.persistAll()
        probe.acknowledge(2, from: 2)
        #expect(probe.node.commitIndex == Raft.LogIndex(1), "one of two is no majority: the leader does not count")
        #expect(probe.node.role == .leader)
        probe.acknowledge(2, from: 3)
        #expect(probe.node.commitIndex == Raft.LogIndex(2))
        #expect(probe.node.role == .follower)
        #expect(probe.outputs.contains(.leftGroup(index: Raft.LogIndex(2))))
        let words = probe.sent.filter { if case .timeoutNow = $0.message { true } else { false } }
        #expect(words.count == 1)
        probe.step(.command(.campaign))
        #expect(probe.outputs == [.ignored(.cannotCampaign)])
    }

    @Test("Only the removed leader holds the entry that removes it: it may still win (thesis, figure 4.6)")
    func figure46() throws {
        var cluster = RaftCluster(2)
        cluster.lead(1)
        cluster.cuts = [(node(1), node(2))]
        cluster.change(1, [.remove(node(1))])
        cluster.settle()
        #expect(cluster[1].node.configuration == voters(2) && cluster[2].node.configuration == voters(1, 2))
        cluster.crash(node(1))
        cluster.restart(node(1))
        cluster.heal()
        cluster.run(for: .seconds(3))
        #expect(cluster.leader == node(2))
        #expect(cluster[2].node.configuration == voters(2) && cluster[2].node.commitIndex > Raft.LogIndex(1))
        #expect(cluster.violations.isEmpty)
    }

    @Test("A learner is replicated to, does not count and does not campaign")
    func learner() {
        var probe = RaftProbe.leading()
        probe.change([.addLearner(node(4))])
        probe.persistAll()
        #expect(probe.appends(to: 4).isEmpty == false || probe.node.configuration.learners == [node(4)])
        probe.acknowledge(2, from: 4)
        #expect(probe.node.commitIndex == Raft.LogIndex(1))
        probe.acknowledge(2, from: 2)
        #expect(probe.node.commitIndex == Raft.LogIndex(2))

        var disk = Raft.Stable()
        let configuration = Raft.Configuration(voters: [node(1), node(2)], learners: [node(4)])
        disk.apply(
            .append(
                from: Raft.LogIndex(1),
                entries: [
                    Raft.Entry(term: .zero.next, index: Raft.LogIndex(1), payload: .configuration(configuration))
                ]))
        var learner = RaftProbe(id: 4, of: 0, disk: disk)
        learner.step(.command(.campaign))
        #expect(learner.outputs == [.ignored(.cannotCampaign)])
        learner.step(.timer(.election))
        #expect(learner.node.role == .follower && learner.sent.isEmpty)
    }

    @Test("A learner and a node that belongs to nothing vote when they are asked (raft.md 1.4, 9; etcd #10998)")
    func everyoneVotes() {
        var disk = Raft.Stable()
        let configuration = Raft.Configuration(voters: [node(1), node(2)], learners: [node(4)])
        let entry = Raft.Entry(term: Raft.Term(1), index: Raft.LogIndex(1), payload: .configuration(configuration))
        disk.apply(.append(from: Raft.LogIndex(1), entries: [entry]))
        for held in [disk, Raft.Stable()] {
            var probe = RaftProbe(id: 4, of: 0, disk: held)
            probe.receive(.vote(Say.vote(3, last: 5, of: 2)), from: 1)
            probe.persistAll()
            #expect(probe.node.votedFor == node(1), "who was promoted since cannot know it yet")
        }
    }

    @Test("A learner becomes a voter only once it has caught up and is alive")
    func promotion() {
        var settings = Raft.Settings()
        settings.promotionDistance = 2
        var probe = RaftProbe.leading(settings: settings)
        probe.change([.addLearner(node(4))])
        probe.persistAll()
        for peer in [2, 3] as [UInt64] { probe.acknowledge(2, from: peer) }
        for _ in 0..<5 { probe.step(.command(.propose("x", id: 0))) }
        probe.change([.addVoter(node(4))])
        #expect(probe.refusals == [.notCaughtUp(node(4))])
        probe.acknowledge(4, from: 4)
        probe.change([.addVoter(node(4))])
        #expect(probe.refusals == [.notCaughtUp(node(4))], "three entries are missing, two may")
        probe.acknowledge(5, from: 4)
        probe.change([.addVoter(node(4))])
        #expect(probe.refusals.isEmpty && probe.node.configuration == voters(1, 2, 3, 4))
    }

    @Test("A promotable learner is promoted by itself at the next beat after it has caught up")
    func promotable() {
        var probe = RaftProbe.leading()
        probe.change([.addPromotable(node(4))])
        probe.persistAll()
        for peer in [2, 3] as [UInt64] { probe.acknowledge(2, from: peer) }
        probe.step(.timer(.heartbeat))
        #expect(probe.node.configuration.learners == [node(4)])
        probe.acknowledge(2, from: 4)
        probe.step(.timer(.heartbeat))
        #expect(probe.node.configuration == voters(1, 2, 3, 4))
    }

    @Test("Answers of a node that is no member change nothing, not even the term")
    func strangers() {
        var probe = RaftProbe.leading()
        let term = probe.node.term
        let round = UInt64(1)
        let reply = Raft.AppendReply(term: Raft.Term(99), round: round, result: .stale)
        probe.receive(.appendReply(reply), from: 9)
        #expect(probe.outputs == [.ignored(.unknownPeer)])
        probe.receive(.voteReply(Raft.VoteReply(term: Raft.Term(99), isGranted: false, campaign: 1)), from: 9)
        probe.receive(.preVoteReply(Raft.VoteReply(term: Raft.Term(99), isGranted: false, campaign: 1)), from: 9)
        probe.receive(.vote(Say.vote(99, last: 99, of: 98)), from: 9)
        #expect(probe.node.role == .leader && probe.node.term == term)
    }

    @Test("A node that was added later keeps its log until it knows who belongs to the group")
    func noBlindSnapshot() {
        var probe = RaftProbe(id: 4, of: 0)
        probe.receive(
            .append(
                Raft.Append(
                    term: Raft.Term(1), prevIndex: .zero, prevTerm: .zero, entries: Raft.Entry.test("1 1"),
                    commit: Raft.LogIndex(2), round: 1)), from: 1)
        probe.step(.command(.compact(upTo: Raft.LogIndex(2), state: "s")))
        #expect(probe.outputs == [.ignored(.badCompaction)])
    }
}

@Suite("Raft groups that change")
struct RaftChangingGroupTests {
    @Test("A group of three becomes another group of three, through a joint phase and snapshots")
    func replaceAll() throws {
        var settings = Raft.Settings()
        settings.snapshotAfter = 5
        var cluster = RaftCluster(6, founders: 3, settings: settings)
        cluster.lead(1)
        for number in 0..<20 { cluster.propose(1, Bytes("\(number)"), id: UInt64(100 + number)) }
        cluster.run(for: .milliseconds(500))
        cluster.change(
            1,
            [
                .addVoter(node(4)), .addVoter(node(5)), .addVoter(node(6)), .remove(node(1)), .remove(node(2)),
                .remove(node(3)),
            ],
            id: 1)
        cluster.run(for: .seconds(3))
        let leader = try #require(cluster.leader)
        #expect([4, 5, 6].contains(leader.rawValue))
        #expect(cluster[Int(leader.rawValue)].node.configuration == voters(4, 5, 6))
        for number in [1, 2, 3] { cluster.crash(node(UInt64(number))) }
        cluster.propose(Int(leader.rawValue), "after", id: 7)
        cluster.run(for: .seconds(1))
        for number in [4, 5, 6] {
            #expect(cluster[number].state.last == "after" && cluster[number].state.count == 21)
        }
        #expect(cluster.violations.isEmpty)
    }

    @Test("A new leader ends the joint phase that its predecessor began")
    func crashInJoint() throws {
        var cluster = RaftCluster(5, founders: 3)
        cluster.lead(1)
        cluster.change(1, [.addVoter(node(4)), .addVoter(node(5)), .remove(node(2))])
        // The joint entry reaches everyone, but the leader hears of it from nobody.
        cluster.deliver { letter in if case .append = letter.message { true } else { false } }
        for _ in 0..<6 { cluster.deliver { $0.to != node(1) } }
        cluster.drop()
        cluster.crash(node(1))
        cluster.run(for: .seconds(3))
        cluster.restart(node(1))
        cluster.run(for: .seconds(2))
        let leader = try #require(cluster.leader)
        let configuration = cluster[Int(leader.rawValue)].node.configuration
        #expect(!configuration.isJoint)
        #expect(configuration == voters(1, 3, 4, 5) || configuration == voters(1, 2, 3))
        #expect(cluster.violations.isEmpty)
    }

    @Test("Who was removed is told, keeps still, and can come back")
    func comeBack() throws {
        var cluster = RaftCluster(3)
        cluster.lead(1)
        cluster.run(for: .milliseconds(200))
        cluster.change(1, [.remove(node(3))], id: 1)
        cluster.run(for: .seconds(2))
        #expect(cluster[3].outputs.contains { if case .leftGroup = $0 { true } else { false } })
        #expect(cluster[3].node.role == .follower && cluster[3].node.term == cluster[1].node.term)
        cluster.propose(1, "while away", id: 2)
        cluster.run(for: .milliseconds(200))
        cluster.change(1, [.addVoter(node(3))], id: 3)
        cluster.run(for: .seconds(1))
        #expect(cluster[3].state == cluster[1].state && cluster[3].node.configuration == voters(1, 2, 3))
        #expect(cluster.leader == node(1) && cluster.violations.isEmpty)
    }

    @Test(
        "Random changes in a storm break no promise and leave a group that works",
        arguments: 1...60 as ClosedRange<UInt64>)
    func storm(_ seed: UInt64) throws {
        var settings = RaftFuzzTests.settings(Int(seed))
        settings.maxBytesPerAppend = 1_024
        var cluster = RaftCluster(5, founders: 3, settings: settings, seed: seed)
        cluster.syncsAtOnce = false
        var dice = Dice(seed: seed)
        for count in 0..<2_500 {
            let number = 1 + dice.number(below: 5)
            switch dice.number(below: 100) {
            case 0..<48:
                guard !cluster.letters.isEmpty else { break }
                cluster.deliver(at: dice.number(below: min(4, cluster.letters.count)))
                if cluster.letters.count > 300 { cluster.letters.removeFirst(100) }
            case 48..<74: cluster.sync(node(UInt64(number)), 1 + dice.number(below: 3))
            case 74..<80: cluster.fire(number, .heartbeat)
            case 80..<82: cluster.fire(number, .election)
            case 82..<88: cluster.propose(number, Bytes("c\(count)"), id: UInt64(count))
            case 88..<95:
                let leader = cluster.leader.map { Int($0.rawValue) } ?? number
                let changes: [Raft.Change] = (0...dice.number(below: 3)).map { _ in
                    let target = node(UInt64(1 + dice.number(below: 5)))
                    return dice.pick([.addVoter(target), .addLearner(target), .addPromotable(target), .remove(target)])
                }
                let transition: Raft.Transition = dice.pick([.automatic, .automatic, .implicit, .explicit])
                cluster.change(leader, changes, transition)
            case 95:
                if let leader = cluster.leader { cluster.step(leader, .command(.leaveJoint(id: 0))) }
            case 96: cluster.crash(node(UInt64(number)), keeping: dice.number(below: 4))
            case 97, 98: cluster.restart(node(UInt64(number)))
            default:
                if dice.number(below: 3) == 0 {
                    cluster.partition([number], (1...5).filter { $0 != number })
                } else {
                    cluster.heal()
                }
            }
            if !cluster.violations.isEmpty { break }
        }
        cluster.checkLogMatching()
        try #require(cluster.violations.isEmpty, "\(cluster.violations)")
        cluster.heal()
        cluster.syncsAtOnce = true
        for id in cluster.ids {
            cluster.restart(id)
            cluster.sync(id)
        }
        cluster.run(for: .seconds(4))
        let leader = try #require(cluster.leader)
        cluster.step(leader, .command(.leaveJoint(id: 1)))
        cluster.propose(Int(leader.rawValue), "end", id: 2)
        cluster.run(for: .seconds(2))
        let last = try #require(cluster.leader)
        let configuration = cluster[Int(last.rawValue)].node.configuration
        #expect(!configuration.isJoint)
        for member in configuration.members {
            #expect(cluster[Int(member.id.rawValue)].state.contains("end"), "\(member.id) in \(configuration)")
        }
        #expect(cluster.violations.isEmpty, "\(cluster.violations)")
    }
}
