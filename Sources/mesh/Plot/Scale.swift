import Foundation

/// Where values stand on an axis, and which of them are written beside it.
struct Scale: Sendable {
    private(set) var low: Double
    private(set) var high: Double
    private(set) var isLogarithmic: Bool

    /// Makes room for values; without any, for 0 to 1.
    ///
    /// - Parameters:
    ///   - isLogarithmic: `nil` takes logarithms where the values are far apart.
    ///   - startsAtZero: Whether an axis without logarithms begins at 0.
    init(_ values: [Double], isLogarithmic: Bool?, startsAtZero: Bool) {
        let values = values.filter { $0.isFinite }
        let positive = values.filter { $0 > 0 }
        let least = values.min() ?? 0
        let most = values.max() ?? 1
        let isFar = positive.count == values.count && !values.isEmpty && most / least > 50
        self.isLogarithmic = (isLogarithmic ?? isFar) && !positive.isEmpty
        if self.isLogarithmic {
            low = positive.min() ?? 1
            high = positive.max() ?? 10
            if low == high { (low, high) = (low / 2, high * 2) }
            return
        }
        low = startsAtZero ? min(0, least) : least
        high = most
        if low == high { high = low == 0 ? 1 : low + abs(low) }
        // The axis ends at a line.
        let step = Self.step(low, high)
        if startsAtZero { high = (high / step).rounded(.up) * step }
    }

    /// Whether a value can stand on the axis.
    func holds(_ value: Double) -> Bool { value.isFinite && (!isLogarithmic || value > 0) }

    /// The place of a value, from 0 to 1.
    func place(_ value: Double) -> Double {
        if isLogarithmic { return (log10(value) - log10(low)) / (log10(high) - log10(low)) }
        return (value - low) / (high - low)
    }

    /// The values that are written, about five of them.
    var ticks: [Double] {
        guard isLogarithmic else {
            let step = Self.step(low, high)
            let first = Int((low / step).rounded(.up))
            let last = Int((high / step + 1e-9).rounded(.down))
            return first <= last ? (first...last).map { Double($0) * step } : [low]
        }
        let decades = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
        let parts: [Double] = decades.count > 6 ? [1] : (decades.count > 3 ? [1, 3] : [1, 2, 5])
        let all = decades.flatMap { decade in parts.map { $0 * pow(10, Double(decade)) } }
        let inside = all.filter { $0 >= low * 0.999 && $0 <= high * 1.001 }
        return inside.isEmpty ? [low] : inside
    }

    /// A step of 1, 2 or 5 times a power of ten that gives about five lines.
    private static func step(_ low: Double, _ high: Double) -> Double {
        let rough = (high - low) / 5
        let power = pow(10, log10(rough).rounded(.down))
        for factor in [1.0, 2, 5] where factor * power >= rough * 0.999 { return factor * power }
        return 10 * power
    }

    /// A value as it stands beside the axis.
    func label(_ value: Double) -> String {
        if abs(value) >= 1 || value == 0 {
            let rounded = value.rounded()
            if abs(value - rounded) < 1e-9 * max(1, abs(value)) {
                let text = Units.grouped(UInt64(abs(rounded)))
                return value < 0 ? "\u{2212}" + text : text
            }
        }
        return Figures.plain(value, abs(value) >= 1 ? 1 : 6)
    }
}
