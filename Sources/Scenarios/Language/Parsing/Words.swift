import MeshCore

/// How the cases of the syntax tree's enumerations are written, for the parser and the writer alike.
enum Words {
    /// What a line of the timeline does, as events refer to it.
    static let verbs: [(word: Bytes, value: Scenario.Verb)] = [
        ("partition", .partition), ("isolate", .isolate), ("cut", .cut), ("uncut", .uncut), ("heal", .heal),
        ("degrade", .degrade), ("clog", .clog), ("unclog", .unclog), ("crash", .crash), ("restart", .restart),
        ("start", .start), ("pause", .pause), ("resume", .resume), ("slow", .slow), ("clock", .clock),
        ("disk", .disk), ("set", .set), ("delete", .delete), ("propose", .propose), ("leave", .leave),
        ("subscribe", .subscribe), ("transfer", .transfer), ("change", .change), ("reseed", .reseed),
        ("describe", .describe),
    ]

    /// What happens to a node.
    static let nodeEvents: [(word: Bytes, value: Scenario.NodeEvent)] = [
        ("crashed", .crashed), ("restarted", .restarted), ("started", .started), ("paused", .paused),
        ("resumed", .resumed), ("elected", .elected), ("suspected", .suspected), ("dead", .dead),
        ("refuted", .refuted), ("left", .left), ("stopped", .stopped), ("refused", .refused),
    ]

    /// How much damage disks may take.
    static let faultBudgets: [(word: Bytes, value: Scenario.FaultBudget)] = [
        ("survivable", .survivable), ("unrestricted", .unrestricted),
    ]

    /// What one node thinks of another.
    static let memberships: [(word: Bytes, value: Scenario.Membership)] = [
        ("alive", .alive), ("suspected", .suspected), ("dead", .dead), ("left", .left),
    ]

    /// What a new member of the Raft group is.
    static let seats: [(word: Bytes, value: Scenario.Seat)] = [
        ("voter", .voter), ("learner", .learner), ("promotable", .promotable), ("witness", .witness),
    ]

    /// How many nodes think so.
    static let extents: [(word: Bytes, value: Scenario.Extent)] = [
        ("everywhere", .everywhere), ("somewhere", .somewhere), ("nowhere", .nowhere),
    ]

    /// How two numbers compare.
    static let relations: [(word: Bytes, value: Scenario.Relation)] = [
        ("<", .less), ("<=", .atMost), ("==", .equal), ("!=", .notEqual), (">=", .atLeast), (">", .greater),
    ]

    /// What becomes of many samples.
    static let statistics: [(word: Bytes, value: Scenario.Statistic)] = [
        ("min", .min), ("p50", .p50), ("p90", .p90), ("p99", .p99), ("max", .max), ("mean", .mean),
    ]

    /// By what a total is divided.
    static let divisors: [(word: Bytes, value: Scenario.Per)] = [("node", .node), ("second", .second)]

    /// What a workload talks to.
    static let workloads: [(word: Bytes, value: Scenario.WorkloadKind)] = [
        ("kv", .kv), ("propose", .propose), ("gossip", .gossip), ("broadcast", .broadcast),
    ]

    /// What one client does once.
    static let operations: [(word: Bytes, value: Scenario.Operation)] = [
        ("put", .put), ("get", .get), ("cas", .cas), ("delete", .delete), ("set", .set), ("broadcast", .broadcast),
        ("send", .send),
    ]

    /// How a `get` is answered.
    static let readPaths: [(word: Bytes, value: Scenario.ReadPath)] = [("log", .log), ("index", .index)]

    /// How a key is chosen.
    static let keyChoices: [(word: Bytes, value: Scenario.KeyChoice)] = [("uniform", .uniform), ("zipf", .zipf)]

    /// The protocols.
    static let protocols: [(word: Bytes, value: Scenario.ProtocolName)] = [
        ("raft", .raft), ("swim", .swim), ("heartbeat", .heartbeat), ("gossip", .gossip),
        ("broadcast", .broadcast), ("hyparview", .hyparview), ("plumtree", .plumtree),
    ]

    /// The words a target can begin with, apart from the names of nodes and groups.
    static let targets: [Bytes] = Parser.targetForms.map { $0.word } + ["anyone"]

    /// The words that no group may be called, because they mean something where a group can stand.
    static let reserved: [Bytes] =
        targets + Parser.conditionForms.map { $0.word } + Parser.eventPhrases.map { $0.first } + verbs.map { $0.word }
        + protocols.map { $0.word } + statistics.map { $0.word } + [
            "halves", "ring", "bridge", "disk", "everything", "time", "node", "nodes", "is", "know", "knows", "of",
            "on",
            "for", "from", "until", "after", "but", "before",
        ]

    /// The word of a case.
    static func word<Value: Equatable>(_ value: Value, in cases: [(word: Bytes, value: Value)]) -> Bytes {
        for candidate in cases where candidate.value == value { return candidate.word }
        return Bytes()
    }
}
