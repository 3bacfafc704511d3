import Foundation
import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("Exports of a trace")
struct ExportTests {
    /// Three nodes; a message that arrives twice, one that is lost, one that is taken late, and a crash.
    private static let trace = #"""
        {"t":1000,"e":1,"n":"n1","in":"timer","what":"tick",
         "fx":["send n2 ping 1","send n3 ping 1","output \"hi\"; #1"]}
        {"t":1000,"e":1,"n":"n1","ev":"message to n3 is lost","by":1}
        {"t":2500,"e":2,"n":"n2","in":"receive","from":"n1","by":1,"what":"ping 1",
         "fx":["persist #1 seen","send n1 pong 1"]}
        {"t":2500,"e":3,"n":"n2","in":"receive","from":"n1","by":1,"what":"ping 1","fx":[]}
        {"t":2600,"e":4,"n":"n3","in":"timer","what":"tick","fx":["set tick at 99"]}
        {"t":3000,"e":4,"n":"n3","ev":"crashes"}
        {"t":4000,"e":5,"n":"n1","in":"receive","from":"n2","by":2,"what":"pong 1","fx":[]}

        """#

    private static func story(_ trace: String = trace) throws -> Exports.Story {
        Exports.Story(try Exports.records(of: Array(trace.utf8)))
    }

    private static func run(_ seed: UInt64) throws -> [UInt8] {
        let scenario = try Scenario.parse(Array(text.utf8))
        var run = Run(scenario, seed: seed, trace: .jsonLines)
        _ = run.advance()
        return run.takeTrace()
    }

    private static let text = """
        scenario "an example for exports"
        cluster
          nodes 3
          run raft
        network
          latency 1ms..5ms
          loss 5%
          duplicate 5%
        workload kv
          clients 2
          rate 50/s
        timeline
          at 1s crash leader for 1s
        expect
          always linearizable
        """

    @Test("A message meets the step that takes it, twice if it was doubled, or its loss")
    func messages() throws {
        let story = try Self.story()
        #expect(story.nodes == ["n1", "n2", "n3"])
        #expect(story.messages.map { $0.text } == ["ping 1", "ping 1", "pong 1"])
        #expect(story.messages.map { $0.takings } == [[2, 3], [], [6]])
        #expect(story.messages.map { $0.loss } == [nil, 1, nil])
    }

    @Test("As text, arrows lead from column to column and quiet steps are left out")
    func diagram() throws {
        let lines = String(decoding: try Self.story().text(), as: UTF8.self).split(separator: "\n")
        #expect(
            lines == [
                "              n1  n2  n3  ", "         1us  *   |   |   timer tick",
                "              |   |   |     \"hi\"; #1",
                "         1us  o-------x   lost: ping 1", "       2.5us  o--->   |   ping 1",
                "              |   |   |     persist #1 seen", "       2.5us  o--->   |   ping 1",
                "         3us  |   |   *   crashes", "         4us  <---o   |   pong 1",
            ])
    }

    @Test(
        "ShiViz's rules hold, also in a window: clocks begin at 1, rise by 1, and know only hosts with events",
        arguments: [1, 2, 3])
    func shiviz(seed: UInt64) throws {
        let whole = try Self.story(String(decoding: Self.run(seed), as: UTF8.self))
        try checkClocks(whole, atLeast: 500)
        try checkClocks(whole.window(from: .zero + .seconds(2), to: .zero + .milliseconds(2_500)), atLeast: 50)
    }

    private func checkClocks(_ story: Exports.Story, atLeast count: Int) throws {
        let text = String(decoding: story.shiviz(), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})" && lines[1].isEmpty && lines.last == "")
        var own: [String: Int] = [:]
        var seen: [[String: Int]] = []
        for line in stride(from: 3, to: lines.count - 1, by: 2) {
            let host = String(lines[line].prefix { $0 != " " })
            let clock = try #require(
                JSONSerialization.jsonObject(with: Data(lines[line].dropFirst(host.count + 1).utf8)) as? [String: Int])
            own[host, default: 0] += 1
            #expect(clock[host] == own[host], "\(lines[line])")
            seen.append(clock)
        }
        #expect(own.count == 3 && seen.count > count)
        #expect(seen.allSatisfy { $0.allSatisfy { $0.value <= own[$0.key] ?? 0 } })
        #expect(seen.last.map { $0.count } == 3, "in the end everybody has heard of everybody")
    }

    @Test(
        "Perfetto gets JSON whose slices follow each other, and arrows that begin and end in slices",
        arguments: [1, 2])
    func perfetto(seed: UInt64) throws {
        let story = try Self.story(String(decoding: Self.run(seed), as: UTF8.self))
        let object = try JSONSerialization.jsonObject(with: Data(story.perfetto())) as? [String: Any]
        let events = try #require(object?["traceEvents"] as? [[String: Any]])
        var ends: [Int: Double] = [:]
        var starts: Set<String> = []
        var flows: [String: Set<Int>] = [:]
        for event in events {
            let (phase, node) = (event["ph"] as? String ?? "", event["pid"] as? Int ?? 0)
            guard phase != "M", let time = event["ts"] as? Double else { continue }
            if phase == "X" {
                let length = try #require(event["dur"] as? Double)
                #expect(length > 0 && time >= ends[node] ?? 0)
                ends[node] = time + length - 0.000_01
                starts.insert("\(node) \(time)")
            } else if phase == "s" || phase == "f" {
                #expect(starts.contains("\(node) \(time)"), "no slice encloses the arrow's end at \(time) on \(node)")
                flows[phase, default: []].insert(try #require(event["id"] as? Int))
            }
        }
        #expect(flows["s"] == flows["f"] && flows["s"]?.count == story.messages.filter { !$0.takings.isEmpty }.count)
        #expect(ends.count == 3)
    }

    @Test("A sequence diagram escapes what Mermaid would misread, and stays below its limit")
    func mermaid() throws {
        let small = String(decoding: try Self.story().mermaid(), as: UTF8.self)
        #expect(small.hasPrefix("sequenceDiagram\n    participant n1\n"))
        #expect(small.contains("    n1--xn3: ping 1\n") && small.contains("    n2->>n1: pong 1\n"))
        #expect(small.contains("    Note over n1: \"hi\"#59; #35;1\n"))
        let large = try Self.story(String(decoding: Self.run(1), as: UTF8.self)).mermaid()
        #expect(large.count < Exports.Story.mermaidLimit && large.count > Exports.Story.mermaidLimit * 9 / 10)
        #expect(String(decoding: large.suffix(60), as: UTF8.self).contains("more events: choose a shorter time"))
    }

    @Test("A window keeps all nodes, and the messages of its events, also those sent before")
    func window() throws {
        let part = try Self.story().window(from: Instant(nanoseconds: 2_000), to: Instant(nanoseconds: 3_500))
        #expect(part.nodes.count == 3 && part.events.count == 4)
        #expect(part.messages.map { $0.text } == ["ping 1", "pong 1"])
        #expect(part.messages.map { $0.sending } == [nil, 0] && part.messages.map { $0.takings } == [[0, 1], []])
        #expect(part.events[0].message == 0 && part.events[0].sent == 1..<2)
        #expect(try Self.story().window(from: .zero, to: Instant(nanoseconds: 9_999)).messages.count == 3)
    }

    @Test("A graph has every loud event once, and an edge for each arrival and loss")
    func dot() throws {
        let text = String(decoding: try Self.story().dot(), as: UTF8.self)
        #expect(text.hasPrefix("digraph run {") && text.hasSuffix("}\n"))
        #expect(text.components(separatedBy: "[label=").count - 1 == 6)
        #expect(text.contains("e1 -> e3 [color=blue]") && text.contains("e1 -> e4 [color=blue]"))
        #expect(text.contains("e1 -> e2 [color=red, style=dashed]"))
    }

    @Test("The history of the clients is judged as the run judges it", arguments: 1...5 as ClosedRange<UInt64>)
    func jepsen(seed: UInt64) throws {
        var run = Run(try Scenario.parse(Array(Self.text.utf8)), seed: seed)
        _ = run.advance()
        let history = try Histories.parse(try #require(run.jepsenHistory), .edn, model: .keyValue)
        #expect(history.operations.count > 50)
        let result = Linearizability.check(history.operations, model: .keyValue, budget: 1_000_000)
        #expect(result.verdict == .holds)
        var broken = history.operations
        let read = try #require(broken.lastIndex { if case .read(.some) = $0.action { true } else { false } })
        broken[read].action = .read(.text("nobody wrote this"))
        let other = Linearizability.check(broken, model: .keyValue, budget: 1_000_000)
        #expect(other.verdict != .holds)
    }

    @Test(
        "What is no trace is refused with its place",
        arguments: [
            ("[1]", "a line of a trace is a JSON object"), (#"{"t":1,"e":1}"#, "the line has no \"n\""),
            (#"{"t":"x","e":1,"n":"n1"}"#, "\"t\" is no number"),
            (#"{"t":1,"e":1,"n":"n1"}"#, "the line has no \"in\""),
            (#"{"t":99999999999999999999,"e":1,"n":"n1"}"#, "\"t\" is no number"),
        ])
    func mistakes(trace: String, message: String) throws {
        let error = #expect(throws: Scenario.ParseError.self) { try Exports.records(of: Array(trace.utf8)) }
        #expect(try #require(error).message.hasPrefix(message) && error?.location.line == 1)
    }
}
