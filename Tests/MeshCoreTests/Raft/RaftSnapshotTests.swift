import MeshCore
import MeshTestKit
import Testing

private let three = [NodeID(1), NodeID(2), NodeID(3)]

private func snapshot(_ term: UInt64, at index: UInt64, of indexTerm: UInt64, voters: [NodeID] = three) -> Raft.Message
{
    .snapshot(
        Raft.Snapshot(
            term: Raft.Term(term), round: 1, index: Raft.LogIndex(index), indexTerm: Raft.Term(indexTerm),
            configuration: Raft.Configuration(voters: voters), state: "state"))
}

extension RaftProbe {
    fileprivate var match: Raft.LogIndex? {
        for (_, message) in sent {
            if case .snapshotReply(let reply) = message { return reply.match }
        }
        return nil
    }

    fileprivate func snapshots(to id: UInt64) -> [Raft.Snapshot] {
        sent(to: id).compactMap { if case .snapshot(let snapshot) = $0 { snapshot } else { nil } }
    }
}

@Suite("Raft snapshots")
struct RaftSnapshotTests {
    @Test("A snapshot is wanted every so many applied entries, and names the last one applied")
    func wanted() {
        var settings = Raft.Settings()
        settings.snapshotAfter = 3
        var probe = RaftProbe(settings: settings)
        probe.receive(Say.append(1, "1 1 1 1 1", commit: 2), from: 2)
        #expect(!probe.outputs.contains { if case .snapshotWanted = $0 { true } else { false } })
        probe.receive(Say.append(1, "1 1 1 1 1", commit: 4), from: 2)
        #expect(probe.outputs.last == .snapshotWanted(upTo: Raft.LogIndex(4)))
        probe.receive(Say.append(1, "1 1 1 1 1", commit: 5), from: 2)
        #expect(!probe.outputs.contains { if case .snapshotWanted = $0 { true } else { false } })
    }

    @Test("Compaction is written, keeps what is behind it, and only takes what was applied")
    func compact() {
        var settings = Raft.Settings()
        settings.maxSnapshotBytes = 1_000
        var probe = RaftProbe(settings: settings)
        probe.receive(Say.append(1, "1 1 1 1", commit: 3), from: 2)
        probe.step(.command(.compact(upTo: Raft.LogIndex(4), state: "s")))
        #expect(probe.outputs == [.ignored(.badCompaction)])
        probe.step(.command(.compact(upTo: Raft.LogIndex(2), state: "s")))
        let record = Raft.Stable.Record.snapshot(
            index: Raft.LogIndex(2), term: Raft.Term(1), configuration: Raft.Configuration(voters: three), state: "s")
        #expect(probe.records == [record, .compact(upTo: Raft.LogIndex(2))])
        #expect(probe.node.log.firstIndex == Raft.LogIndex(3) && probe.node.log.lastIndex == Raft.LogIndex(4))
        #expect(probe.node.log.term(at: Raft.LogIndex(2)) == Raft.Term(1))
        #expect(probe.node.log.entry(at: Raft.LogIndex(2)) == nil)
        probe.step(.command(.compact(upTo: Raft.LogIndex(2), state: "s")))
        #expect(probe.outputs == [.ignored(.badCompaction)])
        let large = Bytes([UInt8](repeating: 0, count: 1_001))
        probe.step(.command(.compact(upTo: Raft.LogIndex(3), state: large)))
        #expect(probe.outputs == [.ignored(.snapshotTooLarge)])
    }

    @Test("A snapshot is written before it is acknowledged and told")
    func install() throws {
        var probe = RaftProbe(disk: .holding("1 1 2 2 2 2 2"))
        probe.receive(snapshot(4, at: 5, of: 3), from: 2)
        #expect(probe.match == Raft.LogIndex(5))
        #expect(probe.outputs.contains(.installed(index: Raft.LogIndex(5), term: Raft.Term(3), state: "state")))
        #expect(probe.node.commitIndex == Raft.LogIndex(5) && probe.node.appliedIndex == Raft.LogIndex(5))
        // Nothing of a suffix that contradicts the snapshot stays (hashicorp #697).
        #expect(probe.node.log.lastIndex == Raft.LogIndex(5) && probe.node.log.lastTerm == Raft.Term(3))
        let write = try #require(probe.effects.lastIndex { if case .persist = $0 { true } else { false } })
        let reply = try #require(probe.effects.lastIndex { if case .send = $0 { true } else { false } })
        let told = try #require(probe.effects.lastIndex { if case .output(.installed) = $0 { true } else { false } })
        #expect(write < reply && write < told)
    }

