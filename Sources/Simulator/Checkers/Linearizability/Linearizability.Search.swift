import MeshCore

extension Linearizability {
    /// The search for an order of the operations of one key.
    ///
    /// Depth first: an operation may come next if nothing that is still to come returned before it was called. What is
    /// taken is lifted out of a linked list of calls and returns and put back when the search turns round; a
    /// configuration that was seen before is not entered again.
    ///
    /// Operations that never returned may be left out, which is what makes a search long. Two rules keep them apart
    /// from the rest: one that would not change the state is not taken, and of several that would do the same only the
    /// one called first is; the same goes for two that returned, when the one called first also returned first. An
    /// operation that changes nothing, by its input and its output, is taken as soon as it is
    /// legal, without an alternative: every order that has it later stays legal when it comes now.
    ///
    /// Source: Wing and Gong, "Testing and verifying concurrent objects", JPDC 1993; Lowe, "Testing for
    /// linearizability", 2017.
    struct Search: Sendable {
        /// How the search of a key ended.
        enum Outcome: Sendable {
            case found
            case exhausted
            case outOfBudget
        }

        /// An operation that was taken.
        private struct Frame: Sendable {
            /// Its number, or one's complement of it for one that never returned.
            var number: Int32
            /// The state before it.
            var state: Int32
            /// Whether it was taken without an alternative.
            var isForced: Bool
        }

        let partition: Partition
        private(set) var tried: UInt64 = 0
        private let budget: UInt64
        private var state: Int32
        private var remaining: Int
        private var frames: [Frame] = []
        private var best: [Frame] = []
        private var bestState: Int32
        private var blocker: Int32 = 0
        private var hasBest = false

        /// The list: entry 0 is both ends, entry 1 + e is event e.
        private var next: [Int32] = []
        private var previous: [Int32] = []
        private var callEntry: [Int32] = []
        private var returnEntry: [Int32] = []

        private var taken: [UInt64]
        private var pendingTaken: [UInt64]
        private var setHash: UInt64 = 0
        private var cache: ConfigurationCache
        private var configuration: [UInt64]
        private let windowWords: Int

        init(_ partition: Partition, budget: UInt64) {
            self.partition = partition
            self.budget = budget
            self.state = partition.initial
            self.bestState = partition.initial
            self.remaining = partition.steps.count
            let count = partition.events.count
            self.callEntry = [Int32](repeating: 0, count: partition.steps.count)
            self.returnEntry = callEntry
            for event in 0..<count {
                let number = Int(partition.events[event] >> 1)
                let entry = Int32(truncatingIfNeeded: event + 1)
                if partition.events[event] & 1 == 0 { callEntry[number] = entry } else { returnEntry[number] = entry }
            }
            for entry in 0...count {
                next.append(entry == count ? 0 : Int32(truncatingIfNeeded: entry + 1))
                previous.append(Int32(truncatingIfNeeded: entry == 0 ? count : entry - 1))
            }
            self.taken = [UInt64](repeating: 0, count: (partition.steps.count >> 6) + 1)
            self.pendingTaken = [UInt64](repeating: 0, count: (partition.pendingSteps.count + 63) >> 6)
            self.windowWords = (Self.window(partition) + 63) >> 6
            self.configuration = [UInt64](repeating: 0, count: 1 + windowWords + pendingTaken.count)
            self.cache = ConfigurationCache(width: configuration.count)
        }

        /// How many operations, counted from one that has not been taken, can have been taken at most.
        private static func window(_ partition: Partition) -> Int {
            var widest = 0
            var called = 0
            for event in partition.events {
                if event & 1 == 0 { called += 1 } else { widest = max(widest, called - Int(event >> 1)) }
            }
            return widest
        }
    }
}

// MARK: - Walking

