extension Raft {
    /// The proposals that a follower handed to a leader and waits for, by the running number of their messages.
    struct ForwardLedger: Sendable {
        /// The proposals of one message.
        private struct Waiting: Sendable {
            let id: UInt64
            let count: Int
            var isOpen: Bool
        }

        /// The number of the element at `head`.
        private var base: UInt64 = 0
        private var waiting: [Waiting] = []
        private var head = 0
        /// How many proposals there are from `head` on.
        private var total = 0

        /// How many proposals wait for their answer.
        ///
        /// - Complexity: O(messages that wait).
        var count: Int {
            var count = 0
            for message in waiting[head...] where message.isOpen { count += message.count }
            return count
        }

        /// Starts a numbering that no earlier start of this node has used.
        mutating func begin(at number: UInt64) {
            base = number
            waiting.removeAll()
            head = 0
            total = 0
        }

        /// Notes the proposals of a message, giving up the oldest messages when there are too many proposals.
        ///
        /// - Returns: The message's number.
        /// - Complexity: O(1), amortised.
        mutating func add(_ id: UInt64, count: Int, limit: Int) -> UInt64 {
            while total > 0, total + count > limit { dropFirst() }
            waiting.append(Waiting(id: id, count: count, isOpen: true))
            total += count
            return base &+ UInt64(UInt(waiting.count - head - 1))
        }

        /// Closes the proposals of a message.
        ///
        /// - Returns: Whether they were open, so that an answer that comes twice is told once.
        /// - Complexity: O(1), amortised.
        mutating func close(_ sequence: UInt64, id: UInt64, count: Int) -> Bool {
            let offset = sequence &- base
            guard offset < UInt64(UInt(waiting.count - head)) else { return false }
            let position = head + Int(offset)
            guard waiting[position].isOpen, waiting[position].id == id, waiting[position].count == count
            else { return false }
            waiting[position].isOpen = false
            while head < waiting.count, !waiting[head].isOpen { dropFirst() }
            return true
        }

        private mutating func dropFirst() {
            total -= waiting[head].count
            head += 1
            base &+= 1
            if head * 2 >= waiting.count {
                waiting.removeFirst(head)
                head = 0
            }
        }
    }
}
