import Foundation
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite("mesh bench")
struct BenchTests {
    /// Two cells of a model, which no change of a protocol alters.
    private static let small = [
        "bench", "convergence", "--protocol", "push", "--nodes", "10,50", "--loss", "0%", "--seeds", "1..2", "--quick",
    ]

    @Test("The table shows times, messages and duplicates, each beside its formula")
    func table() throws {
        let result = try MeshCommand.run(Self.small)
        #expect(result.status == 0)
        #expect(result.error.isEmpty)
        #expect(
            result.output == """
                push: model: each round everybody who knows tells F others
                  F = 3, times in rounds, messages, bytes and duplicates for each node and write
                  until     nodes  loss  runs  missed   p50   p99   max  mean  formula  ratio  expec\
                ted  ratio  messages  formula  bytes  duplicates  formula
                  all know     10    0%   400       0  3.00  4.00  5.00  2.85     2.43   1.18      2\
                .72   1.05      3.68     2.88      -        2.78     1.88
                  all know     50    0%    80       0  5.00  6.00  6.00  4.83     4.13   1.17      4\
                .86   0.99      5.70     4.49      -        4.72     3.49
                  formula: log_(1+f) N + ln N / f rounds, f = fanout x arriving share (mean)
                  formula: ln N + 0.58 copies that arrive

                """)
    }

    @Test("CSV has a head and a line for each cell and time")
    func csv() throws {
        let result = try MeshCommand.run(Self.small + ["--csv", "-"])
        #expect(
            result.output == """
                protocol,until,unit,nodes,loss,fanout,topology,seeds,runs,missed,p50,p99,max,mean,formula,formula_of,\
                ratio,expected,expected_ratio,messages,messages_formula,bytes,duplicates,duplicates_formula\r
                push,all know,rounds,10,0,3,full,2,400,0,3,4,5,2.855,2.4285,mean,1.1756,2.725,1.0477,3.6803,2.8798,,\
                2.7803,1.8798\r
                push,all know,rounds,50,0,3,full,2,80,0,5,6,6,4.825,4.1259,mean,1.1694,4.8582,0.9932,5.6978,4.4892,,\
                4.7177,3.4892\r

                """)
    }

    @Test("JSON is one object with the same figures, and null where there is none")
    func json() throws {
        let result = try MeshCommand.run(Self.small + ["--json", "-"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(object["bench"] as? String == "convergence")
        #expect(object["complete"] as? Bool == true)
        let rows = try #require(object["rows"] as? [[String: Any]])
        #expect(rows.count == 2)
        #expect(rows[1]["nodes"] as? Int == 50)
        #expect(rows[1]["mean"] as? Double == 4.825)
        #expect(rows[1]["bytes"] is NSNull)
        #expect(rows[1]["until"] as? String == "all know")
    }

    @Test("As many jobs as one likes print the same bytes")
    func jobs() throws {
        let call = [
            "bench", "convergence", "--protocol", "push-pull,kv", "--nodes", "5,20", "--loss", "10%", "--seeds", "1..3",
            "--quick", "--json", "-",
        ]
        let one = try MeshCommand.run(call + ["--jobs", "1"])
        let four = try MeshCommand.run(call + ["--jobs", "4"])
        #expect(one.status == 0)
        #expect(one.output == four.output)
    }

    @Test("The picture is well-formed XML without anything from outside, with a curve and a legend for each series")
    func plot() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mesh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("spread.svg").path
        let result = try MeshCommand.run(
            [
                "bench", "convergence", "--protocol", "push,kv-rounds", "--nodes", "10,40", "--loss", "0%,20%",
                "--seeds",
                "1", "--quick", "--plot", path,
            ])
        #expect(result.status == 0)
        let picture = try Picture(contentsOf: path)
        #expect(picture.isWellFormed)
        #expect(picture.titles.contains("How long until everybody knows"))
        for text in ["push: all know", "kv-rounds: all know", "loss 0%", "loss 20%", "formula", "expected", "nodes"] {
            #expect(picture.texts.contains(text), "no \(text)")
        }
        // Two panels with two curves each, each with its formula and its expected course.
        #expect(picture.polylines.filter { $0.hasPrefix("curve") }.count == 4)
        #expect(picture.polylines.filter { $0.hasPrefix("theory c") }.count == 4)
        #expect(picture.polylines.filter { $0.hasPrefix("theory dotted") }.count == 4)
        let source = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!source.contains("href"))
        #expect(!source.contains("url("))
        #expect(source.contains("prefers-color-scheme:dark"))
    }

    @Test(
        "Wrong calls are refused with a way out",
        arguments: [
            ([], "write \"mesh bench convergence\", or name a scenario"),
            (["convergense"], "did you mean \"convergence\"?"),
            (["convergence", "--protocol", "gossp"], "--protocol: there is no \"gossp\""),
            (["convergence", "--protocol", "kw"], "did you mean \"kv\"?"),
            (["convergence", "--nodes", "1"], "--nodes takes numbers from 2"),
            (["convergence", "--nodes", "10,,20"], "write --nodes 10,100,1000"),
            (["convergence", "--protocol", "kv", "--nodes", "100000"], "--protocol push,push-pull"),
            (["convergence", "--loss", "5"], "write --loss 0%,5%,20%"),
            (["convergence", "--loss", "95%"], "from 0% to 90%"),
            (["convergence", "--fanout", "0"], "write --fanout 1,3,5"),
            (["convergence", "--topology", "star"], "full, ring, tree, regions are known"),
            (["convergence", "--protocol", "swim", "--topology", "ring"], "swim: full, regions"),
            (["convergence", "--seeds", "9..3"], "run backwards"),
            (["convergence", "--csv", "/nowhere/at/all.csv"], "no folder /nowhere/at"),
            (["convergence", "--plot", "/tmp"], "/tmp is a folder"),
            (["convergence", "--csv", "-", "--json", "-"], "only one of"),
            (["convergence", "more"], "one thing at a time"),
        ] as [([String], String)])
    func wrongCalls(arguments: [String], text: String) throws {
        let result = try MeshCommand.run(["bench"] + arguments)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.error.contains(text), "\(result.error)")
    }
}

