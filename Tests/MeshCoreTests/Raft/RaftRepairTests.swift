import MeshCore
import MeshTestKit
import Testing

private func node(_ number: UInt64) -> NodeID { NodeID(number) }

extension Raft.Stable {
    /// A disk of which only these entries could be read.
    fileprivate static func salvaged(_ terms: String = "", term: UInt64 = 0) -> Raft.Stable {
        var disk = Raft.Stable.holding(terms, term: term)
        if let mark = Raft.Stable.amnesia { disk.apply(mark) }
        return disk
    }
}

extension RaftProbe {
    /// Leads with a committed entry of its own term.
    fileprivate static func leading(of count: UInt64 = 3) -> RaftProbe {
        var probe = RaftProbe(of: count)
        probe.lead()
        var peer: UInt64 = 2
        while probe.node.commitIndex == .zero {
            probe.acknowledge(1, from: peer)
            peer += 1
        }
        return probe
    }

    fileprivate mutating func acknowledge(_ index: UInt64, from peer: UInt64, round: UInt64 = 1) {
        let reply = Raft.AppendReply(
            term: node.term, round: round, result: .accepted(match: Raft.LogIndex(index)))
        receive(.appendReply(reply), from: peer)
    }

    fileprivate mutating func acknowledgeForgetfully(
        _ index: UInt64, from peer: UInt64, round: UInt64, life: UInt64 = 9
    ) {
        let word = Raft.Amnesiac(
            term: node.term, life: life, round: round, answer: .append(.accepted(match: Raft.LogIndex(index))))
        receive(.amnesiac(word), from: peer)
    }

    fileprivate mutating func beat() { step(.timer(.heartbeat)) }

    fileprivate func isVoter(_ number: UInt64) -> Bool { node.configuration.isVoter(NodeID(number)) }

    fileprivate var words: [Raft.Amnesiac] {
        sent.compactMap { if case .amnesiac(let word) = $0.message { word } else { nil } }
    }

    fileprivate var healings: [Raft.Healed] {
        sent.compactMap { if case .healed(let word) = $0.message { word } else { nil } }
    }
}

@Suite("A node whose disk was damaged")
struct RaftAmnesiacTests {
    @Test("It gives no vote, no pre-vote, and does not campaign")
    func abstains() {
        var probe = RaftProbe(id: 3, disk: .salvaged("1 1"))
        #expect(probe.outputs.contains(.repair(.began)))
        let request = Raft.VoteRequest(
            term: Raft.Term(5), lastIndex: Raft.LogIndex(9), lastTerm: Raft.Term(4), campaign: 1)
        probe.receive(.preVote(request), from: 1)
        #expect(probe.sent(to: 1) == [.preVoteReply(Raft.VoteReply(term: Raft.Term(1), isGranted: false, campaign: 1))])
        probe.receive(.vote(request), from: 1)
        #expect(probe.sent(to: 1) == [.voteReply(Raft.VoteReply(term: Raft.Term(5), isGranted: false, campaign: 1))])
        #expect(probe.node.votedFor == nil)
        probe.step(.command(.campaign))
        #expect(probe.node.role == .follower && probe.outputs == [.ignored(.cannotCampaign)])
    }

    @Test("It answers leaders in words of its own, and looks for one that may be asleep")
    func ownWords() {
        var probe = RaftProbe(id: 3, disk: .salvaged("1 1"))
        let append = Raft.Append(
            term: Raft.Term(2), prevIndex: Raft.LogIndex(2), prevTerm: Raft.Term(1), commit: Raft.LogIndex(1), round: 7,
            read: 4)
        probe.receive(.append(append), from: 1)
        #expect(probe.words.map(\.answer) == [.append(.accepted(match: Raft.LogIndex(2)))])
        #expect(probe.words.map(\.round) == [7])
        let far = Raft.Append(
            term: Raft.Term(2), prevIndex: Raft.LogIndex(8), prevTerm: Raft.Term(1), commit: Raft.LogIndex(1), round: 8)
        probe.receive(.append(far), from: 1)
        guard case .append(.rejected(_, let hint, _))? = probe.words.first?.answer else {
            Issue.record("it says that entry 8 is not there")
            return
        }
        #expect(hint == Raft.LogIndex(2))
        probe.step(.timer(.election))
        probe.step(.timer(.election))
        #expect(probe.words.count == 2 && probe.words.allSatisfy { $0.answer == .none && $0.round == 0 })
    }

