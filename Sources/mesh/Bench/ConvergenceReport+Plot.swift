import MeshCore
import Scenarios

extension ConvergenceReport {
    /// What stands on the horizontal axis: what was varied, the number of nodes first.
    private enum Horizontal {
        case nodes, fanout, loss

        func value(_ setting: Convergence.Setting) -> Double {
            switch self {
            case .nodes: Double(setting.nodes)
            case .fanout: Double(setting.fanout)
            case .loss: Double(setting.loss.millionths) / 1e4
            }
        }

        var axis: Plot.Axis {
            switch self {
            case .nodes: Plot.Axis(label: "nodes", isLogarithmic: true)
            case .fanout: Plot.Axis(label: "fanout", isLogarithmic: false)
            case .loss: Plot.Axis(label: "lost messages (%)", isLogarithmic: false)
            }
        }
    }

    var plot: Plot? {
        var panels: [Plot.Panel] = []
        for family in Convergence.Family.allCases {
            let own = rows.filter { $0.setting.family == family && $0.seeds > 0 }
            guard !own.isEmpty else { continue }
            for measure in family.measures.indices {
                let panel = panel(own, measure)
                if !panel.drawable.isEmpty { panels.append(panel) }
            }
        }
        guard !panels.isEmpty else { return nil }
        return Plot(
            title: "How long until everybody knows",
            summary: "Markers: what the formula speaks of, mean or median. Whiskers: up to the 99th percentile.",
            panels: panels)
    }

    private func panel(_ rows: [Row], _ measure: Int) -> Plot.Panel {
        func isVaried(_ value: (Convergence.Setting) -> Double) -> Bool {
            rows.contains { value($0.setting) != value(rows[0].setting) }
        }
        let horizontals: [Horizontal] = [.nodes, .fanout, .loss]
        let across = horizontals.first { isVaried($0.value) } ?? .nodes
        var curves: [Plot.Curve] = []
        var names: [String] = []
        for row in rows {
            let name = self.name(row.setting, within: rows, across)
            if !names.contains(name) { names.append(name) }
        }
        for (style, name) in names.enumerated() {
            let own = rows.filter { self.name($0.setting, within: rows, across) == name }
            curves.append(curve(own, measure, name, style, across))
            let theory = own.compactMap { row in
                row.theory.times[measure].map { Plot.Point(x: across.value(row.setting), y: $0.value) }
            }
            curves.append(Plot.Curve(name: "formula", style: style, kind: .theory, points: theory))
            let expected = own.compactMap { row in
                row.theory.expected.map { Plot.Point(x: across.value(row.setting), y: $0) }
            }
            curves.append(Plot.Curve(name: "expected", style: style, kind: .expectation, points: expected))
        }
        let family = rows[0].setting.family
        let unit =
            switch family.measures[measure].unit {
            case .time: "ms"
            case .rounds: "rounds"
            }
        let title = "\(family.name): \(family.measures[measure].name)"
        return Plot.Panel(title: title, x: across.axis, y: Plot.Axis(label: "time (\(unit))"), curves: curves)
    }

    private func curve(
        _ rows: [Row], _ measure: Int, _ name: String, _ style: Int, _ across: Horizontal
    ) -> Plot.Curve {
        let points = rows.compactMap { row -> Plot.Point? in
            let statistic = row.theory.times[measure]?.statistic ?? .p50
            guard let y = statistic == .mean ? row.mean(measure) : row.percentile(50, measure) else { return nil }
            return Plot.Point(x: across.value(row.setting), y: y, top: row.percentile(99, measure))
        }
        return Plot.Curve(name: name, style: style, kind: .measured, points: points)
    }

    /// What tells a curve from the others: whatever else is varied.
    private func name(_ setting: Convergence.Setting, within rows: [Row], _ across: Horizontal) -> String {
        let first = rows[0].setting
        var parts: [String] = []
        if across != .loss, rows.contains(where: { $0.setting.loss != first.loss }) {
            parts.append("loss \(setting.loss)")
        }
        if across != .fanout, rows.contains(where: { $0.setting.fanout != first.fanout }) {
            parts.append("fanout \(setting.fanout)")
        }
        if rows.contains(where: { $0.setting.topology != first.topology }) { parts.append(setting.topology.name) }
        return parts.isEmpty ? "measured" : parts.joined(separator: ", ")
    }
}
