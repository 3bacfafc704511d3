import MeshCore
import Scenarios
import Testing

@Suite("How news spreads")
struct ConvergenceTests {
    private static func measure(_ setting: Convergence.Setting) throws -> Convergence.Outcome {
        try #require(Convergence.measure(setting) { true })
    }

    /// The samples in rounds of a second.
    private static func rounds(_ outcome: Convergence.Outcome) -> [Int64] {
        outcome.times[0].samples.map { $0 / 1_000_000_000 }
    }

    /// Smallest, median and largest of an independent run of the same rules (membership and gossip anchors, section 2).
    struct Published: CustomTestStringConvertible {
        var family: Convergence.Family
        var fanout: Int
        var nodes: Int
        var rounds: (Int64, Int64, Int64)
        var testDescription: String { "\(family.name) \(fanout), \(nodes) nodes" }
    }

    @Test(
        "The model needs the rounds that others measured for push and push-pull",
        arguments: [
            Published(family: .push, fanout: 1, nodes: 100, rounds: (10, 12, 15)),
            Published(family: .push, fanout: 1, nodes: 1_000, rounds: (15, 18, 21)),
            Published(family: .push, fanout: 3, nodes: 100, rounds: (5, 6, 7)),
            Published(family: .push, fanout: 3, nodes: 1_000, rounds: (7, 8, 10)),
            Published(family: .push, fanout: 3, nodes: 5_000, rounds: (9, 10, 11)),
            Published(family: .pushPull, fanout: 1, nodes: 100, rounds: (5, 6, 8)),
            Published(family: .pushPull, fanout: 1, nodes: 1_000, rounds: (8, 9, 10)),
        ])
    func publishedRounds(published: Published) throws {
        let setting = Convergence.Setting(
            published.family, nodes: published.nodes, fanout: published.fanout, occasions: 21)
        let rounds = Self.rounds(try Self.measure(setting)).sorted()
        let (least, middle, most) = published.rounds
        #expect(rounds.count == 21)
        #expect(abs(rounds[10] - middle) <= 1)
        #expect(rounds[0] >= least - 1)
        #expect(rounds[20] <= most + 2)
    }

    @Test("Real gossip nodes in rounds take as long as the model, within 10 %", arguments: [50, 200], [1, 3])
    func machinesFollowTheModel(nodes: Int, fanout: Int) throws {
        let occasions = 40
        let model = try Self.measure(.init(.push, nodes: nodes, fanout: fanout, occasions: occasions))
        let machine = try Self.measure(.init(.keyValueRounds, nodes: nodes, fanout: fanout, occasions: occasions))
        let expected = try #require(model.times[0].mean)
        let measured = try #require(machine.times[0].mean) * 5
        #expect(machine.missed <= 4)
        #expect(abs(measured - expected) * 10 <= expected, "\(measured) against \(expected)")
    }

    @Test("A ring passes a write on hop by hop, with a copy for each edge", arguments: [2, 9, 40])
    func ring(nodes: Int) throws {
        let outcome = try Self.measure(.init(.keyValue, nodes: nodes, topology: .ring, occasions: 2))
        let hops = Int64(nodes / 2)
        #expect(outcome.times[0].samples == [hops * 1_000_000, hops * 1_000_000])
        #expect(outcome.missed == 0)
        // The two ends of the news meet: in an odd ring both tell the other.
        #expect(try #require(outcome.load.duplicates) <= 2 * 2)
    }

    @Test("A tree passes a write on along its branches, nobody hears it twice")
    func tree() throws {
        let outcome = try Self.measure(.init(.keyValue, nodes: 31, topology: .tree, occasions: 5))
        #expect(outcome.times[0].samples.allSatisfy { (4_000_000...8_000_000).contains($0) })
        #expect(outcome.load.duplicates == 0)
        #expect(outcome.load.messages == 5 * 30)
    }

    @Test("News takes at least the way between regions")
    func regions() throws {
        let outcome = try Self.measure(.init(.keyValue, nodes: 40, topology: .regions, occasions: 5))
        #expect(outcome.times[0].samples.allSatisfy { $0 >= 40_000_000 })
        #expect(outcome.missed == 0)
    }

