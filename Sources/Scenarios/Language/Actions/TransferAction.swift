import MeshCore

/// `transfer leader to n2`, `transfer leadership`.
enum TransferAction {
    static let forms: [Form<Scenario.Action>] = [
        Form("transfer") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.need(.raft, for: parser.tokens[parser.position - 1])
            if parser.accept("leadership") { return .transfer(to: nil) }
            guard parser.accept("leader") else { throw parser.expected("\"leader to\" a node, or \"leadership\"") }
            try parser.expect("to")
            return .transfer(to: try parser.target(.nodes))
        }
    ]

    static func write(_ target: Scenario.Target?, to writer: inout TextWriter) {
        writer.word("transfer")
        guard let target else { return writer.word("leadership") }
        writer.word("leader")
        writer.words("to", target)
    }
}
