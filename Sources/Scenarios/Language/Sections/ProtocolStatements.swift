import MeshCore

/// `raft election-timeout 150ms..300ms  heartbeat 50ms  pre-vote on  check-quorum on  snapshot-after 100  batch 64
/// trailing 50  snapshot-chunk 1KiB  uncommitted 64KiB  voters n1..n3  priority n1 10  lease-drift 5%
/// session-limit 16  quiesce-after 4  sleep-limit 10s  promotion-distance 10`.
enum RaftStatement {
    static func read(_ parser: inout Parser) throws(Scenario.ParseError) {
        parser.needForSettings(.raft)
        try parser.settings(forms, of: "raft", .setting)
    }

    static let forms: [Form<Void>] = [
        Form("election-timeout") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.electionTimeout = try parser.intervalRange(.duration)
            try checkHeartbeat(parser)
            try checkLease(parser)
        },
        Form("heartbeat") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.heartbeat = try parser.setting(.duration)
            try checkHeartbeat(parser)
            try checkLease(parser)
        },
        Form("pre-vote") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.preVote = try parser.flag()
        },
        Form("check-quorum") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.checkQuorum = try parser.flag()
            try checkLease(parser)
        },
        Form("snapshot-after") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.snapshotAfter = try parser.setting(.count)
        },
        Form("batch") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.batch = try parser.setting(.batch)
        },
        Form("trailing") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.trailing = try parser.setting(.count)
        },
        Form("snapshot-chunk") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.snapshotChunk = try parser.setting(.chunk)
        },
        Form("uncommitted") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.uncommitted = try parser.setting(.size)
        },
        Form("no-op") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.noOp = try parser.flag()
        },
        Form("lease-drift") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.leaseDrift = try parser.setting(.share)
            try checkLease(parser)
        },
        Form("session-limit") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.sessionLimit = try parser.setting(.count)
        },
        Form("quiesce-after") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.quiesceAfter = try parser.setting(.count)
        },
        Form("sleep-limit") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.sleepLimit = try parser.setting(.duration)
        },
        Form("promotion-distance") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.promotionDistance = try parser.setting(.number)
        },
        Form("voters") { (parser: inout Parser) throws(Scenario.ParseError) in
            if parser.isAhead("none") || parser.isAhead("0") {
                throw parser.error("Raft without voters can never elect a leader")
            }
            parser.scenario.cluster.raft.voters = try parser.target(.setup)
        },
        Form("witness") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.witnesses = try parser.target(.setup)
        },
        Form("learner") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.raft.learners = try parser.target(.setup)
        },
        Form("priority", mayRepeat: true) { (parser: inout Parser) throws(Scenario.ParseError) in
            let target = try parser.target(.setup)
            parser.scenario.cluster.raft.priorities.append(
                Scenario.PrioritySetting(target, try parser.setting(.priority)))
        },
    ]

    /// A leader that is heard from less often than followers lose patience can never keep its office.
    private static func checkHeartbeat(_ parser: Parser) throws(Scenario.ParseError) {
        let settings = parser.scenario.cluster.raft
        try parser.checkShorter("heartbeat", settings.heartbeat, "election-timeout", settings.electionTimeout?.low)
    }

    /// A lease needs votes that are refused while a leader is alive, and has to last from one heartbeat to the next.
    ///
    /// What an earlier statement lacks a later one may bring: only what is wrong with every setting given is an error.
    private static func checkLease(_ parser: Parser) throws(Scenario.ParseError) {
        let stated = parser.scenario.cluster.raft
        guard let drift = stated.leaseDrift?.highest else { return }
        var settings = Raft.Settings()
        settings.readMode = .lease(driftBound: drift)
        settings.checkQuorum = stated.checkQuorum ?? true
        if let range = stated.electionTimeout {
            settings.electionTimeoutMin = range.low
            settings.electionTimeoutMax = range.high
        }
        if let heartbeat = stated.heartbeat { settings.heartbeatInterval = heartbeat.highest }
        do throws(Raft.SettingsError) {
            try settings.check()
        } catch {
            guard error == .leaseWithoutCheckQuorum || error == .leaseTooShort else { return }
            throw parser.error("no lease comes of this: \(error)", at: parser.tokens[parser.position - 1])
        }
    }

    static func write(_ settings: Scenario.RaftSettings, to writer: inout TextWriter) {
        var line = SettingsLine()
        if let value = settings.electionTimeout {
            line.next("election-timeout", after: "raft", in: &writer)
            writer.range(value)
        }
        line.setting("heartbeat", settings.heartbeat, after: "raft", in: &writer)
        line.flag("pre-vote", settings.preVote, after: "raft", in: &writer)
        line.flag("check-quorum", settings.checkQuorum, after: "raft", in: &writer)
        line.setting("snapshot-after", settings.snapshotAfter, after: "raft", in: &writer)
        line.setting("batch", settings.batch, after: "raft", in: &writer)
        line.setting("trailing", settings.trailing, after: "raft", in: &writer)
        line.setting("snapshot-chunk", settings.snapshotChunk, after: "raft", in: &writer)
        line.setting("uncommitted", settings.uncommitted, after: "raft", in: &writer)
        line.flag("no-op", settings.noOp, after: "raft", in: &writer)
        line.setting("lease-drift", settings.leaseDrift, after: "raft", in: &writer)
        line.setting("session-limit", settings.sessionLimit, after: "raft", in: &writer)
        line.setting("quiesce-after", settings.quiesceAfter, after: "raft", in: &writer)
        line.setting("sleep-limit", settings.sleepLimit, after: "raft", in: &writer)
        line.setting("promotion-distance", settings.promotionDistance, after: "raft", in: &writer)
        if let voters = settings.voters {
            line.next("voters", after: "raft", in: &writer)
            writer.target(voters)
        }
        if let witnesses = settings.witnesses {
            line.next("witness", after: "raft", in: &writer)
            writer.target(witnesses)
        }
        if let learners = settings.learners {
            line.next("learner", after: "raft", in: &writer)
            writer.target(learners)
        }
        for priority in settings.priorities {
            line.next("priority", after: "raft", in: &writer)
            writer.target(priority.target)
            writer.setting(priority.value)
        }
    }
}

