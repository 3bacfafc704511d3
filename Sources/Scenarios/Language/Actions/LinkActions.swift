import MeshCore

/// `cut n1 -> n2`, `uncut`, `clog leader -> any`, `unclog`, `loss 30% on n1 -> n2 of raft.vote`.
enum LinkActions {
    static let forms: [Form<Scenario.Action>] =
        [
            Form("cut") { (parser: inout Parser) throws(Scenario.ParseError) in .cut(try parser.links(.links)) },
            Form("uncut") { (parser: inout Parser) throws(Scenario.ParseError) in
                .uncut(parser.isAtEnd ? nil : try parser.links(.links))
            },
            Form("clog") { (parser: inout Parser) throws(Scenario.ParseError) in .clog(try parser.links(.links)) },
            Form("unclog") { (parser: inout Parser) throws(Scenario.ParseError) in
                .unclog(parser.isAtEnd ? nil : try parser.links(.links))
            },
        ] + LinkConditionForms.words.map(degrade)

    /// The action that begins with the word of a condition.
    private static func degrade(_ word: Bytes) -> Form<Scenario.Action> {
        Form(word) { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.position -= 1
            let first = parser.tokens[parser.position]
            let conditions = try parser.conditions()
            let links = parser.accept("on") ? try parser.links(.links) : .every
            return .degrade(
                Scenario.LinkRule(
                    links: links, kinds: try parser.kinds(), conditions: conditions,
                    location: parser.location(of: first)))
        }
    }

    static func write(_ rule: Scenario.LinkRule, to writer: inout TextWriter) {
        writer.conditions(rule.conditions)
        if rule.links != .every {
            writer.word("on")
            writer.links(rule.links)
        }
        writer.kinds(rule.kinds)
    }
}
