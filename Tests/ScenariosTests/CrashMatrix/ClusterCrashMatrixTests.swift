import MeshCore
import Scenarios
import Testing

@Suite("A Raft group whose power fails")
struct ClusterCrashMatrixTests {
    @Test("The group goes on without a broken promise, whatever one disk or all disks keep", arguments: 1...2)
    func holds(seed: Int) {
        var matrix = ClusterCrashMatrix(seed: UInt64(seed), limit: 200)
        while !matrix.advance() {}
        #expect(matrix.failure == nil, "\(matrix.failure?.description ?? "")")
        #expect(matrix.points == 200 && matrix.refusals == 0)
    }

    @Test("A node whose disk rots starts from what is legible, is healed, and nothing is broken", arguments: 1...2)
    func rot(seed: Int) {
        var matrix = ClusterCrashMatrix(seed: UInt64(seed), limit: 200, rots: true)
        while !matrix.advance() {}
        #expect(matrix.failure == nil, "\(matrix.failure?.description ?? "")")
        #expect(matrix.salvages >= 20, "\(matrix.salvages) salvages")
        #expect(matrix.healed * 10 >= matrix.salvages * 9, "\(matrix.healed) of \(matrix.salvages) are healed")
    }
}
