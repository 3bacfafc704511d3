extension Rule {
    static let lineLimit = 120
    static let fileLimit = 600
    static let functionLimit = 80

    static let lineLength = Rule(
        "line length", in: .swift, advice: "break it at a comma or name a part; \(lineLimit) columns at most",
        refuses: [Snippet("Tests/A.swift", "let a = " + String(repeating: "b", count: 120))],
        allows: [Snippet("Tests/A.swift", String(repeating: "é", count: 120))]
    ) { file -> [(Int, String)] in
        file.lines.enumerated().filter { $0.element.count > lineLimit }
            .map { ($0.offset + 1, "\($0.element.count) columns") }
    }

    static let fileLength = Rule(
        "file length", in: .swift,
        advice: "split it by aspect (Type+Aspect.swift); \(fileLimit) lines at most",
        refuses: [Snippet("Tests/A.swift", String(repeating: "\n", count: 600))],
        allows: [Snippet("Tests/A.swift", String(repeating: "a\n", count: 599))]
    ) { file -> [(Int, String)] in
        file.lines.count > fileLimit ? [(file.lines.count, "\(file.lines.count) lines")] : []
    }

    static let functionLength = Rule(
        "function length", in: .swift,
        advice: "give a part of it a name of its own; \(functionLimit) lines at most",
        refuses: [
            Snippet("Tests/A.swift", "func a(b: () -> Void = {}) {" + String(repeating: "\n", count: 80) + "}"),
            Snippet("Tests/A.swift", "init() {\nif a {" + String(repeating: "\n", count: 80) + "}\n}"),
        ],
        allows: [
            Snippet(
                "Tests/A.swift", "protocol A {\nfunc a()\n}\nstruct B {" + String(repeating: "\n", count: 90) + "}")
        ]
    ) { file -> [(Int, String)] in
        functions(in: file).compactMap { function in
            let length = file.tokens[function.body.upperBound].line - function.line + 1
            return length > functionLimit ? (function.line, "\(function.name) has \(length) lines") : nil
        }
    }

    static let aStepNamesEveryCase = Rule(
        "a step names every case", in: .pure,
        advice: "list the cases: a new message must break the build, not vanish in `default`",
        refuses: ["func step(a: Int) { switch a { case 1: b\ndefault: break } }"],
        allows: [
            "func other(a: Int) { switch a { default: break } }",
            "func step(a: Int) { a[b, default: 0] += 1 }",
        ]
    ) { file -> [(Int, String)] in
        functions(in: file).filter { $0.name == "step" }.flatMap { function in
            file.places(of: "default :").filter { place in
                function.body.contains(place)
                    && (place == 0 || !file.tokens[place - 1].isPunctuation(","))
            }.map { (file.tokens[$0].line, "`default:` in step") }
        }
    }

    /// A function with a body, found without a parser.
    struct Function {
        let name: String
        let line: Int
        /// From the opening to the closing brace, as token positions.
        let body: ClosedRange<Int>
    }

    /// Words that begin another declaration, so that the one before had no body.
    private static let declarationWords: [String] = [
        "func", "init", "deinit", "var", "let", "struct", "enum", "protocol", "extension", "public", "private",
        "static", "mutating", "associatedtype", "typealias", "case", "subscript",
    ]

    /// Every function, initialiser and deinitialiser that has a body.
    static func functions(in file: SourceFile) -> [Function] {
        let tokens = file.tokens
        var found: [Function] = []
        for start in ["func", "init", "deinit"].flatMap({ file.places(of: $0) }) where start + 1 < tokens.count {
            if start > 0, tokens[start - 1].isPunctuation(".") { continue }
            var position = start + 1
            var open: Int?
            while position < tokens.count, open == nil {
                let token = tokens[position]
                if token.isPunctuation("(") {
                    position = file.closing(position)
                } else if token.isPunctuation("{") {
                    open = position
                } else if token.isPunctuation("}") || declarationWords.contains(token.text) && token.kind == .word {
                    break
                }
                position += 1
            }
            guard let open else { continue }
            let close = min(file.closing(open), tokens.count - 1)
            let name = tokens[start].isWord("func") ? tokens[start + 1].text : tokens[start].text
            found.append(Function(name: name, line: tokens[start].line, body: open...close))
        }
        return found
    }
}
