import MeshCore
import MeshTestKit
import Testing

/// The rules of the paper's section 4.2.
@Suite("SWIM beliefs")
struct SwimBeliefsTests {
    typealias Bench = StepBench<Swim.Node>

    @Test(
        "Alive i overrides suspect j and alive j only when i > j",
        arguments: [Swim.Status.suspect, .alive], [(1, 1, false), (1, 2, true), (2, 1, false)])
    func aliveOverrides(_ old: Swim.Status, _ rule: (UInt32, UInt32, Bool)) {
        #expect(Swim.Claim(.alive, .init(rule.1)).overrides(Swim.Claim(old, .init(rule.0))) == rule.2)
    }

    @Test("Suspect i overrides suspect j when i > j, and alive j when i >= j")
    func suspectOverrides() {
        #expect(Swim.Claim(.suspect, .init(2)).overrides(Swim.Claim(.suspect, .init(1))))
        #expect(!Swim.Claim(.suspect, .init(1)).overrides(Swim.Claim(.suspect, .init(1))))
        #expect(Swim.Claim(.suspect, .init(1)).overrides(Swim.Claim(.alive, .init(1))))
        #expect(!Swim.Claim(.suspect, .init(0)).overrides(Swim.Claim(.alive, .init(1))))
    }

    @Test("Dead overrides alive and suspect up to its incarnation; a higher one refutes it, as a departure does not")
    func deadOverrides() {
        #expect(Swim.Claim(.dead, .init(1)).overrides(Swim.Claim(.suspect, .init(1))))
        #expect(Swim.Claim(.dead, .init(1)).overrides(Swim.Claim(.alive, .init(1))))
        #expect(!Swim.Claim(.dead, .init(1)).overrides(Swim.Claim(.alive, .init(2))))
        #expect(Swim.Claim(.left, .init(1)).overrides(Swim.Claim(.dead, .init(1))))
        #expect(!Swim.Claim(.suspect, .init(1)).overrides(Swim.Claim(.left, .init(1))))
        #expect(Swim.Claim(.alive, .init(2)).overrides(Swim.Claim(.left, .init(1))))
    }

    @Test("Beliefs do not depend on the order in which claims arrive")
    func orderDoesNotMatter() {
        var dice = Dice(seed: 4)
        for _ in 0..<200 {
            var claims = (0..<6).map { _ in
                Swim.Update.of(3, dice.pick(Swim.Status.allCases), UInt32(dice.number(below: 3)))
            }
            // Whoever first hears of a death of a stranger does not take it, so both must know n3 before.
            var first = Bench(members: [2, 3])
            var second = Bench(members: [2, 3])
            for claim in claims { first.receive(.gossip, from: 2, claim) }
            claims.sort { $0.status.rawValue > $1.status.rawValue }
            for claim in claims { second.receive(.gossip, from: 2, claim) }
            #expect(first.machine.status(of: NodeID(3)) == second.machine.status(of: NodeID(3)))
            #expect(first.machine.incarnation(of: NodeID(3)) == second.machine.incarnation(of: NodeID(3)))
        }
    }

