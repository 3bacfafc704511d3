import MeshCore
import Scenarios

/// Writes numbers with their units.
enum Units {
    /// A number with its noun, such as `1 file` or `12 files`.
    static func counted(_ count: Int, _ singular: String, _ plural: String) -> String {
        "\(grouped(UInt64(max(count, 0)))) \(count == 1 ? singular : plural)"
    }

    /// The median of a metric over runs, and how many runs had no value.
    static func median(_ values: [Int64], of metric: Scenario.Metric, runs: Int) -> String {
        guard !values.isEmpty else { return "-" }
        let sorted = values.sorted()
        let text = text(sorted[sorted.count / 2], of: metric)
        return values.count == runs ? text : "\(text) (\(values.count) of \(runs))"
    }

    /// A value in the unit of its metric.
    static func text(_ value: Int64, of metric: Scenario.Metric) -> String {
        switch kind(of: metric) {
        case .time: rounded(Interval(nanoseconds: value))
        case .size: "\(value)B"
        case .share: Ratio(millionths: value).description
        case .count: "\(value)"
        }
    }

    /// What a metric is counted in.
    static func kind(of metric: Scenario.Metric) -> Scenario.MetricUnit {
        switch metric {
        case .timeUntil: .time
        case .named(let name, _, _):
            Scenario.Vocabulary.standard.metrics.first { $0.name == name }?.unit ?? .count
        }
    }

    /// A length of time to three digits or so.
    static func rounded(_ interval: Interval) -> String {
        let magnitude = interval.nanoseconds.magnitude
        let step: Int64 = magnitude >= 1_000_000_000 ? 1_000_000 : (magnitude >= 1_000_000 ? 10_000 : 1)
        return Interval(nanoseconds: interval.nanoseconds / step * step).description
    }

    /// Wall time in seconds with two digits.
    static func wall(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let hundredths = attoseconds / 10_000_000_000_000_000
        return "\(seconds).\(hundredths < 10 ? "0" : "")\(hundredths)s"
    }

    /// A count with thousands set apart.
    static func grouped(_ count: UInt64) -> String {
        var digits = Array(String(count))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(",", at: index)
            index -= 3
        }
        return String(digits)
    }

    /// How much faster than the wall virtual time ran.
    static func ratio(_ simulated: Interval, _ wall: Duration) -> String {
        let (seconds, attoseconds) = wall.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        guard microseconds > 0 else { return "-" }
        return "\(grouped(UInt64(max(simulated.nanoseconds / 1_000 / microseconds, 0))))x"
    }
}
