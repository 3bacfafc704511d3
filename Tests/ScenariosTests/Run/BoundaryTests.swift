import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("Other dice from a moment on")
struct ReseedTests {
    private let body = """
        cluster
          nodes 3
          run raft, swim, gossip
        network
          latency 1ms..20ms
          loss 5%
        disk
          fsync 1ms..5ms
        workload kv
          clients 2  rate 50/s
        duration 6s
        timeline
          chaos crashes losing unsynced every ~1s lasting ~300ms
          LINE
        expect
          always raft-safety

        """

    private func run(_ line: String, seed: UInt64 = 1) throws -> Run {
        try prepare(body.replacing("LINE", with: line), seed: seed)
    }

    @Test("Until then nothing is different, and afterwards other seeds differ")
    func parts() throws {
        var digests: [UInt64] = []
        for line in ["at 3s  reseed 7", "at 3s  reseed 8", "at 3s  pause n1 for 1ns"] {
            var run = try run(line)
            _ = run.advance(to: Instant(nanoseconds: 3_000_000_000))
            let before = try self.run("at 3s  reseed 9")
            var other = before
            _ = other.advance(to: Instant(nanoseconds: 3_000_000_000))
            #expect(run.simulation.digest == other.simulation.digest)
            _ = run.advance()
            digests.append(run.report.digest.value)
            #expect(run.report.verdict == .held)
        }
        #expect(Set(digests).count == 3)
    }

    @Test("Elections, links, disks and the timeline all follow the new seed")
    func everything() throws {
        // The first election is under way when the dice change; the second one is not.
        func changes(_ line: String, seed: UInt64 = 1) throws -> Instant? {
            let text = "cluster\n  nodes 3\n  run raft\ntimeline\n  \(line)\n  at 2s  crash leader\n"
            var run = try prepare(text, seed: seed)
            return run.advance(to: .leaderChanges) ? run.now : nil
        }
        let first = try #require(try changes("at 1s  reseed 5"))
        #expect(try first == changes("at 1s  reseed 5"))
        #expect(try first != changes("at 1s  reseed 6"))
        #expect(try first != changes("at 1s  pause n1 for 1ns"))
    }

    @Test("It is no disturbance: a quiet end stays quiet")
    func quiet() throws {
        let timeline = "timeline\n  at 1s  crash n1 for 1s\n  at 11s  reseed 5\n"
        let text = "cluster\n  nodes 3\n  run raft\nduration 12s\n" + timeline + "expect\n  always raft-settles\n"
        #expect(try ScenariosTests.run(text).verdict == .held)
    }
}

@Suite("A crash at a sync")
struct SyncCrashTests {
    private let body = """
        cluster
          nodes 1
          run raft
        disk
          fsync 1ms
        workload kv
          clients 1  rate 20/s
          until 2s
        duration 4s
        timeline
          at 0s  LINE
        expect
          always raft-safety
          always linearizable

        """

    private func run(_ line: String) throws -> Run {
        var run = try prepare(body.replacing("LINE", with: line))
        _ = run.advance()
        return run
    }

    @Test("It comes exactly at the boundary: before it, one sync less has taken effect")
    func boundary() throws {
        for count in 1...12 as ClosedRange<UInt64> {
            let before = try run("crash n1 before sync \(count) losing unsynced")
            let after = try run("crash n1 after sync \(count) losing unsynced")
            #expect(before.simulation.syncCount(of: NodeID(1)) == count - 1)
            #expect(after.simulation.syncCount(of: NodeID(1)) == count)
            for run in [before, after] {
                #expect(run.simulation.status(of: NodeID(1)) == .crashed)
                #expect(run.report.metrics.crashes == 1)
                #expect(run.report.verdict != .broken, "\(count): \(run.report.outcomes.map(\.judgement))")
            }
        }
    }

    @Test("The node is down for as long as it says, and then goes on with what it had promised")
    func restarts() throws {
        let run = try run("crash n1 before sync 9 losing unsynced for 300ms")
        #expect(run.report.metrics.restarts == 1)
        #expect(run.simulation.status(of: NodeID(1)) == .running)
        #expect(run.report.verdict == .held)
        #expect(run.report.metrics.committed > 20)
    }

    @Test("Healing everything takes it back, and a sync that never comes crashes nobody")
    func disarmed() throws {
        #expect(try run("crash n1 before sync 9\n  at 1ms  heal everything").report.metrics.crashes == 0)
        #expect(try run("crash n1 before sync 100000").report.metrics.crashes == 0)
    }

    @Test("What was counted from a later moment is counted from there")
    func later() throws {
        var early = try prepare(body.replacing("LINE", with: "crash n1 before sync 100000"))
        _ = early.advance(to: Instant(nanoseconds: 1_000_000_000))
        let syncs = early.simulation.syncCount(of: NodeID(1))
        let run = try run("pause n1 for 1ns\n  at 1s  crash n1 after sync 2")
        #expect(run.simulation.syncCount(of: NodeID(1)) == syncs + 2)
    }
}

@Suite("Links with priorities")
struct LinkPriorityTests {
    private func body(_ schedule: String) -> String {
        "cluster\n  nodes 3\n  run raft\nnetwork\n  latency 1ms\n  \(schedule)\nworkload kv\n  clients 2  rate 50/s\n"
            + "  until 3s\nduration 5s\nexpect\n  always raft-safety\n  always linearizable\n"
    }

    @Test("Messages wait up to the bound, each link for a time of its own, and nothing breaks")
    func waits() throws {
        let quick = try run(body(""))
        let slow = try run(body("schedule pct depth 3 delay 60ms period 200"))
        #expect(slow.verdict == .held && quick.verdict == .held)
        #expect(quick.metrics.commitLatency.statistic(.max) < Interval.milliseconds(10))
        #expect(slow.metrics.commitLatency.statistic(.max) > Interval.milliseconds(30))
        // A round trip takes two waits at most.
        #expect(slow.metrics.committed > 40)
    }

    @Test("A schedule is drawn from the seed alone, and another depth is another run")
    func drawn() throws {
        let text = body("schedule pct depth 3 delay 20ms period 100")
        #expect(try run(text).digest == run(text).digest)
        #expect(try run(text).digest != run(body("schedule pct depth 2 delay 20ms period 100")).digest)
        #expect(try run(text).digest != run(text, seed: 2).digest)
    }

    @Test("A run without delay is the run without a schedule")
    func nothing() throws {
        #expect(try run(body("schedule pct depth 3 delay 1ns period 100")).digest == run(body("")).digest)
    }
}
