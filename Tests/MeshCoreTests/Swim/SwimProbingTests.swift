import MeshCore
import MeshTestKit
import Testing

/// The rules of the paper's section 3.1, and of 4.3 for the order of probing.
@Suite("SWIM probing")
struct SwimProbingTests {
    typealias Bench = StepBench<Swim.Node>

    @Test("In each period one member is pinged, and the periods start at a random moment")
    func onePingPerPeriod() {
        var phases: Set<Int64> = []
        for seed in 1...20 as ClosedRange<UInt64> {
            var bench = Bench(members: [2, 3, 4, 5, 6], seed: seed)
            phases.insert(bench.remaining(of: .period)?.nanoseconds ?? -1)
            for _ in 1...10 {
                bench.forget()
                bench.advance(to: .period)
                #expect(bench.pings.count == 1)
                bench.receive(
                    .ack(sequence: bench.pings[0].sequence, target: bench.pings[0].target, requester: nil),
                    from: bench.pings[0].target.rawValue)
            }
        }
        #expect(phases.count == 20)
        #expect(phases.allSatisfy { $0 >= 0 && $0 <= 1_000_000_000 })
    }

    @Test("An ack within the period keeps the member alive")
    func ackKeepsAlive() {
        var bench = Bench(members: [2])
        bench.advance(to: .period)
        bench.receive(.ack(sequence: bench.pings[0].sequence, target: NodeID(2), requester: nil), from: 2)
        #expect(bench.remaining(of: .probeTimeout) == nil)
        bench.advance(to: .period)
        #expect(bench.machine.status(of: NodeID(2)) == .alive)
    }

