import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("always linearizable")
struct LinearizableTests {
    private let raft = "cluster\n  nodes 3\n  run raft\nnetwork\n  latency 5ms\n"
    private let clients = "workload kv\n  clients 4  rate 100/s  keys 2\n  from 1s until 7s\n"
    private let demand = "duration 8s\nexpect\n  always linearizable\n"

    /// All disks are lost in the middle, so what was acknowledged is forgotten; the checkers of Raft are not asked.
    private let amnesia = "timeline\n  at 4s crash all wiped\n  at 4100ms restart crashed\n"

    @Test("A cluster with crashes and cuts holds, and keeping the history changes nothing in the run")
    func holds() throws {
        let faults = "timeline\n  every 2s from 2s until 6s crash leader for 300ms\n  at 3s isolate n2 for 1s\n"
        let judged = try run(raft + clients + faults + demand)
        #expect(judged.verdict == .held)
        let plain = try run(raft + clients + faults + "duration 8s\nexpect\n  always raft-safety\n")
        #expect(judged.digest == plain.digest && judged.events == plain.events)
    }

    @Test("A forgotten write is found, and the evidence names the operations and ends with the one that fits nowhere")
    func broken() throws {
        let report = try run(raft + clients + amnesia + demand)
        #expect(report.verdict == .broken)
        let violation = try #require(report.violation)
        #expect(violation.promise == LinearizabilityPromises.linearizable)
        #expect(violation.text.contains("have a legal order, after which it holds v0."))
        let last = try #require(violation.evidence.last)
        #expect(violation.evidence.count == 9)
        #expect(last.text.contains("read absent, called at 4."))
        #expect(last.time > Instant(nanoseconds: 4_100_000_000) && last.event > 0 && last.node != NodeID(0))
        #expect(violation.evidence.allSatisfy { $0.text.contains("client") })
        let failure = try run(raft + clients + amnesia + "duration 8s\nexpect\n  failure linearizable\n")
        #expect(failure.verdict == .held)
        guard case .holds = failure.outcomes[0].judgement else {
            Issue.record("the failure was not noticed")
            return
        }
    }

    @Test("A run that is cut short is broken only by what happened until then")
    func until() throws {
        let early = Instant(nanoseconds: 4_000_000_000)
        #expect(try run(raft + clients + amnesia + demand, until: early).verdict == .held)
        let spent = try run(raft + clients + amnesia + demand + "budget events 6000\n")
        #expect(spent.verdict == .broken)
    }

    @Test("Without an answer, or without enough checks, there is no verdict")
    func unknown() throws {
        let silent = try run(raft + demand)
        #expect(silent.verdict == .unknown)
        #expect(reason(silent)?.contains("no client was answered") == true)
        let spent = try run(raft + clients + demand + "budget checks 10\n")
        #expect(spent.verdict == .unknown)
        #expect(reason(spent)?.hasPrefix("the budget of 10 checks was spent before the history of key k") == true)
    }

    @Test("A refused operation must not take effect, and one that nobody answered may")
    func refused() throws {
        // A minority refuses or swallows what it is asked; both kinds occur, and the history explains all of it.
        let split = "timeline\n  at 2s isolate leader\n  at 5s heal everything\n"
        let report = try run(raft + clients + split + demand)
        #expect(report.verdict == .held)
        #expect(report.metrics.committed < report.metrics.proposals)
    }

    @Test("Proposals are judged as well, and the checker needs Raft")
    func proposals() throws {
        let report = try run(raft + "workload propose\n  clients 2  rate 20/s\n" + demand)
        #expect(report.verdict == .held)
        let source = "scenario \"a\"\ncluster\n  nodes 3\n  run swim\nduration 3s\nexpect\n  always linearizable\n"
        #expect(throws: Scenario.ParseFailure.self) { try Scenario.parse(Array(source.utf8)) }
    }

    private func reason(_ report: Report) -> String? {
        if case .unknown(let reason) = report.outcomes[0].judgement { reason } else { nil }
    }
}
