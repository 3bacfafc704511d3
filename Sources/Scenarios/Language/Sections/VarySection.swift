import MeshCore

/// `vary nodes 3, 5, 7`, `vary gossip fanout 1, 3, 5`.
enum VarySection {
    /// A parameter: how it is written and what its values are.
    struct Entry: Sendable {
        /// Its one or two words.
        let words: [Bytes]

        /// The parameter.
        let parameter: Scenario.Parameter

        /// What its values are counted in.
        let dimension: Dimension

        /// The unit the writer adds, for bandwidths.
        var suffix = ""

        /// The protocol it is a setting of.
        var needs: Scenario.ProtocolName?
    }

    static let entries: [Entry] = [
        Entry(words: ["nodes"], parameter: .nodes, dimension: .nodes),
        Entry(words: ["loss"], parameter: .loss, dimension: .share),
        Entry(words: ["duplicate"], parameter: .duplicate, dimension: .share),
        Entry(words: ["reorder"], parameter: .reorder, dimension: .share),
        Entry(words: ["corrupt"], parameter: .corrupt, dimension: .share),
        Entry(words: ["latency"], parameter: .latency, dimension: .time),
        Entry(words: ["bandwidth"], parameter: .bandwidth, dimension: .bandwidth, suffix: "/s"),
        Entry(words: ["fsync"], parameter: .fsync, dimension: .time),
        Entry(words: ["rate"], parameter: .rate, dimension: .rate),
        Entry(words: ["clients"], parameter: .clients, dimension: .nodes),
        Entry(words: ["keys"], parameter: .keys, dimension: .count),
        Entry(
            words: ["raft", "election-timeout"], parameter: .raftElectionTimeout, dimension: .duration, needs: .raft),
        Entry(words: ["raft", "heartbeat"], parameter: .raftHeartbeat, dimension: .duration, needs: .raft),
        Entry(words: ["raft", "batch"], parameter: .raftBatch, dimension: .count, needs: .raft),
        Entry(words: ["swim", "period"], parameter: .swimPeriod, dimension: .duration, needs: .swim),
        Entry(words: ["swim", "indirect"], parameter: .swimIndirect, dimension: .number, needs: .swim),
        Entry(words: ["swim", "suspicion"], parameter: .swimSuspicion, dimension: .count, needs: .swim),
        Entry(words: ["gossip", "fanout"], parameter: .gossipFanout, dimension: .count, needs: .gossip),
        Entry(words: ["gossip", "interval"], parameter: .gossipInterval, dimension: .duration, needs: .gossip),
    ]

    /// The entry of a parameter.
    static func entry(of parameter: Scenario.Parameter) -> Entry? {
        for entry in entries where entry.parameter == parameter { return entry }
        return nil
    }

    /// The most values of one parameter.
    private static var valueLimit: Int { 100 }

    /// The most cells of a table.
    private static var cellLimit: Int { 10_000 }

    static func read(_ parser: inout Parser) throws(Scenario.ParseError) {
        let first = parser.tokens[0]
        let token = parser.current
        let entry = try entry(&parser)
        if let token, let needed = entry.needs { parser.need(needed, for: token) }
        for earlier in parser.scenario.variations where earlier.parameter == entry.parameter {
            throw parser.error("this is already varied on line \(earlier.location.line)", at: token)
        }
        var values: [Scenario.Quantity] = []
        repeat {
            let token = parser.current
            let value = try value(&parser, entry)
            guard !values.contains(value) else { throw parser.error("this value is given twice", at: token) }
            guard values.count < valueLimit else {
                throw parser.error("a parameter has at most \(valueLimit) values", at: token)
            }
            values.append(value)
        } while parser.accept(",")
        var cells = values.count
        for earlier in parser.scenario.variations { cells *= earlier.values.count }
        guard cells <= cellLimit else {
            throw parser.error("a table has at most \(cellLimit) cells, this one would have \(cells)", at: first)
        }
        parser.scenario.variations.append(
            Scenario.Variation(entry.parameter, values, location: parser.location(of: first)))
    }

    /// Takes the words of a parameter.
    private static func entry(_ parser: inout Parser) throws(Scenario.ParseError) -> Entry {
        for entry in entries {
            guard parser.isAhead(entry.words[0]) else {
                parser.tried.append(entry.words[0])
                continue
            }
            guard entry.words.count == 2 else {
                parser.advance()
                return entry
            }
            guard parser.isAhead(entry.words[1], by: 1) else { continue }
            parser.advance()
            parser.advance()
            return entry
        }
        for entry in entries where parser.isAhead(entry.words[0]) {
            parser.advance()
            for other in entries where other.words[0] == entry.words[0] { parser.tried.append(other.words[1]) }
            throw parser.expected("a setting of \"\(entry.words[0].description)\" that can be varied")
        }
        throw parser.expected("a parameter such as nodes or loss")
    }

    private static func value(
        _ parser: inout Parser, _ entry: Entry
    ) throws(Scenario.ParseError) -> Scenario.Quantity {
        switch entry.parameter {
        case .nodes, .clients, .keys, .raftBatch, .swimIndirect, .swimSuspicion, .gossipFanout:
            return .count(try parser.quantity(entry.dimension))
        case .loss, .duplicate, .reorder, .corrupt:
            return .share(Ratio(millionths: try parser.quantity(entry.dimension)))
        case .bandwidth: return .size(Scenario.Size(bytes: try parser.quantity(entry.dimension)))
        case .rate: return .rate(Scenario.Rate(millihertz: try parser.quantity(entry.dimension)))
        case .fsync, .raftElectionTimeout: return .times(try parser.intervalRange(entry.dimension))
        case .latency, .raftHeartbeat, .swimPeriod, .gossipInterval:
            return .time(Interval(nanoseconds: try parser.quantity(entry.dimension)))
        }
    }

    static func write(_ variations: [Scenario.Variation], to writer: inout TextWriter) {
        for index in 0..<variations.count {
            let variation = variations[index]
            if index == 0 { writer.beginSection("vary") } else { writer.begin("vary") }
            guard let entry = entry(of: variation.parameter) else { continue }
            for word in entry.words { writer.word(word) }
            for position in 0..<variation.values.count {
                if position > 0 { writer.glue(",") }
                writer.quantity(variation.values[position], unit: entry.suffix)
            }
        }
    }
}
