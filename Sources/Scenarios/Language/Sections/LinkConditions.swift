import MeshCore

/// `latency uniform 1ms..10ms  loss 1%  duplicate 0.5%  reorder 2% by 5ms  corrupt 0.1%  bandwidth 10MiB/s  queue
/// 64KiB`, as the network, its rules and the timeline use them.
enum LinkConditionForms {
    /// A condition: its word and how to read it.
    struct Condition: Sendable {
        /// The word.
        let word: Bytes

        /// Reads what follows the word.
        let read: @Sendable (inout Parser, inout Scenario.LinkConditions) throws(Scenario.ParseError) -> Void
    }

    static let all: [Condition] = [
        Condition(word: "latency") {
            (parser: inout Parser, conditions: inout Scenario.LinkConditions) throws(Scenario.ParseError) in
            conditions.latency = try parser.latency()
        },
        Condition(word: "loss") {
            (parser: inout Parser, conditions: inout Scenario.LinkConditions) throws(Scenario.ParseError) in
            conditions.loss = try parser.setting(.share)
        },
        Condition(word: "duplicate") {
            (parser: inout Parser, conditions: inout Scenario.LinkConditions) throws(Scenario.ParseError) in
            conditions.duplicate = try parser.setting(.share)
        },
        Condition(word: "reorder") {
            (parser: inout Parser, conditions: inout Scenario.LinkConditions) throws(Scenario.ParseError) in
            let share: Scenario.Setting<Ratio> = try parser.setting(.share)
            conditions.reorder = Scenario.Reorder(
                share: share, by: parser.accept("by") ? try parser.setting(.duration) : nil)
        },
        Condition(word: "corrupt") {
            (parser: inout Parser, conditions: inout Scenario.LinkConditions) throws(Scenario.ParseError) in
            conditions.corrupt = try parser.setting(.share)
        },
        Condition(word: "bandwidth") {
            (parser: inout Parser, conditions: inout Scenario.LinkConditions) throws(Scenario.ParseError) in
            conditions.bandwidth = try parser.setting(.bandwidth)
        },
        Condition(word: "queue") {
            (parser: inout Parser, conditions: inout Scenario.LinkConditions) throws(Scenario.ParseError) in
            conditions.queue = try parser.setting(.size)
        },
    ]

    /// The words of all conditions.
    static let words: [Bytes] = all.map { $0.word }
}

extension Parser {
    /// Takes one condition if it comes next; each may come once in a statement.
    mutating func acceptCondition(
        into conditions: inout Scenario.LinkConditions
    ) throws(Scenario.ParseError) -> Bool {
        guard let token = current, token.kind == .word else { return false }
        for form in LinkConditionForms.all where matches(token, form.word) {
            var one = Scenario.LinkConditions()
            advance()
            try form.read(&self, &one)
            guard conditions.add(one) else { throw error("\(shown(token)) is given twice", at: token) }
            return true
        }
        tried += LinkConditionForms.words
        return false
    }

    /// Takes conditions until something else comes; at least one.
    mutating func conditions() throws(Scenario.ParseError) -> Scenario.LinkConditions {
        var conditions = Scenario.LinkConditions()
        while try acceptCondition(into: &conditions) {}
        if conditions.isEmpty { throw expected("a condition such as \"loss 5%\" or \"latency 80ms\"") }
        return conditions
    }

    /// Takes `of raft.vote, raft.append` if it comes next.
    mutating func kinds() throws(Scenario.ParseError) -> [Bytes] {
        guard accept("of") else { return [] }
        var kinds: [Bytes] = []
        repeat {
            let token = current
            let kind = try name("a kind of message such as raft.vote")
            if let token {
                try checkKind(kind, at: token)
            }
            if kinds.contains(kind) { throw error("\"\(kind.description)\" is given twice", at: token) }
            kinds.append(kind)
        } while accept(",")
        return kinds
    }

    /// Complains about a kind of message that nobody sends.
    private mutating func checkKind(_ kind: Bytes, at token: Token) throws(Scenario.ParseError) {
        let head = protocolName(of: kind.storage)
        for candidate in Words.protocols where candidate.word == head { need(candidate.value, for: token) }
        guard !vocabulary.kinds.isEmpty, !vocabulary.kinds.contains(kind) else { return }
        for known in vocabulary.kinds where known.hasPrefix(Bytes(kind.storage + [0x2e])) { return }
        throw error(
            "nobody sends messages of the kind \(shown(token))", at: token,
            suggestion: nearest(to: kind.storage, among: vocabulary.kinds))
    }

    /// The part of a kind of message in front of its dot.
    func protocolName(of kind: [UInt8]) -> Bytes {
        var name: [UInt8] = []
        for byte in kind {
            if byte == 0x2e { break }
            name.append(byte)
        }
        return Bytes(name)
    }

    /// Takes `n1 -> n2` or `n1 <-> n2`.
    mutating func links(_ use: TargetUse) throws(Scenario.ParseError) -> Scenario.Links {
        let from = try target(use)
        if accept("<->") { return Scenario.Links(from: from, to: try target(use), isBothWays: true) }
        try expect("->")
        return Scenario.Links(from: from, to: try target(use))
    }