    @Test("A snapshot older than what is committed is not installed (openraft #543)")
    func old() {
        var probe = RaftProbe()
        probe.receive(Say.append(1, "1 1 1 1", commit: 4), from: 2)
        probe.receive(snapshot(1, at: 3, of: 1), from: 2)
        #expect(probe.outputs == [.ignored(.oldSnapshot)])
        #expect(probe.match == Raft.LogIndex(4))
        #expect(probe.node.log.snapshotIndex == .zero && probe.records.isEmpty)
    }

    @Test("A snapshot of what the log holds keeps the entries behind it (etcd #1763)")
    func keepsSuffix() {
        var probe = RaftProbe(disk: .holding("1 1 1 1"))
        probe.receive(snapshot(2, at: 2, of: 1), from: 2)
        #expect(probe.node.log.terms == "1 1 1 1")
        #expect(probe.applied == Raft.Entry.test("1 1"))
        #expect(probe.match == Raft.LogIndex(2))

        var disk = Raft.Stable.holding("1 1 2 2")
        disk.apply(
            .snapshot(
                index: Raft.LogIndex(2), term: Raft.Term(1), configuration: Raft.Configuration(voters: three),
                state: "s"))
        #expect(disk.log.terms == "1 1 2 2")
        disk.apply(.compact(upTo: Raft.LogIndex(2)))
        #expect(disk.log.terms == "2 2")
        disk.apply(
            .snapshot(
                index: Raft.LogIndex(3), term: Raft.Term(3), configuration: Raft.Configuration(voters: three),
                state: "s"))
        #expect(disk.log.terms == "" && disk.log.lastIndex == Raft.LogIndex(3))
    }

    @Test("A snapshot without voters or of an impossible term is malformed")
    func malformed() {
        var probe = RaftProbe()
        probe.receive(snapshot(2, at: 3, of: 1, voters: []), from: 2)
        #expect(probe.outputs.contains(.ignored(.malformed)))
        probe.receive(snapshot(2, at: 3, of: 5), from: 2)
        #expect(probe.outputs.contains(.ignored(.malformed)))
        #expect(probe.node.log.lastIndex == .zero)
    }

    @Test("After a restart the snapshot is told first, and entries follow as they are committed")
    func restart() {
        var probe = RaftProbe(disk: .holding("1 1 1 1", snapshotAt: 2))
        let state = RaftCluster.pack(["1/1", "2/1"])
        #expect(probe.outputs == [.installed(index: Raft.LogIndex(2), term: Raft.Term(1), state: state)])
        probe.receive(Say.append(1, "1 1 1 1", commit: 4), from: 2)
        #expect(probe.applied == Raft.Entry.test("1 1", from: 3))
    }

    @Test("The voters of a snapshot are those in force, from a leader and from the disk")
    func voters() {
        let five = (1...5).map { NodeID($0) }
        var probe = RaftProbe()
        probe.receive(snapshot(2, at: 3, of: 1, voters: five), from: 2)
        #expect(probe.node.configuration.voters == five)
        var disk = Raft.Stable()
        disk.apply(
            .snapshot(
                index: Raft.LogIndex(3), term: Raft.Term(1), configuration: Raft.Configuration(voters: five), state: "")
        )
        let restarted = RaftProbe(disk: disk)
        #expect(restarted.node.configuration.voters == five)
    }