/// `swim period 1s  probe-timeout 500ms  indirect 3  suspicion 4  retransmit 4  lifeguard on  adaptive 50ms`.
enum SwimStatement {
    static func read(_ parser: inout Parser) throws(Scenario.ParseError) {
        parser.needForSettings(.swim)
        try parser.settings(forms, of: "swim", .setting)
    }

    static let forms: [Form<Void>] = [
        Form("period") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.swim.period = try parser.setting(.duration)
            try checkProbe(parser)
        },
        Form("probe-timeout") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.swim.probeTimeout = try parser.setting(.duration)
            try checkProbe(parser)
        },
        Form("indirect") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.swim.indirect = try parser.setting(.number)
        },
        Form("suspicion") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.swim.suspicion = try parser.setting(.count)
        },
        Form("retransmit") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.swim.retransmit = try parser.setting(.count)
        },
        Form("lifeguard") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.swim.lifeguard = try parser.flag()
        },
        Form("adaptive") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.swim.adaptive = try parser.setting(.duration)
            try checkProbe(parser)
        },
    ]

    /// Indirect probes need the rest of the period.
    private static func checkProbe(_ parser: Parser) throws(Scenario.ParseError) {
        let settings = parser.scenario.cluster.swim
        try parser.checkShorter("probe-timeout", settings.probeTimeout, "period", settings.period?.value)
        let timeout = settings.probeTimeout?.value ?? Swim.Settings().probeTimeout
        try parser.checkShorter("adaptive", settings.adaptive, "probe-timeout", timeout)
    }

    static func write(_ settings: Scenario.SwimSettings, to writer: inout TextWriter) {
        var line = SettingsLine()
        line.setting("period", settings.period, after: "swim", in: &writer)
        line.setting("probe-timeout", settings.probeTimeout, after: "swim", in: &writer)
        line.setting("indirect", settings.indirect, after: "swim", in: &writer)
        line.setting("suspicion", settings.suspicion, after: "swim", in: &writer)
        line.setting("retransmit", settings.retransmit, after: "swim", in: &writer)
        line.flag("lifeguard", settings.lifeguard, after: "swim", in: &writer)
        line.setting("adaptive", settings.adaptive, after: "swim", in: &writer)
    }
}

/// `heartbeat interval 5s  suspect 15s  dead 30s`, `heartbeat interval 1s  phi 8`.
enum HeartbeatStatement {
    static func read(_ parser: inout Parser) throws(Scenario.ParseError) {
        parser.needForSettings(.heartbeat)
        try parser.settings(forms, of: "heartbeat", .setting)
    }

