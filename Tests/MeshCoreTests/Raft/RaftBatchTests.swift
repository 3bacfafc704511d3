import MeshCore
import MeshTestKit
import Testing

extension RaftProbe {
    /// Acknowledges everything the leader holds, as node 2 would.
    fileprivate mutating func acknowledge() {
        let reply = Raft.AppendReply(
            term: node.term, round: 1, result: .accepted(match: node.log.lastIndex))
        receive(.appendReply(reply), from: 2)
    }
}

@Suite("Raft batches")
struct RaftBatchTests {
    private static let five: [Bytes] = ["a", "b", "c", "d", "e"]

    @Test("Commands proposed together travel in one message to each follower and in one record, each with its answer")
    func together() {
        var probe = RaftProbe()
        probe.lead()
        probe.acknowledge()
        probe.step(.command(.proposeAll(Self.five, firstID: 10)))
        #expect(
            probe.outputs
                == (0..<5).map {
                    .proposed(id: 10 + $0, index: Raft.LogIndex(2 + $0), term: Raft.Term(1))
                })
        #expect(probe.appends(to: 2).map(\.entries.count) == [5])
        #expect(probe.records.count == 1)
        probe.persistAll()
        probe.acknowledge()
        #expect(probe.applied.map(\.payload) == Self.five.map { .command($0) })
        #expect(probe.outputs.count { if case .apply = $0 { true } else { false } } == 1)
    }

    @Test("A batch larger than a message is cut where the message is full")
    func cut() {
        var settings = Raft.Settings()
        settings.maxEntriesPerAppend = 2
        var probe = RaftProbe(settings: settings)
        probe.lead()
        probe.acknowledge()
        probe.step(.command(.proposeAll(Self.five, firstID: 0)))
        #expect(probe.appends(to: 2).map(\.entries.count) == [2, 2, 1])
        #expect(probe.records.count == 3)
        settings.maxEntriesPerAppend = 100
        settings.maxBytesPerAppend = 4
        var other = RaftProbe(settings: settings)
        other.lead()
        other.acknowledge()
        other.step(.command(.proposeAll(["xxx", "x", "xx", "xxxxx", "xxxx"], firstID: 0)))
        #expect(other.appends(to: 2).map(\.entries.count) == [2, 1, 1])
        #expect(other.outputs.contains(.rejected(id: 3, reason: .tooLarge)))
        #expect(other.outputs.contains(.proposed(id: 4, index: Raft.LogIndex(5), term: Raft.Term(1))))
    }

    @Test("Of a batch as much is taken as may wait for its commit, the rest is told to come again")
    func busy() {
        var settings = Raft.Settings()
        settings.maxUncommittedBytes = 3
        var probe = RaftProbe(settings: settings)
        probe.lead()
        probe.step(.command(.proposeAll(Self.five, firstID: 0)))
        #expect(probe.node.status.uncommittedBytes == 3)
        let refused: [Raft.Output] = [.rejected(id: 3, reason: .busy), .rejected(id: 4, reason: .busy)]
        #expect(probe.outputs.suffix(2) == refused)
        // A new term starts with an empty account, and what was left of the old one is never taken out of it.
        probe.receive(.appendReply(Raft.AppendReply(term: Raft.Term(2), round: 1, result: .stale)), from: 3)
        probe.persistAll()
        probe.lead()
        #expect(probe.node.status.uncommittedBytes == 0)
        probe.step(.command(.propose("xy", id: 9)))
        probe.persistAll()
        probe.acknowledge()
        #expect(probe.node.status.uncommittedBytes == 0)
        #expect(probe.node.commitIndex == probe.node.log.lastIndex)
    }

    @Test("Without a leader every command of a batch is refused")
    func noLeader() {
        var probe = RaftProbe()
        probe.step(.command(.proposeAll(Self.five, firstID: 1)))
        #expect(probe.outputs == (1...5).map { .rejected(id: $0, reason: .noLeader) })
    }

    @Test("A follower hands a batch to the leader in one message; the answers come in one and tell each fate")
    func forwarded() throws {
        var settings = Raft.Settings()
        settings.maxUncommittedBytes = 3
        var cluster = RaftCluster(3, settings: settings, seed: 2)
        let leader = try cluster.elect()
        let follower = leader % 3 + 1
        cluster.step(NodeID(UInt64(follower)), .command(.proposeAll(Self.five, firstID: 7)))
        #expect(cluster.letters.count { if case .forward = $0.message { true } else { false } } == 1)
        let copies = cluster.letters
        cluster.letters += copies
        cluster.settle()
        let answers = cluster[follower].outputs.compactMap { output -> String? in
            switch output {
            case .proposed(let id, _, _): "\(id) taken"
            case .rejected(let id, let reason): "\(id) \(reason)"
            default: nil
            }
        }
        #expect(answers == ["7 taken", "8 taken", "9 taken", "10 busy", "11 busy"])
        for host in cluster.hosts { #expect(host.state == ["a", "b", "c"]) }
        #expect(cluster.violations.isEmpty)
    }

    @Test("What is handed out to be applied is bounded by count and by bytes, complete and in order")
    func bounded() {
        for seed in 1...60 as ClosedRange<UInt64> {
            var dice = Dice(seed: seed)
            var settings = Raft.Settings()
            settings.maxEntriesPerApply = 1 + dice.number(below: 6)
            settings.maxBytesPerApply = 1 + dice.number(below: 12)
            var probe = RaftProbe(settings: settings)
            probe.lead()
            var proposed: [Bytes] = []
            var applied: [Raft.Entry] = []
            for _ in 0..<20 {
                for _ in 0..<dice.number(below: 3) {
                    let commands = (0..<dice.number(below: 5)).map { _ in
                        Bytes([UInt8](repeating: 7, count: dice.number(below: 9)))
                    }
                    proposed += commands
                    probe.step(.command(.proposeAll(commands, firstID: 0)))
                }
                probe.persistAll()
                probe.acknowledge()
                for case .apply(let batch) in probe.outputs {
                    #expect(!batch.isEmpty && batch.count <= settings.maxEntriesPerApply)
                    let byteCount = batch.map(\.payload.byteCount).reduce(0, +)
                    #expect(byteCount <= settings.maxBytesPerApply || batch.count == 1)
                    applied += batch
                }
            }
            #expect(applied.map(\.index.rawValue) == (1...UInt64(proposed.count + 1)).map { $0 })
            #expect(applied.dropFirst().map(\.payload) == proposed.map { .command($0) })
        }
    }
}
