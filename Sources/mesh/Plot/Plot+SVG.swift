import Foundation

extension Plot {
    /// The picture as an SVG file that needs nothing beside it.
    var svg: String { SVGWriter(self).text }
}

/// Writes a plot.
private struct SVGWriter {
    private static let panelWidth = 440.0
    private static let chartHeight = 250.0
    private static let margin = (left: 62.0, top: 34.0, right: 16.0, bottom: 44.0)
    private static let legendRow = 19.0
    /// The mean width of a letter of 12 pixels in a sans-serif face.
    private static let letter = 6.4

    private let plot: Plot
    private var body = ""
    private let columns: Int

    init(_ plot: Plot) {
        self.plot = plot
        self.columns = plot.panels.count > 1 ? 2 : 1
    }

    /// The whole file.
    var text: String {
        var writer = self
        return writer.write()
    }

    private mutating func write() -> String {
        let header = 58.0
        let legends = plot.panels.map { legendRows($0) }
        var top = header
        for row in stride(from: 0, to: plot.panels.count, by: columns) {
            let inRow = row..<min(row + columns, plot.panels.count)
            for (column, index) in inRow.enumerated() {
                draw(plot.panels[index], legends[index], left: Double(column) * Self.panelWidth, top: top)
            }
            let rows = inRow.map { legends[$0].count }.max() ?? 0
            top += Self.margin.top + Self.chartHeight + Self.margin.bottom + Double(rows) * Self.legendRow + 14
        }
        let width = Self.panelWidth * Double(columns)
        let size = "\(number(width)) \(number(top))"
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(number(width))" \
            height="\(number(top))" role="img" aria-labelledby="title summary">
            <title id="title">\(escaped(plot.title))</title>
            <desc id="summary">\(escaped(plot.summary))</desc>
            <style>
            \(Self.style)
            </style>
            <rect class="paper" width="100%" height="100%"/>
            <text class="head" x="16" y="26">\(escaped(plot.title))</text>
            <text class="note" x="16" y="46">\(escaped(plot.summary))</text>
            \(body)</svg>

            """
    }

    // MARK: Panels

    private mutating func draw(_ panel: Plot.Panel, _ legend: [[LegendEntry]], left: Double, top: Double) {
        let frame = Frame(
            left: left + Self.margin.left, top: top + Self.margin.top,
            width: Self.panelWidth - Self.margin.left - Self.margin.right, height: Self.chartHeight,
            x: panel.xScale, y: panel.yScale)
        body += "<g>\n"
        add("text", "panel", ["x": left + 16, "y": top + 20], panel.title)
        drawAxes(panel, frame)
        // Formulas lie below what was measured.
        let styles = Double(Set(panel.curves.map { $0.style }).count)
        for curve in panel.drawable where curve.kind != .measured { draw(curve, frame, aside: 0) }
        // Markers at the same place of the axis stand side by side.
        for curve in panel.drawable where curve.kind == .measured {
            draw(curve, frame, aside: (Double(curve.style) - (styles - 1) / 2) * 4)
        }
        drawLegend(legend, left: frame.left, top: frame.bottom + Self.margin.bottom)
        body += "</g>\n"
    }

    private mutating func drawAxes(_ panel: Plot.Panel, _ frame: Frame) {
        for tick in frame.y.ticks {
            let y = frame.top(tick)
            line("grid", frame.left, y, frame.right, y)
            add("text", "tick end", ["x": frame.left - 7, "y": y + 4], frame.y.label(tick))
        }
        for tick in frame.x.ticks {
            let x = frame.left(tick)
            line("grid", x, frame.top, x, frame.bottom)
            add("text", "tick middle", ["x": x, "y": frame.bottom + 17], frame.x.label(tick))
        }
        line("axis", frame.left, frame.bottom, frame.right, frame.bottom)
        line("axis", frame.left, frame.top, frame.left, frame.bottom)
        add("text", "label middle", ["x": frame.left + frame.width / 2, "y": frame.bottom + 35], panel.x.label)
        let x = frame.left - 48
        let y = frame.top + frame.height / 2
        body += "<text class=\"label middle\" transform=\"translate(\(number(x)) \(number(y))) rotate(-90)\">"
        body += "\(escaped(panel.y.label))</text>\n"
    }

    private mutating func draw(_ curve: Plot.Curve, _ frame: Frame, aside: Double) {
        let places = curve.points.map {
            (x: frame.left($0.x) + aside, y: frame.top($0.y), top: $0.top.map { frame.top($0) })
        }
        let style = "c\(curve.style % Self.colours.count)"
        let path = places.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        let kind = Self.lineClass(curve.kind)
        body += "<g><title>\(escaped(curve.name))</title>\n"
        if places.count > 1 { body += "<polyline class=\"\(kind) \(style)\" points=\"\(path)\"/>\n" }
        if curve.kind == .measured {
            for place in places {
                if let top = place.top, top < place.y - 1 { line("whisker \(style)", place.x, place.y, place.x, top) }
                marker(curve.style, place.x, place.y)
            }
        } else if places.count == 1 {
            line("\(kind) \(style)", places[0].x - 14, places[0].y, places[0].x + 14, places[0].y)
        }
        body += "</g>\n"
    }

    private static func lineClass(_ kind: Plot.Kind) -> String {
        switch kind {
        case .measured: "curve"
        case .theory: "theory"
        case .expectation: "theory dotted"
        }
    }

    /// A shape of its own for each style: filled and hollow circle, square, triangle, diamond; cross; plus.
    private mutating func marker(_ style: Int, _ x: Double, _ y: Double) {
        let colour = "c\(style % Self.colours.count)"
        let (a, b) = (number(x), number(y))
        func path(_ steps: String, _ kind: String = "mark") -> String {
            "<path class=\"\(kind) \(colour)\" d=\"M\(a) \(b)\(steps)\"/>\n"
        }
        switch style % 7 {
        case 0: body += "<circle class=\"mark \(colour)\" cx=\"\(a)\" cy=\"\(b)\" r=\"4\"/>\n"
        case 1: body += path("m-4 -4h8v8h-8z", "hollow")
        case 2: body += path("m0 -5l4.6 8.5h-9.2z")
        case 3: body += path("m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z", "hollow")
        case 4: body += path("m-4 -4l8 8m0 -8l-8 8", "hollow")
        case 5: body += path("m0 -5v10m-5 -5h10", "hollow")
        default: body += "<circle class=\"hollow \(colour)\" cx=\"\(a)\" cy=\"\(b)\" r=\"4\"/>\n"
        }
    }

    // MARK: Legend

    private struct LegendEntry {
        var name: String
        /// The style of a measured curve; `nil` stands for the line of a theory.
        var style: Int?
        var kind: Plot.Kind
        var width: Double { Double(name.count) * SVGWriter.letter + 52 }
    }

    /// The entries of a panel, in rows as wide as it is: one for each measured curve, one for each theory.
    private func legendRows(_ panel: Plot.Panel) -> [[LegendEntry]] {
        var entries: [LegendEntry] = []
        for curve in panel.drawable where curve.kind == .measured {
            entries.append(LegendEntry(name: curve.name, style: curve.style, kind: .measured))
        }
        for kind in [Plot.Kind.theory, .expectation] {
            guard let first = panel.drawable.first(where: { $0.kind == kind }) else { continue }
            entries.append(LegendEntry(name: first.name, style: nil, kind: kind))
        }
        var rows: [[LegendEntry]] = []
        var room = 0.0
        for entry in entries {
            if rows.isEmpty || entry.width > room {
                rows.append([])
                room = Self.panelWidth - Self.margin.left
            }
            rows[rows.count - 1].append(entry)
            room -= entry.width
        }
        return rows
    }

    private mutating func drawLegend(_ rows: [[LegendEntry]], left: Double, top: Double) {
        for (index, row) in rows.enumerated() {
            let y = top + 12 + Double(index) * Self.legendRow
            var x = left
            for entry in row {
                if let style = entry.style {
                    line("curve c\(style % Self.colours.count)", x, y, x + 28, y)
                    marker(style, x + 14, y)
                } else {
                    line("\(Self.lineClass(entry.kind)) plain", x, y, x + 28, y)
                }
                add("text", "tick", ["x": x + 34, "y": y + 4], entry.name)
                x += entry.width
            }
        }
    }

    // MARK: Elements

    private mutating func line(_ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
        body += "<line class=\"\(kind)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" "
        body += "x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>\n"
    }

    private mutating func add(
        _ element: String, _ kind: String, _ places: KeyValuePairs<String, Double>, _ text: String
    ) {
        let attributes = places.map { " \($0.key)=\"\(number($0.value))\"" }.joined()
        body += "<\(element) class=\"\(kind)\"\(attributes)>\(escaped(text))</\(element)>\n"
    }

    /// A coordinate: a tenth of a pixel is enough, and the same digits everywhere.
    private func number(_ value: Double) -> String { Figures.plain(value, 1) }

    private func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            // XML 1.0 has no other control characters.
            case "\t", "\n", "\r": escaped += " "
            case let other where other.value < 32 || (0xFFFE...0xFFFF).contains(other.value): escaped += "\u{FFFD}"
            case let other: escaped.unicodeScalars.append(other)
            }
        }
        return escaped
    }

    /// Where values stand inside a panel.
    private struct Frame {
        var left: Double
        var top: Double
        var width: Double
        var height: Double
        var x: Scale
        var y: Scale
        var right: Double { left + width }
        var bottom: Double { top + height }
        func left(_ value: Double) -> Double { left + 12 + x.place(value) * (width - 24) }
        func top(_ value: Double) -> Double { bottom - y.place(value) * (height - 8) }
    }
}

// MARK: - Style

extension SVGWriter {
    /// Okabe and Ito's colours, which people who see few colours can tell apart; light and dark paper.
    fileprivate static let colours: [(light: String, dark: String)] = [
        ("#0072b2", "#56b4e9"), ("#b34700", "#ff9a52"), ("#007a55", "#2fd6a3"), ("#a3447f", "#e59ac6"),
        ("#5b5b00", "#e6df54"), ("#444444", "#c9c9c9"),
    ]

    fileprivate static var style: String {
        var text = """
            .paper{fill:#ffffff}
            text{font:12px "DejaVu Sans","Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
            .head{font-size:17px;font-weight:bold}.panel{font-size:13px;font-weight:bold}
            .note,.label{fill:#59636e}.tick{font-size:11px}
            .middle{text-anchor:middle}.end{text-anchor:end}
            .grid{stroke:#dde1e6;stroke-width:1}.axis{stroke:#59636e;stroke-width:1}
            .curve{fill:none;stroke-width:1.8}.whisker{stroke-width:1;stroke-opacity:.7}
            .theory{fill:none;stroke-width:1.5;stroke-dasharray:6 4}.dotted{stroke-dasharray:1.5 3}
            .plain{stroke:#59636e}
            .hollow{stroke-width:1.6;fill:#ffffff}

            """
        for (index, colour) in colours.enumerated() { text += rules(index, colour.light) }
        text += "@media (prefers-color-scheme:dark){\n"
        text += ".paper{fill:#0d1117}text{fill:#e6edf3}.note,.label{fill:#9198a1}.grid{stroke:#2a313c}\n"
        text += ".axis,.plain{stroke:#9198a1}.hollow{fill:#0d1117}\n"
        for (index, colour) in colours.enumerated() { text += rules(index, colour.dark) }
        return text + "}"
    }

    private static func rules(_ index: Int, _ colour: String) -> String {
        ".c\(index){stroke:\(colour)}.mark.c\(index){fill:\(colour)}\n"
    }
}
