extension Raft {
    /// The entries after the last snapshot, and what the snapshot ends with.
    ///
    /// Entries are kept in the runs in which they came and never copied: the run that a leader appends is the one that
    /// travels in its messages, that its disk and its followers keep, and that is handed out to be applied. Whoever
    /// holds a run therefore costs the log nothing, and appending never touches what is there.
    ///
    /// The price is one array for each run: a log that grew one entry at a time spends 56 bytes more on each than one
    /// long array would.
    public struct Log: Sendable {
        /// The last position the snapshot covers; 0 without one.
        public private(set) var snapshotIndex: LogIndex
        /// The term of the entry at ``snapshotIndex``.
        public private(set) var snapshotTerm: Term
        /// The position of the last entry, or of the snapshot if none is held.
        public private(set) var lastIndex: LogIndex
        /// The term at ``lastIndex``.
        public private(set) var lastTerm: Term
        private var runs: [Run]
        /// How many elements at the start of `runs` are covered by the snapshot.
        private var head: Int

        /// Consecutive entries that came together; never none.
        private struct Run: Sendable {
            let first: LogIndex
            let byteCount: Int
            let entries: [Entry]

            init(_ entries: [Entry]) {
                self.first = entries[0].index
                self.byteCount = Entry.byteCount(of: entries)
                self.entries = entries
            }

            var count: Int { entries.count }
            var end: LogIndex { first.advanced(by: entries.count) }
        }

        /// Creates an empty log, without a snapshot or behind one.
        public init(after snapshotIndex: LogIndex = .zero, term snapshotTerm: Term = .zero) {
            self.snapshotIndex = snapshotIndex
            self.snapshotTerm = snapshotTerm
            self.lastIndex = snapshotIndex
            self.lastTerm = snapshotTerm
            self.runs = []
            self.head = 0
        }

        /// The position of the first entry that is still held, or would be.
        public var firstIndex: LogIndex { snapshotIndex.next }

        /// How many entries are held.
        public var count: Int { lastIndex.distance(from: snapshotIndex) }

        /// The term at a position from ``snapshotIndex`` to ``lastIndex``; `nil` elsewhere.
        ///
        /// - Complexity: O(1) at both ends of the log, O(log runs behind the position) between them.
        public func term(at index: LogIndex) -> Term? {
            if index == lastIndex { return lastTerm }
            if index == snapshotIndex { return snapshotTerm }
            return entry(at: index)?.term
        }

        /// The entry at a position from ``firstIndex`` to ``lastIndex``; `nil` elsewhere.
        ///
        /// - Complexity: O(log runs behind the position).
        public func entry(at index: LogIndex) -> Entry? {
            guard index > snapshotIndex, index <= lastIndex else { return nil }
            let place = place(of: index)
            return runs[place].entries[index.distance(from: runs[place].first)]
        }

        /// The last position up to `index` whose term is at most `term`; the snapshot's if no held entry qualifies.
        ///
        /// - Complexity: O(log² `count`) at worst: terms never fall along a log.
        func lastIndex(upTo index: LogIndex, termAtMost term: Term) -> LogIndex {
            var low = snapshotIndex.rawValue
            var high = index < lastIndex ? index.rawValue : lastIndex.rawValue
            while low < high {
                let middle = (low + high + 1) >> 1
                guard let found = self.term(at: LogIndex(middle)) else { break }
                if found <= term { low = middle } else { high = middle - 1 }
            }
            return LogIndex(low)
        }

        /// Consecutive entries from `index` on, bounded by their last position, by count and by payload bytes, but at
        /// least one: a run as it is, if it is all there is to hand out, else copies.
        ///
        /// - Complexity: O(1) for a whole run, else O(number of entries returned).
        func entries(from index: LogIndex, upTo last: LogIndex, countLimit: Int, byteLimit: Int) -> [Entry] {
            guard index > snapshotIndex, index <= last, last <= lastIndex else { return [] }
            let start = place(of: index)
            let run = runs[start]
            if run.first == index, run.end <= last.next, run.count <= countLimit, run.byteCount <= byteLimit {
                let next = start + 1
                if run.end > last || next == runs.count || run.count + runs[next].count > countLimit
                    || run.byteCount + runs[next].byteCount > byteLimit
                {
                    return run.entries
                }
            }
            return copy(from: index, upTo: last, run: start, countLimit: countLimit, byteLimit: byteLimit)
        }

