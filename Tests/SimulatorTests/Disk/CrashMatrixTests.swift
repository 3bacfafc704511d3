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

    @Test("What stood in a removed segment's file never comes back from the new one made of it", arguments: 1...3)
    func recycling(seed: Int) {
        var matrix = CrashMatrix(
            seed: UInt64(seed), limit: 10_000, settings: CrashMatrix.smallSettings, hazard: .recycling)
        matrix.run()
        #expect(matrix.failure == nil, "\(String(describing: matrix.failure))")
        #expect(matrix.points == 10_000)
        #expect(matrix.refusals == 0)
    }

    @Test("A new segment on a disk that recycles begins with the removed one's bytes, once its name is gone for good")
    func recycledContent() throws {
        var disk = ByteDisk()
        disk.recyclesSegments = true
        func perform(_ operations: Storage.Operation...) throws {
            for operation in operations { try disk.perform(operation, capacity: Int64.max) }
        }
        try perform(
            .create(.segment(1), byteCount: 8), .write(.segment(1), at: 0, [1, 2, 3, 4]), .sync(.segment(1)),
            .syncDirectory, .delete(.segment(1)), .create(.segment(2), byteCount: 8))
        #expect(try disk.read(.segment(2), at: 0, count: 8) == [0, 0, 0, 0, 0, 0, 0, 0])
        try perform(.syncDirectory, .create(.segment(3), byteCount: 6), .write(.segment(3), at: 1, [9]))
        disk.settle()
        #expect(try disk.read(.segment(3), at: 0, count: 8) == [1, 9, 3, 4, 0, 0])
    }
}
