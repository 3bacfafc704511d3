public import MeshCore

/// A node's own clock: it may be set wrong, run fast or slow, and jump.
///
/// Local time is what a machine is given as `now`. Timers measure elapsed local time: a drifting clock stretches them,
/// a jump does not touch the ones that are set.
public struct NodeClock: Hashable, Sendable {
    /// Where every node's clock stands when a simulation starts: 1.6e9 s after 1970, so that no skew makes it negative.
    public static var epoch: Int64 { 1_600_000_000_000_000_000 }

    /// How much faster than virtual time the clock runs, in parts per million; negative when it is slow.
    public private(set) var driftPartsPerMillion: Int64 = 0
    private var virtualBase: Int64 = 0
    private var localBase: Int64 = NodeClock.epoch

    /// Creates a clock that shows virtual time exactly.
    public init() {}

    /// What the clock shows at a virtual time.
    public func local(at virtual: Instant) -> Instant {
        let elapsed = virtual.nanoseconds &- virtualBase
        if driftPartsPerMillion == 0 { return Instant(nanoseconds: localBase &+ elapsed) }
        let gained = elapsed / 1_000_000 * driftPartsPerMillion + elapsed % 1_000_000 * driftPartsPerMillion / 1_000_000
        return Instant(nanoseconds: localBase &+ elapsed &+ gained)
    }

    /// How much virtual time passes while this clock advances by `interval`; never negative.
    public func virtualLength(of interval: Interval) -> Interval {
        let length = interval.nanoseconds
        if length <= 0 { return .zero }
        if driftPartsPerMillion == 0 { return interval }
        let rate = 1_000_000 + driftPartsPerMillion
        return Interval(nanoseconds: length / rate * 1_000_000 + length % rate * 1_000_000 / rate)
    }

    /// Moves the clock by an offset, forward or backward.
    public mutating func jump(by offset: Interval, at virtual: Instant) {
        rebase(at: virtual)
        localBase = (Instant(nanoseconds: localBase) + offset).nanoseconds
    }

    /// Lets the clock run fast (positive) or slow (negative) from now on.
    ///
    /// - Parameter partsPerMillion: Clamped to -900,000...10,000,000, since a clock never runs backwards by drifting.
    public mutating func drift(by partsPerMillion: Int64, at virtual: Instant) {
        rebase(at: virtual)
        driftPartsPerMillion = partsPerMillion < -900_000 ? -900_000 : min(partsPerMillion, 10_000_000)
    }

    private mutating func rebase(at virtual: Instant) {
        localBase = local(at: virtual).nanoseconds
        virtualBase = virtual.nanoseconds
    }
}
