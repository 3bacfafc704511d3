import MeshCore

/// `partition {n1, n2} | rest`, `partition halves`, `isolate n3`, `heal`.
enum PartitionActions {
    static let forms: [Form<Scenario.Action>] = [
        Form("partition") { (parser: inout Parser) throws(Scenario.ParseError) in
            .partition(try partition(&parser))
        },
        Form("isolate") { (parser: inout Parser) throws(Scenario.ParseError) in
            .isolate(try parser.target(.nodes))
        },
        Form("heal") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.accept("everything") ? .healEverything : .heal
        },
    ]

    private static func partition(_ parser: inout Parser) throws(Scenario.ParseError) -> Scenario.Partition {
        if parser.accept("halves") { return .halves }
        if parser.accept("ring") { return .ring }
        if parser.accept("bridge") { return .bridge(try parser.target(.nodes)) }
        parser.namedTargets.removeAll()
        let first = parser.current
        var groups: [Scenario.Target] = []
        repeat { groups.append(try parser.target(.links)) } while parser.accept("|")
        if let first { parser.mention(.partition(parser.namedTargets), at: first) }
        return .groups(groups)
    }

    static func write(_ partition: Scenario.Partition, to writer: inout TextWriter) {
        writer.word("partition")
        switch partition {
        case .halves: writer.word("halves")
        case .ring: writer.word("ring")
        case .bridge(let target): writer.words("bridge", target)
        case .groups(let groups):
            for index in 0..<groups.count {
                if index > 0 { writer.word("|") }
                writer.target(groups[index])
            }
        }
    }
}
