/// The operands and options of one call, checked against the command's own list.
struct Arguments: Sendable {
    private(set) var operands: [String] = []
    private var values: [String: String] = [:]

    /// Reads the words behind the command's name.
    ///
    /// - Throws: `UsageError` for an option the command does not have, or one whose value is missing or superfluous.
    init(_ words: [String], verb: Verb) throws {
        var index = 0
        var isOver = false
        while index < words.count {
            let word = words[index]
            index += 1
            if word == "--" && !isOver {
                isOver = true
            } else if isOver || !word.hasPrefix("-") || word == "-" {
                operands.append(word)
            } else {
                try readOption(word, words, &index, verb)
            }
        }
    }

    private mutating func readOption(_ word: String, _ words: [String], _ index: inout Int, _ verb: Verb) throws {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = verb.options.first(where: { $0.name == parts[0] }) else {
            let names = verb.options.map { $0.name }
            throw UsageError(
                "\"mesh \(verb.name)\" has no option \(parts[0])",
                hint: Suggestion.text(for: parts[0], among: names)
                    ?? "\"mesh \(verb.name) --help\" lists the options.")
        }
        guard values[option.name] == nil else { throw UsageError("\(option.name) is given twice") }
        guard let placeholder = option.value else {
            guard parts.count == 1 else { throw UsageError("\(option.name) takes no value") }
            values[option.name] = ""
            return
        }
        if parts.count == 2 {
            values[option.name] = parts[1]
        } else if index < words.count {
            values[option.name] = words[index]
            index += 1
        } else {
            throw UsageError("\(option.name) needs a value: \(option.name) \(placeholder)")
        }
    }

    /// Whether a switch is there.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// The value of an option.
    func value(_ name: String) -> String? { values[name] }
}

/// A call that cannot be carried out as it stands, and the way out.
struct UsageError: Error {
    var message: String
    var hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}
