extension Raft {
    /// The proposals that a follower handed to a leader and waits for, by their running number.
    struct ForwardLedger: Sendable {
        private struct Waiting: Sendable {
            let id: UInt64
            var isOpen: Bool
        }

        /// The number of the element at `head`.
        private var base: UInt64 = 0
        private var waiting: [Waiting] = []
        private var head = 0

        /// Starts a numbering that no earlier start of this node has used.
        mutating func begin(at number: UInt64) {
            base = number
            waiting.removeAll()
            head = 0
        }

        /// Notes a proposal, giving up the oldest when there are too many.
        ///
        /// - Returns: Its number.
        /// - Complexity: O(1), amortised.
        mutating func add(_ id: UInt64, limit: Int) -> UInt64 {
            if waiting.count - head >= limit { dropFirst() }
            waiting.append(Waiting(id: id, isOpen: true))
            return base &+ UInt64(UInt(waiting.count - head - 1))
        }

        /// Closes a proposal.
        ///
        /// - Returns: Whether it was open, so that an answer that comes twice is told once.
        /// - Complexity: O(1), amortised.
        mutating func close(_ sequence: UInt64, id: UInt64) -> Bool {
            let offset = sequence &- base
            guard offset < UInt64(UInt(waiting.count - head)) else { return false }
            let position = head + Int(offset)
            guard waiting[position].isOpen, waiting[position].id == id else { return false }
            waiting[position].isOpen = false
            while head < waiting.count, !waiting[head].isOpen { dropFirst() }
            return true
        }

        private mutating func dropFirst() {
            head += 1
            base &+= 1
            if head * 2 >= waiting.count {
                waiting.removeFirst(head)
                head = 0
            }
        }
    }
}
