/// A clock that only believes timers: it advances with a timer that keeps firing, and looks at the node's clock only
/// for the moments between two firings.
///
/// When the node's clock jumps, in either direction, the reading is wrong by at most one firing, and only until the
/// next.
struct ElapsedClock: Sendable {
    /// The reading when the timer was last set.
    private var base: Interval = .zero
    /// The node's clock at that moment.
    private var setAt: Instant = .zero
    /// The time until the timer fires.
    private var length: Interval = .zero

    /// Notes that the timer is set.
    mutating func set(at now: Instant, for length: Interval) {
        setAt = now
        self.length = length
    }

    /// Notes that the timer has fired.
    mutating func fired() {
        base = base + length
        length = .zero
    }

    /// Notes that another timer, set for this reading, has fired.
    ///
    /// A node that was paused finds its timers late by different lengths. Whoever believes the one and not the other
    /// has two clocks, which drift apart with each pause.
    mutating func advance(to reading: Interval, at now: Instant) {
        guard reading > self.reading(at: now) else { return }
        let since = now - setAt
        if since >= length {
            length = .zero
        } else if since > .zero {
            length = length - since
        }
        base = reading
        setAt = now
    }

    /// The reading: never behind the last firing and never ahead of the next.
    func reading(at now: Instant) -> Interval {
        let since = now - setAt
        if since < .zero { return base }
        return base + (since < length ? since : length)
    }
}
