import MeshCore

/// `workload kv`: `clients 3  rate 100/s  keys 10 zipf`, `mix put 50% get 40% cas 10%`, `reads index`,
/// `sessions on  retry 500ms`, `from 1s until 18s`.
enum WorkloadSection {
    /// The most workloads of a file.
    private static var limit: Int { 64 }

    static func open(_ parser: inout Parser) throws(Scenario.ParseError) {
        var workload = Scenario.Workload(.kv)
        workload.location = parser.location(of: parser.tokens[0])
        let token = parser.current
        let kind = parser.accept(Words.workloads)
        workload.kind = kind ?? .kv
        parser.scenario.workloads.append(workload)
        guard parser.scenario.workloads.count <= limit else {
            throw parser.error("a file has at most \(limit) workloads", at: parser.tokens[0])
        }
        guard let kind, let token else {
            if let token, token.kind == .word,
                let notYet = Unsupported.text(for: parser.bytes(of: token), in: .workload)
            {
                throw parser.error("not supported yet: \(notYet)")
            }
            throw parser.expected("what the clients talk to: kv, propose, gossip or broadcast")
        }
        parser.need(oneOf: kind.needs, for: token)
    }

    static func readLine(_ parser: inout Parser) throws(Scenario.ParseError) {
        let scope = Bytes("workload \(parser.scenario.workloads.count)")
        try parser.settings(forms, of: "workload", scope: scope, .setting)
    }

    /// Changes the workload that is being read.
    private static func change(_ parser: inout Parser, _ body: (inout Scenario.Workload) -> Void) {
        let last = parser.scenario.workloads.count - 1
        if last >= 0 { body(&parser.scenario.workloads[last]) }
    }

    static let forms: [Form<Void>] = [
        Form("clients") { (parser: inout Parser) throws(Scenario.ParseError) in
            let clients: Scenario.Setting<Int64> = try parser.setting(.nodes)
            change(&parser) { $0.clients = clients }
        },
        Form("rate") { (parser: inout Parser) throws(Scenario.ParseError) in
            let rate: Scenario.Setting<Scenario.Rate> = try parser.setting(.rate)
            change(&parser) { $0.rate = rate }
        },
        Form("keys") { (parser: inout Parser) throws(Scenario.ParseError) in
            let count: Scenario.Setting<Int64> = try parser.setting(.count)
            let choice = parser.accept(Words.keyChoices) ?? .uniform
            change(&parser) { $0.keys = Scenario.Keys(count: count, choice: choice) }
        },
        Form("mix", mix),
        Form("values") { (parser: inout Parser) throws(Scenario.ParseError) in
            let size: Scenario.Setting<Scenario.Size> = try parser.setting(.size)
            change(&parser) { $0.valueSize = size }
        },
        Form("reads") { (parser: inout Parser) throws(Scenario.ParseError) in
            guard let path = parser.accept(Words.readPaths) else { throw parser.expected("log or index") }
            try requireKeys(parser, "reads")
            change(&parser) { $0.reads = path }
        },
        Form("sessions") { (parser: inout Parser) throws(Scenario.ParseError) in
            let flag = try parser.flag()
            try requireKeys(parser, "sessions")
            change(&parser) { $0.sessions = flag }
        },
        Form("retry") { (parser: inout Parser) throws(Scenario.ParseError) in
            let retry: Scenario.Setting<Interval> = try parser.setting(.duration)
            try requireKeys(parser, "retry")
            change(&parser) { $0.retry = retry }
        },
        Form("on") { (parser: inout Parser) throws(Scenario.ParseError) in
            let target = try parser.target(.nodes)
            change(&parser) { $0.target = target }
        },
        Form("from") { (parser: inout Parser) throws(Scenario.ParseError) in
            let from = try parser.moment()
            change(&parser) { $0.from = from }
            try checkWindow(parser)
        },
        Form("until") { (parser: inout Parser) throws(Scenario.ParseError) in
            let until = try parser.moment()
            change(&parser) { $0.until = until }
            try checkWindow(parser)
        },
    ]

