import MeshCore

/// `network`: conditions, the matrix of regions and rules for some links.
enum NetworkSection {
    static func open(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("network")
        parser.scenario.network.location = parser.location(of: parser.tokens[0])
    }

    /// The words a line can begin with.
    static let words: [Bytes] = LinkConditionForms.words + ["link", "schedule"]

    /// The words behind `latency` that are no region.
    static let latencyWords: [Bytes] = Parser.latencyForms.map { $0.word }

    static func readLine(_ parser: inout Parser) throws(Scenario.ParseError) {
        if parser.accept("link") { return try link(&parser) }
        if parser.accept("schedule") { return try schedule(&parser) }
        if isRegionAhead(parser) { return try region(&parser) }
        let first = parser.tokens[parser.position]
        var conditions = Scenario.LinkConditions()
        var heads: [Token] = []
        repeat {
            if let head = parser.current { heads.append(head) }
        } while try parser.acceptCondition(into: &conditions)
        guard !conditions.isEmpty else { throw parser.unknown("setting", in: "network", .setting) }
        let kinds = try parser.kinds()
        if !kinds.isEmpty {
            parser.scenario.network.rules.append(
                Scenario.LinkRule(kinds: kinds, conditions: conditions, location: parser.location(of: first)))
            return
        }
        guard parser.isAtEnd else { throw parser.unknown("setting", in: "network", .setting) }
        for head in heads { try parser.once(Bytes(parser.bytes(of: head)), in: "network", at: head) }
        _ = parser.scenario.network.conditions.add(conditions)
    }

    /// The most lines of the matrix.
    private static var regionLimit: Int { 1_024 }

    /// Whether a line of the matrix comes next: `latency eu us 80ms`, `latency eu -> us 80ms`.
    private static func isRegionAhead(_ parser: Parser) -> Bool {
        guard parser.isAhead("latency"), parser.position + 2 < parser.tokens.count else { return false }
        let name = parser.tokens[parser.position + 1]
        let next = parser.tokens[parser.position + 2]
        for word in latencyWords where parser.matches(name, word) { return false }
        return name.kind == .word
            && (next.kind == .word || parser.isAhead("->", by: 2) || parser.isAhead("<->", by: 2))
    }

    private static func region(_ parser: inout Parser) throws(Scenario.ParseError) {
        let first = parser.tokens[parser.position]
        parser.advance()
        let from = try regionName(&parser)
        let isOneWay = parser.accept("->")
        if !isOneWay { _ = parser.accept("<->") }
        let to = try regionName(&parser)
        let entry = Scenario.RegionLatency(
            from: from, to: to, isBothWays: !isOneWay, latency: try parser.latency(),
            location: parser.location(of: first))
        guard parser.scenario.network.regions.count < regionLimit else {
            throw parser.error("a file has at most \(regionLimit) lines of the latency matrix", at: first)
        }
        for earlier in parser.scenario.network.regions where earlier.overlaps(entry) {
            throw parser.error("this pair of regions is already given on line \(earlier.location.line)", at: first)
        }
        parser.scenario.network.regions.append(entry)
    }

    private static func regionName(_ parser: inout Parser) throws(Scenario.ParseError) -> Bytes {
        let token = parser.current
        let name = try parser.name("the name of a region")
        if let token { parser.mention(.region(name), at: token) }
        return name
    }

    private static func schedule(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.once("schedule", in: "network", at: parser.tokens[parser.position - 1])
        try parser.expect("pct")
        try parser.expect("depth")
        let depth = try positive(&parser)
        try parser.expect("delay")
        let delay: Scenario.Setting<Interval> = try parser.setting(.duration)
        try parser.expect("period")
        parser.scenario.network.schedule = Scenario.PrioritySchedule(
            depth: depth, delay: delay, period: try positive(&parser))
    }

    /// A number above 0; the depth of a schedule and its period need no more than a million.
    private static func positive(_ parser: inout Parser) throws(Scenario.ParseError) -> Scenario.Setting<Int64> {
        let token = parser.current
        let count: Scenario.Setting<Int64> = try parser.setting(.count)
        guard count.value > 0, count.highest <= 1_000_000 else {
            throw parser.error("expected a number from 1 to 1000000", at: token)
        }
        return count
    }

    private static func link(_ parser: inout Parser) throws(Scenario.ParseError) {
        let first = parser.tokens[parser.position - 1]
        let links = try parser.links(.setup)
        let conditions = try parser.conditions()
        parser.scenario.network.rules.append(
            Scenario.LinkRule(
                links: links, kinds: try parser.kinds(), conditions: conditions, location: parser.location(of: first)))
    }

    static func write(_ network: Scenario.Network, to writer: inout TextWriter) {
        guard network != Scenario.Network() else { return }
        writer.beginSection("network")
        if !network.conditions.isEmpty {
            writer.newLine()
            writer.conditions(network.conditions, hasGaps: true)
        }
        for region in network.regions {
            writer.newLine()
            writer.word("latency")
            writer.word(region.from)
            if !region.isBothWays { writer.word("->") }
            writer.word(region.to)
            writer.latency(region.latency)
        }
        if let schedule = network.schedule {
            writer.newLine()
            writer.words("schedule pct depth")
            writer.setting(schedule.depth)
            writer.word("delay")
            writer.setting(schedule.delay)
            writer.word("period")
            writer.setting(schedule.period)
        }
        for rule in network.rules {
            writer.newLine()
            if rule.links != .every || rule.kinds.isEmpty {
                writer.word("link")
                writer.links(rule.links)
            }
            writer.conditions(rule.conditions)
            writer.kinds(rule.kinds)
        }
    }
}

extension Scenario.RegionLatency {
    /// Whether both lines say something about the same direction of the same pair.
    fileprivate func overlaps(_ other: Scenario.RegionLatency) -> Bool {
        if from == other.from, to == other.to { return true }
        return from == other.to && to == other.from && (isBothWays || other.isBothWays)
    }
}
