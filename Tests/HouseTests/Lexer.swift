/// One piece of Swift source that the rules look at: comments are gone, strings are one token each.
struct Token: Sendable, Equatable {
    enum Kind: Sendable {
        case word
        case number
        /// The text between the quotes; code inside an interpolation is lexed as code and follows as tokens.
        case string
        case punctuation
    }

    let kind: Kind
    let text: String
    let line: Int
    /// Whether no space stands between this token and the one before.
    let isAttached: Bool

    func isWord(_ word: String) -> Bool { kind == .word && text == word }

    func isPunctuation(_ character: String) -> Bool { kind == .punctuation && text == character }
}

/// What a comment says and where it begins.
struct Comment: Sendable {
    let line: Int
    let text: String
}

/// Splits Swift source into tokens and comments, well enough for rules that must not stumble over strings and comments.
///
/// It knows nested comments, raw and multi-line strings and interpolations; it does not know regex literals.
struct Lexer {
    private(set) var tokens: [Token] = []
    private(set) var comments: [Comment] = []

    private let source: [UInt8]
    private var position = 0
    private var line = 1
    private var isAttached = false

    init(_ text: String) {
        source = Array(text.utf8)
        lexCode(untilParenthesis: false)
    }

    private func peek(_ offset: Int = 0) -> UInt8 {
        position + offset < source.count ? source[position + offset] : 0
    }

    private func starts(with text: StaticString) -> Bool {
        let text = Array(text.description.utf8)
        guard position + text.count <= source.count else { return false }
        return text.indices.allSatisfy { source[position + $0] == text[$0] }
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }

    private mutating func add(_ kind: Token.Kind, _ text: String, line: Int) {
        tokens.append(Token(kind: kind, text: text, line: line, isAttached: isAttached))
        isAttached = true
    }

    /// Lexes code to the end, or to the parenthesis that closes an interpolation.
    private mutating func lexCode(untilParenthesis: Bool) {
        var depth = 0
        while position < source.count {
            let byte = peek()
            if byte == UInt8(ascii: "\n") {
                line += 1
                position += 1
                isAttached = false
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                position += 1
                isAttached = false
            } else if starts(with: "//") {
                lexLineComment()
            } else if starts(with: "/*") {
                lexBlockComment()
            } else if byte == UInt8(ascii: "\"") || (byte == UInt8(ascii: "#") && startsRawString()) {
                lexString()
            } else if isWordStart(byte) {
                lexWord()
            } else if isDigit(byte) {
                lexNumber()
            } else {
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
                position += 1
                if untilParenthesis && depth < 0 { return }
                add(.punctuation, text(position - 1..<position), line: line)
            }
        }
    }

    private mutating func lexLineComment() {
        let start = position
        while position < source.count && peek() != UInt8(ascii: "\n") { position += 1 }
        comments.append(Comment(line: line, text: text(start..<position)))
        isAttached = false
    }

    private mutating func lexBlockComment() {
        let start = position
        let startLine = line
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                position += 2
            } else if starts(with: "*/") {
                depth -= 1
                position += 2
            } else {
                if peek() == UInt8(ascii: "\n") { line += 1 }
                position += 1
            }
        } while depth > 0 && position < source.count
        comments.append(Comment(line: startLine, text: text(start..<min(position, source.count))))
        isAttached = false
    }

    private func startsRawString() -> Bool {
        var offset = 0
        while peek(offset) == UInt8(ascii: "#") { offset += 1 }
        return peek(offset) == UInt8(ascii: "\"")
    }

    private mutating func lexString() {
        var hashes = 0
        while peek() == UInt8(ascii: "#") {
            hashes += 1
            position += 1
        }
        let isMultiline = starts(with: "\"\"\"")
        position += isMultiline ? 3 : 1
        let startLine = line
        var content: [UInt8] = []
        let place = tokens.count
        let attachment = isAttached
        while position < source.count {
            if closesString(isMultiline: isMultiline, hashes: hashes) {
                position += (isMultiline ? 3 : 1) + hashes
                break
            }
            if peek() == UInt8(ascii: "\n") {
                if !isMultiline { break }
                line += 1
            }
            guard isEscape(hashes) else {
                content.append(peek())
                position += 1
                continue
            }
            position += 1 + hashes
            if peek() == UInt8(ascii: "(") {
                position += 1
                isAttached = false
                lexCode(untilParenthesis: true)
            } else {
                position += 1
            }
        }
        let string = Token(
            kind: .string, text: String(decoding: content, as: UTF8.self), line: startLine, isAttached: attachment)
        tokens.insert(string, at: place)
        isAttached = true
    }

    private func closesString(isMultiline: Bool, hashes: Int) -> Bool {
        guard isMultiline ? starts(with: "\"\"\"") : peek() == UInt8(ascii: "\"") else { return false }
        let length = isMultiline ? 3 : 1
        return (0..<hashes).allSatisfy { peek(length + $0) == UInt8(ascii: "#") }
    }

    private func isEscape(_ hashes: Int) -> Bool {
        peek() == UInt8(ascii: "\\") && (0..<hashes).allSatisfy { peek(1 + $0) == UInt8(ascii: "#") }
    }

    private mutating func lexWord() {
        let start = position
        while position < source.count && (isWordStart(peek()) || isDigit(peek())) { position += 1 }
        add(.word, text(start..<position), line: line)
    }

    private mutating func lexNumber() {
        let start = position
        while isWordStart(peek()) || isDigit(peek()) || (peek() == UInt8(ascii: ".") && isDigit(peek(1))) {
            position += 1
        }
        add(.number, text(start..<position), line: line)
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    /// Letters, the underscore, and every byte of a character outside ASCII.
    private func isWordStart(_ byte: UInt8) -> Bool {
        (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 95 || byte >= 128
    }
}
