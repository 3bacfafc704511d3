import MeshCore

/// A piece of a line: a word, a number with its unit, a string or a symbol.
struct Token {
    /// What kind of piece.
    enum Kind: UInt8 {
        /// Letters, digits, `-`, `_`, `.`, `/` and `%`, beginning with a letter: `raft-safety`, `raft.vote`, `n3`.
        case word

        /// The same, beginning with a digit or a sign and a digit: `150ms`, `+500ppm`, `100/s`.
        case number

        /// Text in double quotes, with the quotes.
        case string

        /// One of `-> <-> .. { } | , : = == != < <= > >= ~`.
        case symbol
    }

    /// What kind of piece.
    var kind: Kind

    /// The offset of its first byte in the file.
    var start: Int

    /// The offset after its last byte.
    var end: Int

    /// The column of its first scalar, counted from 1.
    var column: Int
}

/// Cuts one line into tokens.
struct Lexer {
    private let source: [UInt8]
    private let end: Int
    private let line: Int
    private var offset: Int
    private var column = 1

    /// Prepares to cut the bytes between two offsets, which are one line without its line break.
    init(source: [UInt8], from start: Int, to end: Int, line: Int) {
        self.source = source
        self.offset = start
        self.end = end
        self.line = line
    }

    /// The next token; `nil` at the end of the line or at a comment.
    mutating func next() throws(Scenario.ParseError) -> Token? {
        while offset < end, source[offset] == 0x20 || source[offset] == 0x09 { advance() }
        guard offset < end, source[offset] != Lexer.hash else { return nil }
        let start = offset
        let column = self.column
        let kind: Token.Kind
        if source[offset] == Lexer.quote {
            try string()
            kind = .string
        } else if Lexer.isLetter(source[offset]) {
            word()
            kind = .word
        } else if Lexer.isDigit(source[offset]) || (isSign(source[offset]) && Lexer.isDigit(byte(at: offset + 1))) {
            advance()
            word()
            kind = .number
        } else {
            try symbol()
            kind = .symbol
        }
        return Token(kind: kind, start: start, end: offset, column: column)
    }

    /// Goes one byte on; only bytes that begin a scalar count as a column.
    private mutating func advance() {
        offset += 1
        if offset >= source.count || source[offset] & 0xc0 != 0x80 { column += 1 }
    }

    private func byte(at index: Int) -> UInt8 { index < end ? source[index] : 0 }

    private func isSign(_ byte: UInt8) -> Bool { byte == 0x2b || byte == 0x2d }

    /// Goes to the end of a word: a dot belongs to it unless another follows, a dash when a letter or digit follows.
    private mutating func word() {
        while offset < end {
            let current = source[offset]
            let following = byte(at: offset + 1)
            let isJoint =
                (current == 0x2e || current == 0x2d) && (Lexer.isLetter(following) || Lexer.isDigit(following))
            guard isJoint || Lexer.isLetter(current) || Lexer.isDigit(current) || Lexer.isMark(current) else { return }
            advance()
        }
    }

    /// Goes past the closing quote; what the escapes mean is decided when the text is needed.
    private mutating func string() throws(Scenario.ParseError) {
        let start = column
        advance()
        while offset < end, source[offset] != Lexer.quote {
            let current = source[offset]
            if (current < 0x20 && current != 0x09) || current == 0x7f {
                throw error(at: column, "a control character in a string is written \\x\(twoDigits(current))")
            }
            advance()
            if current == Lexer.backslash, offset < end { advance() }
        }
        guard offset < end else {
            throw error(at: start, length: column - start, "the string has no closing quote")
        }
        advance()
    }

    /// Goes past a symbol, the longest that fits.
    private mutating func symbol() throws(Scenario.ParseError) {
        for symbol in Lexer.symbols where matches(symbol) {
            for _ in 0..<symbol.count { advance() }
            return
        }
        let start = offset
        let at = column
        repeat { advance() } while offset < end && source[offset] & 0xc0 == 0x80
        let isVisible = source[start] > 0x20 && source[start] != 0x7f
        let shown = isVisible ? "\"\(Bytes(Array(source[start..<offset])).description)\"" : "control character"
        throw error(at: at, "unexpected \(shown)")
    }

    private func matches(_ symbol: Bytes) -> Bool {
        guard offset + symbol.count <= end else { return false }
        for index in 0..<symbol.count where source[offset + index] != symbol.storage[index] { return false }
        return true
    }

    private func error(at column: Int, length: Int = 1, _ message: String) -> Scenario.ParseError {
        Scenario.ParseError(at: Scenario.Location(line: line, column: column), length: length, message)
    }

    private static let symbols: [Bytes] = [
        "<->", "->", "..", "<=", ">=", "==", "!=", "<", ">", "=", "{", "}", "|", ",", ":", "~",
    ]
    private static var hash: UInt8 { 0x23 }
    private static var quote: UInt8 { 0x22 }
    private static var backslash: UInt8 { 0x5c }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func isLetter(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte == 0x5f
    }

    private static func isMark(_ byte: UInt8) -> Bool { byte == 0x25 || byte == 0x2f }
}

/// Writes a byte as two hexadecimal digits.
func twoDigits(_ byte: UInt8) -> String {
    var text = ""
    for digit in [byte >> 4, byte & 0xf] {
        text.unicodeScalars.append(Unicode.Scalar(digit < 10 ? 48 + digit : 87 + digit))
    }
    return text
}
