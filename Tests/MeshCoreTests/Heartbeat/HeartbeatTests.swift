import MeshCore
import MeshTestKit
import Testing

@Suite("Heartbeats")
struct HeartbeatTests {
    typealias Bench = StepBench<Heartbeat.Node>

    private func started(_ peers: [UInt64], settings: Heartbeat.Settings = Heartbeat.Settings()) -> Bench {
        var bench = Bench(Heartbeat.Node(id: NodeID(1), peers: peers.map(NodeID.init), settings: settings))
        bench.feed(.restarted)
        return bench
    }

    private func beat(_ bench: inout Bench, _ peer: UInt64, _ count: UInt64, life: UInt64 = 9) {
        bench.feed(.receive(.beat(life: life, count: count), from: NodeID(peer)))
    }

    /// Lets a peer beat every 5 s for some time.
    private func live(_ bench: inout Bench, _ peer: UInt64, from count: UInt64, beats: UInt64) {
        for number in count..<(count + beats) {
            beat(&bench, peer, number)
            bench.advance(.seconds(5))
        }
    }

    @Test("The defaults are 5 s, 15 s and 30 s")
    func defaults() throws {
        let settings = Heartbeat.Settings()
        try settings.check()
        #expect(settings.interval == .seconds(5))
        #expect(settings.suspectTimeout == .seconds(15))
        #expect(settings.deadTimeout == .seconds(30))
    }

