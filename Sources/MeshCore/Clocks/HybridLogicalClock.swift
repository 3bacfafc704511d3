/// Stamps events so that a later cause always has a larger stamp, and stamps stay close to real time.
///
/// A stamp is the largest of: the wall clock, the last stamp plus one, and the stamp of a received event plus one.
/// Wall clocks may jump in both directions; stamps only grow.
///
/// After a crash, two things could make a stamp repeat: a wall clock that jumped back, and forgetting the last stamp.
/// Write a ``ceiling`` to disk from time to time with ``reserve(_:)``, never use a stamp above it, and start again
/// with `init(driftLimit:ceiling:)`; or, when every stamp is written to disk anyway, start with the largest of those.
///
/// Source: Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks", 2014, figure 5.
/// Deviation: the logical part is packed below 48 bits of milliseconds (section 6.2 of the paper) and carries into
/// them when it overflows; the paper leaves an overflow open.
public struct HybridLogicalClock: Hashable, Sendable {
    /// How far a received stamp may be ahead of the wall clock, unless told otherwise: 60 s.
    ///
    /// Far above what NTP leaves between machines (below 1 s), far below what makes a last-writer-wins value immovable.
    public static let defaultDriftLimit = Interval.seconds(60)

    /// How far a received stamp may be ahead of the wall clock.
    public let driftLimit: Interval

    /// The largest stamp given out or taken over so far.
    public private(set) var last: Stamp

    /// The bound up to which stamps may be used without another write to the disk.
    public private(set) var ceiling: Stamp

    /// Creates a clock whose stamps are all above `ceiling`.
    ///
    /// - Parameters:
    ///   - driftLimit: How far a received stamp may be ahead of the wall clock; negative is taken as zero.
    ///   - ceiling: The bound that the previous life of this clock left on the disk.
    public init(driftLimit: Interval = HybridLogicalClock.defaultDriftLimit, ceiling: Stamp = .zero) {
        self.driftLimit = driftLimit < .zero ? .zero : driftLimit
        self.last = ceiling
        self.ceiling = ceiling
    }

    /// Stamps an event of this node: a write, or a message being sent.
    ///
    /// - Parameter wall: The node's own clock, 1970 or the start of the run as its origin.
    /// - Returns: A stamp larger than every one before.
    public mutating func now(wall: Instant) -> Stamp {
        last = later(Stamp(wall: wall), last.next)
        return last
    }

    /// Takes notice of an event of another node; every stamp from here on is larger than both.
    ///
    /// A refused stamp leaves the clock exactly as it was. A stamp that is not above ``last`` is never refused: it
    /// cannot move the clock.
    ///
    /// - Returns: The stamp of the receiving.
    /// - Throws: ``ClockError/tooFarAhead(by:limit:)`` when the stamp is more than ``driftLimit`` ahead of the wall
    ///   clock.
    @discardableResult
    public mutating func receive(_ remote: Stamp, wall: Instant) throws(ClockError) -> Stamp {
        if remote > last {
            let ahead = remote.lead(over: wall)
            guard ahead <= driftLimit, remote < .limit else { throw .tooFarAhead(by: ahead, limit: driftLimit) }
        }
        last = later(Stamp(wall: wall), later(last, remote).next)
        return last
    }

    /// Raises the ceiling when the last stamp has passed it.
    ///
    /// Call it after each stamp. A result must be durable before that stamp leaves the node. With a window of
    /// ten seconds a clock costs one write in ten seconds, however many stamps it gives out.
    ///
    /// - Parameter window: How far ahead of the last stamp to reserve.
    /// - Returns: The new ceiling to write to the disk, or `nil` while the old one still holds.
    public mutating func reserve(_ window: Interval) -> Stamp? {
        guard last > ceiling else { return nil }
        ceiling = last.advanced(by: window)
        return ceiling
    }

    private func later(_ left: Stamp, _ right: Stamp) -> Stamp { left < right ? right : left }
}

extension HybridLogicalClock {
    /// A point in hybrid time: 48 bits of milliseconds above 16 bits of counter.
    public struct Stamp: Hashable, Sendable, Comparable {
        /// The packed value; the order of stamps is its order.
        public let rawValue: UInt64

        /// Creates the stamp with this packed value.
        @inlinable
        public init(_ rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// Creates a stamp from its parts; milliseconds are clamped to 48 bits.
        public init(milliseconds: UInt64, counter: UInt16 = 0) {
            let largest: UInt64 = (1 << 48) - 1
            self.rawValue = (milliseconds > largest ? largest : milliseconds) << 16 | UInt64(counter)
        }

        /// Creates the first stamp of a wall clock's millisecond; before the origin that is ``zero``.
        public init(wall: Instant) {
            self.init(milliseconds: wall.nanoseconds < 0 ? 0 : UInt64(wall.nanoseconds / 1_000_000))
        }

        /// Before every event.
        public static var zero: Stamp { Stamp(0) }

        /// Larger than any stamp that is accepted: half of the 48 bits, the year 6429 when the origin is 1970.
        public static var limit: Stamp { Stamp(1 << 63) }

        /// The milliseconds since the origin.
        public var milliseconds: UInt64 { rawValue >> 16 }

        /// Tells events of one millisecond apart.
        public var counter: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

        /// The next stamp; the counter carries into the milliseconds.
        var next: Stamp { rawValue == UInt64.max ? self : Stamp(rawValue + 1) }

        /// How far this stamp is ahead of a wall clock, in whole milliseconds; negative when behind.
        public func lead(over wall: Instant) -> Interval {
            let mine = Int64(bitPattern: milliseconds)
            return Interval.milliseconds(1) * (mine - Int64(bitPattern: Stamp(wall: wall).milliseconds))
        }

        /// The stamp this much later.
        public func advanced(by interval: Interval) -> Stamp {
            guard interval > .zero else { return self }
            let (sum, overflow) = rawValue.addingReportingOverflow(UInt64(interval.nanoseconds / 1_000_000) << 16)
            return overflow ? Stamp(UInt64.max) : Stamp(sum)
        }

        /// Orders stamps by time, then by counter.
        @inlinable
        public static func < (left: Stamp, right: Stamp) -> Bool {
            left.rawValue < right.rawValue
        }
    }
}

extension HybridLogicalClock.Stamp: Traceable {
    /// Mixes the packed value in.
    public func digest(into digest: inout Digest) { digest.mix(rawValue) }

    /// Milliseconds and counter, such as `1204.0`.
    public var description: String { "\(milliseconds).\(counter)" }
}

extension HybridLogicalClock.Stamp: WireCodable {
    /// Writes the packed value.
    public func encode(into writer: inout WireWriter) { writer.number(rawValue) }

    /// Reads a stamp; any number is one.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init(try reader.number())
    }
}

extension HybridLogicalClock: Traceable {
    /// Mixes the clock's state in.
    public func digest(into digest: inout Digest) {
        digest.mix(driftLimit)
        last.digest(into: &digest)
        ceiling.digest(into: &digest)
    }

    /// The last stamp.
    public var description: String { last.description }
}

/// Why a clock refuses a stamp.
public enum ClockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The stamp is further ahead of the wall clock than allowed: one of the two clocks is wrong.
    case tooFarAhead(by: Interval, limit: Interval)

    /// The reason as a sentence with the way out.
    public var description: String {
        switch self {
        case .tooFarAhead(let ahead, let limit):
            "the stamp is \(ahead) ahead of this node's clock, more than the drift limit of \(limit); "
                + "set the clocks right"
        }
    }
}
