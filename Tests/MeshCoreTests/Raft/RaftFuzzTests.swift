import MeshCore
import MeshTestKit
import Testing

/// Throws everything at a group at once, by hand and without a notion of time, then lets it recover.
private struct RaftStorm {
    var cluster: RaftCluster
    private var dice: Dice
    private var proposals: UInt64 = 0

    init(seed: UInt64, nodes: Int, settings: Raft.Settings) {
        self.cluster = RaftCluster(nodes, settings: settings, seed: seed)
        self.dice = Dice(seed: seed)
        cluster.syncsAtOnce = false
    }

    mutating func number(below bound: Int) -> Int { dice.number(below: bound) }

    mutating func someNode() -> Int { 1 + number(below: cluster.hosts.count) }

    mutating func act() {
        switch number(below: 100) {
        case 0..<45: deliverSomething()
        case 45..<68:
            let node = someNode()
            cluster.sync(NodeID(UInt64(node)), 1 + number(below: 3))
        case 68..<76: cluster.fire(someNode(), .heartbeat)
        case 76..<78:
            if number(below: 5) == 0 { transfer() } else { cluster.fire(someNode(), .election) }
        case 78..<80: cluster.read(someNode())
        case 80..<90:
            proposals += 1
            cluster.propose(someNode(), Bytes("c\(proposals)"), id: proposals)
        case 90..<92:
            if !cluster.letters.isEmpty { cluster.letters.remove(at: number(below: cluster.letters.count)) }
        case 92..<94:
            if !cluster.letters.isEmpty {
                cluster.letters.append(cluster.letters[number(below: cluster.letters.count)])
            }
        case 94:
            let node = someNode()
            cluster.crash(NodeID(UInt64(node)), keeping: number(below: 4))
        case 95..<98: cluster.restart(NodeID(UInt64(someNode())))
        case 98:
            let node = someNode()
            cluster.setClock(node, to: Instant(nanoseconds: Int64(number(below: 1 << 40))))
        default:
            if number(below: 4) == 0 {
                let node = someNode()
                cluster.partition([node], (1...cluster.hosts.count).filter { $0 != node })
            } else {
                cluster.heal()
            }
        }
    }

    private mutating func transfer() {
        guard let leader = cluster.leader else { return }
        let target = number(below: 3) == 0 ? nil : NodeID(UInt64(someNode()))
        cluster.step(leader, .command(.transfer(to: target)))
    }

    private mutating func deliverSomething() {
        guard !cluster.letters.isEmpty else { return }
        // Mostly near the front, so that things move, now and then anywhere.
        let reach = number(below: 8) == 0 ? cluster.letters.count : min(3, cluster.letters.count)
        cluster.deliver(at: number(below: reach))
        if cluster.letters.count > 400 { cluster.letters.removeFirst(100) }
    }

    /// Everything works again; what must happen then.
    mutating func recover() {
        cluster.heal()
        cluster.syncsAtOnce = true
        for id in cluster.ids {
            cluster.restart(id)
            cluster.sync(id)
        }
        cluster.run(for: .seconds(3))
    }
}

@Suite("Raft in a storm")
struct RaftFuzzTests {
    static func settings(_ variant: Int) -> Raft.Settings {
        var settings = Raft.Settings()
        settings.preVote = variant % 2 == 0
        settings.checkQuorum = variant % 3 != 0
        settings.snapshotAfter = variant % 4 == 0 ? 0 : 3 + variant % 7
        settings.maxEntriesPerAppend = variant % 5 == 0 ? 1 : 8
        settings.maxInflight = 1 + variant % 4
        settings.maxBytesPerAppend = variant % 7 == 0 ? 6 : 1_024
        settings.maxForwards = 8
        settings.snapshotChunkBytes = variant % 3 == 0 ? 1 << 20 : 3 + variant % 11
        settings.snapshotWindow = 1 + variant % 3
        settings.trailingEntries = variant % 5
        settings.maxInflightBytes = variant % 6 == 0 ? 5 : 1 << 20
        settings.maxUnappliedBytes = variant % 8 == 1 ? 4 : 0
        settings.maxEntriesPerApply = 1 + variant % 9
        settings.maxReads = 1 + variant % 5
        return settings
    }

    @Test("No promise breaks under loss, reordering, doubling, crashes and late disks", arguments: [1, 2, 3, 4, 5])
    func storms(_ nodes: Int) throws {
        var marks: [String: Int] = [:]
        for seed in 1...UInt64(120) {
            var storm = RaftStorm(
                seed: seed &* 7_919 &+ UInt64(nodes), nodes: nodes, settings: Self.settings(Int(seed)))
            for _ in 0..<1_500 {
                storm.act()
                if !storm.cluster.violations.isEmpty { break }
            }
            storm.cluster.checkLogMatching()
            try #require(storm.cluster.violations.isEmpty, "seed \(seed): \(storm.cluster.violations)")
            storm.recover()
            for (name, count) in storm.cluster.marks { marks[name, default: 0] += count }
            storm.cluster.checkLogMatching()
            try #require(storm.cluster.violations.isEmpty, "seed \(seed) recovering: \(storm.cluster.violations)")
            let leader = try #require(storm.cluster.leader, "seed \(seed): no leader after recovery")
            let last = storm.cluster[Int(leader.rawValue)].node.log.lastIndex
            for host in storm.cluster.hosts {
                try #require(host.node.leader == leader, "seed \(seed): \(host.node.id) does not follow")
                try #require(
                    host.node.commitIndex == last && host.node.log.lastIndex == last,
                    "seed \(seed): \(host.node.id) is at \(host.node.commitIndex) of \(last), \(host.node.status)")
                try #require(host.state == storm.cluster[1].state, "seed \(seed): states differ")
            }
            try #require(storm.cluster.openReads == 0, "seed \(seed): a read is never answered")
        }
        // A storm that never reaches the interesting places proves nothing.
        let wanted = [
            1: ["a term with a leader", "entry applied", "compacted"],
            2: ["deposed", "append refused", "forward answered", "append of an earlier term"],
        ]
        let reached =
            wanted[nodes] ?? [
                "deposed", "stepped down without a quorum", "suffix removed", "snapshot installed", "compacted",
                "append refused", "append of an earlier term", "forward answered", "ignored: leader is alive",
                "ignored: old snapshot", "ignored: stale forward",
                "transfer done", "transfer abandoned: timed out", "ignored: stale transfer",
                "read at the leader", "read at a follower", "read refused: deposed", "read refused: no leader",
                "read refused: busy", "ignored: stale read",
            ]
        for name in reached { #expect(marks[name, default: 0] > 0, "\(name) was never reached") }
    }
}
