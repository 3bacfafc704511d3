import MeshCore
import MeshTestKit
import Testing

/// One node with groups on the bench.
private struct MultiRaftProbe {
    var node: MultiRaft.Node
    var effects: [Effect<MultiRaft.Node>] = []
    var now = Instant.zero

    init(_ settings: MultiRaft.Settings = MultiRaft.Settings(), disk: MultiRaft.Stable = MultiRaft.Stable()) {
        node = MultiRaft.Node(id: NodeID(1), settings: settings, random: Random(seed: 3))
        node.restore(disk)
        step(.restarted)
    }

    mutating func step(_ input: consuming Input<MultiRaft.Node>) {
        var outbox = Outbox<Effect<MultiRaft.Node>>()
        node.step(input, at: now, into: &outbox)
        effects = []
        outbox.drain { effects.append($0) }
    }

    mutating func create(_ number: UInt64) {
        let voters = [NodeID(1), NodeID(2), NodeID(3)]
        step(.command(.create(MultiRaft.GroupID(number), Raft.Configuration(voters: voters))))
    }

    var outputs: [MultiRaft.Output] {
        effects.compactMap { if case .output(let output) = $0 { output } else { nil } }
    }

    /// The effects as one letter each: s(end), p(ersist), o(utput), t(imer).
    var shape: String {
        effects.map {
            switch $0 {
            case .send: "s"
            case .persist: "p"
            case .output: "o"
            case .setTimer, .cancelTimer: "t"
            }
        }.joined()
    }

    var batches: [(to: NodeID, batch: [MultiRaft.Envelope])] {
        effects.compactMap {
            if case .send(.batch(let batch), let to) = $0 { (to, batch) } else { nil }
        }
    }
}

@Suite("Many Raft groups on a node")
struct MultiRaftNodeTests {
    private func vote(_ group: UInt64, term: UInt64) -> MultiRaft.Envelope {
        let request = Raft.VoteRequest(
            term: Raft.Term(term), lastIndex: .zero, lastTerm: .zero, campaign: 1)
        return MultiRaft.Envelope(group: MultiRaft.GroupID(group), message: .vote(request))
    }

    @Test("A hundred groups set one timer of the driver")
    func oneTimer() {
        var probe = MultiRaftProbe()
        #expect(probe.shape == "t")
        probe.create(1)
        #expect(probe.effects.contains { if case .setTimer(.tick, _) = $0 { true } else { false } })
        for number in 2...100 as ClosedRange<UInt64> {
            probe.create(number)
            #expect(!probe.shape.contains("t"))
        }
        #expect(probe.node.status.timers == 100 && probe.node.status.groups == 100)
    }

    @Test("What a batch brings is answered by one batch, behind all records of the step")
    func batchAnswered() {
        var probe = MultiRaftProbe()
        for number in 1...5 as ClosedRange<UInt64> { probe.create(number) }
        probe.step(.receive(.batch((1...5).map { vote($0, term: 3) }), from: NodeID(2)))
        #expect(probe.batches.count == 1)
        #expect(probe.batches.first?.to == NodeID(2) && probe.batches.first?.batch.count == 5)
        let persists = probe.effects.indices.filter { if case .persist = probe.effects[$0] { true } else { false } }
        let sends = probe.effects.indices.filter { if case .send = probe.effects[$0] { true } else { false } }
        #expect(persists.count == 5 && sends.allSatisfy { $0 > persists.last ?? .max })
    }

    @Test("What one group has to write does not hold up what another only says")
    func independent() {
        var probe = MultiRaftProbe()
        probe.create(1)
        probe.create(2)
        let request = Raft.VoteRequest(term: Raft.Term(3), lastIndex: .zero, lastTerm: .zero, campaign: 1)
        let ask = MultiRaft.Envelope(group: MultiRaft.GroupID(2), message: .preVote(request))
        probe.step(.receive(.batch([vote(1, term: 3), ask]), from: NodeID(2)))
        #expect(probe.batches.map(\.batch.count) == [1, 1])
        #expect(probe.batches.first?.batch.first?.group == MultiRaft.GroupID(2))
        let firstSend = probe.effects.firstIndex { if case .send = $0 { true } else { false } } ?? .max
        let firstPersist = probe.effects.firstIndex { if case .persist = $0 { true } else { false } } ?? .max
        #expect(firstSend < firstPersist)
    }

    @Test("A group takes no name twice, not even one that was destroyed, not even after a restart")
    func names() {
        var probe = MultiRaftProbe()
        var disk = MultiRaft.Stable()
        let group = MultiRaft.GroupID(4)
        func keep(_ probe: MultiRaftProbe, _ disk: inout MultiRaft.Stable) {
            for effect in probe.effects { if case .persist(let record, _) = effect { disk.apply(record) } }
        }
        probe.create(4)
        keep(probe, &disk)
        probe.create(4)
        #expect(probe.outputs.map(\.description) == ["g4 refused: exists already"])
        probe.step(.command(.destroy(group)))
        keep(probe, &disk)
        #expect(probe.outputs.map(\.description) == ["destroyed g4"])
        #expect(probe.node.status.groups == 0 && probe.node.status.timers == 0 && probe.node[group] == nil)
        probe.create(4)
        #expect(probe.outputs.map(\.description) == ["g4 refused: was destroyed"])
        probe.step(.receive(.batch([vote(4, term: 9)]), from: NodeID(2)))
        #expect(probe.outputs.map(\.description) == ["g4 refused: was destroyed"])
        var again = MultiRaftProbe(disk: disk)
        again.create(4)
        #expect(again.outputs.map(\.description) == ["g4 refused: was destroyed"])
        again.step(.command(.group(MultiRaft.GroupID(8), .campaign)))
        #expect(again.outputs.map(\.description) == ["g8 refused: unknown group"])
    }

