/// A picture of curves: one panel or several, to be written as SVG.
///
/// Curves differ by marker and dash as well as by colour, so that a print without colour reads the same.
struct Plot: Sendable {
    /// What the whole picture shows.
    var title: String
    /// One more sentence, for those who cannot see it and below the title.
    var summary: String
    var panels: [Panel]

    /// Curves on one pair of axes.
    struct Panel: Sendable {
        var title: String
        var x: Axis
        var y: Axis
        var curves: [Curve]
    }

    /// What an axis counts.
    struct Axis: Sendable {
        /// What and in which unit, such as `time (ms)`.
        var label: String
        /// Whether equal steps are equal factors; `nil` leaves that to the values.
        var isLogarithmic: Bool?
    }

    /// A line through points.
    struct Curve: Sendable {
        var name: String
        /// Curves of one style belong together: a measurement and its formula.
        var style: Int
        var kind: Kind
        var points: [Point]
    }

    /// What a curve is.
    enum Kind: Sendable {
        /// Points with markers, joined by a solid line.
        case measured
        /// A dashed line without markers.
        case theory
        /// A dotted line without markers: a second theory.
        case expectation
    }

    /// A place on both axes.
    struct Point: Sendable {
        var x: Double
        var y: Double
        /// How far a whisker reaches upwards; `nil` for none.
        var top: Double?
    }
}

extension Plot.Panel {
    /// The curves without what a logarithmic axis cannot show.
    var drawable: [Plot.Curve] {
        let scales = (scale(\.x), scale(\.y))
        return curves.map { curve in
            var curve = curve
            curve.points.removeAll { !scales.0.holds($0.x) || !scales.1.holds($0.y) }
            return curve
        }.filter { !$0.points.isEmpty }
    }

    var xScale: Scale { scale(\.x) }
    var yScale: Scale { scale(\.y) }

    private enum Side { case x, y }

    private func scale(_ side: KeyPath<Plot.Point, Double>) -> Scale {
        let isX = side == \Plot.Point.x
        var values = curves.flatMap { $0.points.map { $0[keyPath: side] } }
        if !isX { values += curves.flatMap { $0.points.compactMap { $0.top } } }
        return Scale(values, isLogarithmic: isX ? x.isLogarithmic : y.isLogarithmic, startsAtZero: !isX)
    }
}
