import MeshCore
import MeshTestKit
import Testing

@Suite("Raft groups")
struct RaftGroupTests {
    @Test("Commands are applied everywhere in the same order")
    func replication() throws {
        var cluster = RaftCluster(5, seed: 3)
        let leader = try cluster.elect()
        for number in 1...50 { cluster.propose(leader, Bytes("c\(number)"), id: UInt64(number)) }
        cluster.settle()
        let expected = (1...50).map { Bytes("c\($0)") }
        for host in cluster.hosts { #expect(host.state == expected) }
        #expect(cluster.violations.isEmpty)
    }

    @Test(
        "Every follower of figure 7 ends with the leader's log",
        arguments: [
            "1 1 1 4 4 5 5 6 6", "1 1 1 4", "1 1 1 4 4 5 5 6 6 6 6", "1 1 1 4 4 5 5 6 6 6 7 7", "1 1 1 4 4 4 4",
            "1 1 1 2 2 2 3 3 3 3 3", "",
        ])
    func figure7(_ follower: String) {
        for batch in [1, 100] {
            var settings = Raft.Settings()
            settings.maxEntriesPerAppend = batch
            var cluster = RaftCluster(
                3, settings: settings,
                disks: [
                    .holding("1 1 1 4 4 5 5 6 6 6", term: 7), .holding(follower, term: 7),
                    .holding("1 1 1 4 4 5 5 6 6 6", term: 7),
                ])
            // Follower (d) has the longest log and would not vote for this leader: the third node does.
            cluster.lead(1)
            #expect(cluster[1].node.role == .leader)
            cluster.run(for: .milliseconds(200))
            #expect(cluster[2].node.log.terms == "1 1 1 4 4 5 5 6 6 6 8")
            #expect(cluster[2].node.commitIndex == Raft.LogIndex(11))
            #expect(cluster.violations.isEmpty)
        }
    }

    @Test("What a majority has acknowledged survives the crash of everybody, losing all that was not durable")
    func massCrash() throws {
        var cluster = RaftCluster(3, seed: 9)
        let leader = try cluster.elect()
        for number in 1...20 { cluster.propose(leader, Bytes("c\(number)"), id: UInt64(number)) }
        cluster.settle()
        for id in cluster.ids { cluster.crash(id) }
        cluster.drop()
        for id in cluster.ids { cluster.restart(id) }
        try cluster.elect()
        cluster.settle()
        for host in cluster.hosts { #expect(host.state == (1...20).map { Bytes("c\($0)") }) }
        #expect(cluster.violations.isEmpty)
    }

    @Test("A minority goes on with nothing and loses what nobody else has")
    func minority() throws {
        var settings = Raft.Settings()
        settings.checkQuorum = false
        var cluster = RaftCluster(5, settings: settings, seed: 21)
        let old = try cluster.elect()
        let friend = old % 5 + 1
        let others = (1...5).filter { $0 != old && $0 != friend }
        cluster.partition([old, friend], others)
        cluster.propose(old, "lost", id: 1)
        cluster.run(for: .seconds(2))
        let new = try #require(cluster.leader)
        cluster.propose(Int(new.rawValue), "kept", id: 2)
        cluster.settle()
        #expect(cluster[old].node.log.lastIndex > cluster[old].node.commitIndex)
        cluster.heal()
        cluster.run(for: .seconds(1))
        for host in cluster.hosts { #expect(host.state == ["kept"]) }
        #expect(cluster.violations.isEmpty)
    }

    @Test("Writes that are late hold back every answer behind them, across steps")
    func lateDisk() throws {
        var cluster = RaftCluster(3, seed: 4)
        let leader = try cluster.elect()
        let follower = NodeID(UInt64(leader % 3 + 1))
        cluster.syncsAtOnce = false
        cluster.propose(leader, "x", id: 1)
        cluster.settle()
        cluster.fire(leader, .heartbeat)
        cluster.settle()
        #expect(cluster[Int(follower.rawValue)].disk.log.lastIndex < cluster[leader].node.log.lastIndex)
        #expect(cluster[leader].node.commitIndex < cluster[leader].node.log.lastIndex)
        cluster.sync(follower)
        cluster.settle()
        #expect(cluster[leader].node.commitIndex < cluster[leader].node.log.lastIndex)
        cluster.sync(NodeID(UInt64(leader)))
        cluster.settle()
        #expect(cluster[leader].node.commitIndex == cluster[leader].node.log.lastIndex)
        #expect(cluster.violations.isEmpty)
    }

    @Test("A follower that lost its disk is filled again under the same leader")
    func wiped() throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            var settings = Raft.Settings()
            settings.snapshotAfter = seed % 2 == 0 ? 4 : 0
            var cluster = RaftCluster(3, settings: settings, seed: seed)
            let leader = try cluster.elect()
            for number in 1...10 { cluster.propose(leader, Bytes("c\(number)"), id: UInt64(number)) }
            cluster.run(for: .milliseconds(200))
            let victim = NodeID(UInt64(leader % 3 + 1))
            cluster.wipe(victim)
            cluster.run(for: .milliseconds(100))
            cluster.restart(victim)
            cluster.run(for: .seconds(2))
            #expect(cluster[leader].node.role == .leader)
            #expect(cluster[Int(victim.rawValue)].state == (1...10).map { Bytes("c\($0)") })
            #expect(cluster[Int(victim.rawValue)].node.log.lastIndex == cluster[leader].node.log.lastIndex)
        }
    }

    @Test("An election is told by leader and followers, in the order in which it happens")
    func outputs() {
        var cluster = RaftCluster(3)
        cluster.lead(2)
        let term = Raft.Term(1)
        #expect(
            cluster[2].outputs.prefix(4) == [
                .becamePreCandidate(term: .zero), .becameCandidate(term: term), .becameLeader(term: term),
                .leaderChanged(NodeID(2), term: term),
            ])
        #expect(
            cluster[1].outputs.prefix(2) == [
                .becameFollower(term: term, leader: nil), .leaderChanged(NodeID(2), term: term),
            ])
        cluster.lead(3)
        #expect(cluster[3].node.role == .follower, "a live leader is not replaced")
        cluster.crash(NodeID(2))
        for number in [1, 3] { cluster.fire(number, .election) }
        cluster.lead(3)
        #expect(cluster[1].outputs.suffix(3).first == .leaderChanged(NodeID(3), term: cluster[3].node.term))
        #expect(cluster[1].outputs.contains(.leaderChanged(nil, term: cluster[3].node.term)))
    }
}
