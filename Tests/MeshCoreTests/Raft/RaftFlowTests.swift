import MeshCore
import MeshTestKit
import Testing

@Suite("Raft flow control")
struct RaftFlowTests {
    @Test("A follower that lacks no more than the trailing entries gets entries, one that lacks more a snapshot")
    func trailing() throws {
        for lag in [3, 8, 9, 30] {
            var settings = Raft.Settings()
            settings.snapshotAfter = 1
            settings.trailingEntries = 8
            var cluster = RaftCluster(3, settings: settings, seed: 3)
            let leader = try cluster.elect()
            let follower = leader % 3 + 1
            for number in 1...20 { cluster.propose(leader, Bytes("before \(number)")) }
            cluster.settle()
            cluster.crash(NodeID(UInt64(follower)))
            for number in 1...lag { cluster.propose(leader, Bytes("missed \(number)")) }
            cluster.settle()
            let log = cluster[leader].node.log
            #expect(log.snapshotIndex.rawValue - log.baseIndex.rawValue == 8)
            let disk = cluster[leader].disk.log
            #expect(disk.baseIndex == log.baseIndex && disk.snapshotIndex == log.snapshotIndex)
            cluster.restart(NodeID(UInt64(follower)))
            var chunks = 0
            for _ in 0..<60 {
                cluster.run(for: .milliseconds(10))
                chunks += cluster.letters.count { if case .snapshot = $0.message { true } else { false } }
                cluster.settle()
            }
            #expect(cluster[follower].state == cluster[leader].state)
            #expect(cluster.violations.isEmpty)
            let installs = cluster[follower].outputs.count { if case .installed = $0 { true } else { false } }
            // The follower tells its own snapshot when it starts.
            #expect((installs > 1) == (lag > 8), "lag \(lag): \(installs), \(chunks)")
        }
    }

    @Test("A snapshot is wanted after so many bytes of commands too")
    func bytes() {
        var settings = Raft.Settings()
        settings.snapshotAfterBytes = 10
        var probe = RaftProbe(settings: settings)
        // Test entries have three bytes each, such as "1/1".
        probe.receive(Say.append(1, "1 1 1 1 1 1 1 1", commit: 3), from: 2)
        #expect(!probe.outputs.contains { if case .snapshotWanted = $0 { true } else { false } })
        probe.receive(Say.append(1, "1 1 1 1 1 1 1 1", commit: 4), from: 2)
        #expect(probe.outputs.last == .snapshotWanted(upTo: Raft.LogIndex(4)))
        probe.receive(Say.append(1, "1 1 1 1 1 1 1 1", commit: 7), from: 2)
        #expect(!probe.outputs.contains { if case .snapshotWanted = $0 { true } else { false } })
    }

    @Test("What is under way to a peer is bounded by bytes, and goes on with each answer")
    func inflightBytes() {
        var settings = Raft.Settings()
        settings.maxInflightBytes = 10
        settings.maxBytesPerAppend = 8
        var probe = RaftProbe(settings: settings)
        probe.lead()
        probe.receive(Say.accepted(1, 1), from: 2)
        for id in 0..<6 as Range<UInt64> { probe.step(.command(.propose("12345", id: id))) }
        let peer = probe.peer(2)
        #expect(peer?.inflight == 2 && peer?.inflightBytes == 10)
        #expect(peer?.next == Raft.LogIndex(4))
        probe.receive(Say.accepted(1, 2), from: 2)
        #expect(probe.appends(to: 2).map { $0.entries.map(\.index.rawValue) } == [[4]])
        #expect(probe.peer(2)?.inflightBytes == 10)
        // One message may have more than the limit, or nothing would move.
        probe.receive(Say.accepted(1, 4), from: 2)
        probe.receive(Say.accepted(1, 7), from: 2)
        #expect(probe.peer(2)?.inflightBytes == 0)
    }

