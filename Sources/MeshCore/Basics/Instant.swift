/// A point in time in nanoseconds since an origin that the driver chooses.
///
/// In a simulation the origin is the start of the run; in production it is 1970 for a node's own clock. Eight bytes and
/// plain integer arithmetic, unlike the 16 bytes of the standard library's clocks.
public struct Instant: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Nanoseconds since the origin.
    public let nanoseconds: Int64

    /// Creates the instant this many nanoseconds after the origin.
    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The origin.
    @inlinable
    public static var zero: Instant { Instant(nanoseconds: 0) }

    /// The last instant that can be written: "never".
    @inlinable
    public static var distantFuture: Instant { Instant(nanoseconds: Int64.max) }

    /// Orders instants by time.
    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant this much later; saturates at ``distantFuture``.
    @inlinable
    public static func + (instant: Instant, interval: Interval) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(interval.nanoseconds)
        if overflow { return Instant(nanoseconds: interval.nanoseconds > 0 ? Int64.max : Int64.min) }
        return Instant(nanoseconds: sum)
    }

    /// The instant this much earlier; saturates.
    @inlinable
    public static func - (instant: Instant, interval: Interval) -> Instant {
        let (difference, overflow) = instant.nanoseconds.subtractingReportingOverflow(interval.nanoseconds)
        if overflow { return Instant(nanoseconds: interval.nanoseconds > 0 ? Int64.min : Int64.max) }
        return Instant(nanoseconds: difference)
    }

    /// The time from `right` to `left`; saturates.
    @inlinable
    public static func - (left: Instant, right: Instant) -> Interval {
        let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
        if overflow { return Interval(nanoseconds: left.nanoseconds < 0 ? Int64.min : Int64.max) }
        return Interval(nanoseconds: difference)
    }

    /// Seconds with the digits that matter, such as `1.204s`.
    public var description: String { Interval(nanoseconds: nanoseconds).description }
}
