import MeshCore

/// `timeline`: `at 2s crash leader`, `every 3s pause random 1`, `when leader elected clog leader -> any`, `chaos ...`.
enum TimelineSection {
    static func open(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("timeline")
    }

    static func readLine(_ parser: inout Parser) throws(Scenario.ParseError) {
        let first = parser.tokens[parser.position]
        if parser.accept("chaos") { return try ChaosStatement.read(&parser, at: first) }
        if isActionAhead(parser) { return try readWindowed(&parser, at: first) }
        guard let trigger = try parser.accept(forms) else { throw noTrigger(&parser) }
        let action = try parser.action()
        var event = Scenario.TimelineEvent(trigger, action, location: parser.location(of: first))
        let token = parser.current
        if parser.accept("for") {
            event.lasting = try parser.pace()
            if !action.canBeUndone {
                throw parser.error("this cannot be undone after a time, so it has no \"for\"", at: token)
            }
        }
        parser.scenario.timeline.append(.event(event))
    }

    /// Whether the line begins with what it does, and says behind it from when until when.
    private static func isActionAhead(_ parser: Parser) -> Bool {
        guard let token = parser.current, ActionForms.all.contains(where: { parser.matches(token, $0.word) }) else {
            return false
        }
        var hasStart = false
        for token in parser.tokens where token.kind == .word {
            if parser.matches(token, "from") { hasStart = true }
            if parser.matches(token, "until") { return hasStart }
        }
        return false
    }

    /// Reads `disk full on leader from 5s until 9s`, which is short for `at 5s disk full on leader for 4s`.
    private static func readWindowed(_ parser: inout Parser, at first: Token) throws(Scenario.ParseError) {
        let action = try parser.action()
        guard action.canBeUndone else {
            throw parser.error("this cannot be undone after a time, so it has no \"from\" and \"until\"", at: first)
        }
        guard case (.fixed(let from)?, .fixed(let until)?) = try parser.window() else {
            throw parser.error("write a drawn time as: at 5s..6s ... for 4s", at: first)
        }
        var event = Scenario.TimelineEvent(.at(.fixed(from)), action, location: parser.location(of: first))
        event.lasting = Scenario.Pace(.fixed(until - from))
        parser.scenario.timeline.append(.event(event))
    }

    /// The error of a line that does not begin with its time.
    private static func noTrigger(_ parser: inout Parser) -> Scenario.ParseError {
        if let token = parser.current {
            for form in ActionForms.all where parser.matches(token, form.word) {
                let example = "at 2s \(form.word.description) ..."
                return parser.error("a line of the timeline begins with its time: \(example)")
            }
        }
        return parser.unknown("word", in: "timeline", .action)
    }

    static let forms: [Form<Scenario.Trigger>] = [
        Form("at") { (parser: inout Parser) throws(Scenario.ParseError) in .at(try parser.moment()) },
        Form("every") { (parser: inout Parser) throws(Scenario.ParseError) in
            var repetition = Scenario.Repetition(every: try parser.pace())
            (repetition.from, repetition.until) = try parser.window()
            return .every(repetition)
        },
        Form("when") { (parser: inout Parser) throws(Scenario.ParseError) in
            .when(try reaction(&parser, isEachTime: false))
        },
        Form("whenever") { (parser: inout Parser) throws(Scenario.ParseError) in
            .when(try reaction(&parser, isEachTime: true))
        },
    ]

    private static func reaction(
        _ parser: inout Parser, isEachTime: Bool
    ) throws(Scenario.ParseError) -> Scenario.Reaction {
        var reaction = Scenario.Reaction(to: try parser.event(), isEachTime: isEachTime)
        if parser.accept("after") { reaction.after = try parser.setting(.duration) }
        (reaction.from, reaction.until) = try parser.window()
        return reaction
    }

    static func write(_ timeline: [Scenario.TimelineStatement], to writer: inout TextWriter) {
        guard !timeline.isEmpty else { return }
        writer.beginSection("timeline")
        for statement in timeline {
            writer.newLine()
            write(statement, to: &writer)
        }
    }

    static func write(_ statement: Scenario.TimelineStatement, to writer: inout TextWriter) {
        switch statement {
        case .chaos(let chaos): ChaosStatement.write(chaos, to: &writer)
        case .event(let event):
            write(event.trigger, to: &writer)
            writer.gap()
            writer.action(event.action)
            if let lasting = event.lasting {
                writer.word("for")
                writer.pace(lasting)
            }
        }
    }

    private static func write(_ trigger: Scenario.Trigger, to writer: inout TextWriter) {
        switch trigger {
        case .at(let time):
            writer.word("at")
            writer.setting(time)
        case .every(let repetition):
            writer.word("every")
            writer.pace(repetition.period)
            writer.window(repetition.from, repetition.until)
        case .when(let reaction):
            writer.word(reaction.isEachTime ? "whenever" : "when")
            writer.event(reaction.event)
            if let after = reaction.after {
                writer.word("after")
                writer.setting(after)
            }
            writer.window(reaction.from, reaction.until)
        }
    }
}

