import MeshCore
import MeshTestKit
import Simulator
import Testing

private func key(_ number: Int) -> Bytes { Bytes("key:\(number)") }

@Suite("A gossip cluster")
struct GossipClusterTests {
    @Test("A write reaches everybody at once, without waiting for an interval (E19)")
    func pushOnSet() {
        var cluster = GossipCluster(4)
        cluster.run(for: .milliseconds(10))
        cluster.set("color", "red", at: 2)
        cluster.run(for: .milliseconds(5))
        #expect(cluster.holders(of: "color", "red") == 4)
        #expect(cluster.log.faults.isEmpty)
    }

    @Test("A late joiner gets everything (E: 50 rounds and still no value)", arguments: 1...10 as ClosedRange<UInt64>)
    func lateJoiner(_ seed: UInt64) throws {
        var cluster = GossipCluster(5, started: 4, seed: seed)
        for number in 0..<50 { cluster.set(key(number), Bytes("v\(number)"), at: UInt64(number % 4 + 1)) }
        cluster.run(for: .seconds(30))
        #expect(cluster.isConverged)
        cluster.start(5)
        #expect(!cluster.isConverged)
        try cluster.converge(within: .seconds(3))
        for number in 0..<50 { #expect(cluster[5].value(of: key(number)) == Bytes("v\(number)")) }
        #expect(cluster.log.faults.isEmpty)
    }

    @Test("A healed partition has the writes of both sides", arguments: 1...10 as ClosedRange<UInt64>)
    func partition(_ seed: UInt64) throws {
        var cluster = GossipCluster(6, seed: seed)
        cluster.run(for: .seconds(2))
        cluster.partition([[1, 2, 3], [4, 5, 6]])
        cluster.set("left", "1", at: 1)
        cluster.set("both", "left", at: 2)
        cluster.set("right", "1", at: 6)
        cluster.run(for: .milliseconds(3))
        cluster.set("both", "right", at: 5)
        cluster.run(for: .seconds(60))
        #expect(cluster.holders(of: "both", "left") == 3)
        #expect(cluster.holders(of: "right", nil) == 3)
        cluster.heal()
        try cluster.converge(within: .seconds(10))
        #expect(cluster.holders(of: "left", "1") == 6)
        #expect(cluster.holders(of: "right", "1") == 6)
        #expect(cluster.holders(of: "both", "right") == 6, "the later write wins")
    }

    @Test("It converges although 30 % of all messages are lost", arguments: 1...10 as ClosedRange<UInt64>)
    func lossy(_ seed: UInt64) throws {
        var cluster = GossipCluster(10, seed: seed, conditions: LinkConditions(loss: .percent(30)))
        for round in 0..<20 {
            for node in 1...10 { cluster.set(key(round * 10 + node), Bytes("\(node)"), at: UInt64(node)) }
            cluster.run(for: .milliseconds(200))
        }
        try cluster.converge(within: .seconds(60))
        #expect(cluster[1].keyCount == 200)
    }

    @Test(
        "A state ten times larger than a message is carried over in pieces, loss or not",
        arguments: [0, 30] as [Int64], 1...3 as ClosedRange<UInt64>)
    func largeState(_ loss: Int64, _ seed: UInt64) throws {
        var cluster = GossipCluster(2, started: 1, seed: seed, conditions: LinkConditions(loss: .percent(loss)))
        for number in 0..<400 {
            cluster.set(key(number), Bytes([UInt8](repeating: UInt8(number & 255), count: 1_000)), at: 1)
        }
        cluster.run(for: .seconds(5))
        cluster.start(2)
        try cluster.converge(within: .seconds(120))
        #expect(cluster[2].keyCount == 400)
        #expect(cluster.log.largest > 30_000)
        #expect(cluster.log.faults.isEmpty)
    }

    @Test("Equal states cost one small message each interval")
    func quiet() {
        var cluster = GossipCluster(5)
        for number in 0..<500 { cluster.set(key(number), "value", at: UInt64(number % 5 + 1)) }
        cluster.run(for: .seconds(30))
        #expect(cluster.isConverged)
        cluster.resetLog()
        cluster.run(for: .seconds(100))
        #expect(cluster.log.messages[1] == 500)
        #expect(cluster.log.messageCount == 500)
        #expect(cluster.log.byteCount <= 500 * 20)
    }
}

@Suite("A gossip cluster in trouble")
struct GossipClusterFaultTests {
    @Test(
        "What a node reported as stored survives its crash; what it did not is nowhere",
        arguments: 1...10 as ClosedRange<UInt64>)
    func crashLosingUnsynced(_ seed: UInt64) throws {
        var cluster = GossipCluster(4, seed: seed)
        cluster.simulation.disk = DiskSettings(syncLatency: .uniform(.milliseconds(2), .milliseconds(20)))
        for number in 0..<200 {
            cluster.set(key(number), Bytes("\(number)"), at: UInt64(number % 4 + 1))
            cluster.run(for: .milliseconds(3))
            if number % 50 == 25 { cluster.crash(UInt64(number % 4 + 1)) }
            if number % 50 == 35 { for id in 1...4 as ClosedRange<UInt64> { cluster.start(id) } }
        }
        try cluster.converge(within: .seconds(20))
        var stored = 0
        for report in cluster.log.reports {
            guard case .stored(let key, let version) = report.output else { continue }
            stored += 1
            for id in cluster.running { #expect(cluster.simulation[id].version(of: key) == version) }
        }
        #expect(stored < 200 && stored > 150)
        #expect(cluster[1].keyCount == stored, "nothing spread that was not durable")
    }

    @Test("A node that lost its disk gets everything back, its own writes included")
    func wiped() throws {
        var cluster = GossipCluster(3)
        for number in 0..<30 { cluster.set(key(number), "1", at: 2) }
        try cluster.converge(within: .seconds(5))
        cluster.crash(2, .wiped)
        cluster.start(2)
        #expect(cluster[2].keyCount == 0)
        try cluster.converge(within: .seconds(5))
        #expect(cluster[2].keyCount == 30)
        cluster.set(key(3), "2", at: 2)
        try cluster.converge(within: .seconds(5))
        #expect(cluster.holders(of: key(3), "2") == 3)
    }

    @Test("A node that crashes before it could push is overtaken by the comparison after its restart")
    func crashBeforePush() throws {
        var cluster = GossipCluster(3)
        cluster.partition([[1], [2, 3]])
        cluster.set("a", "1", at: 1)
        cluster.run(for: .milliseconds(1))
        cluster.crash(1)
        cluster.heal()
        cluster.run(for: .seconds(5))
        #expect(cluster.holders(of: "a", "1") == 0)
        cluster.start(1)
        try cluster.converge(within: .seconds(3))
        #expect(cluster.holders(of: "a", "1") == 3)
    }

    @Test("Clocks that jump within the drift limit cost nothing; beyond it a node is told off until it is set right")
    func clockJumps() throws {
        var cluster = GossipCluster(4)
        cluster.run(for: .seconds(100))
        cluster.simulation.jumpClock(of: NodeID(1), by: .seconds(50))
        cluster.simulation.jumpClock(of: NodeID(2), by: .seconds(-9))
        cluster.set("a", "ahead", at: 1)
        cluster.run(for: .seconds(1))
        cluster.set("a", "behind", at: 2)
        try cluster.converge(within: .seconds(3))
        #expect(cluster.holders(of: "a", "behind") == 4, "the later write wins although its clock is 59 s behind")
        cluster.simulation.jumpClock(of: NodeID(3), by: .seconds(3_600))
        cluster.set("b", "far", at: 3)
        cluster.run(for: .seconds(5))
        #expect(cluster.holders(of: "b", "far") == 1)
        let refusals = cluster.log.reports.filter {
            if case .ignored(.tooFarAhead) = $0.output { return true }
            return false
        }
        #expect(!refusals.isEmpty)
        cluster.set("c", "near", at: 4)
        cluster.run(for: .seconds(5))
        #expect(cluster.holders(of: "c", "near") == 4, "nobody's clock was poisoned")
        let lead = cluster[4].version(of: "c")?.stamp.lead(over: cluster.simulation.localTime(of: NodeID(4)))
        #expect((lead ?? .seconds(3_600)) < .seconds(60))
        for id in [1, 2, 4] as [UInt64] { cluster.simulation.jumpClock(of: NodeID(id), by: .seconds(3_600)) }
        try cluster.converge(within: .seconds(5))
        #expect(cluster.holders(of: "b", "far") == 4)
    }

    @Test(
        "One-way links, doubled, reordered and damaged messages do not keep nodes apart",
        arguments: 1...6 as ClosedRange<UInt64>)
    func hostileNetwork(_ seed: UInt64) throws {
        let conditions = LinkConditions(
            latency: .exponential(minimum: .milliseconds(1), mean: .milliseconds(40)), loss: .percent(10),
            duplication: .percent(20), reordering: .percent(30), reorderDelay: .milliseconds(500),
            corruption: .percent(5))
        var cluster = GossipCluster(6, seed: seed, conditions: conditions)
        // Nothing from 1 and 2 reaches 5 and 6 directly.
        _ = cluster.simulation.network.add(.oneWay(from: BitSet([0, 1]), to: BitSet([4, 5])))
        for number in 0..<120 {
            let node = UInt64(number % 6 + 1)
            if number % 7 == 3 { cluster.delete(key(number % 40), at: node) }
            cluster.set(key(number % 60), Bytes("\(number)"), at: node)
            cluster.run(for: .milliseconds(25))
        }
        try cluster.converge(within: .seconds(60))
        #expect(cluster.log.faults.isEmpty)
        #expect(cluster[1].keyCount + cluster[1].tombstoneCount == 60)
    }

    @Test("A ring-shaped mesh, where each node reaches two others, converges")
    func ring() throws {
        var cluster = GossipCluster(12)
        _ = cluster.simulation.network.add(.ring(Array(0..<12)))
        for node in 1...12 { cluster.set(key(node), Bytes("\(node)"), at: UInt64(node)) }
        try cluster.converge(within: .seconds(60))
        #expect(cluster[7].keyCount == 12)
    }

    @Test("The same seed gives the same run, another one a different run")
    func determinism() {
        func digest(_ seed: UInt64) -> Digest {
            var cluster = GossipCluster(8, seed: seed, conditions: LinkConditions(loss: .percent(20)))
            for number in 0..<40 {
                cluster.set(key(number % 10), Bytes("\(number)"), at: UInt64(number % 8 + 1))
                cluster.run(for: .milliseconds(170))
            }
            return cluster.simulation.digest
        }
        #expect(digest(5) == digest(5))
        #expect(digest(5) != digest(6))
    }

    @Test("Subscribers at every node see every key's last value, whoever wrote it (E47)")
    func subscriptions() throws {
        var cluster = GossipCluster(5, conditions: LinkConditions(loss: .percent(20)))
        for id in 1...5 as ClosedRange<UInt64> { cluster.command(.subscribe("cursor:*"), at: id) }
        for turn in 0..<20 {
            for id in 1...5 as ClosedRange<UInt64> {
                cluster.set(Bytes("cursor:\(id)"), Bytes("\(turn)"), at: id)
                cluster.set(Bytes("other:\(id)"), Bytes("\(turn)"), at: id)
            }
            cluster.run(for: .milliseconds(100))
        }
        try cluster.converge(within: .seconds(20))
        for id in 1...5 as ClosedRange<UInt64> {
            var last: [Bytes: Bytes?] = [:]
            var versions: [Bytes: Gossip.Version] = [:]
            for output in cluster.log.outputs(of: id) {
                guard case .changed(let key, let value, let version) = output else { continue }
                #expect(key.hasPrefix("cursor:"))
                if let earlier = versions[key] { #expect(earlier < version, "a subscriber never sees time go back") }
                versions[key] = version
                last[key] = value
            }
            for other in 1...5 { #expect(last[Bytes("cursor:\(other)")] == .some(.some(Bytes("19")))) }
        }
    }
}
