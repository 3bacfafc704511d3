import MeshCore

/// The timers of one machine: a handful of names, each set or not.
///
/// Two that are due at the same instant run out in the order in which they were set.
struct Deadlines<Timer: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var timer: Timer
        var instant: Instant
        var sequence: UInt64
    }

    private var entries: [Entry] = []
    private var sequence: UInt64 = 0

    /// When the next timer runs out.
    ///
    /// - Complexity: O(timers that are set).
    var next: Instant? { entries.min { $0.instant < $1.instant }?.instant }

    /// Sets a timer, replacing one of the same name.
    ///
    /// - Complexity: O(timers that are set).
    mutating func set(_ timer: Timer, at instant: Instant) {
        cancel(timer)
        sequence += 1
        entries.append(Entry(timer: timer, instant: instant, sequence: sequence))
    }

    /// Forgets a timer.
    mutating func cancel(_ timer: Timer) { entries.removeAll { $0.timer == timer } }

    /// How many timers have run out.
    func dueCount(at now: Instant) -> Int { entries.count { $0.instant <= now } }

    /// Takes the timer that ran out first, if one has.
    mutating func takeDue(at now: Instant) -> Timer? {
        var first: Int?
        for index in entries.indices where entries[index].instant <= now {
            guard let best = first else {
                first = index
                continue
            }
            let (left, right) = (entries[index], entries[best])
            if (left.instant, left.sequence) < (right.instant, right.sequence) { first = index }
        }
        return first.map { entries.remove(at: $0).timer }
    }
}