    @Test("Loss costs time and no write: the comparison of states finds whom the pushes missed")
    func loss() throws {
        let outcome = try Self.measure(.init(.keyValue, nodes: 30, loss: .percent(60), fanout: 1, occasions: 10))
        #expect(outcome.missed == 0)
        #expect(outcome.times[0].samples.count == 10)
        #expect(try #require(outcome.times[0].percentile(100)) > 1_000_000_000)
    }

    @Test("Comparing states alone brings everybody a write within a few rounds", arguments: [2, 30])
    func antiEntropy(nodes: Int) throws {
        let outcome = try Self.measure(.init(.antiEntropy, nodes: nodes, occasions: 5))
        #expect(outcome.missed == 0)
        #expect(try #require(outcome.times[0].percentile(100)) < 10_000_000_000)
        // Two peers that notice the same missing entry at once both send it.
        #expect(try #require(outcome.load.duplicates) * 50 <= Int64(nodes * 5))
    }

    /// The bounds of iroh-gossip's simulation for one sender: RMR below 0.2, the last delivery within 15 hops.
    @Test("Over the tree everybody gets a message, hardly anybody twice, within the published hops")
    func plumtree() throws {
        let outcome = try Self.measure(.init(.plumtree, nodes: 100, occasions: 10))
        #expect(outcome.missed == 0)
        #expect(try #require(outcome.load.duplicates) * 5 < outcome.load.divisor)
        #expect(try #require(outcome.times[0].percentile(100)) <= 15_000_000)
    }

    @Test("A crash is suspected, then believed, then known to all; the suspicion lasts as long as its formula says")
    func swim() throws {
        let outcome = try Self.measure(.init(.swim, nodes: 20, occasions: 5))
        #expect(outcome.missed == 0)
        let shortest = Swim.Settings().suspicionTimeout(liveCount: 20).nanoseconds
        for index in 0..<5 {
            let (suspected, dead, all) = (
                outcome.times[0].samples[index], outcome.times[1].samples[index], outcome.times[2].samples[index]
            )
            #expect(dead - suspected >= shortest)
            #expect(all >= dead)
            #expect(all - dead < 1_500_000_000)
        }
        // Two messages a period, and now and then a comparison of views.
        let perNode = outcome.load.messages * 100 / outcome.load.divisor
        #expect((200...215).contains(perNode))
    }

    @Test(
        "The same setting gives the same run, another seed another one",
        arguments: [Convergence.Family.pushPull, .keyValue, .swim])
    func determinism(family: Convergence.Family) throws {
        var setting = Convergence.Setting(family, nodes: 12, loss: .percent(10), occasions: 2)
        let first = try Self.measure(setting)
        #expect(try Self.measure(setting) == first)
        setting.seed = 2
        #expect(try Self.measure(setting).digest != first.digest)
    }

    @Test("A measurement ends when it is told to", arguments: Convergence.Family.allCases)
    func stops(family: Convergence.Family) {
        var looks = 0
        let outcome = Convergence.measure(.init(family, nodes: 10, occasions: 1_000)) {
            looks += 1
            return looks < 5
        }
        #expect(outcome == nil)
        #expect(looks == 5)
    }

    @Test("Outcomes of several seeds add up")
    func adding() throws {
        let first = try Self.measure(.init(.keyValue, nodes: 10, occasions: 2, seed: 1))
        let second = try Self.measure(.init(.keyValue, nodes: 10, occasions: 3, seed: 2))
        var both = Convergence.Outcome(.keyValue)
        both.add(first)
        both.add(second)
        #expect(both.times[0].samples == first.times[0].samples + second.times[0].samples)
        #expect(both.occasions == 5)
        #expect(both.load.messages == first.load.messages + second.load.messages)
        #expect(both.load.bytes == (first.load.bytes ?? 0) + (second.load.bytes ?? 0))
        #expect(both.load.divisor == 50)
    }

    @Test("Percentiles are the nearest rank, the mean is exact")
    func statistics() {
        var times = Convergence.Times()
        #expect(times.percentile(50) == nil)
        #expect(times.mean == nil)
        times.samples = [40, 10, 30, 20]
        #expect(times.percentile(0) == 10)
        #expect(times.percentile(50) == 20)
        #expect(times.percentile(51) == 30)
        #expect(times.percentile(99) == 40)
        #expect(times.mean == 25)
    }
}
