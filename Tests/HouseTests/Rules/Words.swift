extension Rule {
    static let documentation = Rule(
        "documentation", in: .sources,
        advice: "write a `///` sentence: what it is or does, then units, errors and complexity",
        refuses: [
            "public struct A {}", "/// A.\npublic struct A {\n    public var b: Int\n}",
            "/// A.\npublic enum A {\n    case b\n}", "/// A.\npublic protocol A {\n    func b()\n}",
            "// A.\npublic func a() {}",
        ],
        allows: [
            "/// A.\n@inlinable\n@inline(__always)\npublic func a() {}", "public import MeshCore",
            "/// A.\npublic enum A {\n    /// B.\n    case b\n\n    func c() { switch d { case .e: f } }\n}",
            "struct A {\n    var b: Int\n}", "/// A.\npublic private(set) var a = 1",
        ]
    ) { undocumented(in: $0) }

    static let noLeftovers = Rule(
        "no leftovers", in: .swift,
        advice: "do it now or write it down as an issue",
        refuses: ["// FIXME: later", "/* TODO */"], allows: ["let text = \"TODO\""]
    ) { file -> [(Int, String)] in
        let marks: [String] = ["FIXME", "TODO", "XXX", "HACK"]
        let leftovers = file.comments.filter { comment in marks.contains { comment.text.contains($0) } }
        return leftovers.map { ($0.line, "a leftover note") }
    }

    /// What opens a scope in which declarations must be documented.
    private enum Region {
        case publicEnum
        case publicProtocol
        case other
    }

    /// Public declarations, cases of public enums and requirements of public protocols without a `///` above.
    private static func undocumented(in file: SourceFile) -> [(Int, String)] {
        let tokens = file.tokens
        var regions: [Region] = []
        var pending = Region.other
        var found: [(Int, String)] = []
        for (place, token) in tokens.enumerated() {
            if token.isPunctuation("{") {
                regions.append(pending)
                pending = .other
            } else if token.isPunctuation("}") {
                _ = regions.popLast()
            } else if token.kind == .word {
                if isPublic(place, in: tokens) {
                    if token.text == "enum" { pending = .publicEnum }
                    if token.text == "protocol" { pending = .publicProtocol }
                }
                let region = regions.last ?? .other
                guard isDeclaration(place, in: tokens, region: region) else { continue }
                if !isDocumented(token.line, in: file) { found.append((token.line, "`\(token.text)` without a word")) }
            }
        }
        return found
    }

    private static let keywords: [String] = [
        "func", "var", "let", "struct", "enum", "class", "actor", "protocol", "init", "subscript", "typealias",
        "associatedtype",
    ]

    private static let modifiers: [String] = [
        "static", "final", "mutating", "nonmutating", "borrowing", "consuming", "indirect", "override", "convenience",
        "public", "lazy", "nonisolated", "prefix", "postfix",
    ]

    /// Whether `public` stands before this keyword on the way over other modifiers.
    private static func isPublic(_ place: Int, in tokens: [Token]) -> Bool {
        var position = place - 1
        while position >= 0 {
            let token = tokens[position]
            if token.isWord("public") { return true }
            if token.kind == .word, modifiers.contains(token.text) {
                position -= 1
            } else if token.isPunctuation(")"), position >= 3, tokens[position - 1].isWord("set") {
                position -= 4
            } else {
                return false
            }
        }
        return false
    }

    private static func isDeclaration(_ place: Int, in tokens: [Token], region: Region) -> Bool {
        let token = tokens[place]
        // A word behind a point or before a colon is a name, as in `.init(` or `func:`.
        if place > 0, tokens[place - 1].isPunctuation(".") { return false }
        if place + 1 < tokens.count, tokens[place + 1].isPunctuation(":") { return false }
        switch region {
        case .publicEnum where token.text == "case": return true
        case .publicProtocol where keywords.contains(token.text): return true
        case .publicEnum, .publicProtocol, .other: return keywords.contains(token.text) && isPublic(place, in: tokens)
        }
    }

    /// Whether a `///` line stands above this line, attributes in between allowed.
    private static func isDocumented(_ line: Int, in file: SourceFile) -> Bool {
        var index = line - 2
        while index >= 0 {
            let text = file.lines[index].drop { $0 == " " }
            if text.hasPrefix("///") { return true }
            guard text.hasPrefix("@") else { return false }
            index -= 1
        }
        return false
    }
}
