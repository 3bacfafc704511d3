import MeshCore

extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Parameters:
    ///   - source: The bytes of the file, UTF-8 of at most 1 MiB.
    ///   - vocabulary: The checkers, metrics and kinds of messages that the file may name.
    /// - Throws: Every independent mistake in the file, up to ``ParseFailure/limit``.
    /// - Complexity: O(size of the file).
    public static func parse(
        _ source: [UInt8], knowing vocabulary: Vocabulary = .standard
    ) throws(ParseFailure) -> Scenario {
        var parser = Parser(source: source, vocabulary: vocabulary)
        parser.readFile()
        guard parser.errors.isEmpty else { throw ParseFailure(sorted(parser.errors)) }
        return parser.scenario
    }

    /// The mistakes in the order of the file.
    private static func sorted(_ errors: [ParseError]) -> [ParseError] {
        var sorted = errors
        sorted.sort {
            $0.location.line != $1.location.line
                ? $0.location.line < $1.location.line : $0.location.column < $1.location.column
        }
        return sorted
    }
}

/// Reads a scenario line by line; a mistake costs its line and no more.
struct Parser {
    /// The bytes of the file.
    let source: [UInt8]

    /// The names the file may refer to.
    let vocabulary: Scenario.Vocabulary

    /// What was read so far.
    var scenario = Scenario(title: Bytes())

    /// The mistakes found so far.
    var errors: [Scenario.ParseError] = []

    /// The tokens of the present line.
    var tokens: [Token] = []

    /// The token that comes next.
    var position = 0

    /// The present line, counted from 1.
    var line = 0

    /// The words that would have been possible at the present position, for suggestions.
    var tried: [Bytes] = []

    /// The section that lines belong to; `nil` before the first.
    var section: Section?

    /// Whether lines are passed over because they belong to an unknown section.
    var isSkipping = false

    /// What may be said only once and was said, with its line.
    var said: [(scope: Bytes, word: Bytes, line: Int)] = []

    /// What can only be judged when the whole file is read.
    var mentions: [Mention] = []

    /// The targets of the present line, for the rules on partitions.
    var namedTargets: [NamedTarget] = []

    /// How deeply the thing being read is nested in others.
    var depth = 0

    /// Prepares to read a file.
    init(source: [UInt8], vocabulary: Scenario.Vocabulary) {
        self.source = source
        self.vocabulary = vocabulary
    }

    /// The greatest file in bytes.
    static var sizeLimit: Int { 1 << 20 }

    /// The longest line in bytes.
    static var lineLimit: Int { 8_192 }

    /// Reads the whole file.
    mutating func readFile() {
        guard source.count <= Parser.sizeLimit else {
            let place = Scenario.Location(line: 1, column: 1)
            errors.append(Scenario.ParseError(at: place, "the file is larger than 1 MiB"))
            return
        }
        if let place = firstInvalidUTF8(in: source) {
            errors.append(Scenario.ParseError(at: place, "the file is not UTF-8 text"))
            return
        }
        var start = source.count >= 3 && source[0] == 0xef && source[1] == 0xbb && source[2] == 0xbf ? 3 : 0
        while start < source.count, errors.count < Scenario.ParseFailure.limit {
            var end = start
            while end < source.count, source[end] != 0x0a { end += 1 }
            line += 1
            readLine(from: start, to: end > start && source[end - 1] == 0x0d ? end - 1 : end)
            start = end + 1
        }
        if errors.count < Scenario.ParseFailure.limit { checkWhole() }
    }

    /// Reads one line and notes its mistake, if it has one.
    private mutating func readLine(from start: Int, to end: Int) {
        tokens.removeAll(keepingCapacity: true)
        tried.removeAll(keepingCapacity: true)
        namedTargets.removeAll(keepingCapacity: true)
        position = 0
        depth = 0
        let mentionsBefore = mentions.count
        do throws(Scenario.ParseError) {
            guard end - start <= Parser.lineLimit else {
                throw error("a line has at most \(Parser.lineLimit) bytes")
            }
            var lexer = Lexer(source: source, from: start, to: end, line: line)
            while let token = try lexer.next() { tokens.append(token) }
            if !tokens.isEmpty { try readStatement() }
        } catch {
            errors.append(error)
            mentions.removeSubrange(mentionsBefore...)
        }
    }

    /// Reads a line that is not empty: the head of a section or something inside one.
    private mutating func readStatement() throws(Scenario.ParseError) {
        let head = tokens[0]
        // "disk full on n1 from 5s until 9s" is a line of the timeline that begins like a section.
        if head.kind == .word, !(isAhead("disk") && isAhead("full", by: 1)) {
            for candidate in Section.all where matches(head, candidate.word) {
                advance()
                isSkipping = false
                section = candidate
                try candidate.open(&self)
                return try endOfLine()
            }
        }
        guard !isSkipping else { return }
        guard let section, let readLine = section.readLine else { throw outsideSections() }
        try readLine(&self)
        try endOfLine()
    }

    /// The error of a line that begins no section and stands in none.
    private mutating func outsideSections() -> Scenario.ParseError {
        if let error = unknownSection() { return error }
        if let home = Section.home(of: bytes(of: tokens[0])) {
            return error("\(shown(tokens[0])) belongs in the section \"\(home.description)\"")
        }
        return error("a scenario begins with: scenario \"what it shows\"")
    }

    /// The error of a word that stands where a section begins and is none; following lines are read accordingly.
    mutating func unknownSection() -> Scenario.ParseError? {
        position = 0
        let head = tokens[0]
        guard head.kind == .word else { return nil }
        if let notYet = Unsupported.text(for: bytes(of: head), in: .section) {
            isSkipping = true
            return error("not supported yet: \(notYet)")
        }
        if let word = nearest(to: bytes(of: head), among: Section.words) {
            for candidate in Section.all where candidate.word == word {
                section = candidate
                if candidate.word == "workload" { scenario.workloads.append(Scenario.Workload(.kv)) }
            }
            return error("unknown section \(shown(head))", suggestion: word)
        }
        if head.column == 1, Section.home(of: bytes(of: head)) == nil {
            isSkipping = true
            return error("unknown section \(shown(head))")
        }
        return nil
    }
}

/// The place of the first byte that is not UTF-8.
///
/// - Complexity: O(size of the text).
func firstInvalidUTF8(in source: [UInt8]) -> Scenario.Location? {
    var line = 1
    var column = 1
    var index = 0
    while index < source.count {
        let length = scalarLength(source, at: index)
        guard length > 0 else { return Scenario.Location(line: line, column: column) }
        if source[index] == 0x0a {
            line += 1
            column = 1
        } else {
            column += 1
        }
        index += length
    }
    return nil
}

/// How many bytes the scalar at an offset has; 0 when it is not well formed.
///
/// Source: Unicode 15, table 3-7.
func scalarLength(_ bytes: [UInt8], at index: Int) -> Int {
    let first = bytes[index]
    if first < 0x80 { return 1 }
    let length: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xbf
    switch first {
    case 0xc2...0xdf: length = 2
    case 0xe0...0xef:
        length = 3
        if first == 0xe0 { low = 0xa0 }
        if first == 0xed { high = 0x9f }
    case 0xf0...0xf4:
        length = 4
        if first == 0xf0 { low = 0x90 }
        if first == 0xf4 { high = 0x8f }
    default: return 0
    }
    guard index + length <= bytes.count, bytes[index + 1] >= low, bytes[index + 1] <= high else { return 0 }
    for next in 2..<4 where next < length && bytes[index + next] & 0xc0 != 0x80 { return 0 }
    return length
}
