extension Raft {
    /// A read that a leader has confirmed and whose index is not handed out yet.
    struct LateRead: Sendable {
        let id: UInt64
        let index: LogIndex
    }

    /// What was handed out to be applied, and how much of it is.
    struct HandOuts: Sendable {
        private struct Batch: Sendable {
            let last: LogIndex
            let byteCount: Int
        }

        /// Up to where it is known to be applied, if the embedding program tells.
        private(set) var confirmed: LogIndex
        /// How many bytes of commands were handed out since this was last set to 0.
        var byteCount = 0
        private var waiting = Ring<Batch>()
        private var waitingBytes = 0

        init(confirmed: LogIndex = .zero) {
            self.confirmed = confirmed
        }

        /// Whether more may be handed out; 0 is no limit.
        func hasRoom(_ limit: Int) -> Bool { limit == 0 || waiting.isEmpty || waitingBytes < limit }

        /// Notes what is handed out, and, if so, applied at once.
        ///
        /// - Complexity: O(number of entries).
        mutating func add(_ entries: Entries, isConfirmed: Bool) {
            let size = entries.byteCount
            byteCount &+= size
            guard !isConfirmed, !entries.isEmpty else { return }
            waiting.append(Batch(last: entries.index(at: entries.count - 1), byteCount: size))
            waitingBytes += size
        }

        /// Notes what is applied; a batch counts when all of it is.
        ///
        /// - Complexity: O(batches confirmed).
        mutating func confirm(upTo index: LogIndex) {
            confirmed = index
            while let first = waiting.first, first.last <= index {
                waitingBytes -= first.byteCount
                _ = waiting.popFirst()
            }
        }
    }
}
