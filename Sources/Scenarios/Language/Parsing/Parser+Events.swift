import MeshCore

extension Parser {
    /// Takes an event: what `when`, `never`, `sometimes` and `after` refer to.
    mutating func event() throws(Scenario.ParseError) -> Scenario.Event {
        if isMetricAhead || (isAhead("leader") && isAhead("is", by: 1)) { return .becameTrue(try condition()) }
        for phrase in Parser.eventPhrases {
            if let event = try accept(phrase) { return event }
        }
        if let event = try acceptVerb() { return event }
        if let condition = try accept(Parser.conditionForms) { return .becameTrue(condition) }
        if isAhead("all"), isAhead("know", by: 1) { return .becameTrue(try condition()) }
        return try nodeEvent()
    }

    /// Takes an event of two words if they come next.
    private mutating func accept(_ phrase: EventPhrase) throws(Scenario.ParseError) -> Scenario.Event? {
        tried.append(phrase.first)
        guard isAhead(phrase.first), isAhead(phrase.second, by: 1) else { return nil }
        if let name = phrase.needs, let token = current { need(name, for: token) }
        advance()
        advance()
        return phrase.event
    }

    /// Takes the name of what a line of the timeline does, with a key where there can be one.
    private mutating func acceptVerb() throws(Scenario.ParseError) -> Scenario.Event? {
        guard let verb = accept(Words.verbs) else { return nil }
        guard verb == .set || verb == .delete, let token = current, token.kind == .string else {
            return .ran(verb, key: nil)
        }
        return .ran(verb, key: try key())
    }

    /// Takes what happens to a node, or what is true of one.
    private mutating func nodeEvent() throws(Scenario.ParseError) -> Scenario.Event {
        let subject = try subject("an event such as \"leader elected\" or \"n3 crashed\"")
        if let condition = try acceptPredicate(of: subject) { return .becameTrue(condition) }
        let word = current
        let event = try choose(Words.nodeEvents, "what happens to it, such as \"crashed\"")
        if let word { note(event, at: word) }
        return .node(subject, event)
    }

    /// Notes the protocol without which an event of a node cannot happen.
    private mutating func note(_ event: Scenario.NodeEvent, at word: Token) {
        switch event {
        case .elected: need(.raft, for: word)
        case .suspected, .dead, .refuted, .left: needDetector(for: word)
        case .crashed, .restarted, .started, .paused, .resumed, .stopped, .refused: return
        }
    }

    /// Takes the target a sentence begins with.
    private mutating func subject(_ what: String) throws(Scenario.ParseError) -> Scenario.Target {
        let start = position
        let known = tried
        let mentionsBefore = mentions.count
        let subject = try target(.event)
        if case .group = subject, !isSentenceAhead {
            mentions.removeSubrange(mentionsBefore...)
            position = start
            tried = known + Words.targets
            throw expected(what)
        }
        return subject
    }

    /// Whether a word comes next that can follow the subject of a sentence.
    private var isSentenceAhead: Bool {
        for candidate in Words.nodeEvents where isAhead(candidate.word) { return true }
        for candidate in Words.memberships where isAhead(candidate.word) { return true }
        return isAhead("knows") || isAhead("know")
    }
}

/// An event of two words.
struct EventPhrase: Sendable {
    /// Its first word.
    let first: Bytes

    /// Its second word.
    let second: Bytes

    /// The protocol without which it cannot happen.
    let needs: Scenario.ProtocolName?

    /// The event.
    let event: Scenario.Event
}

extension Parser {
    /// The events of two words.
    static let eventPhrases: [EventPhrase] = [
        EventPhrase(first: "leader", second: "elected", needs: .raft, event: .leaderElected),
        EventPhrase(first: "leader", second: "changes", needs: .raft, event: .leaderChanges),
        EventPhrase(first: "leader", second: "lost", needs: .raft, event: .leaderLost),
        EventPhrase(first: "snapshot", second: "taken", needs: .raft, event: .snapshotTaken),
        EventPhrase(first: "snapshot", second: "installed", needs: .raft, event: .snapshotInstalled),
        EventPhrase(first: "all", second: "clear", needs: nil, event: .allClear),
    ]
}

