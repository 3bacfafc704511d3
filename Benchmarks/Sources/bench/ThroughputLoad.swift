import CAllocationCount
import MeshCore
import Scenarios

/// How the cost of a run grows with its nodes, with every fault and every checker at work; one operation is one event.
///
/// The same scenario throughout but for the number of nodes: see ``ThroughputLoad``.
let throughputBenchmarks: [Benchmark] =
    [(3, 400), (5, 400), (9, 240), (25, 80)].map { nodes, seconds in
        Benchmark("throughput/raft, \(nodes) voters", per: "event", operations: seconds) { watch in
            ThroughputLoad.replay(ThroughputLoad.raft(nodes: nodes, voters: nodes), &watch)
        }
    } + [
        Benchmark("throughput/raft, 9 voters of 25", per: "event", operations: 80) { watch in
            ThroughputLoad.replay(ThroughputLoad.raft(nodes: 25, voters: 9), &watch)
        }
    ]
    + [(3, 400), (9, 400), (25, 160), (100, 40), (1_000, 20)].map { nodes, seconds in
        Benchmark("throughput/swim+gossip, \(nodes)", per: "event", operations: seconds) { watch in
            ThroughputLoad.replay(ThroughputLoad.membership(nodes: nodes), &watch)
        }
    }

/// Scenarios of 20 simulated seconds under faults: 15 seconds with them, 5 to come back.
///
/// Messages take 1 to 10 ms, 1 % are lost, 0.5 % come twice, 2 % out of order; a sync takes 1 to 5 ms and writes tear;
/// partitions every 3 s or so for about 1 s, crashes that lose what was not synced every 3 s or so for about 1 s.
enum ThroughputLoad {
    static func raft(nodes: Int, voters: Int) -> String {
        """
        scenario "Raft on \(nodes) nodes, under faults"
        format 1
        seeds 1..20
        duration 20s

        cluster
          nodes \(nodes)
          run raft
        \(voters < nodes ? "  raft voters n1..n\(voters)  learner n\(voters + 1)..n\(nodes)\n" : "")
        \(world)
        workload kv
          clients 3  rate 100/s  keys 10 zipf
          mix put 50% get 40% cas 10%
          from 1s until 18s

        \(faults)
        expect
          always raft-safety
          always linearizable

        """
    }

    static func membership(nodes: Int) -> String {
        """
        scenario "SWIM and gossip on \(nodes) nodes, under faults"
        format 1
        seeds 1..20
        duration 20s

        cluster
          nodes \(nodes)
          run swim, gossip

        \(world)
        workload gossip
          clients 3  rate 10/s  keys 20
          from 1s until 18s

        \(faults)
        expect
          always swim-safety
          always gossip-safety

        """
    }

    private static let world = """
        network
          latency uniform 1ms..10ms
          loss 1%  duplicate 0.5%  reorder 2%

        disk
          fsync 1ms..5ms  torn-writes on

        """

    private static let faults = """
        timeline
          chaos partitions every ~3s lasting ~1s from 2s until 15s
          chaos crashes losing unsynced every ~3s lasting ~1s from 2s until 15s
          at 15s  heal everything

        """

    /// How long a run is, in simulated seconds.
    private static let duration = 20

    /// Runs so many seeds that they take as many simulated seconds as the sample has operations; of fewer than a run
    /// has, the beginning of one.
    static func replay(_ text: String, _ watch: inout Stopwatch) -> Digest {
        let scenario: Scenario
        do {
            scenario = try Scenario.parse(Array(text.utf8))
        } catch {
            fatalError("the benchmark's scenario is none: \(error)")
        }
        var sweep = Sweep(scenario)
        var bytes: Int64 = 0
        watch.start()
        let end = Instant.zero + .seconds(Int64(min(watch.operations, duration)))
        for seed in 1...UInt64(max(watch.operations / duration, 1)) {
            let before = allocated_bytes()
            var run = Run(scenario, seed: seed, until: end)
            while !run.advance() {}
            bytes = max(bytes, allocated_bytes() - before)
            sweep.add(run.report)
        }
        watch.stop()
        watch.performed = Int(sweep.events)
        watch.simulated = sweep.simulated
        watch.figures["runs held"] = Int64(sweep.heldCount)
        let seconds = max(sweep.simulated.nanoseconds / 1_000_000_000, 1)
        watch.figures["events a simulated s"] = Int64(sweep.events) / seconds
        watch.figures["KiB a run"] = bytes >> 10
        return sweep.digest
    }
}
