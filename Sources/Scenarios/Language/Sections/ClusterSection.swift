import MeshCore

/// `cluster`: `nodes 3 as eu in region eu-west`, `run raft, gossip` and the settings of each protocol.
enum ClusterSection {
    static func open(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("cluster")
        parser.scenario.cluster.location = parser.location(of: parser.tokens[0])
    }

    static func readLine(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.settings(forms, of: "cluster", .setting)
    }

    static let forms: [Form<Void>] = [
        Form("nodes", mayRepeat: true, nodes),
        Form("run", run),
        Form("raft", mayRepeat: true, RaftStatement.read),
        Form("swim", mayRepeat: true, SwimStatement.read),
        Form("heartbeat", mayRepeat: true, HeartbeatStatement.read),
        Form("gossip", mayRepeat: true, GossipStatement.read),
        Form("broadcast", mayRepeat: true, BroadcastStatement.read),
        Form("hyparview", mayRepeat: true, OverlayStatement.read),
        Form("plumtree", mayRepeat: true, TreeStatement.read),
    ]

    /// The most groups of a cluster.
    private static var groupLimit: Int { 256 }

    private static func nodes(_ parser: inout Parser) throws(Scenario.ParseError) {
        let token = parser.tokens[parser.position - 1]
        var group = Scenario.NodeGroup(count: try parser.setting(.nodes), location: parser.location(of: token))
        if parser.accept("as") { group.name = try groupName(&parser) }
        if parser.accept("in") {
            try parser.expect("region")
            group.region = try regionName(&parser)
        }
        guard parser.scenario.cluster.groups.count < groupLimit else {
            throw parser.error("a cluster has at most \(groupLimit) groups", at: token)
        }
        parser.scenario.cluster.groups.append(group)
        var total: Int64 = 0
        for group in parser.scenario.cluster.groups { total += group.count.highest }
        guard total <= Dimension.nodes.most else {
            throw parser.error("a cluster has at most \(Dimension.nodes.most) nodes", at: token)
        }
    }

    private static func groupName(_ parser: inout Parser) throws(Scenario.ParseError) -> Bytes {
        let token = parser.current
        let name = try parser.name("a name for the group")
        var isTaken = Words.reserved.contains(name)
        if name.storage.contains(0x2e) { throw parser.error("the name of a group has no dot", at: token) }
        for metric in parser.vocabulary.metrics where metric.words[0] == name { isTaken = true }
        if let token, isTaken || parser.nodeNumber(token) != nil {
            throw parser.error("\(parser.shown(token)) already has a meaning: choose another name", at: token)
        }
        for group in parser.scenario.cluster.groups where group.name == name {
            throw parser.error("a group \"\(name.description)\" exists already", at: token)
        }
        return name
    }

    private static func regionName(_ parser: inout Parser) throws(Scenario.ParseError) -> Bytes {
        let token = parser.current
        let name = try parser.name("the name of a region")
        if NetworkSection.latencyWords.contains(name) {
            throw parser.error("\"\(name.description)\" already has a meaning: choose another name", at: token)
        }
        return name
    }

    private static func run(_ parser: inout Parser) throws(Scenario.ParseError) {
        if parser.accept("mesh") {
            parser.scenario.cluster.protocols = .mesh
            return
        }
        var chosen = Scenario.Protocols()
        repeat {
            guard let name = parser.accept(Words.protocols) else {
                if let token = parser.current, token.kind == .word,
                    let notYet = Unsupported.text(for: parser.bytes(of: token), in: .protocolName)
                {
                    throw parser.error("not supported yet: \(notYet)")
                }
                throw parser.expected("a protocol such as raft, swim, heartbeat, gossip or mesh")
            }
            chosen[name] = true
        } while parser.accept(",")
        parser.scenario.cluster.protocols = chosen
    }

    static func write(_ cluster: Scenario.Cluster, to writer: inout TextWriter) {
        writer.beginSection("cluster")
        for group in cluster.groups {
            writer.newLine()
            writer.word("nodes")
            writer.setting(group.count)
            if let name = group.name {
                writer.word("as")
                writer.word(name)
            }
            if let region = group.region {
                writer.words("in region")
                writer.word(region)
            }
        }
        write(cluster.protocols, to: &writer)
        RaftStatement.write(cluster.raft, to: &writer)
        SwimStatement.write(cluster.swim, to: &writer)
        HeartbeatStatement.write(cluster.heartbeat, to: &writer)
        GossipStatement.write(cluster.gossip, to: &writer)
        BroadcastStatement.write(cluster.broadcast, to: &writer)
        OverlayStatement.write(cluster.hyparview, to: &writer)
        TreeStatement.write(cluster.plumtree, to: &writer)
    }

    private static func write(_ protocols: Scenario.Protocols, to writer: inout TextWriter) {
        guard !protocols.isEmpty else { return }
        writer.newLine()
        writer.word("run")
        if protocols == .mesh { return writer.word("mesh") }
        var isFirst = true
        for candidate in Words.protocols where protocols[candidate.value] {
            if !isFirst { writer.glue(",") }
            writer.word(candidate.word)
            isFirst = false
        }
    }
}

extension Scenario.Protocols {
    /// Whether a protocol runs.
    public subscript(name: Scenario.ProtocolName) -> Bool {
        get {
            switch name {
            case .raft: return raft
            case .swim: return swim
            case .heartbeat: return heartbeat
            case .gossip: return gossip
            case .broadcast: return broadcast
            case .hyparview: return hyparview
            case .plumtree: return plumtree
            }
        }
        set {
            switch name {
            case .raft: raft = newValue
            case .swim: swim = newValue
            case .heartbeat: heartbeat = newValue
            case .gossip: gossip = newValue
            case .broadcast: broadcast = newValue
            case .hyparview: hyparview = newValue
            case .plumtree: plumtree = newValue
            }
        }
    }
}
