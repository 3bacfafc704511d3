import MeshCore
import Simulator
import Testing

@Suite("The log under crashes")
struct CrashMatrixTests {
    @Test("Nothing told durable is lost and nothing is invented, wherever and however a crash hits", arguments: 1...4)
    func matrix(seed: Int) {
        var matrix = CrashMatrix(seed: UInt64(seed), limit: 10_000, settings: CrashMatrix.smallSettings)
        matrix.run()
        #expect(matrix.failure == nil, "\(String(describing: matrix.failure))")
        #expect(matrix.points == 10_000)
        #expect(matrix.refusals == 0)
    }
}
