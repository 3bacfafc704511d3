import MeshCore
import Scenarios
import Testing

@Suite("The kinds of states a run goes through")
struct StateTests {
    private let body = """
        cluster
          nodes 3
          run raft
        workload kv
          clients 2  rate 50/s
        duration 5s
        timeline
          at 1s  TIMELINE
        expect
          always raft-safety

        """

    private func states(_ action: String, seed: UInt64 = 1) throws -> [UInt64] {
        try run(body.replacing("TIMELINE", with: action), seed: seed).states
    }

    @Test("They are the same for the same run, and none comes twice")
    func repeats() throws {
        let states = try states("crash leader for 1s")
        #expect(try self.states("crash leader for 1s") == states)
        #expect(states.count > 5)
        #expect(Set(states).count == states.count)
    }

    @Test("Names of nodes, terms and positions do not matter: quiet runs of other seeds go through hardly anything new")
    func abstracts() throws {
        var seen = Set<UInt64>()
        var news: [Int] = []
        for seed in 1...40 as ClosedRange<UInt64> {
            let states = try states("pause n1 for 1ns", seed: seed)
            news.append(states.filter { seen.insert($0).inserted }.count)
        }
        #expect(news[0] > 0)
        #expect(news[20...].reduce(0, +) < 20)
    }

    @Test("Other faults lead to other states", arguments: ["isolate leader for 1s", "pause follower for 1s"])
    func distinguishes(action: String) throws {
        let quiet = Set(try states("pause n1 for 1ns"))
        #expect(try states(action).contains { !quiet.contains($0) })
    }

    @Test("What SWIM believes is part of a state, and that a group changes its members")
    func parts() throws {
        let swim = body.replacing("run raft", with: "run swim\n  swim period 100ms  probe-timeout 20ms").replacing(
            "workload kv\n  clients 2  rate 50/s\n", with: ""
        ).replacing("raft-safety", with: "swim-safety")
        let quiet = Set(try run(swim.replacing("TIMELINE", with: "pause n1 for 1ms")).states)
        let suspicious = try run(swim.replacing("TIMELINE", with: "isolate n1 for 2s")).states
        #expect(suspicious.filter { !quiet.contains($0) }.count > 2)
        let changes = Set(try states("remove follower"))
        #expect(changes != Set(try states("pause follower for 1ms")))
    }

    @Test("A set of them does not depend on their order, and adds up")
    func sets() {
        var up = StateSet()
        var down = StateSet()
        for number in 0..<1_000 as Range<UInt64> {
            let word = number &* 0x9e37_79b9_7f4a_7c15
            let isNew = up.insert(word)
            let isNewAgain = up.insert(word)
            #expect(isNew && !isNewAgain)
        }
        for number in (500..<1_000 as Range<UInt64>).reversed() { down.insert(number &* 0x9e37_79b9_7f4a_7c15) }
        #expect(down.count == 500 && down != up)
        var rest = StateSet()
        for number in 0..<600 as Range<UInt64> { rest.insert(number &* 0x9e37_79b9_7f4a_7c15) }
        down.formUnion(rest)
        #expect(down == up && down.sorted == up.sorted && up.sorted.count == 1_000)
        #expect(up.contains(0x9e37_79b9_7f4a_7c15) && !up.contains(2))
    }
}

@Suite("The end of a campaign that sees nothing new")
struct StabilityTests {
    private func report(_ seed: UInt64, states: [UInt64]) throws -> Report {
        var report = try run("cluster\n  nodes 1\n  run raft\nduration 1ms\n", seed: seed)
        report.states = states
        return report
    }

    /// At which run a campaign ends whose run `n` brings these states.
    private func end(_ states: (UInt64) -> [UInt64]) throws -> UInt64? {
        var stability = Stability()
        var report = try report(1, states: [])
        for run in 1...5_000 as ClosedRange<UInt64> {
            report.states = states(run)
            stability.add(report)
            if stability.isReached { return run }
        }
        return nil
    }

    @Test("It takes 1,000 runs, and then a half that brings a new state in fewer than one run of a hundred")
    func rule() throws {
        #expect(try end { _ in [7] } == 1_000)
        #expect(try end { $0 <= 600 ? [$0] : [] } == 1_200)
        #expect(try end { [$0 / 100] } == nil)
        #expect(try end { [$0 / 250] } == 1_000)
        #expect(try end { [$0] } == nil)
    }

    @Test("One that goes on from what another remembered ends at the same run")
    func memory() throws {
        var report = try report(1, states: [])
        for pause in [0, 99, 100, 640, 1_100] {
            var stability = Stability()
            var end = 0
            for run in 1...2_000 where end == 0 {
                report.states = run <= 600 ? [UInt64(run)] : []
                stability.add(report)
                if run == pause {
                    stability = try #require(Stability(stability.memory, states: stability.states))
                }
                if stability.isReached { end = run }
            }
            #expect(end == 1_200)
        }
        var wrong = Stability().memory
        wrong.runs = 250
        #expect(Stability(wrong, states: StateSet()) == nil)
    }

    @Test("A mark that is reached late starts the wait anew")
    func marks() throws {
        let quiet = try report(1, states: [])
        let loud = try run(
            "cluster\n  nodes 1\n  run raft\nduration 2s\nexpect\n  sometimes leader elected\n", seed: 1)
        #expect(loud.outcomes[0].occasions > 0)
        var stability = Stability()
        var end = 0
        for run in 1...5_000 where end == 0 {
            stability.add(run == 900 || run == 1_500 ? loud : quiet)
            if stability.isReached { end = run }
        }
        #expect(end == 1_800)
    }
}
