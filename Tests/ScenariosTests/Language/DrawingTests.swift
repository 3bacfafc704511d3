import MeshCore
import Scenarios
import Testing

@Suite("Ranges are drawn once from the seed")
struct DrawingTests {
    private let text = """
        scenario "t"
        seeds 1..100
        cluster
          nodes 3..7
          run raft
          raft election-timeout 150ms..300ms  heartbeat 20ms..60ms
        network
          latency constant 1ms..5ms
          loss 0%..30%
        timeline
          at 2s..4s crash leader for 100ms..900ms
          at 9s pause random 1..3 for ~1s
        expect
          always raft-safety
        """

    @Test("a drawn scenario has no range left but those that stay ranges, and one seed")
    func nothingLeft() throws {
        let drawn = try read(text).drawn(seed: 7)
        #expect(drawn.seeds == Scenario.Seeds([Scenario.SeedRange(7, 7)]))
        #expect(drawn.cluster.raft.electionTimeout == Scenario.IntervalRange(.milliseconds(150), .milliseconds(300)))
        let ranges = drawn.description.split(separator: "\n").filter { $0.contains("..") }
        #expect(
            ranges == [
                "  raft election-timeout 150ms..300ms  heartbeat \(drawn.cluster.raft.heartbeat?.value ?? .zero)"
            ])
        #expect(drawn.drawn(seed: 7) == drawn)
        #expect(try read(drawn.description) == drawn)
    }

    @Test("values lie in their range, both ends are reached, and seeds differ")
    func distribution() throws {
        let scenario = try read(text)
        var nodes = [Int64](repeating: 0, count: 8)
        var losses: [Int64] = []
        for seed in 1...500 as ClosedRange<UInt64> {
            let drawn = scenario.drawn(seed: seed)
            nodes[Int(drawn.cluster.nodeCount)] += 1
            losses.append(drawn.network.conditions.loss?.value.millionths ?? -1)
        }
        #expect(nodes[..<3].allSatisfy { $0 == 0 } && nodes[3...].allSatisfy { $0 > 60 })
        #expect(losses.allSatisfy { $0 >= 0 && $0 <= 300_000 && $0 % 100 == 0 })
        #expect((losses.min() ?? 1) < 10_000 && (losses.max() ?? 0) > 290_000)
    }

    @Test("adding, removing and changing other statements leaves a draw as it was")
    func independence() throws {
        let before = try read(text).drawn(seed: 3)
        var changed = try read(text)
        changed.timeline.insert(.event(Scenario.TimelineEvent(.at(.drawn(from: .zero, to: .seconds(1))), .heal)), at: 0)
        changed.network.conditions.duplicate = .drawn(from: .zero, to: .percent(50))
        changed.network.conditions.latency = nil
        changed.cluster.raft.batch = .drawn(from: 1, to: 100)
        let after = changed.drawn(seed: 3)
        #expect(after.cluster.groups == before.cluster.groups)
        #expect(after.cluster.raft.heartbeat == before.cluster.raft.heartbeat)
        #expect(Array(after.timeline.dropFirst()) == before.timeline)
        #expect(after.network.conditions.loss == before.network.conditions.loss)
    }

    @Test("two equal statements draw for themselves")
    func occurrences() throws {
        let line = "\n  at 1s..9s heal"
        let drawn = try read("scenario \"t\"\ncluster nodes 3 run raft\ntimeline" + line + line + line).drawn(seed: 1)
        #expect(drawn.timeline[0] != drawn.timeline[1])
        #expect(drawn.timeline[1] != drawn.timeline[2])
    }

    @Test("the random scenarios draw into something that reads back")
    func random() throws {
        for seed in 0..<300 as Range<UInt64> {
            var dealer = Dealer(seed: seed ^ 0xd1ce)
            let drawn = dealer.scenario().drawn(seed: seed)
            guard drawn.drawn(seed: seed + 1).timeline == drawn.timeline else {
                Issue.record("seed \(seed): a draw is left in\n\(drawn)")
                return
            }
        }
    }
}

@Suite("When a run ends")
struct EndTests {
    private func end(_ text: String) throws -> Interval {
        try read("scenario \"t\"\ncluster nodes 3 run raft, gossip\n" + text).end
    }

    @Test("at its duration, if that is given")
    func duration() throws {
        #expect(try end("duration 3s\ntimeline at 1s heal") == .seconds(3))
    }

    @Test("never before ten seconds, and five after the last thing that happens")
    func grace() throws {
        #expect(try end("") == .seconds(10))
        #expect(try end("timeline\n  at 20s heal") == .seconds(25))
        #expect(try end("timeline\n  at 20s partition halves for ~4s") == .seconds(31))
        #expect(try end("timeline\n  every 1s from 2s until 30s pause random 1 for 1s") == .seconds(36))
        #expect(try end("timeline\n  chaos cuts every 1s lasting 2s until 40s") == .seconds(47))
        #expect(try end("workload kv\n  until 18s") == .seconds(23))
    }

    @Test("late enough for every bound, at its greatest draw")
    func bounds() throws {
        #expect(try end("timeline\n  at 10s..20s heal\nexpect\n  within 8s after heal: one leader") == .seconds(28))
    }
}
