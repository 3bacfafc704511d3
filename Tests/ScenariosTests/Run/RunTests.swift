import MeshCore
import Scenarios
import Simulator
import Testing

/// Parses a scenario whose cluster and the rest are given, and runs one seed.
func run(_ body: String, seed: UInt64 = 1, until: Instant? = nil) throws -> Report {
    var run = try prepare(body, seed: seed, until: until)
    while !run.advance(events: 10_000) {}
    return run.report
}

func prepare(_ body: String, seed: UInt64 = 1, until: Instant? = nil) throws -> Run {
    let source = "scenario \"a test\"\nabout \"a test\"\nformat 1\nseeds 1..3\n" + body
    do {
        return Run(try Scenario.parse(Array(source.utf8)), seed: seed, until: until)
    } catch {
        Issue.record("\(error.render(source: Array(source.utf8), file: "test.mesh"))")
        throw error
    }
}

private func seconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

@Suite("A run of a scenario")
struct RunTests {
    private let raft = "cluster\n  nodes 3\n  run raft\n"

    @Test("A quiet cluster elects one leader and commits what clients ask")
    func quiet() throws {
        let report = try run(
            raft + """
                duration 5s
                workload kv
                  clients 2  rate 50/s
                  from 1s until 4s
                expect
                  always raft-safety
                  within 1s: one leader
                  at end: caught up
                  elections == 1
                  committed >= 140
                """)
        #expect(report.verdict == .held)
        #expect(report.metrics.commitLatency.count == Int(report.metrics.committed))
        #expect(report.end == seconds(5))
    }

    @Test("The same seed gives the same report in pieces, at once, and as a copy; another seed another one")
    func determinism() throws {
        let text =
            raft + """
                network
                  latency uniform 1ms..10ms
                  loss 10%
                timeline
                  every 2s   crash leader for 500ms
                workload kv
                  clients 3  rate 50/s
                duration 10s
                """
        var whole = try prepare(text)
        _ = whole.advance()
        var pieces = try prepare(text)
        var copy = pieces
        while !pieces.advance(events: 7) {
            if pieces.eventCount > 200 && copy.eventCount == 0 { copy = pieces }
        }
        while !copy.advance(events: 1_001) {}
        #expect(whole.report.digest == pieces.report.digest)
        #expect(whole.report.digest == copy.report.digest)
        #expect(whole.report.metrics == pieces.report.metrics)
        #expect(try run(text, seed: 2).digest != whole.report.digest)
    }

    @Test("Looking up in the middle changes nothing, not even while a paused or slow node catches up")
    func piecesWhileCatchingUp() throws {
        let text = """
            cluster
              nodes 4
              run mesh
            timeline
              chaos pauses every ~500ms lasting ~300ms
              chaos slowdowns every ~700ms lasting ~400ms
              at 3s  slow n1 by 60x for 2s
            workload kv
              clients 4  rate 80/s
            duration 8s
            expect
              sometimes leader changes
            """
        for seed in 1...4 as ClosedRange<UInt64> {
            var whole = try prepare(text, seed: seed)
            _ = whole.advance()
            var pieces = try prepare(text, seed: seed)
            while !pieces.advance(events: 1) {}
            #expect(whole.report.digest == pieces.report.digest)
            #expect(whole.report.metrics == pieces.report.metrics)
        }
    }

    @Test("A partition takes the leader away and healing brings one back; the order of what happened is told")
    func partition() throws {
        let report = try run(
            raft + """
                timeline
                  at 2s  partition {leader} | rest
                  at 5s  heal
                duration 10s
                expect
                  always raft-safety
                  within 1s after heal: one leader
                  leader changes >= 1
                """)
        #expect(report.verdict == .held)
        #expect(report.metrics.lostMessages > 0)
    }

    @Test("A crash of the majority stops progress; a restart brings it back with what was durable")
    func majority() throws {
        let report = try run(
            raft + """
                disk
                  fsync 1ms..3ms
                timeline
                  at 2s  crash random 2 losing unsynced
                  at 4s  restart crashed
                workload kv
                  clients 2  rate 50/s
                duration 8s
                expect
                  always raft-safety
                  within 2s after restart: one leader
                  within 2s after restart: progress
                  crashes == 2
                  restarts == 2
                """)
        #expect(report.verdict == .held)
    }

