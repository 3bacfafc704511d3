import MeshCore
import MeshTestKit
import Testing

/// The member list, seen from outside and compared with a naive twin.
@Suite("SWIM member list")
struct SwimRosterTests {
    @Test("It agrees with a dictionary after any claims", arguments: 1...8 as ClosedRange<UInt64>)
    func naiveTwin(seed: UInt64) {
        var dice = Dice(seed: seed)
        var settings = Swim.Settings()
        settings.gossipFanout = 0
        settings.deadRetention = .seconds(3)
        settings.suspicionMultiplier = 1_000
        var bench = StepBench<Swim.Node>(members: [2], settings: settings, seed: seed)
        var twin: [NodeID: Swim.Claim] = [NodeID(1): Swim.Claim(.alive, .zero), NodeID(2): Swim.Claim(.alive, .zero)]
        let ids = (0..<300).map { _ in (dice.number(below: 2) == 0 ? dice.bits() : UInt64(dice.number(below: 500))) | 4
        }
        for round in 0..<3_000 {
            let node = NodeID(dice.pick(ids))
            let claim = Swim.Claim(
                dice.pick([.alive, .alive, .suspect, .dead, .left]), .init(UInt32(dice.number(below: 4))))
            bench.receive(.gossip, from: 2, Swim.Update(node, claim.status, claim.incarnation))
            if let old = twin[node] {
                if claim.overrides(old) { twin[node] = claim }
            } else if claim.status.isLive {
                twin[node] = claim
            }
            guard round % 500 == 499 else { continue }
            compare(bench.machine, twin)
            // All the dead are forgotten at once, and the list is whole again.
            for _ in 0..<5 {
                bench.receive(.gossip, from: 2, incarnation: UInt32(round))
                twin[NodeID(2)] = Swim.Claim(.alive, .init(UInt32(round)))
                bench.advance(.seconds(1))
            }
            // Whom we pinged in the meantime did not answer.
            bench.machine.forEachMember { node, status, incarnation in
                if twin[node]?.status == .alive && status == .suspect { twin[node] = Swim.Claim(status, incarnation) }
            }
            for (node, claim) in twin where !claim.status.isLive { twin[node] = nil }
            compare(bench.machine, twin)
        }
    }

    private func compare(_ node: Swim.Node, _ twin: [NodeID: Swim.Claim]) {
        var seen: [NodeID] = []
        var hash: UInt64 = 0
        node.forEachMember { id, status, incarnation in
            seen.append(id)
            hash &+= Swim.Node.stateHash(of: id, status)
            #expect(twin[id] == Swim.Claim(status, incarnation))
            #expect(node.status(of: id) == status)
        }
        #expect(seen == twin.keys.sorted())
        #expect(node.memberCount == twin.count)
        #expect(node.aliveCount == twin.values.filter { $0.status == .alive }.count)
        #expect(node.liveCount == twin.values.filter(\.status.isLive).count)
        #expect(node.stateHash == hash)
    }

    @Test("The state hash tells statuses and ids apart, and forgets nothing but the dead")
    func stateHash() {
        let hash = { Swim.Node.stateHash(of: NodeID($0), $1) }
        let live = (1...500).flatMap { [hash($0, .alive), hash($0, .suspect)] }
        #expect(Set(live).count == 1_000)
        #expect(hash(1, .dead) == 0 && hash(1, .left) == 0)
        #expect(Swim.Node(id: NodeID(7), seeds: [], random: Random(seed: 1)).stateHash == hash(7, .alive))
    }
}
