import MeshCore
import MeshTestKit
import Simulator
import Testing

private let settings = Gossip.Settings(tombstoneRetention: .seconds(30), driftLimit: .seconds(10))

private func entry(_ key: Bytes, _ value: Bytes?, at seconds: UInt64, by origin: UInt64) -> Gossip.Entry {
    let stamp = Gossip.Stamp(milliseconds: seconds * 1_000)
    return Gossip.Entry(key: key, value: value, version: .init(stamp: stamp, origin: NodeID(origin)))
}

private func seconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

@Suite("Tombstones")
struct GossipTombstoneTests {
    @Test("A deletion reaches everybody, the nodes that were away included, and nothing comes back (R: no tombstones)")
    func noResurrection() throws {
        var cluster = GossipCluster(5, settings: settings)
        cluster.set("a", "1", at: 1)
        cluster.set("b", "1", at: 1)
        try cluster.converge(within: .seconds(5))
        cluster.partition([[1, 2, 3], [4], [5]])
        cluster.crash(5)
        cluster.delete("a", at: 2)
        cluster.run(for: .seconds(20))
        #expect(cluster[4].value(of: "a") == "1")
        cluster.heal()
        cluster.start(5)
        try cluster.converge(within: .seconds(8))
        #expect(cluster.holders(of: "a", nil) == 5)
        cluster.run(for: .seconds(60))
        #expect(cluster.isConverged)
        #expect(cluster.running.allSatisfy { cluster.simulation[$0].tombstoneCount == 0 }, "forgotten everywhere")
        #expect(cluster.holders(of: "a", nil) == 5)
        #expect(cluster.holders(of: "b", "1") == 5)
        for id in cluster.running { #expect(cluster.simulation.stable(of: id).entry("a") == nil) }
    }

    @Test("Deletions die out although nodes forget them at different times")
    func noPingPong() throws {
        var cluster = GossipCluster(4, settings: settings)
        for number in 0..<50 { cluster.set(Bytes("key\(number)"), "1", at: UInt64(number % 4 + 1)) }
        for number in 0..<50 { cluster.delete(Bytes("key\(number)"), at: UInt64(number % 3 + 1)) }
        cluster.simulation.jumpClock(of: NodeID(2), by: .seconds(-8))
        cluster.run(for: .seconds(33))
        #expect(cluster[1].tombstoneCount == 0)
        #expect(cluster[2].tombstoneCount == 50, "its clock says that it is not time yet")
        cluster.run(for: .seconds(4))
        #expect(cluster[1].tombstoneCount == 0, "not taken in again")
        cluster.run(for: .seconds(10))
        #expect(cluster.isConverged)
        #expect(cluster[2].tombstoneCount == 0)
    }

    @Test("A clock that jumps a year ahead forgets nothing early")
    func clockJump() {
        var cluster = GossipCluster(3, settings: settings)
        cluster.set("a", "1", at: 1)
        cluster.delete("a", at: 1)
        cluster.run(for: .seconds(2))
        cluster.simulation.jumpClock(of: NodeID(2), by: .seconds(31_536_000))
        cluster.run(for: .seconds(20))
        #expect(cluster[2].tombstoneCount == 1)
        #expect(cluster.isConverged)
    }

    @Test("A deletion that others have forgotten still deletes what is left of the key")
    func lateDeletion() {
        var probe = GossipProbe(1, peers: [2], settings: settings, now: seconds(100))
        probe.receive(.entries([entry("a", "1", at: 50, by: 2)]), from: 2)
        #expect(probe.node.value(of: "a") == "1")
        probe.receive(.entries([entry("a", nil, at: 60, by: 2)]), from: 2)
        #expect(probe.node.value(of: "a") == nil)
        let strayKey = entry("b", nil, at: 60, by: 2)
        let effects = probe.receive(.entries([strayKey]), from: 2)
        #expect(effects.outputs == [.ignored(.expired(key: "b", version: strayKey.version, from: NodeID(2)))])
        #expect(probe.round().records == [.forget(key: "a")])
        #expect(probe.node.stateHash == 0)
    }

    @Test("A push that was under way for longer than the retention is a stray and brings nothing back")
    func strayPush() {
        var probe = GossipProbe(1, peers: [2], settings: settings, now: seconds(100))
        let stray = entry("a", "old", at: 69, by: 2)
        #expect(
            probe.receive(.push([stray]), from: 2).outputs == [
                .ignored(.expired(key: "a", version: stray.version, from: NodeID(2)))
            ])
        #expect(probe.receive(.entries([stray]), from: 2).outputs.isEmpty)
        #expect(probe.node.value(of: "a") == "old", "a late joiner gets old values by comparing")
    }

    @Test("A value that stayed away longer than the retention comes back, on all nodes alike: the stated price")
    func longerThanRetention() throws {
        var cluster = GossipCluster(3, settings: settings)
        cluster.set("a", "1", at: 1)
        try cluster.converge(within: .seconds(3))
        cluster.partition([[1, 2], [3]])
        cluster.delete("a", at: 1)
        cluster.set("side", "3", at: 3)
        cluster.run(for: .seconds(100))
        #expect(cluster[1].tombstoneCount == 0)
        cluster.heal()
        try cluster.converge(within: .seconds(5))
        #expect(cluster.holders(of: "side", "3") == 3, "what was written meanwhile is not lost, however long it took")
        #expect(cluster.holders(of: "a", "1") == 3)
    }

    @Test("Writing a deleted key again ends its tombstone, and deleting it once more begins a new one")
    func rewrite() {
        var probe = GossipProbe(1, settings: settings, now: seconds(1))
        for turn in 0..<500 {
            probe.set("a", Bytes("\(turn)"))
            probe.command(.delete(key: "a"))
            if turn % 10 == 9 { probe.round() }
            #expect(probe.node.tombstoneCount == 1)
        }
        probe.set("a", "last")
        for _ in 0..<100 { #expect(probe.round().records.isEmpty) }
        #expect(probe.node.value(of: "a") == "last")
    }

    @Test("Many deletions are forgotten in portions")
    func portions() {
        var probe = GossipProbe(1, settings: settings, now: seconds(1))
        for number in 0..<2_500 { probe.command(.delete(key: Bytes("key\(number)"))) }
        probe.now = seconds(40)
        var restarted = GossipProbe(1, settings: settings, stable: probe.stable, now: seconds(40))
        var portions: [Int] = []
        for _ in 0..<4 { portions.append(restarted.round().records.count) }
        #expect(portions == [1_024, 1_024, 452, 0])
        #expect(restarted.node.stateHash == 0)
        #expect(restarted.stable.count == 0)
        #expect(restarted.stable.ceiling == probe.stable.ceiling, "stamps stay used although their entries are gone")
    }
}