    @Test("Word about this life heals it, word about another does not")
    func healing() throws {
        var probe = RaftProbe(id: 3, disk: .salvaged("1 1"))
        let append = Raft.Append(
            term: Raft.Term(2), prevIndex: Raft.LogIndex(2), prevTerm: Raft.Term(1), commit: Raft.LogIndex(1), round: 7)
        probe.receive(.append(append), from: 1)
        let life = try #require(probe.words.first?.life)
        probe.receive(.healed(Raft.Healed(term: Raft.Term(2), life: life &+ 2)), from: 1)
        #expect(probe.node.isAmnesiac && probe.outputs == [.ignored(.otherLife)])
        probe.receive(.healed(Raft.Healed(term: Raft.Term(2), life: life)), from: 1)
        #expect(!probe.node.isAmnesiac)
        #expect(probe.records == [.amnesia(false)] && probe.outputs == [.repair(.ended)])
        probe.receive(.append(append), from: 1)
        #expect(probe.words.isEmpty && probe.sent(to: 1).count == 1)
    }

    @Test("It remembers over crashes that it forgot, and draws another number for each life")
    func remembers() {
        let disk = Raft.Stable.salvaged("1 1", term: 3)
        var folded = Raft.Stable()
        for record in disk.records { folded.apply(record) }
        #expect(folded == disk && folded.isAmnesiac)
        let append = Raft.Append(term: Raft.Term(2), prevIndex: .zero, prevTerm: .zero, commit: .zero, round: 1)
        var lives: Set<UInt64> = []
        for milliseconds in 0..<10 as Range<Int64> {
            var probe = RaftProbe(id: 3, disk: disk)
            probe.now = .zero + .milliseconds(milliseconds)
            probe.step(.restarted)
            probe.receive(.append(append), from: 1)
            lives.insert(probe.words.first?.life ?? 0)
        }
        #expect(lives.count == 10 && !lives.contains(0))
    }

    @Test("A group of one stays down and says so, until the operator accepts the loss")
    func alone() {
        var probe = RaftProbe(id: 1, of: 1, disk: .salvaged("1 1"))
        #expect(probe.outputs.contains(.repair(.stranded)))
        probe.step(.timer(.election))
        #expect(probe.node.role == .follower)
        probe.step(.command(.acceptLoss))
        #expect(probe.outputs == [.repair(.lossAccepted)] && probe.records == [.amnesia(false)])
        probe.persistAll()
        probe.step(.command(.campaign))
        probe.persistAll()
        #expect(probe.node.role == .leader)
    }
}

@Suite("A leader that repairs a member")
struct RaftRepairTests {
    @Test("It takes the member's vote, without it, heals it and makes it a voter again")
    func wholeWay() {
        var probe = RaftProbe.leading()
        probe.beat()
        probe.acknowledgeForgetfully(0, from: 3, round: 1)
        #expect(probe.outputs.contains(.repair(.noted(node(3)))))
        #expect(!probe.isVoter(3) && probe.node.configuration.learners == [node(3)])
        let demotion = probe.node.log.lastIndex.rawValue
        probe.persistAll()
        #expect(probe.node.commitIndex.rawValue < demotion, "n1 alone is no majority of n1 and n2")
        probe.beat()
        probe.acknowledgeForgetfully(demotion, from: 3, round: 3)
        #expect(probe.node.commitIndex.rawValue < demotion, "and n3 has no vote in this")
        #expect(probe.healings.isEmpty)
        probe.acknowledge(demotion, from: 2, round: 3)
        #expect(probe.node.commitIndex.rawValue == demotion)
        probe.beat()
        probe.acknowledgeForgetfully(demotion, from: 3, round: 4)
        #expect(probe.healings == [Raft.Healed(term: probe.node.term, life: 9)])
        probe.beat()
        #expect(!probe.isVoter(3), "it may not have heard yet that it is healed")
        probe.acknowledge(demotion, from: 3, round: 5)
        probe.beat()
        #expect(probe.isVoter(3))
    }

