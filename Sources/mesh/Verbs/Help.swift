/// The help texts, made from the list of commands.
enum Help {
    static var overview: String {
        var text = """
            Runs distributed protocols under a virtual clock, on a network and disks that misbehave on purpose.

            Usage: mesh COMMAND [OPTIONS]


            """
        let width = (Verb.all.map { $0.name.count }.max() ?? 0) + 2
        for verb in Verb.all { text += "  \(padded(verb.name, width))\(verb.summary)\n" }
        text += """

            "mesh COMMAND --help" says more about one of them, with examples. NO_COLOR switches colours off.
            """
        return text
    }

    static func show(_ name: String) throws -> ExitStatus {
        guard let verb = Verb.all.first(where: { $0.name == name }) else {
            throw UsageError(
                "unknown command \"\(name)\"", hint: Suggestion.text(for: name, among: Verb.all.map { $0.name }))
        }
        Terminal.print(text(of: verb))
        return .held
    }

    static func text(of verb: Verb) -> String {
        var text = "\(verb.summary.prefix(1).uppercased())\(verb.summary.dropFirst()).\n\n"
        text += "Usage: mesh \(verb.name) \(verb.operands)\(verb.options.isEmpty ? "" : " [OPTIONS]")\n"
        let rows = verb.options.map {
            (left: [$0.name, $0.value].compactMap { $0 }.joined(separator: " "), summary: $0.summary)
        }
        let width = (rows.map { $0.left.count }.max() ?? 0) + 2
        if !rows.isEmpty { text += "\nOptions:\n" }
        for (left, summary) in rows { text += "  \(padded(left, width))\(summary)\n" }
        text += "\n\(verb.details)\n\nExamples:\n"
        for (command, meaning) in verb.examples { text += "  \(command)\n      \(meaning)\n" }
        return String(text.dropLast())
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 1))
    }
}