    /// Complains when a setting is about answers that the clients of this workload do not wait for.
    private static func requireKeys(_ parser: Parser, _ word: String) throws(Scenario.ParseError) {
        guard let kind = parser.scenario.workloads.last?.kind, kind == .gossip || kind == .broadcast else { return }
        throw parser.error(
            "the workload \"\(kind.word.description)\" has no \"\(word)\"", at: parser.tokens[parser.position - 1])
    }

    private static func checkWindow(_ parser: Parser) throws(Scenario.ParseError) {
        guard let workload = parser.scenario.workloads.last else { return }
        try parser.checkWindow(from: workload.from, until: workload.until)
    }

    private static func mix(_ parser: inout Parser) throws(Scenario.ParseError) {
        let kind = parser.scenario.workloads.last?.kind ?? .kv
        let first = parser.tokens[parser.position - 1]
        var mix: [Scenario.MixShare] = []
        var total: Int64 = 0
        while let token = parser.current, let operation = parser.accept(Words.operations) {
            guard kind.operations.contains(operation) else {
                throw parser.error("the workload \"\(kind.word.description)\" has no \(parser.shown(token))", at: token)
            }
            for earlier in mix where earlier.operation == operation {
                throw parser.error("\(parser.shown(token)) is given twice", at: token)
            }
            let share = Ratio(millionths: try parser.quantity(.share))
            total += share.millionths
            mix.append(Scenario.MixShare(operation, share))
        }
        guard !mix.isEmpty else { throw parser.expected("an operation and its share, such as \"put 50%\"") }
        guard total == Ratio.one.millionths else {
            throw parser.error("the shares add up to \(decimalThousandths(total / 10))%, not to 100%", at: first)
        }
        change(&parser) { $0.mix = mix }
    }

    static func write(_ workload: Scenario.Workload, to writer: inout TextWriter) {
        writer.beginSection("workload")
        writer.word(workload.kind.word)
        var line = SettingsLine()
        line.setting("clients", workload.clients, in: &writer)
        line.setting("rate", workload.rate, in: &writer)
        if let keys = workload.keys {
            line.next("keys", after: nil, in: &writer)
            writer.setting(keys.count)
            if keys.choice != .uniform { writer.word(Words.word(keys.choice, in: Words.keyChoices)) }
        }
        line.setting("values", workload.valueSize, in: &writer)
        if let reads = workload.reads {
            line.next("reads", after: nil, in: &writer)
            writer.word(Words.word(reads, in: Words.readPaths))
        }
        line.flag("sessions", workload.sessions, in: &writer)
        line.setting("retry", workload.retry, in: &writer)
        if let target = workload.target {
            line.next("on", after: nil, in: &writer)
            writer.target(target)
        }
        if !workload.mix.isEmpty {
            writer.newLine()
            writer.word("mix")
            for share in workload.mix {
                writer.word(Words.word(share.operation, in: Words.operations))
                writer.text(share.share.description)
            }
        }
        if workload.from != nil || workload.until != nil { writer.newLine() }
        writer.window(workload.from, workload.until)
    }
}

extension Scenario.WorkloadKind {
    /// The word behind `workload`.
    var word: Bytes { Words.word(self, in: Words.workloads) }

    /// The operations its clients know.
    var operations: [Scenario.Operation] {
        switch self {
        case .kv: return [.put, .get, .cas, .delete]
        case .propose: return []
        case .gossip: return [.set, .delete]
        case .broadcast: return [.broadcast, .send]
        }
    }

    /// The protocols of which one must run.
    var needs: [Scenario.ProtocolName] {
        switch self {
        case .kv, .propose: return [.raft]
        case .gossip: return [.gossip]
        case .broadcast: return [.broadcast, .plumtree]
        }
    }
}
