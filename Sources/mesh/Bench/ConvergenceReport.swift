import MeshCore
import Scenarios

/// What `mesh bench convergence` measured.
struct ConvergenceReport: BenchReport {
    /// One cell over all its seeds.
    struct Row {
        var setting: Convergence.Setting
        var outcome: Convergence.Outcome
        var theory: Theory
        /// How many seeds are in it.
        var seeds = 0
    }

    private(set) var rows: [Row]
    let seedCount: Int

    /// Whether every seed of every cell was run.
    var isComplete: Bool { rows.allSatisfy { $0.seeds == seedCount } }

    init(_ order: BenchOrder) {
        rows = order.cells.map { cell in
            Row(
                setting: cell.setting, outcome: Convergence.Outcome(cell.setting.family), theory: Theory(cell.setting))
        }
        seedCount = Int(order.seeds.count)
    }

    static func run(_ order: BenchOrder, _ stop: StopFlag) async -> ConvergenceReport {
        var report = ConvergenceReport(order)
        let seeds = Int(order.seeds.count)
        let settings = order.cells.map { $0.setting }
        await BenchCrew.run(settings.count * seeds, jobs: order.jobs, label: "convergence", stop) { index in
            var setting = settings[index / seeds]
            setting.seed = order.seeds[UInt64(index % seeds)]
            return await measure(setting, stop)
        } _: { index, outcome in
            report.rows[index / seeds].outcome.add(outcome)
            report.rows[index / seeds].seeds += 1
        }
        return report
    }

    @concurrent
    private static func measure(_ setting: Convergence.Setting, _ stop: StopFlag) async -> Convergence.Outcome? {
        Convergence.measure(setting) { !stop.isRaised }
    }
}

// MARK: - Figures of a row

extension ConvergenceReport.Row {
    /// A measured time in milliseconds or in rounds.
    func value(_ nanoseconds: Int64?, _ measure: Int) -> Double? {
        guard let nanoseconds else { return nil }
        switch setting.family.measures[measure].unit {
        case .time: return Double(nanoseconds) / 1e6
        case .rounds(let length): return Double(nanoseconds) / Double(length.nanoseconds)
        }
    }

    func unit(_ measure: Int) -> String {
        switch setting.family.measures[measure].unit {
        case .time: "ms"
        case .rounds: "rounds"
        }
    }

    func percentile(_ percent: Int, _ measure: Int) -> Double? {
        value(outcome.times[measure].percentile(percent), measure)
    }

    func mean(_ measure: Int) -> Double? { value(outcome.times[measure].mean, measure) }

    /// What was measured, as a multiple of the formula.
    func ratio(_ measure: Int) -> Double? {
        guard let time = theory.times[measure] else { return nil }
        let measured = time.statistic == .mean ? mean(measure) : percentile(50, measure)
        return measured.map { $0 / time.value }
    }

    /// The measured mean, as a multiple of the expected course.
    var expectedRatio: Double? {
        guard let expected = theory.expected else { return nil }
        return mean(0).map { $0 / expected }
    }

    /// So many for each node and occasion.
    func load(_ total: Int64?) -> Double? {
        guard let total, outcome.load.divisor > 0 else { return nil }
        return Double(total) / Double(outcome.load.divisor)
    }
}

// MARK: - Text

extension ConvergenceReport {
    var text: String {
        var text = ""
        var start = 0
        while start < rows.count {
            var end = start
            while end < rows.count, rows[end].setting.family == rows[start].setting.family { end += 1 }
            text += (text.isEmpty ? "" : "\n") + section(Array(rows[start..<end]))
            start = end
        }
        if !isComplete {
            let done = rows.reduce(0) { $0 + $1.seeds }
            text += "\nstopped after \(done) of \(rows.count * seedCount) runs; every line says how many seeds it has\n"
        }
        return text
    }

    /// The table of one family, and its formulas.
    private func section(_ rows: [Row]) -> String {
        let family = rows[0].setting.family
        let shown = Shown(
            fanout: rows.contains { $0.setting.fanout != rows[0].setting.fanout },
            topology: rows.contains { $0.setting.topology != rows[0].setting.topology },
            expected: rows.contains { $0.theory.expected != nil })
        var heads = ["until", "nodes", "loss"]
        if shown.fanout { heads.append("fanout") }
        if shown.topology { heads.append("topology") }
        if !isComplete { heads.append("seeds") }
        heads += ["runs", "missed", "p50", "p99", "max", "mean", "formula", "ratio"]
        if shown.expected { heads += ["expected", "ratio"] }
        heads += ["messages", "formula", "bytes", "duplicates", "formula"]
        var lines: [[String]] = []
        for measure in family.measures.indices {
            for row in rows { lines.append(line(row, measure, shown)) }
        }
        var text = "\(Terminal.bold(family.name)): \(family.summary)\n  "
        if !shown.fanout, rows[0].setting.fanout > 0 { text += "F = \(rows[0].setting.fanout), " }
        if !shown.topology, rows[0].setting.topology != .full { text += "\(rows[0].setting.topology.name), " }
        text += "times in \(unitText(rows[0])), messages, bytes and duplicates for each \(family.loadUnit)\n"
        text += Figures.table(heads, lines, left: 1)
        for formula in formulas(rows) { text += Terminal.faint("  formula: \(formula)") + "\n" }
        return text
    }

