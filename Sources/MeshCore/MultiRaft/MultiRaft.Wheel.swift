extension MultiRaft {
    /// The timers of all groups, told in ticks.
    ///
    /// A wheel of 256 buckets, one for each of the next ticks. It never looks at a clock: a tick is one firing of the
    /// driver's timer, so that a clock that jumps moves nothing. Postponing a timer, which every message of a leader
    /// does, only writes down the new deadline; its entry is queued again when it comes up.
    ///
    /// Source: Varghese and Lauck, "Hashed and hierarchical timing wheels" (1987), scheme 6.
    struct Wheel: Sendable {
        /// A timer of a group.
        struct Entry: Sendable {
            let slot: Int32
            let timer: UInt8
        }

        /// When a timer is due, and when its entry comes up; `never` for neither.
        struct State: Sendable {
            var deadline: UInt64 = Wheel.never
            var queuedAt: UInt64 = Wheel.never
        }

        static var never: UInt64 { UInt64.max }
        private static var size: UInt64 { 256 }

        /// How many ticks have passed.
        private(set) var ticks: UInt64 = 0
        /// How many timers are set.
        private(set) var armed = 0
        private var buckets = [[Entry]](repeating: [], count: 256)
        private var spare: [Entry] = []

        /// Sets a timer to be due so many ticks from now, at least one.
        ///
        /// - Complexity: O(1), amortised.
        mutating func set(_ state: inout State, _ entry: Entry, after distance: UInt64) {
            if state.deadline == Self.never { armed += 1 }
            state.deadline = ticks + (distance > 0 ? distance : 1)
            if state.queuedAt > state.deadline { queue(&state, entry) }
        }

        /// Forgets a timer; its entry is dropped when it comes up.
        mutating func cancel(_ state: inout State) {
            if state.deadline != Self.never { armed -= 1 }
            state.deadline = Self.never
        }

        private mutating func queue(_ state: inout State, _ entry: Entry) {
            let last = ticks + Self.size - 1
            state.queuedAt = state.deadline < last ? state.deadline : last
            buckets[Int(truncatingIfNeeded: state.queuedAt & (Self.size - 1))].append(entry)
        }

        /// Moves on by a tick.
        ///
        /// - Returns: What comes up: pass each to ``isDue(_:_:)``, and the whole to ``giveBack(_:)``.
        mutating func advance() -> [Entry] {
            ticks += 1
            let bucket = Int(truncatingIfNeeded: ticks & (Self.size - 1))
            let due = buckets[bucket]
            buckets[bucket] = spare
            spare = []
            return due
        }

        /// Whether a timer that comes up is due; if it was postponed it is queued again.
        mutating func isDue(_ state: inout State, _ entry: Entry) -> Bool {
            guard state.queuedAt == ticks else { return false }
            state.queuedAt = Self.never
            guard state.deadline != Self.never else { return false }
            guard state.deadline > ticks else {
                state.deadline = Self.never
                armed -= 1
                return true
            }
            queue(&state, entry)
            return false
        }

        /// Keeps the memory of a bucket that has come up.
        mutating func giveBack(_ due: consuming [Entry]) {
            due.removeAll(keepingCapacity: true)
            spare = due
        }
    }
}
