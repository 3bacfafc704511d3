import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("A group that is left alone settles")
struct SettlesTests {
    private func source(_ raft: String, _ network: String) -> String {
        """
        cluster
          nodes 3
          run raft
          raft \(raft)
        network
          latency 1ms..5ms
          \(network)
        workload kv
          clients 2  rate 50/s
          from 1s until 3s
        duration 12s
        expect
          always raft-settles

        """
    }

    private func violation(_ raft: String, _ network: String) throws -> Violation? {
        let report = try run(source(raft, network))
        #expect(report.verdict == .broken, "\(report.outcomes.map { $0.judgement })")
        return report.violation
    }

    @Test("A group on a network that is quicker than its patience settles")
    func sound() throws {
        #expect(try run(source("election-timeout 100ms..200ms  heartbeat 30ms", "loss 1%")).verdict == .held)
    }

    @Test("A group whose votes never arrive is found to have no leader")
    func noLeader() throws {
        let violation = try violation("pre-vote off", "loss 100% of raft.voteReply")
        #expect(violation?.promise == RaftPromises.settles)
        #expect(violation?.text == "no leader is followed by a majority")
    }

    @Test("A group whose leader is heard too late by everyone is found to have none that lasts")
    func impatient() throws {
        let violation = try violation("election-timeout 5ms..6ms  heartbeat 2ms", "link all -> all latency 40ms")
        #expect(violation?.promise == RaftPromises.settles)
    }

    @Test("A member that is never brought up to date is found, and how far it came")
    func leftBehind() throws {
        let violation = try violation("priority n1 5", "link any -> n3 loss 100% of raft.append")
        #expect(violation?.promise == RaftPromises.settles)
        #expect(violation?.text.hasPrefix("n3 has applied up to 0; ") == true, "\(violation?.text ?? "")")
        #expect(violation?.text.hasSuffix(" was committed a second ago") == true)
    }

    @Test("Without a majority nothing can settle, and nothing is asked")
    func minority() throws {
        let crash = "timeline\n  at 4s  crash n1, n2\n"
        let text = source("heartbeat 50ms", "loss 1%").replacing("expect\n", with: crash + "expect\n")
        #expect(try run(text).outcomes.first?.judgement == .holds)
    }
}