    @Test("What is demanded in vain breaks the run, with evidence and the time")
    func broken() throws {
        let report = try run(
            raft + """
                timeline
                  at 2s  crash random 2
                  at 4s  heal
                duration 8s
                expect
                  within 1s after heal: one leader
                """)
        #expect(report.verdict == .broken)
        let violation = try #require(report.violation)
        #expect(violation.promise == Promises.expectation)
        #expect(violation.evidence.first?.time == seconds(4))
        #expect(violation.text.contains("1s"))
    }

    @Test("A budget that is spent gives no verdict, with the reason")
    func budget() throws {
        let report = try run(
            raft + """
                duration 8s
                budget events 500
                expect
                  within 1s: one leader
                  at end: one leader
                """)
        #expect(report.verdict == .unknown)
        #expect(report.events == 500)
        guard case .unknown(let reason) = report.outcomes[1].judgement else {
            Issue.record("a run without budget was judged")
            return
        }
        #expect(reason.contains("500 events"))
    }

    @Test("An event that never comes to pass is no silent pass")
    func vacuous() throws {
        let report = try run(raft + "duration 3s\nexpect\n  within 1s after n2 crashed: one leader\n")
        #expect(report.verdict == .unknown)
    }

    @Test("What must never happen breaks the run when it happens; what sometimes happens is counted")
    func neverAndSometimes() throws {
        let report = try run(
            raft + """
                timeline
                  at 2s  crash leader
                duration 5s
                expect
                  never leader lost
                  sometimes leader changes
                  sometimes n2 restarted
                """)
        #expect(report.verdict == .broken)
        #expect(report.outcomes[1].occasions == 1)
        #expect(report.outcomes[2].occasions == 0)
    }

    @Test("A sweep breaks when something never happened in any seed, or a failure was never seen")
    func sweep() throws {
        let text =
            raft + """
                duration 2s
                expect
                  sometimes leader elected
                  sometimes n2 crashed
                  failure raft-safety
                """
        var sweep = try Sweep(prepare(text).scenario)
        for seed in 1...3 as ClosedRange<UInt64> { sweep.add(try run(text, seed: seed)) }
        #expect(sweep.missed.count == 2)
        #expect(sweep.verdict(isComplete: true) == .broken)
        #expect(sweep.runCount == 3)
    }

    @Test("A reaction strikes when its event comes to pass, each time or once, at once or later")
    func reactions() throws {
        let report = try run(
            raft + """
                timeline
                  when leader elected             crash leader for 400ms
                  whenever n1 restarted after 10ms    pause n1 for 100ms
                  when commit >= 3   crash n1 for 200ms
                workload kv
                  clients 1  rate 20/s
                duration 8s
                expect
                  always raft-safety
                  sometimes n1 paused
                  crashes >= 2
                """)
        #expect(report.verdict == .held)
        #expect(report.outcomes[1].occasions >= 1)
    }

    @Test("Seeded ranges are drawn once and shown in the scenario of the run")
    func drawn() throws {
        let text = "cluster\n  nodes 3..7\n  run raft\nnetwork\n  loss 0%..30%\nduration 1s\n"
        let runs = try (1...20 as ClosedRange<UInt64>).map { try prepare(text, seed: $0) }
        #expect(Set(runs.map { $0.simulation.nodeCount }).count > 2)
        for run in runs {
            #expect(run.scenario.cluster.nodeCount == Int64(run.simulation.nodeCount))
            #expect(run.scenario.network.conditions.loss?.value == run.simulation.network.base.loss)
        }
    }

    @Test("A limit ends the run early, and what was cut off is not judged")
    func limit() throws {
        let report = try run(
            raft + "duration 8s\nexpect\n  elections == 1\n  at end: no leader\n", until: seconds(2))
        #expect(report.end == seconds(2))
        #expect(report.outcomes[0].judgement == .holds)
        guard case .unknown = report.outcomes[1].judgement else {
            Issue.record("what was cut off was judged")
            return
        }
    }
}

