import MeshCore

/// `scenario "title"`, `about "why"`, `format 1`, `seeds 1..20`, `duration 30s`.
enum HeaderSection {
    static func title(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("scenario")
        parser.scenario.title = try parser.string("a title")
    }

    static func about(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("about")
        parser.scenario.about = try parser.string("a sentence")
    }

    static func format(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("format")
        let token = parser.current
        let version = try parser.wholeNumber("a number such as 1")
        guard version == 1 else {
            throw parser.error("format \(version) is not known here: this version reads format 1", at: token)
        }
    }

    /// The most seeds of a file.
    private static var seedLimit: UInt64 { 1_000_000 }

    static func seeds(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.once("seeds", in: Bytes(), at: parser.tokens[0])
        var ranges: [Scenario.SeedRange] = []
        var count: UInt64 = 0
        repeat {
            let token = parser.current
            let first = try parser.wholeNumber("a seed such as 1 or 1..20")
            let last = parser.accept("..") ? try parser.wholeNumber("a seed such as 20") : first
            guard first <= last else {
                throw parser.error("the range runs backwards: write \(last)..\(first)", at: token)
            }
            count = last - first < seedLimit ? count + (last - first + 1) : seedLimit + 1
            guard count <= seedLimit else { throw parser.error("a file has at most a million seeds", at: token) }
            ranges.append(Scenario.SeedRange(first, last))
        } while parser.accept(",")
        parser.scenario.seeds = Scenario.Seeds(ranges)
    }

    static func duration(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("duration")
        parser.scenario.duration = try parser.setting(.duration)
    }

    static func write(_ scenario: Scenario, to writer: inout TextWriter) {
        writer.begin("scenario")
        writer.string(scenario.title)
        if !scenario.about.isEmpty {
            writer.begin("about")
            writer.string(scenario.about)
        }
        writer.begin("format")
        writer.text("\(scenario.format)")
        let ranges = scenario.seeds.ranges
        writer.begin(ranges.count == 1 && ranges[0].first == ranges[0].last ? "seed" : "seeds")
        for index in 0..<ranges.count {
            if index > 0 { writer.glue(",") }
            let range = ranges[index]
            writer.text(range.first == range.last ? "\(range.first)" : "\(range.first)..\(range.last)")
        }
        if let duration = scenario.duration {
            writer.begin("duration")
            writer.setting(duration)
        }
    }
}

/// `budget events 5000000`, `budget checks 2000000` and `budget faults survivable`.
enum BudgetSection {
    static func open(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("budget")
        parser.scenario.budget.location = parser.location(of: parser.tokens[0])
    }

    static func readLine(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.settings(forms, of: "budget", .setting)
    }

    static let forms: [Form<Void>] = [
        Form("events") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.budget.events = try parser.quantity(.work)
        },
        Form("checks") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.budget.checks = try parser.quantity(.work)
        },
        Form("faults") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.budget.faults = try parser.choose(Words.faultBudgets, "survivable or unrestricted")
        },
    ]

    static func write(_ budget: Scenario.Budget, to writer: inout TextWriter) {
        guard budget != Scenario.Budget() else { return }
        writer.beginSection("budget")
        var line = SettingsLine()
        if let events = budget.events {
            line.next("events", after: nil, in: &writer)
            writer.text("\(events)")
        }
        if let checks = budget.checks {
            line.next("checks", after: nil, in: &writer)
            writer.text("\(checks)")
        }
        if let faults = budget.faults {
            line.next("faults", after: nil, in: &writer)
            writer.word(Words.word(faults, in: Words.faultBudgets))
        }
    }
}
