import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("Shrinking")
struct ShrinkTests {
    /// Counts what it hears and stops after so many runs.
    struct Counter: ShrinkObserver {
        var heard: UInt64 = 0
        var limit = UInt64.max
        var wantsStop: Bool { heard >= limit }
        mutating func didTry(_ progress: ShrinkProgress) { heard += 1 }
    }

    static func parse(_ text: String) throws -> Scenario { try Scenario.parse(Array(text.utf8)) }

    private static let noisy = """
        scenario "Two of five stay down, and much else happens"
        seed 4
        duration 4s
        cluster
          nodes 5
          run raft, gossip
          raft election-timeout 100ms..200ms  batch 4  snapshot-after 3..20
        network
          latency uniform 1ms..20ms
          loss 0%..10%
          link n1 -> n2 latency 30ms
        disk
          fsync 1ms..5ms
        workload kv
          clients 4  rate 100/s
        workload gossip
          rate 5/s
        timeline
          chaos partitions every ~900ms lasting ~500ms until 3500ms
          every 700ms until 3s  pause random 1 for 100ms
          at 2s  crash n1, n4
          at 2500ms  cut n1 -> n2 for 300ms
          at 3s  crash n5
          whenever leader elected after 50ms  clog leader -> any for 20ms
        expect
          always raft-safety
          at end: one leader
        """

    @Test("What the failure does not need goes: lines, nodes, settings, network, disks, clients and expectations")
    func noise() throws {
        var counter = Counter()
        let shrunk = try #require(try Self.parse(Self.noisy).shrunk(seed: 4, observing: &counter))
        #expect(shrunk.isMinimal)
        #expect(shrunk.runs == counter.heard + 1)
        #expect(shrunk.signature.promise == "expectation")
        #expect(shrunk.scenario.timeline.count == 1)
        #expect(shrunk.scenario.workloads.isEmpty)
        #expect(shrunk.scenario.network == Scenario.Network())
        #expect(shrunk.scenario.disk == Scenario.Disk())
        #expect(shrunk.scenario.expectations.count == 1)
        #expect(shrunk.scenario.cluster.nodeCount == 1)
        #expect(shrunk.scenario.cluster.protocols == Scenario.Protocols(raft: true))
    }

    @Test("The result, written and read back, breaks the same promise with the same digest")
    func replays() throws {
        var counter = Counter()
        let shrunk = try #require(try Self.parse(Self.noisy).shrunk(seed: 4, observing: &counter))
        let read = try Scenario.parse(shrunk.scenario.text)
        var run = Run(read, seed: read.seeds[0])
        let isOver = run.advance()
        #expect(isOver)
        #expect(run.report.verdict == .broken)
        #expect(FailureSignature(run.report) == shrunk.signature)
        #expect(run.report.digest == shrunk.report.digest)
    }

    @Test("The same call gives the same scenario after the same number of runs")
    func deterministic() throws {
        let scenario = try Self.parse(Self.noisy)
        var counter = Counter()
        let first = try #require(scenario.shrunk(seed: 4, observing: &counter))
        let second = try #require(scenario.shrunk(seed: 4, observing: &counter))
        #expect(first.scenario == second.scenario)
        #expect(first.runs == second.runs)
    }

    @Test("A spent budget and an observer that says stop leave a scenario that fails, and say that more was possible")
    func budget() throws {
        let scenario = try Self.parse(Self.noisy)
        var counter = Counter()
        let short = try #require(scenario.shrunk(seed: 4, budget: 9, observing: &counter))
        #expect(short.runs == 9)
        #expect(!short.isMinimal)
        var impatient = Counter(limit: 5)
        let stopped = try #require(scenario.shrunk(seed: 4, observing: &impatient))
        #expect(impatient.heard == 5)
        #expect(!stopped.isMinimal)
        #expect(FailureSignature(stopped.report) == short.signature)
    }

