import Glibc
public import MeshCore

/// A point in time as a driver needs it: what the node's clock shows, and how much time has passed.
public struct Moment: Hashable, Sendable {
    /// The node's clock, counted from 1970; it may jump in both directions.
    public var wall: Instant
    /// The time since the machine was started, that of suspension included; it never runs backwards.
    public var elapsed: Instant

    /// Creates a moment.
    public init(wall: Instant, elapsed: Instant) {
        self.wall = wall
        self.elapsed = elapsed
    }
}

/// The clocks of the system, as the contract of `StateMachine` asks for them.
public enum SystemClock {
    /// This moment.
    public static var now: Moment {
        Moment(wall: read(CLOCK_REALTIME), elapsed: read(CLOCK_BOOTTIME))
    }

    private static func read(_ clock: clockid_t) -> Instant {
        var time = timespec()
        let status = unsafe clock_gettime(clock, &time)
        invariant(status == 0, "every system this runs on has a wall clock and a clock that counts suspension")
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
