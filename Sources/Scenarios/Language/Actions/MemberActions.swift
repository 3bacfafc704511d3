import MeshCore

/// `add n4 as learner`, `promote n4`, `demote n1`, `remove leader`, `change voters to n2, n3, n4 explicitly`,
/// `leave joint`, `remove n3 on follower`.
enum MemberActions {
    static let forms: [Form<Scenario.Action>] = [
        Form("add") { (parser: inout Parser) throws(Scenario.ParseError) in
            let target = try members(&parser)
            var seat = Scenario.Seat.voter
            if parser.accept("as") { seat = try parser.choose(Words.seats, "what it is to be, such as \"learner\"") }
            return try asked(.add(target, seat, isExplicit: parser.accept("explicitly")), &parser)
        },
        Form("promote") { (parser: inout Parser) throws(Scenario.ParseError) in
            let target = try members(&parser)
            return try asked(.promote(target, isExplicit: parser.accept("explicitly")), &parser)
        },
        Form("demote") { (parser: inout Parser) throws(Scenario.ParseError) in
            let target = try members(&parser)
            return try asked(.demote(target, isExplicit: parser.accept("explicitly")), &parser)
        },
        Form("remove") { (parser: inout Parser) throws(Scenario.ParseError) in
            let target = try members(&parser)
            return try asked(.remove(target, isExplicit: parser.accept("explicitly")), &parser)
        },
        Form("change") { (parser: inout Parser) throws(Scenario.ParseError) in
            let word = parser.tokens[parser.position - 1]
            try parser.expect("voters")
            try parser.expect("to")
            parser.need(.raft, for: word)
            let target = try parser.target(.nodes)
            return try asked(.voters(target, isExplicit: parser.accept("explicitly")), &parser)
        },
    ]

    /// Takes whom the change is asked of, when it is not the leader.
    static func asked(
        _ change: Scenario.MemberChange, _ parser: inout Parser
    ) throws(Scenario.ParseError) -> Scenario.Action {
        .members(change, on: parser.accept("on") ? try parser.target(.nodes) : nil)
    }

    /// Takes the nodes behind the word of the action, which needs Raft.
    private static func members(_ parser: inout Parser) throws(Scenario.ParseError) -> Scenario.Target {
        parser.need(.raft, for: parser.tokens[parser.position - 1])
        return try parser.target(.nodes)
    }

    static func write(_ change: Scenario.MemberChange, on asked: Scenario.Target?, to writer: inout TextWriter) {
        write(change, to: &writer)
        if let asked { writer.words("on", asked) }
    }

    private static func write(_ change: Scenario.MemberChange, to writer: inout TextWriter) {
        switch change {
        case .add(let target, let seat, let isExplicit):
            writer.words("add", target)
            if seat != .voter {
                writer.word("as")
                writer.word(Words.word(seat, in: Words.seats))
            }
            writeManner(isExplicit, to: &writer)
        case .promote(let target, let isExplicit):
            writer.words("promote", target)
            writeManner(isExplicit, to: &writer)
        case .demote(let target, let isExplicit):
            writer.words("demote", target)
            writeManner(isExplicit, to: &writer)
        case .remove(let target, let isExplicit):
            writer.words("remove", target)
            writeManner(isExplicit, to: &writer)
        case .voters(let target, let isExplicit):
            writer.words("change voters to", target)
            writeManner(isExplicit, to: &writer)
        case .leaveJoint: writer.words("leave joint")
        }
    }

    private static func writeManner(_ isExplicit: Bool, to writer: inout TextWriter) {
        if isExplicit { writer.word("explicitly") }
    }
}
