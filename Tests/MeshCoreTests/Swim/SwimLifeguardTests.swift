import MeshCore
import MeshTestKit
import Testing

/// The rules of Lifeguard (arXiv 1707.00788, DSN 2018), section IV.
@Suite("SWIM with Lifeguard")
struct SwimLifeguardTests {
    typealias Bench = StepBench<Swim.Node>

    // MARK: LHA-Suspicion

    @Test(
        "Max - (Max - Min) log(C + 1) / log(K + 1): 48, 22.8 and 8 s at 100 members, and never less",
        arguments: [(0, 48_000), (1, 22_763), (2, 8_000), (3, 8_000), (99, 8_000)])
    func formula(_ confirmations: Int, _ milliseconds: Int64) {
        let timeout = Swim.Settings().suspicionTimeout(liveCount: 100, confirmations: confirmations)
        let error = timeout - .milliseconds(milliseconds)
        #expect(error <= .milliseconds(20) && error >= .milliseconds(-20), "\(timeout)")
    }

    @Test("Where too few others could confirm, and without Lifeguard, every suspicion takes the shortest time")
    func shortest() {
        var settings = Swim.Settings()
        #expect(settings.suspicionTimeout(liveCount: 3, confirmations: 0) == .seconds(4))
        #expect(settings.suspicionTimeout(liveCount: 4, confirmations: 0) == .seconds(24))
        settings.lifeguard?.confirmations = 0
        #expect(settings.suspicionTimeout(liveCount: 100, confirmations: 0) == .seconds(8))
        settings.lifeguard = nil
        #expect(settings.suspicionTimeout(liveCount: 100, confirmations: 0) == .seconds(8))
    }

    /// When a suspect dies after these accusations, each 100 ms after the one before.
    private func death(_ accusers: [UInt64], settings: Swim.Settings = Swim.Settings()) -> Interval? {
        var bench = Bench(members: Array(2...9), settings: settings)
        let start = bench.elapsed
        for accuser in accusers {
            bench.receive(.gossip, from: 2, .of(9, .suspect, 0, by: accuser))
            bench.advance(.milliseconds(100))
        }
        while bench.machine.status(of: NodeID(9)) != .dead {
            guard bench.elapsed - start < .seconds(60) else { return nil }
            // The others answer every probe: nobody else falls under suspicion, and our health stays good.
            bench.forget()
            bench.advance(.milliseconds(10))
            for ping in bench.pings where ping.target != NodeID(9) && ping.sequence != 0 {
                bench.receive(
                    .ack(sequence: ping.sequence, target: ping.target, requester: nil), from: ping.target.rawValue)
            }
        }
        return bench.elapsed - start
    }

    @Test("Independent accusers bring the end nearer, the same accuser again does not")
    func confirmations() throws {
        // Our own failed probe of the suspect is an accusation as well, so one from outside makes at most K of them.
        let one = try #require(death([3, 3, 3, 3]))
        let three = try #require(death([3, 4, 5]))
        #expect(one >= .milliseconds(11_370) && one <= .seconds(24), "\(one)")
        #expect(three >= .milliseconds(4_000) && three <= .milliseconds(4_010), "\(three)")
        var plain = Swim.Settings()
        plain.lifeguard = nil
        let without = try #require(death([3, 3], settings: plain))
        #expect(without >= .milliseconds(4_000) && without <= .milliseconds(4_010), "\(without)")
    }

