import MeshCore
import RaftRounds

/// Replicas of Raft in rounds, as `peers/etcd-raft/run` measures them; one operation is one entry, applied everywhere.
let roundsBenchmarks: [Benchmark] = [
    Benchmark("rounds/one in flight", per: "entry", operations: 100_000) { watch in rounds(3, .one, &watch) },
    Benchmark("rounds/64 by 64 commands", per: "entry", operations: 200_000) { watch in rounds(3, .each, &watch) },
    Benchmark("rounds/64 by one command", per: "entry", operations: 500_000) { watch in rounds(3, .batch, &watch) },
    Benchmark("rounds/64 by one command, 9 replicas", per: "entry", operations: 200_000) { watch in
        rounds(9, .batch, &watch)
    },
]

private func rounds(_ replicas: Int, _ mode: RaftRounds.Mode, _ watch: inout Stopwatch) -> Digest {
    var rounds = RaftRounds(replicas: replicas)
    rounds.run(20_000, mode)
    let first = rounds.proposed
    watch.start()
    rounds.run(watch.operations, mode)
    watch.stop()
    watch.performed = Int(rounds.proposed - first)
    return digest(rounds.finish())
}