    @Test("A suspect that does not refute is declared dead exactly when its timeout ends")
    func suspectDies() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(3, .suspect))
        bench.advance(.milliseconds(3_999))
        #expect(bench.machine.status(of: NodeID(3)) == .suspect)
        bench.advance(.milliseconds(1))
        #expect(bench.machine.status(of: NodeID(3)) == .dead)
        #expect(bench.news.filter { $0 == .suspect(NodeID(3)) }.count == 1)
        #expect(bench.news.filter { $0 == .dead(NodeID(3)) }.count == 1)
    }

    @Test("A refutation in time saves the suspect, and the old timeout does not hit its next suspicion")
    func refutedInTime() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(3, .suspect, 0))
        bench.advance(.milliseconds(3_000))
        bench.receive(.gossip, from: 2, .of(3, .alive, 1))
        #expect(bench.machine.status(of: NodeID(3)) == .alive)
        bench.receive(.gossip, from: 2, .of(3, .suspect, 1))
        bench.advance(.milliseconds(3_500))
        #expect(bench.machine.status(of: NodeID(3)) == .suspect)
        bench.advance(.milliseconds(500))
        #expect(bench.machine.status(of: NodeID(3)) == .dead)
    }

    @Test("Many suspicions share one timer and end each at its own time")
    func manySuspicions() {
        var settings = Swim.Settings()
        settings.lifeguard = nil
        var bench = Bench(members: Array(2...9), settings: settings)
        for member in 3...9 as ClosedRange<UInt64> {
            bench.receive(.gossip, from: 2, .of(member, .suspect))
            bench.advance(.milliseconds(100))
        }
        var deaths: [(NodeID, Interval)] = []
        while deaths.count < 7 && bench.elapsed < .seconds(20) {
            bench.forget()
            bench.advance(.milliseconds(1))
            for case .dead(let node) in bench.outputs { deaths.append((node, bench.elapsed)) }
        }
        #expect(deaths.map(\.0) == (3...9).map(NodeID.init))
        for (earlier, later) in zip(deaths, deaths.dropFirst()) {
            #expect(later.1 - earlier.1 == .milliseconds(100))
        }
    }

    @Test("A suspect is warned by pings with the accusation, each after half of what is left, and can refute")
    func warning() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(3, .suspect, 6))
        bench.forget()
        func warnings() -> [[Swim.Update]] {
            bench.pings.filter { $0.sequence == 0 && $0.target == NodeID(3) }.map(\.updates)
        }
        bench.advance(.milliseconds(1_999))
        #expect(warnings().isEmpty)
        bench.advance(.milliseconds(1))
        #expect(warnings().count == 1)
        #expect(warnings()[0].first == .of(3, .suspect, 6))
        bench.advance(.milliseconds(1_000))
        #expect(warnings().count == 2)
        bench.advance(.milliseconds(999))
        #expect(warnings().count == 3)
        bench.receive(.ack(sequence: 0, target: NodeID(3), requester: nil), from: 3, incarnation: 7)
        bench.advance(.seconds(3))
        #expect(!bench.outputs.contains(.dead(NodeID(3))))
        #expect(!bench.outputs.contains(.ignored(.unexpectedAck)))
    }

    @Test("When half a group vanishes, a node warns at most eight suspects per period")
    func warningsAreBounded() {
        var bench = Bench(members: Array(2...202))
        for member in 3...202 as ClosedRange<UInt64> {
            for accuser in 203...205 as ClosedRange<UInt64> {
                bench.receive(.gossip, from: 2, .of(member, .suspect, by: accuser))
            }
        }
        bench.forget()
        bench.advance(.seconds(6))
        let count = bench.pings.filter { $0.sequence == 0 }.count
        #expect(count >= 8 && count <= 8 * 7)
        bench.advance(.seconds(6))
        #expect(bench.machine.liveCount == 2)
    }

    @Test("A failed probe accuses the incarnation that was pinged, not one that has shown life since")
    func staleProbe() {
        var bench = Bench(members: [2])
        bench.advance(to: .period)
        #expect(bench.pings.count == 1)
        bench.receive(.gossip, from: 2, incarnation: 1)
        bench.advance(.seconds(1))
        #expect(bench.machine.status(of: NodeID(2)) == .alive)
    }

    @Test("A second claim of what is known is told to nobody again")
    func oncePerTransition() {
        var bench = Bench(members: [2, 3])
        for _ in 0..<5 {
            bench.receive(.gossip, from: 2, .of(3, .suspect))
            bench.receive(.gossip, from: 2, .of(3, .dead))
            bench.receive(.gossip, from: 2, .of(3, .dead))
        }
        #expect(bench.news == [.suspect(NodeID(3)), .dead(NodeID(3))])
    }

    @Test("A member that hears its own suspicion raises its incarnation above it and spreads that")
    func refutation() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(1, .suspect, 4))
        #expect(bench.machine.incarnation == Swim.Incarnation(5))
        #expect(bench.news == [.refuted(Swim.Incarnation(5))])
        bench.forget()
        bench.receive(.ping(sequence: 1, requester: nil), from: 3)
        #expect(bench.sent[0].message.sender == Swim.Claim(.alive, .init(5)))
        #expect(bench.sent[0].message.updates.contains(.of(1, .alive, 5)))
    }

    @Test("Old accusations are not answered again")
    func staleAccusation() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(1, .suspect, 4))
        bench.forget()
        bench.receive(.gossip, from: 2, .of(1, .suspect, 4), .of(1, .dead, 3), .of(1, .alive, 1))
        #expect(bench.news.isEmpty)
        #expect(bench.machine.incarnation == Swim.Incarnation(5))
    }

    @Test("A restarted member that is believed dead learns it and comes back with a higher incarnation")
    func restartAfterDeath() {
        var bench = Bench(members: [2])
        bench.receive(.gossip, from: 2, .of(1, .dead, 7))
        #expect(bench.machine.incarnation == Swim.Incarnation(8))
        #expect(bench.machine.status(of: NodeID(1)) == .alive)
        #expect(bench.news == [.refuted(Swim.Incarnation(8))])
    }

    @Test("A restarted member takes over the incarnation of its earlier life")
    func restartInTime() {
        var bench = Bench(members: [2])
        bench.receive(.gossip, from: 2, .of(1, .alive, 7))
        #expect(bench.machine.incarnation == Swim.Incarnation(7))
        #expect(bench.news.isEmpty)
    }

    @Test("The incarnation saturates: an accusation at the last one is reported and cannot be refuted")
    func saturation() {
        var bench = Bench(members: [2])
        bench.receive(.gossip, from: 2, .of(1, .suspect, UInt32.max - 1))
        #expect(bench.machine.incarnation == .limit)
        bench.receive(.gossip, from: 2, .of(1, .suspect, UInt32.max))
        #expect(bench.outputs.contains(.ignored(.incarnationExhausted)))
        #expect(bench.machine.incarnation == .limit)
        #expect(Swim.Incarnation.limit.next == .limit)
    }

    @Test("Death is told by rumour, so that not every member has to time out for itself")
    func deathSpreads() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(3, .dead))
        bench.forget()
        bench.receive(.ping(sequence: 1, requester: nil), from: 2)
        #expect(bench.sent[0].message.updates.contains(.of(3, .dead)))
    }

    @Test("Whoever writes to us becomes a member with an output and a place in the order, an ack included")
    func strangersAreMet() {
        var bench = Bench(members: [2])
        bench.receive(.ack(sequence: 9, target: NodeID(5), requester: nil), from: 5, incarnation: 3)
        #expect(bench.news == [.alive(NodeID(5))])
        #expect(bench.machine.incarnation(of: NodeID(5)) == Swim.Incarnation(3))
        bench.forget()
        bench.advance(.seconds(4))
        #expect(bench.pings.contains { $0.target == NodeID(5) })
    }

    @Test("A stranger that appears as a suspect is told as alive, then as suspect")
    func strangeSuspect() {
        var bench = Bench(members: [2])
        bench.receive(.gossip, from: 2, .of(5, .suspect))
        #expect(bench.news == [.alive(NodeID(5)), .suspect(NodeID(5))])
        bench.receive(.gossip, from: 2, .of(6, .dead), .of(7, .left))
        #expect(bench.machine.status(of: NodeID(6)) == nil)
        #expect(bench.machine.status(of: NodeID(7)) == nil)
    }

    @Test("The dead are remembered for the retention, whatever stale rumours say, and then forgotten")
    func tombstones() {
        var settings = Swim.Settings()
        settings.deadRetention = .seconds(20)
        var bench = Bench(members: [2, 3], settings: settings)
        bench.receive(.gossip, from: 2, .of(3, .dead, 1))
        for _ in 0..<18 {
            bench.receive(.gossip, from: 2, .of(3, .alive, 1))
            bench.advance(.seconds(1))
            #expect(bench.machine.status(of: NodeID(3)) == .dead)
        }
        bench.advance(.seconds(4))
        #expect(bench.machine.status(of: NodeID(3)) == nil)
        #expect(bench.machine.memberCount == 2)
    }

    @Test("A member that came back is not forgotten with its old death")
    func resurrectedIsKept() {
        var settings = Swim.Settings()
        settings.deadRetention = .seconds(20)
        var bench = Bench(members: [2, 3], settings: settings)
        bench.receive(.gossip, from: 2, .of(3, .dead, 1))
        bench.advance(.seconds(10))
        bench.receive(.gossip, from: 3, incarnation: 2)
        for _ in 0..<5 { bench.receive(.gossip, from: 3, incarnation: 2) }
        #expect(bench.news.filter { $0 == .alive(NodeID(3)) }.count == 1)
        bench.receive(.gossip, from: 2, .of(3, .dead, 2))
        bench.advance(.seconds(15))
        #expect(bench.machine.status(of: NodeID(3)) == .dead)
        bench.advance(.seconds(8))
        #expect(bench.machine.status(of: NodeID(3)) == nil)
    }

    @Test(
        "A clock that jumps kills nobody early and saves nobody: the error is at most one period",
        arguments: [-86_400, -30, -2, 2, 30, 86_400] as [Int64], [0, 300, 900] as [Int64])
    func clockJumps(_ seconds: Int64, _ moment: Int64) {
        var bench = Bench(members: [2, 3])
        bench.advance(to: .period)
        bench.advance(.milliseconds(moment))
        bench.clockOffset = .seconds(seconds)
        bench.receive(.gossip, from: 2, .of(3, .suspect))
        let start = bench.elapsed
        while bench.machine.status(of: NodeID(3)) != .dead && bench.elapsed - start < .seconds(20) {
            bench.advance(.milliseconds(10))
            bench.clockOffset = bench.clockOffset + .seconds(seconds)
        }
        let taken = bench.elapsed - start
        #expect(taken >= .seconds(3) && taken <= .seconds(5), "took \(taken)")
    }

    @Test("A flood of contradicting claims leaves the last suspicion its exact time")
    func suspicionFlood() {
        var bench = Bench(members: [2, 3])
        for incarnation in 0..<20_000 as Range<UInt32> {
            bench.receive(.gossip, from: 2, .of(3, .suspect, incarnation * 2), .of(3, .alive, incarnation * 2 + 1))
        }
        bench.receive(.gossip, from: 2, .of(3, .suspect, 50_000))
        bench.advance(.milliseconds(4_000))
        #expect(bench.machine.status(of: NodeID(3)) == .dead)
    }
}
