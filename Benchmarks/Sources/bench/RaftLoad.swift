import MeshCore
import Simulator

/// A Raft group at work in the simulator; one operation is one event, that is one step of one node.
let raftBenchmarks: [Benchmark] = [
    Benchmark("raft/5 nodes, idle", per: "event", operations: 30) { watch in
        RaftLoad.run(&watch, proposesEvery: nil, hasFaults: false)
    },
    Benchmark("raft/5 nodes, 100 proposals a second", per: "event", operations: 30) { watch in
        RaftLoad.run(&watch, proposesEvery: .milliseconds(10), hasFaults: false)
    },
    Benchmark("raft/5 nodes, light faults", per: "event", operations: 30) { watch in
        RaftLoad.run(&watch, proposesEvery: .milliseconds(10), hasFaults: true)
    },
]

/// Clients that propose to the leader, answer its wish for snapshots, and an operator who crashes it now and then.
enum RaftLoad {
    /// Simulates as many seconds as the sample has operations.
    static func run(_ watch: inout Stopwatch, proposesEvery period: Interval?, hasFaults: Bool) -> Digest {
        var simulation = group(hasFaults: hasFaults)
        var clients = Clients()
        for node in simulation.nodes { simulation.start(node) }
        simulation.run(until: Instant.zero + .seconds(1), observing: &clients)
        let begin = simulation.now
        let end = begin + .seconds(Int64(watch.operations))
        let first = simulation.eventCount
        var nextCrash = begin + .seconds(5)
        watch.start()
        while simulation.now < end {
            let tick = simulation.now + (period ?? .milliseconds(100))
            simulation.run(until: tick < end ? tick : end, observing: &clients)
            if period != nil { clients.propose(in: &simulation) }
            if hasFaults && simulation.now >= nextCrash {
                nextCrash = nextCrash + .seconds(5)
                clients.replaceLeader(in: &simulation)
            }
        }
        watch.stop()
        watch.performed = Int(simulation.eventCount - first)
        watch.simulated = end - begin
        watch.figures["applied"] = Int64(clients.applied)
        return simulation.digest
    }

    private static func group(hasFaults: Bool) -> Simulation<Raft.Node> {
        var conditions = LinkConditions(latency: .uniform(.milliseconds(1), .milliseconds(10)))
        if hasFaults {
            conditions.loss = .percent(1)
            conditions.duplication = Ratio(millionths: 5_000)
            conditions.reordering = .percent(2)
        }
        var simulation = Simulation<Raft.Node>(seed: 1, conditions: conditions)
        simulation.disk.syncLatency = .uniform(.milliseconds(1), .milliseconds(5))
        var settings = Raft.Settings()
        settings.snapshotAfter = 1_000
        let voters = (1...5 as ClosedRange<UInt64>).map { NodeID($0) }
        for _ in voters {
            simulation.addNode { id, random in
                Raft.Node(id: id, voters: voters, settings: settings, random: random)
            }
        }
        return simulation
    }
}

/// What the benchmark's clients see and want.
struct Clients: Observer {
    typealias Machine = Raft.Node

    private(set) var applied: UInt64 = 0
    private var proposed: UInt64 = 0
    private var leader: NodeID?
    private var crashed: NodeID?
    private var wishes: [(node: NodeID, upTo: Raft.LogIndex)] = []

    mutating func willRelease(
        _ effect: borrowing Effect<Raft.Node>, at node: NodeID, in simulation: borrowing Simulation<Raft.Node>
    ) {
        guard case .output(let output) = copy effect else { return }
        switch output {
        case .becameLeader: leader = node
        case .apply(let entries): applied += UInt64(entries.count)
        case .snapshotWanted(let index): wishes.append((node, index))
        default: break
        }
    }

    /// Proposes 32 bytes to the last node that became leader, and hands in the snapshots that were asked for.
    mutating func propose(in simulation: inout Simulation<Raft.Node>) {
        guard let leader else { return }
        proposed += 1
        let command = Bytes(hexadecimalDigits(proposed) + hexadecimalDigits(~proposed))
        simulation.command(.propose(command, id: proposed), at: leader, observing: &self)
        let wanted = wishes
        wishes.removeAll(keepingCapacity: true)
        for wish in wanted {
            simulation.command(.compact(upTo: wish.upTo, state: "state"), at: wish.node, observing: &self)
        }
    }

    /// Crashes the leader and starts the node that was crashed the last time.
    mutating func replaceLeader(in simulation: inout Simulation<Raft.Node>) {
        if let crashed { simulation.start(crashed, observing: &self) }
        crashed = leader
        if let leader { simulation.crash(leader, .losingUnsynced, observing: &self) }
    }
}
