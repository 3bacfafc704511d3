import MeshCore
import Scenarios

/// What `mesh bench FILE` measured: the cells of a scenario that varies, over all seeds.
struct ScenarioBench: BenchReport {
    /// One cell.
    struct Row {
        /// The varied values as the file writes them.
        var values: [String]
        var sweep: Sweep
        /// The values of each measure, in the order of the seeds; a run without one is left out.
        var samples: [[Int64]]
        var wanted: UInt64
    }

    private let file: ScenarioFile
    private(set) var rows: [Row]

    /// 0 when everything held and was run.
    var status: ExitStatus {
        if rows.contains(where: { $0.sweep.brokenCount > 0 }) { return .broken }
        return rows.allSatisfy { $0.sweep.runCount == $0.wanted && $0.sweep.unknownCount == 0 } ? .held : .unknown
    }

    private var isComplete: Bool { rows.allSatisfy { $0.sweep.runCount == $0.wanted } }

    static func run(_ path: String, _ arguments: Arguments, _ stop: StopFlag) async throws -> ScenarioBench {
        for option in ["--protocol", "--nodes", "--loss", "--fanout", "--topology", "--quick"]
        where arguments.has(option) {
            throw UsageError(
                "\(option) belongs to \"mesh bench convergence\"; a file says itself what varies",
                hint: "write \"vary nodes 10, 100\" into \(path)")
        }
        let request = try Replay.Request(arguments)
        let seeds = try arguments.value("--seeds").map { try Values.seeds($0) }
        let file = try Files.read(path)
        guard !file.scenario.measures.isEmpty else {
            throw UsageError(
                "\(path) measures nothing", hint: "add lines such as \"measure\" and \"  messages per node\" to it")
        }
        let cells = file.scenario.cells
        var report = ScenarioBench(file, cells, seeds)
        let jobs = cells.flatMap { cell in
            let seeds = seeds ?? cell.scenario.seeds
            return (0..<seeds.count).map { (scenario: cell.scenario, seed: seeds[$0]) }
        }
        let owners = report.rows.indices.flatMap { index in
            Array(repeating: index, count: Int(report.rows[index].wanted))
        }
        await BenchCrew.run(jobs.count, jobs: request.jobs, label: path, stop) { index in
            await one(jobs[index].scenario, jobs[index].seed, stop)
        } _: { index, result in
            report.rows[owners[index]].add(result)
        }
        return report
    }

    private init(_ file: ScenarioFile, _ cells: [Cell], _ seeds: Scenario.Seeds?) {
        self.file = file
        self.rows = cells.map { cell in
            Row(
                values: zip(file.scenario.variations, cell.values).map { $0.text(of: $1) },
                sweep: Sweep(cell.scenario), samples: cell.scenario.measures.map { _ in [] },
                wanted: (seeds ?? cell.scenario.seeds).count)
        }
    }

    @concurrent
    private static func one(_ scenario: Scenario, _ seed: UInt64, _ stop: StopFlag) async -> Report? {
        var run = Run(scenario, seed: seed)
        while !run.advance(events: 50_000) {
            if stop.isRaised { return nil }
        }
        return run.report
    }
}

extension ScenarioBench.Row {
    mutating func add(_ report: Report) {
        sweep.add(report)
        for index in samples.indices {
            if let value = report.measures[index] { samples[index].append(value) }
        }
    }

    func percentile(_ percent: Int, _ measure: Int) -> Int64? {
        var times = Convergence.Times()
        times.samples = samples[measure]
        return times.percentile(percent)
    }

    var verdict: Verdict { sweep.verdict(isComplete: sweep.runCount == wanted) }
}

// MARK: - Text and files

extension ScenarioBench {
    private var measures: [Scenario.Metric] { file.scenario.measures.map { $0.metric } }
    private var variations: [Scenario.Variation] { file.scenario.variations }

    var text: String {
        var text = "\(Terminal.bold(file.path)): \(file.scenario.title)\n"
        let heads =
            ["measured"] + variations.map { $0.name } + ["runs", "without", "p50", "p99", "max", "verdict"]
        var lines: [[String]] = []
        for (index, metric) in measures.enumerated() {
            for row in rows {
                let figures = [50, 99, 100].map { percent in
                    row.percentile(percent, index).map { Units.text($0, of: metric) } ?? "-"
                }
                let without = row.sweep.runCount - UInt64(row.samples[index].count)
                lines.append(
                    [metric.description] + row.values + ["\(row.sweep.runCount)", "\(without)"] + figures
                        + [row.verdict.text])
            }
        }
        text += Figures.table(heads, lines, left: 1)
        if !isComplete {
            let done = rows.reduce(0) { $0 + $1.sweep.runCount }
            text += "\nstopped after \(done) of \(rows.reduce(0) { $0 + $1.wanted }) runs\n"
        }
        return text
    }

    /// A value in the unit that programs get: milliseconds, bytes, a share, or a count.
    private func plain(_ value: Int64?, _ metric: Scenario.Metric) -> Double? {
        guard let value else { return nil }
        switch Units.kind(of: metric) {
        case .time: return Double(value) / 1e6
        case .share: return Double(value) / 1e6
        case .size, .count: return Double(value)
        }
    }

