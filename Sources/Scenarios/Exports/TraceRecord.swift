public import MeshCore

extension Exports {
    /// A line of a trace.
    public struct Record: Equatable, Sendable {
        /// When it happened, in virtual time.
        public var time: Instant
        /// The number of the event, from 1.
        public var event: UInt64
        /// The node it happened to; `n0` is the run as a whole.
        public var node: Bytes
        /// What happened.
        public var content: Content

        /// What a line tells.
        public enum Content: Equatable, Sendable {
            /// A node took an input.
            case step(Step)
            /// Something happened to a node, or to a message that left it after the event `cause`.
            case note(Bytes, cause: UInt64?)
        }
    }

    /// An input that a node took, and what followed.
    public struct Step: Equatable, Sendable {
        /// What kind of input it was: receive, timer, command, persisted or restarted.
        public var input: Bytes
        /// Its content.
        public var what: Bytes
        /// Who sent it, for a message.
        public var sender: Bytes?
        /// The number of the event after which the message left.
        public var cause: UInt64?
        /// The effects in their order, as text.
        public var effects: [Bytes]
    }
}

extension Exports {
    /// Reads a trace as `mesh replay --trace` writes it.
    ///
    /// - Throws: The first mistake, with its line and column.
    /// - Complexity: O(length of the trace).
    public static func records(of trace: [UInt8]) throws(Scenario.ParseError) -> [Record] {
        var reader = DatumReader(trace, isJSON: true)
        var records: [Record] = []
        while let datum = try reader.next() { records.append(try record(datum)) }
        return records
    }

    private static func record(_ datum: Datum) throws(Scenario.ParseError) -> Record {
        guard case .map = datum.kind else { throw datum.mistake("a line of a trace is a JSON object") }
        let time = try number("t", of: datum)
        let event = try number("e", of: datum)
        let node = try text("n", of: datum)
        guard let nanoseconds = Int64(exactly: time) else { throw datum.mistake("the time is too large") }
        return Record(
            time: Instant(nanoseconds: nanoseconds), event: event, node: node, content: try content(of: datum))
    }

    private static func content(of datum: Datum) throws(Scenario.ParseError) -> Record.Content {
        let cause = datum["by"] == nil ? nil : try number("by", of: datum)
        if let note = datum["ev"]?.word { return .note(note, cause: cause) }
        var effects: [Bytes] = []
        for effect in datum["fx"]?.elements ?? [] {
            guard let text = effect.word else { throw effect.mistake("an effect is a text") }
            effects.append(text)
        }
        return .step(
            Step(
                input: try text("in", of: datum), what: datum["what"]?.word ?? Bytes(), sender: datum["from"]?.word,
                cause: cause, effects: effects))
    }

    private static func text(_ name: Bytes, of datum: Datum) throws(Scenario.ParseError) -> Bytes {
        guard let text = datum[name]?.word else {
            throw datum.mistake("the line has no \"\(name)\": is it a trace of \"mesh replay --trace\"?")
        }
        return text
    }

    private static func number(_ name: Bytes, of datum: Datum) throws(Scenario.ParseError) -> UInt64 {
        var value: UInt64 = 0
        let digits = try text(name, of: datum)
        for byte in digits.slice {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard byte >= 48, byte <= 57, !overflow, product <= UInt64.max - 9 else {
                throw datum.mistake("\"\(name)\" is no number of a trace")
            }
            value = product + UInt64(byte - 48)
        }
        guard !digits.isEmpty else { throw datum.mistake("\"\(name)\" is empty") }
        return value
    }
}
