import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("Walking through a run")
struct DebuggerTests {
    private static let text = """
        scenario "an example for walking"
        duration 4s
        cluster
          nodes 3
          run raft
        network
          latency 1ms..5ms
          loss 2%
        workload kv
          clients 2
          rate 50/s
        timeline
          at 2s crash leader losing unsynced for 500ms
        expect
          always raft-safety
        """

    private static func scenario() throws -> Scenario { try Scenario.parse(Array(text.utf8)) }

    private static func digest(_ scenario: Scenario, until time: Instant) -> Digest {
        var run = Run(scenario, seed: 3, until: time)
        _ = run.advance()
        return run.simulation.digest
    }

    @Test("However one walks, the run at an event is the same", arguments: [1, 17, 499, 500, 501, 1_203])
    func anyPace(target: UInt64) throws {
        let scenario = try Self.scenario()
        var direct = Debugger(scenario, seed: 3)
        _ = direct.step(target - min(target, direct.run.eventCount))
        var single = Debugger(scenario, seed: 3)
        while single.run.eventCount < direct.run.eventCount { _ = single.step() }
        var back = Debugger(scenario, seed: 3)
        _ = back.step(direct.run.eventCount + 700 - back.run.eventCount)
        back.back(back.run.eventCount - direct.run.eventCount)
        for other in [single, back] {
            #expect(other.run.eventCount == direct.run.eventCount)
            #expect(other.run.simulation.digest == direct.run.simulation.digest)
        }
        direct.finish()
        back.finish()
        #expect(direct.run.isOver && back.run.isOver)
        var whole = Run(scenario, seed: 3)
        _ = whole.advance()
        #expect(direct.run.report.digest == whole.report.digest && back.run.report.digest == whole.report.digest)
    }

    @Test("Going to a time leaves what happens at it undone")
    func time() throws {
        let scenario = try Self.scenario()
        var debugger = Debugger(scenario, seed: 3)
        let time = Instant.zero + .seconds(2)
        #expect(!debugger.go(to: time) && debugger.run.now == time)
        #expect(debugger.run.simulation.digest == Self.digest(scenario, until: time))
        #expect(!debugger.overview.contains { $0.contains("crashed") })
        _ = debugger.go(to: time + .milliseconds(1))
        #expect(debugger.overview.count { $0.contains("crashed") } == 1)
    }

    @Test("Going until an event stops where it comes to pass, and says when it never does")
    func events() throws {
        var debugger = Debugger(try Self.scenario(), seed: 3)
        #expect(try debugger.go(until: "leader elected"))
        #expect(debugger.overview.count { $0.contains("leader in term") } == 1)
        #expect(try debugger.go(until: "commit >= 20"))
        let committed = debugger.run.simulation.nodes.map {
            debugger.run.simulation[$0].raft?.commitIndex.rawValue ?? 0
        }
        #expect(committed.max() == 20)
        #expect(try debugger.go(until: "any crashed") && debugger.run.now == .zero + .seconds(2))
        #expect(try !debugger.go(until: "commit >= 100000") && debugger.run.isOver)
    }

    @Test("What is done by hand leaves the past as it was, and replays from the exported scenario")
    func otherFutures() throws {
        let scenario = try Self.scenario()
        var debugger = Debugger(scenario, seed: 3)
        _ = debugger.go(to: .zero + .milliseconds(1_500))
        var other = debugger
        try other.perform("partition leader | rest for 1s")
        _ = debugger.go(to: .zero + .seconds(3))
        _ = other.go(to: .zero + .seconds(3))
        #expect(debugger.run.simulation.digest == Self.digest(scenario, until: .zero + .seconds(3)))
        #expect(debugger.run.simulation.digest != other.run.simulation.digest)
        let exported = try Scenario.parse(Array(other.exported().description.utf8))
        #expect(exported.seeds[0] == 3 && exported.timeline.count == 2)
        #expect(Self.digest(exported, until: .zero + .seconds(3)) == other.run.simulation.digest)
        let short = try Scenario.parse(Array(other.exported(endsHere: true).description.utf8))
        var run = Run(short, seed: 3)
        _ = run.advance()
        #expect(run.now == .zero + .seconds(3) && run.report.digest == other.run.simulation.digest)
    }

    @Test("A node shows its state and log, the network what is under way")
    func views() throws {
        var debugger = Debugger(try Self.scenario(), seed: 3)
        #expect(try debugger.go(until: "commit >= 20"))
        let leader = try #require(
            debugger.run.simulation.nodes.first { debugger.run.simulation[$0].raft?.role == .leader })
        let details = try #require(debugger.details(of: leader))
        #expect(details[0].contains("leader in term") && details.count { $0.contains("holds up to") } >= 2)
        let log = try #require(debugger.log(of: leader, last: 5))
        #expect(log.count == 5 && log.contains { $0.hasPrefix("  20/") && $0.hasSuffix(" committed") })
        #expect(debugger.details(of: NodeID(9)) == nil && debugger.log(of: NodeID(9)) == nil)
        let sent = debugger.run.simulation.messagesUnderWay
        #expect(!sent.isEmpty && sent.count == debugger.messages.count)
        #expect(zip(sent, sent.dropFirst()).allSatisfy { ($0.arrival ?? .zero) <= ($1.arrival ?? .zero) })
        _ = debugger.step(50)
        #expect(debugger.run.simulation.messagesUnderWay.allSatisfy { ($0.arrival ?? .zero) >= debugger.run.now })
    }

    @Test("What the language does not know is refused with its place, and a run that is over takes nothing")
    func mistakes() throws {
        var debugger = Debugger(try Self.scenario(), seed: 3)
        for line in ["fly away", "crash n9", ""] {
            #expect(throws: Debugger.Complaint.self) { try debugger.perform(line) }
        }
        #expect(throws: Debugger.Complaint.self) { _ = try debugger.go(until: "n9 crashed") }
        debugger.finish()
        #expect(throws: Debugger.Complaint.self) { try debugger.perform("crash n1") }
    }
}
