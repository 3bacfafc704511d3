public import MeshCore

/// Where a run stops to be looked at.
struct Pause: Sendable {
    /// Before everything of this instant.
    var time: Instant?
    /// When this comes to pass.
    var event: Scenario.Event?
    /// Whether it has.
    var isReached = false
}

extension Run {
    /// Whether the run is over: its time is up, its budget is spent, or a promise is broken.
    public var isOver: Bool { isFinished }

    /// Goes on up to an instant, and for at most so many events; what happens at the instant waits.
    ///
    /// - Returns: Whether the run is over.
    public mutating func advance(events: UInt64 = UInt64.max, to time: Instant) -> Bool {
        pause = Pause(time: time)
        defer { pause = Pause() }
        return advance(events: events)
    }

    /// Goes on until something comes to pass, or the run is over.
    ///
    /// A condition comes to pass when it is true after a step; one that is true already does so at once.
    ///
    /// - Returns: Whether it came to pass.
    public mutating func advance(to event: Scenario.Event) -> Bool {
        pause = Pause(event: event)
        updateWaiting()
        defer {
            pause = Pause()
            updateWaiting()
        }
        pauseIfTrue()
        _ = advance()
        return pause.isReached
    }

    /// Stops the run if this is what it is to stop at.
    mutating func pauseIfMeant(by happening: Happening) {
        if let event = pause.event, matches(event, happening) { pause.isReached = true }
    }

    /// Stops the run if the condition holds at which it is to stop.
    mutating func pauseIfTrue() {
        if case .becameTrue(let condition)? = pause.event, isTrue(condition) { pause.isReached = true }
    }
}
