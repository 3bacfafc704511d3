import MeshCore

/// A word that begins something, and how to read what follows it.
///
/// A table of forms is all the parser knows of a section: a new statement is one more form.
struct Form<Value>: Sendable {
    /// The word.
    let word: Bytes

    /// Reads what follows the word.
    let read: @Sendable (inout Parser) throws(Scenario.ParseError) -> Value

    /// Whether the word may come more than once in a section.
    let mayRepeat: Bool

    /// Registers a word.
    init(
        _ word: Bytes, mayRepeat: Bool = false,
        _ read: @escaping @Sendable (inout Parser) throws(Scenario.ParseError) -> Value
    ) {
        self.word = word
        self.mayRepeat = mayRepeat
        self.read = read
    }
}

extension Parser {
    /// The token that comes next; `nil` at the end of the line.
    var current: Token? { position < tokens.count ? tokens[position] : nil }

    /// Whether the line is over.
    var isAtEnd: Bool { position >= tokens.count }

    /// The bytes of a token.
    func bytes(of token: Token) -> [UInt8] { Array(source[token.start..<token.end]) }

    /// Whether a token reads like this.
    func matches(_ token: Token, _ text: Bytes) -> Bool {
        guard token.end - token.start == text.count else { return false }
        for index in 0..<text.count where source[token.start + index] != text.storage[index] { return false }
        return true
    }

    /// Goes to the next token.
    mutating func advance() {
        position += 1
        tried.removeAll(keepingCapacity: true)
    }

    /// Whether the token so far ahead is this word or symbol; a string never is.
    func isAhead(_ text: Bytes, by distance: Int = 0) -> Bool {
        let index = position + distance
        return index < tokens.count && tokens[index].kind != .string && matches(tokens[index], text)
    }

    /// Takes a word or symbol if it comes next, and otherwise remembers that it could have come.
    mutating func accept(_ text: Bytes) -> Bool {
        if isAhead(text) {
            advance()
            return true
        }
        tried.append(text)
        return false
    }

    /// Takes a word or symbol that must come next.
    mutating func expect(_ text: Bytes) throws(Scenario.ParseError) {
        if !accept(text) { throw expected("\"\(text.description)\"") }
    }

    /// Takes the word of a form that comes next and reads what follows it; `nil` when no form fits.
    mutating func accept<Value>(_ forms: [Form<Value>]) throws(Scenario.ParseError) -> Value? {
        guard let token = current, token.kind != .string else { return nil }
        for form in forms where matches(token, form.word) {
            advance()
            return try form.read(&self)
        }
        for form in forms { tried.append(form.word) }
        return nil
    }

    /// Takes one of the named cases of an enumeration if it comes next.
    mutating func accept<Value>(_ cases: [(word: Bytes, value: Value)]) -> Value? {
        for candidate in cases where accept(candidate.word) { return candidate.value }
        return nil
    }

    /// Takes one of the named cases of an enumeration, which must come next.
    mutating func choose<Value>(
        _ cases: [(word: Bytes, value: Value)], _ what: String
    ) throws(Scenario.ParseError) -> Value {
        guard let value = accept(cases) else { throw expected(what) }
        return value
    }

    /// Takes `on` or `off`.
    mutating func flag() throws(Scenario.ParseError) -> Bool {
        if accept("on") { return true }
        if accept("off") { return false }
        throw expected("\"on\" or \"off\"")
    }

    /// Takes a name: a word that is neither a number nor a string.
    mutating func name(_ what: String) throws(Scenario.ParseError) -> Bytes {
        guard let token = current, token.kind == .word else { throw expected(what) }
        let name = Bytes(bytes(of: token))
        guard name.count <= 64 else { throw error("a name has at most 64 characters") }
        advance()
        return name
    }

    /// Complains when something is left on the line.
    mutating func endOfLine() throws(Scenario.ParseError) {
        guard let token = current else { return }
        throw error("unexpected \(shown(token))", suggestion: suggestion())
    }
}

extension Parser {
    /// Where a token stands; after the last token when there is none.
    func location(of token: Token?) -> Scenario.Location {
        if let token { return Scenario.Location(line: line, column: token.column) }
        guard let last = tokens.last else { return Scenario.Location(line: line, column: 1) }
        return Scenario.Location(line: line, column: last.column + length(of: last))
    }

    /// Where the next token stands.
    var here: Scenario.Location { location(of: current) }

    /// How many Unicode scalars a token has.
    func length(of token: Token) -> Int {
        var length = 0
        for index in token.start..<token.end where source[index] & 0xc0 != 0x80 { length += 1 }
        return length
    }

    /// A token as messages show it: in quotes, and cut when it is long.
    func shown(_ token: Token) -> String {
        let limit = 40
        var text = ""
        var count = 0
        for scalar in String(decoding: source[token.start..<token.end], as: UTF8.self).unicodeScalars {
            if count == limit { return "\"\(text)...\"" }
            text.unicodeScalars.append(harmless(scalar))
            count += 1
        }
        return token.kind == .string ? text : "\"\(text)\""
    }

    /// An error about the next token, or about a given one.
    func error(_ message: String, at token: Token? = nil, suggestion: Bytes? = nil) -> Scenario.ParseError {
        let token = token ?? current
        var length = 1
        if let token { length = self.length(of: token) }
        return Scenario.ParseError(at: location(of: token), length: length, message, suggestion: suggestion)
    }

    /// The error of a token that is not what must come here.
    func expected(_ what: String) -> Scenario.ParseError {
        guard let token = current else { return error("expected \(what) here") }
        return error("expected \(what), found \(shown(token))", suggestion: suggestion())
    }

    /// The possible word that is nearest to the next token.
    func suggestion() -> Bytes? {
        guard let token = current, token.kind == .word else { return nil }
        return nearest(to: bytes(of: token), among: tried)
    }

    /// Complains when something is said for the second time; `scope` tells equal words of different places apart.
    mutating func once(_ word: Bytes, in scope: Bytes, at token: Token) throws(Scenario.ParseError) {
        for earlier in said where earlier.word == word && earlier.scope == scope {
            throw error("\"\(word.description)\" is already given on line \(earlier.line)", at: token)
        }
        said.append((scope, word, line))
    }

    /// Goes one level deeper into what may be nested; complains when it is too deep.
    mutating func descend() throws(Scenario.ParseError) {
        depth += 1
        guard depth <= 16 else { throw error("this is nested too deeply") }
    }
}
