/// One text file of the repository, or a snippet in a rule's own test.
struct SourceFile: Sendable {
    /// The path from the repository's root.
    let path: String
    let text: String
    let lines: [Substring]
    /// Empty unless the file is Swift.
    let tokens: [Token]
    /// Empty unless the file is Swift.
    let comments: [Comment]
    /// Where each word or punctuation character stands, as positions in ``tokens``, ascending.
    private let index: [String: [Int]]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if path.hasSuffix(".swift") {
            let lexer = Lexer(text)
            tokens = lexer.tokens
            comments = lexer.comments
        } else {
            tokens = []
            comments = []
        }
        var index: [String: [Int]] = [:]
        for (place, token) in tokens.enumerated() where token.kind != .string {
            index[token.text, default: []].append(place)
        }
        self.index = index
    }

    /// The folder below `Sources` that the file stands in, which is its target.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The places where these tokens follow each other, as positions in ``tokens``.
    ///
    /// A pattern is written as source text: `". random ("`.
    func places(of pattern: String) -> [Int] {
        let wanted = pattern.split(separator: " ").map { String($0) }
        guard let first = wanted.first, let candidates = index[first] else { return [] }
        if wanted.count == 1 { return candidates }
        return candidates.filter { start in
            start + wanted.count <= tokens.count
                && wanted.indices.allSatisfy { offset in
                    tokens[start + offset].kind != .string && tokens[start + offset].text == wanted[offset]
                }
        }
    }

    /// The position of the bracket that closes the one at `open`, or the end.
    func closing(_ open: Int) -> Int {
        var depth = 0
        for position in open..<tokens.count where tokens[position].kind == .punctuation {
            switch tokens[position].text {
            case "(", "[", "{": depth += 1
            case ")", "]", "}":
                depth -= 1
                if depth == 0 { return position }
            default: break
            }
        }
        return tokens.count
    }
}