@Suite("Faults of a scenario")
struct FaultTests {
    @Test("Clogs, cuts, degraded links, slow nodes, disks and clocks come and go with their duration")
    func comeAndGo() throws {
        let report = try run(
            """
            cluster
              nodes 5
              run raft
            disk
              fsync 1ms..2ms
            timeline
              at 1s     clog n1 -> any for 500ms
              at 2s     cut n1 <-> n2 for 500ms
              at 3s     loss 50% on any -> n3 for 500ms
              at 4s     slow n4 by 20x for 500ms
              at 5s     stall disk on n5 for 500ms
              at 6s     slow disk on n1 to 20ms..40ms for 500ms
              at 7s     clock n2 drift +500ppm for 500ms
              at 8s     clock n3 jump -2s
              at 8500ms clock n3 skew +200ms for 200ms
              at 9s     isolate random 2 for 500ms
              at 10s    partition ring for 500ms
              at 11s    partition bridge n3 for 500ms
              at 12s    partition halves for 500ms
              at 13s    latency constant 80ms on n1 -> any for 500ms
              at 14s    loss 100% of raft.append for 300ms
              at 15s    pause leader for 500ms
              at 16s    crash n2 losing unsynced for 500ms
            workload kv
              clients 3  rate 50/s
              until 20s
            duration 22s
            expect
              always raft-election-safety
              sometimes all clear
              within 2s after n2 restarted: one leader
              at end: caught up
            """)
        #expect(report.verdict == .held, "\(report.outcomes.map { $0.judgement })")
        #expect(report.outcomes[1].occasions >= 10)
    }

    @Test("A rule for all links of the network counts from the start, for nodes that start later too")
    func standingRules() throws {
        for links in ["any -> n3", "all -> n3", "all but n3 -> n3", "n1..n2 -> n3", "n3 -> n3"] {
            let report = try run(
                """
                cluster
                  nodes 3
                  run raft
                network
                  link \(links) loss 100%
                timeline
                  at 1s  start n3
                duration 4s
                expect
                  at end: commit >= 1
                  at end: caught up
                """)
            #expect(report.outcomes[0].judgement == .holds)
            #expect((report.outcomes[1].judgement == .holds) == (links == "n3 -> n3"), "\(links)")
        }
    }

    @Test("Heal everything brings every fault to an end")
    func healEverything() throws {
        let report = try run(
            """
            cluster
              nodes 5
              run raft
            timeline
              at 1s  partition {n1, n2} | {n3, n4, n5}
              at 1s  crash n3
              at 1s  pause n4
              at 1s  slow n5 by 100x
              at 1s  clog n1 -> n2
              at 1s  loss 90%
              at 4s  heal everything
            duration 8s
            expect
              always raft-safety
              within 2s after heal: one leader
              at end: caught up
              sometimes all clear
            """)
        #expect(report.verdict == .held)
        #expect(report.outcomes[3].occasions == 1)
    }

    @Test("Antagonists strike again and again and always clear up behind them")
    func chaos() throws {
        for kind in ["partitions", "crashes", "pauses", "slowdowns", "clogs", "cuts", "flaps", "stalls"] {
            let report = try run(
                """
                cluster
                  nodes 5
                  run raft
                timeline
                  chaos \(kind) every ~1s lasting ~400ms from 1s until 8s
                workload kv
                  clients 2  rate 30/s
                duration 12s
                expect
                  always raft-safety
                  at end: one leader
                  sometimes all clear
                """)
            #expect(report.verdict == .held, "chaos \(kind)")
            #expect(report.outcomes[2].occasions >= 3, "chaos \(kind)")
        }
    }

