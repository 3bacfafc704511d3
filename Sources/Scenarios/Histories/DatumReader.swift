import MeshCore

/// Reads EDN and JSON, one datum after the other, and knows the line and column of each.
///
/// Commas are blanks and `;` begins a comment, as in EDN; a colon that does not begin a name separates a key from its
/// value, as in JSON. So one reader reads both, and what only looks like one of them is a mistake of its content.
struct DatumReader {
    /// How deep data may be nested.
    static var depthLimit: Int { 32 }

    private let source: [UInt8]
    private var position = 0
    private var line = 1
    /// A place in the line and its column; the next column is counted from there.
    private var mark = 0
    private var markColumn = 1
    private let isJSON: Bool

    init(_ source: [UInt8], isJSON: Bool, line: Int = 1) {
        self.source = source
        self.isJSON = isJSON
        self.line = line
        if source.count >= 3, source[0] == 0xef, source[1] == 0xbb, source[2] == 0xbf { position = 3 }
        self.mark = position
    }

    /// The place that is read next.
    private var location: Scenario.Location {
        mutating get {
            while mark < position {
                if source[mark] & 0xc0 != 0x80 { markColumn += 1 }
                mark += 1
            }
            return Scenario.Location(line: line, column: markColumn)
        }
    }

    private mutating func mistake(_ message: String) -> Scenario.ParseError {
        Scenario.ParseError(at: location, message)
    }

    /// The next datum; `nil` at the end.
    mutating func next() throws(Scenario.ParseError) -> Datum? {
        try skipBlanks(0)
        guard position < source.count else { return nil }
        return try datum(0)
    }

    private mutating func advance() {
        if source[position] == 0x0a {
            line += 1
            mark = position + 1
            markColumn = 1
        }
        position += 1
    }

    private mutating func skipBlanks(_ depth: Int) throws(Scenario.ParseError) {
        while position < source.count {
            let byte = source[position]
            if byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d || byte == 0x2c {
                advance()
            } else if byte == 0x3b, !isJSON {
                while position < source.count, source[position] != 0x0a { position += 1 }
            } else if byte == 0x23, !isJSON, peek(1) == 0x5f {
                // `#_` drops the datum behind it.
                position += 2
                _ = try inner(depth)
            } else {
                return
            }
        }
    }

    private func peek(_ offset: Int) -> UInt8 { position + offset < source.count ? source[position + offset] : 0 }

    /// A datum that has to be there.
    private mutating func inner(_ depth: Int) throws(Scenario.ParseError) -> Datum {
        guard depth < Self.depthLimit else { throw mistake("values are nested more than \(Self.depthLimit) deep") }
        try skipBlanks(depth + 1)
        guard position < source.count else { throw mistake("the file ends in the middle of a value") }
        return try datum(depth + 1)
    }

    private mutating func datum(_ depth: Int) throws(Scenario.ParseError) -> Datum {
        guard depth < Self.depthLimit else { throw mistake("values are nested more than \(Self.depthLimit) deep") }
        let start = location
        switch source[position] {
        case 0x7b: return Datum(location: start, kind: .map(try map(depth)))
        case 0x5b: return Datum(location: start, kind: .list(try list(closing: 0x5d, depth)))
        case 0x28 where !isJSON: return Datum(location: start, kind: .list(try list(closing: 0x29, depth)))
        case 0x22: return Datum(location: start, kind: .text(try string()))
        case 0x23 where !isJSON: return try tagged(depth)
        case 0x3a where !isJSON:
            position += 1
            let name = word()
            guard !name.isEmpty else { throw Scenario.ParseError(at: start, "a colon without a name") }
            return Datum(location: start, kind: .keyword(name))
        case 0x5d, 0x7d, 0x29, 0x3a: throw mistake("unexpected \"\(Bytes([source[position]]))\"")
        case _: return try atom(start)
        }
    }

    private mutating func atom(_ start: Scenario.Location) throws(Scenario.ParseError) -> Datum {
        let text = word()
        if text.isEmpty { throw Scenario.ParseError(at: start, "unexpected \"\(Bytes([source[position]]))\"") }
        if text == (isJSON ? "null" : "nil") { return Datum(location: start, kind: .null) }
        if isJSON, text != "true", text != "false", !Self.isNumber(text) {
            throw Scenario.ParseError(
                at: start, length: text.count, "\"\(text)\" is no JSON value; texts stand in quotes")
        }
        return Datum(location: start, kind: .text(text))
    }

