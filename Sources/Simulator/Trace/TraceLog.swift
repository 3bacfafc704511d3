public import MeshCore

/// Writes a run down, a line for each step, fault and lost message.
///
/// The same run gives the same bytes on every machine.
///
/// As JSON Lines, every line has `t` (virtual nanoseconds), `e` (the number of the event) and `n` (the node). A step
/// adds `in` (what happened), `what` (its content), for a message `from` and `by` (the number of the event after which
/// it left), and `fx`, the effects in their order. Other lines have `ev`: what happened to a node, or to a message,
/// then with `by`. As text, a line is for people: time, node, what happened, and what followed from it, timers left
/// out.
public struct TraceLog: Sendable {
    /// How lines look.
    public enum Format: Sendable {
        /// One JSON object a line.
        case jsonLines
        /// Columns for people.
        case text
    }

    /// The lines so far; take them from time to time with ``takeBytes()``.
    public private(set) var bytes: [UInt8] = []
    /// How lines look.
    public let format: Format

    /// Creates an empty log.
    public init(format: Format = .jsonLines) {
        self.format = format
    }

    /// Gives the lines away and forgets them.
    public mutating func takeBytes() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }

    /// Begins the line of a step.
    public mutating func beginStep<Machine: StateMachine>(
        _ input: borrowing Input<Machine>, event: UInt64, cause: UInt64, at time: Instant, node: NodeID
    ) {
        head(event, time, node)
        switch copy input {
        case .receive(let message, from: let peer):
            switch format {
            case .jsonLines:
                field("in", "receive")
                field("from", peer.description)
                append(",\"by\":\(cause)")
                field("what", message.description)
            case .text: append("\(peer) -> \(message.description)")
            }
        case .timer(let timer): happened("timer", timer.description)
        case .command(let command): happened("command", command.description)
        case .persisted(let ticket): happened("persisted", ticket.rawValue.description)
        case .restarted: happened("restarted", "")
        }
    }

    /// Ends the line of a step with what the machine wrote.
    public mutating func endStep<Machine: StateMachine>(_ effects: borrowing Outbox<Effect<Machine>>) {
        if format == .jsonLines { append(",\"fx\":[") }
        var isFirst = true
        effects.forEach { effect in
            switch format {
            case .jsonLines:
                if !isFirst { append(",") }
                isFirst = false
                quote(Self.describe(effect))
            case .text:
                guard !Self.isTimer(effect) else { return }
                append("\n                             ")
                append(Self.describe(effect))
            }
        }
        append(format == .jsonLines ? "]}\n" : "\n")
    }

    /// Writes a line about something that no machine did.
    ///
    /// - Parameter cause: The number of the event after which the message left that it is about.
    public mutating func note(
        _ text: String, event: UInt64, cause: UInt64? = nil, at time: Instant, node: NodeID
    ) {
        head(event, time, node)
        switch format {
        case .jsonLines:
            field("ev", text)
            if let cause { append(",\"by\":\(cause)") }
            append("}\n")
        case .text:
            append("* \(text)\n")
        }
    }

    /// An effect as a short line.
    public static func describe<Machine: StateMachine>(_ effect: borrowing Effect<Machine>) -> String {
        switch copy effect {
        case .send(let message, to: let peer): "send \(peer.description) \(message.description)"
        case .setTimer(let timer, at: let instant): "set \(timer.description) at \(instant.nanoseconds)"
        case .cancelTimer(let timer): "cancel \(timer.description)"
        case .persist(let record, let ticket): "persist #\(ticket.rawValue) \(record.description)"
        case .output(let output): "output \(output.description)"
        }
    }

    private static func isTimer<Machine: StateMachine>(_ effect: borrowing Effect<Machine>) -> Bool {
        switch copy effect {
        case .setTimer, .cancelTimer: true
        case .send, .persist, .output: false
        }
    }

    private mutating func head(_ event: UInt64, _ time: Instant, _ node: NodeID) {
        switch format {
        case .jsonLines:
            append("{\"t\":\(time.nanoseconds),\"e\":\(event),\"n\":")
            quote(node.description)
        case .text:
            column("\(event)", width: 9, isRight: true)
            append("  ")
            column(time.description, width: 12, isRight: true)
            append("  ")
            column(node.rawValue == 0 ? "-" : node.description, width: 5, isRight: false)
        }
    }

    private mutating func happened(_ kind: StaticString, _ what: String) {
        switch format {
        case .jsonLines:
            field("in", kind.description)
            if !what.isEmpty { field("what", what) }
        case .text: append(what.isEmpty ? kind.description : "\(kind) \(what)")
        }
    }

    private mutating func field(_ name: StaticString, _ value: String) {
        append(",\"")
        append(name.description)
        append("\":")
        quote(value)
    }

    private mutating func column(_ text: String, width: Int, isRight: Bool) {
        let padding = width - text.utf8.count
        if isRight { pad(padding) }
        append(text)
        if !isRight { pad(padding) }
    }

    private mutating func pad(_ count: Int) {
        for _ in 0..<max(count, 0) { bytes.append(32) }
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func quote(_ text: String) {
        JSONText.quote(text, into: &bytes)
    }
}

/// The little of JSON that is written here.
public enum JSONText {
    /// Appends a text in quotes, with everything escaped that has to be.
    public static func quote(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(34)
        for byte in text.utf8 {
            switch byte {
            case 34, 92:
                bytes.append(92)
                bytes.append(byte)
            case 0..<32:
                bytes.append(contentsOf: [92, 117, 48, 48])
                bytes.append(hexadecimalDigit(byte >> 4))
                bytes.append(hexadecimalDigit(byte & 15))
            case _:
                bytes.append(byte)
            }
        }
        bytes.append(34)
    }
}
