import MeshCore
import MeshTestKit
import Testing

@Suite("SWIM groups")
struct SwimClusterTests {
    @Test("A mass join of 20 nodes completes within 3 s, on each seed", arguments: 1...20 as ClosedRange<UInt64>)
    func massJoin(seed: UInt64) {
        var cluster = SwimCluster(20, seed: seed)
        let joined = cluster.run(atMost: .seconds(60)) { $0.isConverged }
        #expect(joined.map { $0 <= .zero + .seconds(3) } == true, "joined at \(String(describing: joined))")
        #expect(cluster.entries { if case .alive = $0 { true } else { false } }.count == 20 * 19)
    }
}