    @Test("A confirmation is passed on once; what goes beyond K is not, nor is an accusation of nobody")
    func confirmationsSpread() {
        var bench = Bench(members: Array(2...9))
        func rumours() -> [Swim.Update] {
            bench.forget()
            bench.receive(.ping(sequence: 7, requester: nil), from: 2)
            return bench.sent[0].message.updates.filter { $0.node == NodeID(9) }
        }
        for accuser in [3, 3, 4, 5, 6, 0] as [UInt64] {
            bench.receive(.gossip, from: 2, .of(9, .suspect, 0, by: accuser))
        }
        #expect(
            Set(rumours().map(\.accuser)) == [NodeID(3), NodeID(4), NodeID(5)], "three accusers: the first and K = 2")
        #expect(bench.machine.rumorCount == 3)
    }

    @Test("A refuted suspicion takes its accusers with it")
    func refutationForgetsAccusers() {
        var bench = Bench(members: Array(2...9))
        for accuser in [3, 4, 5] as [UInt64] { bench.receive(.gossip, from: 2, .of(9, .suspect, 0, by: accuser)) }
        bench.receive(.gossip, from: 9, incarnation: 1)
        bench.receive(.gossip, from: 2, .of(9, .suspect, 1, by: 3))
        bench.advance(.milliseconds(4_500))
        #expect(bench.machine.status(of: NodeID(9)) == .suspect)
        bench.receive(.gossip, from: 2, .of(9, .suspect, 1, by: 4), .of(9, .suspect, 1, by: 5))
        bench.advance(.zero)
        #expect(bench.machine.status(of: NodeID(9)) == .dead, "the shortest time had passed already")
    }

    // MARK: LHA-Probe

    /// Lets one probe fail, with so many of the helpers saying that they were asked.
    private func failProbe(_ bench: inout Bench, heard: Int) {
        bench.forget()
        bench.advance(to: .period)
        bench.advance(to: .probeTimeout)
        var left = heard
        for sent in bench.sent {
            guard case .pingRequest(let sequence, _) = sent.message.purpose, left > 0 else { continue }
            bench.receive(.nack(sequence: sequence), from: sent.peer.rawValue)
            left -= 1
        }
    }

    @Test(
        "A failed probe worsens the health by the helpers that were not heard; a success improves it by one",
        arguments: [(0, 3), (1, 2), (3, 0)])
    func health(_ heard: Int, _ health: Int) {
        var bench = Bench(members: Array(2...30))
        failProbe(&bench, heard: heard)
        bench.forget()
        bench.advance(to: .period)
        #expect(bench.machine.localHealth == health)
        let ping = bench.pings[0]
        bench.receive(.ack(sequence: ping.sequence, target: ping.target, requester: nil), from: ping.target.rawValue)
        #expect(bench.machine.localHealth == max(0, health - 1))
    }

    @Test("A node of bad health waits longer before it asks helpers and before it accuses, up to the limit")
    func patience() {
        var bench = Bench(members: Array(2...30))
        failProbe(&bench, heard: 0)
        bench.advance(to: .period)
        #expect(bench.machine.localHealth == 3)
        // Four times 500 ms, and four periods.
        #expect(bench.remaining(of: .probeTimeout) == .seconds(2))
        let target = bench.pings[bench.pings.count - 1].target
        for _ in 0..<3 {
            bench.advance(to: .period)
            #expect(bench.machine.status(of: target) == .alive)
        }
        bench.advance(to: .period)
        #expect(bench.machine.status(of: target) == .suspect)
        for _ in 0..<60 { bench.advance(to: .period) }
        #expect(bench.machine.localHealth == 7)
    }

    @Test("Whoever has to refute doubts its health, and a node without Lifeguard never does")
    func refutationCosts() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(1, .suspect, 4, by: 3))
        #expect(bench.machine.localHealth == 1)
        var settings = Swim.Settings()
        settings.lifeguard = nil
        var plain = Bench(members: Array(2...30), settings: settings)
        plain.receive(.gossip, from: 2, .of(1, .suspect, 4))
        failProbe(&plain, heard: 0)
        plain.advance(to: .period)
        #expect(plain.machine.localHealth == 0)
        #expect(plain.remaining(of: .probeTimeout) == .milliseconds(500))
    }

    @Test("A helper says at once that it was asked; without Lifeguard it only pings")
    func nack() {
        var bench = Bench(members: [2, 3])
        bench.receive(.pingRequest(sequence: 77, target: NodeID(3)), from: 2)
        #expect(bench.sent.map(\.message.purpose) == [.nack(sequence: 77), .ping(sequence: 77, requester: NodeID(2))])
        var settings = Swim.Settings()
        settings.lifeguard = nil
        var plain = Bench(members: [2, 3], settings: settings)
        plain.receive(.pingRequest(sequence: 77, target: NodeID(3)), from: 2)
        #expect(plain.sent.map(\.message.purpose) == [.ping(sequence: 77, requester: NodeID(2))])
    }

    // MARK: The buddy system

    @Test("Whoever is suspected hears it first, in every message; without Lifeguard only as long as it is a rumour")
    func buddy() {
        for isOn in [true, false] {
            var settings = Swim.Settings()
            if !isOn { settings.lifeguard = nil }
            var bench = Bench(members: Array(2...9), settings: settings)
            bench.receive(.gossip, from: 2, .of(9, .suspect, 3, by: 2))
            for _ in 0..<100 where bench.machine.rumorCount > 0 {
                bench.receive(.ping(sequence: 1, requester: nil), from: 4)
            }
            bench.forget()
            bench.receive(.ping(sequence: 2, requester: nil), from: 9, incarnation: 3)
            let told = bench.sent[0].message.updates.filter { $0.node == NodeID(9) }.map(\.claim)
            #expect(told == (isOn ? [Swim.Claim(.suspect, .init(3))] : []))
        }
    }

    // MARK: Adaptive probe timeouts

    @Test("With a floor the timeout follows SRTT + 4 RTTVAR of the answers; the fixed one is the ceiling")
    func adaptive() {
        var settings = Swim.Settings()
        settings.probeTimeoutFloor = .milliseconds(20)
        var bench = Bench(members: Array(2...9), settings: settings)
        func probe(answeredAfter wait: Interval?) -> Interval? {
            bench.forget()
            bench.advance(to: .period)
            let timeout = bench.remaining(of: .probeTimeout)
            guard let wait, let ping = bench.pings.first else { return timeout }
            bench.advance(wait)
            bench.receive(
                .ack(sequence: ping.sequence, target: ping.target, requester: nil), from: ping.target.rawValue)
            return timeout
        }
        #expect(probe(answeredAfter: .milliseconds(40)) == .milliseconds(500))
        // RFC 6298: the first sample R gives R + 4 R / 2.
        #expect(probe(answeredAfter: .milliseconds(40)) == .milliseconds(120))
        for _ in 0..<60 { _ = probe(answeredAfter: .milliseconds(40)) }
        #expect(
            probe(answeredAfter: .milliseconds(40)).map { $0 >= .milliseconds(40) && $0 < .milliseconds(41) } == true)
        for _ in 0..<60 { _ = probe(answeredAfter: .milliseconds(2)) }
        #expect(probe(answeredAfter: nil) == .milliseconds(20))
        // One failure: no sample, and the health doubles... as many helpers as were silent.
        bench.advance(to: .period)
        #expect(bench.remaining(of: .probeTimeout) == .milliseconds(20 * (Int64(bench.machine.localHealth) + 1)))
    }
}
