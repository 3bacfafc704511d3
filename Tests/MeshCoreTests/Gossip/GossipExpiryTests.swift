import MeshCore
import MeshTestKit
import Testing

private let today = Instant(nanoseconds: 1_700_000_000_000_000_000)
private let settings = Gossip.Settings(interval: .seconds(1), tombstoneRetention: .seconds(100), pushesOnSet: false)

private func probe(_ id: UInt64 = 1, stable: Gossip.Stable = Gossip.Stable(), now: Instant = today) -> GossipProbe {
    GossipProbe(id, peers: [3 - id], settings: settings, stable: stable, now: now)
}

private func entry(_ key: Bytes, _ value: Bytes?, secondsAgo: Int64, by origin: UInt64 = 7) -> Gossip.Entry {
    Gossip.Entry(
        key: key, value: value,
        version: .init(stamp: Gossip.Stamp(wall: today - .seconds(secondsAgo)), origin: NodeID(origin)))
}

@Suite("Values that expire")
struct GossipExpiryTests {
    @Test("A value is gone a round after its time, is reported as gone, and older ones do not come back")
    func gone() {
        var probe = probe()
        probe.command(.subscribe("lease"))
        probe.receive(.entries([entry("lease", "old", secondsAgo: 60)]), from: 2)
        probe.command(.setExpiring(key: "lease", value: "new", for: .seconds(3)))
        for _ in 0..<3 { probe.round() }
        #expect(probe.node.value(of: "lease") == "new")
        let outputs = probe.round().outputs
        #expect(probe.node.value(of: "lease") == nil)
        #expect(probe.node.tombstoneCount == 1)
        #expect(outputs.contains { if case .changed("lease", nil, _) = $0 { true } else { false } })
        probe.receive(.entries([entry("lease", "old", secondsAgo: 60)]), from: 2)
        probe.receive(.push([entry("lease", "stray", secondsAgo: 20)]), from: 2)
        #expect(probe.node.value(of: "lease") == nil)
        probe.set("lease", "again")
        #expect(probe.node.value(of: "lease") == "again", "a newer write is not kept away")
    }

    @Test("What a sleeper still holds of it is over when it arrives, and the end of it is taken from others")
    func sleeper() {
        var (first, second) = (probe(1), probe(2))
        first.command(.setExpiring(key: "k", value: "v", for: .seconds(5)))
        _ = GossipExchange(&first, &second)
        #expect(second.node.value(of: "k") == "v")
        for _ in 0..<8 { first.round() }
        // The second one's clock stands still; the first one's word is enough, within the limit for clocks.
        second.round()
        _ = GossipExchange(&first, &second)
        #expect(second.node.value(of: "k") == nil)
        #expect(first.node.stateHash == second.node.stateHash)
        var third = probe(2, now: first.now)
        third.round()
        let live = Gossip.Entry(
            key: "x", value: "late", version: entry("x", "late", secondsAgo: 30).version,
            expires: Gossip.Stamp(wall: today - .seconds(20)))
        third.receive(.entries([live]), from: 1)
        #expect(third.node.value(of: "x") == nil)
        #expect(third.node.version(of: "x") == live.version, "its end is remembered")
    }

    @Test("The end of a value that is far from over by this node's clock is refused")
    func wrongClock() {
        var probe = probe()
        probe.set("k", "v")
        let version = probe.node.version(of: "k") ?? entry("k", nil, secondsAgo: 0).version
        let far = Gossip.Entry(
            key: "k", value: nil, version: version, expires: Gossip.Stamp(wall: today + .seconds(600)))
        let answer = probe.receive(.entries([far]), from: 2)
        #expect(probe.node.value(of: "k") == "v")
        #expect(answer.outputs.contains { if case .ignored(.tooFarAhead) = $0 { true } else { false } })
    }

    @Test("A clock that jumps ahead ends nothing, and after a restart the end still comes")
    func jump() {
        var probe = probe()
        probe.command(.setExpiring(key: "k", value: "v", for: .seconds(30)))
        probe.now = probe.now + .seconds(1_000)
        probe.round()
        #expect(probe.node.value(of: "k") == "v")
        var revived = self.revived(probe)
        for _ in 0..<20 { revived.round() }
        #expect(revived.node.value(of: "k") == "v")
        for _ in 0..<12 { revived.round() }
        #expect(revived.node.value(of: "k") == nil)
        // Forgotten the retention after its end, not after its writing.
        for _ in 0..<90 { revived.round() }
        #expect(revived.node.tombstoneCount == 1)
        for _ in 0..<12 { revived.round() }
        #expect(revived.node.tombstoneCount == 0)
        #expect(revived.node.stateHash == 0)
    }

    private func revived(_ old: GossipProbe) -> GossipProbe { probe(stable: old.stable, now: today) }

    @Test("Keys rewritten again and again leave nothing behind")
    func bounded() {
        var probe = probe()
        for turn in 0..<2_000 as Range<UInt64> {
            probe.command(.setExpiring(key: Bytes("k\(turn % 3)"), value: "v", for: .seconds(10_000)))
            if turn % 20 == 0 { probe.round() }
        }
        #expect(probe.node.keyCount == 3)
        for turn in 0..<3 as Range<UInt64> { probe.set(Bytes("k\(turn)"), "stays") }
        for _ in 0..<10 { probe.round() }
        #expect(probe.node.keyCount == 3)
    }
}
