import MeshCore

extension Linearizability {
    /// An action on a key whose states are small numbers.
    enum Step: Hashable, Sendable {
        /// Legal in this state only; changes nothing.
        case read(Int32)
        /// Legal in every state but this one; changes nothing.
        case mismatch(Int32)
        /// Legal in no state.
        case impossible
        /// Sets the state.
        case write(Int32)
        /// Legal in this state only; sets another.
        case swap(Int32, Int32)
        /// Sets another state if it finds this one.
        case perhaps(Int32, Int32)
        /// Appends a sequence of symbols, by its number.
        case append(Int32)

        /// Whether its input and its output say that it changes nothing.
        ///
        /// A write that happens to find its own value is not read-only: it could not be taken anywhere else.
        var isReadOnly: Bool {
            switch self {
            case .read, .mismatch, .impossible: true
            case .swap(let expected, let new): expected == new
            case .write, .perhaps, .append: false
            }
        }

        /// Whether it can lead to a value that does not begin with the one it finds.
        var isReset: Bool {
            switch self {
            case .write, .swap, .perhaps: true
            case .read, .mismatch, .impossible, .append: false
            }
        }
    }

    /// The operations of one key, as numbers.
    struct Partition: Sendable {
        let key: Bytes
        /// The positions in the history of the operations that returned, in the order of their calls.
        private(set) var origins: [Int] = []
        /// What they do.
        private(set) var steps: [Step] = []
        /// For each, one before it that does the same, was called earlier and returned earlier; -1 when there is none.
        private(set) var twins: [Int32] = []
        /// The calls and returns in order: twice the operation's number, and one more for a return.
        private(set) var events: [Int32] = []
        /// The positions in the history of the operations that never returned, in the order of their calls.
        private(set) var pendingOrigins: [Int] = []
        /// What they would do.
        private(set) var pendingSteps: [Step] = []
        /// How many of ``events`` come before the call of each of them.
        private(set) var pendingCalls: [Int32] = []
        /// The one before it that would do the same; -1 when there is none.
        private(set) var pendingTwins: [Int32] = []
        /// The sequences of the appends.
        private(set) var sequences: [[UInt32]] = []
        private(set) var trie = Trie()
        let initial: Int32

        /// Numbers the operations of a key.
        ///
        /// - Parameter members: Their positions in the history.
        init(_ key: Bytes, _ members: [Int], _ history: [Operation], initial: Value?, _ model: Model) {
            self.key = key
            var values = Values(model)
            for member in members where history[member].isAppend { values.hasAppends = true }
            self.initial = values.observe(initial)
            for member in members { values.observe(history[member].knownAction) }
            order(members, history, &values)
            findTwins()
            sequences = values.sequences
            trie = values.trie
        }

        private mutating func order(_ members: [Int], _ history: [Operation], _ values: inout Values) {
            var moments: [Moment] = []
            for member in members {
                // A read that nobody saw the answer of says nothing and changes nothing.
                if history[member].knownAction == .unseenRead { continue }
                moments.append(Moment(time: history[member].called, isReturn: false, member: member))
                if let returned = history[member].returned {
                    moments.append(Moment(time: returned, isReturn: true, member: member))
                }
            }
            moments.sort { $0 < $1 }
            var numbers = SortedMap<Int, Int32>()
            for moment in moments {
                let step = values.step(history[moment.member].knownAction)
                if moment.isReturn {
                    guard let number = numbers.removeValue(forKey: moment.member) else { continue }
                    events.append(number * 2 + 1)
                } else if history[moment.member].returned == nil {
                    addPending(step, moment.member)
                } else {
                    let number = Int32(truncatingIfNeeded: steps.count)
                    numbers[moment.member] = number
                    steps.append(step)
                    origins.append(moment.member)
                    events.append(number * 2)
                }
            }
        }

        /// Looks for operations that do the same and may as well come first.
        private mutating func findTwins() {
            var returns = [Int](repeating: 0, count: steps.count)
            for index in 0..<events.count where events[index] & 1 == 1 { returns[Int(events[index] >> 1)] = index }
            for number in 0..<steps.count {
                var twin = number - 1
                let last = max(number - Self.twinDistance, 0)
                while twin >= last, steps[twin] != steps[number] || returns[twin] > returns[number] { twin -= 1 }
                twins.append(Int32(truncatingIfNeeded: twin >= last ? twin : -1))
            }
        }

        /// How far back a twin is looked for; one that is further back has almost always returned before.
        private static var twinDistance: Int { 64 }

        private mutating func addPending(_ step: Step, _ member: Int) {
            pendingTwins.append(pendingSteps.lastIndex(of: step).map { Int32(truncatingIfNeeded: $0) } ?? -1)
            pendingSteps.append(step)
            pendingOrigins.append(member)
            pendingCalls.append(Int32(truncatingIfNeeded: events.count))
        }

        /// The state after a step; `nil` when the step is not legal.
        @inline(__always)
        func state(after step: Step, on state: Int32) -> Int32? {
            switch step {
            case .read(let value): return state == value ? state : nil
            case .mismatch(let value): return state == value ? nil : state
            case .impossible: return nil
            case .write(let value): return value
            case .swap(let expected, let new): return state == expected ? new : nil
            case .perhaps(let expected, let new): return state == expected ? new : state
            case .append(let sequence): return trie.appending(sequences[Int(sequence)], to: state)
            }
        }
    }

    /// A call or a return.
    private struct Moment: Comparable {
        var time: Int64
        var isReturn: Bool
        var member: Int

        /// Calls come before returns of the same time: closed intervals that touch overlap.
        static func < (left: Moment, right: Moment) -> Bool {
            if left.time != right.time { return left.time < right.time }
            if left.isReturn != right.isReturn { return right.isReturn }
            return left.member < right.member
        }
    }
}

extension Linearizability.Operation {
    /// Whether it appends.
    var isAppend: Bool { if case .append = action { true } else { false } }

    /// The action; without an outcome when nobody can have been told one.
    var knownAction: Linearizability.Action {
        guard returned == nil else { return action }
        switch action {
        case .read, .unseenRead: return .unseenRead
        case .swap(let expected, let new, _): return .swap(expected: expected, new: new, .unknown)
        case .write, .delete, .append: return action
        }
    }
}
