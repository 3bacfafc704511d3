import MeshCore
import MeshTestKit
import Testing

private func append(
    _ term: UInt64, after index: UInt64 = 0, of prevTerm: UInt64 = 0, _ terms: String = "", commit: UInt64 = 0,
    wantsReply: Bool = true
) -> Raft.Message {
    .append(
        Raft.Append(
            term: Raft.Term(term), prevIndex: Raft.LogIndex(index), prevTerm: Raft.Term(prevTerm),
            entries: Raft.Entry.test(terms, from: index + 1), commit: Raft.LogIndex(commit), round: 1,
            wantsReply: wantsReply))
}

private func accepted(_ term: UInt64, _ match: UInt64, round: UInt64 = 1) -> Raft.Message {
    .appendReply(
        Raft.AppendReply(term: Raft.Term(term), round: round, result: .accepted(match: Raft.LogIndex(match))))
}

private func rejected(_ term: UInt64, _ prev: UInt64, hint: UInt64, of hintTerm: UInt64) -> Raft.Message {
    .appendReply(
        Raft.AppendReply(
            term: Raft.Term(term), round: 1,
            result: .rejected(
                prevIndex: Raft.LogIndex(prev), hintIndex: Raft.LogIndex(hint), hintTerm: Raft.Term(hintTerm))))
}

extension RaftProbe {
    /// The only answer to an append in the last step.
    fileprivate var result: Raft.AppendResult? {
        for (_, message) in sent {
            if case .appendReply(let reply) = message { return reply.result }
        }
        return nil
    }

    fileprivate func peer(_ id: UInt64) -> Raft.PeerStatus? { node.status.peers.first { $0.id == NodeID(id) } }
}

private var quiet: Raft.Settings {
    var settings = Raft.Settings()
    settings.appendsNoOp = false
    return settings
}

@Suite("Raft followers")
struct RaftFollowerTests {
    @Test("Entries are written before they are acknowledged")
    func writeBeforeAck() throws {
        var probe = RaftProbe()
        probe.receive(append(1, "1 1", commit: 1), from: 2)
        #expect(probe.node.log.terms == "1 1")
        #expect(probe.records.last == .append(from: Raft.LogIndex(1), entries: Raft.Entry.test("1 1")))
        let write = try #require(probe.effects.lastIndex { if case .persist = $0 { true } else { false } })
        let answer = try #require(probe.effects.lastIndex { if case .send = $0 { true } else { false } })
        let output = try #require(probe.effects.lastIndex { if case .output(.apply) = $0 { true } else { false } })
        #expect(write < answer && write < output)
        #expect(probe.result == .accepted(match: Raft.LogIndex(2)))
    }

    @Test("The first entry, at index 1, is applied (E26: theirs never applied the first command)")
    func firstEntry() {
        var probe = RaftProbe()
        probe.receive(append(1, "1", commit: 1), from: 2)
        #expect(probe.applied == Raft.Entry.test("1"))
    }

    @Test("A stale append never removes a matching suffix (openraft 9540c904)")
    func staleAppend() {
        var probe = RaftProbe()
        probe.receive(append(1, "1 1 1 1"), from: 2)
        probe.receive(append(1, "1 1"), from: 2)
        #expect(probe.node.log.terms == "1 1 1 1")
        #expect(probe.records.isEmpty)
        #expect(probe.result == .accepted(match: Raft.LogIndex(2)))
        probe.receive(append(1, after: 1, of: 1), from: 2)
        #expect(probe.node.log.terms == "1 1 1 1")
    }

    @Test("A conflicting suffix is removed whole, also by a shorter batch")
    func conflict() {
        var probe = RaftProbe(disk: .holding("1 1 2 2 2"))
        probe.receive(append(3, after: 2, of: 1, "3"), from: 2)
        #expect(probe.node.log.terms == "1 1 3")
        #expect(probe.records.last == .append(from: Raft.LogIndex(3), entries: Raft.Entry.test("3", from: 3)))
        #expect(probe.result == .accepted(match: Raft.LogIndex(3)))
    }

