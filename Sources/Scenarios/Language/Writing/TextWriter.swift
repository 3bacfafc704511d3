import MeshCore

/// Writes the canonical text of a scenario: one statement a line, two spaces of indentation, single spaces.
struct TextWriter {
    /// What was written so far.
    private(set) var bytes: [UInt8] = []

    /// Whether the next word needs a space in front of it.
    private var needsSpace = false

    /// Begins a line of the top level.
    mutating func begin(_ word: Bytes) {
        endLine()
        self.word(word)
    }

    /// Begins a section, with an empty line above it.
    mutating func beginSection(_ word: Bytes) {
        endLine()
        if !bytes.isEmpty { bytes.append(0x0a) }
        self.word(word)
    }

    /// Begins an indented line.
    mutating func newLine() {
        endLine()
        bytes.append(0x20)
        bytes.append(0x20)
    }

    /// Ends the present line, if it has begun.
    mutating func endLine() {
        if let last = bytes.last, last != 0x0a { bytes.append(0x0a) }
        needsSpace = false
    }

    /// Separates two settings on one line.
    mutating func gap() {
        bytes.append(0x20)
    }

    /// Writes a word, with a space in front when something stands before it on the line.
    mutating func word(_ word: Bytes) {
        if needsSpace { bytes.append(0x20) }
        bytes += word.storage
        needsSpace = true
    }

    /// Decides whether the next word gets a space in front.
    mutating func spaceNext(_ needsSpace: Bool) { self.needsSpace = needsSpace }

    /// Writes several words that are a phrase of the language.
    mutating func words(_ text: Bytes) { word(text) }

    /// Writes a text of our own making, such as a number.
    mutating func text(_ text: String) { word(Bytes(text)) }

    /// Writes something directly behind the last word.
    mutating func glue(_ text: Bytes) { bytes += text.storage }

    /// Writes a string in quotes.
    mutating func string(_ value: Bytes) {
        word(quoted(value))
    }

    /// Writes a setting: a value, or the range it is drawn from.
    mutating func setting<Value>(_ setting: Scenario.Setting<Value>, unit suffix: String = "") {
        switch setting {
        case .fixed(let value): text(value.description + suffix)
        case .drawn(let low, let high): text(low.description + suffix + ".." + high.description + suffix)
        }
    }

    /// Writes a difference of clocks with its sign.
    mutating func difference(_ setting: Scenario.Setting<Interval>) {
        switch setting {
        case .fixed(let value): text(signed(value))
        case .drawn(let low, let high): text(signed(low) + ".." + signed(high))
        }
    }

    private func signed(_ interval: Interval) -> String {
        (interval.nanoseconds < 0 ? "" : "+") + interval.description
    }

    /// Writes a length of time, or two between which each occasion draws its own.
    mutating func range(_ range: Scenario.IntervalRange) {
        text(range.low == range.high ? "\(range.low)" : "\(range.low)..\(range.high)")
    }

    /// Writes an exact or an approximate length of time.
    mutating func pace(_ pace: Scenario.Pace) {
        guard pace.isApproximate else { return setting(pace.length) }
        word("~")
        needsSpace = false
        setting(pace.length)
    }

    /// Writes a number with its unit.
    mutating func quantity(_ quantity: Scenario.Quantity, unit suffix: String = "") {
        switch quantity {
        case .count(let value): text("\(value)")
        case .time(let value): text(value.description)
        case .share(let value): text(value.description)
        case .size(let value): text(value.description + suffix)
        case .rate(let value): text(value.description)
        case .times(let value): range(value)
        }
    }
}

/// A list of settings that are written on one line with a gap between them.
struct SettingsLine {
    /// Whether anything was written.
    private(set) var isEmpty = true

    /// Begins a setting: the first on a new line behind `head`, the others on the same line.
    mutating func next(_ word: Bytes, after head: Bytes?, in writer: inout TextWriter) {
        if isEmpty {
            writer.newLine()
            if let head { writer.word(head) }
        } else {
            writer.gap()
        }
        isEmpty = false
        writer.word(word)
    }
}

/// A byte string in quotes; what is not printable UTF-8 is escaped, so that any bytes survive.
func quoted(_ value: Bytes) -> Bytes {
    var result: [UInt8] = [0x22]
    var index = 0
    while index < value.count {
        let byte = value.storage[index]
        let length = scalarLength(value.storage, at: index)
        if let escape = escape(byte) {
            result += [0x5c, escape]
        } else if length == 0 || byte < 0x20 || byte == 0x7f {
            result += Array("\\x\(twoDigits(byte))".utf8)
        } else {
            result += value.storage[index..<index + length]
        }
        index += length == 0 ? 1 : length
    }
    result.append(0x22)
    return Bytes(result)
}

/// The letter that stands for a byte behind a backslash.
private func escape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x22, 0x5c: return byte
    case 0x0a: return 0x6e
    case 0x0d: return 0x72
    case 0x09: return 0x74
    default: return nil
    }
}
