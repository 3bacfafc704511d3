import MeshCore
import MeshTestKit
import Testing

@Suite("SWIM joining, leaving and comparing views")
struct SwimJoiningTests {
    typealias Bench = StepBench<Swim.Node>

    private func fresh(_ seeds: [UInt64], seed: UInt64 = 1) -> Bench {
        var bench = Bench(
            Swim.Node(id: NodeID(1), seeds: seeds.map(NodeID.init), random: Random(seed: seed)))
        bench.feed(.restarted)
        return bench
    }

    private func syncs(_ bench: Bench) -> [NodeID] {
        bench.sent.compactMap { if case .sync = $0.message.purpose { $0.peer } else { nil } }
    }

    @Test("A start asks one seed, and every period the next until one is there")
    func start() {
        var bench = fresh([1, 2, 3, 4])
        #expect(syncs(bench).count == 1)
        bench.advance(.seconds(6))
        #expect(Set(syncs(bench)) == Set([2, 3, 4].map(NodeID.init)))
        bench.advance(.seconds(600))
        #expect(syncs(bench).count > 500, "alone, it never gives up")
    }

    @Test("Different nodes start with different seeds")
    func seedsShareTheLoad() {
        let first = (1...60).map { seed in syncs(fresh([2, 3, 4], seed: seed))[0] }
        for seed in 2...4 as ClosedRange<UInt64> { #expect(first.filter { $0 == NodeID(seed) }.count > 8) }
    }

    @Test("Once a member is known, an absent seed is asked some more times, and then only now and then")
    func absentSeed() {
        var bench = fresh([2, 3])
        func live(_ seconds: UInt32) {
            bench.forget()
            for _ in 0..<seconds {
                incarnation += 1
                bench.receive(.gossip, from: 2, incarnation: incarnation)
                bench.advance(.seconds(1))
            }
        }
        var incarnation: UInt32 = 0
        live(20)
        let early = bench.sent.filter { $0.peer == NodeID(3) }.count
        #expect(early >= 3 && early <= 10)
        live(300)
        let late = bench.sent.filter { $0.peer == NodeID(3) }.count
        #expect(late >= 1 && late <= 11)
    }

    @Test("A command to join contacts each node at once, and makes it a seed")
    func joinCommand() {
        var bench = fresh([])
        #expect(bench.sent.isEmpty)
        bench.feed(.command(.join([NodeID(1), NodeID(7), NodeID(8), NodeID(0)])))
        #expect(syncs(bench) == [NodeID(7), NodeID(8)])
        #expect(bench.machine.seeds == [NodeID(7), NodeID(8)])
    }

    @Test("Equal views cost one message; different ones are shown whole and answered with the difference")
    func compare() {
        var first = Bench(members: [2, 3, 4, 5])
        var second = Bench(id: 2, members: [1, 3, 4, 5])
        let hash = { (bench: inout Bench) -> UInt64 in
            bench.forget()
            bench.feed(.command(.join([NodeID(99)])))
            guard case .sync(let hash)? = bench.sent.first?.message.purpose else { return 0 }
            bench.forget()
            return hash
        }
        let viewHash = hash(&second)
        first.receive(.sync(viewHash: viewHash), from: 2)
        #expect(first.sent.isEmpty)

        first.receive(.gossip, from: 3, .of(4, .suspect), .of(6, .alive, 2))
        second.receive(.gossip, from: 3, .of(5, .alive, 3), .of(7, .alive))
        first.forget()
        first.receive(.sync(viewHash: hash(&second)), from: 2)
        #expect(first.sent.count == 1)
        second.forget()
        second.feed(.receive(first.sent[0].message, from: NodeID(1)))
        #expect(second.sent.count == 1)
        #expect(second.sent[0].message.updates == [.of(5, .alive, 3), .of(7, .alive)])
        first.feed(.receive(second.sent[0].message, from: NodeID(2)))
        #expect(first.machine.stateHash == second.machine.stateHash)
        #expect(hash(&first) == hash(&second))
    }

    @Test("A large view is shown in messages that together cover every id once", arguments: [128, 1_400])
    func chunks(_ limit: Int) {
        var settings = Swim.Settings()
        settings.maxPayloadBytes = limit
        settings.gossipFanout = 0
        var bench = Bench(members: [2], settings: settings)
        var dice = Dice(seed: 3)
        var ids: Set<UInt64> = [1, 2]
        while ids.count < 2_000 { ids.insert(dice.number(below: 2) == 0 ? dice.bits() | 1 : ids.max()! &+ 1 | 1) }
        for id in ids where id > 2 { bench.receive(.gossip, from: 2, .of(id, .alive, UInt32(id & 7))) }
        bench.forget()
        bench.receive(.sync(viewHash: 1), from: 2)
        var expectedLower: UInt64 = 0
        var shown: [NodeID] = []
        for (index, sent) in bench.sent.enumerated() {
            guard case .syncReply(let lower, let upper, true) = sent.message.purpose else {
                Issue.record("unexpected \(sent.message)")
                return
            }
            #expect(sent.message.byteCount <= limit)
            #expect(lower == expectedLower)
            #expect(sent.message.updates.allSatisfy { lower <= $0.node.rawValue && $0.node.rawValue <= upper })
            shown += sent.message.updates.map(\.node)
            if index == bench.sent.count - 1 { #expect(upper == .max) } else { expectedLower = upper + 1 }
        }
        #expect(shown == ids.sorted().map(NodeID.init))
    }

    @Test("A death in a view is taken as a suspicion, which the member can refute")
    func deathInView() {
        var bench = Bench(members: [2, 3])
        bench.receive(.syncReply(lower: 0, upper: .max, isComplete: false), from: 2, .of(3, .dead), .of(9, .dead))
        #expect(bench.machine.status(of: NodeID(3)) == .suspect)
        #expect(bench.machine.status(of: NodeID(9)) == nil)
        bench.receive(.gossip, from: 3, incarnation: 1)
        #expect(bench.machine.status(of: NodeID(3)) == .alive)
    }

    @Test("A peer that shows a stale belief about a dead member is told of the death")
    func staleView() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(3, .dead))
        bench.forget()
        bench.receive(.syncReply(lower: 0, upper: .max, isComplete: true), from: 2, .of(1, .alive), .of(3, .alive))
        #expect(bench.sent[0].message.updates == [.of(2, .alive), .of(3, .dead)])
    }

