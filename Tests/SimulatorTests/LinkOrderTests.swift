import MeshCore
import MeshTestKit
import Simulator
import Testing

@Suite("The order of messages on links")
struct LinkOrderTests {
    private func couriers(_ count: Int, _ conditions: LinkConditions) -> (Simulation<Courier>, Recorder) {
        var simulation = Simulation<Courier>(seed: 9, conditions: conditions)
        var recorder = Recorder()
        for _ in 0..<count { simulation.addNode { id, _ in Courier(id: id) } }
        for node in simulation.nodes { simulation.start(node, observing: &recorder) }
        recorder.reports = []
        return (simulation, recorder)
    }

    @Test("What the network remembers follows the links in use, not the pairs of nodes")
    func memory() {
        var (simulation, recorder) = couriers(100, LinkConditions(latency: .constant(.milliseconds(1))))
        for from in 1...100 as ClosedRange<UInt64> {
            for to in 1...100 as ClosedRange<UInt64> where to != from {
                simulation.command(.ping(NodeID(to), to), at: NodeID(from), observing: &recorder)
            }
            simulation.run(until: simulation.now + .milliseconds(5), observing: &recorder)
        }
        #expect(recorder.reports.count == 2 * 9_900)
        #expect(simulation.network.rememberedLinkRoom <= 1_024)
    }

    @Test("A message that is long under way is not overtaken while ten thousand others pass on other links")
    func longUnderWay() {
        var (simulation, recorder) = couriers(60, LinkConditions(latency: .constant(.seconds(1))))
        let (slow, receiver) = (NodeID(1), NodeID(2))
        simulation.command(.ping(receiver, 1_000), at: slow, observing: &recorder)
        simulation.network.base.latency = .constant(.microseconds(10))
        for number in 0..<3 as Range<UInt64> {
            for from in 3...60 as ClosedRange<UInt64> {
                for to in 3...60 as ClosedRange<UInt64> where to != from {
                    simulation.command(.ping(NodeID(to), number), at: NodeID(from), observing: &recorder)
                }
                simulation.run(until: simulation.now + .milliseconds(1), observing: &recorder)
            }
        }
        #expect(simulation.network.statistics.delivered > 10_000)
        simulation.command(.ping(receiver, 1_001), at: slow, observing: &recorder)
        simulation.run(until: Instant(nanoseconds: 2_000_000_000), observing: &recorder)
        let heard = recorder.reports.filter { $0.node == receiver }
        #expect(heard.map(\.output) == [.pinged(1_000, from: slow), .pinged(1_001, from: slow)])
        #expect(heard.map(\.milliseconds) == [1_000, 1_000])
    }
}
