import MeshCore

/// A word that begins a line at the top level, and the lines that belong to it.
struct Section: Sendable {
    /// The word.
    let word: Bytes

    /// Reads what stands behind the word on its line.
    let open: @Sendable (inout Parser) throws(Scenario.ParseError) -> Void

    /// Reads a line that belongs to the section; `nil` when the section is one line.
    let readLine: (@Sendable (inout Parser) throws(Scenario.ParseError) -> Void)?

    /// The words its lines begin with, for telling where a lost line belongs.
    let lineWords: [Bytes]

    /// Registers a section of several lines.
    ///
    /// What stands behind its word counts as its first line.
    init(
        _ word: Bytes, lineWords: [Bytes],
        open: @escaping @Sendable (inout Parser) throws(Scenario.ParseError) -> Void,
        readLine: @escaping @Sendable (inout Parser) throws(Scenario.ParseError) -> Void
    ) {
        self.word = word
        self.lineWords = lineWords
        self.readLine = readLine
        self.open = { (parser: inout Parser) throws(Scenario.ParseError) -> Void in
            try open(&parser)
            if !parser.isAtEnd { try readLine(&parser) }
        }
    }

    /// Registers a statement of one line.
    init(_ word: Bytes, _ open: @escaping @Sendable (inout Parser) throws(Scenario.ParseError) -> Void) {
        self.word = word
        self.open = open
        self.readLine = nil
        self.lineWords = []
    }

    /// Everything that can stand at the top level.
    static let all: [Section] = [
        Section("scenario", HeaderSection.title),
        Section("about", HeaderSection.about),
        Section("format", HeaderSection.format),
        Section("seed", HeaderSection.seeds),
        Section("seeds", HeaderSection.seeds),
        Section("duration", HeaderSection.duration),
        Section("budget", lineWords: [], open: BudgetSection.open, readLine: BudgetSection.readLine),
        Section(
            "cluster", lineWords: ClusterSection.forms.map { $0.word }, open: ClusterSection.open,
            readLine: ClusterSection.readLine),
        Section(
            "network", lineWords: NetworkSection.words, open: NetworkSection.open, readLine: NetworkSection.readLine),
        Section(
            "disk", lineWords: DiskSection.forms.map { $0.word }, open: DiskSection.open,
            readLine: DiskSection.readLine),
        Section(
            "workload", lineWords: WorkloadSection.forms.map { $0.word }, open: WorkloadSection.open,
            readLine: WorkloadSection.readLine),
        Section(
            "timeline", lineWords: TimelineSection.forms.map { $0.word }, open: TimelineSection.open,
            readLine: TimelineSection.readLine),
        Section("vary", VarySection.read),
        Section("measure", lineWords: [], open: MeasureSection.open, readLine: MeasureSection.readLine),
        Section(
            "expect", lineWords: ExpectSection.forms.map { $0.word }, open: ExpectSection.open,
            readLine: ExpectSection.readLine),
    ]

    /// The words of all sections.
    static let words: [Bytes] = all.map { $0.word }

    /// The section whose lines begin with this word.
    static func home(of word: [UInt8]) -> Bytes? {
        for section in all {
            for candidate in section.lineWords where candidate.storage == word { return section.word }
        }
        return nil
    }
}

extension Parser {
    /// Takes the word of a section that may stand in a file once.
    mutating func openOnce(_ word: Bytes) throws(Scenario.ParseError) {
        try once(word, in: Bytes(), at: tokens[0])
    }

    /// Reads settings until the end of the line, each at most once in its scope, which is the section unless given.
    mutating func settings(
        _ forms: [Form<Void>], of name: Bytes, scope: Bytes? = nil, _ context: Unsupported.Context
    ) throws(Scenario.ParseError) {
        repeat {
            let token = tokens[position < tokens.count ? position : tokens.count - 1]
            for form in forms where !isAtEnd && matches(token, form.word) && !form.mayRepeat {
                try once(form.word, in: scope ?? name, at: token)
            }
            guard try accept(forms) != nil else { throw unknown("setting", in: name, context) }
        } while !isAtEnd
    }

    /// The error of a word that a section does not know, with the section it belongs to if there is one.
    ///
    /// The words that were tried at the present position are what the section knows.
    mutating func unknown(
        _ what: String, in scope: Bytes, _ context: Unsupported.Context
    ) -> Scenario.ParseError {
        guard let token = current, token.kind == .word else { return expected("a \(what) of \"\(scope.description)\"") }
        if let notYet = Unsupported.text(for: bytes(of: token), in: context) {
            return error("not supported yet: \(notYet)")
        }
        let text = "unknown \(what) \(shown(token)) in \"\(scope.description)\""
        if let near = suggestion() { return error(text, suggestion: near) }
        if position == 0, let error = unknownSection() { return error }
        if let home = Section.home(of: bytes(of: token)), home != scope {
            return error("\(shown(token)) belongs in the section \"\(home.description)\"")
        }
        return error(text)
    }
}
