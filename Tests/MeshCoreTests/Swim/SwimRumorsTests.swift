import MeshCore
import MeshTestKit
import Testing

/// The rules of the paper's section 4.1, and the rounds of rumours that we add.
@Suite("SWIM rumours")
struct SwimRumorsTests {
    typealias Bench = StepBench<Swim.Node>

    /// A node whose rumours travel on pings and acks only, so that a test decides when they do.
    private func quietBench(_ members: [UInt64]) -> Bench {
        var settings = Swim.Settings()
        settings.gossipFanout = 0
        return Bench(members: members, settings: settings)
    }

    private func ask(_ bench: inout Bench) -> [Swim.Update] {
        bench.forget()
        bench.receive(.ping(sequence: 1, requester: nil), from: 2)
        return bench.sent[0].message.updates
    }

    @Test("A rumour is repeated multiplier x ceil(log10(N + 1)) times, rounded up", arguments: [3, 9, 10, 98, 99, 120])
    func copies(_ size: Int) {
        var bench = quietBench(Array(2...UInt64(size)))
        bench.receive(.gossip, from: 2, .of(3, .alive, 1))
        var copies = 0
        while ask(&bench).contains(.of(3, .alive, 1)) { copies += 1 }
        // int(4 log10(n + 1)) would give 8 at 100 members and miss somebody in 3 of 100 deaths.
        let digits = size + 1 <= 10 ? 1 : size + 1 <= 100 ? 2 : 3
        #expect(copies == 4 * digits)
        #expect(bench.machine.rumorCount == 0)
    }

    @Test("What was told less often goes first when not everything fits")
    func leastToldFirst() {
        var settings = Swim.Settings()
        settings.gossipFanout = 0
        settings.maxPayloadBytes = 128
        var bench = Bench(members: [2], settings: settings)
        for member in 1_000...1_199 as ClosedRange<UInt64> { bench.receive(.gossip, from: 2, .of(member, .alive)) }
        var told: [NodeID: Int] = [:]
        var widest = 0
        for _ in 0..<30 {
            for update in ask(&bench) { told[update.node, default: 0] += 1 }
            let counts = (1_000...1_199).map { told[NodeID($0), default: 0] }
            widest = max(widest, (counts.max() ?? 0) - (counts.min() ?? 0))
        }
        #expect(told.count == 200)
        #expect(widest == 1)
    }

    @Test("News does not wait behind the bulk of a mass join, and does not restart anybody's count")
    func newsFirst() {
        var bench = quietBench([2])
        for member in 1_000...2_999 as ClosedRange<UInt64> { bench.receive(.gossip, from: 2, .of(member, .alive)) }
        bench.receive(.gossip, from: 2, .of(1_500, .dead))
        #expect(ask(&bench).contains(.of(1_500, .dead)))
        let before = bench.machine.rumorCount
        bench.receive(.gossip, from: 2, .of(1_600, .dead))
        #expect(bench.machine.rumorCount == before + 1)
    }

    @Test("A rumour that was replaced is not told any more")
    func replaced() {
        var bench = quietBench([2, 3])
        bench.receive(.gossip, from: 2, .of(3, .suspect, 0))
        _ = ask(&bench)
        bench.receive(.gossip, from: 2, .of(3, .alive, 1))
        for _ in 0..<20 {
            let updates = ask(&bench)
            #expect(!updates.contains(.of(3, .suspect, 0)))
        }
        #expect(bench.machine.rumorCount == 0)
    }

    @Test("No message is larger than the limit, whatever there is to tell", arguments: [128, 512, 1_400, 9_000])
    func byteLimit(_ limit: Int) {
        var settings = Swim.Settings()
        settings.maxPayloadBytes = limit
        settings.deadRetention = .seconds(1)
        var bench = Bench(members: [2, 3, UInt64.max], settings: settings)
        let huge = (0..<700).map { index in
            Swim.Update(NodeID(UInt64.max - 1 - index), .suspect, Swim.Incarnation(UInt32.max - 1))
        }
        for update in huge { bench.receive(.gossip, from: 2, update) }
        bench.receive(.gossip, from: UInt64.max, .of(UInt64.max, .suspect, UInt32.max))
        bench.receive(.ping(sequence: UInt32.max, requester: NodeID(UInt64.max)), from: UInt64.max)
        bench.receive(.pingRequest(sequence: UInt32.max, target: NodeID(UInt64.max)), from: 2)
        bench.receive(.ack(sequence: .max, target: NodeID(UInt64.max), requester: NodeID(3)), from: UInt64.max)
        bench.receive(.sync(viewHash: 0), from: 2)
        bench.advance(.seconds(3))
        #expect(bench.sent.count > 10)
        #expect(bench.sent.allSatisfy { $0.message.byteCount <= limit })
        let largest = bench.sent.map(\.message.byteCount).max() ?? 0
        #expect(largest > limit - 40, "the room is used: \(largest)")
    }

