import MeshCore
import MeshTestKit
import Testing

@Suite("Raft quiescence")
struct RaftQuiescenceTests {
    private func sleepy(_ limit: Interval = .zero) -> Raft.Settings {
        var settings = Raft.Settings()
        settings.quiesceAfter = 3
        settings.sleepLimit = limit
        return settings
    }

    private func asleep(_ count: Int = 3, _ limit: Interval = .zero) -> RaftCluster {
        var cluster = RaftCluster(count, settings: sleepy(limit))
        cluster.lead(1)
        cluster.propose(1, "before", id: 1)
        cluster.run(for: .seconds(1))
        return cluster
    }

    private func isAsleep(_ cluster: RaftCluster, _ number: Int) -> Bool {
        cluster[number].outputs.last { if case .quiescent = $0 { true } else { false } } == .quiescent(true)
    }

    @Test("An idle group falls asleep: no timer is left, and an hour costs no message")
    func sleeps() {
        var cluster = asleep()
        #expect((1...3).allSatisfy { isAsleep(cluster, $0) && cluster[$0].timers.isEmpty })
        cluster.run(for: .seconds(3_600))
        #expect(cluster.letters.isEmpty && cluster.leader == NodeID(1))
        #expect(cluster[1].node.term == Raft.Term(1))
    }

    @Test("By default a group never sleeps")
    func offByDefault() {
        var cluster = RaftCluster(3)
        cluster.lead(1)
        cluster.run(for: .seconds(60))
        #expect(cluster.hosts.allSatisfy { !$0.timers.isEmpty })
        #expect(!isAsleep(cluster, 1))
    }

    @Test("A proposal wakes everybody, at the leader and at a follower, and the group falls asleep again")
    func proposalWakes() {
        var cluster = asleep()
        cluster.propose(1, "leader", id: 2)
        #expect(!isAsleep(cluster, 1))
        cluster.settle()
        #expect((1...3).allSatisfy { !isAsleep(cluster, $0) && !cluster[$0].timers.isEmpty })
        cluster.run(for: .seconds(1))
        #expect((1...3).allSatisfy { isAsleep(cluster, $0) })
        cluster.propose(3, "follower", id: 3)
        cluster.run(for: .seconds(1))
        #expect(cluster.hosts.allSatisfy { $0.state == ["before", "leader", "follower"] })
        #expect((1...3).allSatisfy { isAsleep(cluster, $0) })
        #expect(cluster.violations.isEmpty)
    }

    @Test("A read wakes the leader and is answered")
    func readWakes() {
        var cluster = asleep()
        cluster.step(NodeID(2), .command(.read(id: 7)))
        cluster.settle()
        #expect(
            cluster[2].outputs.contains {
                if case .readReady(id: 7, _) = $0 { true } else { false }
            })
    }

    @Test("Told that the leader's node is dead, the followers elect another within two election timeouts")
    func leaderDies() {
        var cluster = asleep()
        cluster.crash(NodeID(1))
        cluster.run(for: .seconds(60))
        #expect(cluster.leader == nil)
        cluster.step(NodeID(2), .command(.peerDown(NodeID(1))))
        cluster.step(NodeID(3), .command(.peerDown(NodeID(1))))
        let patience = Raft.Settings().electionTimeoutMax
        cluster.run(for: patience + patience)
        #expect(cluster.leader == NodeID(2) || cluster.leader == NodeID(3))
        #expect(cluster.violations.isEmpty)
    }

    @Test("One follower that knows of the death is enough, as its campaign wakes the others")
    func oneKnows() {
        var cluster = asleep(5)
        cluster.crash(NodeID(1))
        cluster.step(NodeID(4), .command(.peerDown(NodeID(1))))
        cluster.run(for: .seconds(2))
        #expect(cluster.leader != nil && cluster.leader != NodeID(1))
    }

    @Test("A wrong word of death costs no election: the sleeping leader and the others refuse")
    func wrongWord() {
        var cluster = asleep()
        cluster.step(NodeID(2), .command(.peerDown(NodeID(1))))
        cluster.run(for: .seconds(2))
        #expect(cluster.leader == NodeID(1) && cluster[1].node.term == Raft.Term(1))
        #expect((1...3).allSatisfy { isAsleep(cluster, $0) })
    }

    @Test("Nobody tells, but after the longest sleep a follower looks for itself")
    func looksItself() {
        var cluster = asleep(3, .seconds(30))
        cluster.run(for: .seconds(100))
        #expect(cluster.leader == NodeID(1) && cluster[1].node.term == Raft.Term(1))
        cluster.crash(NodeID(1))
        cluster.run(for: .seconds(32))
        #expect(cluster.leader != nil && cluster.leader != NodeID(1))
    }

    @Test("A group does not wait for a member that is down, and fills it when it is back")
    func memberDown() {
        var cluster = RaftCluster(3, settings: sleepy())
        cluster.lead(1)
        cluster.crash(NodeID(3))
        cluster.propose(1, "missed", id: 1)
        cluster.run(for: .seconds(5))
        #expect(!isAsleep(cluster, 1))
        cluster.step(NodeID(1), .command(.peerDown(NodeID(3))))
        cluster.run(for: .seconds(1))
        #expect(isAsleep(cluster, 1) && isAsleep(cluster, 2))
        // Cut off instead of dead, it would never find out by itself: its leader is told.
        cluster.restart(NodeID(3))
        cluster.letters = []
        cluster.step(NodeID(1), .command(.peerUp(NodeID(3))))
        cluster.run(for: .seconds(2))
        #expect(cluster[3].state == ["missed"])
        #expect((1...3).allSatisfy { isAsleep(cluster, $0) })
        #expect(cluster.violations.isEmpty)
    }

    @Test("A restarted member wakes the group by its campaign and does not depose the leader")
    func restarted() {
        var cluster = asleep()
        cluster.crash(NodeID(2))
        cluster.restart(NodeID(2))
        cluster.run(for: .seconds(2))
        #expect(cluster.leader == NodeID(1) && cluster[1].node.term == Raft.Term(1))
        #expect(cluster[2].state == ["before"])
        #expect((1...3).allSatisfy { isAsleep(cluster, $0) })
    }

    @Test("A follower that missed the word to sleep keeps the leader awake until it has heard it")
    func wordLost() {
        var cluster = RaftCluster(3, settings: sleepy())
        cluster.lead(1)
        for _ in 0..<3 {
            cluster.fire(1, .heartbeat)
            cluster.settle()
        }
        cluster.fire(1, .heartbeat)
        cluster.drop { $0.to == NodeID(3) }
        cluster.settle()
        #expect(isAsleep(cluster, 2) && !isAsleep(cluster, 3) && !isAsleep(cluster, 1))
        cluster.fire(1, .heartbeat)
        cluster.settle()
        #expect(isAsleep(cluster, 3) && !isAsleep(cluster, 1))
        cluster.fire(1, .heartbeat)
        #expect(isAsleep(cluster, 1) && cluster[1].timers.isEmpty)
    }

    @Test("No group sleeps while something is uncommitted or a member lags")
    func busyStaysAwake() {
        var cluster = RaftCluster(3, settings: sleepy())
        cluster.lead(1)
        cluster.partition([3], [1, 2])
        cluster.propose(1, "lags", id: 1)
        cluster.run(for: .seconds(3))
        #expect(!isAsleep(cluster, 1) && !isAsleep(cluster, 2))
        cluster.heal()
        cluster.run(for: .seconds(2))
        #expect((1...3).allSatisfy { isAsleep(cluster, $0) })
    }
}