    @Test("Without an ack in time, k random members are asked to ping the target, never the target itself")
    func indirectProbes() {
        var settings = Swim.Settings()
        settings.indirectProbes = 3
        var bench = Bench(members: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11], settings: settings)
        bench.advance(to: .period)
        let ping = bench.pings[0]
        bench.forget()
        bench.advance(to: .probeTimeout)
        let requests = bench.sent.filter {
            $0.message.purpose == .pingRequest(sequence: ping.sequence, target: ping.target)
        }
        #expect(requests.count == 3)
        #expect(Set(requests.map(\.peer)).count == 3)
        #expect(!requests.contains { $0.peer == ping.target || $0.peer == NodeID(1) })
    }

    @Test("In a group smaller than k everybody else is asked")
    func fewHelpers() {
        var bench = Bench(members: [2, 3])
        bench.advance(to: .period)
        let ping = bench.pings[0]
        bench.forget()
        bench.advance(to: .probeTimeout)
        #expect(bench.sent.map(\.peer) == [2, 3].map(NodeID.init).filter { $0 != ping.target })
    }

    @Test("A helper pings the target and forwards its ack to the requester, without keeping anything")
    func helper() {
        var bench = Bench(members: [2, 3])
        bench.receive(.pingRequest(sequence: 77, target: NodeID(3)), from: 2)
        #expect(bench.sent.map(\.peer) == [NodeID(2), NodeID(3)])
        #expect(bench.sent[0].message.purpose == .nack(sequence: 77))
        #expect(bench.sent[1].message.purpose == .ping(sequence: 77, requester: NodeID(2)))
        bench.forget()
        bench.receive(.ack(sequence: 77, target: NodeID(3), requester: NodeID(2)), from: 3)
        #expect(bench.sent.count == 1)
        #expect(bench.sent[0].peer == NodeID(2))
        guard case .ack(77, NodeID(3), _) = bench.sent[0].message.purpose else {
            Issue.record("not an ack: \(bench.sent[0].message)")
            return
        }
    }

    @Test("A helper's ping is answered to the helper, with the requester's name in it")
    func targetAnswersHelper() {
        var bench = Bench(members: [2, 3])
        bench.receive(.ping(sequence: 77, requester: NodeID(2)), from: 3)
        #expect(bench.sent.map(\.peer) == [NodeID(3)])
        #expect(bench.sent[0].message.purpose == .ack(sequence: 77, target: NodeID(1), requester: NodeID(2)))
    }

    @Test("A forwarded ack within the period keeps the member alive")
    func indirectAck() {
        var bench = Bench(members: [2, 3])
        bench.advance(to: .period)
        let ping = bench.pings[0]
        let helper: UInt64 = ping.target == NodeID(2) ? 3 : 2
        bench.advance(to: .probeTimeout)
        bench.receive(.ack(sequence: ping.sequence, target: ping.target, requester: NodeID(1)), from: helper)
        bench.advance(to: .period)
        #expect(bench.machine.status(of: ping.target) == .alive)
        #expect(bench.news.isEmpty)
    }

    @Test("At the end of the period a member that nobody could reach is suspected, not earlier")
    func suspicionAtTheEnd() {
        var bench = Bench(members: [2, 3])
        bench.advance(to: .period)
        let target = bench.pings[0].target
        bench.advance(.milliseconds(999))
        #expect(bench.machine.status(of: target) == .alive)
        bench.advance(.milliseconds(1))
        #expect(bench.machine.status(of: target) == .suspect)
        #expect(bench.news == [.suspect(target)])
    }

    @Test("An ack with another number, or for another member, ends no probe")
    func wrongAcks() {
        var bench = Bench(members: [2, 3])
        bench.advance(to: .period)
        let ping = bench.pings[0]
        let other: UInt64 = ping.target == NodeID(2) ? 3 : 2
        bench.forget()
        bench.receive(
            .ack(sequence: ping.sequence &+ 1, target: ping.target, requester: nil), from: ping.target.rawValue)
        bench.receive(.ack(sequence: ping.sequence, target: NodeID(other), requester: nil), from: other)
        #expect(bench.outputs == [.ignored(.unexpectedAck), .ignored(.unexpectedAck)])
        bench.advance(.seconds(1))
        #expect(bench.machine.status(of: ping.target) == .suspect)
    }

    @Test("Impossible messages are reported and change nothing")
    func impossible() {
        var bench = Bench(members: [2, 3])
        let before = bench.machine.stateHash
        bench.receive(.gossip, from: 1)
        bench.receive(.gossip, from: 0)
        bench.receive(.pingRequest(sequence: 1, target: NodeID(1)), from: 2)
        bench.receive(.pingRequest(sequence: 1, target: NodeID(2)), from: 2)
        bench.receive(.ack(sequence: 1, target: NodeID(3), requester: NodeID(3)), from: 2)
        bench.receive(.ack(sequence: 1, target: NodeID(2), requester: NodeID(2)), from: 2)
        let expected: [Swim.IgnoreReason] = [
            .impossibleSender, .impossibleSender, .impossibleTarget, .impossibleTarget, .foreignAck, .impossibleTarget,
        ]
        #expect(bench.outputs == expected.map(Swim.Output.ignored))
        #expect(bench.sent.isEmpty)
        #expect(bench.machine.stateHash == before)
    }

    @Test("Every member is probed once per round, in an order that differs from round to round")
    func roundRobin() {
        let members = Array(2...31 as ClosedRange<UInt64>)
        var bench = Bench(members: members)
        var rounds: [[NodeID]] = []
        for _ in 0..<4 {
            var round: [NodeID] = []
            for _ in members {
                bench.forget()
                bench.advance(to: .period)
                let ping = bench.pings[0]
                round.append(ping.target)
                bench.receive(
                    .ack(sequence: ping.sequence, target: ping.target, requester: nil), from: ping.target.rawValue)
            }
            rounds.append(round)
        }
        #expect(rounds.allSatisfy { $0.sorted() == members.map(NodeID.init) })
        #expect(Set(rounds).count == 4)
    }

    @Test("A new member enters at a random place and is probed within 2N - 1 periods")
    func newcomerIsProbed() {
        var waits: [Int] = []
        for seed in 1...200 as ClosedRange<UInt64> {
            var bench = Bench(members: Array(2...11), seed: seed)
            for _ in 0..<5 { answerOneProbe(&bench) }
            bench.receive(.gossip, from: 12)
            var wait = 0
            repeat {
                answerOneProbe(&bench)
                wait += 1
            } while bench.pings[0].target != NodeID(12) && wait < 100
            waits.append(wait)
        }
        #expect(waits.allSatisfy { $0 <= 2 * 11 - 1 })
        // Behind a fixed place, at the front or at the back, everybody would wait for the same time.
        #expect(Set(waits).count > 10)
    }

    @Test("The dead leave the order, and the round still visits everybody else")
    func deadAreSkipped() {
        let members = Array(2...21 as ClosedRange<UInt64>)
        var bench = Bench(members: members)
        for _ in 0..<7 { answerOneProbe(&bench) }
        for dead in 2...11 as ClosedRange<UInt64> { bench.receive(.gossip, from: 21, .of(dead, .dead)) }
        var seen: Set<NodeID> = []
        for _ in 0..<30 {
            answerOneProbe(&bench)
            seen.insert(bench.pings[0].target)
        }
        #expect(seen == Set((12...21).map(NodeID.init)))
    }

    private func answerOneProbe(_ bench: inout Bench) {
        bench.forget()
        bench.advance(to: .period)
        guard let ping = bench.pings.first else { return }
        bench.receive(.ack(sequence: ping.sequence, target: ping.target, requester: nil), from: ping.target.rawValue)
    }
}