    @Test("A node that starts late is absent until then and then catches up")
    func lateStart() throws {
        let report = try run(
            """
            cluster
              nodes 4
              run gossip
              gossip interval 200ms
            timeline
              at 1s  set "config:theme" = "dark" on n1
              at 3s  start n4
            duration 8s
            expect
              within 3s after n4 started: n4 knows "config:theme" = "dark"
              at end: converged
            """)
        #expect(report.verdict == .held)
    }
}

@Suite("Gossip and membership in a scenario")
struct GossipScenarioTests {
    @Test("Writes on both sides of a split are on every node after it heals, and the quiet time is demanded")
    func split() throws {
        let text = """
            cluster
              nodes 6
              run gossip
              gossip interval 200ms
            timeline
              at 1s   partition {n1, n2, n3} | {n4, n5, n6}
              at 2s   set "a" = "left" on n1
              at 2s   set "a" = "right" on n4
              at 2s   set "b" = "only right" on n5
              at 4s   heal
            duration DURATION
            expect
              always gossip-safety
              always gossip-no-lost-write
              always gossip-convergence
              within 4s after heal: converged
            """
        let report = try run(text.replacing("DURATION", with: "12s"))
        #expect(report.verdict == .held)
        #expect(report.metrics.writes == 3)
        #expect(try run(text.replacing("DURATION", with: "5s")).verdict == .unknown)
    }

    @Test("A crashed node is found dead by everybody, and found alive again after its restart")
    func detection() throws {
        let report = try run(
            """
            cluster
              nodes 8
              run swim
              swim period 200ms  probe-timeout 80ms
            timeline
              at 3s   crash n3
              at 12s  restart n3
            duration 40s
            expect
              within 6s after n3 crashed: n3 dead everywhere
              within 10s after n3 restarted: n3 alive everywhere
              always swim-safety
              deaths == 7
            """)
        #expect(report.verdict == .held)
        #expect(report.metrics.detectionTime.count == 7)
    }

    @Test("A table has a cell for each combination, each with its measures")
    func cells() throws {
        let scenario = try prepare(
            """
            cluster
              nodes 3
              run gossip
            vary nodes 3, 5
            vary loss 0%, 10%, 20%
            timeline
              at 1s  set "k" = "v" on n1
            duration 10s
            measure
              time until all know "k"
              messages per node
            """
        ).scenario
        let cells = scenario.cells
        #expect(cells.count == 6)
        #expect(cells.map { $0.scenario.cluster.nodeCount } == [3, 3, 3, 5, 5, 5])
        for cell in cells {
            var run = Run(cell.scenario, seed: 1)
            _ = run.advance()
            #expect(run.report.measures.allSatisfy { ($0 ?? 0) > 0 })
        }
    }
}

@Suite("Traces")
struct TraceTests {
    @Test("Two traces are compared line by line")
    func difference() {
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        #expect(TraceDifference.first(bytes("a\nb\n"), bytes("a\nb\n")) == nil)
        #expect(
            TraceDifference.first(bytes("a\nbc\nd\n"), bytes("a\nbx\nd\n"))
                == TraceDifference(line: 2, left: "bc", right: "bx"))
        #expect(
            TraceDifference.first(bytes("a\n"), bytes("a\nb\n"))
                == TraceDifference(line: 2, left: "(the trace ends)", right: "b"))
    }

    @Test("A trace says the same each time, and tracing changes nothing")
    func tracing() throws {
        let source = Array(
            """
            scenario "a"
            cluster
              nodes 3
              run mesh
            timeline
              at 1s  crash n2 for 1s
            duration 4s
            """.utf8)
        let scenario = try Scenario.parse(source)
        var plain = Run(scenario, seed: 3)
        _ = plain.advance()
        var first = Run(scenario, seed: 3, trace: .jsonLines)
        _ = first.advance()
        var second = Run(scenario, seed: 3, trace: .jsonLines)
        while !second.advance(events: 100) {}
        let trace = first.takeTrace()
        #expect(plain.report.digest == first.report.digest)
        #expect(trace == second.takeTrace())
        let lines = trace.split(separator: 10)
        #expect(lines.count > Int(plain.report.events))
        #expect(lines.allSatisfy { $0.first == 123 && $0.last == 125 })
    }
}