extension Linearizability.Search {
    /// Searches until an order is found, there is none, or the budget is spent.
    mutating func run() -> Outcome {
        takeReadOnly()
        var entry = next[0]
        var pending = -1
        while remaining > 0 {
            if tried >= budget { return .outOfBudget }
            if pending < 0, isCall(entry) {
                if take(number(of: entry)) { entry = next[0] } else { entry = next[Int(entry)] }
                continue
            }
            // Everything that was called before the first return was tried; now what never returned.
            let candidate = nextPending(from: max(pending, 0), before: entry)
            if candidate >= 0 {
                if takePending(candidate) {
                    entry = next[0]
                    pending = -1
                } else {
                    pending = candidate + 1
                }
                continue
            }
            noteBest(blockedBy: entry)
            guard let last = turnRound() else { return .exhausted }
            if last >= 0 {
                entry = next[Int(callEntry[Int(last)])]
                pending = -1
            } else {
                entry = firstReturn()
                pending = Int(~last) + 1
            }
        }
        return .found
    }

    @inline(__always)
    private func isCall(_ entry: Int32) -> Bool { partition.events[Int(entry) - 1] & 1 == 0 }

    @inline(__always)
    private func number(of entry: Int32) -> Int32 { partition.events[Int(entry) - 1] >> 1 }

    private func firstReturn() -> Int32 {
        var entry = next[0]
        while isCall(entry) { entry = next[Int(entry)] }
        return entry
    }

    /// The next operation that never returned and may be taken; -1 when there is none.
    private func nextPending(from start: Int, before entry: Int32) -> Int {
        var candidate = start
        while candidate < partition.pendingSteps.count, partition.pendingCalls[candidate] < entry {
            let twin = Int(partition.pendingTwins[candidate])
            if !isTaken(candidate), twin < 0 || isTaken(twin) { return candidate }
            candidate += 1
        }
        return -1
    }

    @inline(__always)
    private func isTaken(_ pending: Int) -> Bool {
        pendingTaken[pending >> 6] & (1 << UInt64(pending & 63)) != 0
    }
}

// MARK: - Taking and putting back

extension Linearizability.Search {
    /// Takes an operation that returned, and whatever is forced then.
    ///
    /// - Returns: `false`, with nothing changed, if that is not legal or leads nowhere new.
    private mutating func take(_ number: Int32) -> Bool {
        let step = partition.steps[Int(number)]
        // What changes nothing was taken already, if it was legal.
        if step.isReadOnly { return false }
        let twin = Int(partition.twins[Int(number)])
        if twin >= 0, taken[twin >> 6] & (1 << UInt64(twin & 63)) == 0 { return false }
        tried += 1
        guard let after = partition.state(after: step, on: state) else { return false }
        frames.append(Frame(number: number, state: state, isForced: false))
        lift(number)
        state = after
        return settle()
    }

    /// Takes an operation that never returned, and whatever is forced then.
    private mutating func takePending(_ pending: Int) -> Bool {
        tried += 1
        guard let after = partition.state(after: partition.pendingSteps[pending], on: state), after != state else {
            return false
        }
        frames.append(Frame(number: ~Int32(truncatingIfNeeded: pending), state: state, isForced: false))
        flipPending(pending)
        state = after
        return settle()
    }

    /// Takes what is forced and looks whether this place is worth going on from.
    private mutating func settle() -> Bool {
        takeReadOnly()
        if remaining == 0 || (!isDeadEnd && isNew()) { return true }
        _ = turnRound()
        return false
    }

    /// Takes every operation that is legal, may come next and changes nothing.
    private mutating func takeReadOnly() {
        var entry = next[0]
        while entry != 0, isCall(entry) {
            let number = number(of: entry)
            let step = partition.steps[Int(number)]
            if step.isReadOnly {
                tried += 1
                if partition.state(after: step, on: state) != nil {
                    let before = previous[Int(entry)]
                    frames.append(Frame(number: number, state: state, isForced: true))
                    lift(number)
                    entry = before
                }
            }
            entry = next[Int(entry)]
        }
    }

    /// Puts back the last operation that had an alternative, and everything after it.
    ///
    /// - Returns: Its number; `nil` when there is none.
    private mutating func turnRound() -> Int32? {
        while let frame = frames.popLast() {
            state = frame.state
            if frame.number >= 0 { putBack(frame.number) } else { flipPending(Int(~frame.number)) }
            if !frame.isForced { return frame.number }
        }
        return nil
    }

