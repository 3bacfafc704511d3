/// A length of time in nanoseconds; may be negative.
public struct Interval: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The length in nanoseconds.
    public let nanoseconds: Int64

    /// Creates an interval of this many nanoseconds.
    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// No time at all.
    @inlinable
    public static var zero: Interval { Interval(nanoseconds: 0) }

    /// An interval of this many nanoseconds.
    @inlinable
    public static func nanoseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count) }

    /// An interval of this many microseconds.
    @inlinable
    public static func microseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000) }

    /// An interval of this many milliseconds.
    @inlinable
    public static func milliseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000_000) }

    /// An interval of this many seconds.
    @inlinable
    public static func seconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000_000_000) }

    /// Orders intervals by length.
    @inlinable
    public static func < (left: Interval, right: Interval) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The sum; saturates.
    @inlinable
    public static func + (left: Interval, right: Interval) -> Interval {
        let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
        if overflow { return Interval(nanoseconds: right.nanoseconds > 0 ? Int64.max : Int64.min) }
        return Interval(nanoseconds: sum)
    }

    /// The difference; saturates.
    @inlinable
    public static func - (left: Interval, right: Interval) -> Interval {
        let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
        if overflow { return Interval(nanoseconds: right.nanoseconds > 0 ? Int64.min : Int64.max) }
        return Interval(nanoseconds: difference)
    }

    /// The interval repeated `factor` times; saturates.
    @inlinable
    public static func * (interval: Interval, factor: Int64) -> Interval {
        let (product, overflow) = interval.nanoseconds.multipliedReportingOverflow(by: factor)
        if overflow {
            return Interval(nanoseconds: (interval.nanoseconds < 0) == (factor < 0) ? Int64.max : Int64.min)
        }
        return Interval(nanoseconds: product)
    }

    /// The interval cut into `divisor` equal parts, rounded towards zero.
    ///
    /// `divisor` must not be 0.
    @inlinable
    public static func / (interval: Interval, divisor: Int64) -> Interval {
        Interval(nanoseconds: interval.nanoseconds / divisor)
    }

    /// The shortest exact text with one unit, such as `150ms`, `1.204s` or `250us`.
    public var description: String {
        if nanoseconds == 0 { return "0s" }
        let sign = nanoseconds < 0 ? "-" : ""
        let magnitude = nanoseconds.magnitude
        if magnitude >= 1_000_000_000 { return sign + decimal(magnitude, unit: 1_000_000_000) + "s" }
        if magnitude >= 1_000_000 { return sign + decimal(magnitude, unit: 1_000_000) + "ms" }
        if magnitude >= 1_000 { return sign + decimal(magnitude, unit: 1_000) + "us" }
        return sign + "\(magnitude)ns"
    }

    /// Writes `value / unit` exactly, without trailing zeros.
    private func decimal(_ value: UInt64, unit: UInt64) -> String {
        let whole = value / unit
        var fraction = value % unit
        if fraction == 0 { return "\(whole)" }
        var digits = ""
        var place = unit / 10
        while fraction > 0 {
            digits += "\(fraction / place)"
            fraction %= place
            place /= 10
        }
        return "\(whole).\(digits)"
    }
}
