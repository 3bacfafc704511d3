import MeshCore

/// `mesh maelstrom`: a node that Maelstrom can drive, so that somebody else's checkers judge the same core.
enum MaelstromVerb {
    static let verb = Verb(
        name: "maelstrom",
        summary: "be a node of Maelstrom, on standard input and output",
        operands: "WORKLOAD",
        options: [
            Option(
                name: "--election-timeout", value: "D",
                summary: "the shortest of lin-kv; the longest is twice that (default: 150ms)"),
            Option(
                name: "--patience", value: "D", summary: "when an operation without an answer is given up (default: 5s)"
            ),
        ],
        details: """
            The workloads are \(names.joined(separator: ", ")). Each drives protocols of this package: lin-kv the
            replicated log with linearizable reads, broadcast, g-set and the counters the gossip state, unique-ids the
            hybrid clock. Maelstrom starts one process for each node and carries their messages.

            Nothing is written to a disk, so a node must not be started again within a run. An operation whose outcome
            is not known is answered by error 0, which leaves it open; by another only when it surely did not happen.

            An election timeout has to be some ten times the latency that Maelstrom is told to simulate.
            """,
        examples: [
            (
                "maelstrom test -w lin-kv --bin mesh-lin-kv --node-count 3 --concurrency 6n --nemesis partition",
                "with a script mesh-lin-kv that says: exec mesh maelstrom lin-kv"
            )
        ],
        operandKind: .word(names),
        run: { try run($0) })

    static let names = ["echo", "unique-ids", "broadcast", "g-set", "g-counter", "pn-counter", "lin-kv"]

    private static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard arguments.operands.count == 1, let name = arguments.operands.first else {
            throw UsageError(
                "\"mesh maelstrom\" needs one workload", hint: "write \"mesh maelstrom lin-kv\"; there are \(list)")
        }
        var options = MaelstromOptions()
        if let text = arguments.value("--election-timeout") {
            options.electionTimeout = try Values.instant(text) - .zero
        }
        if let text = arguments.value("--patience") { options.patience = try Values.instant(text) - .zero }
        let kind: MaelstromWorkloadKind = try kind(name)
        try options.check()
        var loop = MaelstromLoop(kind, options)
        try loop.run()
        return .held
    }

    private static var list: String { names.joined(separator: ", ") }

    private static func kind(_ name: String) throws -> MaelstromWorkloadKind {
        switch name {
        case "echo": return { _, _ in EchoWorkload() }
        case "unique-ids": return { node, _ in UniqueIDsWorkload(node) }
        case "broadcast": return { _, _ in ValuesWorkload(.broadcast) }
        case "g-set": return { _, _ in ValuesWorkload(.growOnlySet) }
        case "g-counter": return { node, _ in CounterWorkload(node, canShrink: false) }
        case "pn-counter": return { node, _ in CounterWorkload(node, canShrink: true) }
        case "lin-kv": return { node, options in RegistersWorkload(node, options) }
        case _:
            throw UsageError(
                "there is no workload \"\(name)\"",
                hint: Suggestion.text(for: name, among: names) ?? "there are \(list)")
        }
    }
}

/// Makes the workload of a node, once it knows who it is.
typealias MaelstromWorkloadKind = (NodeID, MaelstromOptions) -> any MaelstromWorkload

/// What can be set of a node.
struct MaelstromOptions: Sendable {
    var electionTimeout = Raft.Settings().electionTimeoutMin
    var patience = Interval.seconds(5)

    /// The settings of the replicated log.
    var raft: Raft.Settings {
        var settings = Raft.Settings()
        settings.electionTimeoutMin = electionTimeout
        settings.electionTimeoutMax = Interval(nanoseconds: electionTimeout.nanoseconds * 2)
        settings.heartbeatInterval = Interval(nanoseconds: electionTimeout.nanoseconds / 3)
        return settings
    }

    func check() throws {
        guard electionTimeout >= .milliseconds(10), electionTimeout <= .seconds(60) else {
            throw UsageError("--election-timeout lies between 10ms and 1min")
        }
        guard patience >= .milliseconds(100), patience <= .seconds(600) else {
            throw UsageError("--patience lies between 100ms and 10min")
        }
    }
}