    @Test("Each broken rule of the settings is refused with its way out")
    func refusals() {
        func error(_ interval: Int64, _ suspect: Int64, _ dead: Int64) -> Heartbeat.SettingsError? {
            var settings = Heartbeat.Settings()
            settings.interval = .seconds(interval)
            settings.suspectTimeout = .seconds(suspect)
            settings.deadTimeout = .seconds(dead)
            do {
                try settings.check()
                return nil
            } catch {
                return error
            }
        }
        #expect(error(0, 15, 30) == .intervalNotPositive(.zero))
        #expect(error(5, 5, 30) == .suspectTimeoutTooShort(.seconds(5), interval: .seconds(5)))
        #expect(error(5, 15, 15) == .deadTimeoutTooShort(.seconds(15), suspectTimeout: .seconds(15)))
        #expect(error(3, 10, 15) == nil)
        #expect(
            Heartbeat.SettingsError.deadTimeoutTooShort(.seconds(15), suspectTimeout: .seconds(15)).description
                == "deadTimeout 15s is not above suspectTimeout 15s; give twice as much")
    }

    @Test("Every peer gets a heartbeat at the start and in each interval, numbered")
    func beats() {
        var bench = started([2, 3, 1, 0, 3])
        #expect(bench.sent.map(\.peer) == [NodeID(2), NodeID(3)])
        bench.forget()
        bench.advance(.seconds(20))
        #expect(bench.sent.count == 8)
        #expect(bench.sent.last?.message == .beat(life: 0, count: 5))
    }

    @Test("A silent peer is suspect after exactly 15 s and dead after exactly 30 s, each told once")
    func silence() {
        var bench = started([2, 3])
        bench.advance(.milliseconds(1_700))
        beat(&bench, 2, 1)
        #expect(bench.outputs == [.connected(NodeID(2))])
        bench.forget()
        bench.advance(.milliseconds(14_999))
        #expect(bench.machine.status(of: NodeID(2)) == .connected)
        bench.advance(.milliseconds(1))
        #expect(bench.machine.status(of: NodeID(2)) == .suspect)
        bench.advance(.milliseconds(14_999))
        #expect(bench.machine.status(of: NodeID(2)) == .suspect)
        bench.advance(.milliseconds(1))
        #expect(bench.machine.status(of: NodeID(2)) == .dead)
        // Where a dead node was reported at each tick, this list would grow for ever.
        bench.advance(.seconds(600))
        let aboutTwo = bench.outputs.filter { $0 == .suspect(NodeID(2)) || $0 == .dead(NodeID(2)) }
        #expect(aboutTwo == [.suspect(NodeID(2)), .dead(NodeID(2))])
    }

    @Test("A peer that never answers is suspect and dead as well, counted from the start")
    func neverSeen() {
        var bench = started([2])
        #expect(bench.machine.status(of: NodeID(2)) == .disconnected)
        bench.advance(.seconds(15))
        #expect(bench.outputs == [.suspect(NodeID(2))])
        bench.advance(.seconds(15))
        #expect(bench.outputs == [.suspect(NodeID(2)), .dead(NodeID(2))])
    }

    @Test("A peer that beats stays connected, with two beats lost in a row too")
    func steady() {
        var bench = started([2])
        live(&bench, 2, from: 1, beats: 20)
        bench.advance(.milliseconds(9_990))
        live(&bench, 2, from: 23, beats: 5)
        #expect(bench.outputs == [.connected(NodeID(2))])
    }

    @Test("A suspect that beats recovers at once and gets the whole time again, whatever the ratio of the timeouts")
    func recovery() {
        var settings = Heartbeat.Settings()
        settings.deadTimeout = .seconds(100)
        for settings in [Heartbeat.Settings(), settings] {
            var bench = started([2], settings: settings)
            beat(&bench, 2, 1)
            bench.advance(.seconds(16))
            beat(&bench, 2, 2)
            #expect(bench.outputs == [.connected(NodeID(2)), .suspect(NodeID(2)), .recovered(NodeID(2))])
            bench.advance(.milliseconds(14_999))
            #expect(bench.machine.status(of: NodeID(2)) == .connected)
            bench.advance(.milliseconds(1))
            #expect(bench.machine.status(of: NodeID(2)) == .suspect)
        }
    }

    @Test("A dead peer that beats recovers, and can die again")
    func resurrection() {
        var bench = started([2])
        for round in 1...3 as ClosedRange<UInt64> {
            bench.forget()
            beat(&bench, 2, round)
            bench.advance(.seconds(40))
            let first: Heartbeat.Output = round == 1 ? .connected(NodeID(2)) : .recovered(NodeID(2))
            #expect(bench.outputs == [first, .suspect(NodeID(2)), .dead(NodeID(2))])
        }
    }

    @Test("A peer that says good-bye is disconnected, and neither suspect nor dead afterwards")
    func farewell() {
        var bench = started([2])
        beat(&bench, 2, 1)
        bench.feed(.receive(.farewell(life: 9, count: 2), from: NodeID(2)))
        bench.advance(.seconds(100))
        #expect(bench.outputs == [.connected(NodeID(2)), .disconnected(NodeID(2))])
        // A beat that was overtaken by the good-bye does not bring it back; its next life does.
        beat(&bench, 2, 1)
        #expect(bench.machine.status(of: NodeID(2)) == .disconnected)
        beat(&bench, 2, 1, life: 10)
        #expect(bench.machine.status(of: NodeID(2)) == .connected)
        bench.advance(.seconds(15))
        #expect(bench.machine.status(of: NodeID(2)) == .suspect)
    }

    @Test("Doubles and latecomers do not count as signs of life")
    func doubles() {
        var bench = started([2])
        beat(&bench, 2, 5)
        bench.advance(.seconds(10))
        beat(&bench, 2, 5)
        beat(&bench, 2, 4)
        #expect(bench.outputs == [.connected(NodeID(2)), .ignored(.stale), .ignored(.stale)])
        bench.advance(.seconds(5))
        #expect(bench.machine.status(of: NodeID(2)) == .suspect)
    }

    @Test("Stopping says good-bye, clears every timer and takes nothing any more")
    func stop() {
        var bench = started([2, 3])
        beat(&bench, 2, 1)
        bench.forget()
        bench.feed(.command(.stop))
        #expect(bench.sent.map(\.message) == [.farewell(life: 0, count: 2), .farewell(life: 0, count: 2)])
        // Their interval was never cleared.
        #expect(bench.runningTimers.isEmpty)
        bench.forget()
        bench.advance(.seconds(100))
        beat(&bench, 2, 2)
        bench.feed(.timer(.interval))
        bench.feed(.timer(.silence))
        #expect(bench.sent.isEmpty && bench.outputs.isEmpty && bench.runningTimers.isEmpty)
        bench.feed(.command(.stop))
        #expect(bench.outputs == [.ignored(.pointlessCommand)])
        bench.feed(.restarted)
        #expect(bench.machine.status(of: NodeID(2)) == .disconnected)
        #expect(Set(bench.runningTimers) == [.interval, .silence])
    }

    @Test("Peers can be added and removed while running")
    func addAndRemove() {
        var bench = started([2])
        bench.advance(.seconds(12))
        bench.forget()
        bench.feed(.command(.addPeer(NodeID(3))))
        #expect(bench.sent.map(\.peer) == [NodeID(3)])
        bench.feed(.command(.removePeer(NodeID(2))))
        #expect(bench.machine.status(of: NodeID(2)) == nil)
        bench.advance(.milliseconds(14_999))
        #expect(bench.outputs.isEmpty)
        bench.advance(.milliseconds(1))
        #expect(bench.outputs == [.suspect(NodeID(3))])
        #expect(!bench.sent.dropFirst().contains { $0.peer == NodeID(2) })
        bench.forget()
        for command in [
            Heartbeat.Command.addPeer(NodeID(1)), .addPeer(NodeID(0)), .addPeer(NodeID(3)), .removePeer(NodeID(2)),
        ] {
            bench.feed(.command(command))
        }
        beat(&bench, 2, 1)
        #expect(bench.outputs == Array(repeating: .ignored(.pointlessCommand), count: 4) + [.ignored(.unknownPeer)])
    }

    @Test("A peer that is removed and added again gets its whole time")
    func addAgain() {
        var bench = started([2])
        bench.advance(.seconds(14))
        bench.feed(.command(.removePeer(NodeID(2))))
        bench.feed(.command(.addPeer(NodeID(2))))
        bench.advance(.milliseconds(14_999))
        #expect(bench.outputs.isEmpty)
        bench.advance(.milliseconds(1))
        #expect(bench.outputs == [.suspect(NodeID(2))])
    }

    @Test(
        "A clock that jumps makes detection wrong by at most one interval, and a living peer suspect never",
        arguments: [-86_400, -16, -3, 3, 16, 86_400] as [Int64])
    func clockJumps(_ seconds: Int64) {
        var bench = started([2, 3])
        var taken: Interval?
        beat(&bench, 3, 1)
        bench.forget()
        for step in 0..<120 as Range<UInt64> {
            bench.clockOffset = bench.clockOffset + .seconds(seconds)
            if step % 10 == 0 { beat(&bench, 2, step) }
            bench.advance(.milliseconds(500))
            if taken == nil && bench.machine.status(of: NodeID(3)) == .suspect { taken = bench.elapsed }
        }
        #expect(bench.machine.status(of: NodeID(2)) == .connected)
        #expect(!bench.outputs.contains(.suspect(NodeID(2))))
        #expect(taken.map { $0 >= .seconds(10) && $0 <= .seconds(20) } == true, "\(String(describing: taken))")
    }

    @Test(
        "It agrees with a naive twin that looks at every peer at every moment", arguments: 1...6 as ClosedRange<UInt64>)
    func naiveTwin(seed: UInt64) {
        var dice = Dice(seed: seed)
        var bench = started([])
        var heard: [UInt64: Interval] = [:]
        for step in 1...3_000 as ClosedRange<UInt64> {
            let peer = UInt64(2 + dice.number(below: 6))
            switch dice.number(below: 12) {
            case 0:
                bench.feed(.command(.addPeer(NodeID(peer))))
                if heard[peer] == nil { heard[peer] = bench.elapsed }
            case 1 where dice.number(below: 4) == 0:
                bench.feed(.command(.removePeer(NodeID(peer))))
                heard[peer] = nil
            case 2, 3:
                beat(&bench, peer, step)
                if heard[peer] != nil { heard[peer] = bench.elapsed }
            default: bench.advance(.milliseconds(Int64(dice.number(below: 3_000))))
            }
            bench.machine.forEachPeer { peer, status in
                let silence = bench.elapsed - (heard[peer.rawValue] ?? .zero)
                switch status {
                case .connected, .disconnected: #expect(silence < .seconds(15))
                case .suspect: #expect(silence >= .seconds(15) && silence < .seconds(30))
                case .dead: #expect(silence >= .seconds(30))
                }
            }
            for peer in 2...7 as ClosedRange<UInt64> {
                #expect((bench.machine.status(of: NodeID(peer)) != nil) == (heard[peer] != nil))
            }
        }
        let connected = bench.machine.connectedPeers
        #expect(connected == connected.sorted())
    }

    @Test("Both messages survive the round trip; 100,000 mutated bodies do not trap")
    func wire() throws {
        var dice = Dice(seed: 5)
        for life in [0, 1, UInt64.max] {
            for count in [0, 127, UInt64.max] {
                for message in [Heartbeat.Message.beat(life: life, count: count), .farewell(life: life, count: count)] {
                    let frame = Frame.encode(message)
                    #expect(frame.count == message.byteCount)
                    #expect(try Frame.decode(frame, as: Heartbeat.Message.self) == message)
                }
            }
        }
        var refused = 0
        for _ in 0..<100_000 {
            let bytes = (0..<dice.number(below: 24)).map { _ in
                dice.number(below: 3) == 0 ? UInt8(dice.number(below: 256)) : UInt8(dice.number(below: 3))
            }
            var reader = WireReader(bytes)
            if (try? Heartbeat.Message(from: &reader)) == nil { refused += 1 }
        }
        #expect(refused > 1_000 && refused < 100_000)
    }
}
