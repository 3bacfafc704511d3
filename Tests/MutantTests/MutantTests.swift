#if MUTANTS
import MeshCore
import Scenarios
import Simulator
import Testing

/// Each known bug is planted and must be caught by a checker; the same campaign on the sound code must find nothing.
///
/// Run with `swift test --disable-xctest --traits Mutants --scratch-path .build/mutants --filter MutantTests`.
@Suite("Planted bugs", .serialized)
struct MutantTests {
    /// A bug, the campaign that finds it, and the promises it may break.
    struct Plant: Sendable, CustomTestStringConvertible {
        var mutant: Mutant
        var campaign: Campaign
        var promises: [String]
        var testDescription: String { "\(mutant)" }
    }

    static let plants: [Plant] = [
        Plant(mutant: .voteNotPersisted, campaign: .storm, promises: ["raft-durability"]),
        Plant(mutant: .votesTwice, campaign: .storm, promises: ["raft-single-vote", "raft-election-safety"]),
        Plant(
            mutant: .logCheckSkipped, campaign: .storm,
            promises: ["raft-leader-completeness", "raft-state-machine-safety"]),
        Plant(
            mutant: .oldTermCommittedByCounting, campaign: .figure8,
            promises: ["raft-leader-completeness", "raft-state-machine-safety"]),
        Plant(
            mutant: .staleAppendTruncates, campaign: .storm,
            promises: [
                "raft-quorum-commit", "raft-durability", "raft-leader-completeness", "raft-state-machine-safety",
            ]),
        Plant(
            mutant: .quorumOffByOne, campaign: .storm,
            promises: ["raft-quorum-commit", "raft-election-safety"]),
        Plant(mutant: .leaderCountsUnsynced, campaign: .storm, promises: ["raft-quorum-commit"]),
        Plant(mutant: .noRefutation, campaign: .membership, promises: ["swim-accuracy"]),
        Plant(mutant: .noTieBreak, campaign: .gossip, promises: ["gossip-convergence"]),
        Plant(mutant: .storedBeforeDurable, campaign: .gossip, promises: ["gossip-durability"]),
    ]

    @Test("is caught", arguments: plants)
    func isCaught(_ plant: Plant) throws {
        let scenario = try plant.campaign.scenario()
        unsafe Mutant.planted = plant.mutant
        defer { unsafe Mutant.planted = nil }
        var found: [UInt64] = []
        for seed in 1...plant.campaign.seedLimit {
            var run = Run(scenario, seed: seed)
            _ = run.advance()
            guard let violation = run.report.violation else { continue }
            guard violation.promise != Promises.expectation else { continue }
            #expect(
                plant.promises.contains(violation.promise.description),
                "seed \(seed) broke \(violation.promise): \(violation.text)")
            #expect(!violation.evidence.isEmpty)
            found.append(seed)
            if found.count == 3 { break }
        }
        #expect(!found.isEmpty, "not caught in \(plant.campaign.seedLimit) seeds")
        print("caught \(plant.mutant): seeds \(found)")
    }

    @Test("is not there in the sound code", arguments: Campaign.allCases)
    func control(_ campaign: Campaign) throws {
        let scenario = try campaign.scenario()
        for seed in 1...campaign.controlSeeds {
            var run = Run(scenario, seed: seed)
            _ = run.advance()
            #expect(run.report.violation == nil, "seed \(seed): \(run.report.violation?.text ?? "")")
        }
    }
}

/// A scenario made to bring a family of bugs to light.
enum Campaign: CaseIterable, Sendable {
    case storm
    case figure8
    case membership
    case gossip

    /// How many seeds may pass before a bug counts as missed.
    var seedLimit: UInt64 {
        switch self {
        case .storm: 400
        case .figure8: 2_000
        case .membership, .gossip: 20
        }
    }

    /// How many seeds the sound code has to survive.
    var controlSeeds: UInt64 {
        switch self {
        case .storm, .figure8: 200
        case .membership, .gossip: 20
        }
    }

    func scenario() throws -> Scenario { try Scenario.parse(Array(text.utf8)) }

    private var text: String {
        switch self {
        case .storm:
            """
            scenario "A storm over Raft"
            duration 12s
            cluster
              nodes 3..5
              run raft
              raft election-timeout 100ms..200ms  heartbeat 30ms  batch 1..8
            network
              latency uniform 1ms..30ms
              loss 0%..20%  duplicate 0%..20%  reorder 0%..30%
            disk
              fsync 1ms..15ms  torn-writes on
            workload kv
              clients 4  rate 60/s
            timeline
              chaos partitions every ~900ms lasting ~500ms
              chaos crashes losing unsynced every ~1s lasting ~300ms
              whenever leader elected after 150ms  isolate leader for 400ms
            expect
              always raft-safety
            """
        case .figure8:
            """
            scenario "Leaders fall as soon as they lead"
            duration 20s
            cluster
              nodes 3..5
              run raft
              raft election-timeout 100ms..200ms  heartbeat 30ms  batch 1
            network
              latency uniform 1ms..20ms
              loss 0%..10%
            disk
              fsync 1ms..3ms
            workload kv
              clients 8  rate 200/s
            timeline
              whenever leader elected after 15ms  crash leader for 250ms
              chaos crashes losing unsynced every ~300ms lasting ~200ms
            expect
              always raft-safety
            """
        case .membership:
            """
            scenario "Members are accused and contradict"
            duration 80s
            cluster
              nodes 10
              run swim
              swim period 200ms  probe-timeout 60ms
            network
              latency uniform 1ms..10ms
            timeline
              at 5s   loss 60% for 15s
              at 22s  pause random 3 for 6s
            expect
              always swim-safety
              always swim-accuracy
            """
        case .gossip:
            """
            scenario "Two nodes write the same key at the same moment"
            duration 40s
            cluster
              nodes 6
              run gossip
              gossip interval 200ms
            disk
              fsync 1ms..5ms
            timeline
              at 2s  set "k" = "left" on n1
              at 2s  set "k" = "right" on n2
              at 3s  set "other" = "value" on n3
            expect
              always gossip-safety
              always gossip-convergence
              always gossip-no-lost-write
            """
        }
    }
}
#endif