    private mutating func lift(_ number: Int32) {
        unlink(callEntry[Int(number)])
        unlink(returnEntry[Int(number)])
        remaining -= 1
        flip(number)
    }

    private mutating func putBack(_ number: Int32) {
        link(returnEntry[Int(number)])
        link(callEntry[Int(number)])
        remaining += 1
        flip(number)
    }

    @inline(__always)
    private mutating func unlink(_ entry: Int32) {
        let before = previous[Int(entry)]
        let after = next[Int(entry)]
        next[Int(before)] = after
        previous[Int(after)] = before
    }

    @inline(__always)
    private mutating func link(_ entry: Int32) {
        next[Int(previous[Int(entry)])] = entry
        previous[Int(next[Int(entry)])] = entry
    }

    @inline(__always)
    private mutating func flip(_ number: Int32) {
        taken[Int(number) >> 6] ^= 1 << UInt64(number & 63)
        setHash ^= Random.further(0x6c69_6e31, UInt64(UInt32(bitPattern: number)))
    }

    @inline(__always)
    private mutating func flipPending(_ pending: Int) {
        pendingTaken[pending >> 6] ^= 1 << UInt64(pending & 63)
        setHash ^= Random.further(0x6c69_6e32, UInt64(UInt(bitPattern: pending)))
    }
}

// MARK: - Places that need not be searched

extension Linearizability.Search {
    /// Whether this configuration is entered for the first time.
    ///
    /// What is taken is written down from the first operation on that is not, since everything before it is.
    private mutating func isNew() -> Bool {
        let first = UInt64(UInt32(bitPattern: number(of: next[0])))
        configuration[0] = first << 32 | UInt64(UInt32(bitPattern: state))
        let word = Int(first >> 6)
        let bit = first & 63
        for index in 0..<windowWords {
            let low = word + index < taken.count ? taken[word + index] >> bit : 0
            let high = bit > 0 && word + index + 1 < taken.count ? taken[word + index + 1] << (64 - bit) : 0
            configuration[1 + index] = low | high
        }
        for index in 0..<pendingTaken.count { configuration[1 + windowWords + index] = pendingTaken[index] }
        return cache.insert(configuration, hash: Random.further(setHash, UInt64(UInt32(bitPattern: state)) + 1))
    }

    /// Whether the read that returns first cannot be reached any more by appending, and nothing else can come before.
    private var isDeadEnd: Bool {
        guard !partition.sequences.isEmpty else { return false }
        var entry = next[0]
        while isCall(entry) || !isRead(number(of: entry)) {
            if isCall(entry), partition.steps[Int(number(of: entry))].isReset { return false }
            entry = next[Int(entry)]
            if entry == 0 { return false }
        }
        guard case .read(let wanted) = partition.steps[Int(number(of: entry))] else { return false }
        if partition.trie.isReachable(wanted, from: state) { return false }
        for pending in 0..<partition.pendingSteps.count where partition.pendingCalls[pending] < entry {
            if partition.pendingSteps[pending].isReset, !isTaken(pending) { return false }
        }
        return true
    }

    private func isRead(_ number: Int32) -> Bool {
        if case .read = partition.steps[Int(number)] { true } else { false }
    }
}

// MARK: - Evidence

extension Linearizability.Search {
    /// Remembers the longest order so far.
    private mutating func noteBest(blockedBy entry: Int32) {
        guard !hasBest || frames.count > best.count else { return }
        hasBest = true
        best = frames
        bestState = state
        blocker = number(of: entry)
    }

    /// The longest legal order that was found, as positions in the history.
    var longest: [Int] {
        best.map { frame in
            frame.number >= 0
                ? partition.origins[Int(frame.number)] : partition.pendingOrigins[Int(~frame.number)]
        }
    }

    /// The operation that returned first among those that do not follow it, as a position in the history.
    var offender: Int { partition.origins[Int(blocker)] }
}
