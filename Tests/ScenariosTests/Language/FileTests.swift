import MeshCore
import Scenarios
import Testing

/// The mistakes in the bytes of a file, as the command line shows them.
private func errors(in source: [UInt8]) -> String {
    do {
        return "no error: \(try Scenario.parse(source))"
    } catch {
        return error.render(source: source, file: "t.mesh")
    }
}

@Suite("Files as editors and cables leave them")
struct FileTests {
    private let head = "scenario \"t\"\ncluster\n  nodes 3\n  run mesh\n"

    @Test("line ends of Windows, a byte order mark and tabs change nothing")
    func lineEnds() throws {
        let plain = try read(RoundTripTests.example)
        let windows = Array(RoundTripTests.example.utf8).flatMap { $0 == 0x0a ? [0x0d, 0x0a] : [$0] }
        #expect(try Scenario.parse([0xef, 0xbb, 0xbf] + windows) == plain)
        let tabs = RoundTripTests.example.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("  ") ? "\t" + $0.dropFirst(2) : $0 }.joined(separator: "\n")
        #expect(try read(tabs) == plain)
    }

    @Test("a line end of Windows does not stretch the caret")
    func windowsCaret() {
        let shown = errors(in: Array("scenario \"t\"\r\ncluster nodes 3 run raf\r\n".utf8))
        #expect(
            shown == """
                t.mesh:2:21: error: expected a protocol such as raft, swim, heartbeat, gossip or mesh, found "raf"
                cluster nodes 3 run raf
                                    ^~~
                did you mean "raft"?

                """)
    }

    @Test("what follows the last line end may be missing, and so may the sections' own lines")
    func lastLine() throws {
        let short = try read("scenario \"t\"\ncluster nodes 3 run raft\ntimeline at 2s heal\nexpect always raft-safety")
        #expect(short.timeline == [.event(Scenario.TimelineEvent(.at(.fixed(.seconds(2))), .heal))])
        #expect(short.expectations == [Scenario.Expectation(.always("raft-safety"))])
    }

    @Test("sections come in any order")
    func order() throws {
        let sections = RoundTripTests.example.split(separator: "\n\n").map(String.init)
        #expect(sections.count == 7)
        let turned = try read(sections.reversed().joined(separator: "\n\n"))
        #expect(turned == (try read(RoundTripTests.example)))
    }

    @Test("bytes that are not UTF-8 are refused where they stand")
    func encoding() {
        for (bytes, column) in [([0xff], 4), ([0xc3], 4), ([0xc3, 0x28], 4), ([0xe2, 0x82], 4)] as [([UInt8], Int)] {
            let shown = errors(in: Array("# ü".utf8) + bytes + Array("\nscenario".utf8))
            #expect(shown.hasPrefix("t.mesh:1:\(column): error: the file is not UTF-8 text\n"), "\(bytes)")
        }
        let forms: [[UInt8]] = [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe0, 0x9f, 0xbf]]
        for overlong in forms { #expect(errors(in: overlong).contains("not UTF-8 text"), "\(overlong)") }
    }

    @Test("strings keep every byte that is written into them")
    func strings() throws {
        let scenario = try read(head + "timeline\n  at 1s set \"ключ 🔑\\x00\\xff\\n\" = \"a\\\"b\\\\c\t\" on n1")
        guard case .event(let event) = scenario.timeline[0], case .set(let key, let value, _, _) = event.action else {
            Issue.record("the line is no set")
            return
        }
        #expect(key == Bytes(Array("ключ 🔑".utf8) + [0x00, 0xff, 0x0a]))
        #expect(value == Bytes("a\"b\\c\t"))
    }

    @Test("a file of more than a mebibyte is refused, one of a mebibyte is read")
    func size() throws {
        let full = Array(head.utf8) + [UInt8](repeating: 0x0a, count: (1 << 20) - head.utf8.count)
        #expect(try Scenario.parse(full).cluster.nodeCount == 3)
        #expect(errors(in: full + [0x0a]) == "t.mesh:1:1: error: the file is larger than 1 MiB\nscenario \"t\"\n^\n")
    }

    @Test("a line has at most 8,192 bytes, and a long one is shown around the mistake")
    func longLines() {
        let long = errors(in: Array(head.utf8) + [UInt8](repeating: 0x61, count: 8_193))
        #expect(long.hasPrefix("t.mesh:5:1: error: a line has at most 8192 bytes\n"))
        let targets = (1...400).map { _ in "n1" }.joined(separator: ", ")
        let shown = errors(in: Array((head + "timeline\n  at 1s crash {" + targets + ", n9}\n").utf8))
        let lines = shown.split(separator: "\n")
        #expect(lines[0] == "t.mesh:6:1616: error: there is no node n9: the nodes are n1 to n3")
        #expect(lines[1].hasPrefix("...") && lines[1].utf8.count < 130)
        let caret = lines[2].utf8.firstIndex(of: 0x5e).map { lines[2].utf8.distance(from: lines[2].startIndex, to: $0) }
        #expect(lines[1].utf8.dropFirst(caret ?? 0).starts(with: "n9".utf8))
    }

    @Test("twenty mistakes are shown, not two thousand")
    func manyErrors() {
        let shown = errors(in: Array((head + "network\n" + String(repeating: "  los 1%\n", count: 2_000)).utf8))
        #expect(shown.split(separator: "\n").filter { $0.contains(": error: ") }.count == 20)
        #expect(shown.hasSuffix("t.mesh: too many errors, the rest is not shown\n"))
    }

    @Test("nothing in a file can steer the terminal that shows it")
    func terminal() {
        let shown = errors(in: Array((head + "timeline\n  at 1s crash \u{1b}[31mn1 \u{202e}\u{9b}x\n").utf8))
        #expect(shown.contains("  at 1s crash ?[31mn1 ??x"))
        #expect(!shown.unicodeScalars.contains("\u{1b}") && !shown.unicodeScalars.contains("\u{202e}"))
    }

    @Test("deep nesting is an error and not a stack that runs over")
    func nesting() {
        let braces = errors(in: Array((head + "timeline\n  at 1s crash " + String(repeating: "{", count: 4_000)).utf8))
        #expect(braces.contains("this is nested too deeply"))
        let buts = errors(
            in: Array((head + "timeline\n  at 1s crash " + String(repeating: "all but ", count: 900)).utf8))
        #expect(buts.contains("this is nested too deeply"))
        let times = String(repeating: "time until ", count: 700)
        #expect(errors(in: Array((head + "measure\n  " + times).utf8)).contains("this is nested too deeply"))
    }

    @Test(
        "a mebibyte of anything is judged in a moment",
        arguments: ["n1,", "{n1,", "\"", "at 1s crash n1\n", "vary nodes 1\n"])
    func largeInputs(piece: String) {
        var source = Array((head + "timeline\n").utf8)
        while source.count + piece.utf8.count < 1 << 20 { source += Array(piece.utf8) }
        let clock = ContinuousClock()
        let time = clock.measure { _ = try? Scenario.parse(source) }
        #expect(time < .seconds(60))
    }
}