/// `chaos partitions every ~2s lasting ~500ms from 5s until 20s`.
enum ChaosStatement {
    static func read(_ parser: inout Parser, at first: Token) throws(Scenario.ParseError) {
        guard let kind = try parser.accept(forms) else {
            if let token = parser.current, token.kind == .word,
                let notYet = Unsupported.text(for: parser.bytes(of: token), in: .chaos)
            {
                throw parser.error("not supported yet: \(notYet)")
            }
            throw parser.expected("what strikes, such as partitions or crashes")
        }
        let target = parser.accept("on") ? try parser.target(.nodes) : nil
        try parser.expect("every")
        let every = try parser.pace()
        try parser.expect("lasting")
        var chaos = Scenario.Chaos(kind, every: every, lasting: try parser.pace())
        chaos.target = target
        (chaos.from, chaos.until) = try parser.window()
        chaos.location = parser.location(of: first)
        parser.scenario.timeline.append(.chaos(chaos))
    }

    static let forms: [Form<Scenario.ChaosKind>] = [
        Form("partitions") { (_: inout Parser) throws(Scenario.ParseError) in .partitions },
        Form("crashes") { (parser: inout Parser) throws(Scenario.ParseError) in
            .crashes(try parser.acceptCrashMode() ?? .cleanly)
        },
        Form("pauses") { (_: inout Parser) throws(Scenario.ParseError) in .pauses },
        Form("slowdowns") { (_: inout Parser) throws(Scenario.ParseError) in .slowdowns },
        Form("clogs") { (_: inout Parser) throws(Scenario.ParseError) in .clogs },
        Form("cuts") { (_: inout Parser) throws(Scenario.ParseError) in .cuts },
        Form("flaps") { (_: inout Parser) throws(Scenario.ParseError) in .flaps },
        Form("stalls") { (_: inout Parser) throws(Scenario.ParseError) in .stalls },
        Form("disk-faults") { (_: inout Parser) throws(Scenario.ParseError) in .diskFaults },
        Form("bit-rot") { (_: inout Parser) throws(Scenario.ParseError) in .bitRot },
        Form("torn-writes") { (_: inout Parser) throws(Scenario.ParseError) in .tornWrites },
        Form("full-disks") { (_: inout Parser) throws(Scenario.ParseError) in .fullDisks },
    ]

    static func write(_ chaos: Scenario.Chaos, to writer: inout TextWriter) {
        writer.word("chaos")
        switch chaos.kind {
        case .partitions: writer.word("partitions")
        case .crashes(let mode):
            writer.word("crashes")
            writer.words(mode.words)
        case .pauses: writer.word("pauses")
        case .slowdowns: writer.word("slowdowns")
        case .clogs: writer.word("clogs")
        case .cuts: writer.word("cuts")
        case .flaps: writer.word("flaps")
        case .stalls: writer.word("stalls")
        case .diskFaults: writer.word("disk-faults")
        case .bitRot: writer.word("bit-rot")
        case .tornWrites: writer.word("torn-writes")
        case .fullDisks: writer.word("full-disks")
        }
        if let target = chaos.target {
            writer.word("on")
            writer.target(target)
        }
        writer.word("every")
        writer.pace(chaos.every)
        writer.word("lasting")
        writer.pace(chaos.lasting)
        writer.window(chaos.from, chaos.until)
    }
}

extension Parser {
    /// Takes a time after the start of the run, which must not lie behind its end.
    mutating func moment() throws(Scenario.ParseError) -> Scenario.Setting<Interval> {
        let token = current
        let moment: Scenario.Setting<Interval> = try setting(.time)
        if let token { mention(.moment(moment.value), at: token) }
        return moment
    }

    /// Takes `from 5s until 20s`, of which either half may be missing.
    mutating func window() throws(Scenario.ParseError) -> (
        from: Scenario.Setting<Interval>?, until: Scenario.Setting<Interval>?
    ) {
        let from = accept("from") ? try moment() : nil
        let until = accept("until") ? try moment() : nil
        if until != nil { try checkWindow(from: from, until: until) }
        return (from, until)
    }

    /// Complains about a window that ends before it begins, at the number just taken.
    func checkWindow(
        from: Scenario.Setting<Interval>?, until: Scenario.Setting<Interval>?
    ) throws(Scenario.ParseError) {
        guard let from, let until, from.highest >= until.value else { return }
        throw error("\"until \(until.value)\" must come after \"from \(from.highest)\"", at: tokens[position - 1])
    }
}

extension TextWriter {
    /// Writes `from 5s until 20s`.
    mutating func window(_ from: Scenario.Setting<Interval>?, _ until: Scenario.Setting<Interval>?) {
        if let from {
            word("from")
            setting(from)
        }
        if let until {
            word("until")
            setting(until)
        }
    }
}
