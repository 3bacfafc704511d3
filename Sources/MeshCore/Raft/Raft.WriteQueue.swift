extension Raft {
    /// A record that is not durable yet, and what its completion proves.
    struct PendingWrite: Sendable {
        let ticket: Ticket
        /// The last log position that will be durable with it; lowered when a later record removes entries.
        var last: LogIndex
        /// The term in which the record holds a vote for the node itself.
        var ownVoteTerm: Term?
    }

    /// The records that are not durable yet, oldest first.
    ///
    /// What a completion proves is bounded by every later truncation, durable or not: an entry that was written,
    /// removed and written again is durable only with its last record, even if term and index are the same (the ABA
    /// race in etcd-io/raft, testdata/async_storage_writes_append_aba_race.txt).
    struct WriteQueue: Sendable {
        private var writes: [PendingWrite] = []
        private var head = 0

        /// Whether everything is durable.
        var isEmpty: Bool { head == writes.count }

        /// How many records wait.
        var count: Int { writes.count - head }

        /// Adds a record.
        mutating func append(_ write: PendingWrite) {
            writes.append(write)
        }

        /// Notes that everything behind `index` is removed from the log.
        ///
        /// - Complexity: O(number of waiting records); truncations are rare.
        mutating func truncate(after index: LogIndex) {
            for position in head..<writes.count where writes[position].last > index {
                writes[position].last = index
            }
        }

        /// Removes and returns the oldest record if the ticket covers it.
        ///
        /// - Complexity: O(1), amortised.
        mutating func popFirst(upTo ticket: Ticket) -> PendingWrite? {
            guard head < writes.count, writes[head].ticket <= ticket else { return nil }
            let write = writes[head]
            head += 1
            if head == writes.count {
                writes.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 64, head * 2 >= writes.count {
                writes.removeFirst(head)
                head = 0
            }
            return write
        }
    }
}
