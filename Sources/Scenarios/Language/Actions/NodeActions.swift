import MeshCore

/// `crash leader losing unsynced`, `crash n2 before sync 17`, `restart crashed`, `start n5`, `pause n1`, `resume n1`,
/// `clock n3 jump -2s`.
enum NodeActions {
    static let forms: [Form<Scenario.Action>] = [
        Form("crash") { (parser: inout Parser) throws(Scenario.ParseError) in
            let target = try parser.target(.nodes)
            guard let moment = try parser.acceptSyncMoment() else {
                return .crash(target, try parser.acceptCrashMode() ?? .cleanly)
            }
            return .crashAtSync(target, moment, try parser.acceptCrashMode() ?? .cleanly)
        },
        Form("restart") { (parser: inout Parser) throws(Scenario.ParseError) in
            .restart(try parser.target(.nodes))
        },
        Form("start") { (parser: inout Parser) throws(Scenario.ParseError) in
            .start(try parser.target(.setup))
        },
        Form("pause") { (parser: inout Parser) throws(Scenario.ParseError) in .pause(try parser.target(.nodes)) },
        Form("resume") { (parser: inout Parser) throws(Scenario.ParseError) in
            .resume(try parser.target(.nodes))
        },
        Form("clock") { (parser: inout Parser) throws(Scenario.ParseError) in
            let target = try parser.target(.nodes)
            guard let change = try parser.accept(clockForms) else {
                throw parser.expected("what happens to the clock: skew, drift or jump")
            }
            return .clock(target, change)
        },
    ]

    private static let clockForms: [Form<Scenario.ClockChange>] = [
        Form("skew") { (parser: inout Parser) throws(Scenario.ParseError) in
            .skew(try parser.setting(.difference))
        },
        Form("drift") { (parser: inout Parser) throws(Scenario.ParseError) in .drift(try parser.setting(.drift)) },
        Form("jump") { (parser: inout Parser) throws(Scenario.ParseError) in
            .jump(try parser.setting(.difference))
        },
    ]

    static func write(_ change: Scenario.ClockChange, to writer: inout TextWriter) {
        switch change {
        case .skew(let difference):
            writer.word("skew")
            writer.difference(difference)
        case .drift(let drift):
            writer.word("drift")
            writer.setting(drift)
        case .jump(let difference):
            writer.word("jump")
            writer.difference(difference)
        }
    }
}

extension Parser {
    /// Takes the boundary at which a crash comes, if it is said.
    mutating func acceptSyncMoment() throws(Scenario.ParseError) -> Scenario.SyncMoment? {
        let isBefore = accept("before")
        guard isBefore || accept("after") else { return nil }
        try expect("sync")
        let token = current
        let count: Scenario.Setting<Int64> = try setting(.count)
        guard count.value > 0 else { throw error("syncs are counted from 1", at: token) }
        return Scenario.SyncMoment(count, isBefore: isBefore)
    }

    /// Takes what a crash leaves on the disk, if it is said.
    mutating func acceptCrashMode() throws(Scenario.ParseError) -> Scenario.CrashMode? {
        if accept("cleanly") { return .cleanly }
        if accept("wiped") { return .wiped }
        guard accept("losing") else { return nil }
        try expect("unsynced")
        return .losingUnsynced
    }
}

extension Scenario.CrashMode {
    /// How the mode is written.
    var words: Bytes {
        switch self {
        case .cleanly: return "cleanly"
        case .losingUnsynced: return "losing unsynced"
        case .wiped: return "wiped"
        }
    }
}