    @Test("The previous entry must agree in its term, not only exist")
    func previousTerm() {
        var probe = RaftProbe(disk: .holding("1 1 2"))
        probe.receive(append(4, after: 3, of: 3, "4"), from: 2)
        #expect(probe.node.log.terms == "1 1 2")
        #expect(
            probe.result == .rejected(prevIndex: Raft.LogIndex(3), hintIndex: Raft.LogIndex(3), hintTerm: Raft.Term(2)))
        probe.receive(append(4, after: 9, of: 1, "4"), from: 2)
        #expect(
            probe.result == .rejected(prevIndex: Raft.LogIndex(9), hintIndex: Raft.LogIndex(2), hintTerm: Raft.Term(1)))
    }

    @Test("The commit index is capped at what the message proved (copycat #265, scylla #9965)")
    func commitCapped() {
        var probe = RaftProbe(disk: .holding("1 1 2 2"))
        probe.receive(append(3, after: 2, of: 1, commit: 4), from: 2)
        #expect(probe.node.commitIndex == Raft.LogIndex(2))
        #expect(probe.applied == Raft.Entry.test("1 1"))
        probe.receive(append(3, after: 2, of: 1, "3", commit: 1), from: 2)
        #expect(probe.node.commitIndex == Raft.LogIndex(2))
    }

    @Test("An acknowledgement covers what the message proved and no tail behind it (E32)")
    func ackCapped() {
        var probe = RaftProbe(disk: .holding("1 1 2 2"))
        probe.receive(append(3, after: 1, of: 1), from: 2)
        #expect(probe.result == .accepted(match: Raft.LogIndex(1)))
    }

    @Test("A previous entry that is compacted is committed and no conflict (openraft #511)")
    func compactedPrevious() {
        var probe = RaftProbe(disk: .holding("1 1 1 2 2", snapshotAt: 4))
        probe.receive(append(3, after: 1, of: 1, "1 1 2 2 3"), from: 2)
        #expect(probe.node.log.terms == "2 3")
        #expect(probe.node.log.firstIndex == Raft.LogIndex(5))
        #expect(probe.result == .accepted(match: Raft.LogIndex(6)))
        probe.receive(append(3, after: 1, of: 1, "1"), from: 2)
        #expect(probe.node.log.terms == "2 3")
        #expect(probe.result == .accepted(match: Raft.LogIndex(4)))
    }

    @Test("A leader of the past is answered with the current term and changes nothing")
    func staleLeader() {
        var probe = RaftProbe(disk: .holding("1 2"))
        probe.receive(append(1, after: 1, of: 1, "1 1"), from: 2)
        #expect(probe.sent(to: 2) == [.appendReply(Raft.AppendReply(term: Raft.Term(2), round: 1, result: .stale))])
        #expect(probe.node.leader == nil && probe.timer(.election) == nil)
        #expect(probe.node.log.terms == "1 2")
    }

    @Test("A second leader of the own term, and what contradicts committed entries, is reported and not obeyed")
    func impossible() {
        var probe = RaftProbe()
        probe.lead()
        probe.receive(append(1, "1"), from: 2)
        #expect(probe.outputs == [.ignored(.secondLeader)])
        var follower = RaftProbe()
        follower.receive(append(1, "1 1", commit: 2), from: 2)
        follower.receive(append(2, after: 1, of: 1, "2"), from: 3)
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
        probe.receive(append(1, "1"), from: 2)
        probe.receive(append(1, after: 1, of: 1, commit: 1, wantsReply: false), from: 2)
        #expect(probe.sent.isEmpty)
        #expect(probe.applied.count == 1)
    }
}

@Suite("Raft leaders")
struct RaftLeaderTests {
    @Test("A new leader appends a no-op in its own term and sends it before it writes it (thesis 10.2.1)")
    func opening() throws {
        var probe = RaftProbe(disk: .holding("1 1"))
        probe.lead()
        #expect(probe.node.log.terms == "1 1 2")
        #expect(probe.outputs.contains(.becameLeader(term: Raft.Term(2))))
        let send = try #require(probe.effects.lastIndex { if case .send = $0 { true } else { false } })
        let write = try #require(probe.effects.firstIndex { if case .persist = $0 { true } else { false } })
        #expect(send < write)
        #expect(probe.appends(to: 2).first?.prevIndex == Raft.LogIndex(2))
    }

    @Test("A leader counts its own entries only when they are durable (openraft a9f696a9)")
    func ownDurable() {
        var probe = RaftProbe(of: 1, settings: quiet)
        probe.lead()
        probe.step(.command(.propose("x", id: 1)))
        #expect(probe.node.commitIndex == .zero)
        probe.persistAll()
        #expect(probe.node.commitIndex == Raft.LogIndex(1))
        #expect(probe.applied.count == 1)

        var four = RaftProbe(of: 4, settings: quiet)
        four.lead()
        four.step(.command(.propose("x", id: 1)))
        four.receive(accepted(1, 1), from: 2)
        four.receive(accepted(1, 1), from: 3)
        #expect(four.node.commitIndex == .zero)
        four.persistAll()
        #expect(four.node.commitIndex == Raft.LogIndex(1))
    }