    @Test(
        "A peer that cannot be reached is probed with the next beat instead of being sent more (etcd ReportUnreachable)"
    )
    func unreachable() {
        var probe = RaftProbe()
        probe.lead()
        probe.receive(Say.accepted(1, 1), from: 2)
        probe.step(.command(.propose("a", id: 1)))
        #expect(probe.peer(2)?.next == Raft.LogIndex(3))
        probe.step(.command(.reportUnreachable(NodeID(2))))
        #expect(probe.sent.isEmpty)
        #expect(probe.peer(2)?.pace == .probe && probe.peer(2)?.next == Raft.LogIndex(2))
        probe.step(.command(.propose("b", id: 2)))
        #expect(probe.appends(to: 2).isEmpty)
        probe.step(.timer(.heartbeat))
        #expect(probe.appends(to: 2).map(\.entries.count) == [2])
        probe.step(.command(.reportUnreachable(NodeID(1))))
        probe.step(.command(.reportUnreachable(NodeID(9))))
        #expect(probe.effects.isEmpty)
    }

    @Test("A program that applies slowly is handed no more than it can take, and is compacted no further")
    func slowApply() {
        var settings = Raft.Settings()
        settings.maxUnappliedBytes = 6
        settings.maxEntriesPerApply = 1
        settings.snapshotAfter = 4
        var probe = RaftProbe(settings: settings)
        probe.receive(Say.append(1, "1 1 1 1 1 1", commit: 6), from: 2)
        #expect(probe.node.commitIndex == Raft.LogIndex(6))
        #expect(probe.applied.map(\.index.rawValue) == [1, 2])
        probe.step(.command(.compact(upTo: Raft.LogIndex(1), state: "s")))
        #expect(probe.outputs == [.ignored(.badCompaction)])
        probe.step(.command(.applied(upTo: Raft.LogIndex(3))))
        #expect(probe.outputs == [.ignored(.badConfirmation)])
        probe.step(.command(.applied(upTo: Raft.LogIndex(1))))
        #expect(probe.applied.map(\.index.rawValue) == [3])
        probe.step(.command(.applied(upTo: Raft.LogIndex(1))))
        #expect(probe.outputs == [.ignored(.badConfirmation)])
        probe.step(.command(.applied(upTo: Raft.LogIndex(3))))
        #expect(probe.applied.map(\.index.rawValue) == [4, 5])
        // It is asked for behind what was handed out, and can come when that is applied.
        #expect(probe.outputs.last == .snapshotWanted(upTo: Raft.LogIndex(5)))
        probe.step(.command(.compact(upTo: Raft.LogIndex(5), state: "s")))
        #expect(probe.outputs == [.ignored(.badCompaction)])
        probe.step(.command(.applied(upTo: Raft.LogIndex(5))))
        #expect(probe.applied.map(\.index.rawValue) == [6])
        probe.step(.command(.compact(upTo: Raft.LogIndex(5), state: "s")))
        #expect(probe.node.log.snapshotIndex == Raft.LogIndex(5))
    }

    @Test(
        "Figure 7 of the paper: every follower agrees with the leader after one round trip for each term that differs")
    func figure7() throws {
        let leader = "1 1 1 4 4 5 5 6 6 6"
        let followers = [
            "1 1 1 4 4 5 5 6 6", "1 1 1 4", "1 1 1 4 4 5 5 6 6 6 6", "1 1 1 4 4 5 5 6 6 6 7 7", "1 1 1 4 4 4 4",
            "1 1 1 2 2 2 3 3 3 3 3",
        ]
        var trips: [Int] = []
        for follower in followers {
            var probe = RaftProbe(of: 2, disk: .holding(leader, term: 7))
            var other = RaftProbe(id: 2, of: 2, disk: .holding(follower, term: 7))
            probe.lead()
            var count = 0
            var messages = probe.sent(to: 2)
            while !messages.isEmpty {
                guard case .append = messages[0] else { messages.removeFirst(); continue }
                count += 1
                other.receive(messages.removeFirst(), from: 1)
                let replies = other.sent(to: 1)
                other.persistAll()
                for reply in replies {
                    probe.receive(reply, from: 2)
                    messages += probe.sent(to: 2)
                }
            }
            let held = probe.node.log
            #expect(other.node.log.terms == held.terms)
            trips.append(count)
        }
        // Appends until the logs agree, with the one that tells the commit.
        #expect(trips.allSatisfy { $0 <= 5 }, "\(trips)")
    }
}