    @Test("A part of a view that is malformed is survived")
    func malformedView() {
        var bench = Bench(members: [2, 3])
        bench.receive(.syncReply(lower: 9, upper: 3, isComplete: true), from: 2, .of(3, .alive), .of(2, .alive))
        bench.receive(
            .syncReply(lower: 3, upper: 3, isComplete: true), from: 2, .of(8, .alive), .of(8, .dead), .of(4, .suspect))
        bench.receive(.syncReply(lower: .max, upper: .max, isComplete: true), from: 2)
        #expect(bench.machine.status(of: NodeID(8)) == .suspect)
        #expect(bench.machine.memberCount == 5)
    }

    @Test("What a view tells a newcomer is not repeated by it; what it tells an old member is")
    func newcomersAreQuiet() {
        let everybody = (2...500).map { Swim.Update.of($0, .alive) }
        let purpose = Swim.Message.Purpose.syncReply(lower: 0, upper: .max, isComplete: true)
        let reply = Swim.Message(purpose, sender: Swim.Claim(.alive, .zero), updates: everybody)
        var young = fresh([2])
        young.feed(.receive(reply, from: NodeID(2)))
        #expect(young.machine.memberCount == 500)
        #expect(young.machine.rumorCount <= 2)
        var old = Bench(members: [2])
        old.advance(.seconds(10))
        old.feed(.receive(reply, from: NodeID(2)))
        #expect(old.machine.rumorCount >= 498)
    }

    @Test("Leaving tells members at once, spreads a status that suspicion cannot override, and ends the probes")
    func leave() {
        var bench = Bench(members: [2, 3, 4, 5])
        bench.feed(.command(.leave))
        #expect(bench.machine.hasLeft)
        #expect(bench.news == [.left(NodeID(1))])
        #expect(bench.sent.count == 3)
        #expect(bench.sent.allSatisfy { $0.message.sender == Swim.Claim(.left, .zero) })
        bench.forget()
        bench.advance(.seconds(10))
        #expect(bench.pings.isEmpty)
        #expect(bench.runningTimers.isEmpty)
        bench.forget()
        bench.receive(.ping(sequence: 4, requester: nil), from: 2, .of(1, .suspect, 3))
        #expect(bench.sent[0].message.sender == Swim.Claim(.left, .init(3)))
        bench.feed(.command(.leave))
        #expect(bench.outputs.last == .ignored(.notTakingPart))
    }

    @Test("Others hear of a departure once, and no late suspicion makes it a death")
    func departureIsHeard() {
        var bench = Bench(members: [2, 3])
        let goodbye = Swim.Message(.gossip, sender: Swim.Claim(.left, .zero))
        bench.feed(.receive(goodbye, from: NodeID(3)))
        bench.feed(.receive(goodbye, from: NodeID(3)))
        bench.receive(.gossip, from: 2, .of(3, .suspect), .of(3, .dead))
        bench.advance(.seconds(10))
        #expect(bench.news.filter { $0 == .left(NodeID(3)) }.count == 1)
        #expect(bench.machine.status(of: NodeID(3)) == .left)
        #expect(!bench.news.contains(.dead(NodeID(3))))
    }

    @Test("A departed node accuses nobody")
    func departedIsSilent() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(3, .suspect))
        bench.feed(.command(.leave))
        bench.advance(.seconds(20))
        #expect(bench.machine.status(of: NodeID(3)) == .suspect)
        bench.feed(.command(.join([])))
        bench.advance(.milliseconds(3_999))
        #expect(bench.machine.status(of: NodeID(3)) == .suspect)
        bench.advance(.milliseconds(1))
        #expect(bench.machine.status(of: NodeID(3)) == .dead)
    }

    @Test("Joining again after leaving takes a higher incarnation")
    func rejoin() {
        var bench = Bench(members: [2, 3])
        bench.feed(.command(.leave))
        bench.forget()
        bench.feed(.command(.join([NodeID(2)])))
        #expect(!bench.machine.hasLeft)
        #expect(bench.machine.incarnation == Swim.Incarnation(1))
        #expect(bench.sent[0].message.sender == Swim.Claim(.alive, .init(1)))
        bench.advance(.seconds(3))
        #expect(!bench.pings.isEmpty)
    }

    @Test("A second start forgets everything but the seeds, and sets every timer anew")
    func restartInPlace() {
        var bench = Bench(members: [2, 3])
        bench.receive(.gossip, from: 2, .of(3, .suspect), .of(1, .suspect, 4))
        bench.feed(.restarted)
        #expect(bench.machine.memberCount == 1)
        #expect(bench.machine.incarnation == .zero)
        #expect(bench.machine.liveCount == 1)
        bench.receive(.gossip, from: 2, .of(3, .suspect))
        bench.advance(.seconds(4))
        #expect(bench.machine.status(of: NodeID(3)) == .dead)
    }
}