    @Test("A run that breaks nothing is not shrunk")
    func nothing() throws {
        var counter = Counter()
        let scenario = try Self.parse(
            "scenario \"Quiet\"\nduration 2s\ncluster\n  nodes 3\n  run raft\nexpect\n  always raft-safety\n")
        #expect(scenario.shrunk(seed: 1, observing: &counter) == nil)
        #expect(counter.heard == 0)
    }

    @Test("A promise whose break is expected of the harness is shrunk as a break")
    func negative() throws {
        var counter = Counter()
        let scenario = try Self.parse(
            """
            scenario "Writes that are retried without sessions count twice"
            duration 20s
            cluster
              nodes 3
              run raft
            network
              loss 20%
            workload kv
              clients 4  rate 50/s  keys 2
              mix put 100%
              retry 100ms
            timeline
              every 2s  crash leader for 500ms
            expect
              failure exactly-once
            """)
        let shrunk = try #require(scenario.shrunk(seed: 1, budget: 400, observing: &counter))
        #expect(shrunk.signature.promise == "exactly-once")
        #expect(shrunk.scenario.expectations.map(\.claim) == [.always("exactly-once")])
        #expect(shrunk.scenario.timeline.isEmpty)
        #expect(shrunk.scenario.workloads.count == 1)
    }

    // With a constant latency no two messages of a kind leave on a link in the same moment.
    @Test("What chance did to messages becomes lines about single messages, and the run stays the same")
    func accidents() throws {
        let scenario = try Self.parse(
            """
            scenario "A bad network"
            duration 1500ms
            cluster
              nodes 3
              run raft
            network
              latency 7ms
              loss 5%  duplicate 4%  corrupt 2%
              reorder 6% by 60ms of raft.appendReply
            workload kv
              clients 1  rate 20/s
            timeline
              at 600ms  loss 30% on n1 -> n2 of raft.append for 200ms
            expect
              always raft-safety
            """)
        for seed in 1...20 as ClosedRange<UInt64> {
            let exact = try #require(scenario.drawn(seed: seed).withAccidents(ofSeed: seed))
            #expect(exact.network.conditions.loss == nil)
            #expect(exact.network.rules.isEmpty)
            var (run, again) = (Run(scenario, seed: seed), Run(try Scenario.parse(exact.text), seed: seed))
            _ = run.advance()
            _ = again.advance()
            let statistics = run.simulation.network.statistics
            #expect(UInt64(exact.timeline.count) >= statistics.lost)
            #expect(again.simulation.network.statistics == statistics)
            #expect(again.report.digest == run.report.digest)
        }
    }

    @Test("A failure that chance brought about on the network ends as the one thing that has to get lost")
    func singleLoss() throws {
        var counter = Counter()
        let scenario = try Self.parse(
            """
            scenario "A vote that gets lost delays the first leader"
            duration 450ms
            cluster
              nodes 3
              run raft
              raft election-timeout 200ms..400ms  pre-vote off
            network
              loss 30%
            expect
              at end: one leader
            """)
        let shrunk = try #require(scenario.shrunk(seed: 1, observing: &counter))
        #expect(shrunk.isMinimal)
        #expect(shrunk.scenario.network == Scenario.Network())
        #expect(shrunk.scenario.timeline.count == 1)
        #expect(shrunk.scenario.description.contains("loss 100% on n1 -> n2"))
    }

    @Test("A needed fault stays when all others go, with its nodes named")
    func neededFault() throws {
        var counter = Counter()
        let scenario = try Self.parse(
            """
            scenario "The first leader does not lead forever"
            duration 6s
            cluster
              nodes 5
              run raft
            timeline
              chaos clogs every ~500ms lasting ~100ms
              whenever leader elected after 1s  crash leader for 200ms
              every 1s  pause random follower for 100ms
            expect
              leader changes == 0
            """)
        let shrunk = try #require(scenario.shrunk(seed: 3, observing: &counter))
        #expect(shrunk.scenario.timeline.count == 1)
        guard case .event(let event) = try #require(shrunk.scenario.timeline.first) else {
            Issue.record("an antagonist is left")
            return
        }
        guard case .at = event.trigger else {
            Issue.record("the line does not say when: \(event.action)")
            return
        }
        for target in [Scenario.Target.leader, .followers] {
            #expect(!event.action.description.contains("\(target)"))
        }
    }
}