    @Test("An acknowledgement from before the loss is not counted, however late it comes")
    func staleAcknowledgement() {
        var probe = RaftProbe.leading()
        probe.step(.command(.propose("x", id: 1)))
        probe.persistAll()
        probe.beat()
        probe.acknowledgeForgetfully(0, from: 3, round: 1)
        // Entry 2 was acknowledged to beat 2, the loss was noted in beat 2.
        probe.acknowledge(2, from: 3, round: 2)
        #expect(probe.outputs == [.ignored(.otherLife)])
        #expect(probe.node.status.peers.first { $0.id == node(3) }?.match == .zero)
        probe.beat()
        probe.acknowledge(1, from: 3, round: 3)
        #expect(
            probe.node.status.peers.first { $0.id == node(3) }?.match == Raft.LogIndex(1),
            "who answers plainly to a later beat remembers")
    }

    @Test("An answer of an earlier life is not counted in a later one")
    func earlierLife() {
        var probe = RaftProbe.leading()
        probe.beat()
        probe.acknowledgeForgetfully(0, from: 3, round: 2, life: 5)
        probe.beat()
        probe.acknowledgeForgetfully(2, from: 3, round: 3, life: 5)
        #expect(probe.node.status.peers.first { $0.id == node(3) }?.match == Raft.LogIndex(2))
        probe.acknowledgeForgetfully(0, from: 3, round: 3, life: 7)
        #expect(probe.node.status.peers.first { $0.id == node(3) }?.match == .zero, "it has started again")
        probe.acknowledgeForgetfully(2, from: 3, round: 3, life: 5)
        #expect(probe.node.status.peers.first { $0.id == node(3) }?.match == .zero)
        #expect(probe.healings.isEmpty)
    }

    @Test("What a learner forgot matters no more when one more entry is committed")
    func learner() {
        var probe = RaftProbe.leading()
        probe.step(.command(.changeConfiguration([.addLearner(node(3))], id: 1, transition: .automatic)))
        probe.persistAll()
        probe.acknowledge(2, from: 2)
        probe.beat()
        probe.acknowledgeForgetfully(0, from: 3, round: 2)
        #expect(probe.node.log.lastIndex == Raft.LogIndex(3) && probe.node.configuration.learners == [node(3)])
        probe.persistAll()
        probe.acknowledge(3, from: 2, round: 2)
        probe.beat()
        probe.acknowledgeForgetfully(3, from: 3, round: 3)
        #expect(probe.healings.count == 1)
        probe.beat()
        #expect(!probe.isVoter(3), "a learner that is to stay one does")
    }

    @Test("While another change is pending, the loss waits, and the member counts for nothing")
    func pendingChange() {
        var probe = RaftProbe.leading(of: 4)
        probe.step(.command(.changeConfiguration([.addVoter(node(5))], id: 1, transition: .automatic)))
        probe.persistAll()
        probe.beat()
        probe.acknowledgeForgetfully(0, from: 3, round: 2)
        probe.beat()
        probe.acknowledgeForgetfully(2, from: 3, round: 3)
        probe.acknowledge(2, from: 2, round: 3)
        #expect(probe.isVoter(3) && probe.node.commitIndex == Raft.LogIndex(1), "two of five, and one that forgot")
        probe.acknowledge(2, from: 4, round: 3)
        #expect(probe.node.commitIndex == Raft.LogIndex(2))
        probe.beat()
        probe.acknowledgeForgetfully(2, from: 3, round: 4)
        #expect(!probe.isVoter(3) && probe.isVoter(5))
    }

    @Test("A group of two heals the other, which has to be there to become a voter again")
    func two() {
        var probe = RaftProbe.leading(of: 2)
        probe.beat()
        probe.acknowledgeForgetfully(0, from: 2, round: 2)
        probe.persistAll()
        #expect(!probe.isVoter(2) && probe.node.commitIndex == Raft.LogIndex(2), "n1 decides alone")
        probe.beat()
        probe.acknowledgeForgetfully(1, from: 2, round: 3)
        #expect(probe.healings.isEmpty, "the change is committed, but n2 does not hold it")
        probe.acknowledgeForgetfully(2, from: 2, round: 3)
        #expect(probe.healings.count == 1)
        probe.beat()
        probe.acknowledge(2, from: 2, round: 4)
        probe.beat()
        probe.persistAll()
        #expect(probe.isVoter(2) && probe.node.commitIndex == Raft.LogIndex(2))
        probe.acknowledge(3, from: 2, round: 5)
        #expect(probe.node.commitIndex == Raft.LogIndex(3))
    }

    @Test("Answers of a member that forgot confirm no read")
    func reads() {
        var probe = RaftProbe.leading()
        probe.step(.command(.read(id: 7)))
        probe.beat()
        probe.acknowledgeForgetfully(1, from: 3, round: 2)
        probe.beat()
        probe.acknowledgeForgetfully(1, from: 3, round: 3)
        #expect(!probe.outputs.contains { if case .readReady = $0 { true } else { false } })
    }

    @Test("Without the setting the operator decides")
    func switchedOff() {
        var settings = Raft.Settings()
        settings.repairsAmnesiacs = false
        var probe = RaftProbe(of: 3, settings: settings)
        probe.lead()
        probe.acknowledge(1, from: 2)
        probe.beat()
        probe.acknowledgeForgetfully(0, from: 3, round: 2)
        #expect(probe.outputs.contains(.repair(.noted(node(3)))) && probe.isVoter(3))
    }
}