    @Test("A leader whose log is compacted sends a snapshot, again with growing patience, and goes on behind it")
    func leaderSends() throws {
        var probe = RaftProbe(disk: .holding("1 1 1 1 1", snapshotAt: 5))
        probe.lead()
        let hint = Raft.AppendResult.rejected(prevIndex: Raft.LogIndex(5), hintIndex: .zero, hintTerm: .zero)
        func refusal(_ round: UInt64) -> Raft.Message {
            .appendReply(Raft.AppendReply(term: Raft.Term(2), round: round, result: hint))
        }
        probe.receive(refusal(1), from: 2)
        #expect(probe.snapshots(to: 2).map(\.index) == [Raft.LogIndex(5)])
        #expect(probe.snapshots(to: 2).first?.configuration.voters == three)
        #expect(probe.peer(2)?.pace == .snapshot)

        var beatsOfSnapshots: [UInt64] = []
        for round in 2...60 as ClosedRange<UInt64> {
            probe.step(.timer(.heartbeat))
            #expect(probe.appends(to: 2).map(\.entries.count) == [0])
            probe.receive(refusal(round), from: 2)
            if !probe.snapshots(to: 2).isEmpty { beatsOfSnapshots.append(round) }
        }
        #expect(beatsOfSnapshots == [7, 19, 43])
        let reply = Raft.SnapshotReply(term: Raft.Term(2), round: 60, match: Raft.LogIndex(5))
        probe.receive(.snapshotReply(reply), from: 2)
        #expect(probe.peer(2)?.pace == .replicate)
        #expect(probe.appends(to: 2).map(\.prevIndex) == [Raft.LogIndex(5)])
    }

    @Test("A snapshot that is outdated when it is installed is followed by the next one at once")
    func outdated() {
        var probe = RaftProbe(disk: .holding("1 1 1 1 1", snapshotAt: 3))
        probe.lead()
        probe.receive(Say.rejected(2, 5, hint: 0, of: 0), from: 2)
        #expect(probe.snapshots(to: 2).map(\.index) == [Raft.LogIndex(3)])
        probe.receive(Say.accepted(2, 6), from: 3)
        probe.step(.command(.compact(upTo: Raft.LogIndex(6), state: "later")))
        let reply = Raft.SnapshotReply(term: Raft.Term(2), round: 1, match: Raft.LogIndex(3))
        probe.receive(.snapshotReply(reply), from: 2)
        #expect(probe.snapshots(to: 2).map(\.index) == [Raft.LogIndex(6)])
    }

    @Test("A fresh follower gets a log that was compacted to its tip (openraft #1828)")
    func freshFollower() throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            var settings = Raft.Settings()
            settings.snapshotAfter = seed % 2 == 0 ? 1 : 4
            var cluster = RaftCluster(3, settings: settings, seed: seed)
            cluster.crash(NodeID(3))
            let leader = try cluster.elect()
            for number in 1...20 { cluster.propose(leader, Bytes("c\(number)"), id: UInt64(number)) }
            cluster.settle()
            #expect(cluster[leader].node.log.snapshotIndex > .zero)
            cluster.restart(NodeID(3))
            cluster.run(for: .seconds(1))
            let state = (1...20).map { Bytes("c\($0)") }
            #expect(cluster[3].state == state)
            #expect(cluster[3].outputs.contains { if case .installed = $0 { true } else { false } })
            cluster.propose(leader, "more", id: 99)
            cluster.run(for: .milliseconds(100))
            #expect(cluster[3].state == state + ["more"])
            #expect(cluster.violations.isEmpty)
        }
    }

    @Test("Crashing at any moment of compaction loses nothing")
    func crashInCompaction() throws {
        for keeping in 0...3 {
            var settings = Raft.Settings()
            settings.snapshotAfter = 2
            var cluster = RaftCluster(3, settings: settings, seed: 6)
            let leader = try cluster.elect()
            cluster.syncsAtOnce = false
            for number in 1...9 {
                cluster.propose(leader, Bytes("c\(number)"), id: UInt64(number))
                for id in cluster.ids { cluster.sync(id, 1) }
                cluster.settle()
            }
            let decided = cluster[leader].state
            for id in cluster.ids { cluster.crash(id, keeping: keeping) }
            cluster.drop()
            cluster.syncsAtOnce = true
            for id in cluster.ids { cluster.restart(id) }
            try cluster.elect()
            cluster.settle()
            for host in cluster.hosts { #expect(Array(host.state.prefix(decided.count)) == decided) }
            #expect(!decided.isEmpty)
            #expect(cluster.violations.isEmpty)
        }
    }
}
