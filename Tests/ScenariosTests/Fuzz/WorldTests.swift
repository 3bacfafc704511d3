import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("Drawn worlds")
struct WorldTests {
    @Test(
        "Every seed of every profile gives a scenario that reads back as it was written",
        arguments: FuzzProfile.allCases)
    func parses(profile: FuzzProfile) throws {
        for seed in 0..<150 as Range<UInt64> {
            let world = try Scenario.fuzzed(seed: seed, profile: profile)
            let read = try Scenario.parse(world.text)
            #expect(read.text == world.text)
            #expect(world.seeds == Scenario.Seeds([Scenario.SeedRange(seed, seed)]))
            #expect(world.drawn(seed: seed).text == world.text, "something is left to draw: seed \(seed)")
        }
    }

    @Test("The same seed draws the same world; other seeds other ones")
    func keyed() throws {
        #expect(
            try Scenario.fuzzed(seed: 7, profile: .all).text == (try Scenario.fuzzed(seed: 7, profile: .all).text))
        var texts: [[UInt8]] = []
        for seed in 0..<50 as Range<UInt64> {
            var world = try Scenario.fuzzed(seed: seed, profile: .raft)
            world.about = ""
            world.seeds = Scenario.Seeds([Scenario.SeedRange(1, 1)])
            #expect(!texts.contains(world.text))
            texts.append(world.text)
        }
    }

    @Test("Worlds differ in what they leave out: mostly three nodes, options on and off, faults of every kind")
    func swarm() throws {
        var three = 0
        var live = 0
        var found: [String: Int] = [:]
        let words = [
            "pre-vote off", "check-quorum off", "no-op off", "batch 1\n", "snapshot-after", "lease-drift",
            "sessions on",
            "reads index", "losing unsynced", "isolate", "cut ", "partition", "clog", "pause", "chaos stalls",
            "heal everything",
            "whenever leader elected", "torn-writes on", "duplicate ", "reorder ",
        ]
        for seed in 0..<300 as Range<UInt64> {
            let world = try Scenario.fuzzed(seed: seed, profile: .raft)
            if world.cluster.nodeCount == 3 { three += 1 }
            let text = world.description
            if text.contains("raft-settles") { live += 1 }
            for word in words where (text + "\n").contains(word) { found[word, default: 0] += 1 }
        }
        #expect(three > 150 && three < 270)
        #expect(live > 100 && live < 200)
        for word in words {
            let count = found[word, default: 0]
            #expect(count > 5, "\(word) is in \(count) of 300 worlds")
            #expect(count < 290, "\(word) is in \(count) of 300 worlds")
        }
    }

    @Test("What a world demands is what its protocols promise")
    func promises() throws {
        for seed in 0..<100 as Range<UInt64> {
            let gossip = try Scenario.fuzzed(seed: seed, profile: .gossip)
            #expect(gossip.cluster.protocols == Scenario.Protocols(gossip: true))
            #expect(gossip.expectations.contains { $0.claim == .always("gossip-safety") })
            let storage = try Scenario.fuzzed(seed: seed, profile: .storage)
            #expect(storage.cluster.raft.snapshotAfter != nil)
            #expect(storage.expectations.contains { $0.claim == .always("raft-safety") })
        }
    }
}

@Suite("The tally of a campaign")
struct FuzzTallyTests {
    private func report(_ body: String, seed: UInt64) throws -> Report {
        try run(body, seed: seed)
    }

    private let broken = """
        cluster
          nodes 3
          run raft
        duration 3s
        timeline
          at 1s  crash n1, n2
        expect
          at end: one leader
          sometimes leader elected
          sometimes snapshot taken
        """

    @Test("Failures of one shape are one failure, which keeps its first run; marks are counted over all runs")
    func groups() throws {
        var tally = FuzzTally()
        #expect(tally.add(try report(broken, seed: 1), isVerified: true))
        #expect(!tally.add(try report(broken, seed: 2)))
        let other = broken.replacing("one leader", with: "leader is n3")
        #expect(tally.add(try report(other, seed: 3)))
        #expect(tally.runs == 3)
        #expect(tally.broken == 3)
        #expect(tally.verified == 1)
        #expect(tally.failures.map(\.count) == [2, 1])
        #expect(tally.failures.map(\.place) == [0, 2])
        #expect(tally.failures[0].first.seed == 1)
        #expect(tally.failures[0].signature.promise == "expectation")
        #expect(tally.reachedMarks == 1)
        #expect(tally.marks.map(\.first) == [0, nil])
        #expect(tally.marks[0].count >= 3)
    }

    @Test("The digest depends on every run and on their order")
    func digest() throws {
        let reports = [try report(broken, seed: 1), try report(broken, seed: 2)]
        func digest(_ order: [Int]) -> UInt64 {
            var tally = FuzzTally()
            for index in order { tally.add(reports[index]) }
            return tally.digest.value
        }
        #expect(digest([0, 1]) == digest([0, 1]))
        #expect(digest([0, 1]) != digest([1, 0]))
        #expect(digest([0]) != digest([0, 1]))
    }

    @Test("The name of a signature is a promise and eight digits, the same for every run of its shape")
    func names() throws {
        let first = try #require(FailureSignature(try report(broken, seed: 1)))
        let second = try #require(FailureSignature(try report(broken, seed: 9)))
        #expect(first == second)
        #expect(first.name == second.name)
        #expect(first.name.hasPrefix("expectation-"))
        #expect(first.name.utf8.count == "expectation-".utf8.count + 8)
        #expect(!"\(first.shape)".contains { $0.isNumber })
    }
}
