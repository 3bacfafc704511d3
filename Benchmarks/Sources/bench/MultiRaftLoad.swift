import MeshCore
import Simulator

/// Many groups on three nodes in the simulator; one operation is a second of the whole cluster.
let multiRaftBenchmarks: [Benchmark] = [
    Benchmark("multiraft/1 group, asleep", per: "second", operations: 60) { watch in
        MultiRaftLoad.run(&watch, groups: 1, sleeps: true)
    },
    Benchmark("multiraft/100 groups, asleep", per: "second", operations: 60) { watch in
        MultiRaftLoad.run(&watch, groups: 100, sleeps: true)
    },
    Benchmark("multiraft/10000 groups, asleep", per: "second", operations: 60) { watch in
        MultiRaftLoad.run(&watch, groups: 10_000, sleeps: true)
    },
    Benchmark("multiraft/100 groups, awake", per: "second", operations: 10) { watch in
        MultiRaftLoad.run(&watch, groups: 100, sleeps: false)
    },
    Benchmark("multiraft/1000 groups, awake", per: "second", operations: 10) { watch in
        MultiRaftLoad.run(&watch, groups: 1_000, sleeps: false)
    },
]

/// What idle groups cost.
enum MultiRaftLoad {
    /// Simulates as many idle seconds as the sample has operations, after five in which leaders are found.
    static func run(_ watch: inout Stopwatch, groups: Int, sleeps: Bool) -> Digest {
        var settings = MultiRaft.Settings()
        if !sleeps { settings.raft.quiesceAfter = 0 }
        var simulation = Simulation<MultiRaft.Node>(seed: 1)
        let before = residentBytes()
        for _ in 0..<3 {
            simulation.addNode { id, random in MultiRaft.Node(id: id, settings: settings, random: random) }
        }
        for node in simulation.nodes { simulation.start(node) }
        let founders = Raft.Configuration(voters: simulation.nodes)
        for number in 1...groups {
            let group = MultiRaft.GroupID(UInt64(number))
            for node in simulation.nodes { simulation.command(.create(group, founders), at: node) }
        }
        var counter = Counter()
        simulation.run(until: Instant.zero + .seconds(5), observing: &counter)
        let bytes = residentBytes() - before
        counter = Counter()
        let end = simulation.now + .seconds(Int64(watch.operations))
        watch.start()
        simulation.run(until: end, observing: &counter)
        watch.stop()
        let seconds = Int64(watch.operations)
        watch.figures["messages/s"] = counter.messages / seconds
        watch.figures["timers/s"] = counter.timers / seconds
        watch.figures["asleep"] = Int64(simulation[NodeID(1)].status.asleep)
        if groups >= 1_000 { watch.figures["bytes a group and node"] = bytes / Int64(groups * 3) }
        return simulation.digest
    }

    /// Counts what nodes do.
    struct Counter: Observer {
        typealias Machine = MultiRaft.Node
        var messages: Int64 = 0
        var timers: Int64 = 0

        mutating func didStep(
            _ effects: borrowing Outbox<Effect<MultiRaft.Node>>, at node: NodeID,
            in simulation: borrowing Simulation<MultiRaft.Node>
        ) {
            effects.forEach { effect in
                switch effect {
                case .send: messages += 1
                case .setTimer: timers += 1
                case .cancelTimer, .persist, .output: break
                }
            }
        }
    }
}
