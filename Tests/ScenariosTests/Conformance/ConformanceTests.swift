import MeshCore
import Scenarios
import Testing

@Suite("Data-driven files")
struct ConformanceTests {
    private func check(_ text: String) throws -> Conformance.Outcome { try Conformance.check(Array(text.utf8)) }

    /// The text after the present outputs have taken the place of the expected ones.
    private func rewritten(_ text: String) throws -> String {
        String(decoding: try check(text).rewritten, as: UTF8.self)
    }

    /// The mistake of a file that cannot be read, as `line:column: text`.
    private func mistake(_ text: String) -> String {
        do {
            _ = try check(text)
            return "read without a mistake"
        } catch let error as Scenario.ParseError {
            let hint = error.suggestion.map { ", \($0)?" } ?? ""
            return "\(error.location.line):\(error.location.column): \(error.message)\(hint)"
        } catch {
            return "\(error)"
        }
    }

    // MARK: - The form

    @Test("Comments and blank lines stay where they are when a file is rewritten")
    func rewriting() throws {
        let text = """
            # first

            vote cfg=(1) votes=(y)
            ----
            VoteLost


            # second
            vote cfg=(1, 2) \\
              votes=(n,_)
            ----
            # last
            """
        let outcome = try check(text)
        #expect(outcome.caseCount == 2)
        #expect(outcome.differences.map { $0.commandLine } == [3, 9])
        #expect(
            try rewritten(text) == """
                # first

                vote cfg=(1) votes=(y)
                ----
                VoteWon


                # second
                vote cfg=(1, 2) \\
                  votes=(n,_)
                ----
                VoteLost

                """)
    }

    @Test("An agreeing file is not changed by rewriting it, and a rewritten one agrees")
    func stable() throws {
        for file in try ConformanceFiles.own("confchange") {
            #expect(try Conformance.check(file.content).rewritten == file.content, "\(file.name)")
        }
        let once = try rewritten("vote cfg=(1) votes=(y)\n----\n\ncommitted cfg=(7) idx=(_)\n----\n1\n")
        #expect(try check(once).differences.isEmpty)
        #expect(try rewritten(once) == once)
    }

    @Test("An output between double rulers may hold blank lines and is compared with them")
    func doubleRuler() throws {
        let text =
            "vote cfg=(1) votes=(y)\n----\n----\nVoteWon\n\nVoteWon\n----\n----\n\nvote votes=()\n----\nVoteWon\n"
        let outcome = try check(text)
        #expect(outcome.caseCount == 2)
        #expect(outcome.differences.map { $0.expected } == ["VoteWon\n\nVoteWon\n"])
        #expect(outcome.differences.map { $0.line } == [5])
    }

    @Test("The input ends at the ruler, blank lines in it or not")
    func input() throws {
        let outcome = try check("simple\n\n v1\n\nl2\n\n----\nvoters=(1) learners=(2)\n")
        #expect(outcome.differences.map { $0.line } == [9])
    }

    @Test("A difference is shown with its line, two lines around it, and a mark for each side")
    func difference() throws {
        let text =
            "simple\nv1 l2 l3 l4 l5\n----\nvoters=(1) learners=(2 3 4 5)\n"
            + "1: StateProbe match=0 next=1\n2: StateProbe match=0 next=1 learner\n3: StateProbe match=0 next=1\n"
            + "4: StateProbe match=0 next=1 learner\n5: StateProbe match=0 next=1 learner\n"
        #expect(
            try check(text).differences.map { $0.render(file: "a.txt") } == [
                """
                a.txt:7: simple
                  ...
                  1: StateProbe match=0 next=1
                  2: StateProbe match=0 next=1 learner
                - 3: StateProbe match=0 next=1
                + 3: StateProbe match=0 next=1 learner
                  4: StateProbe match=0 next=1 learner
                  5: StateProbe match=0 next=1 learner

                """
            ])
    }

    @Test(
        "A file that cannot be read is refused with its place",
        arguments: [
            ("vote cfg=(1)\nVoteWon\n", "1:1: this command is not followed by a line \"----\""),
            ("\n# a\nvotee cfg=(1)\n----\n", "3:1: unknown command \"votee\", vote?"),
            ("vote cfg=(1\n----\n", "1:10: this parenthesis is not closed"),
            ("vote =3\n----\n", "1:6: a value without a key"),
            ("a=b\n----\n", "1:1: a command begins with its name"),
            ("vote cgf=(1)\n----\n", "1:6: \"vote\" has no argument \"cgf\", cfg?"),
            ("vote cfg=(1) cfg=(2)\n----\n", "1:14: \"cfg\" is given twice"),
            ("vote cfg=(1,2) votes=(y)\n----\n", "1:16: 2 nodes and 1 values"),
            ("vote cfg=(1) votes=(x)\n----\n", "1:14: a vote is y, n or _"),
            ("committed cfg=(a) idx=(1)\n----\n", "1:11: \"a\" is no whole number"),
            ("committed cfg=(0) idx=(1)\n----\n", "1:11: no node has the number 0"),
            ("simple\nx1\n----\n", "1:1: \"x1\" is no change: write v4, l4, r4 or u4"),
            ("simple autoleave=true\nv1\n----\n", "1:8: \"simple\" has no argument \"autoleave\""),
            ("enter-joint autoleave=yes\nv1\n----\n", "1:13: autoleave is true or false"),
            (
                "vote\n----\n----\nVoteWon\n----\n",
                "3:1: an output between double \"----\" lines ends with two such lines"
            ),
        ])
    func mistakes(_ text: String, _ expected: String) {
        #expect(mistake(text) == expected)
    }

    @Test("No damage to a file traps: it is read, or refused")
    func damage() throws {
        let files = try ConformanceFiles.own("confchange")
        var refused = 0
        for file in files {
            for position in stride(from: 0, to: file.content.count, by: 7) {
                for byte in [0x0a, 0x28, 0x20, 0x00, 0xff] as [UInt8] {
                    var content = file.content
                    content[position] = byte
                    do { _ = try Conformance.check(content) } catch { refused += 1 }
                }
            }
        }
        #expect(refused > 50)
    }

    // MARK: - What they say

    @Test("The 127 cases of etcd's quorum tests agree byte for byte, wherever they stand beside this repository")
    func quorum() throws {
        let files = ConformanceFiles.etcdQuorum()
        var cases = 0
        for file in files {
            let (count, text) = try ConformanceFiles.differences(file)
            #expect(text.isEmpty, "\(text)")
            cases += count
        }
        #expect(files.isEmpty || (files.count == 4 && cases == 127))
    }

    @Test("The picture of a quorum shows who is behind whom")
    func picture() throws {
        let text = "committed cfg=(3, 17, 1) cfgj=(2) idx=(12,12,_,100000)\n----\n"
        #expect(
            try check(text).differences.map { $0.actual } == [
                Bytes(
                    "        idx\n?         0    (id=1)\nxxx>  100000    (id=2)\nx>       12    (id=3)\n"
                        + "x>       12    (id=11)\n12\n")
            ])
    }

    @Test("Every change of a configuration comes out as written; no case has vanished")
    func configurations() throws {
        let files = try ConformanceFiles.own("confchange")
        var cases = 0
        for file in files {
            let (count, text) = try ConformanceFiles.differences(file)
            #expect(text.isEmpty, "\(text)")
            cases += count
        }
        #expect(files.count == 12)
        #expect(cases == 97)
    }

    @Test("Every transcript of a Raft group comes out as written and breaks no promise; none has vanished")
    func transcripts() throws {
        let files = try ConformanceFiles.own("raft")
        var cases = 0
        for file in files {
            let (count, text) = try ConformanceFiles.differences(file)
            #expect(text.isEmpty, "\(text)")
            cases += count
            #expect(!String(decoding: file.content, as: UTF8.self).contains("BROKEN"), "\(file.name)")
            #expect(file.content.starts(with: Array("# ".utf8)), "\(file.name) says what it is about")
        }
        #expect(files.count >= 115)
        #expect(cases >= 1_900)
    }

    @Test(
        "Every text of a refused change is in the files",
        arguments: [
            "can't leave a non-joint config", "config is already joint", "can't make a zero-voter config joint",
            "can't apply simple config change in joint config", "removed all voters",
            "more than one voter changed without entering joint config", "this command takes no input",
        ])
    func refusals(_ text: String) throws {
        let files = try ConformanceFiles.own("confchange")
        let lines = files.flatMap { String(decoding: $0.content, as: UTF8.self).split(separator: "\n") }
        #expect(lines.contains { $0 == text })
    }
}
