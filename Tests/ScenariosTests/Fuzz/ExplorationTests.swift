import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("The futures of a run")
struct ExplorationTests {
    private func futures(
        _ kind: ExplorationKind, seed: UInt64, slice: UInt64 = 1_000_000, count: Int = 4
    ) throws -> [Exploration.Future] {
        let world = try Scenario.fuzzed(seed: seed, profile: .raft)
        var exploration = Exploration(world, seed: seed, kind: kind, futures: count)
        while !exploration.advance(events: slice) {}
        return exploration.futures
    }

    @Test("The first is the run itself", arguments: ExplorationKind.allCases)
    func first(kind: ExplorationKind) throws {
        let found = try futures(kind, seed: 11, count: 1)
        var run = Run(try Scenario.fuzzed(seed: 11, profile: .raft), seed: 11)
        _ = run.advance()
        #expect(found[0].report.digest == run.report.digest)
        #expect(found[0].report.states == run.report.states)
        #expect(found.count == (kind == .once ? 1 : 2))
    }

    @Test(
        "Each is the run of a scenario that can be written down, with one line more than what it comes from",
        arguments: [ExplorationKind.branching, .boundaries])
    func replays(kind: ExplorationKind) throws {
        for seed in [3, 8] as [UInt64] {
            let found = try futures(kind, seed: seed)
            #expect(found.count == 5)
            var digests = Set<UInt64>()
            for future in found {
                let written = try Scenario.parse(future.scenario.text)
                var run = Run(written, seed: seed)
                _ = run.advance()
                #expect(run.report.digest == future.report.digest, "seed \(seed)")
                #expect(run.report.verdict == future.report.verdict)
                #expect(run.report.states == future.report.states)
                digests.insert(future.report.digest.value)
            }
            #expect(digests.count == 5)
            let lines = found.map(\.scenario.timeline.count)
            #expect(lines[1...].allSatisfy { $0 > lines[0] })
        }
    }

    @Test("How far a run goes at once changes nothing", arguments: [ExplorationKind.branching, .boundaries])
    func slices(kind: ExplorationKind) throws {
        let whole = try futures(kind, seed: 5)
        let pieces = try futures(kind, seed: 5, slice: 77)
        #expect(whole.map(\.report.digest) == pieces.map(\.report.digest))
        #expect(whole.map(\.scenario.text) == pieces.map(\.scenario.text))
    }

    @Test("Branching goes on from states that the run came to, to others that it did not")
    func news() throws {
        var fresh = 0
        for seed in 1...5 as ClosedRange<UInt64> {
            let found = try futures(.branching, seed: seed)
            let known = Set(found[0].report.states)
            for future in found.dropFirst() {
                fresh += future.report.states.filter { !known.contains($0) }.count
                let line = future.scenario.timeline.last.map { "\($0)" } ?? ""
                #expect(line.contains("reseed"))
            }
        }
        #expect(fresh > 10)
    }

    @Test("Most seeds of a mix are run once, and each in the same way wherever it is run")
    func mix() {
        var counts: [ExplorationKind: Int] = [:]
        for seed in 0..<1_000 as Range<UInt64> { counts[ExplorationPlan.mix.kind(ofSeed: seed), default: 0] += 1 }
        #expect(counts[.once, default: 0] > 500)
        #expect(counts[.branching, default: 0] > 5 && counts[.boundaries, default: 0] > 20)
        #expect(ExplorationPlan.all(.branching).kind(ofSeed: 7) == .branching)
    }
}
