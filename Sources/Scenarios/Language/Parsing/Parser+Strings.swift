import MeshCore

extension Parser {
    /// Takes a string and resolves its escapes.
    mutating func string(_ what: String) throws(Scenario.ParseError) -> Bytes {
        guard let token = current, token.kind == .string else { throw expected("\(what) in double quotes") }
        let text = try unescaped(token)
        advance()
        return text
    }

    /// Takes a key of the gossip state: a string that is not empty.
    mutating func key() throws(Scenario.ParseError) -> Bytes {
        guard let token = current, token.kind == .string else { throw expected("a key in double quotes") }
        let key = try string("a key")
        guard !key.isEmpty else { throw error("a key cannot be empty", at: token) }
        return key
    }

    /// The bytes a string token stands for.
    private func unescaped(_ token: Token) throws(Scenario.ParseError) -> Bytes {
        var result: [UInt8] = []
        var index = token.start + 1
        let end = token.end - 1
        while index < end {
            let byte = source[index]
            guard byte == 0x5c else {
                result.append(byte)
                index += 1
                continue
            }
            switch source[index + 1] {
            case 0x22: result.append(0x22)
            case 0x5c: result.append(0x5c)
            case 0x6e: result.append(0x0a)
            case 0x72: result.append(0x0d)
            case 0x74: result.append(0x09)
            case 0x78:
                guard index + 3 < end, let high = hexadecimalDigit(source[index + 2]),
                    let low = hexadecimalDigit(source[index + 3])
                else { throw badEscape(token, at: index, "\\x is followed by two hexadecimal digits") }
                result.append(high << 4 | low)
                index += 2
            default: throw badEscape(token, at: index, "unknown escape: known are \\\" \\\\ \\n \\r \\t and \\x41")
            }
            index += 2
        }
        return Bytes(result)
    }

    /// The error of an escape that begins at an offset of the file.
    private func badEscape(_ token: Token, at offset: Int, _ message: String) -> Scenario.ParseError {
        var column = token.column
        for index in token.start..<offset where source[index] & 0xc0 != 0x80 { column += 1 }
        return Scenario.ParseError(at: Scenario.Location(line: line, column: column), length: 2, message)
    }
}

/// The value of a hexadecimal digit.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: return byte - 0x30
    case 0x61...0x66: return byte - 0x57
    case 0x41...0x46: return byte - 0x37
    default: return nil
    }
}
