import Foundation
import Testing

@Suite("mesh conformance")
struct ConformanceTests {
    private let good = "vote cfg=(1) votes=(y)\n----\nVoteWon\n"
    private let bad = "vote cfg=(1) votes=(y)\n----\nVoteWon\n\n# second\nvote cfg=(1) votes=(n)\n----\nVoteWon\n"

    /// Runs the command on a file, with the path at the end.
    private func run(_ text: String, _ options: [String] = [], _ body: (String, MeshCommand.Result) throws -> Void)
        throws
    {
        try MeshCommand.withFile(text) { path in
            try body(path, try MeshCommand.run(["conformance"] + options + [path]))
        }
    }

    @Test("Files that agree end with 0 and the number of cases and files")
    func agrees() throws {
        try run(good) { path, result in
            #expect(result.status == 0)
            #expect(result.output == "agrees  \(path)  1 case\n1 case in 1 file: all agree\n")
            #expect(result.error.isEmpty)
        }
        let own = try MeshCommand.run("conformance", "Tests/Conformance")
        #expect(own.status == 0, "\(own.output)")
        #expect(own.output.hasSuffix(": all agree\n"))
    }

    @Test("A case that differs ends with 1, and is shown with file, line and both sides")
    func differs() throws {
        try run(bad) { path, result in
            #expect(result.status == 1)
            #expect(
                result.output == """
                    differs \(path)  1 of 2 cases
                      \(path):8: vote cfg=(1) votes=(n)
                      - VoteWon
                      + VoteLost
                    2 cases in 1 file: 1 differs

                    """)
        }
    }

    @Test("A file that cannot be read ends with 2, its place and a caret; the others are still run")
    func unreadable() throws {
        try run("vot cfg=(1)\n----\n") { path, result in
            #expect(result.status == 2)
            #expect(result.error.hasPrefix("\(path):1:1: error: unknown command \"vot\"\nvot cfg=(1)\n^~~\n"))
            #expect(result.error.contains("did you mean \"vote\"?"))
            #expect(result.output == "no case was compared\n", "nothing agrees where nothing was read")
        }
        try MeshCommand.withFile(good) { first in
            try MeshCommand.withFile("vote\n") { second in
                let result = try MeshCommand.run("conformance", second, first)
                #expect(result.status == 2)
                #expect(result.output.contains("1 case in 1 file: all agree"))
                #expect(result.error.contains("1 file could not be read"))
            }
        }
    }

    @Test("--rewrite takes the present outputs over, shows what it changed, and leaves the rest alone")
    func rewriting() throws {
        try MeshCommand.withFile(bad) { path in
            let result = try MeshCommand.run("conformance", "--rewrite", path)
            #expect(result.status == 0)
            #expect(result.output.contains("+ VoteLost"))
            #expect(result.output.hasSuffix("1 file rewritten\n"))
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text == bad.replacing("(n)\n----\nVoteWon", with: "(n)\n----\nVoteLost"))
            #expect(try MeshCommand.run("conformance", path).status == 0)
            #expect(try MeshCommand.run("conformance", "--rewrite", path).output.hasSuffix("0 files rewritten\n"))
        }
    }

    @Test("--json has one object a file, with the line and both sides of every difference")
    func machines() throws {
        try run(bad, ["--json"]) { path, result in
            #expect(result.status == 1)
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            #expect(object["file"] as? String == path)
            #expect(object["verdict"] as? String == "differs")
            #expect(object["cases"] as? Int == 2)
            let difference = try #require((object["differences"] as? [[String: Any]])?.first)
            #expect(difference["line"] as? Int == 8)
            #expect(difference["expected"] as? String == "VoteWon\n")
            #expect(difference["actual"] as? String == "VoteLost\n")
        }
    }

    @Test(
        "Wrong calls are refused with a way out",
        arguments: [
            (["conformance"], "needs a file or a folder"), (["conformance", "--rewrit", "x"], "did you mean"),
            (["conformance", "/nonexistent/a.txt"], "there is no such file"),
            (["conformance", "scenarios"], "this folder holds no .txt file"),
            (["conformanc"], "did you mean \"conformance\"?"),
        ])
    func wrong(_ arguments: [String], _ text: String) throws {
        let result = try MeshCommand.run(arguments)
        #expect(result.status == 2)
        #expect(result.error.contains(text), "\(result.error)")
    }

    @Test("Help has examples and the exit codes; completions know the files")
    func help() throws {
        let help = try MeshCommand.run("conformance", "--help")
        #expect(help.status == 0)
        #expect(help.output.contains("Exit status: 0 every case agrees, 1 one differs"))
        #expect(help.output.contains("mesh conformance Tests/Conformance"))
        for shell in ["bash", "zsh", "fish"] {
            let script = try MeshCommand.run("completions", shell).output
            #expect(script.contains("conformance"))
            #expect(script.contains(".txt"))
        }
    }
}
