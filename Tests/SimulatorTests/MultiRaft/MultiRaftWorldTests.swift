import MeshCore
import MeshTestKit
import Simulator
import Testing

@Suite("Many Raft groups under faults")
struct MultiRaftWorldTests {
    @Test("Idle groups cost the same, however many: a beat between each two nodes", arguments: [1, 100, 2_000])
    func idle(_ groups: Int) {
        var world = MultiRaftWorld(groups: groups)
        world.run(for: .seconds(5))
        #expect(world.simulation.nodes.allSatisfy { world.simulation[$0].status.asleep == groups })
        #expect(world.simulation.nodes.allSatisfy { world.simulation[$0].status.timers == 0 })
        world.forgetCounts()
        world.run(for: .seconds(60))
        // Every 500 ms a timer of each node, and a message to each of two others; nothing of any group.
        #expect(world.watcher.timersSet == 3 * 120)
        #expect(world.watcher.sent == [0, 3 * 2 * 120])
        #expect(world.watcher.envelopes == 0 && world.watcher.records == 0 && world.watcher.elections == 0)
        #expect(world.violations.isEmpty)
    }

    @Test("Awake groups beat together: one message to each peer, however many groups it has")
    func coalesced() {
        var settings = MultiRaft.Settings()
        settings.raft.quiesceAfter = 0
        var world = MultiRaftWorld(groups: 60, settings: settings)
        world.run(for: .seconds(5))
        world.forgetCounts()
        world.run(for: .seconds(10))
        // 20 beats a second: a leader's batch to each peer, and the answers to it. Three nodes lead some groups each.
        #expect(world.watcher.envelopes == 60 * 2 * 2 * 200)
        #expect(world.watcher.sent[0] <= 3 * 2 * 2 * 200)
        #expect(world.watcher.timersSet <= 3 * (1_000 + 20))
        #expect(world.watcher.elections == 0 && world.violations.isEmpty)
    }

    @Test("A node that dies under sleeping groups is noticed, and each of them elects within a bounded time")
    func nodeDies() throws {
        var world = MultiRaftWorld(groups: 60)
        world.run(for: .seconds(5))
        let led = world.groups.filter { world.leader(of: $0) == NodeID(1) }
        try #require(!led.isEmpty)
        world.crash(NodeID(1))
        let settings = MultiRaft.Settings()
        let patience = settings.raft.electionTimeoutMax
        world.run(for: settings.patience + settings.beatInterval + settings.beatInterval + patience + patience)
        for group in world.groups {
            let leader = try #require(world.leader(of: group))
            #expect(leader != NodeID(1))
        }
        // The others sleep on without the dead node, and take it in again when it is back.
        world.run(for: .seconds(3))
        #expect([2, 3].allSatisfy { world.simulation[NodeID($0)].status.asleep == 60 })
        for group in world.groups { world.propose(to: group, at: NodeID(2)) }
        world.run(for: .seconds(2))
        world.restart(NodeID(1))
        world.run(for: .seconds(5))
        for group in world.groups {
            let states = world.watcher.states[Int(group.rawValue) - 1]
            #expect(states[0].count == 1 && states[1] == states[0] && states[2] == states[0])
        }
        #expect(world.simulation.nodes.allSatisfy { world.simulation[$0].status.asleep == 60 })
        #expect(world.violations.isEmpty)
    }

    @Test("Without beats between nodes, a word of failure detection wakes what sleeps under the dead node")
    func told() throws {
        var settings = MultiRaft.Settings()
        settings.beatInterval = .zero
        var world = MultiRaftWorld(groups: 20, settings: settings)
        world.run(for: .seconds(5))
        world.crash(NodeID(1))
        world.forgetCounts()
        world.run(for: .seconds(60))
        #expect(world.watcher.sent == [0, 0] && world.watcher.timersSet == 0)
        for node in [2, 3] as [UInt64] { world.command(.peerDown(NodeID(1)), at: NodeID(node)) }
        world.run(for: .seconds(2))
        for group in world.groups {
            let leader = try #require(world.leader(of: group))
            #expect(leader != NodeID(1))
        }
    }

    @Test("Every promise of Raft holds for every group under crashes, cuts, loss and jumps", arguments: 1...6)
    func storm(_ seed: Int) throws {
        var conditions = LinkConditions()
        conditions.latency = .uniform(.milliseconds(1), .milliseconds(15))
        conditions.loss = Ratio(millionths: 30_000)
        conditions.duplication = Ratio(millionths: 30_000)
        var settings = MultiRaft.Settings()
        settings.raft.snapshotAfter = 0
        settings.maxBatchBytes = 64
        var world = MultiRaftWorld(
            nodes: 3 + 2 * (seed % 2), groups: 12, settings: settings, seed: UInt64(seed), conditions: conditions)
        let nodes = world.simulation.nodes
        var dice = Dice(seed: UInt64(seed) &* 977)
        for _ in 0..<120 {
            world.run(for: .milliseconds(50 + Int64(dice.number(below: 900))))
            switch dice.number(below: 12) {
            case 0: world.crash(dice.pick(nodes))
            case 1, 2, 3: for node in nodes where dice.number(below: 2) == 0 { world.restart(node) }
            case 4: world.isolate(dice.pick(nodes))
            case 5, 6: world.isolate(nil)
            case 7:
                let offset = Int64(dice.number(below: 20_000)) - 10_000
                world.jumpClock(of: dice.pick(nodes), by: .milliseconds(offset))
            default:
                for _ in 0..<3 { world.propose(to: dice.pick(world.groups), at: dice.pick(nodes)) }
            }
        }
        world.isolate(nil)
        for node in nodes { world.restart(node) }
        world.run(for: .seconds(10))
        try #require(world.violations.isEmpty, "\(world.violations)")
        for group in world.groups {
            _ = try #require(world.leader(of: group), "\(group) has no leader")
            let states = world.watcher.states[Int(group.rawValue) - 1]
            for state in states { #expect(state == states[0], "\(group) differs") }
        }
        #expect(nodes.allSatisfy { world.simulation[$0].status.asleep == 12 })
        #expect(world.watcher.sleeps > 12 * nodes.count && world.watcher.elections > 12)
    }

    @Test("The same seed gives the same run")
    func determinism() {
        func digest(_ seed: UInt64) -> UInt64 {
            var world = MultiRaftWorld(groups: 10, seed: seed)
            world.run(for: .seconds(3))
            return world.simulation.digest.value
        }
        #expect(digest(4) == digest(4) && digest(4) != digest(5))
    }
}
