import Testing

/// A place where a rule is broken, and the way out.
struct Finding: Sendable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// One rule of the house: what it looks at, what it refuses, and snippets that prove it.
struct Rule: Sendable, CustomTestStringConvertible {
    /// A short name, which exceptions refer to.
    let name: String
    /// What to do instead; every finding says it.
    let advice: String
    /// Which files it looks at.
    let scope: Scope
    /// Snippets that it must refuse.
    let refuses: [Snippet]
    /// Snippets that it must let through.
    let allows: [Snippet]
    /// Finds the breaks in the files of the scope.
    let check: @Sendable ([SourceFile]) -> [(SourceFile, Int, String)]

    var testDescription: String { name }

    /// Every break in these files, exceptions left out.
    func findings(in files: [SourceFile], exceptions: [Exception] = []) -> [Finding] {
        let excused = exceptions.filter { $0.rule == name }.map(\.path)
        let looked = files.filter { scope.holds($0) && !excused.contains($0.path) }
        return check(looked).map { file, line, what in
            Finding(path: file.path, line: line, message: "\(what): \(advice)")
        }
    }
}

/// A piece of source for a rule's own test, at a path inside the rule's scope.
struct Snippet: Sendable, ExpressibleByStringLiteral {
    let file: SourceFile

    init(_ path: String, _ text: String) { file = SourceFile(path: path, text: text) }

    /// A snippet of MeshCore.
    init(stringLiteral text: String) { self.init("Sources/MeshCore/Snippet.swift", text) }
}

/// A file that may break a rule, and why.
struct Exception: Sendable {
    let rule: String
    let path: String
    let reason: String
}

/// The files a rule looks at.
struct Scope: Sendable {
    let holds: @Sendable (SourceFile) -> Bool

    /// MeshCore, Simulator, Scenarios: what must run the same everywhere.
    static let pure = Scope { file in file.isSwift && Doors.pure.contains(file.target ?? "") }
    /// Everything under `Sources`.
    static let sources = Scope { $0.isSwift && $0.target != nil }
    /// Every Swift file.
    static let swift = Scope { $0.isSwift }
    /// Every text file.
    static let all = Scope { _ in true }
    /// The scenario files.
    static let scenarios = Scope { $0.path.hasPrefix("scenarios/") && $0.path.hasSuffix(".mesh") }
    /// The manifest.
    static let manifest = Scope { $0.path == "Package.swift" }
}

extension Rule {
    /// A rule that looks at one file at a time and names lines.
    init(
        _ name: String, in scope: Scope, advice: String, refuses: [Snippet], allows: [Snippet] = [],
        each check: @escaping @Sendable (SourceFile) -> [(Int, String)]
    ) {
        self.init(name: name, advice: advice, scope: scope, refuses: refuses, allows: allows) { files in
            files.flatMap { file in check(file).map { (file, $0.0, $0.1) } }
        }
    }

    /// A rule that refuses token patterns, written as source text with spaces between the tokens.
    init(
        _ name: String, in scope: Scope, bans patterns: [String], advice: String, refuses: [Snippet],
        allows: [Snippet] = []
    ) {
        self.init(name, in: scope, advice: advice, refuses: refuses, allows: allows) { file in
            patterns.flatMap { pattern in
                file.places(of: pattern).map { (file.tokens[$0].line, "`\(pattern.filter { $0 != " " })`") }
            }
        }
    }
}
