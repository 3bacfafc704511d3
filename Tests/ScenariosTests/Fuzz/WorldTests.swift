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
        #expect(tally.add(try report(broken, seed: 1), place: 0, isVerified: true))
        #expect(!tally.add(try report(broken, seed: 2), place: 1))
        let other = broken.replacing("one leader", with: "leader is n3")
        #expect(tally.add(try report(other, seed: 3), place: 2))
        #expect(tally.runs == 3)
        #expect(tally.broken == 3)
        #expect(tally.verified == 1)
        #expect(tally.failures.map(\.count) == [2, 1])
        #expect(tally.failures.map(\.place) == [0, 2])
        #expect(tally.failures[0].seed == 1)
        #expect(tally.failures[0].signature.promise == "expectation")
        #expect(tally.reachedMarks == 1)
        #expect(tally.marks.map(\.first) == [0, nil])
        #expect(tally.marks[0].count >= 3)
    }

    /// Runs of three shapes, one of them sound.
    private func reports() throws -> [Report] {
        let other = broken.replacing("one leader", with: "leader is n3")
        let sound = broken.replacing("crash n1, n2", with: "pause n1 for 10ms")
        return try [
            report(sound, seed: 1), report(broken, seed: 2), report(other, seed: 3), report(broken, seed: 4),
            report(sound, seed: 5), report(other, seed: 6),
        ]
    }

    private func tally(_ reports: [Report], _ places: [Int]) -> FuzzTally {
        var tally = FuzzTally()
        for place in places { tally.add(reports[place], place: UInt64(place), isVerified: place == 0) }
        return tally
    }

    private func expectEqual(_ left: FuzzTally, _ right: FuzzTally) {
        #expect(left.digest == right.digest)
        #expect(left.runs == right.runs)
        #expect(left.broken == right.broken)
        #expect(left.undecided == right.undecided)
        #expect(left.verified == right.verified)
        #expect(left.events == right.events)
        #expect(left.simulated == right.simulated)
        #expect(left.marks == right.marks)
        #expect(left.failures == right.failures)
        #expect(left.unlisted == right.unlisted)
        #expect(left.lastNews == right.lastNews)
    }

    @Test("The tallies of disjoint parts add up to that of the whole, in any order and however they are cut")
    func parts() throws {
        let reports = try reports()
        let whole = tally(reports, Array(0..<6))
        #expect(whole.failures.map(\.place) == [1, 2])
        expectEqual(tally(reports, [5, 3, 1, 0, 4, 2]), whole)
        for cut in 0..<64 {
            var parts = [FuzzTally(), FuzzTally()]
            for part in 0..<2 { parts[part] = tally(reports, (0..<6).filter { cut >> $0 & 1 == part }) }
            var sum = parts[cut % 2]
            sum.add(parts[1 - cut % 2])
            expectEqual(sum, whole)
        }
    }

    @Test("The digest depends on every run, on its place, its seed and its verdict")
    func digest() throws {
        let reports = try reports()
        let whole = tally(reports, Array(0..<6)).digest
        for place in 0..<6 {
            #expect(tally(reports, (0..<6).filter { $0 != place }).digest != whole)
            #expect(tally(reports, Array(0..<6) + [place]).digest != whole, "a run counted twice")
        }
        var swapped = reports
        swapped.swapAt(1, 3)
        #expect(tally(swapped, Array(0..<6)).digest != whole)
        swapped = reports
        swapped[4].verdict = .unknown
        #expect(tally(swapped, Array(0..<6)).digest != whole)
        swapped = reports
        swapped[4].seed = 50
        #expect(tally(swapped, Array(0..<6)).digest != whole)
        #expect(whole.description.utf8.count == 32)
    }

    @Test("More ways to fail than the limit are counted, not kept, and the first ones are those that stay")
    func limit() {
        func failure(_ number: Int) -> FuzzTally.Failure {
            let shape = Bytes(Array("way \(String(repeating: "x", count: number % 40)) \(number)".utf8))
            return FuzzTally.Failure(
                signature: FailureSignature(promise: "raft-safety", shape: shape), place: UInt64(number),
                seed: UInt64(number), text: "", digest: 0, count: 1)
        }
        let count = FuzzTally.signatureLimit + 500
        var forward = FuzzTally()
        var backward = FuzzTally()
        for number in 0..<count {
            #expect(forward.add(failure(number)) == (number < FuzzTally.signatureLimit))
            backward.add(failure(count - 1 - number))
        }
        expectEqual(forward, backward)
        #expect(forward.failures.count == FuzzTally.signatureLimit)
        #expect(forward.failures.map(\.place) == (0..<UInt64(FuzzTally.signatureLimit)).map { $0 })
        #expect(forward.unlisted == 500)
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