@Suite("What a timeline did, in exact lines")
struct DeedTests {
    /// Everything the timeline can do at random, line by line.
    private static let lines = [
        "chaos partitions every ~900ms lasting ~500ms",
        "chaos crashes losing unsynced every ~1s lasting ~300ms",
        "chaos pauses every ~2s lasting ~200ms",
        "chaos slowdowns every ~2s lasting ~200ms",
        "chaos clogs every ~1s lasting ~200ms",
        "chaos cuts every ~1s lasting ~200ms",
        "chaos flaps every ~1s lasting ~200ms",
        "chaos stalls every ~2s lasting ~200ms",
        "every ~1s  partition halves for 300ms",
        "every ~1s  partition ring for 300ms",
        "every ~1s  partition bridge random 1 for 300ms",
        "every ~1s  partition {leader, random follower} | rest for 300ms",
        "every ~1s  isolate minority for 200ms",
        "every ~1s  loss 50% on leader -> followers of raft.append for 200ms",
        "every ~1s  clock random 1 drift +500ppm for 1s",
        "every ~1s  slow disk on leader to 20ms..30ms for 500ms",
        "every ~1s  set \"k\" = \"v\" on random 1",
        "every ~1s  propose \"p\" on leader",
        "every ~1s  transfer leader to random follower",
        "every ~1s  remove random follower\n  every ~700ms  add all",
        "whenever leader elected after 150ms  crash leader for 250ms",
        "when commit >= 20 after 1ms  pause leader for 300ms",
    ]

    private static func scenario(_ lines: [String]) throws -> Scenario {
        try ShrinkTests.parse(
            """
            scenario "Faults at random"
            duration 3s
            cluster
              nodes 5
              run raft, gossip
              raft election-timeout 100ms..200ms  heartbeat 30ms  snapshot-after 10
            network
              latency uniform 1ms..20ms
              loss 0%..10%
            disk
              fsync 1ms..5ms  torn-writes on
            workload kv
              clients 4  rate 30/s
            timeline
              \(lines.joined(separator: "\n  "))
            expect
              always raft-safety
              always gossip-safety
            """)
    }

    /// Runs a scenario and its exact lines.
    private func compare(_ scenario: Scenario, seed: UInt64) throws {
        let exact = scenario.withDeeds(ofSeed: seed)
        #expect(!exact.timeline.isEmpty)
        for statement in exact.timeline {
            guard case .event(let event) = statement, case .at = event.trigger else {
                Issue.record("not exact: \(statement)")
                continue
            }
        }
        let read = try Scenario.parse(exact.text)
        #expect(read.text == exact.text)
        var first = Run(scenario, seed: seed)
        var second = Run(read, seed: seed)
        _ = first.advance()
        _ = second.advance()
        #expect(first.report.digest == second.report.digest)
        #expect(first.report.events == second.report.events)
    }

    @Test("The exact lines give the same run: the same digest, event for event", arguments: lines)
    func sameRun(line: String) throws {
        try compare(try Self.scenario([line]), seed: 3)
    }

    @Test("All together do so, too", arguments: 1...2 as ClosedRange<UInt64>)
    func storm(seed: UInt64) throws { try compare(try Self.scenario(Self.lines), seed: seed) }

    @Test("A node that has not started by the end of the run does not start at once either")
    func lateStart() throws {
        let scenario = try ShrinkTests.parse(
            """
            scenario "Late"
            duration 3s
            cluster
              nodes 3
              run raft, gossip
            timeline
              when commit >= 1000000  start n3
            expect
              always raft-safety
            """)
        let exact = scenario.withDeeds(ofSeed: 1)
        #expect(exact.timeline.count == 1)
        var first = Run(scenario, seed: 1)
        var second = Run(exact, seed: 1)
        _ = first.advance()
        _ = second.advance()
        #expect(first.report.metrics.messages == second.report.metrics.messages)
    }
}
