import MeshCore
import Scenarios

/// Runs pieces of work on every core and hands the results over in the order of the pieces.
enum BenchCrew {
    /// - Parameters:
    ///   - piece: Carries out the piece with this number; `nil` when it was stopped.
    ///   - body: Takes the results in order; after a stop only those that are complete, still in order.
    static func run<Result: Sendable>(
        _ count: Int, jobs: Int, label: String, _ stop: StopFlag,
        _ piece: @escaping @Sendable (Int) async -> Result?, _ body: (Int, Result) -> Void
    ) async {
        let progress = Progress(label: label, total: UInt64(count), unit: "runs", hasBar: true)
        var waiting: [Int: Result] = [:]
        var next = 0
        await withTaskGroup(of: (Int, Result?).self) { group in
            var started = 0
            func startOne() {
                guard started < count, !stop.isRaised else { return }
                let index = started
                started += 1
                group.addTask { (index, await piece(index)) }
            }
            for _ in 0..<max(jobs, 1) { startOne() }
            while let (index, result) = await group.next() {
                startOne()
                guard let result else { continue }
                await progress.finishOne()
                waiting[index] = result
                while let ready = waiting.removeValue(forKey: next) {
                    body(next, ready)
                    next += 1
                }
            }
        }
        for index in waiting.keys.sorted() {
            if let result = waiting[index] { body(index, result) }
        }
        await progress.clear()
    }
}
