import MeshCore
import MeshTestKit
import Testing

private let three = [NodeID(1), NodeID(2), NodeID(3)]

/// The chunks of a snapshot, as a leader would cut it.
private func chunks(
    _ state: Bytes, of size: Int, term: UInt64 = 1, round: UInt64 = 1, at index: UInt64 = 5
) -> [Raft.Message] {
    stride(from: 0, to: state.count, by: size).map { start in
        let end = min(start + size, state.count)
        return .snapshot(
            Raft.Snapshot(
                term: Raft.Term(term), round: round, index: Raft.LogIndex(index), indexTerm: Raft.Term(1),
                configuration: Raft.Configuration(voters: three), size: state.count,
                checksum: Checksum.crc32c(state.storage), offset: start, chunk: Bytes(Array(state.storage[start..<end]))
            ))
    }
}

extension RaftProbe {
    fileprivate func offsets(to id: UInt64) -> [Int] {
        sent(to: id).compactMap { if case .snapshot(let part) = $0 { part.offset } else { nil } }
    }

    fileprivate var received: Int? {
        for (_, message) in sent {
            if case .snapshotReply(let reply) = message { return reply.received }
        }
        return nil
    }

    fileprivate var installed: Bytes? {
        for case .installed(_, _, let state) in outputs { return state }
        return nil
    }

    fileprivate mutating func answer(_ received: Int, match: UInt64 = 0, round: UInt64 = 1) {
        let reply = Raft.SnapshotReply(
            term: node.term, round: round, match: Raft.LogIndex(match), index: Raft.LogIndex(5), received: received)
        receive(.snapshotReply(reply), from: 2)
    }

    /// A leader whose snapshot at position 5 has ten bytes, and node 2 needs it.
    fileprivate static func sender(chunk: Int = 4, window: Int = 2) -> RaftProbe {
        var settings = Raft.Settings()
        settings.snapshotChunkBytes = chunk
        settings.snapshotWindow = window
        var disk = Raft.Stable.holding("1 1 1 1 1")
        disk.apply(
            .snapshot(
                index: Raft.LogIndex(5), term: Raft.Term(1), configuration: Raft.Configuration(voters: three),
                state: "0123456789"))
        disk.apply(.compact(upTo: Raft.LogIndex(5)))
        var probe = RaftProbe(settings: settings, disk: disk)
        probe.lead()
        probe.receive(Say.rejected(2, 5, hint: 0, of: 0), from: 2)
        return probe
    }
}

@Suite("Raft snapshots in chunks")
struct RaftChunkTests {
    @Test("A leader sends a window of chunks, then one for each that is acknowledged, then entries")
    func window() {
        var probe = RaftProbe.sender()
        #expect(probe.offsets(to: 2) == [0, 4])
        probe.answer(4)
        #expect(probe.offsets(to: 2) == [8])
        let progress = probe.peer(2)?.snapshot
        #expect(progress?.index == Raft.LogIndex(5) && progress?.acknowledged == 4 && progress?.size == 10)
        probe.answer(4)
        #expect(probe.sent.isEmpty)
        probe.answer(8)
        #expect(probe.sent.isEmpty)
        probe.answer(0, match: 5)
        #expect(probe.peer(2)?.pace == .replicate && probe.peer(2)?.snapshot == nil)
        #expect(probe.appends(to: 2).map(\.prevIndex) == [Raft.LogIndex(5)])
    }

    @Test("What is lost is sent again from the acknowledged place, after beats, waiting longer each time")
    func lost() {
        var probe = RaftProbe.sender()
        probe.answer(4)
        var resent: [UInt64: [Int]] = [:]
        for round in 2...12 as ClosedRange<UInt64> {
            probe.step(.timer(.heartbeat))
            probe.receive(Say.rejected(2, 5, hint: 0, of: 0, round: round), from: 2)
            if !probe.offsets(to: 2).isEmpty { resent[round] = probe.offsets(to: 2) }
        }
        #expect(resent == [3: [4, 8], 7: [4, 8]])
    }

    @Test("A follower that has lost what it had gets all of it again; a late answer changes nothing")
    func restarted() {
        var probe = RaftProbe.sender()
        probe.answer(8)
        #expect(probe.offsets(to: 2) == [8])
        probe.answer(4)
        #expect(probe.sent.isEmpty)
        probe.step(.timer(.heartbeat))
        probe.answer(0, round: 2)
        #expect(probe.offsets(to: 2) == [0, 4])
        probe.answer(11)
        #expect(probe.outputs == [.ignored(.malformed)])
    }

    @Test("A follower puts chunks together, each once and in order, and installs the whole")
    func assembled() {
        let parts = chunks("0123456789", of: 4)
        var probe = RaftProbe()
        for (place, received) in [(0, 4), (0, 4), (2, 4), (1, 8), (0, 8), (1, 8)] {
            probe.receive(parts[place], from: 2)
            #expect(probe.received == received && probe.installed == nil && probe.node.commitIndex == .zero)
        }
        probe.receive(parts[2], from: 2)
        #expect(probe.installed == "0123456789")
        #expect(probe.node.commitIndex == Raft.LogIndex(5))
        probe.receive(parts[2], from: 2)
        #expect(probe.outputs == [.ignored(.oldSnapshot)])
    }

