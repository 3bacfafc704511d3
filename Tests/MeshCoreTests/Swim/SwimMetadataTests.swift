import MeshCore
import MeshTestKit
import Testing

@Suite("What SWIM members tell of themselves")
struct SwimMetadataTests {
    private typealias Bench = StepBench<Swim.Node>

    private let europe = Swim.Metadata(region: "eu", address: "10.0.0.3:7000", capabilities: ["gpu", "ssd"])

    private func feed(_ bench: inout Bench, _ purpose: Swim.Message.Purpose = .gossip, _ notices: Swim.Notice...) {
        let claim = Swim.Claim(.alive, .zero)
        bench.feed(.receive(Swim.Message(purpose, sender: claim, notices: notices), from: NodeID(2)))
    }

    private func everybodyHolds(_ cluster: borrowing SwimCluster, _ metadata: Swim.Metadata, of node: NodeID) -> Bool {
        cluster.nodes.indices.allSatisfy { !cluster.isUp[$0] || cluster.nodes[$0].metadata(of: node) == metadata }
    }

    @Test("A change reaches a group of a hundred within the time of a rumour, with the next incarnation")
    func spreads() throws {
        var cluster = SwimCluster(100, seed: 3)
        cluster.run(for: .seconds(20))
        let start = cluster.now
        cluster.command(NodeID(7), .describe(europe))
        #expect(cluster[NodeID(7)].incarnation == Swim.Incarnation(1))
        let reached = try #require(
            cluster.run(atMost: .seconds(5)) { everybodyHolds($0, europe, of: NodeID(7)) })
        #expect(reached - start < .seconds(2))
        let told = cluster.entries(since: start) { $0 == .described(NodeID(7), europe) }
        #expect(told.count == 99, "each node is told once")
        cluster.run(for: .seconds(10))
        #expect(cluster.nodes.allSatisfy { $0.rumorCount == 0 })
        #expect(cluster.isConverged)
    }

    @Test("Comparisons of views bring it to whoever missed the rumour, and nobody compares for ever")
    func compared() throws {
        var cluster = SwimCluster(12, seed: 5)
        cluster.run(for: .seconds(10))
        cluster.partition(first: 5)
        cluster.command(NodeID(2), .describe(europe))
        cluster.command(NodeID(11), .describe(Swim.Metadata(region: "us")))
        cluster.run(for: .seconds(3))
        #expect(!everybodyHolds(cluster, europe, of: NodeID(2)))
        cluster.heal()
        let reached = cluster.run(atMost: .seconds(60)) {
            everybodyHolds($0, europe, of: NodeID(2)) && everybodyHolds($0, Swim.Metadata(region: "us"), of: NodeID(11))
        }
        #expect(reached != nil)
        cluster.run(for: .seconds(60))
        let sent = cluster.sentCount
        cluster.run(for: .seconds(30))
        #expect(cluster.sentCount - sent < 30 * 12 * 3, "equal views cost one message")
    }

    @Test("A restarted member contradicts what its earlier life told, also when it tells something at once")
    func restarted() throws {
        var cluster = SwimCluster(6, seed: 6)
        cluster.run(for: .seconds(5))
        cluster.command(NodeID(3), .describe(europe))
        cluster.run(for: .seconds(5))
        for isTelling in [false, true] {
            cluster.crash(NodeID(3))
            cluster.run(for: .seconds(1))
            cluster.start(NodeID(3))
            let told = isTelling ? Swim.Metadata(region: "asia") : Swim.Metadata()
            if isTelling { cluster.command(NodeID(3), .describe(told)) }
            #expect(cluster.run(atMost: .seconds(60)) { everybodyHolds($0, told, of: NodeID(3)) } != nil)
        }
    }

    @Test("The same incarnation in two lives is told apart by what was said")
    func fingerprint() {
        var bench = Bench(members: [2, 3, 4])
        bench.feed(.command(.describe(europe)))
        let ours = Swim.Notice(NodeID(1), at: Swim.Incarnation(1), europe)
        let other = Swim.Notice(NodeID(1), at: Swim.Incarnation(1), Swim.Metadata(region: "us"))
        bench.forget()
        feed(&bench, .gossip, ours)
        #expect(bench.machine.incarnation == Swim.Incarnation(1))
        // Whichever of the two is greater by its fingerprint wins everywhere; ours does only if we stand by it.
        feed(&bench, .gossip, other)
        let isContradicted = bench.machine.incarnation == Swim.Incarnation(2)
        var third = Bench(id: 9, members: [2, 3])
        feed(&third, .gossip, ours)
        feed(&third, .gossip, other)
        #expect((third.machine.metadata(of: NodeID(1)) == europe) != isContradicted)
    }

    @Test("An old word changes nothing, and a mention is answered with a question")
    func mention() {
        var bench = Bench(members: [2, 3])
        feed(&bench, .gossip, Swim.Notice(NodeID(3), at: Swim.Incarnation(4), europe))
        feed(&bench, .gossip, Swim.Notice(NodeID(3), at: Swim.Incarnation(3), Swim.Metadata(region: "old")))
        #expect(bench.machine.metadata(of: NodeID(3)) == europe)
        #expect(bench.machine.incarnation(of: NodeID(3)) == Swim.Incarnation(4))
        bench.forget()
        let mention = Swim.Notice(mentioning: NodeID(3), at: Swim.Incarnation(5), fingerprint: 7)
        feed(&bench, .syncReply(lower: 0, upper: .max, isComplete: true), mention)
        let asked = bench.sent.first { $0.message.purpose == .ask }
        #expect(asked?.message.notices == [mention])
        #expect(bench.machine.metadata(of: NodeID(3)) == europe)
        bench.forget()
        feed(&bench, .ask, Swim.Notice(mentioning: NodeID(3), at: Swim.Incarnation(4), fingerprint: 1))
        #expect(bench.sent.count == 1 && bench.sent[0].message.notices.first?.metadata == europe)
    }

    @Test("512 bytes are taken, one more is not, and neither is what fits no message")
    func limit() {
        var bench = Bench(members: [2])
        let most = Swim.Metadata(address: Bytes([UInt8](repeating: 65, count: 508)))
        #expect(most.byteCount == Swim.Metadata.byteLimit)
        bench.feed(.command(.describe(most)))
        #expect(bench.machine.metadata(of: NodeID(1)) == most)
        var tooLong = most
        tooLong.region = "x"
        bench.feed(.command(.describe(tooLong)))
        #expect(bench.outputs.last == .ignored(.metadataTooLong))
        var settings = Swim.Settings()
        settings.maxPayloadBytes = 300
        var small = Bench(members: [2], settings: settings)
        small.feed(.command(.describe(most)))
        #expect(small.outputs.last == .ignored(.metadataTooLong))
    }

    @Test("Messages stay within their limit when many members tell much")
    func budget() {
        var cluster = SwimCluster(30, seed: 8)
        cluster.measuresBytes = true
        cluster.run(for: .seconds(5))
        for node in 1...30 as ClosedRange<UInt64> {
            let filler = Bytes([UInt8](repeating: UInt8(node), count: 400))
            cluster.command(NodeID(node), .describe(Swim.Metadata(region: "eu", capabilities: [filler])))
        }
        cluster.run(for: .seconds(40))
        #expect(cluster.largestMessage > 1_000 && cluster.largestMessage <= 1_400)
        for node in cluster.nodes {
            for other in cluster.nodes { #expect(node.metadata(of: other.id)?.region == "eu") }
        }
    }

    @Test("What is told at the creation is told at each start")
    func initial() {
        let node = Swim.Node(id: NodeID(1), seeds: [], metadata: europe, random: Random(seed: 1))
        var bench = Bench(node)
        for _ in 0..<2 {
            bench.feed(.restarted)
            #expect(bench.machine.metadata(of: NodeID(1)) == europe)
        }
    }

    @Test("A node that has left tells nothing more")
    func departed() {
        var bench = Bench(members: [2, 3])
        bench.feed(.command(.leave))
        bench.feed(.command(.describe(europe)))
        #expect(bench.outputs.last == .ignored(.notTakingPart))
    }
}
