#if MUTANTS
import MeshCore
import Scenarios

/// Hunts bugs in drawn worlds, as `mesh fuzz` does, once for each way to explore them: what the shares of the ways are
/// chosen by.
struct Worlds {
    /// How the worlds are explored.
    enum Way: String, CaseIterable {
        case once
        case branching
        case boundaries
        /// Once, with priorities of links in every world.
        case pct
    }

    /// What a hunt took.
    private struct Hunt {
        var isFound = false
        var runs: UInt64 = 0
        var events: UInt64 = 0
        var time = Duration.zero
    }

    let order: Order
    let profile: FuzzProfile
    /// After so many events a hunt gives up.
    let eventLimit: UInt64

    /// Hunts every bug in each way and prints a line for each bug and way.
    func run() throws {
        say("| bug | way | found | runs | events | time |")
        say("|---|---|---|---|---|---|")
        for plant in order.plants {
            unsafe Mutant.planted = plant.mutant
            defer { unsafe Mutant.planted = nil }
            for way in Way.allCases {
                var hunts: [Hunt] = []
                for number in 0..<order.campaigns { hunts.append(try hunt(way, number)) }
                let found = hunts.filter(\.isFound).count
                // A hunt that found nothing counts with all that it spent.
                let runs = hunts.map(\.runs).sorted()[hunts.count / 2]
                let events = hunts.map(\.events).sorted()[hunts.count / 2]
                let time = hunts.map(\.time).sorted()[hunts.count / 2]
                say(
                    "| \(plant.mutant) | \(way.rawValue) | \(found)/\(hunts.count) | \(runs) | \(events / 1_000)k "
                        + "| \(Table.text(time)) |")
            }
        }
    }

    private func hunt(_ way: Way, _ number: Int) throws -> Hunt {
        var hunt = Hunt()
        let clock = ContinuousClock()
        let start = clock.now
        var seed = UInt64(number) * 100_000 + 1
        while !hunt.isFound && hunt.events < eventLimit && clock.now - start < order.timeLimit {
            var world = try Scenario.fuzzed(seed: seed, profile: profile)
            if way == .pct { world.network.schedule = Self.schedule(world) }
            var exploration = Exploration(
                world, seed: seed, kind: Self.kind(way), futures: ExplorationPlan.futures)
            while !exploration.advance(events: 1_000_000) {}
            hunt.runs += UInt64(exploration.futures.count)
            hunt.events += exploration.events
            hunt.isFound = exploration.futures.contains { $0.report.verdict == .broken }
            seed += 1
        }
        hunt.time = clock.now - start
        return hunt
    }

    private static func kind(_ way: Way) -> ExplorationKind {
        switch way {
        case .once, .pct: .once
        case .branching: .branching
        case .boundaries: .boundaries
        }
    }

    /// Priorities with waits of half an election timeout at most.
    private static func schedule(_ world: Scenario) -> Scenario.PrioritySchedule {
        let timeout = world.cluster.raft.electionTimeout?.low ?? .milliseconds(150)
        return Scenario.PrioritySchedule(depth: .fixed(3), delay: .fixed(timeout / 2), period: .fixed(300))
    }
}
#endif