    @Test("Whoever is suspect or dead in our view hears that first, in every message that we send it")
    func buddy() {
        var bench = Bench(members: Array(2...9))
        for member in 4...9 as ClosedRange<UInt64> { bench.receive(.gossip, from: 2, .of(member, .alive, 1)) }
        bench.receive(.gossip, from: 2, .of(3, .suspect, 4))
        bench.forget()
        bench.receive(.ping(sequence: 1, requester: nil), from: 3)
        #expect(bench.sent[0].message.updates.first == .of(3, .suspect, 4))
        bench.receive(.gossip, from: 2, .of(3, .dead, 5))
        bench.forget()
        bench.receive(.ping(sequence: 2, requester: nil), from: 3)
        #expect(bench.sent[0].message.updates.first == .of(3, .dead, 5))
        bench.receive(.gossip, from: 2, .of(4, .suspect, 2))
        bench.forget()
        bench.receive(.pingRequest(sequence: 3, target: NodeID(4)), from: 2)
        #expect(bench.sent[0].message.updates.first == .of(4, .suspect, 2))
    }

    @Test("A request to ping a suspect carries the suspicion, so that the helper can tell it")
    func helperHearsSuspicion() {
        var bench = quietBench([2, 3])
        bench.receive(.gossip, from: 2, .of(3, .suspect, 4))
        while !ask(&bench).isEmpty {}
        bench.forget()
        while !(bench.pings.last?.target == NodeID(3)) {
            bench.advance(to: .period)
            if let ping = bench.pings.last, ping.target == NodeID(2) {
                bench.receive(.ack(sequence: ping.sequence, target: ping.target, requester: nil), from: 2)
            }
        }
        bench.forget()
        bench.advance(to: .probeTimeout)
        #expect(bench.sent.map(\.peer) == [NodeID(2)])
        #expect(bench.sent[0].message.updates.contains(.of(3, .suspect, 4)))
    }

    @Test("Rumours are sent to three members every 200 ms until they are told, then nothing is sent")
    func rounds() {
        var bench = Bench(members: Array(2...9))
        bench.advance(to: .gossip)
        #expect(bench.remaining(of: .gossip) == nil)
        bench.receive(.gossip, from: 2, .of(3, .alive, 1))
        guard let phase = bench.remaining(of: .gossip) else {
            Issue.record("no round is planned")
            return
        }
        #expect(phase >= .zero && phase <= .milliseconds(200))
        bench.forget()
        bench.advance(to: .gossip)
        let gossip = bench.sent.filter { $0.message.purpose == .gossip }
        #expect(gossip.count == 3)
        #expect(Set(gossip.map(\.peer)).count == 3)
        #expect(bench.remaining(of: .gossip) == .milliseconds(200))
        bench.advance(.seconds(2))
        #expect(bench.remaining(of: .gossip) == nil)
    }

    @Test("A node that is left alone drops its rumours: they would kill the others when it finds them again")
    func alone() {
        var bench = quietBench([2, 3])
        bench.receive(.gossip, from: 2, .of(3, .dead), .of(2, .dead))
        #expect(bench.machine.liveCount == 1)
        #expect(bench.machine.rumorCount == 0)
        bench.receive(.gossip, from: 3, incarnation: 1)
        #expect(!ask(&bench).contains { $0.status == .dead && $0.node != NodeID(2) })
    }

    @Test("With a fan-out of 0 rumours travel on probes only, as in the paper")
    func paperMode() {
        var bench = quietBench([2, 3, 4])
        bench.receive(.gossip, from: 2, .of(3, .alive, 1))
        bench.forget()
        bench.advance(.seconds(10))
        #expect(!bench.sent.contains { $0.message.purpose == .gossip })
        #expect(bench.sent.contains { $0.message.updates.contains(.of(3, .alive, 1)) })
    }
}