// MARK: - Formulas

extension BenchTests {
    /// A line of the table as JSON has it.
    private static func rows(_ arguments: [String]) throws -> [[String: Any]] {
        let result = try MeshCommand.run(["bench", "convergence", "--json", "-"] + arguments)
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return try #require(object?["rows"] as? [[String: Any]])
    }

    @Test(
        "The formulas give the published figures",
        arguments: [
            ("push", "1", ["100": 11.2, "1000": 16.9, "5000": 20.8, "10000": 22.5]),
            ("push", "3", ["100": 4.9, "1000": 7.3, "5000": 9.0, "10000": 9.7]),
        ])
    func publishedFormulas(name: String, fanout: String, published: [String: Double]) throws {
        for (nodes, value) in published {
            let rows = try Self.rows([
                "--protocol", name, "--nodes", nodes, "--fanout", fanout, "--loss", "0%", "--seeds", "1", "--quick",
            ])
            let formula = try #require(rows[0]["formula"] as? Double)
            #expect(abs(formula - value) < 0.06)
        }
    }

    @Test("SWIM's formulas are 1.69 periods, and 10.3 s until a hundred know")
    func swimFormulas() throws {
        let rows = try Self.rows(["--protocol", "swim", "--nodes", "100", "--loss", "0%", "--seeds", "1", "--quick"])
        let formulas = rows.compactMap { $0["formula"] as? Double }
        #expect(formulas.map { $0.rounded() } == [1_693, 9_693, 10_307])
        #expect(rows.map { $0["until"] as? String } == ["first suspicion", "first dead", "all know"])
    }

    @Test(
        "Push and push-pull take as long as their rules let expect, within 10 %, and nearly what the formula says",
        arguments: [("push", "1"), ("push", "3"), ("push-pull", "1"), ("kv-rounds", "2"), ("kv-rounds", "3")])
    func withinTenPercent(name: String, fanout: String) throws {
        let rows = try Self.rows([
            "--protocol", name, "--nodes", "50,150", "--fanout", fanout, "--loss", "0%,20%", "--seeds", "1..3",
            "--quick",
        ])
        #expect(rows.count == 4)
        for row in rows {
            let expected = try #require(row["expected_ratio"] as? Double)
            #expect((0.9...1.1).contains(expected), "\(row)")
            // The formula leaves out what does not grow with N.
            let formula = try #require(row["ratio"] as? Double)
            #expect((0.95...1.25).contains(formula), "\(row)")
        }
    }
}

/// What a test wants to know about an SVG file.
private final class Picture: NSObject, XMLParserDelegate {
    private(set) var isWellFormed = false
    private(set) var titles: [String] = []
    private(set) var texts: [String] = []
    /// The classes of the polylines.
    private(set) var polylines: [String] = []
    private var text = ""

