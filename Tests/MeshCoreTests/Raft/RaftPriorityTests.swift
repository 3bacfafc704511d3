import MeshCore
import MeshTestKit
import Testing

@Suite("Raft priorities")
struct RaftPriorityTests {
    private func settings(_ priorities: [(UInt64, UInt8)]) -> Raft.Settings {
        var settings = Raft.Settings()
        for (node, value) in priorities { settings.priorities[NodeID(node)] = value }
        return settings
    }

    @Test("A priority that is set is read back, one that is set to 0 is forgotten, and order does not matter")
    func subscripts() {
        var first = Raft.Priorities()
        #expect(first.isEmpty && first[NodeID(1)] == 0)
        first[NodeID(3)] = 7
        first[NodeID(1)] = 9
        first[NodeID(1)] = 8
        var second = Raft.Priorities()
        second[NodeID(1)] = 8
        second[NodeID(3)] = 7
        #expect(first == second && first[NodeID(1)] == 8 && first[NodeID(3)] == 7 && first[NodeID(2)] == 0)
        first[NodeID(1)] = 0
        first[NodeID(3)] = 0
        #expect(first == Raft.Priorities())
    }

    @Test("Whoever runs of the greatest priority leads in the end, whoever crashed", arguments: 1...20 as ClosedRange)
    func greatestLeads(_ seed: UInt64) throws {
        var cluster = RaftCluster(5, settings: settings([(4, 9), (2, 5)]), seed: seed)
        cluster.run(for: .seconds(3))
        #expect(cluster.leader == NodeID(4))
        cluster.crash(NodeID(4))
        cluster.run(for: .seconds(3))
        #expect(cluster.leader == NodeID(2))
        cluster.crash(NodeID(2))
        cluster.run(for: .seconds(3))
        let other = try #require(cluster.leader)
        #expect(other != NodeID(2) && other != NodeID(4))
        cluster.propose(Int(other.rawValue), "written", id: 1)
        cluster.restart(NodeID(2))
        cluster.run(for: .seconds(3))
        #expect(cluster.leader == NodeID(2))
        cluster.restart(NodeID(4))
        cluster.run(for: .seconds(3))
        #expect(cluster.leader == NodeID(4))
        #expect(cluster.hosts.allSatisfy { $0.state == ["written"] })
        #expect(cluster.violations.isEmpty)
    }

    @Test("A voter waits a spread longer for each voter of a greater priority, at most three")
    func patience() {
        func wait(_ priorities: [(UInt64, UInt8)]) -> Interval {
            let probe = RaftProbe(id: 1, of: 7, settings: settings(priorities))
            return (probe.timer(.election) ?? .zero) - probe.now
        }
        let spread = Raft.Settings().electionTimeoutMax - Raft.Settings().electionTimeoutMin
        let plain = wait([])
        #expect(wait([(1, 5), (2, 5)]) == plain)
        #expect(wait([(2, 5)]) == plain + spread)
        #expect(wait([(1, 4), (2, 5), (3, 6), (4, 3)]) == plain + spread + spread)
        #expect(wait([(2, 5), (3, 5), (4, 5), (5, 5), (6, 5)]) == plain + spread + spread + spread)
    }

    @Test("With handing over switched off a leader of a lower priority stays")
    func staysWhenOff() {
        var settings = settings([(3, 9)])
        settings.yieldsToPriority = false
        var cluster = RaftCluster(3, settings: settings)
        cluster.lead(1)
        cluster.run(for: .seconds(5))
        #expect(cluster.leader == NodeID(1))
    }

    @Test("A preferred voter that loses every election is tried ever less often, and the group stays writable")
    func backsOff() {
        var cluster = RaftCluster(3, settings: settings([(3, 9)]))
        cluster.lead(1)
        cluster.cuts = [(NodeID(3), NodeID(2)), (NodeID(2), NodeID(3))]
        var attempts: [Int] = []
        for _ in 0..<6 {
            let before = cluster.hosts[0].outputs.count { if case .transferStarted = $0 { true } else { false } }
            // The vote of the leader itself would be enough: it is lost.
            for _ in 0..<200 {
                cluster.drop { $0.message.kind == MessageKind(3) && $0.to == NodeID(3) }
                cluster.fire(1, .heartbeat)
                cluster.drop { $0.message.kind == MessageKind(10) }
                cluster.settle()
            }
            let after = cluster.hosts[0].outputs.count { if case .transferStarted = $0 { true } else { false } }
            attempts.append(after - before)
        }
        #expect((attempts.first ?? 0) >= 3)
        #expect((attempts.last ?? 9) <= 1)
        cluster.heal()
        cluster.propose(1, "writable", id: 1)
        cluster.settle()
        #expect(cluster[1].state == ["writable"] || cluster[1].outputs.last == .rejected(id: 1, reason: .transferring))
        #expect(cluster.violations.isEmpty)
    }
}