    @Test("Another leader's snapshot and a newer one begin anew, an older one changes nothing")
    func anew() {
        let first = chunks("0123456789", of: 4)
        let newer = chunks("abcdefghij", of: 4, at: 6)
        let other = chunks("ABCDEFGHIJ", of: 4, term: 2, at: 6)
        var probe = RaftProbe()
        probe.receive(first[0], from: 2)
        probe.receive(newer[1], from: 2)
        #expect(probe.received == 0)
        probe.receive(newer[0], from: 2)
        #expect(probe.received == 4)
        probe.receive(first[1], from: 2)
        #expect(probe.outputs == [.ignored(.oldSnapshot)] && probe.received == nil)
        probe.receive(newer[1], from: 2)
        #expect(probe.received == 8)
        probe.receive(other[2], from: 3)
        #expect(probe.received == 0)
        for part in other { probe.receive(part, from: 3) }
        #expect(probe.installed == "ABCDEFGHIJ")
    }

    @Test("A snapshot whose checksum does not match is dropped, and the next attempt succeeds")
    func damaged() {
        var parts = chunks("0123456789", of: 4)
        guard case .snapshot(var part) = parts[1] else { return }
        part.chunk = "xxxx"
        parts[1] = .snapshot(part)
        var probe = RaftProbe()
        for part in parts { probe.receive(part, from: 2) }
        #expect(probe.outputs == [.ignored(.snapshotDamaged)])
        #expect(probe.received == 0 && probe.node.commitIndex == .zero && probe.records.isEmpty)
        for part in chunks("0123456789", of: 4) { probe.receive(part, from: 2) }
        #expect(probe.installed == "0123456789")
        var whole = RaftProbe()
        part.offset = 0
        part.size = 4
        whole.receive(.snapshot(part), from: 2)
        #expect(whole.outputs.contains(.ignored(.snapshotDamaged)) && whole.installed == nil)
    }

    @Test("A snapshot larger than the settings allow is not even begun, and nonsense is malformed")
    func bounded() {
        var settings = Raft.Settings()
        settings.maxSnapshotBytes = 9
        var probe = RaftProbe(settings: settings)
        probe.receive(chunks("0123456789", of: 4)[0], from: 2)
        #expect(probe.outputs.contains(.ignored(.snapshotTooLarge)) && probe.received == nil)
        guard case .snapshot(var part) = chunks("012345", of: 4)[0] else { return }
        for (offset, size) in [(3, 6), (-1, 6), (0, 3), (7, 6)] {
            part.offset = offset
            part.size = size
            probe.receive(.snapshot(part), from: 2)
            #expect(probe.outputs == [.ignored(.malformed)])
        }
    }

    @Test("A snapshot larger than a frame arrives, in messages that fit into one")
    func large() throws {
        let state = Bytes([UInt8](repeating: 7, count: Frame.byteLimit + 12_345))
        var disk = Raft.Stable.holding("1 1 1 1 1")
        disk.apply(
            .snapshot(
                index: Raft.LogIndex(5), term: Raft.Term(1), configuration: Raft.Configuration(voters: three),
                state: state))
        disk.apply(.compact(upTo: Raft.LogIndex(5)))
        var leader = RaftProbe(disk: disk)
        leader.lead()
        var follower = RaftProbe(id: 2)
        leader.receive(Say.rejected(2, 5, hint: 0, of: 0), from: 2)
        var messages = leader.sent(to: 2)
        var count = 0
        while !messages.isEmpty {
            let message = messages.removeFirst()
            #expect(message.byteCount <= Frame.byteLimit)
            count += 1
            follower.receive(message, from: 1)
            for reply in follower.sent(to: 1) {
                leader.receive(reply, from: 2)
                messages += leader.sent(to: 2)
            }
        }
        #expect(count >= 5)
        #expect(follower.node.commitIndex >= Raft.LogIndex(5))
        #expect(leader.peer(2)?.pace == .replicate)
    }

    @Test("Chunks that are lost, doubled and reordered, with crashes of both sides, always end in the same state")
    func storm() throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            var dice = Dice(seed: seed)
            var settings = Raft.Settings()
            settings.snapshotAfter = 5
            settings.snapshotChunkBytes = 1 + dice.number(below: 20)
            settings.snapshotWindow = 1 + dice.number(below: 4)
            var cluster = RaftCluster(3, settings: settings, seed: seed)
            cluster.crash(NodeID(3))
            let leader = try cluster.elect()
            for number in 1...30 { cluster.propose(leader, Bytes("command \(number)"), id: UInt64(number)) }
            cluster.settle()
            cluster.wipe(NodeID(3))
            cluster.restart(NodeID(3))
            for _ in 0..<40 {
                cluster.run(for: .milliseconds(20))
                for place in cluster.letters.indices.reversed() where dice.number(below: 4) == 0 {
                    cluster.letters.remove(at: place)
                }
                cluster.letters += cluster.letters.filter { _ in dice.number(below: 4) == 0 }
                if dice.number(below: 25) == 0 {
                    cluster.crash(NodeID(3))
                    cluster.restart(NodeID(3))
                }
                while !cluster.letters.isEmpty, dice.number(below: 12) > 0 {
                    cluster.deliver(at: dice.number(below: cluster.letters.count))
                }
            }
            cluster.run(for: .seconds(30))
            #expect(cluster[3].state == cluster[leader].state, "seed \(seed)")
            #expect(cluster.violations.isEmpty)
        }
    }
}
