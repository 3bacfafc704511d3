import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("A group that sleeps, learners that found a group")
struct SleepTests {
    private func source(_ protocols: String, _ raft: String) -> String {
        """
        cluster
          nodes 3
          run \(protocols)
          raft \(raft)
        network
          latency 1ms..5ms
        timeline
          at 20s  crash leader
        duration 60s
        expect
          always raft-safety
          within 5s: asleep
          within 12s after crash: one leader

        """
    }

    @Test("It wakes when its leader dies as soon as a failure detector says so, by SWIM or by heartbeats")
    func detectors() throws {
        #expect(try run(source("raft, swim", "quiesce-after 4")).verdict == .held)
        let heartbeats = source("raft, heartbeat", "quiesce-after 4\n  heartbeat interval 1s  suspect 3s  dead 5s")
        #expect(try run(heartbeats).verdict == .held)
    }

    @Test("Without one it sleeps on, until the limit of its sleep")
    func limit() throws {
        let unwatched = try run(source("raft", "quiesce-after 4"))
        #expect(unwatched.verdict == .broken)
        #expect(unwatched.metrics.elections == 1)
        let limited = try run(source("raft", "quiesce-after 4  sleep-limit 5s"))
        #expect(limited.verdict == .held)
    }

    @Test("A sleeping group sends nothing at all; one that may not sleep beats on")
    func silence() throws {
        let asleep = try run(source("raft", "quiesce-after 4").replacing("at 20s", with: "at 59s"))
        let awake = try run(source("raft", "heartbeat 50ms").replacing("at 20s", with: "at 59s"))
        #expect(asleep.metrics.messages < 100)
        #expect(awake.metrics.messages > 4_000)
        #expect(awake.outcomes[1].judgement != .holds)
    }

    @Test("A learner that founds the group with the others follows it, and neither votes nor counts")
    func learners() throws {
        let report = try run(
            """
            cluster
              nodes 4
              run raft
              raft learner n4
            workload kv
              clients 2  rate 50/s
              from 1s until 3s
            timeline
              at 4s  crash n2, n3
              at 5s  propose "x" on n1
            duration 10s
            expect
              always raft-safety
              within 3s: voters n1..n3
              within 3s: caught up
              at end: no leader
            """)
        #expect(report.verdict == .held, "\(report.outcomes.map { $0.judgement })")
        #expect(report.metrics.membershipChanges == 0)
    }
}