    private func unitText(_ row: Row) -> String {
        switch row.setting.family.measures[0].unit {
        case .time: "ms"
        case .rounds(let length): row.setting.family.isModel ? "rounds" : "rounds of \(length)"
        }
    }

    /// Which columns a table has: those that tell its rows apart.
    private struct Shown {
        var fanout: Bool
        var topology: Bool
        var expected: Bool
    }

    private func line(_ row: Row, _ measure: Int, _ shown: Shown) -> [String] {
        let setting = row.setting
        var line = [setting.family.measures[measure].name, "\(setting.nodes)", "\(setting.loss)"]
        if shown.fanout { line.append("\(setting.fanout)") }
        if shown.topology { line.append(setting.topology.name) }
        if !isComplete { line.append("\(row.seeds) of \(seedCount)") }
        line += ["\(row.outcome.occasions)", "\(row.outcome.missed)"]
        line += [50, 99, 100].map { Figures.short(row.percentile($0, measure)) }
        line += [row.mean(measure), row.theory.times[measure]?.value, row.ratio(measure)].map(Figures.short)
        if shown.expected { line += [row.theory.expected, row.expectedRatio].map(Figures.short) }
        // What a group costs is the same for all its times.
        guard measure == 0 else { return line + Array(repeating: "", count: 5) }
        let load = row.outcome.load
        line += [row.load(load.messages), row.theory.messages, row.load(load.bytes)].map(Figures.short)
        return line + [row.load(load.duplicates), row.theory.duplicates].map(Figures.short)
    }

    private func formulas(_ rows: [Row]) -> [String] {
        var texts: [String] = []
        for row in rows {
            for time in row.theory.times {
                guard let time else { continue }
                let text = "\(time.formula) (\(time.statistic.rawValue))"
                if !texts.contains(text) { texts.append(text) }
            }
            if let text = row.theory.loadFormula, !texts.contains(text) { texts.append(text) }
        }
        return texts
    }
}

// MARK: - Files

extension ConvergenceReport {
    private static let heads = [
        "protocol", "until", "unit", "nodes", "loss", "fanout", "topology", "seeds", "runs", "missed", "p50", "p99",
        "max", "mean", "formula", "formula_of", "ratio", "expected", "expected_ratio", "messages", "messages_formula",
        "bytes", "duplicates", "duplicates_formula",
    ]

    /// The cells of one line; text where `isText` says so, else a number or nothing.
    private func cells(_ row: Row, _ measure: Int) -> [(text: String, isText: Bool)] {
        let setting = row.setting
        let theory = row.theory.times[measure]
        let load = row.outcome.load
        func word(_ text: String) -> (text: String, isText: Bool) { (text, true) }
        func number(_ value: Double?) -> (text: String, isText: Bool) { (Figures.plain(value), false) }
        return [
            word(setting.family.name), word(setting.family.measures[measure].name), word(row.unit(measure)),
            number(Double(setting.nodes)), number(Double(setting.loss.millionths) / 1e6),
            number(setting.fanout > 0 ? Double(setting.fanout) : nil), word(setting.topology.name),
            number(Double(row.seeds)), number(Double(row.outcome.occasions)), number(Double(row.outcome.missed)),
            number(row.percentile(50, measure)), number(row.percentile(99, measure)),
            number(row.percentile(100, measure)), number(row.mean(measure)), number(theory?.value),
            word(theory?.statistic.rawValue ?? ""), number(row.ratio(measure)),
            number(measure == 0 ? row.theory.expected : nil), number(measure == 0 ? row.expectedRatio : nil),
            number(row.load(load.messages)), number(row.theory.messages), number(row.load(load.bytes)),
            number(row.load(load.duplicates)), number(row.theory.duplicates),
        ]
    }

    /// Every line of the table: a cell and one of its times.
    private var lines: [[(text: String, isText: Bool)]] {
        rows.flatMap { row in row.setting.family.measures.indices.map { cells(row, $0) } }
    }

    var csv: String {
        let lines = [Self.heads] + lines.map { line in line.map { Figures.quoted($0.text) } }
        return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    var json: String {
        var object = JSONObject()
        object.add("bench", "convergence")
        object.add("complete", flag: isComplete)
        object.add(
            "rows",
            objects: lines.map { line in
                var row = JSONObject()
                for (head, cell) in zip(Self.heads, line) {
                    if cell.isText { row.add(head, cell.text) } else { row.add(head, number: cell.text) }
                }
                return row
            })
        return object.text
    }
}
