extension Raft {
    /// The entries after the last snapshot, and what the snapshot ends with.
    ///
    /// An array with an offset: compaction moves the offset and gives memory back when half of the array is dead.
    public struct Log: Sendable {
        /// The last position the snapshot covers; 0 without one.
        public private(set) var snapshotIndex: LogIndex
        /// The term of the entry at ``snapshotIndex``.
        public private(set) var snapshotTerm: Term
        private var storage: [Entry]
        /// How many elements at the start of `storage` are covered by the snapshot.
        private var head: Int

        /// Creates an empty log, without a snapshot or behind one.
        public init(after snapshotIndex: LogIndex = .zero, term snapshotTerm: Term = .zero) {
            self.snapshotIndex = snapshotIndex
            self.snapshotTerm = snapshotTerm
            self.storage = []
            self.head = 0
        }

        /// The position of the first entry that is still held, or would be.
        public var firstIndex: LogIndex { snapshotIndex.next }

        /// The position of the last entry, or of the snapshot if none is held.
        public var lastIndex: LogIndex { snapshotIndex.advanced(by: storage.count - head) }

        /// The term at ``lastIndex``.
        public var lastTerm: Term {
            storage.count > head ? storage[storage.count - 1].term : snapshotTerm
        }

        /// How many entries are held.
        public var count: Int { storage.count - head }

        /// The term at a position from ``snapshotIndex`` to ``lastIndex``; `nil` elsewhere.
        public func term(at index: LogIndex) -> Term? {
            if index == snapshotIndex { return snapshotTerm }
            guard index > snapshotIndex, index <= lastIndex else { return nil }
            return storage[slot(of: index)].term
        }

        /// The entry at a position from ``firstIndex`` to ``lastIndex``; `nil` elsewhere.
        public func entry(at index: LogIndex) -> Entry? {
            guard index > snapshotIndex, index <= lastIndex else { return nil }
            return storage[slot(of: index)]
        }

        /// The last position up to `index` whose term is at most `term`; the snapshot's if no held entry qualifies.
        ///
        /// - Complexity: O(log `count`): terms never fall along a log.
        func lastIndex(upTo index: LogIndex, termAtMost term: Term) -> LogIndex {
            var low = head
            var high = index > snapshotIndex ? slot(of: index < lastIndex ? index : lastIndex) + 1 : head
            while low < high {
                let middle = (low + high) >> 1
                if storage[middle].term <= term { low = middle + 1 } else { high = middle }
            }
            return snapshotIndex.advanced(by: low - head)
        }

        /// A copy of consecutive entries from `index` on, bounded by count and by payload bytes, at least one.
        ///
        /// - Complexity: O(number of entries returned).
        func entries(from index: LogIndex, countLimit: Int, byteLimit: Int) -> [Entry] {
            guard index > snapshotIndex, index <= lastIndex else { return [] }
            let start = slot(of: index)
            var end = start + 1
            var byteCount = storage[start].payload.byteCount
            while end < storage.count, end - start < countLimit {
                byteCount += storage[end].payload.byteCount
                if byteCount > byteLimit { break }
                end += 1
            }
            return Array(storage[start..<end])
        }

        private func slot(of index: LogIndex) -> Int {
            head + index.distance(from: snapshotIndex) - 1
        }
    }
}

extension Raft.Log {
    /// Adds an entry that stands right behind the last.
    ///
    /// - Complexity: O(1), amortised.
    mutating func append(_ entry: Raft.Entry) {
        invariant(entry.index == lastIndex.next, "a log has no gaps")
        storage.append(entry)
    }

    /// Removes everything from `from` on and adds `entries`, which begin there.
    ///
    /// - Complexity: O(number of entries removed and added).
    mutating func replaceSuffix(from: Raft.LogIndex, with entries: [Raft.Entry]) {
        invariant(from > snapshotIndex && from <= lastIndex.next, "a log has no gaps and its snapshot stays")
        truncate(from: from)
        storage.append(contentsOf: entries)
    }

    /// Removes everything from `from` on.
    private mutating func truncate(from: Raft.LogIndex) {
        let excess = lastIndex.next.distance(from: from)
        if excess > 0 { storage.removeLast(excess) }
    }

    /// Forgets everything up to `index`, which a snapshot covers now.
    ///
    /// A suffix is kept if the log agrees with the snapshot about its last entry; otherwise nothing of it is known to
    /// be good and all of it goes (paper, section 7).
    ///
    /// - Complexity: O(1) amortised for each entry forgotten.
    mutating func compact(upTo index: Raft.LogIndex, term: Raft.Term) {
        guard index > snapshotIndex else { return }
        if self.term(at: index) == term {
            head += index.distance(from: snapshotIndex)
            if head * 2 >= storage.count {
                storage.removeFirst(head)
                head = 0
            }
        } else {
            storage.removeAll()
            head = 0
        }
        snapshotIndex = index
        snapshotTerm = term
    }
}

extension Raft.Log: Equatable {
    /// Whether both hold the same entries behind the same snapshot.
    ///
    /// - Complexity: O(`count`).
    public static func == (left: Raft.Log, right: Raft.Log) -> Bool {
        guard left.snapshotIndex == right.snapshotIndex, left.snapshotTerm == right.snapshotTerm else { return false }
        return left.storage[left.head...] == right.storage[right.head...]
    }
}
