/// Reads of the store without a place in the log.
extension MeshNode {
    /// The reads that Raft was asked about, by the number it was asked with.
    ///
    /// Raft answers each once, so that a place is free again with the answer; no more wait than
    /// ``Raft/Settings/maxReads`` allows.
    struct PendingReads: Sendable {
        /// A read that waits.
        struct Read: Sendable {
            /// The embedding program's number.
            let id: UInt64
            /// What is read; `nil` when the embedding program reads a state of its own.
            let key: Bytes?
        }

        private var places: [Read?] = []
        private var free: [Int] = []

        /// Keeps a read.
        ///
        /// - Returns: Its number for Raft.
        /// - Complexity: O(1), amortised.
        mutating func add(_ read: Read) -> UInt64 {
            if let place = free.popLast() {
                places[place] = read
                return UInt64(UInt(place))
            }
            places.append(read)
            return UInt64(UInt(places.count - 1))
        }

        /// Takes a read back.
        mutating func take(_ number: UInt64) -> Read? {
            let place = Int(truncatingIfNeeded: number)
            guard place < places.count, let read = places[place].take() else { return nil }
            free.append(place)
            return read
        }
    }

    /// Reads a key once that is linearizable; a node without a store or without Raft refuses.
    mutating func read(_ key: Bytes, id: UInt64, _ now: Instant, _ outbox: inout Outbox<Effect<MeshNode>>) {
        guard store != nil, raft != nil else { return outbox.output(.readRefused(id: id, reason: .noLeader)) }
        stepRaft(.command(.read(id: pendingReads.add(.init(id: id, key: key)))), now, &outbox)
    }

    /// Answers a read, from the store that has applied everything the read has to see.
    mutating func answerRead(_ number: UInt64, _ index: Raft.LogIndex, _ outbox: inout Outbox<Effect<MeshNode>>) {
        guard let read = pendingReads.take(number) else { return }
        guard let key = read.key else { return outbox.output(.raft(.readReady(id: read.id, index: index))) }
        outbox.output(.read(id: read.id, key: key, value: store?.value(of: key), index: index))
    }

    /// Refuses a read.
    mutating func refuseRead(_ number: UInt64, _ reason: Raft.Rejection, _ outbox: inout Outbox<Effect<MeshNode>>) {
        guard let read = pendingReads.take(number) else { return }
        if read.key == nil { return outbox.output(.raft(.readRefused(id: read.id, reason: reason))) }
        outbox.output(.readRefused(id: read.id, reason: reason))
    }
}
