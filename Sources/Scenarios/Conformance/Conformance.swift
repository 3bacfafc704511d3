public import MeshCore

/// Data-driven tests: a text file of commands, each with the output it must give, byte for byte.
///
/// ``Conformance/check(_:)`` takes the text of a file and says which cases differ; it also gives the text as it would
/// stand with the present outputs. The format is the one of other projects' tests, so that their files judge our
/// arithmetic unchanged, and so that a transcript of a whole group reads like theirs.
///
/// Source: the package datadriven of cockroachdb, and the tests of etcd-io/raft that are written in it.
public enum Conformance {}

extension Conformance {
    /// What came of a file.
    public struct Outcome: Sendable {
        /// How many cases the file has.
        public var caseCount: Int
        /// The cases whose output is not the expected one, in the order of the file.
        public var differences: [Difference]
        /// The file with the present outputs in the place of the expected ones.
        public var rewritten: [UInt8]
    }

    /// A case whose output is not the expected one.
    public struct Difference: Sendable {
        /// The line of the command, counted from 1.
        public var commandLine: Int
        /// The line of the first output line that differs, counted from 1.
        public var line: Int
        /// The command as it stands in the file.
        public var command: Bytes
        /// What the file expects.
        public var expected: Bytes
        /// What came out.
        public var actual: Bytes
    }

    /// Runs every case of a file.
    ///
    /// - Throws: What is wrong in the file: its form, a command that is not known, or one that asks for the impossible.
    ///   A file with a mistake is not rewritten.
    public static func check(_ source: [UInt8]) throws(Scenario.ParseError) -> Outcome {
        let file = try DataFile(parsing: source)
        var interpreter = Interpreter()
        var outcome = Outcome(caseCount: 0, differences: [], rewritten: [])
        var outputs: [Bytes] = []
        for test in file.cases {
            let output = try interpreter.run(test)
            outcome.caseCount += 1
            if output != test.expected { outcome.differences.append(Difference(of: test, actual: output)) }
            outputs.append(output)
        }
        outcome.rewritten = file.rewritten(with: outputs)
        return outcome
    }
}

extension Conformance.Difference {
    /// Compares a case's output with the expected one.
    init(of test: Conformance.Case, actual: Bytes) {
        self.commandLine = test.line
        self.command = test.text
        self.expected = test.expected
        self.actual = actual
        let left = Conformance.lines(of: test.expected.storage)
        let right = Conformance.lines(of: actual.storage)
        var same = 0
        while same < left.count, same < right.count, left[same] == right[same] { same += 1 }
        self.line = test.expectedLine + same
    }

    /// `file:line: command`, then the lines that differ: `-` what was expected, `+` what came, with two lines around.
    ///
    /// - Complexity: O(expected lines times actual lines).
    public func render(file: String) -> String {
        var text = "\(file):\(line): \(command)\n"
        for line in LineDifference(Conformance.lines(of: expected.storage), Conformance.lines(of: actual.storage)).shown
        {
            text += line.description + "\n"
        }
        return text
    }
}

extension Conformance {
    /// The lines of a text without their ends; a last line without an end counts too.
    static func lines(of text: [UInt8]) -> [Bytes] {
        var lines: [Bytes] = []
        var line: [UInt8] = []
        for byte in text {
            if byte == 0x0a {
                lines.append(Bytes(line))
                line = []
            } else {
                line.append(byte)
            }
        }
        if !line.isEmpty { lines.append(Bytes(line)) }
        return lines
    }
}

/// Which lines two texts have in common, in order.
struct LineDifference {
    /// How many equal lines are shown around a difference.
    private static var context: Int { 2 }

    private var marked: [(mark: Bytes, line: Bytes)] = []

    /// Compares two texts by their longest common subsequence.
    ///
    /// - Complexity: O(`left.count` times `right.count`).
    init(_ left: [Bytes], _ right: [Bytes]) {
        let width = right.count + 1
        var common = [Int](repeating: 0, count: (left.count + 1) * width)
        for i in left.indices.reversed() {
            for j in right.indices.reversed() {
                let below = common[(i + 1) * width + j]
                let beside = common[i * width + j + 1]
                common[i * width + j] =
                    left[i] == right[j] ? common[(i + 1) * width + j + 1] + 1 : (below > beside ? below : beside)
            }
        }
        var i = 0
        var j = 0
        while i < left.count || j < right.count {
            if i < left.count, j < right.count, left[i] == right[j] {
                marked.append(("  ", left[i]))
                i += 1
                j += 1
            } else if i < left.count, j == right.count || common[(i + 1) * width + j] >= common[i * width + j + 1] {
                marked.append(("- ", left[i]))
                i += 1
            } else {
                marked.append(("+ ", right[j]))
                j += 1
            }
        }
    }

    /// The lines worth showing, each with its mark; what is left out is shown as dots.
    var shown: [Bytes] {
        var result: [Bytes] = []
        var wasShown = true
        for place in marked.indices {
            let around = max(place - Self.context, 0)...min(place + Self.context, marked.count - 1)
            let isNear = around.contains { marked[$0].mark != "  " }
            if isNear {
                result.append(Bytes(marked[place].mark.storage + marked[place].line.storage))
            } else if wasShown {
                result.append("  ...")
            }
            wasShown = isNear
        }
        return result
    }
}
