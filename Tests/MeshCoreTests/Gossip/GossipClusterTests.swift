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