    init(contentsOf path: String) throws {
        super.init()
        let parser = XMLParser(data: try Data(contentsOf: URL(fileURLWithPath: path)))
        parser.delegate = self
        isWellFormed = parser.parse()
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        text = ""
        if name == "polyline" { polylines.append(attributes["class"] ?? "") }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        if name == "title" { titles.append(text) }
        if name == "text" { texts.append(text) }
    }
}

// MARK: - Files

extension BenchTests {
    /// A scenario that varies and measures.
    private static let varied = """
        scenario "How far a write comes"
        about "For the tests of the command."
        seeds 1..2
        duration 6s

        cluster
          nodes 4
          run gossip

        vary nodes 4, 40
        vary loss 0%, 30%

        network
          latency constant 1ms

        timeline
          at 1s  set "a" = "b" on n1

        measure
          time until all know "a"
          bytes per node

        expect
          at end: all know "a"

        """

    @Test("A file's own vary and measure give the table, CSV, JSON and picture")
    func file() throws {
        try MeshCommand.withFile(Self.varied) { path in
            let picture = path + ".svg"
            let result = try MeshCommand.run("bench", path, "--jobs", "1", "--plot", picture)
            #expect(result.status == 0)
            let lines = result.output.split(separator: "\n")
            #expect(lines.count == 2 + 8)
            #expect(lines[0].hasSuffix(": How far a write comes"))
            #expect(lines[1].split(separator: " ").suffix(6) == ["runs", "without", "p50", "p99", "max", "verdict"])
            #expect(lines[2].contains("time until all know \"a\""))
            #expect(lines[9].contains("bytes per node"))
            #expect(lines.dropFirst(2).allSatisfy { $0.hasSuffix("held") })
            let drawn = try Picture(contentsOf: picture)
            #expect(drawn.isWellFormed)
            #expect(drawn.texts.contains("loss 30%"))
            #expect(drawn.texts.contains("time until all know \"a\""))
            #expect(drawn.polylines.count == 4)

            let csv = try MeshCommand.run("bench", path, "--seeds", "2", "--csv", "-").output.split(separator: "\r\n")
            #expect(csv[0] == "nodes,loss,measured,unit,runs,samples,p50,p99,max,verdict")
            #expect(csv[1].hasPrefix("4,0%,\"time until all know \"\"a\"\"\",ms,1,1,"))
            #expect(csv.count == 9)

            let json = try MeshCommand.run("bench", path, "--json", "-", "--jobs", "3")
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            let rows = try #require(object?["rows"] as? [[String: Any]])
            #expect(rows.count == 8)
            #expect(rows[3]["values"] as? [String: String] == ["nodes": "40", "loss": "30%"])
            #expect(rows[3]["runs"] as? Int == 2)
        }
    }

    @Test("A file that expects what does not come ends with 1, and the table says which cell")
    func brokenFile() throws {
        let text = Self.varied.replacing("at end: all know \"a\"", with: "messages <= 90")
        try MeshCommand.withFile(text) { path in
            let result = try MeshCommand.run("bench", path, "--seeds", "1")
            #expect(result.status == 1)
            #expect(result.output.contains("broken"))
            #expect(result.output.contains("held"))
        }
    }

    @Test("A file that measures nothing, or an option that is not for files, is refused with a way out")
    func wrongFiles() throws {
        try MeshCommand.withFile(goodScenario) { path in
            let result = try MeshCommand.run("bench", path)
            #expect(result.status == 2)
            #expect(result.error.contains("measures nothing"))
            #expect(result.error.contains("messages per node"))
        }
        try MeshCommand.withFile(Self.varied) { path in
            let result = try MeshCommand.run("bench", path, "--nodes", "10")
            #expect(result.status == 2)
            #expect(result.error.contains("write \"vary nodes 10, 100\""))
        }
    }

    @Test("Ctrl-C leaves what is complete: a table that says so, valid files, and status 3")
    func stoppedEarly() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mesh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let json = folder.appendingPathComponent("out.json")
        let process = Process()
        process.executableURL = MeshCommand.executable
        process.arguments = [
            "bench", "convergence", "--protocol", "push,kv", "--nodes", "10,5000", "--loss", "0%", "--seeds", "1..50",
            "--jobs", "1", "--json", json.path,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        Thread.sleep(forTimeInterval: 3)
        process.interrupt()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 3)
        #expect(text.contains("stopped after"))
        #expect(text.contains(" of 50 "))
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: json)) as? [String: Any]
        #expect(object?["complete"] as? Bool == false)
    }
}
