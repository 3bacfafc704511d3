import MeshCore

/// `broadcast ttl 10  fanout 3  rounds 8  interval 200ms  degree 6  seen 5min  seen-limit 1000  receipt 1s`.
enum BroadcastStatement {
    static func read(_ parser: inout Parser) throws(Scenario.ParseError) {
        parser.needForSettings(.broadcast)
        try parser.settings(forms, of: "broadcast", .setting)
    }

    static let forms: [Form<Void>] = [
        Form("ttl") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.broadcast.timeToLive = try parser.setting(.count)
            try check(parser)
        },
        Form("fanout") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.broadcast.fanout = try parser.setting(.number)
            try check(parser)
        },
        Form("rounds") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.broadcast.rounds = try parser.setting(.count)
            try check(parser)
        },
        Form("interval") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.broadcast.interval = try parser.setting(.duration)
            try check(parser)
        },
        Form("degree") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.broadcast.degree = try parser.setting(.number)
            try check(parser)
        },
        Form("seen") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.broadcast.seen = try parser.setting(.duration)
            try check(parser)
        },
        Form("seen-limit") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.broadcast.seenLimit = try parser.setting(.count)
            try check(parser)
        },
        Form("receipt") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.broadcast.receipt = try parser.setting(.duration)
            try check(parser)
        },
    ]

    /// Refuses what the protocol refuses, at the number just taken.
    private static func check(_ parser: Parser) throws(Scenario.ParseError) {
        do throws(Broadcast.SettingsError) {
            try parser.scenario.cluster.broadcast.settings.check()
        } catch {
            throw parser.error(error.description, at: parser.tokens[parser.position - 1])
        }
    }

    static func write(_ settings: Scenario.BroadcastSettings, to writer: inout TextWriter) {
        var line = SettingsLine()
        line.setting("ttl", settings.timeToLive, after: "broadcast", in: &writer)
        line.setting("fanout", settings.fanout, after: "broadcast", in: &writer)
        line.setting("rounds", settings.rounds, after: "broadcast", in: &writer)
        line.setting("interval", settings.interval, after: "broadcast", in: &writer)
        line.setting("degree", settings.degree, after: "broadcast", in: &writer)
        line.setting("seen", settings.seen, after: "broadcast", in: &writer)
        line.setting("seen-limit", settings.seenLimit, after: "broadcast", in: &writer)
        line.setting("receipt", settings.receipt, after: "broadcast", in: &writer)
    }
}
