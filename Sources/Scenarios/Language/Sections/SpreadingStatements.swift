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

/// `hyparview active 5  passive 30  contacts 3  beat 1s  silence 3  shuffle 10`.
enum OverlayStatement {
    static func read(_ parser: inout Parser) throws(Scenario.ParseError) {
        parser.need(oneOf: [.hyparview, .plumtree], for: parser.tokens[parser.position - 1])
        try parser.settings(forms, of: "hyparview", .setting)
    }

    static let forms: [Form<Void>] = [
        Form("active") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.hyparview.active = try parser.setting(.count)
            try check(parser)
        },
        Form("passive") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.hyparview.passive = try parser.setting(.count)
            try check(parser)
        },
        Form("contacts") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.hyparview.contacts = try parser.setting(.count)
            try check(parser)
        },
        Form("beat") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.hyparview.beat = try parser.setting(.duration)
            try check(parser)
        },
        Form("silence") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.hyparview.silence = try parser.setting(.count)
            try check(parser)
        },
        Form("shuffle") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.hyparview.shuffle = try parser.setting(.count)
            try check(parser)
        },
    ]

    /// Refuses what the protocol refuses, at the number just taken.
    private static func check(_ parser: Parser) throws(Scenario.ParseError) {
        do throws(HyParView.SettingsError) {
            try parser.scenario.cluster.hyparview.settings.check()
        } catch {
            throw parser.error(error.description, at: parser.tokens[parser.position - 1])
        }
    }

    static func write(_ settings: Scenario.OverlaySettings, to writer: inout TextWriter) {
        var line = SettingsLine()
        line.setting("active", settings.active, after: "hyparview", in: &writer)
        line.setting("passive", settings.passive, after: "hyparview", in: &writer)
        line.setting("contacts", settings.contacts, after: "hyparview", in: &writer)
        line.setting("beat", settings.beat, after: "hyparview", in: &writer)
        line.setting("silence", settings.silence, after: "hyparview", in: &writer)
        line.setting("shuffle", settings.shuffle, after: "hyparview", in: &writer)
    }
}

/// `plumtree graft 500ms  lazy 20ms  threshold 7  compare 5s  keep 30s`.
enum TreeStatement {
    static func read(_ parser: inout Parser) throws(Scenario.ParseError) {
        parser.needForSettings(.plumtree)
        try parser.settings(forms, of: "plumtree", .setting)
    }

    static let forms: [Form<Void>] = [
        Form("graft") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.plumtree.graft = try parser.setting(.duration)
            try check(parser)
        },
        Form("lazy") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.plumtree.lazy = try parser.setting(.duration)
            try check(parser)
        },
        Form("threshold") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.plumtree.threshold = try parser.setting(.count)
            try check(parser)
        },
        Form("compare") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.plumtree.compare = try parser.setting(.duration)
            try check(parser)
        },
        Form("keep") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.plumtree.keep = try parser.setting(.duration)
            try check(parser)
        },
    ]

    /// Refuses what the protocol refuses, at the number just taken.
    private static func check(_ parser: Parser) throws(Scenario.ParseError) {
        do throws(Plumtree.SettingsError) {
            try parser.scenario.cluster.plumtree.settings.check()
        } catch {
            throw parser.error(error.description, at: parser.tokens[parser.position - 1])
        }
    }

    static func write(_ settings: Scenario.TreeSettings, to writer: inout TextWriter) {
        var line = SettingsLine()
        line.setting("graft", settings.graft, after: "plumtree", in: &writer)
        line.setting("lazy", settings.lazy, after: "plumtree", in: &writer)
        line.setting("threshold", settings.threshold, after: "plumtree", in: &writer)
        line.setting("compare", settings.compare, after: "plumtree", in: &writer)
        line.setting("keep", settings.keep, after: "plumtree", in: &writer)
    }
}
