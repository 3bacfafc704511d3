import MeshCore
import Scenarios

/// Whole replays, with every checker at work; one operation is one event.
let scenarioBenchmarks: [Benchmark] = [
    Benchmark("scenario/leader cut off", per: "event", operations: 20) { watch in
        ScenarioLoad.replay(leaderCutOff, &watch)
    },
    Benchmark("scenario/three protocols on a node", per: "event", operations: 20) { watch in
        ScenarioLoad.replay(threeProtocols, &watch)
    },
]

enum ScenarioLoad {
    /// Runs as many seeds as the sample has operations.
    static func replay(_ text: StaticString, _ watch: inout Stopwatch) -> Digest {
        guard let scenario = try? Scenario.parse(Bytes(stringLiteral: text).storage) else {
            fatalError("the benchmark's scenario is none")
        }
        var sweep = Sweep(scenario)
        watch.start()
        for seed in 1...UInt64(watch.operations) {
            var run = Run(scenario, seed: seed)
            while !run.advance() {}
            sweep.add(run.report)
        }
        watch.stop()
        watch.performed = Int(sweep.events)
        watch.simulated = sweep.simulated
        watch.figures["runs held"] = Int64(sweep.heldCount)
        return sweep.digest
    }
}

private let leaderCutOff: StaticString = """
    scenario "A leader cut off with the minority steps aside"
    format 1
    seeds 1..20
    duration 25s

    cluster
      nodes 5
      run raft

    network
      latency uniform 1ms..10ms
      loss 1%  duplicate 0.5%  reorder 2%

    disk
      fsync 1ms..5ms  torn-writes on

    workload kv
      clients 3  rate 100/s  keys 10 zipf
      mix put 50% get 40% cas 10%
      from 1s until 18s

    timeline
      at 2s  partition {leader, random follower} | rest
      at 8s  heal
      at 10s  crash leader losing unsynced
      at 12s  restart crashed
      at 20s  heal everything

    expect
      always raft-safety
      at end: caught up

    """

private let threeProtocols: StaticString = """
    scenario "All three protocols on one node"
    format 1
    seeds 1..20
    duration 30s

    cluster
      nodes 5
      run raft, swim, gossip

    network
      latency uniform 1ms..10ms
      loss 1%

    disk
      fsync 1ms..5ms

    workload kv
      clients 2  rate 20/s  keys 10
      from 2s until 20s

    workload gossip
      clients 2  rate 10/s  keys 20
      from 2s until 15s

    timeline
      at 5s  crash leader losing unsynced
      at 10s  restart crashed

    expect
      always raft-safety
      always gossip-safety

    """
