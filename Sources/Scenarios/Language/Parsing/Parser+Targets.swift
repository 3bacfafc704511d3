import MeshCore

extension Parser {
    /// What a target may be at a place.
    enum TargetUse {
        /// The nodes an action is done to.
        case nodes

        /// The ends of links and the groups of a partition, where `rest` and `any` make sense.
        case links

        /// The nodes an event happens to, where `any` makes sense.
        case event

        /// Nodes that are known before the run.
        case setup
    }

    /// Takes a target: one, or several separated by commas.
    mutating func target(_ use: TargetUse) throws(Scenario.ParseError) -> Scenario.Target {
        let first = try oneTarget(use)
        guard isAhead(",") else { return first }
        if case .allBut = first { throw error("ambiguous: write all but {leader, n2} or {all but leader, n2}") }
        var parts = [first]
        while accept(",") { parts.append(try oneTarget(use)) }
        return .list(parts)
    }

    /// Takes a target without commas.
    private mutating func oneTarget(_ use: TargetUse) throws(Scenario.ParseError) -> Scenario.Target {
        try descend()
        defer { depth -= 1 }
        let start = position
        if accept("{") { return try listed(use) }
        let target: Scenario.Target
        if let token = current, let first = nodeNumber(token) {
            target = try nodes(from: first, at: token)
        } else if let form = try accept(Parser.targetForms) {
            target = form
            try check(target, is: use, from: tokens[start])
        } else {
            target = try group()
        }
        let token = tokens[start]
        let last = tokens[position - 1]
        let length = last.column + self.length(of: last) - token.column
        namedTargets.append(NamedTarget(target: target, location: location(of: token), length: length))
        return target
    }

    /// Takes the rest of `{a, b}`.
    private mutating func listed(_ use: TargetUse) throws(Scenario.ParseError) -> Scenario.Target {
        if isAhead("}") { throw error("an empty set of nodes") }
        var parts = [try oneTarget(use)]
        while accept(",") { parts.append(try oneTarget(use)) }
        try expect("}")
        return .list(parts)
    }

    /// The number in `n3`; `nil` when the token is no name of a node.
    func nodeNumber(_ token: Token) -> UInt64? {
        guard token.kind == .word, token.end - token.start > 1, source[token.start] == 0x6e else { return nil }
        var number: UInt64 = 0
        for index in token.start + 1..<token.end {
            guard Lexer.isDigit(source[index]) else { return nil }
            if number < 1_000_000_000 { number = number * 10 + UInt64(source[index] - 0x30) }
        }
        return number
    }

    /// Takes `n1` or `n1..n3`.
    private mutating func nodes(from first: UInt64, at token: Token) throws(Scenario.ParseError) -> Scenario.Target {
        advance()
        mention(.node(first), at: token)
        guard accept("..") else { return .node(NodeID(first)) }
        guard let end = current, let last = nodeNumber(end) else { throw expected("a node such as n3") }
        mention(.node(last), at: end)
        advance()
        try checkOrder(Int64(first), Int64(last), from: token)
        return .nodes(from: NodeID(first), to: NodeID(last))
    }

    /// Takes the name of a group, the last that a word can be.
    private mutating func group() throws(Scenario.ParseError) -> Scenario.Target {
        guard let token = current, token.kind == .word else { throw expected("a node such as n1, leader or random 2") }
        if accept("anyone") { return .any }
        let name = try name("a node")
        mention(.group(name), at: token)
        return .group(name)
    }

    /// Complains about a target that makes no sense at its place.
    private func check(
        _ target: Scenario.Target, is use: TargetUse, from token: Token
    ) throws(Scenario.ParseError) {
        if target == .any, use == .nodes {
            throw error("\"any\" is no choice here: write \"all\" or \"random 1\"", at: token)
        }
        if target == .rest, use != .links {
            throw error("\"rest\" needs other nodes in the same statement", at: token)
        }
        if use == .setup, !target.isKnownBeforeTheRun {
            throw error("\(shown(token)) is not known before the run: name the nodes", at: token)
        }
    }

    /// The words a target can begin with.
    static let targetForms: [Form<Scenario.Target>] = [
        Form("leader") { (parser: inout Parser) throws(Scenario.ParseError) in parser.raftTarget(.leader) },
        Form("previous") { (parser: inout Parser) throws(Scenario.ParseError) in
            try parser.expect("leader")
            return parser.raftTarget(.previousLeader)
        },
        Form("followers") { (parser: inout Parser) throws(Scenario.ParseError) in parser.raftTarget(.followers) },
        Form("follower") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.raftTarget(.random(.fixed(1), of: .followers))
        },
        Form("random") { (parser: inout Parser) throws(Scenario.ParseError) in try parser.randomTarget() },
        Form("minority") { (_: inout Parser) throws(Scenario.ParseError) in .minority },
        Form("majority") { (_: inout Parser) throws(Scenario.ParseError) in .majority },
        Form("all") { (parser: inout Parser) throws(Scenario.ParseError) in
            guard parser.accept("but") else { return .all }
            let outer = parser.namedTargets
            let excluded = try parser.oneTarget(.nodes)
            parser.namedTargets = outer
            return .allBut(excluded)
        },
        Form("rest") { (_: inout Parser) throws(Scenario.ParseError) in .rest },
        Form("crashed") { (_: inout Parser) throws(Scenario.ParseError) in .crashed },
        Form("paused") { (_: inout Parser) throws(Scenario.ParseError) in .paused },
        Form("any") { (_: inout Parser) throws(Scenario.ParseError) in .any },
        Form("region") { (parser: inout Parser) throws(Scenario.ParseError) in
            let token = parser.current
            let name = try parser.name("the name of a region")
            if let token { parser.mention(.region(name), at: token) }
            return .region(name)
        },
    ]

    /// Notes that the word just taken needs Raft.
    private mutating func raftTarget(_ target: Scenario.Target) -> Scenario.Target {
        need(.raft, for: tokens[position - 1])
        return target
    }

    /// Whether `of raft.vote` comes next, which names kinds of messages and no set of nodes.
    private var isKindAhead: Bool {
        guard isAhead("of"), position + 1 < tokens.count, tokens[position + 1].kind == .word else { return false }
        let name = protocolName(of: bytes(of: tokens[position + 1]))
        return Words.protocols.contains { $0.word == name }
    }

    /// Takes what follows `random`: a number, a set, or both.
    private mutating func randomTarget() throws(Scenario.ParseError) -> Scenario.Target {
        var count: Scenario.Setting<Int64>?
        if let token = current, token.kind == .number { count = try setting(.count) }
        let outer = namedTargets
        defer { namedTargets = outer }
        if !isKindAhead, accept("of") { return .random(count ?? .fixed(1), of: try oneTarget(.nodes)) }
        if accept("node") || accept("nodes") { return .random(count ?? .fixed(1), of: .all) }
        if accept("follower") || accept("followers") {
            return raftTarget(.random(count ?? .fixed(1), of: .followers))
        }
        guard let count else { throw expected("a number or a set, such as \"random 2\" or \"random follower\"") }
        return .random(count, of: .all)
    }
}
