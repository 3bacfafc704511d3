import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("Disks of a scenario")
struct DisksTests {
    private func scenario(_ lines: String, budget: String = "survivable") throws -> Scenario {
        try Scenario.parse(
            Array(
                """
                scenario "t"
                duration 6s
                budget faults \(budget)
                cluster
                  nodes 5
                  run raft
                network
                  latency 1ms..3ms
                workload propose rate 40/s until 5s
                \(lines)
                """.utf8))
    }

    private func run(_ scenario: Scenario, seed: UInt64 = 1) -> Run {
        var run = Run(scenario, seed: seed)
        while !run.advance() {}
        return run
    }

    @Test("A line may give its window instead of a time and a length")
    func window() throws {
        let short = try scenario("timeline\n  disk full on leader from 2s until 4500ms")
        let long = try scenario("timeline\n  at 2s  disk full on leader for 2500ms")
        #expect(short.description == long.description)
        #expect(throws: Scenario.ParseFailure.self) { try scenario("timeline\n  heal from 1s until 2s") }
        #expect(throws: Scenario.ParseFailure.self) { try scenario("timeline\n  disk full on n1 from 2s..3s until 4s") }
        #expect(throws: Scenario.ParseFailure.self) { try scenario("timeline\n  at 1s  bit-rot on n1 for 2s") }
        #expect(throws: Scenario.ParseFailure.self) { try scenario("disk sector 1000B") }
    }

    @Test("With a survivable budget a minority of the voters has damaged disks at most, whatever is asked for")
    func budget() throws {
        let lines = """
            disk
              flipped-writes 5%  misdirected-writes 5%
            timeline
              at 1s  lying fsync on all for 3s
              chaos crashes wiped every ~500ms lasting ~200ms from 1s until 4s
            """
        for seed in 1...5 as ClosedRange<UInt64> {
            let kept = run(try scenario(lines), seed: seed)
            #expect(kept.simulation.damagedNodes.count == 2 && kept.metrics.withheldFaults > 10)
            #expect(kept.simulation.diskFaultCounts[.lyingSync] == 0 && kept.simulation.diskFaultCounts[.wipe] == 0)
            let free = run(try scenario(lines, budget: "unrestricted"), seed: seed)
            #expect(free.simulation.damagedNodes.count == 5)
            #expect(free.simulation.diskFaultCounts[.lyingSync] > 0 && free.simulation.diskFaultCounts[.wipe] > 0)
        }
    }

    @Test("A share of nothing leaves every other decision as it was")
    func nothing() throws {
        let plain = try scenario("disk\n  fsync 1ms..5ms\ntimeline\n  at 2s  crash leader losing unsynced for 1s")
        let shares = try scenario(
            """
            disk
              fsync 1ms..5ms  flipped-writes 0%  misdirected-writes 0%  failed-writes 0%  failed-fsyncs 0%
              lying-fsyncs 0%  flipped-reads 0%  failed-reads 0%  misdirected-reads 0%  spikes 0% of 1s  stalls 0% of 1s
            timeline
              at 2s  crash leader losing unsynced for 1s
            """)
        #expect(run(plain).simulation.digest == run(shares).simulation.digest)
    }

    @Test("Healing everything ends what lines have done to disks, also what was ordered and has not struck")
    func healing() throws {
        let lines = """
            disk
              restart-after 100ms
            timeline
              at 1s  disk full on all
              at 1s  failed read on all
              at 2s  heal everything
              at 4s  crash n1 for 100ms
            """
        let run = run(try scenario(lines))
        #expect(run.metrics.storageFailures == 5)
        for node in run.simulation.nodes { #expect(run.simulation.status(of: node) == .running) }
        #expect(run.metrics.restarts == 6)
    }
}