    @Test("A completion for entries that were removed since proves nothing, even if the same entries are back (ABA)")
    func abaCompletion() {
        // Entries 2 and 3 are written by ticket A, removed by B, written again by C; only C makes them durable.
        var probe = RaftProbe(of: 1 + 2, settings: quiet, disk: .holding("1"))
        probe.receive(append(2, after: 1, of: 1, "2 2"), from: 2)
        let first = probe.lastTicket
        probe.receive(append(3, after: 1, of: 1, "3"), from: 3)
        let second = probe.lastTicket
        probe.receive(append(4, after: 1, of: 1, "2 2"), from: 2)
        let third = probe.lastTicket
        #expect(probe.node.log.terms == "1 2 2")
        probe.step(.persisted(first))
        #expect(probe.node.status.durableIndex == Raft.LogIndex(1))
        probe.step(.persisted(second))
        #expect(probe.node.status.durableIndex == Raft.LogIndex(1))
        probe.step(.persisted(third))
        #expect(probe.node.status.durableIndex == Raft.LogIndex(3))
    }

    @Test("Entries of earlier terms are never committed by counting (paper 5.4.2, figure 8)")
    func figure8() {
        var probe = RaftProbe(of: 5, settings: quiet, disk: .holding("1 2", term: 3))
        probe.lead()
        #expect(probe.node.term == Raft.Term(4))
        probe.receive(accepted(4, 2), from: 2)
        probe.receive(accepted(4, 2), from: 3)
        #expect(probe.node.commitIndex == .zero)
        probe.step(.command(.propose("x", id: 1)))
        probe.persistAll()
        probe.receive(accepted(4, 3), from: 2)
        probe.receive(accepted(4, 3), from: 3)
        #expect(probe.node.commitIndex == Raft.LogIndex(3))
        #expect(probe.applied.map(\.term.rawValue) == [1, 2, 4])
    }

    @Test("An acknowledgement of an earlier term, of a stranger, or of more than was sent does not count")
    func falseAcks() {
        var probe = RaftProbe(disk: .holding("1 1", term: 1))
        probe.lead()
        probe.receive(accepted(1, 3), from: 2)
        probe.receive(accepted(2, 3), from: 8)
        probe.receive(accepted(2, 99), from: 2)
        #expect(probe.outputs == [.ignored(.malformed)])
        #expect(probe.node.commitIndex == .zero)
        #expect(probe.peer(2)?.match == .zero)
    }

    @Test("Acknowledgements out of order never take one back, and a hint of a refusal is no match")
    func ackOrder() {
        var probe = RaftProbe(settings: quiet, disk: .holding("1 1 1", term: 1))
        probe.lead()
        probe.receive(accepted(2, 3), from: 2)
        probe.receive(accepted(2, 1), from: 2)
        #expect(probe.peer(2)?.match == Raft.LogIndex(3))
        #expect(probe.peer(2)?.next == Raft.LogIndex(4))
        probe.receive(rejected(2, 2, hint: 1, of: 1), from: 2)
        #expect(probe.peer(2)?.pace == .replicate)
        probe.receive(rejected(2, 3, hint: 2, of: 1), from: 3)
        #expect(probe.peer(3)?.match == .zero)
        #expect(probe.peer(3)?.next == Raft.LogIndex(3))
    }

    @Test("A probe waits for its answer and is sent again on the next beat")
    func probe() {
        var probe = RaftProbe(disk: .holding("1 1", term: 1))
        probe.lead()
        probe.step(.command(.propose("x", id: 1)))
        #expect(probe.appends(to: 2).isEmpty)
        probe.step(.timer(.heartbeat))
        #expect(probe.appends(to: 2).map(\.entries.count) == [2])
        probe.receive(accepted(2, 3), from: 2)
        #expect(probe.peer(2)?.pace == .replicate)
        #expect(probe.appends(to: 2).map(\.prevIndex) == [Raft.LogIndex(3)])
    }

    @Test("Messages follow each other up to the window, and what waits goes as one batch on the next answer")
    func window() {
        var settings = quiet
        settings.maxInflight = 3
        var probe = RaftProbe(settings: settings)
        probe.lead()
        probe.receive(accepted(1, 0), from: 2)
        var sent = 0
        for number in 1...10 {
            probe.step(.command(.propose(Bytes("\(number)"), id: UInt64(number))))
            sent += probe.appends(to: 2).count
        }
        #expect(sent == 3)
        #expect(probe.peer(2)?.inflight == 3)
        probe.receive(accepted(1, 1), from: 2)
        #expect(probe.appends(to: 2).map(\.entries.count) == [7])
    }