    static let forms: [Form<Void>] = [
        Form("interval") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.heartbeat.interval = try parser.setting(.duration)
            try checkOrder(parser)
        },
        Form("suspect") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.heartbeat.suspect = try parser.setting(.duration)
            try checkOrder(parser)
        },
        Form("dead") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.heartbeat.dead = try parser.setting(.duration)
            try checkOrder(parser)
        },
        Form("phi") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.heartbeat.phi = try parser.setting(.count)
            try checkPhi(parser)
        },
    ]

    /// The highest phi at which a node can be suspected; half as much again makes it dead.
    static let highestPhi: Int64 = 10

    private static func checkPhi(_ parser: Parser) throws(Scenario.ParseError) {
        let settings = parser.scenario.cluster.heartbeat
        guard let phi = settings.phi else { return }
        let token = parser.tokens[parser.position - 1]
        guard phi.highest <= highestPhi else { throw parser.error("phi is at most \(highestPhi)", at: token) }
        guard settings.suspect == nil, settings.dead == nil else {
            throw parser.error("phi takes the place of \"suspect\" and \"dead\"", at: token)
        }
    }

    /// A node is heard, then missed, then given up.
    private static func checkOrder(_ parser: Parser) throws(Scenario.ParseError) {
        let settings = parser.scenario.cluster.heartbeat
        try parser.checkShorter("interval", settings.interval, "suspect", settings.suspect?.value)
        try parser.checkShorter("suspect", settings.suspect, "dead", settings.dead?.value)
        try checkPhi(parser)
    }

    static func write(_ settings: Scenario.HeartbeatSettings, to writer: inout TextWriter) {
        var line = SettingsLine()
        line.setting("interval", settings.interval, after: "heartbeat", in: &writer)
        line.setting("suspect", settings.suspect, after: "heartbeat", in: &writer)
        line.setting("dead", settings.dead, after: "heartbeat", in: &writer)
        line.setting("phi", settings.phi, after: "heartbeat", in: &writer)
    }
}

/// `gossip fanout 3  interval 1s  message-limit 32KiB  far 25%  symbols 65536  comparisons 1  retention 10m`.
enum GossipStatement {
    static func read(_ parser: inout Parser) throws(Scenario.ParseError) {
        parser.needForSettings(.gossip)
        try parser.settings(forms, of: "gossip", .setting)
    }

    static let forms: [Form<Void>] = [
        Form("fanout") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.gossip.fanout = try parser.setting(.count)
        },
        Form("interval") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.gossip.interval = try parser.setting(.duration)
        },
        Form("message-limit") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.gossip.messageLimit = try parser.setting(.size)
        },
        Form("far") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.gossip.farShare = try parser.setting(.share)
        },
        Form("symbols") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.gossip.symbols = try parser.setting(.number)
        },
        Form("comparisons") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.gossip.comparisons = try parser.setting(.count)
        },
        Form("retention") { (parser: inout Parser) throws(Scenario.ParseError) in
            parser.scenario.cluster.gossip.retention = try parser.setting(.duration)
        },
    ]

    static func write(_ settings: Scenario.GossipSettings, to writer: inout TextWriter) {
        var line = SettingsLine()
        line.setting("fanout", settings.fanout, after: "gossip", in: &writer)
        line.setting("interval", settings.interval, after: "gossip", in: &writer)
        line.setting("message-limit", settings.messageLimit, after: "gossip", in: &writer)
        line.setting("far", settings.farShare, after: "gossip", in: &writer)
        line.setting("symbols", settings.symbols, after: "gossip", in: &writer)
        line.setting("comparisons", settings.comparisons, after: "gossip", in: &writer)
        line.setting("retention", settings.retention, after: "gossip", in: &writer)
    }
}

extension Parser {
    /// Complains when the first of two settings is not shorter than the second, at the number just taken.
    func checkShorter(
        _ name: Bytes, _ setting: Scenario.Setting<Interval>?, _ otherName: Bytes, _ other: Interval?
    ) throws(Scenario.ParseError) {
        guard let setting, let other, setting.highest >= other else { return }
        let text = "\"\(name.description) \(setting.highest)\" must be shorter than "
        throw error(text + "\"\(otherName.description) \(other)\"", at: tokens[position - 1])
    }
}

extension SettingsLine {
    /// Writes a setting that was given.
    mutating func setting<Value>(
        _ word: Bytes, _ setting: Scenario.Setting<Value>?, unit: String = "", after head: Bytes? = nil,
        in writer: inout TextWriter
    ) {
        guard let setting else { return }
        next(word, after: head, in: &writer)
        writer.setting(setting, unit: unit)
    }

    /// Writes a switch that was given.
    mutating func flag(_ word: Bytes, _ flag: Bool?, after head: Bytes? = nil, in writer: inout TextWriter) {
        guard let flag else { return }
        next(word, after: head, in: &writer)
        writer.word(flag ? "on" : "off")
    }
}
