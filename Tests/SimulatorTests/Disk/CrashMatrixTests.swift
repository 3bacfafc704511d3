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

    @Test(
        "A flipped bit is harmless, refused with its place, or costs the last batch and nothing else", arguments: 1...3)
    func rot(seed: Int) {
        var matrix = CrashMatrix(
            seed: UInt64(seed), limit: 10_000, settings: CrashMatrix.smallSettings, hazard: .rot)
        matrix.run()
        #expect(matrix.failure == nil, "\(String(describing: matrix.failure))")
        #expect(matrix.points == 10_000)
        #expect(matrix.refusals > 1_000, "most of what is at rest matters")
        #expect(matrix.cuts > 100, "the last batch looks torn")
        #expect(matrix.salvages > 500, "what salvages a disk is crashed too")
    }

    @Test("A disk that becomes full costs nothing that was told durable", arguments: 1...3)
    func fullDisk(seed: Int) {
        var matrix = CrashMatrix(
            seed: UInt64(seed), limit: 10_000, settings: CrashMatrix.smallSettings, hazard: .fullDisk)
        matrix.run()
        #expect(matrix.failure == nil, "\(String(describing: matrix.failure))")
        #expect(matrix.refusals == 0)
    }
}
