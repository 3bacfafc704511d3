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
    /// Whether its operands are scenario files.
    var takesFiles = true
    var run: @Sendable (Arguments) async throws -> ExitStatus

    static let all: [Verb] = [Replay.verb, Check.verb, List.verb, Completions.verb]
}

/// An option of a command.
struct Option: Sendable {
    var name: String
    /// What its value stands for; `nil` for a switch.
    var value: String?
    var summary: String
}
