extension Raft {
    /// A snapshot on its way to one peer, in chunks.
    ///
    /// It holds the state it began with: a leader that takes a newer snapshot meanwhile finishes this one first, so
    /// that snapshots that are taken faster than they travel still arrive.
    struct SnapshotSender: Sendable {
        /// Who is sent to.
        let peer: NodeID
        /// The last position the snapshot covers.
        let index: LogIndex
        /// The term at that position.
        let indexTerm: Term
        /// The configuration at that position.
        let configuration: Configuration
        let state: Bytes
        let checksum: UInt32
        /// Up to where the state has been sent.
        var sent = 0
        /// Up to where the peer has it.
        var acknowledged = 0
        /// In which beat ``acknowledged`` was last raised.
        var acknowledgedRound: UInt64
        /// In which beat something was last sent again, or acknowledged.
        var patienceRound: UInt64
        /// For how many beats an acknowledgement is waited for before chunks are sent again.
        var patience: UInt64
        /// Whether nothing was sent yet, which an empty state does not show otherwise.
        var isNew = true

        /// Starts to send again from what is acknowledged.
        mutating func rewind(to offset: Int) {
            acknowledged = offset
            sent = offset
            isNew = true
        }
    }

    /// A snapshot that is coming in.
    ///
    /// Chunks are taken in their order, each once, so that the memory is that of the bytes that came, or twice that.
    /// Another leader's snapshot, even the same one, begins anew: bytes of two states are never mixed.
    struct SnapshotReceiver: Sendable {
        private let term: Term
        private let index: LogIndex
        private let indexTerm: Term
        private let size: Int
        private let checksum: UInt32
        private var bytes: [UInt8] = []
        private var running: UInt32 = 0

        /// What became of a chunk.
        enum Progress {
            /// More is to come.
            case partial
            /// It was the last one; this is the state.
            case complete(Bytes)
            /// It was the last one, and the checksum does not match.
            case damaged
        }

        init(_ message: Snapshot) {
            self.term = message.term
            self.index = message.index
            self.indexTerm = message.indexTerm
            self.size = message.size
            self.checksum = message.checksum
        }

        /// How many bytes there are.
        var received: Int { bytes.count }

        /// Whether the log has come as far without it.
        func isCovered(by commit: LogIndex) -> Bool { index <= commit }

        /// Whether a chunk belongs to this snapshot.
        func belongs(_ message: Snapshot) -> Bool {
            message.term == term && message.index == index && message.indexTerm == indexTerm && message.size == size
                && message.checksum == checksum
        }

        /// Whether a chunk is of a snapshot that the same leader has given up for this one.
        func supersedes(_ message: Snapshot) -> Bool { message.term == term && message.index < index }

        /// Takes a chunk if it is the next one.
        ///
        /// - Complexity: O(size of the chunk), amortised.
        mutating func take(_ message: Snapshot) -> Progress {
            guard message.offset == bytes.count else { return .partial }
            bytes.append(contentsOf: message.chunk.slice)
            running = Checksum.crc32c(message.chunk, seed: running)
            guard bytes.count == size else { return .partial }
            return running == checksum ? .complete(Bytes(bytes)) : .damaged
        }
    }
}
