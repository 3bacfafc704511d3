import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("Clients with sessions, retries and reads by index")
struct ReadsTests {
    private func source(_ raft: String, _ workload: String, _ rest: String) -> String {
        """
        cluster
          nodes 3
          run raft
          \(raft)
        network
          latency 1ms..9ms
        workload kv
          clients 6  rate 200/s  keys 2
          \(workload)
          from 1s until 7s
        duration 8s
        \(rest)

        """
    }

    @Test("Reads by index are fewer entries than reads through the log, and a lease is fewer messages than a round")
    func cost() throws {
        let mix = "mix put 10% get 90%"
        let rest = "expect\n  always linearizable\n"
        let log = try run(source("raft heartbeat 50ms", mix, rest))
        let index = try run(source("raft heartbeat 50ms", mix + "\n  reads index", rest))
        let lease = try run(source("raft lease-drift 5%", mix + "\n  reads index", rest))
        for report in [log, index, lease] {
            #expect(report.verdict == .held)
            #expect(report.metrics.committed > 1_000)
        }
        #expect(index.metrics.commit < log.metrics.commit / 4)
        #expect(lease.metrics.messages < index.metrics.messages * 3 / 4)
    }

    @Test("A clock beyond the bound of a lease makes reads stale, a clock within it does not")
    func bound() throws {
        let faults = """
            timeline
              every 1500ms from 1500ms until 6s  clock leader drift -660000ppm for 1400ms
              every 1500ms from 2s until 6s  isolate leader for 800ms
            expect
              always linearizable
            """
        var broken = 0
        for seed in 1...UInt64(5) {
            let outside = source(
                "raft lease-drift 10%", "mix put 50% get 50%  reads index  sessions on  retry 200ms", faults)
            if try run(outside, seed: seed).verdict == .broken { broken += 1 }
            let inside = outside.replacing("-660000ppm", with: "-100000ppm")
            #expect(try run(inside, seed: seed).verdict == .held)
        }
        #expect(broken >= 2)
    }

    @Test("A write that is asked for again counts twice without a session and once with one")
    func sessions() throws {
        let rest = "timeline\n  every 1s from 2s until 6s  crash leader for 300ms\nexpect\n  always exactly-once\n"
        let bare = source("raft snapshot-after 20", "mix put 70% get 30%  retry 40ms", rest)
        let report = try run(bare)
        #expect(report.verdict == .broken)
        #expect(report.violation?.promise == ExactlyOncePromises.exactlyOnce)
        let kept = source("raft snapshot-after 20", "mix put 70% get 30%  retry 40ms  sessions on", rest)
        for seed in 1...UInt64(4) { #expect(try run(kept, seed: seed).verdict == .held) }
    }

    @Test("A lease that cannot come of the settings is refused where the last of them stands")
    func refused() throws {
        let head = "scenario \"a\"\ncluster\n  nodes 3\n  run raft\n"
        for wrong in [
            "  raft lease-drift 60%\n", "  raft check-quorum off  lease-drift 5%\n",
            "  raft lease-drift 5%  check-quorum off\n", "  raft lease-drift 30%  heartbeat 90ms\n",
        ] {
            let text = head + wrong + "duration 3s\nexpect\n  always raft-safety\n"
            #expect(throws: Scenario.ParseFailure.self) { try Scenario.parse(Array(text.utf8)) }
        }
        let gossip = "scenario \"a\"\ncluster\n  nodes 3\n  run mesh\nworkload gossip\n  sessions on\nduration 3s\n"
        #expect(throws: Scenario.ParseFailure.self) { try Scenario.parse(Array(gossip.utf8)) }
    }
}
