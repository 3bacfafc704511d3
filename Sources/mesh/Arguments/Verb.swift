/// A command of `mesh`: what it is called, what it takes, and what it does.
///
/// Help and completions are made from it.
struct Verb: Sendable {
    var name: String
    var summary: String
    /// What stands behind the name in the usage line.
    var operands: String
    var options: [Option]
    var details: String
    var examples: [(command: String, meaning: String)]
    /// What its operands are.
    var operandKind = OperandKind.scenarios
    var run: @Sendable (Arguments) async throws -> ExitStatus

    static let all: [Verb] = [
        Replay.verb, Fuzz.verb, Shrink.verb, Debug.verb, TraceVerb.verb, DiffVerb.verb, Check.verb, List.verb,
        Lin.verb, Conform.verb, CrashMatrixVerb.verb, Wal.verb, MaelstromVerb.verb, Bench.verb, Completions.verb,
    ]
}

/// What the operands of a command are; completions are made from it.
enum OperandKind: Sendable {
    /// Scenario files and folders of them.
    case scenarios
    /// Files whose names end with a dot and this, and folders of them.
    case files(String)
    /// A word of this list, then files of any name.
    case wordAndFiles([String])
    /// One word of this list.
    case word([String])
}

/// An option of a command.
struct Option: Sendable {
    var name: String
    /// What its value stands for; `nil` for a switch.
    var value: String?
    var summary: String
}
