public import MeshCore

extension Scenario {
    /// One mistake in a scenario file.
    public struct ParseError: Error, Equatable, Sendable {
        /// Where the mistake stands.
        public var location: Location

        /// How many Unicode scalars of the line it covers, at least 1.
        public var length: Int

        /// What is wrong and, where it can be said, the way out.
        public var message: String

        /// The known word that comes nearest to an unknown one.
        public var suggestion: Bytes?

        /// Creates the description of a mistake.
        public init(at location: Location, length: Int = 1, _ message: String, suggestion: Bytes? = nil) {
            self.location = location
            self.length = length
            self.message = message
            self.suggestion = suggestion
        }

        /// Equal when place, length, text and suggestion are.
        public static func == (left: ParseError, right: ParseError) -> Bool {
            left.location.line == right.location.line && left.location.column == right.location.column
                && left.length == right.length && left.suggestion == right.suggestion
                && Bytes(left.message) == Bytes(right.message)
        }
    }

    /// The mistakes in a scenario file, in the order of the file; thrown by ``Scenario/parse(_:knowing:)``.
    public struct ParseFailure: Error, Equatable, Sendable {
        /// The mistakes, at least one and at most ``limit``.
        public var errors: [ParseError]

        /// How many mistakes are reported before the parser gives up.
        public static var limit: Int { 20 }

        /// Creates the failure of these mistakes.
        public init(_ errors: [ParseError]) {
            self.errors = errors
        }

        /// Writes every mistake as a compiler would, with its line, a caret and a suggestion.
        ///
        /// - Complexity: O(mistakes times size of the file).
        public func render(source: [UInt8], file: String) -> String {
            var text = ""
            for error in errors { text += error.render(source: source, file: file) }
            if errors.count >= ParseFailure.limit { text += "\(file): too many errors, the rest is not shown\n" }
            return text
        }
    }
}

extension Scenario.ParseError {
    /// Writes `file:line:column: error: message`, the line, a caret below the mistake and a suggestion.
    ///
    /// What could confuse a terminal is shown as `?`, and a very long line as the part around the mistake.
    ///
    /// - Complexity: O(size of the file).
    public func render(source: [UInt8], file: String) -> String {
        var text = "\(file):\(location.line):\(location.column): error: \(message)\n"
        if location.line > 0 {
            var excerpt = Excerpt(source: source, line: location.line)
            excerpt.narrow(to: location.column)
            if !excerpt.isEmpty {
                text += excerpt.text + "\n" + excerpt.caret(at: location.column, length: length) + "\n"
            }
        }
        if let suggestion { text += "did you mean \"\(suggestion.description)\"?\n" }
        return text
    }
}

/// One line of a file as an error shows it.
private struct Excerpt {
    /// What is shown, one entry per Unicode scalar, each a valid piece of UTF-8.
    private var scalars: [Unicode.Scalar]

    /// How many scalars of the line are left out before what is shown.
    private var skipped: Int

    /// The most scalars shown.
    private static var width: Int { 116 }

    /// Reads a line, counted from 1.
    init(source: [UInt8], line: Int) {
        var start = 0
        var number = 1
        while number < line, start < source.count {
            if source[start] == 0x0a { number += 1 }
            start += 1
        }
        var end = start
        while end < source.count, source[end] != 0x0a { end += 1 }
        if end > start, source[end - 1] == 0x0d { end -= 1 }
        if line == 1, end - start >= 3, source[start] == 0xef, source[start + 1] == 0xbb, source[start + 2] == 0xbf {
            start += 3
        }
        scalars = []
        skipped = 0
        for scalar in String(decoding: source[start..<end], as: UTF8.self).unicodeScalars {
            scalars.append(harmless(scalar))
        }
    }

    /// Keeps only the part around a column when the line is very long.
    mutating func narrow(to column: Int) {
        guard scalars.count > Excerpt.width else { return }
        let wanted = column - 1 - Excerpt.width / 2
        let latest = scalars.count - Excerpt.width
        skipped = wanted < 0 ? 0 : (wanted > latest ? latest : wanted)
        scalars = Array(scalars[skipped..<skipped + Excerpt.width])
    }

    /// Whether there is nothing to show.
    var isEmpty: Bool { scalars.isEmpty }

    /// The line, with dots where something is left out.
    var text: String {
        var text = skipped > 0 ? "..." : ""
        for scalar in scalars { text.unicodeScalars.append(scalar) }
        return text
    }

    /// The line below it that points at the mistake; tabs stay tabs and wide characters count twice, so it lines up.
    func caret(at column: Int, length: Int) -> String {
        var text = skipped > 0 ? "   " : ""
        let before = column - 1 - skipped
        for index in 0..<max(before, 0) {
            guard index < scalars.count else {
                text += " "
                continue
            }
            text += scalars[index] == "\t" ? "\t" : blanks(" ", terminalWidth(scalars[index]))
        }
        text += "^"
        guard before < scalars.count else { return text }
        var width = 0
        for index in max(before, 0)..<min(before + length, scalars.count) { width += terminalWidth(scalars[index]) }
        return text + blanks("~", width - 1)
    }

    private func blanks(_ mark: String, _ count: Int) -> String {
        var text = ""
        for _ in 0..<max(count, 0) { text += mark }
        return text
    }
}

/// How many cells of a terminal a scalar takes: none for a combining mark, two for East Asian wide characters and
/// pictures, otherwise one.
private func terminalWidth(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x300...0x36f, 0x200d, 0xfe00...0xfe0f: return 0
    case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f: return 2
    case 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd: return 2
    default: return 1
    }
}

/// A scalar that a terminal shows and does not obey: itself, or `?`.
func harmless(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let value = scalar.value
    if value == 0x09 { return scalar }
    let isControl = value < 0x20 || (value >= 0x7f && value < 0xa0)
    let isDirection = (value >= 0x200e && value <= 0x200f) || (value >= 0x2028 && value <= 0x202e)
    return isControl || isDirection || (value >= 0x2066 && value <= 0x2069) ? "?" : scalar
}
