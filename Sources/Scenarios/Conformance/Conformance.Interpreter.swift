import MeshCore

extension Conformance {
    /// Carries out the cases of one file; what one leaves behind, the next one finds.
    struct Interpreter {
        private var changes = ConfigurationScript()
        private var group = GroupScript()

        /// Gives a case's output, which ends with a line end.
        mutating func run(_ test: Case) throws(Scenario.ParseError) -> Bytes {
            var text: String
            switch test.name {
            case "committed": text = try QuorumQuestion(test).committed
            case "vote": text = try QuorumQuestion(test).vote
            case "simple", "enter-joint", "leave-joint": text = try changes.run(test)
            case _:
                guard let transcript = try group.run(test) else { throw test.unknownCommand(among: Interpreter.names) }
                text = transcript
            }
            var bytes = Array(text.utf8)
            if let last = bytes.last, last != 0x0a { bytes.append(0x0a) }
            return Bytes(bytes)
        }

        private static var names: [Bytes] {
            ["committed", "vote", "simple", "enter-joint", "leave-joint"] + GroupScript.names
        }
    }
}

extension Conformance.Case {
    /// What is wrong with this case.
    func mistake(_ message: String, at argument: Conformance.Argument? = nil) -> Scenario.ParseError {
        Scenario.ParseError(
            at: Scenario.Location(line: line, column: argument?.column ?? 1),
            length: argument?.key.count ?? name.count, message)
    }

    /// A command whose name is none.
    func unknownCommand(among names: [Bytes]) -> Scenario.ParseError {
        var error = mistake("unknown command \"\(name)\"")
        error.suggestion = nearest(to: name.storage, among: names)
        return error
    }

    /// Refuses arguments that the command does not have.
    func checkKeys(_ keys: [Bytes]) throws(Scenario.ParseError) {
        for (position, argument) in arguments.enumerated() {
            guard keys.contains(argument.key) else {
                var error = mistake("\"\(name)\" has no argument \"\(argument.key)\"", at: argument)
                error.suggestion = nearest(to: argument.key.storage, among: keys)
                throw error
            }
            for earlier in arguments[..<position] where earlier.key == argument.key {
                throw mistake("\"\(argument.key)\" is given twice", at: argument)
            }
        }
    }

    /// Refuses arguments with values that the command does not have.
    func checkValues(_ keys: [Bytes]) throws(Scenario.ParseError) {
        for argument in arguments where argument.values != nil && !keys.contains(argument.key) {
            var error = mistake("\"\(name)\" has no argument \"\(argument.key)\"", at: argument)
            error.suggestion = nearest(to: argument.key.storage, among: keys)
            throw error
        }
    }

    /// The argument with this key.
    func argument(_ key: Bytes) -> Conformance.Argument? {
        for argument in arguments where argument.key == key { return argument }
        return nil
    }

    /// A value as a whole number.
    func number(_ value: Bytes, of argument: Conformance.Argument) throws(Scenario.ParseError) -> UInt64 {
        var number: UInt64 = 0
        guard !value.isEmpty, value.count < 19 else {
            throw mistake("\"\(value)\" is no whole number", at: argument)
        }
        for byte in value.storage {
            guard byte >= 0x30, byte <= 0x39 else { throw mistake("\"\(value)\" is no whole number", at: argument) }
            number = number * 10 + UInt64(byte - 0x30)
        }
        return number
    }
}
