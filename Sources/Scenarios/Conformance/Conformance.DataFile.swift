import MeshCore

extension Conformance {
    /// A data-driven file: cases, and the comments and blank lines between them.
    ///
    ///     # a comment
    ///     <command> [word] [key=value] [key=(value, value)] ...    a \ at the end continues the line
    ///     <input lines, blank ones too>
    ///     ----
    ///     <expected output, up to the first blank line>
    ///
    /// Where the line after `----` is another `----`, the output may hold blank lines and ends with two such lines.
    struct DataFile {
        /// The cases, in the order of the file.
        private(set) var cases: [Case] = []
        /// The lines before each case and, last, those behind the last one.
        private var between: [[Bytes]] = []
    }

    /// One command with its input and its expected output.
    struct Case {
        /// The line of the command, counted from 1.
        var line: Int
        /// The command line as it stands in the file.
        var text: Bytes
        /// The name of the command.
        var name: Bytes
        /// The words behind it.
        var arguments: [Argument]
        /// The input, without white space at its ends.
        var input: Bytes
        /// The line of the first line of the expected output, counted from 1.
        var expectedLine: Int
        /// The expected output; it ends with a line end unless it is empty.
        var expected: Bytes
        /// The lines from the command to the first `----`, as they stand in the file.
        var head: [Bytes]
    }

    /// A word, or a key with values.
    struct Argument {
        /// The word, or the key.
        var key: Bytes
        /// The values behind the `=`; `nil` for a word alone.
        var values: [Bytes]?
        /// The column of its first byte, counted from 1.
        var column: Int
    }
}

extension Conformance.DataFile {
    private static var ruler: Bytes { "----" }

    /// Reads a file.
    init(parsing source: [UInt8]) throws(Scenario.ParseError) {
        let lines = Conformance.lines(of: source)
        var place = 0
        var loose: [Bytes] = []
        while place < lines.count {
            let first = Self.firstByte(of: lines[place])
            if first == nil || first == 0x23 {
                loose.append(lines[place])
                place += 1
                continue
            }
            between.append(loose)
            loose = []
            cases.append(try Self.readCase(lines, &place))
        }
        between.append(loose)
    }

    private static func firstByte(of line: Bytes) -> UInt8? { line.storage.first { !isBlank($0) } }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

    private static func readCase(
        _ lines: [Bytes], _ place: inout Int
    ) throws(Scenario.ParseError) -> Conformance.Case {
        let start = place
        var words = Conformance.WordReader()
        var isContinued = true
        var text: [UInt8] = []
        while isContinued, place < lines.count {
            var line = lines[place].storage
            while let last = line.last, isBlank(last) { line.removeLast() }
            isContinued = line.last == 0x5c
            if isContinued { line.removeLast() }
            text += line
            try words.read(line, number: place + 1)
            place += 1
        }
        let inputStart = place
        while place < lines.count, lines[place] != ruler { place += 1 }
        guard place < lines.count else {
            throw Scenario.ParseError(
                at: Scenario.Location(line: start + 1, column: 1), "this command is not followed by a line \"----\"")
        }
        let input = trimmed(lines[inputStart..<place])
        let head = Array(lines[start...place])
        place += 1
        let (expectedLine, expected) = try readExpected(lines, &place)
        let (name, arguments) = try words.finish(line: start + 1)
        return Conformance.Case(
            line: start + 1, text: Bytes(text), name: name, arguments: arguments, input: input,
            expectedLine: expectedLine, expected: expected, head: head)
    }

    private static func trimmed(_ lines: ArraySlice<Bytes>) -> Bytes {
        var bytes: [UInt8] = []
        for line in lines { bytes += line.storage + [0x0a] }
        while let last = bytes.last, isBlank(last) || last == 0x0a { bytes.removeLast() }
        let start = bytes.firstIndex { !isBlank($0) && $0 != 0x0a } ?? bytes.count
        return Bytes(Array(bytes[start...]))
    }

    private static func readExpected(
        _ lines: [Bytes], _ place: inout Int
    ) throws(Scenario.ParseError) -> (line: Int, text: Bytes) {
        var text: [UInt8] = []
        guard place < lines.count, lines[place] == ruler else {
            let start = place + 1
            while place < lines.count, firstByte(of: lines[place]) != nil {
                text += lines[place].storage + [0x0a]
                place += 1
            }
            return (start, Bytes(text))
        }
        place += 1
        let start = place
        while place + 1 < lines.count, !(lines[place] == ruler && lines[place + 1] == ruler) {
            text += lines[place].storage + [0x0a]
            place += 1
        }
        guard place + 1 < lines.count else {
            throw Scenario.ParseError(
                at: Scenario.Location(line: start, column: 1), length: 4,
                "an output between double \"----\" lines ends with two such lines")
        }
        place += 2
        return (start + 1, Bytes(text))
    }

    /// The file with other outputs, one for each case.
    func rewritten(with outputs: [Bytes]) -> [UInt8] {
        var text: [UInt8] = []
        for (position, test) in cases.enumerated() {
            for line in between[position] + test.head { text += line.storage + [0x0a] }
            let needsDouble = Conformance.lines(of: outputs[position].storage).contains {
                Self.firstByte(of: $0) == nil
            }
            if needsDouble { text += Self.ruler.storage + [0x0a] }
            text += outputs[position].storage
            if needsDouble { for _ in 0..<2 { text += Self.ruler.storage + [0x0a] } }
        }
        for line in between[cases.count] { text += line.storage + [0x0a] }
        return text
    }
}
