import MeshCore

/// `set "key" = "value" expires 5s on n1`, `delete "key" on n1`, `subscribe "cursor:*" on n1`, `propose "text" on
/// leader`,
/// `leave n3`.
enum StateActions {
    static let forms: [Form<Scenario.Action>] = [
        Form("set") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.need(.gossip, for: parser.tokens[parser.position - 1])
            let key = try parser.key()
            try parser.expect("=")
            let value = try parser.string("a value")
            var expires: Scenario.Setting<Interval>?
            if parser.accept("expires") { expires = try parser.setting(.duration) }
            try parser.expect("on")
            return .set(key: key, value: value, expires: expires, on: try parser.target(.nodes))
        },
        Form("delete") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.need(.gossip, for: parser.tokens[parser.position - 1])
            let key = try parser.key()
            try parser.expect("on")
            return .delete(key: key, on: try parser.target(.nodes))
        },
        Form("subscribe") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.need(.gossip, for: parser.tokens[parser.position - 1])
            let pattern = try parser.key()
            try parser.expect("on")
            return .subscribe(pattern: pattern, on: try parser.target(.nodes))
        },
        Form("propose") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.need(.raft, for: parser.tokens[parser.position - 1])
            let text = try parser.string("a command")
            try parser.expect("on")
            return .propose(text, on: try parser.target(.nodes))
        },
        Form("leave") { (parser: inout Parser) throws(Scenario.ParseError) in
            let word = parser.tokens[parser.position - 1]
            if parser.accept("joint") {
                parser.need(.raft, for: word)
                return try MemberActions.asked(.leaveJoint, &parser)
            }
            parser.needDetector(for: word)
            return .leave(try parser.target(.nodes))
        },
    ]

    /// Writes one of these actions; any other writes nothing.
    static func write(_ action: Scenario.Action, to writer: inout TextWriter) {
        switch action {
        case .set(let key, let value, let expires, let target):
            writer.word("set")
            writer.string(key)
            writer.word("=")
            writer.string(value)
            if let expires {
                writer.word("expires")
                writer.setting(expires)
            }
            writer.words("on", target)
        case .delete(let key, let target):
            writer.word("delete")
            writer.string(key)
            writer.words("on", target)
        case .subscribe(let pattern, let target):
            writer.word("subscribe")
            writer.string(pattern)
            writer.words("on", target)
        case .propose(let text, let target):
            writer.word("propose")
            writer.string(text)
            writer.words("on", target)
        case .leave(let target): writer.words("leave", target)
        default: return
        }
    }
}