extension Parser {
    /// Takes a condition: something that is true or false at every moment.
    mutating func condition() throws(Scenario.ParseError) -> Scenario.Condition {
        try descend()
        defer { depth -= 1 }
        if isMetricAhead { return .compares(try comparison()) }
        if isAhead("leader"), isAhead("is", by: 1) { return try leaderCondition() }
        if let condition = try accept(Parser.conditionForms) { return condition }
        let subject = try subject("a condition such as \"one leader\" or \"converged\"")
        if let condition = try acceptPredicate(of: subject) { return condition }
        for candidate in Words.memberships { tried.append(candidate.word) }
        throw expected("what is true of it, such as \"dead everywhere\" or \"knows\"")
    }

    /// Takes `knows "key"` or `dead everywhere` if it comes next.
    private mutating func acceptPredicate(
        of subject: Scenario.Target
    ) throws(Scenario.ParseError) -> Scenario.Condition? {
        let word = current
        if accept("knows") || accept("know") {
            if let word { need(.gossip, for: word) }
            let key = try key()
            return .knows(subject, key: key, value: accept("=") ? try string("a value") : nil)
        }
        for membership in Words.memberships where isAhead(membership.word) {
            for extent in Words.extents where isAhead(extent.word, by: 1) {
                if let word { needDetector(for: word) }
                advance()
                advance()
                return .membership(of: subject, membership.value, extent.value)
            }
            if membership.value == .alive {
                advance()
                throw expected("\"everywhere\", \"somewhere\" or \"nowhere\"")
            }
        }
        return nil
    }

    /// Notes that a word needs a protocol that detects failures; heartbeats or SWIM will do.
    mutating func needDetector(for token: Token) {
        need(oneOf: [.swim, .heartbeat], for: token)
    }

    /// Takes `leader is n3` or `leader is not n3`.
    private mutating func leaderCondition() throws(Scenario.ParseError) -> Scenario.Condition {
        if let token = current { need(.raft, for: token) }
        advance()
        advance()
        let isNegated = accept("not")
        return .leader(isIn: try target(.nodes), isNegated: isNegated)
    }

    /// The words a condition can begin with.
    static let conditionForms: [Form<Scenario.Condition>] = [
        Form("one") { (parser: inout Parser) throws(Scenario.ParseError) in
            try parser.expect("leader")
            parser.need(.raft, for: parser.tokens[parser.position - 1])
            return .oneLeader
        },
        Form("no") { (parser: inout Parser) throws(Scenario.ParseError) in
            try parser.expect("leader")
            parser.need(.raft, for: parser.tokens[parser.position - 1])
            return .noLeader
        },
        Form("progress") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.need(.raft, for: parser.tokens[parser.position - 1])
            return .progress
        },
        Form("caught") { (parser: inout Parser) throws(Scenario.ParseError) in
            try parser.expect("up")
            parser.need(.raft, for: parser.tokens[parser.position - 2])
            return .caughtUp
        },
        Form("voters") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.need(.raft, for: parser.tokens[parser.position - 1])
            return .voters(try parser.target(.nodes))
        },
        Form("converged") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.need(.gossip, for: parser.tokens[parser.position - 1])
            return .converged
        },
        Form("asleep") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.need(.raft, for: parser.tokens[parser.position - 1])
            return .asleep
        },
        Form("nobody") { (parser: inout Parser) throws(Scenario.ParseError) in
            let word = parser.current
            if parser.accept("knows") {
                if let word { parser.need(.gossip, for: word) }
                return .nobodyKnows(key: try parser.key())
            }
            try parser.expect("suspects")
            if let word { parser.needDetector(for: word) }
            return .nobodySuspects(try parser.target(.event))
        },
    ]
}
