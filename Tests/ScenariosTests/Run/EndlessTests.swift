import MeshCore
import Scenarios
import Simulator
import Testing

private func seconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

@Suite("Nothing in a scenario goes on for ever")
struct EndlessTests {
    private func source(_ timeline: String, budget: Int64? = nil) -> String {
        """
        cluster
          nodes 3
          run raft
        \(budget.map { "budget events \($0)" } ?? "")
        duration 20s
        timeline
          \(timeline)
        expect
          at end: one leader

        """
    }

    private func reason(_ report: Report) throws -> String {
        #expect(report.verdict == .unknown)
        guard case .unknown(let reason) = try #require(report.outcomes.first).judgement else {
            Issue.record("a run without an end was judged")
            return ""
        }
        return reason
    }

    @Test("A line that sets itself off at one instant ends the run without a verdict, and is named")
    func reaction() throws {
        let report = try run(source("at 1s  heal\n  whenever heal  heal"))
        let reason = try reason(report)
        #expect(report.end == seconds(1))
        #expect(reason.hasPrefix("the timeline acts without end at 1s"))
        #expect(reason.contains("\"whenever heal  heal\""))
    }

    @Test("Two lines that double each other at one instant end the run as soon")
    func doubling() throws {
        let reason = try reason(run(source("at 1s  heal\n  whenever heal  heal\n  whenever heal  heal")))
        #expect(reason.contains("at 1s, most of all by \"whenever heal  heal\""))
    }

    @Test("Crashes that multiply with every restart spend the budget, and the line that does it is named")
    func multiplying() throws {
        let lines = "at 1s  crash all for 50ms\n  whenever any restarted  crash all for 50ms"
        let report = try run(source(lines, budget: 300))
        let reason = try reason(report)
        #expect(report.events < 300)
        #expect(reason.hasPrefix("the budget of 300 events was spent at 1."))
        #expect(reason.contains("most of all by \"whenever any restarted  crash all cleanly for 50ms\""), "\(reason)")
    }

    @Test("A line that is repeated every nanosecond spends the budget though no machine takes an input")
    func everyNanosecond() throws {
        let reason = try reason(run(source("every 1ns  heal", budget: 5_000)))
        #expect(reason.contains("of them for what the scenario itself did, most of all by \"every 1ns  heal\""))
    }

    @Test("Clients that turn to a cluster of which nobody is up spend the budget")
    func clients() throws {
        let text = source("at 0s  crash all", budget: 5_000) + "workload kv\n  clients 100  rate 1000000/s\n"
        let report = try run(text)
        #expect(try reason(report).hasPrefix("the budget of 5000 events was spent"))
        #expect(report.events < 100)
    }

    @Test("A machine with a timer that runs out at once spends the budget")
    func machine() throws {
        let text = source("at 1s  heal", budget: 5_000)
            .replacing("run raft", with: "run raft\n  raft election-timeout 1ms..2ms  heartbeat 1ns")
        let report = try run(text)
        #expect(try reason(report) == "the budget of 5000 events was spent at \(report.end)")
        #expect(report.events == 5_000)
    }

    @Test("A run that does much looks up on its way, and goes on as if it had not")
    func pieces() throws {
        let text = source("every 1us  heal", budget: 50_000)
        var whole = try prepare(text, seed: 3)
        _ = whole.advance()
        var pieces = try prepare(text, seed: 3)
        var count = 0
        while !pieces.advance(events: 1_000) { count += 1 }
        #expect(count >= 2)
        #expect(whole.report.digest == pieces.report.digest)
        #expect(whole.report.end == pieces.report.end)
        #expect(try reason(whole.report) == reason(pieces.report))
    }
}
