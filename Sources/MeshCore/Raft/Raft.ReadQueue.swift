extension Raft {
    /// A read that waits at the leader.
    struct PendingRead: Sendable {
        /// Who asked; `nil` is the leader's own program.
        let origin: NodeID?
        /// The program's id of the read, or the asking node's sequence number.
        let number: UInt64
    }

    /// The reads that wait at a leader, oldest first: those of the confirmation round under way, then the next batch.
    struct ReadQueue: Sendable {
        private var reads = Ring<PendingRead>()
        /// How many reads at the front the round under way confirms; 0 when there is none.
        private(set) var inRound = 0
        /// The commit index when that round began.
        private(set) var index = LogIndex.zero

        /// How many reads wait.
        var count: Int { reads.count }

        /// Whether a round could begin.
        var wantsRound: Bool { inRound == 0 && !reads.isEmpty }

        /// Adds a read to the next batch.
        ///
        /// - Complexity: O(1), amortised.
        mutating func add(_ read: PendingRead) { reads.append(read) }

        /// Makes a round of all that waits.
        mutating func beginRound(at commitIndex: LogIndex) {
            inRound = reads.count
            index = commitIndex
        }

        /// Takes the next read of the round under way; `nil` ends the round.
        mutating func popConfirmed() -> PendingRead? {
            guard inRound > 0 else { return nil }
            inRound -= 1
            return reads.popFirst()
        }

        /// Takes the next read, in a round or not.
        mutating func popAny() -> PendingRead? {
            inRound = 0
            return reads.popFirst()
        }
    }

    /// The reads that a follower asks the leader about, by their running number, and those that wait to be applied.
    struct ReadLedger: Sendable {
        /// A read whose index is known.
        private struct Known: Sendable {
            let id: UInt64
            let index: LogIndex
        }

        /// The number of the oldest read without an index.
        private var base: UInt64 = 0
        /// The reads without an index, oldest first.
        private var open = Ring<UInt64>()
        /// How many of them, from the oldest on, the request under way covers; 0 when there is none.
        private(set) var asked = 0
        /// The leader's beat that was heard first after the request; `nil` before one was.
        private var askedRound: UInt64?
        /// The reads with an index, oldest first.
        ///
        /// Indexes never fall here: a later answer, of the same leader or of a later one, knows what an earlier knew.
        private var known = Ring<Known>()

        /// How many reads are not answered.
        var count: Int { open.count + known.count }

        /// Whether reads wait that no request covers, and no request is under way.
        var wantsRequest: Bool { asked == 0 && !open.isEmpty }

        /// Starts a numbering that no earlier start of this node has used.
        mutating func begin(at number: UInt64) {
            self = ReadLedger()
            base = number
        }

        /// Notes a read.
        ///
        /// - Complexity: O(1), amortised.
        mutating func add(_ id: UInt64) { open.append(id) }

        /// Covers every read that waits by one request.
        ///
        /// - Returns: The number of the latest of them.
        mutating func ask() -> UInt64 {
            asked = open.count
            askedRound = nil
            return base &+ UInt64(UInt(asked)) &- 1
        }

        /// Whether the request under way, or its answer, seems lost: two whole beats of the leader have passed since.
        mutating func isOverdue(at round: UInt64) -> Bool {
            guard asked > 0 else { return false }
            guard let first = askedRound else {
                askedRound = round
                return false
            }
            return round >= first &+ 2
        }

        /// How many reads an answer to this number serves; `nil` if it serves none, because it comes late or twice.
        func served(by sequence: UInt64) -> Int? {
            let offset = sequence &- base
            return offset < UInt64(UInt(asked)) ? Int(offset) + 1 : nil
        }

        /// Takes the oldest read without an index.
        mutating func popOpen() -> UInt64? {
            guard let id = open.popFirst() else { return nil }
            base &+= 1
            if asked > 0 { asked -= 1 }
            return id
        }

        /// Gives the oldest read without an index this one.
        mutating func settleFirst(at index: LogIndex) {
            guard let id = popOpen() else { return }
            let floor = known.last?.index ?? .zero
            known.append(Known(id: id, index: index < floor ? floor : index))
        }

        /// Takes the oldest read whose index has been applied.
        mutating func popReady(applied: LogIndex) -> (id: UInt64, index: LogIndex)? {
            guard let first = known.first, first.index <= applied else { return nil }
            _ = known.popFirst()
            return (first.id, first.index)
        }
    }
}
