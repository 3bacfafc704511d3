import MeshCore
import Simulator

/// Clusters that gossip and watch each other; one operation is one event.
let clusterBenchmarks: [Benchmark] = [
    Benchmark("gossip/100 nodes, 10 writes a second", per: "event", operations: 20) { watch in
        let names = (1...100 as ClosedRange<UInt64>).map { NodeID($0) }
        return ClusterLoad.run(&watch, nodes: 100) { id, random in
            Gossip.Node(id: id, peers: names, settings: Gossip.Settings(), random: random)
        } load: { simulation, tick in
            let key = Bytes("key:\(tick % 50)")
            let node = NodeID(tick &* 7 % 100 + 1)
            simulation.command(.set(key: key, value: Bytes(hexadecimal(tick))), at: node)
        }
    },
    Benchmark("swim/200 nodes, one crash", per: "event", operations: 20) { watch in
        ClusterLoad.run(&watch, nodes: 200) { id, random in
            Swim.Node(id: id, seeds: [NodeID(1), NodeID(2)], random: random)
        } load: { simulation, tick in
            if tick == 5 { simulation.crash(NodeID(77)) }
        }
    },
]

/// Runs a cluster on a network with one to ten milliseconds of latency and 1 % loss.
enum ClusterLoad {
    /// Simulates as many seconds as the sample has operations, after five that are not counted.
    static func run<Machine: StateMachine>(
        _ watch: inout Stopwatch, nodes: Int, make: (NodeID, Random) -> Machine,
        load: (inout Simulation<Machine>, UInt64) -> Void
    ) -> Digest {
        let conditions = LinkConditions(
            latency: .uniform(.milliseconds(1), .milliseconds(10)), loss: .percent(1))
        var simulation = Simulation<Machine>(seed: 1, conditions: conditions)
        for _ in 0..<nodes { simulation.addNode(make) }
        for node in simulation.nodes { simulation.start(node) }
        simulation.run(until: Instant.zero + .seconds(5))
        let begin = simulation.now
        let end = begin + .seconds(Int64(watch.operations))
        let first = simulation.eventCount
        var tick: UInt64 = 0
        watch.start()
        while simulation.now < end {
            simulation.run(until: simulation.now + .milliseconds(100))
            tick += 1
            load(&simulation, tick)
        }
        watch.stop()
        watch.performed = Int(simulation.eventCount - first)
        watch.simulated = end - begin
        return simulation.digest
    }
}
