import MeshCore
import Simulator
import Testing

@Suite("The log under crashes")
struct CrashMatrixTests {
    private var settings: Storage.Settings {
        var settings = Storage.Settings()
        settings.sectorBytes = 64
        settings.segmentBytes = 1_024
        settings.imageAfterBytes = 2_048
        settings.imagePieceBytes = 48
        return settings
    }

    @Test("Nothing told durable is lost and nothing is invented, wherever and however a crash hits", arguments: 1...4)
    func matrix(seed: Int) {
        var matrix = CrashMatrix(seed: UInt64(seed), limit: 10_000, settings: settings)
        matrix.run()
        #expect(matrix.failure == nil, "\(String(describing: matrix.failure))")
        #expect(matrix.points == 10_000)
        #expect(matrix.refusals == 0)
    }
}