    private static func isNumber(_ text: Bytes) -> Bool {
        var hasDigit = false
        for (index, byte) in text.storage.enumerated() {
            if byte >= 0x30 && byte <= 0x39 {
                hasDigit = true
            } else if !(byte == 0x2d && index == 0) && !isSign(byte) || !hasDigit && byte != 0x2d {
                return false
            }
        }
        return hasDigit
    }

    /// Whether a number may contain the byte beside digits: one of `+-.eE`.
    private static func isSign(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2b, 0x2d, 0x2e, 0x45, 0x65: true
        case _: false
        }
    }

    /// Whether the byte ends a word: one of `,;"()[]{}`.
    private static func isMark(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2c, 0x3b, 0x22, 0x28, 0x29, 0x5b, 0x5d, 0x7b, 0x7d: true
        case _: false
        }
    }

    /// Everything up to a blank, a bracket or another mark.
    private mutating func word() -> Bytes {
        let start = position
        while position < source.count, source[position] > 0x20, !Self.isMark(source[position]) {
            if isJSON, source[position] == 0x3a { break }
            position += 1
        }
        return Bytes(Array(source[start..<position]))
    }

    private mutating func tagged(_ depth: Int) throws(Scenario.ParseError) -> Datum {
        let start = location
        position += 1
        if peek(0) == 0x7b { return Datum(location: start, kind: .list(try list(closing: 0x7d, depth))) }
        guard !word().isEmpty else { throw Scenario.ParseError(at: start, "a \"#\" without a tag") }
        return try inner(depth)
    }

    private mutating func list(closing: UInt8, _ depth: Int) throws(Scenario.ParseError) -> [Datum] {
        let start = location
        position += 1
        var elements: [Datum] = []
        while true {
            try skipBlanks(depth)
            guard position < source.count else { throw Scenario.ParseError(at: start, "this bracket is never closed") }
            if source[position] == closing { break }
            elements.append(try datum(depth + 1))
        }
        position += 1
        return elements
    }

    private mutating func map(_ depth: Int) throws(Scenario.ParseError) -> [(key: Datum, value: Datum)] {
        let start = location
        position += 1
        var entries: [(key: Datum, value: Datum)] = []
        while true {
            try skipBlanks(depth)
            guard position < source.count else { throw Scenario.ParseError(at: start, "this brace is never closed") }
            if source[position] == 0x7d { break }
            let key = try datum(depth + 1)
            try skipBlanks(depth)
            if isJSON {
                guard peek(0) == 0x3a else { throw mistake("a key of JSON is followed by a colon") }
                position += 1
                try skipBlanks(depth)
            }
            guard position < source.count, source[position] != 0x7d else {
                throw key.mistake("this key has no value")
            }
            entries.append((key, try datum(depth + 1)))
        }
        position += 1
        return entries
    }

    private mutating func string() throws(Scenario.ParseError) -> Bytes {
        let start = location
        position += 1
        var bytes: [UInt8] = []
        while true {
            guard position < source.count, source[position] != 0x0a else {
                throw Scenario.ParseError(at: start, "this text has no closing quote")
            }
            let byte = source[position]
            if byte == 0x22 { break }
            if byte == 0x5c { try escape(into: &bytes) } else { bytes.append(byte) }
            position += 1
        }
        position += 1
        return Bytes(bytes)
    }

    /// Reads the character behind a backslash; the position stays on its last byte.
    private mutating func escape(into bytes: inout [UInt8]) throws(Scenario.ParseError) {
        position += 1
        switch peek(0) {
        case 0x6e: bytes.append(0x0a)
        case 0x74: bytes.append(0x09)
        case 0x72: bytes.append(0x0d)
        case 0x62: bytes.append(0x08)
        case 0x66: bytes.append(0x0c)
        case 0x22, 0x5c, 0x2f: bytes.append(source[position])
        case 0x75:
            var value = try unit()
            if value >= 0xd800, value < 0xdc00, peek(1) == 0x5c, peek(2) == 0x75 {
                position += 2
                let low = try unit()
                guard low >= 0xdc00, low < 0xe000 else { throw mistake("half a character") }
                value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw mistake("half a character") }
            bytes += Array(String(scalar).utf8)
        case _: throw mistake("an unknown character behind a backslash")
        }
    }

    /// Four hexadecimal digits behind the present byte.
    private mutating func unit() throws(Scenario.ParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            position += 1
            let byte = peek(0)
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
            case _: throw mistake("\\u takes four hexadecimal digits")
            }
        }
        return value
    }
}
