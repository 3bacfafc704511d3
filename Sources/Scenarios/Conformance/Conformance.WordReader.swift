import MeshCore

extension Conformance {
    /// Reads the words of a command line.
    struct WordReader {
        private var words: [Argument] = []

        /// Reads one line of the command, without a `\` at its end.
        mutating func read(_ line: [UInt8], number: Int) throws(Scenario.ParseError) {
            var place = 0
            while place < line.count {
                if line[place] == 0x20 || line[place] == 0x09 {
                    place += 1
                } else {
                    words.append(try Self.word(line, &place, number))
                }
            }
        }

        /// The name of the command and the words behind it.
        func finish(line: Int) throws(Scenario.ParseError) -> (name: Bytes, arguments: [Argument]) {
            guard let first = words.first, first.values == nil else {
                throw Scenario.ParseError(
                    at: Scenario.Location(line: line, column: 1), "a command begins with its name")
            }
            return (first.key, Array(words.dropFirst()))
        }

        private static func word(
            _ line: [UInt8], _ place: inout Int, _ number: Int
        ) throws(Scenario.ParseError) -> Argument {
            let start = place
            while place < line.count, line[place] != 0x20, line[place] != 0x09, line[place] != 0x3d { place += 1 }
            let key = Bytes(Array(line[start..<place]))
            guard place < line.count, line[place] == 0x3d else {
                return Argument(key: key, values: nil, column: start + 1)
            }
            guard !key.isEmpty else {
                throw Scenario.ParseError(
                    at: Scenario.Location(line: number, column: start + 1), "a value without a key")
            }
            place += 1
            let values = try Self.values(line, &place, number)
            return Argument(key: key, values: values, column: start + 1)
        }

        /// One value, or those in parentheses: they are split at commas that stand in no further parentheses.
        private static func values(
            _ line: [UInt8], _ place: inout Int, _ number: Int
        ) throws(Scenario.ParseError) -> [Bytes] {
            let start = place
            guard place < line.count, line[place] == 0x28 else {
                while place < line.count, line[place] != 0x20, line[place] != 0x09 { place += 1 }
                return [Bytes(Array(line[start..<place]))]
            }
            var depth = 0
            var values: [Bytes] = []
            var value: [UInt8] = []
            while place < line.count {
                let byte = line[place]
                place += 1
                if byte == 0x28 { depth += 1 }
                if byte == 0x29 { depth -= 1 }
                if depth == 0 {
                    if !value.isEmpty || !values.isEmpty { values.append(Bytes(value)) }
                    return values
                }
                let isOpening = byte == 0x28 && depth == 1
                if byte == 0x2c && depth == 1 {
                    values.append(Bytes(value))
                    value = []
                } else if !isOpening && !(byte == 0x20 && value.isEmpty) {
                    value.append(byte)
                }
            }
            throw Scenario.ParseError(
                at: Scenario.Location(line: number, column: start + 1), "this parenthesis is not closed")
        }
    }
}
