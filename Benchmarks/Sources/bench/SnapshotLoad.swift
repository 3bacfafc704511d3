import MeshCore
import Simulator

/// A large snapshot on its way to a node that has nothing; one operation is one node brought up to date.
let snapshotBenchmarks: [Benchmark] = [
    Benchmark("snapshot/64 MiB in 1 MiB chunks", per: "install", operations: 1) { watch in
        SnapshotLoad.run(&watch, loss: .zero)
    },
    Benchmark("snapshot/64 MiB in 1 MiB chunks, 5% loss", per: "install", operations: 1) { watch in
        SnapshotLoad.run(&watch, loss: .percent(5))
    },
]

/// Three nodes, of which one starts late: the others have compacted their logs behind a state of 64 MiB.
enum SnapshotLoad {
    static func run(_ watch: inout Stopwatch, loss: Ratio) -> Digest {
        var digest = Digest()
        var peak: Int64 = 0
        var simulated = Interval.zero
        var chunks: Int64 = 0
        let state = Bytes([UInt8]((0..<(64 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) }))
        for operation in 0..<watch.operations {
            var simulation = group(seed: UInt64(operation + 1), loss: loss)
            var watcher = Watcher()
            let present = simulation.nodes.dropLast()
            for node in present { simulation.start(node, observing: &watcher) }
            while watcher.leader == nil {
                simulation.run(until: simulation.now + .milliseconds(100), observing: &watcher)
            }
            for number in 0..<10 as Range<UInt64> {
                simulation.command(
                    .propose("command", id: number), at: watcher.leader ?? NodeID(1), observing: &watcher)
            }
            simulation.run(until: simulation.now + .seconds(1), observing: &watcher)
            for node in present {
                let index = simulation[node].appliedIndex
                simulation.command(.compact(upTo: index, state: state), at: node, observing: &watcher)
            }
            simulation.run(until: simulation.now + .seconds(1), observing: &watcher)
            let last = simulation.nodes[simulation.nodes.count - 1]
            let begin = simulation.now
            let before = residentBytes()
            watcher = Watcher()
            if operation == 0 { watch.start() }
            simulation.start(last, observing: &watcher)
            while watcher.installed == 0, simulation.now - begin < .seconds(120) {
                simulation.run(until: simulation.now + .milliseconds(10), observing: &watcher)
                peak = max(peak, residentBytes() - before)
            }
            simulated = simulated + (simulation.now - begin)
            chunks += watcher.chunks
            guard watcher.installed == state.count else { fatalError("the snapshot did not arrive in two minutes") }
            digest.mix(simulation.digest.value)
        }
        watch.stop()
        watch.simulated = simulated
        watch.figures["virtual ms"] = simulated.nanoseconds / 1_000_000 / Int64(watch.operations)
        watch.figures["chunks sent"] = chunks / Int64(watch.operations)
        watch.figures["MiB more at the peak"] = peak >> 20
        return digest
    }

    private static func group(seed: UInt64, loss: Ratio) -> Simulation<Raft.Node> {
        var conditions = LinkConditions(latency: .uniform(.milliseconds(1), .milliseconds(5)), loss: loss)
        conditions.bytesPerSecond = 100 << 20
        var simulation = Simulation<Raft.Node>(seed: seed, conditions: conditions)
        simulation.disk.syncLatency = .uniform(.milliseconds(1), .milliseconds(5))
        let voters = (1...3 as ClosedRange<UInt64>).map { NodeID($0) }
        for _ in voters {
            simulation.addNode { id, random in
                Raft.Node(id: id, voters: voters, settings: Raft.Settings(), random: random)
            }
        }
        return simulation
    }

    /// Sees who leads, what is sent and what arrives.
    struct Watcher: Observer {
        typealias Machine = Raft.Node
        var leader: NodeID?
        var installed = 0
        var chunks: Int64 = 0

        mutating func willRelease(
            _ effect: borrowing Effect<Raft.Node>, at node: NodeID, in simulation: borrowing Simulation<Raft.Node>
        ) {
            switch copy effect {
            case .output(.becameLeader): leader = node
            case .output(.installed(_, _, let state)): installed = state.count
            case .send(.snapshot, _): chunks += 1
            case .output, .send, .persist, .setTimer, .cancelTimer: break
            }
        }
    }
}