    @Test("A message carries at most so many entries and bytes, but always one")
    func batchLimits() {
        var settings = quiet
        settings.maxBytesPerAppend = 10
        settings.maxEntriesPerAppend = 3
        var probe = RaftProbe(settings: settings, disk: .holding("1 1 1 1 1 1 1", term: 1))
        probe.lead()
        // Each test command has three bytes: three fit, a fourth would not.
        probe.receive(rejected(2, 7, hint: 0, of: 0), from: 2)
        #expect(probe.appends(to: 2).map(\.entries.count) == [3])
        probe.receive(accepted(2, 3), from: 2)
        #expect(probe.appends(to: 2).map(\.entries.count) == [3, 1])
        settings.maxBytesPerAppend = 1
        var small = RaftProbe(settings: settings, disk: .holding("1 1", term: 1))
        small.lead()
        small.receive(rejected(2, 2, hint: 0, of: 0), from: 2)
        #expect(small.appends(to: 2).map(\.entries.count) == [1])
    }

    @Test("A lost message is found by the next beat once it had a whole beat to arrive, a fresh one is given time")
    func lostMessage() {
        var probe = RaftProbe(settings: quiet)
        probe.lead()
        probe.receive(accepted(1, 0), from: 2)
        probe.step(.command(.propose("x", id: 1)))
        probe.step(.timer(.heartbeat))
        #expect(probe.appends(to: 2).map(\.prevIndex) == [.zero])
        probe.step(.timer(.heartbeat))
        #expect(probe.appends(to: 2).map(\.prevIndex) == [Raft.LogIndex(1)])
        probe.receive(rejected(1, 1, hint: 0, of: 0), from: 2)
        #expect(probe.peer(2)?.pace == .probe)
        #expect(probe.appends(to: 2).first?.entries.count == 1)
    }

    @Test("Logs of figure 7 are repaired in two round trips, without walking entry by entry")
    func hints() throws {
        var probe = RaftProbe(id: 1, of: 2, settings: quiet, disk: .holding("1 1 1 4 4 5 5 6 6 6", term: 7))
        probe.lead()
        // Follower (f): 1 1 1 2 2 2 3 3 3 3 3.
        var follower = RaftProbe(id: 2, of: 2, disk: .holding("1 1 1 2 2 2 3 3 3 3 3", term: 7))
        var trips = 0
        var message = try #require(probe.appends(to: 2).first)
        while trips < 20, follower.node.log.terms != probe.node.log.terms {
            trips += 1
            follower.receive(.append(message), from: 1)
            let answer = try #require(follower.sent(to: 1).first)
            probe.receive(answer, from: 2)
            if let next = probe.appends(to: 2).first { message = next }
        }
        #expect(trips == 2)
    }

    @Test("A commit reaches idle followers at once, in one message each that is not answered")
    func commitNews() {
        var probe = RaftProbe(settings: quiet)
        probe.lead()
        probe.receive(accepted(1, 0), from: 2)
        probe.receive(accepted(1, 0), from: 3)
        probe.step(.command(.propose("x", id: 1)))
        probe.persistAll()
        probe.receive(accepted(1, 1), from: 2)
        #expect(probe.appends(to: 2).map(\.commit) == [Raft.LogIndex(1)])
        #expect(probe.appends(to: 2).map(\.wantsReply) == [false])
        #expect(probe.appends(to: 3).isEmpty)
        probe.receive(accepted(1, 1), from: 3)
        #expect(probe.appends(to: 3).map(\.wantsReply) == [false])
        probe.receive(accepted(1, 1), from: 3)
        #expect(probe.sent.isEmpty)
    }

    @Test("Beats keep the patience of every follower, with or without entries under way")
    func beats() {
        var probe = RaftProbe()
        probe.lead()
        probe.step(.timer(.heartbeat))
        #expect(probe.appends(to: 2).count == 1 && probe.appends(to: 3).count == 1)
        #expect(probe.timer(.heartbeat) == probe.now + .milliseconds(50))
    }
}

extension RaftProbe {
    fileprivate var lastTicket: Ticket {
        var result = Ticket(0)
        for effect in effects {
            if case .persist(_, let ticket) = effect { result = ticket }
        }
        return result
    }
}