    @Test("A restart finds its groups again, each with its own vote")
    func restart() {
        var probe = MultiRaftProbe()
        var disk = MultiRaft.Stable()
        for number in [7, 3, 5] as [UInt64] {
            probe.create(number)
            for effect in probe.effects { if case .persist(let record, _) = effect { disk.apply(record) } }
            probe.step(.receive(.batch([vote(number, term: number)]), from: NodeID(2)))
            for effect in probe.effects { if case .persist(let record, _) = effect { disk.apply(record) } }
        }
        var copy = MultiRaft.Stable()
        for record in disk.records { copy.apply(record) }
        #expect(copy == disk)
        let again = MultiRaftProbe(disk: copy)
        #expect(again.node.groups.map(\.rawValue) == [3, 5, 7])
        for number in [3, 5, 7] as [UInt64] {
            #expect(again.node[MultiRaft.GroupID(number)]?.term == Raft.Term(number))
            #expect(again.node[MultiRaft.GroupID(number)]?.votedFor == NodeID(2))
        }
        #expect(again.node.status.peers == [NodeID(2), NodeID(3)])
    }

    @Test("A batch that grows too large is cut, and nothing is lost or reordered")
    func cutBatches() {
        var settings = MultiRaft.Settings()
        settings.maxBatchBytes = 10
        settings.raft.preVote = false
        var probe = MultiRaftProbe(settings)
        probe.create(1)
        let append = Raft.Append(
            term: Raft.Term(2), prevIndex: .zero, prevTerm: .zero, commit: .zero, round: 1)
        let hello = MultiRaft.Envelope(group: MultiRaft.GroupID(1), message: .append(append))
        probe.step(.receive(.batch([hello]), from: NodeID(2)))
        let commands = (1...5).map { Bytes("number \($0)") }
        for (index, command) in commands.enumerated() {
            probe.step(.command(.group(MultiRaft.GroupID(1), .propose(command, id: UInt64(index)))))
            #expect(probe.batches.count == 1)
        }
        probe.step(.command(.group(MultiRaft.GroupID(1), .proposeAll(commands, firstID: 10))))
        let count = probe.batches.reduce(0) { $0 + $1.batch.count }
        #expect(count >= 1 && probe.batches.allSatisfy { $0.to == NodeID(2) })
    }

    @Test("A clock that jumps moves no deadline: only the driver's timer counts")
    func clockJumps() {
        var probe = MultiRaftProbe()
        probe.create(1)
        // The longest patience is 300 ms: 30 ticks and one for the moment between two of them.
        var campaigned: Int?
        for tick in 1...60 {
            probe.now = Instant(nanoseconds: tick % 2 == 0 ? 1 << 50 : -(1 << 50))
            probe.step(.timer(.tick))
            if campaigned == nil, !probe.batches.isEmpty { campaigned = tick }
        }
        let first = campaigned ?? 0
        #expect(first >= 15 && first <= 32)
    }

    @Test("Every message survives the round trip, and what is cut or unknown is refused")
    func wire() throws {
        let messages: [MultiRaft.Message] = [
            .beat, .batch([]), .batch([vote(1, term: 2), vote(UInt64.max, term: 3)]),
            .batch([
                MultiRaft.Envelope(
                    group: MultiRaft.GroupID(9),
                    message: .append(
                        Raft.Append(
                            term: Raft.Term(3), prevIndex: Raft.LogIndex(4), prevTerm: Raft.Term(2),
                            entries: Raft.Entry.test("3 3", from: 5), commit: Raft.LogIndex(4), round: 8)))
            ]),
        ]
        for message in messages {
            let frame = Frame.encode(message)
            #expect(try Frame.decode(frame, as: MultiRaft.Message.self) == message)
            #expect(message.byteCount == frame.count)
            for end in 0..<frame.count {
                #expect(throws: WireError.self) {
                    try Frame.decode(Array(frame[..<end]), as: MultiRaft.Message.self)
                }
            }
        }
        var reader = WireReader([7])
        #expect(throws: WireError.self) { try MultiRaft.Message(from: &reader) }
        let records: [MultiRaft.Stable.Record] = [
            .created(MultiRaft.GroupID(3), Raft.Configuration(voters: [NodeID(1), NodeID(2)])),
            .destroyed(MultiRaft.GroupID(3)),
            .group(MultiRaft.GroupID(3), .hardState(term: Raft.Term(2), votedFor: NodeID(1))),
        ]
        for record in records {
            #expect(try Frame.decode(Frame.encode(record), as: MultiRaft.Stable.Record.self) == record)
        }
    }

    @Test("Settings with which a node could not work are refused with the way out")
    func settings() {
        func error(_ change: (inout MultiRaft.Settings) -> Void) -> MultiRaft.SettingsError? {
            var settings = MultiRaft.Settings()
            change(&settings)
            do {
                try settings.check()
                return nil
            } catch {
                return error
            }
        }
        #expect(error { _ in } == nil)
        #expect(error { $0.raft.readMode = .lease(driftBound: .percent(1)) } == .lease)
        #expect(error { $0.tick = .milliseconds(30) } == .tick)
        #expect(error { $0.patience = .milliseconds(500) } == .patience)
        #expect(error { $0.maxBatchBytes = 0 } == .batchBytes)
        #expect(error { $0.maxGroups = 0 } == .groups)
        #expect(error { $0.raft.maxInflight = 0 } == .raft(.inflightNotPositive))
        #expect(error { $0.raft.quiesceAfter = -1 } == .raft(.quiescenceNegative))
    }
}
