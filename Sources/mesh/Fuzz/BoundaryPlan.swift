import MeshCore
import Scenarios
import Simulator

/// Every crash at a sync of the runs of one scenario: before and after each sync of each node.
///
/// A crash is one more line, `at 0s  crash n2 before sync 17 losing unsynced for 64ms`, so that each run is an ordinary
/// scenario.
struct BoundaryPlan: Sendable {
    /// The runs of one seed.
    private struct Ground: Sendable {
        var scenario: Scenario
        var seed: UInt64
        /// How many syncs each node has, in the order of the nodes.
        var syncs: [UInt64]
        /// How many crashes there are in those before it.
        var first: UInt64
        var count: UInt64 { 2 * syncs.reduce(0, +) }
    }

    let file: ScenarioFile
    private var grounds: [Ground] = []
    /// How many crashes there are.
    private(set) var count: UInt64 = 0
    /// The crashes are run so far apart from each other that what was run when the time is over is spread evenly.
    private var stride: UInt64 = 1

    /// Runs each seed once to count its syncs.
    ///
    /// - Throws: `UsageError` when no node writes anything.
    init(_ file: ScenarioFile, first: UInt64, seeds: UInt64) throws {
        self.file = file
        for offset in 0..<seeds {
            let seed = first &+ offset
            var run = Run(file.scenario, seed: seed)
            while !run.advance(events: 1_000_000) {}
            var scenario = run.scenario
            scenario.duration = .fixed(run.end - Instant.zero)
            let simulation = run.simulation
            grounds.append(
                Ground(
                    scenario: scenario, seed: seed, syncs: simulation.nodes.map { simulation.syncCount(of: $0) },
                    first: count))
            count += grounds[grounds.count - 1].count
        }
        guard count > 0 else {
            throw UsageError("\(file.path): no node syncs anything to a disk, so there is no boundary to crash at")
        }
        stride = max(count * 618 / 1_000, 1)
        while Self.divisor(stride, count) != 1 { stride += 1 }
    }

    private static func divisor(_ left: UInt64, _ right: UInt64) -> UInt64 {
        right == 0 ? left : divisor(right, left % right)
    }

    /// The run at a place of the campaign.
    func job(_ place: UInt64) throws -> FuzzPlan.Job {
        let number = place * stride % count
        guard let ground = grounds.last(where: { $0.first <= number && $0.count > 0 }) else {
            throw UsageError("there is no boundary \(place)")
        }
        var rest = (number - ground.first) / 2
        var node = 0
        while rest >= ground.syncs[node] {
            rest -= ground.syncs[node]
            node += 1
        }
        var digest = Digest()
        digest.mix(number)
        let moment = number % 2 == 0 ? "before" : "after"
        let line =
            "at 0s  crash n\(node + 1) \(moment) sync \(rest + 1) losing unsynced for \(1 << (digest.value % 10))ms"
        let text =
            "scenario \"a line\"\ncluster\n  nodes \(ground.syncs.count)\n  run \(Self.protocols(ground.scenario))\n"
            + "timeline\n  \(line)\n"
        var scenario = ground.scenario
        scenario.timeline += try Scenario.parse(Array(text.utf8)).timeline
        return FuzzPlan.Job(scenario: scenario, seed: ground.seed, path: file.path, isBoundary: true)
    }

    private static func protocols(_ scenario: Scenario) -> String {
        let known = scenario.cluster.protocols
        let names = [(known.raft, "raft"), (known.swim, "swim"), (known.gossip, "gossip")].filter(\.0).map(\.1)
        return names.isEmpty ? "raft" : names.joined(separator: ", ")
    }
}
