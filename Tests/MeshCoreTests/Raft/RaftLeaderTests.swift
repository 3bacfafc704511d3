import MeshCore
import MeshTestKit
import Testing

private var quiet: Raft.Settings {
    var settings = Raft.Settings()
    settings.appendsNoOp = false
    return settings
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
        four.receive(Say.accepted(1, 1), from: 2)
        four.receive(Say.accepted(1, 1), from: 3)
        #expect(four.node.commitIndex == .zero)
        four.persistAll()
        #expect(four.node.commitIndex == Raft.LogIndex(1))
    }

    @Test("A completion for entries that were removed since proves nothing, even if the same entries are back (ABA)")
    func abaCompletion() {
        // Entries 2 and 3 are written by ticket A, removed by B, written again by C; only C makes them durable.
        var probe = RaftProbe(settings: quiet, disk: .holding("1"))
        probe.receive(Say.append(2, after: 1, of: 1, "2 2"), from: 2)
        let first = probe.lastTicket
        probe.receive(Say.append(3, after: 1, of: 1, "3"), from: 3)
        let second = probe.lastTicket
        probe.receive(Say.append(4, after: 1, of: 1, "2 2"), from: 2)
        let third = probe.lastTicket
        #expect(probe.node.log.terms == "1 2 2")
        probe.step(.persisted(first))
        #expect(probe.node.status.durableIndex == Raft.LogIndex(1))
        probe.step(.persisted(second))
        #expect(probe.node.status.durableIndex == Raft.LogIndex(1))
        probe.step(.persisted(third))
        #expect(probe.node.status.durableIndex == Raft.LogIndex(3))
        // What was durable and is removed is durable no more.
        probe.receive(Say.append(5, after: 1, of: 1, "5 5 5"), from: 3)
        #expect(probe.node.status.durableIndex == Raft.LogIndex(1))
    }

    @Test("Entries of earlier terms are never committed by counting (paper 5.4.2, figure 8)")
    func figure8() {
        var probe = RaftProbe(of: 5, settings: quiet, disk: .holding("1 2", term: 3))
        probe.lead()
        #expect(probe.node.term == Raft.Term(4))
        probe.receive(Say.accepted(4, 2), from: 2)
        probe.receive(Say.accepted(4, 2), from: 3)
        #expect(probe.node.commitIndex == .zero)
        probe.step(.command(.propose("x", id: 1)))
        probe.persistAll()
        probe.receive(Say.accepted(4, 3), from: 2)
        probe.receive(Say.accepted(4, 3), from: 3)
        #expect(probe.node.commitIndex == Raft.LogIndex(3))
        #expect(probe.applied.map(\.term.rawValue) == [1, 2, 4])
    }

    @Test("An acknowledgement of an earlier term, of a stranger, or of more than was sent does not count")
    func falseAcks() {
        var probe = RaftProbe(disk: .holding("1 1", term: 1))
        probe.lead()
        probe.receive(Say.accepted(1, 3), from: 2)
        probe.receive(Say.accepted(2, 3), from: 8)
        probe.receive(Say.accepted(2, 99), from: 2)
        #expect(probe.outputs == [.ignored(.malformed)])
        #expect(probe.node.commitIndex == .zero)
        #expect(probe.peer(2)?.match == .zero)
    }

    @Test(
        "What a majority holds is committed, for every number of voters", arguments: [1, 2, 3, 4, 5, 6, 7, 16, 17, 40])
    func quorumIndex(_ count: UInt64) {
        var dice = Dice(seed: count)
        for _ in 0..<20 {
            var probe = RaftProbe(of: count, settings: quiet, disk: .holding("1 1", term: 1))
            probe.lead()
            for number in 0..<30 { probe.step(.command(.propose("x", id: UInt64(number)))) }
            probe.persistAll()
            var matches: [UInt64] = [32]
            for peer in 2..<max(count + 1, 2) {
                let match = UInt64(dice.number(below: 33))
                matches.append(match)
                probe.receive(Say.accepted(2, match), from: peer)
            }
            let expected = matches.sorted(by: >)[Int(count) / 2]
            #expect(probe.node.commitIndex.rawValue == (expected > 2 ? expected : 0))
        }
    }

    @Test("Acknowledgements out of order never take one back, and a hint of a refusal is no match")
    func ackOrder() {
        var probe = RaftProbe(settings: quiet, disk: .holding("1 1 1", term: 1))
        probe.lead()
        probe.receive(Say.accepted(2, 3), from: 2)
        probe.receive(Say.accepted(2, 1), from: 2)
        #expect(probe.peer(2)?.match == Raft.LogIndex(3))
        #expect(probe.peer(2)?.next == Raft.LogIndex(4))
        probe.receive(Say.rejected(2, 2, hint: 1, of: 1), from: 2)
        #expect(probe.peer(2)?.pace == .replicate)
        probe.receive(Say.rejected(2, 3, hint: 2, of: 1), from: 3)
        #expect(probe.peer(3)?.match == .zero)
        #expect(probe.peer(3)?.next == Raft.LogIndex(3))
    }

    @Test("A late refusal never lowers what is acknowledged; one given after the acknowledgement means a lost disk")
    func lostDisk() {
        var probe = RaftProbe(settings: quiet, disk: .holding("1 1 1", term: 1))
        probe.lead()
        probe.step(.timer(.heartbeat))
        probe.receive(Say.accepted(2, 3, round: 2), from: 2)
        probe.receive(Say.rejected(2, 3, hint: 0, of: 0, round: 1), from: 2)
        probe.receive(Say.rejected(2, 3, hint: 0, of: 0, round: 2), from: 2)
        probe.receive(Say.rejected(2, 3, hint: 0, of: 0, round: 99), from: 2)
        #expect(probe.peer(2)?.match == Raft.LogIndex(3))
        probe.step(.timer(.heartbeat))
        probe.receive(Say.rejected(2, 3, hint: 0, of: 0, round: 3), from: 2)
        #expect(probe.peer(2)?.match == .zero)
        #expect(probe.appends(to: 2).map(\.entries.count) == [3])
    }

    @Test("A probe waits for its answer and is sent again on the next beat")
    func probe() {
        var probe = RaftProbe(disk: .holding("1 1", term: 1))
        probe.lead()
        probe.step(.command(.propose("x", id: 1)))
        #expect(probe.appends(to: 2).isEmpty)
        probe.step(.timer(.heartbeat))
        #expect(probe.appends(to: 2).map(\.entries.count) == [2])
        probe.receive(Say.accepted(2, 3), from: 2)
        #expect(probe.peer(2)?.pace == .replicate)
        #expect(probe.appends(to: 2).map(\.prevIndex) == [Raft.LogIndex(3)])
    }

    @Test("Messages follow each other up to the window, and what waits goes as one batch on the next answer")
    func window() {
        var settings = quiet
        settings.maxInflight = 3
        var probe = RaftProbe(settings: settings)
        probe.lead()
        probe.receive(Say.accepted(1, 0), from: 2)
        var sent = 0
        for number in 1...10 {
            probe.step(.command(.propose(Bytes("\(number)"), id: UInt64(number))))
            sent += probe.appends(to: 2).count
        }
        #expect(sent == 3)
        #expect(probe.peer(2)?.inflight == 3)
        probe.receive(Say.accepted(1, 1), from: 2)
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
        probe.receive(Say.rejected(2, 7, hint: 0, of: 0), from: 2)
        #expect(probe.appends(to: 2).map(\.entries.count) == [3])
        probe.receive(Say.accepted(2, 3), from: 2)
        #expect(probe.appends(to: 2).map(\.entries.count) == [3, 1])
        settings.maxBytesPerAppend = 1
        var small = RaftProbe(settings: settings, disk: .holding("1 1", term: 1))
        small.lead()
        small.receive(Say.rejected(2, 2, hint: 0, of: 0), from: 2)
        #expect(small.appends(to: 2).map(\.entries.count) == [1])
    }

    @Test("A lost message is found by the next beat once it had a whole beat to arrive, a fresh one is given time")
    func lostMessage() {
        var probe = RaftProbe(settings: quiet)
        probe.lead()
        probe.receive(Say.accepted(1, 0), from: 2)
        probe.step(.command(.propose("x", id: 1)))
        probe.step(.timer(.heartbeat))
        #expect(probe.appends(to: 2).map(\.prevIndex) == [.zero])
        probe.step(.timer(.heartbeat))
        #expect(probe.appends(to: 2).map(\.prevIndex) == [Raft.LogIndex(1)])
        probe.receive(Say.rejected(1, 1, hint: 0, of: 0), from: 2)
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
        probe.receive(Say.accepted(1, 0), from: 2)
        probe.receive(Say.accepted(1, 0), from: 3)
        probe.step(.command(.propose("x", id: 1)))
        probe.persistAll()
        probe.receive(Say.accepted(1, 1), from: 2)
        #expect(probe.appends(to: 2).map(\.commit) == [Raft.LogIndex(1)])
        #expect(probe.appends(to: 2).map(\.wantsReply) == [false])
        #expect(probe.appends(to: 3).isEmpty)
        probe.receive(Say.accepted(1, 1), from: 3)
        #expect(probe.appends(to: 3).map(\.wantsReply) == [false])
        probe.receive(Say.accepted(1, 1), from: 3)
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
