import MeshCore
import MeshTestKit
import Testing

@Suite("Raft witnesses")
struct RaftWitnessTests {
    private func led(_ settings: Raft.Settings = Raft.Settings()) -> RaftCluster {
        var cluster = RaftCluster(3, settings: settings, witnesses: [3])
        cluster.lead(1)
        return cluster
    }

    @Test("A witness stores terms and positions but no command, and applies nothing")
    func storesNoCommands() {
        var cluster = led()
        for number in 1...5 as ClosedRange<UInt64> { cluster.propose(1, Bytes("secret \(number)"), id: number) }
        cluster.settle()
        cluster.fire(1, .heartbeat)
        cluster.settle()
        let log = cluster[3].disk.log
        #expect(log.terms == cluster[1].disk.log.terms && log.count == 6)
        for index in 2...6 as ClosedRange<UInt64> {
            #expect(log.entry(at: Raft.LogIndex(index))?.payload == .elided)
        }
        #expect(cluster[3].node.commitIndex == cluster[1].node.commitIndex)
        #expect(cluster[3].state.isEmpty && cluster[2].state.count == 5)
        cluster.read(3)
        #expect(cluster[3].outputs.last == .readRefused(id: 1, reason: .fixedDuty(NodeID(3))))
        #expect(
            !cluster[3].outputs.contains {
                if case .apply = $0 { true } else { false }
            })
        cluster.checkLogMatching()
        #expect(cluster.violations.isEmpty)
    }

    @Test("Two full replicas and a witness survive a crash of either (etcd #8934, #20696)", arguments: [1, 2])
    func survivesOneCrash(_ crashed: UInt64) throws {
        var cluster = led()
        cluster.propose(1, "before", id: 1)
        cluster.settle()
        cluster.crash(NodeID(crashed))
        let leader = try cluster.elect()
        #expect(leader == 3 - Int(crashed))
        cluster.propose(leader, "without", id: 2)
        cluster.settle()
        #expect(cluster[leader].state == ["before", "without"])
        cluster.restart(NodeID(crashed))
        cluster.run(for: .seconds(2))
        #expect(cluster[Int(crashed)].state == ["before", "without"])
        #expect(cluster.violations.isEmpty)
    }

    @Test("A witness never campaigns, not by patience, by command or by transfer")
    func neverLeads() {
        var cluster = led()
        cluster.step(NodeID(3), .command(.campaign))
        #expect(cluster[3].outputs.last == .ignored(.cannotCampaign))
        cluster.step(NodeID(1), .command(.transfer(to: NodeID(3))))
        #expect(cluster[1].outputs.last == .transferAbandoned(to: NodeID(3), reason: .cannotLead))
        cluster.crash(NodeID(1))
        cluster.crash(NodeID(2))
        cluster.run(for: .seconds(10))
        #expect(cluster.leader == nil && cluster[3].node.term == Raft.Term(1))
        cluster.step(NodeID(3), .receive(.timeoutNow(Raft.TimeoutNow(term: Raft.Term(1), round: 99)), from: NodeID(1)))
        #expect(cluster[3].node.role == .follower)
    }

    @Test("What a leader and the witness have committed is not lost to a full replica that lacks it")
    func waitsForTheFullCopy() throws {
        var cluster = led()
        cluster.partition([2], [1, 3])
        cluster.propose(1, "only here", id: 1)
        cluster.settle()
        #expect(cluster[1].state == ["only here"])
        cluster.crash(NodeID(1))
        cluster.heal()
        cluster.run(for: .seconds(10))
        #expect(cluster.leader == nil)
        cluster.restart(NodeID(1))
        let leader = try cluster.elect()
        #expect(leader == 1)
        cluster.run(for: .seconds(1))
        #expect(cluster[2].state == ["only here"])
        #expect(cluster.violations.isEmpty)
    }

    @Test("Witnesses alone commit nothing: some full voter has to hold it durably")
    func fullCopyNeeded() {
        var cluster = RaftCluster(3, witnesses: [2, 3])
        cluster.lead(1)
        cluster.fire(1, .heartbeat)
        cluster.settle()
        let before = cluster[1].node.commitIndex
        cluster.syncsAtOnce = false
        cluster.propose(1, "not durable", id: 1)
        cluster.syncsAtOnce = false
        for _ in 0..<4 {
            cluster.deliver()
            for node in [2, 3] as [UInt64] { cluster.sync(NodeID(node)) }
        }
        #expect(cluster[2].disk.log.lastIndex > before && cluster[3].disk.log.lastIndex > before)
        #expect(cluster[1].node.commitIndex == before)
        cluster.sync(NodeID(1))
        #expect(cluster[1].node.commitIndex > before && cluster[1].state == ["not durable"])
    }

    @Test("A witness behind the leader's snapshot gets one without state, compacts by itself, and restarts from it")
    func snapshots() {
        var settings = Raft.Settings()
        settings.snapshotAfter = 4
        var cluster = led(settings)
        cluster.crash(NodeID(3))
        for number in 1...20 as ClosedRange<UInt64> { cluster.propose(1, Bytes("\(number)"), id: number) }
        cluster.settle()
        #expect(cluster[1].node.log.snapshotIndex > Raft.LogIndex(8))
        cluster.restart(NodeID(3))
        cluster.run(for: .seconds(1))
        #expect(cluster[3].node.commitIndex == cluster[1].node.commitIndex)
        #expect(cluster[3].disk.snapshotState.isEmpty && cluster[3].disk.log.snapshotIndex > Raft.LogIndex(8))
        for number in 21...40 as ClosedRange<UInt64> { cluster.propose(1, Bytes("\(number)"), id: number) }
        cluster.run(for: .seconds(1))
        #expect(cluster[3].disk.log.count < 8)
        cluster.crash(NodeID(3))
        cluster.restart(NodeID(3))
        cluster.crash(NodeID(2))
        cluster.run(for: .seconds(2))
        cluster.propose(1, "with the witness", id: 99)
        cluster.run(for: .seconds(1))
        #expect(cluster[1].state.count == 41 && cluster[3].state.isEmpty)
        #expect(
            !cluster[3].outputs.contains {
                if case .installed = $0 { true } else { false }
            })
        #expect(cluster.violations.isEmpty)
    }

    @Test("A full voter cannot be made a witness, nor a witness a full member")
    func dutyStays() {
        var cluster = led()
        let wishes: [(Raft.Change, UInt64)] = [
            (.addVoter(NodeID(3)), 3), (.addLearner(NodeID(3)), 3), (.addWitness(NodeID(2)), 2),
        ]
        for (number, wish) in wishes.enumerated() {
            cluster.step(
                NodeID(1),
                .command(.changeConfiguration([wish.0], id: UInt64(number), transition: .automatic)))
            #expect(
                cluster[1].outputs.last == .rejected(id: UInt64(number), reason: .fixedDuty(NodeID(wish.1))))
        }
    }

    @Test("Who has stored elided entries does not lead, even when a configuration calls it a full voter")
    func hollow() {
        var disk = Raft.Stable()
        disk.apply(.hardState(term: Raft.Term(2), votedFor: nil))
        let entry = Raft.Entry(term: Raft.Term(2), index: Raft.LogIndex(1), payload: .elided)
        disk.apply(.append(from: Raft.LogIndex(1), entries: [entry]))
        var probe = RaftProbe(disk: disk)
        probe.step(.command(.campaign))
        #expect(probe.outputs == [.ignored(.cannotCampaign)])
        probe.step(.timer(.election))
        #expect(probe.node.role == .follower && probe.sent.isEmpty)
    }

    @Test("An elided entry survives the wire, and storms with a witness break no promise", arguments: 1...20)
    func storms(_ seed: Int) throws {
        let entry = Raft.Entry(term: Raft.Term(2), index: Raft.LogIndex(1), payload: .elided)
        let message = Raft.Message.append(
            Raft.Append(
                term: Raft.Term(2), prevIndex: .zero, prevTerm: .zero, entries: [entry], commit: .zero, round: 1))
        #expect(try Frame.decode(Frame.encode(message), as: Raft.Message.self) == message)

        var settings = Raft.Settings()
        settings.snapshotAfter = 5
        var cluster = RaftCluster(5, settings: settings, seed: UInt64(seed), witnesses: [4, 5])
        var dice = Dice(seed: UInt64(seed))
        for number in 1...60 {
            switch dice.number(below: 6) {
            case 0: cluster.crash(dice.pick(cluster.ids), keeping: dice.number(below: 3))
            case 1, 2: for id in cluster.ids { cluster.restart(id) }
            case 3:
                let node = 1 + dice.number(below: 5)
                cluster.partition([node], (1...5).filter { $0 != node })
            case 4: cluster.heal()
            default: cluster.propose(1 + dice.number(below: 3), Bytes("\(number)"), id: UInt64(number))
            }
            cluster.run(for: .milliseconds(Int64(dice.number(below: 300))))
        }
        cluster.heal()
        for id in cluster.ids { cluster.restart(id) }
        cluster.run(for: .seconds(3))
        cluster.checkLogMatching()
        #expect(cluster.violations.isEmpty)
        let leader = try #require(cluster.leader)
        #expect(leader.rawValue <= 3)
        #expect(cluster[1].state == cluster[2].state && cluster[2].state == cluster[3].state)
        #expect(cluster[4].state.isEmpty && cluster[5].state.isEmpty)
    }
}