@Suite("Raft groups")
struct RaftGroupTests {
    @Test("Commands are applied everywhere in the same order")
    func replication() throws {
        var cluster = RaftCluster(5, seed: 3)
        let leader = try cluster.elect()
        for number in 1...50 { cluster.propose(leader, Bytes("c\(number)"), id: UInt64(number)) }
        cluster.settle()
        let expected = (1...50).map { Bytes("c\($0)") }
        for host in cluster.hosts { #expect(host.state == expected) }
        #expect(cluster.violations.isEmpty)
    }

    @Test(
        "Every follower of figure 7 ends with the leader's log",
        arguments: [
            "1 1 1 4 4 5 5 6 6", "1 1 1 4", "1 1 1 4 4 5 5 6 6 6 6", "1 1 1 4 4 5 5 6 6 6 7 7", "1 1 1 4 4 4 4",
            "1 1 1 2 2 2 3 3 3 3 3", "",
        ])
    func figure7(_ follower: String) {
        for batch in [1, 100] {
            var settings = Raft.Settings()
            settings.maxEntriesPerAppend = batch
            var cluster = RaftCluster(
                3, settings: settings,
                disks: [
                    .holding("1 1 1 4 4 5 5 6 6 6", term: 7), .holding(follower, term: 7),
                    .holding("1 1 1 4 4 5 5 6 6 6", term: 7),
                ])
            // Follower (d) has the longest log and would not vote for this leader: the third node does.
            cluster.lead(1)
            #expect(cluster[1].node.role == .leader)
            cluster.run(for: .milliseconds(200))
            #expect(cluster[2].node.log.terms == "1 1 1 4 4 5 5 6 6 6 8")
            #expect(cluster[2].node.commitIndex == Raft.LogIndex(11))
            #expect(cluster.violations.isEmpty)
        }
    }

    @Test("What a majority has acknowledged survives the crash of everybody, losing all that was not durable")
    func massCrash() throws {
        var cluster = RaftCluster(3, seed: 9)
        let leader = try cluster.elect()
        for number in 1...20 { cluster.propose(leader, Bytes("c\(number)"), id: UInt64(number)) }
        cluster.settle()
        for id in cluster.ids { cluster.crash(id) }
        cluster.drop()
        for id in cluster.ids { cluster.restart(id) }
        try cluster.elect()
        cluster.settle()
        for host in cluster.hosts { #expect(host.state == (1...20).map { Bytes("c\($0)") }) }
        #expect(cluster.violations.isEmpty)
    }

    @Test("A minority goes on with nothing and loses what nobody else has")
    func minority() throws {
        var settings = Raft.Settings()
        settings.checkQuorum = false
        var cluster = RaftCluster(5, settings: settings, seed: 21)
        let old = try cluster.elect()
        let friend = old % 5 + 1
        let others = (1...5).filter { $0 != old && $0 != friend }
        cluster.partition([old, friend], others)
        cluster.propose(old, "lost", id: 1)
        cluster.run(for: .seconds(2))
        let new = try #require(cluster.leader)
        cluster.propose(Int(new.rawValue), "kept", id: 2)
        cluster.settle()
        #expect(cluster[old].node.log.lastIndex > cluster[old].node.commitIndex)
        cluster.heal()
        cluster.run(for: .seconds(1))
        for host in cluster.hosts { #expect(host.state == ["kept"]) }
        #expect(cluster.violations.isEmpty)
    }

    @Test("Writes that are late hold back every answer behind them, across steps")
    func lateDisk() throws {
        var cluster = RaftCluster(3, seed: 4)
        let leader = try cluster.elect()
        let follower = NodeID(UInt64(leader % 3 + 1))
        cluster.syncsAtOnce = false
        cluster.propose(leader, "x", id: 1)
        cluster.settle()
        cluster.fire(leader, .heartbeat)
        cluster.settle()
        #expect(cluster[Int(follower.rawValue)].disk.log.lastIndex < cluster[leader].node.log.lastIndex)
        #expect(cluster[leader].node.commitIndex < cluster[leader].node.log.lastIndex)
        cluster.sync(follower)
        cluster.settle()
        #expect(cluster[leader].node.commitIndex < cluster[leader].node.log.lastIndex)
        cluster.sync(NodeID(UInt64(leader)))
        cluster.settle()
        #expect(cluster[leader].node.commitIndex == cluster[leader].node.log.lastIndex)
        #expect(cluster.violations.isEmpty)
    }
}