        private func copy(
            from index: LogIndex, upTo last: LogIndex, run start: Int, countLimit: Int, byteLimit: Int
        ) -> [Entry] {
            let available = last.next.distance(from: index)
            let limit = available < countLimit ? available : countLimit
            var result: [Entry] = []
            result.reserveCapacity(limit)
            var byteCount = 0
            var place = start
            var offset = index.distance(from: runs[start].first)
            while result.count < limit {
                if offset == runs[place].entries.count {
                    place += 1
                    offset = 0
                }
                let entry = runs[place].entries[offset]
                byteCount += entry.payload.byteCount
                if byteCount > byteLimit, !result.isEmpty { break }
                result.append(entry)
                offset += 1
            }
            return result
        }

        /// Which run holds a position; the last ones are found first.
        private func place(of index: LogIndex) -> Int {
            var high = runs.count - 1
            if runs[high].first <= index { return high }
            var step = 1
            var low = high - step
            while low > head, runs[low].first > index {
                high = low
                step *= 2
                low = high - step
            }
            if low < head { low = head }
            while high - low > 1 {
                let middle = (low + high) >> 1
                if runs[middle].first <= index { low = middle } else { high = middle }
            }
            return low
        }
    }
}

extension Raft.Log {
    /// Adds entries that stand right behind the last.
    ///
    /// - Complexity: O(`entries.count`) to count their bytes; nothing is copied.
    mutating func append(_ entries: [Raft.Entry]) {
        guard let first = entries.first, let last = entries.last else { return }
        invariant(
            first.index == lastIndex.next && last.index == lastIndex.advanced(by: entries.count), "a log has no gaps")
        runs.append(Run(entries))
        lastIndex = last.index
        lastTerm = last.term
    }

    /// Removes everything from `from` on and adds `entries`, which begin there.
    ///
    /// - Complexity: O(number of runs removed, and of entries in the run that is cut).
    mutating func replaceSuffix(from: Raft.LogIndex, with entries: [Raft.Entry]) {
        invariant(from > snapshotIndex && from <= lastIndex.next, "a log has no gaps and its snapshot stays")
        if from <= lastIndex { truncate(from: from) }
        append(entries)
    }

    /// Removes everything from `from` on.
    private mutating func truncate(from: Raft.LogIndex) {
        let newLastTerm = term(at: from.previous) ?? snapshotTerm
        while runs.count > head, let run = runs.last, run.end > from {
            runs.removeLast()
            if run.first < from {
                runs.append(Run(Array(run.entries[..<from.distance(from: run.first)])))
            }
        }
        lastIndex = from.previous
        lastTerm = newLastTerm
    }

    /// Forgets everything up to `index`, which a snapshot covers now.
    ///
    /// A suffix is kept if the log agrees with the snapshot about its last entry; otherwise nothing of it is known to
    /// be good and all of it goes (paper, section 7).
    ///
    /// - Complexity: O(1) amortised for each entry forgotten.
    mutating func compact(upTo index: Raft.LogIndex, term: Raft.Term) {
        guard index > snapshotIndex else { return }
        if isKept(behind: index, term) {
            while head < runs.count, runs[head].end.previous <= index { head += 1 }
            if head * 2 >= runs.count {
                runs.removeFirst(head)
                head = 0
            }
        } else {
            runs.removeAll()
            head = 0
            lastIndex = index
            lastTerm = term
        }
        snapshotIndex = index
        snapshotTerm = term
    }

    /// Whether what stands behind the end of a snapshot may stay.
    private func isKept(behind index: Raft.LogIndex, _ term: Raft.Term) -> Bool {
        #if MUTANTS
        if Mutant.conflictKeptBySnapshot.isPlanted { return index <= lastIndex }
        #endif
        return self.term(at: index) == term
    }
}

extension Raft.Log: Equatable {
    /// Whether both hold the same entries behind the same snapshot.
    ///
    /// - Complexity: O(`count`).
    public static func == (left: Raft.Log, right: Raft.Log) -> Bool {
        guard left.snapshotIndex == right.snapshotIndex, left.snapshotTerm == right.snapshotTerm else { return false }
        guard left.lastIndex == right.lastIndex else { return false }
        var index = left.firstIndex
        while index <= left.lastIndex {
            if left.entry(at: index) != right.entry(at: index) { return false }
            index = index.next
        }
        return true
    }
}
