import MeshCore

/// Reading the arguments of the commands that move a group.
extension Conformance.Case {
    /// Takes a word away.
    ///
    /// - Returns: Whether it was there.
    mutating func takeWord(_ word: Bytes) -> Bool {
        guard let place = arguments.firstIndex(where: { $0.key == word && $0.values == nil }) else { return false }
        arguments.remove(at: place)
        return true
    }

    private func place(
        _ word: Bytes, in group: Conformance.Group, _ argument: Conformance.Argument
    ) throws(Scenario.ParseError) -> Int {
        let ids = group.hosts.map { $0.id }
        guard let place = ids.firstIndex(of: try node(word, argument)) else {
            throw mistake("there is no node \(word)", at: argument)
        }
        return place
    }

    private func node(_ word: Bytes, _ argument: Conformance.Argument) throws(Scenario.ParseError) -> NodeID {
        guard word.hasPrefix("n") else { throw mistake("\"\(word)\" is no node: write n1", at: argument) }
        return NodeID(try number(Bytes(Array(word.storage.dropFirst())), of: argument))
    }

    /// The places of the nodes named by the words of this case.
    func nodes(in group: Conformance.Group) throws(Scenario.ParseError) -> [Int] {
        var places: [Int] = []
        for argument in arguments where argument.values == nil {
            places.append(try place(argument.key, in: group, argument))
        }
        return places
    }

    /// The place of the one node that the first word names.
    func node(in group: Conformance.Group, allowsMore: Bool = false) throws(Scenario.ParseError) -> Int {
        let words = arguments.filter { $0.values == nil }
        guard let first = words.first, allowsMore || words.count == 1 else {
            throw mistake("\"\(name)\" is for one node: \(name) n1")
        }
        return try place(first.key, in: group, first)
    }

    /// The nodes that an argument names; `nil` without it.
    func nodes(_ key: Bytes, among known: [NodeID]) throws(Scenario.ParseError) -> [NodeID]? {
        guard let argument = argument(key) else { return nil }
        var nodes: [NodeID] = []
        for value in argument.values ?? [] {
            let node = try node(value, argument)
            guard known.contains(node) else { throw mistake("there is no node \(value)", at: argument) }
            nodes.append(node)
        }
        return nodes
    }

    /// A number that an argument gives; `nil` without it.
    func count(_ key: Bytes) throws(Scenario.ParseError) -> Int? {
        guard let argument = argument(key) else { return nil }
        guard let value = argument.values?.first else { throw mistake("\(key) needs a number", at: argument) }
        let number = try number(value, of: argument)
        guard number < 1 << 30 else { throw mistake("\(key) is too large", at: argument) }
        return Int(number)
    }

    /// Which messages are meant: words are receivers.
    func selection(in group: Conformance.Group) throws(Scenario.ParseError) -> Conformance.Selection {
        var test = self
        var selection = Conformance.Selection()
        selection.isNewestFirst = test.takeWord("newest")
        let everyone = group.hosts.map { $0.id }
        let receivers = try test.nodes(in: group).map { everyone[$0] }
        selection.to = try test.nodes("to", among: everyone) ?? (receivers.isEmpty ? nil : receivers)
        selection.from = try test.nodes("from", among: everyone)
        selection.count = try test.count("count")
        if let argument = test.argument("kind") {
            let known = Raft.Message.kinds.map { Bytes(stringLiteral: $0) }
            for kind in argument.values ?? [] where !known.contains(kind) {
                var error = mistake("there is no message \"\(kind)\"", at: argument)
                error.suggestion = nearest(to: kind.storage, among: known)
                throw error
            }
            selection.kinds = argument.values
        }
        return selection
    }

    /// The settings of new nodes.
    func settings() throws(Scenario.ParseError) -> Raft.Settings {
        var settings = Raft.Settings()
        for argument in arguments {
            guard let value = argument.values?.first else { continue }
            switch argument.key {
            case "pre-vote": settings.preVote = try flag(value, argument)
            case "check-quorum": settings.checkQuorum = try flag(value, argument)
            case "no-op": settings.appendsNoOp = try flag(value, argument)
            case "inflight": settings.maxInflight = try count(argument.key) ?? 0
            case "entries": settings.maxEntriesPerAppend = try count(argument.key) ?? 0
            case "bytes": settings.maxBytesPerAppend = try count(argument.key) ?? 0
            case "uncommitted": settings.maxUncommittedBytes = try count(argument.key) ?? 0
            case "snapshot-after": settings.snapshotAfter = try count(argument.key) ?? 0
            case "forwards": settings.maxForwards = try count(argument.key) ?? 0
            case "inflight-bytes": settings.maxInflightBytes = try count(argument.key) ?? 0
            case "chunk": settings.snapshotChunkBytes = try count(argument.key) ?? 0
            case "chunk-window": settings.snapshotWindow = try count(argument.key) ?? 0
            case "trailing": settings.trailingEntries = try count(argument.key) ?? 0
            case "sleep-after": settings.quiesceAfter = try count(argument.key) ?? 0
            case "promotion": settings.promotionDistance = try count(argument.key) ?? 0
            case "reads": settings.maxReads = try count(argument.key) ?? 0
            case "drift": settings.readMode = .lease(driftBound: .percent(Int64(try count(argument.key) ?? 0)))
            case "voters", "learners", "witnesses", "program", "sessions": break
            case _: throw mistake("there is no setting \"\(argument.key)\"", at: argument)
            }
        }
        do throws(Raft.SettingsError) { try settings.check() } catch { throw mistake(error.description) }
        return settings
    }

    private func flag(_ value: Bytes, _ argument: Conformance.Argument) throws(Scenario.ParseError) -> Bool {
        switch value {
        case "on": return true
        case "off": return false
        case _: throw mistake("\(argument.key) is on or off", at: argument)
        }
    }
}

/// Reading a change of the configuration.
extension Conformance.Case {
    /// The changes that the input names: `v4` makes node 4 a voter, `l4` a learner, `w4` a witness, `r4` takes it out.
    func changes() throws(Scenario.ParseError) -> [Raft.Change] {
        var changes: [Raft.Change] = []
        for word in inputWords {
            let node = NodeID(try number(Bytes(Array(word.storage.dropFirst())), of: Conformance.Argument(word)))
            switch word.storage.first {
            case 0x76: changes.append(.addVoter(node))
            case 0x6c: changes.append(.addLearner(node))
            case 0x77: changes.append(.addWitness(node))
            case 0x72: changes.append(.remove(node))
            case _: throw mistake("\"\(word)\" is no change: write v4, l4, w4 or r4")
            }
        }
        guard !changes.isEmpty else { throw mistake("say in the input what changes: v4, l4, w4 or r4") }
        return changes
    }

    /// How the change is to be made.
    func transition() throws(Scenario.ParseError) -> Raft.Transition {
        guard let argument = argument("transition") else { return .automatic }
        switch argument.values?.first {
        case "automatic": return .automatic
        case "implicit": return .implicit
        case "explicit": return .explicit
        case _: throw mistake("a transition is automatic, implicit or explicit", at: argument)
        }
    }
}

extension Conformance.Argument {
    /// A word of the input, as a place for a mistake.
    init(_ word: Bytes) {
        self.init(key: word, values: nil, column: 1)
    }
}