    /// Takes a distribution of latencies: `constant 5ms`, `uniform 1ms..10ms`, or short `5ms` and `1ms..10ms`.
    mutating func latency() throws(Scenario.ParseError) -> Scenario.Latency {
        if let token = current, token.kind == .number {
            let range = try intervalRange(.time)
            return range.low == range.high ? .constant(.fixed(range.low)) : .uniform(range)
        }
        guard let latency = try accept(Parser.latencyForms) else {
            throw expected("a latency such as \"5ms\" or \"uniform 1ms..10ms\"")
        }
        return latency
    }

    /// The distributions of latencies.
    static let latencyForms: [Form<Scenario.Latency>] = [
        Form("constant") { (parser: inout Parser) throws(Scenario.ParseError) in
            .constant(try parser.setting(.time))
        },
        Form("uniform") { (parser: inout Parser) throws(Scenario.ParseError) in
            .uniform(try parser.intervalRange(.time))
        },
        Form("exponential") { (parser: inout Parser) throws(Scenario.ParseError) in
            try parser.expect("min")
            let minimum: Scenario.Setting<Interval> = try parser.setting(.time)
            try parser.expect("mean")
            let token = parser.current
            let mean: Scenario.Setting<Interval> = try parser.setting(.time)
            guard mean.value >= minimum.highest else {
                throw parser.error("the mean cannot be below the minimum", at: token)
            }
            return .exponential(minimum: minimum, mean: mean)
        },
        Form("lognormal") { (parser: inout Parser) throws(Scenario.ParseError) in
            try parser.expect("median")
            let median: Scenario.Setting<Interval> = try parser.setting(.time)
            try parser.expect("spread")
            return .lognormal(median: median, spread: try parser.setting(.factor))
        },
        Form("bimodal") { (parser: inout Parser) throws(Scenario.ParseError) in
            try parser.expect("fast")
            let fast = try parser.intervalRange(.time)
            try parser.expect("slow")
            let slow = try parser.intervalRange(.time)
            try parser.expect("share")
            return .bimodal(fast: fast, slow: slow, share: try parser.setting(.share))
        },
    ]
}

extension Scenario.LinkConditions {
    /// Takes over what `other` says; false when something is said twice.
    mutating func add(_ other: Scenario.LinkConditions) -> Bool {
        var isNew = true
        func merge<Value>(_ mine: inout Value?, _ theirs: Value?) {
            guard let theirs else { return }
            if mine != nil { isNew = false }
            mine = theirs
        }
        merge(&latency, other.latency)
        merge(&loss, other.loss)
        merge(&duplicate, other.duplicate)
        merge(&reorder, other.reorder)
        merge(&corrupt, other.corrupt)
        merge(&bandwidth, other.bandwidth)
        merge(&queue, other.queue)
        return isNew
    }
}

extension TextWriter {
    /// Writes conditions, one behind the other; on a line of their own with gaps between them.
    mutating func conditions(_ conditions: Scenario.LinkConditions, hasGaps: Bool = false) {
        let gap = hasGaps ? bytes.count : Int.max
        if let latency = conditions.latency {
            word("latency")
            self.latency(latency)
        }
        condition("loss", conditions.loss, gapAfter: gap)
        condition("duplicate", conditions.duplicate, gapAfter: gap)
        if let reorder = conditions.reorder {
            condition("reorder", reorder.share, gapAfter: gap)
            condition("by", reorder.by)
        }
        condition("corrupt", conditions.corrupt, gapAfter: gap)
        condition("bandwidth", conditions.bandwidth, unit: "/s", gapAfter: gap)
        condition("queue", conditions.queue, gapAfter: gap)
    }

    /// Writes a condition that was given, with a gap before it when the line is longer than `gapAfter`.
    private mutating func condition<Value>(
        _ word: Bytes, _ value: Scenario.Setting<Value>?, unit: String = "", gapAfter: Int = Int.max
    ) {
        guard let value else { return }
        if bytes.count > gapAfter { gap() }
        self.word(word)
        setting(value, unit: unit)
    }

    /// Writes a distribution of latencies.
    mutating func latency(_ latency: Scenario.Latency) {
        switch latency {
        case .constant(let length):
            word("constant")
            setting(length)
        case .uniform(let lengths):
            word("uniform")
            range(lengths)
        case .exponential(let minimum, let mean):
            words("exponential min")
            setting(minimum)
            word("mean")
            setting(mean)
        case .lognormal(let median, let spread):
            words("lognormal median")
            setting(median)
            word("spread")
            setting(spread)
        case .bimodal(let fast, let slow, let share):
            words("bimodal fast")
            range(fast)
            word("slow")
            range(slow)
            word("share")
            setting(share)
        }
    }

    /// Writes `n1 -> n2`.
    mutating func links(_ links: Scenario.Links) {
        target(links.from)
        word(links.isBothWays ? "<->" : "->")
        target(links.to)
    }

    /// Writes `of raft.vote, raft.append`.
    mutating func kinds(_ kinds: [Bytes]) {
        for index in 0..<kinds.count {
            if index == 0 { word("of") } else { glue(",") }
            word(kinds[index])
        }
    }
}