    private func unit(_ metric: Scenario.Metric) -> String {
        switch Units.kind(of: metric) {
        case .time: "ms"
        case .share: "share"
        case .size: "B"
        case .count: "count"
        }
    }

    private var fileLines: [(values: [String], rest: [(head: String, text: String, isText: Bool)])] {
        measures.enumerated().flatMap { index, metric in
            rows.map { row in
                let figures = [(50, "p50"), (99, "p99"), (100, "max")].map { percent, head in
                    (head: head, text: Figures.plain(plain(row.percentile(percent, index), metric)), isText: false)
                }
                let front = [
                    (head: "measured", text: metric.description, isText: true),
                    (head: "unit", text: unit(metric), isText: true),
                    (head: "runs", text: "\(row.sweep.runCount)", isText: false),
                    (head: "samples", text: "\(row.samples[index].count)", isText: false),
                ]
                return (row.values, front + figures + [(head: "verdict", text: row.verdict.text, isText: true)])
            }
        }
    }

    var csv: String {
        let lines = fileLines
        let heads = variations.map { $0.name } + (lines.first?.rest.map { $0.head } ?? [])
        let all = [heads] + lines.map { $0.values + $0.rest.map { $0.text } }
        return all.map { $0.map(Figures.quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    var json: String {
        var object = JSONObject()
        object.add("bench", file.path)
        object.add("title", file.scenario.title.description)
        object.add("complete", flag: isComplete)
        object.add(
            "rows",
            objects: fileLines.map { line in
                var row = JSONObject()
                var values = JSONObject()
                for (variation, value) in zip(variations, line.values) { values.add(variation.name, value) }
                row.add("values", object: values)
                for (head, text, isText) in line.rest {
                    if isText { row.add(head, text) } else { row.add(head, number: text) }
                }
                return row
            })
        return object.text
    }
}

// MARK: - Picture

extension ScenarioBench {
    var plot: Plot? {
        let panels = measures.indices.map { panel($0) }.filter { !$0.drawable.isEmpty }
        guard !panels.isEmpty else { return nil }
        return Plot(
            title: file.scenario.title.description,
            summary: "Markers: the median over the seeds. Whiskers: up to the 99th percentile.", panels: panels)
    }

    /// The first parameter with more than one value stands on the horizontal axis; the others make curves.
    private func panel(_ measure: Int) -> Plot.Panel {
        let across = variations.indices.first { variations[$0].values.count > 1 } ?? 0
        var names: [String] = []
        var points: [[Plot.Point]] = []
        for (place, row) in rows.enumerated() {
            guard let y = plain(row.percentile(50, measure), measures[measure]) else { continue }
            let others = variations.indices.filter { $0 != across && variations[$0].values.count > 1 }
            let name = others.map { "\(variations[$0].name) \(row.values[$0])" }.joined(separator: ", ")
            let x = variations.isEmpty ? Double(place) : number(file.scenario.cells[place].values[across])
            let top = plain(row.percentile(99, measure), measures[measure])
            if !names.contains(name) {
                names.append(name)
                points.append([])
            }
            guard let index = names.firstIndex(of: name) else { continue }
            points[index].append(Plot.Point(x: x, y: y, top: top))
        }
        let curves = names.indices.map { index in
            let name = names[index].isEmpty ? "measured" : names[index]
            return Plot.Curve(name: name, style: index, kind: .measured, points: points[index])
        }
        let metric = measures[measure]
        let label = Units.kind(of: metric) == .count ? "count" : unit(metric)
        return Plot.Panel(
            title: metric.description, x: Plot.Axis(label: axisLabel(across), isLogarithmic: isWide(across)),
            y: Plot.Axis(label: label),
            curves: curves)
    }

    /// Whether a parameter's values are too far apart for equal steps.
    private func isWide(_ across: Int) -> Bool {
        guard variations.indices.contains(across) else { return false }
        let values = variations[across].values.map { number($0) }
        guard let least = values.min(), let most = values.max(), least > 0 else { return false }
        return most / least >= 10
    }

    private func axisLabel(_ across: Int) -> String {
        guard let variation = variations.indices.contains(across) ? variations[across] : nil else { return "cell" }
        guard let value = variation.values.first else { return variation.name }
        let unit: String? =
            switch value {
            case .count: nil
            case .share: "%"
            case .size: "B"
            case .rate: "per second"
            case .time, .times: "ms"
            }
        return unit.map { "\(variation.name) (\($0))" } ?? variation.name
    }

    /// A varied value as a number: milliseconds, percent, bytes, or a count; a range by its lower end.
    private func number(_ value: Scenario.Quantity) -> Double {
        switch value {
        case .count(let count): Double(count)
        case .share(let share): Double(share.millionths) / 1e4
        case .time(let time): Double(time.nanoseconds) / 1e6
        case .times(let range): Double(range.low.nanoseconds) / 1e6
        case .size(let size): Double(size.bytes)
        case .rate(let rate): Double(rate.millihertz) / 1_000
        }
    }
}
