extension Raft {
    /// The latest entries, and what the last snapshot ends with.
    ///
    /// A snapshot covers the log up to ``snapshotIndex``. Entries before that may stay for followers that are not far
    /// behind: those from ``firstIndex`` on are held.
    ///
    /// Entries are kept in the runs in which they came and never copied: the run that a leader appends is the one that
    /// travels in its messages, that its disk and its followers keep, and that is handed out to be applied. Whoever
    /// holds a run therefore costs the log nothing, and appending never touches what is there.
    ///
    /// The price is 48 bytes for each run: a log that grew one entry at a time spends 16 bytes more on each than one
    /// long array would, and no allocation.
    public struct Log: Sendable {
        /// The last position the snapshot covers; 0 without one.
        public private(set) var snapshotIndex: LogIndex
        /// The term of the entry at ``snapshotIndex``.
        public private(set) var snapshotTerm: Term
        /// The position before the first entry that is held; 0 if nothing was ever dropped.
        public private(set) var baseIndex: LogIndex
        /// The term of the entry at ``baseIndex``.
        public private(set) var baseTerm: Term
        /// The position of the last entry, or of the snapshot if none is held.
        public private(set) var lastIndex: LogIndex
        /// The term at ``lastIndex``.
        public private(set) var lastTerm: Term
        private var runs: [Run]
        /// How many elements at the start of `runs` are dropped.
        private var head: Int

        /// Consecutive entries that came together; never none.
        private struct Run: Sendable {
            let first: LogIndex
            let byteCount: Int
            let entries: Entries

            init(_ entries: Entries) {
                self.first = entries.index(at: 0)
                self.byteCount = entries.byteCount
                self.entries = entries
            }

            var count: Int { entries.count }
            var end: LogIndex { first.advanced(by: entries.count) }
        }

        /// Creates an empty log, without a snapshot or behind one.
        public init(after snapshotIndex: LogIndex = .zero, term snapshotTerm: Term = .zero) {
            self.snapshotIndex = snapshotIndex
            self.snapshotTerm = snapshotTerm
            self.baseIndex = snapshotIndex
            self.baseTerm = snapshotTerm
            self.lastIndex = snapshotIndex
            self.lastTerm = snapshotTerm
            self.runs = []
            self.head = 0
        }

        /// The position of the first entry that is still held, or would be.
        public var firstIndex: LogIndex { baseIndex.next }

        /// How many entries are held.
        public var count: Int { lastIndex.distance(from: baseIndex) }

        /// The term at a position from ``baseIndex`` to ``lastIndex``; `nil` elsewhere.
        ///
        /// - Complexity: O(1) at both ends of the log, O(log runs behind the position) between them.
        public func term(at index: LogIndex) -> Term? {
            if index == lastIndex { return lastTerm }
            if index == baseIndex { return baseTerm }
            guard index > baseIndex, index < lastIndex else { return nil }
            let place = place(of: index)
            return runs[place].entries.term(at: index.distance(from: runs[place].first))
        }

        /// The entry at a position from ``firstIndex`` to ``lastIndex``; `nil` elsewhere.
        ///
        /// - Complexity: O(log runs behind the position).
        public func entry(at index: LogIndex) -> Entry? {
            guard index > baseIndex, index <= lastIndex else { return nil }
            let place = place(of: index)
            return runs[place].entries[index.distance(from: runs[place].first)]
        }

        /// The last position up to `index` whose term is at most `term`; ``baseIndex`` if no held entry qualifies.
        ///
        /// - Complexity: O(log² `count`) at worst: terms never fall along a log.
        func lastIndex(upTo index: LogIndex, termAtMost term: Term) -> LogIndex {
            var low = baseIndex.rawValue
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
        func entries(from index: LogIndex, upTo last: LogIndex, countLimit: Int, byteLimit: Int) -> Entries {
            guard index > baseIndex, index <= last, last <= lastIndex else { return [] }
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
        ) -> Entries {
            let available = last.next.distance(from: index)
            let limit = available < countLimit ? available : countLimit
            var place = start
            var offset = index.distance(from: runs[start].first)
            if limit == 1 { return Entries(runs[start].entries[offset]) }
            var result: [Entry] = []
            result.reserveCapacity(limit)
            var byteCount = 0
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
            return Entries(result)
        }

        /// How many bytes of commands stand from `index` to `last`; 0 unless both are held.
        ///
        /// - Complexity: O(number of runs), and O(entries) for the runs at both ends.
        func byteCount(from index: LogIndex, upTo last: LogIndex) -> Int {
            guard index > baseIndex, index <= last, last <= lastIndex else { return 0 }
            var sum = 0
            var position = place(of: index)
            while position < runs.count, runs[position].first <= last {
                let run = runs[position]
                if run.first >= index, run.end.previous <= last {
                    sum += run.byteCount
                } else {
                    for entry in run.entries where entry.index >= index && entry.index <= last {
                        sum += entry.payload.byteCount
                    }
                }
                position += 1
            }
            return sum
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
    mutating func append(_ entries: Raft.Entries) {
        let count = entries.count
        guard count > 0 else { return }
        let last = entries.index(at: count - 1)
        invariant(
            entries.index(at: 0) == lastIndex.next && last == lastIndex.advanced(by: count), "a log has no gaps")
        runs.append(Run(entries))
        lastIndex = last
        lastTerm = entries.term(at: count - 1)
    }

    /// Removes everything from `from` on and adds `entries`, which begin there.
    ///
    /// - Complexity: O(number of runs removed, and of entries in the run that is cut).
    mutating func replaceSuffix(from: Raft.LogIndex, with entries: Raft.Entries) {
        invariant(from > baseIndex && from <= lastIndex.next, "a log has no gaps and what is dropped stays so")
        if from <= lastIndex { truncate(from: from) }
        append(entries)
    }

    /// Removes everything from `from` on.
    private mutating func truncate(from: Raft.LogIndex) {
        let newLastTerm = term(at: from.previous) ?? baseTerm
        while runs.count > head, let run = runs.last, run.end > from {
            runs.removeLast()
            if run.first < from {
                runs.append(Run(Raft.Entries(run.entries[..<from.distance(from: run.first)])))
            }
        }
        lastIndex = from.previous
        lastTerm = newLastTerm
    }

    /// Notes that a snapshot covers everything up to `index`; nothing is dropped that agrees with it.
    ///
    /// Entries stay if the log agrees with the snapshot about its last entry; otherwise nothing of it is known to be
    /// good and all of it goes (paper, section 7).
    mutating func cover(upTo index: Raft.LogIndex, term: Raft.Term) {
        guard index > snapshotIndex else { return }
        snapshotIndex = index
        snapshotTerm = term
        if isKept(behind: index, term) { return }
        runs.removeAll()
        head = 0
        baseIndex = index
        baseTerm = term
        lastIndex = index
        lastTerm = term
    }

    /// Drops the entries up to `index`, which must be covered by a snapshot.
    ///
    /// - Complexity: O(1) amortised for each run dropped.
    mutating func drop(upTo index: Raft.LogIndex) {
        guard index > baseIndex, index <= snapshotIndex, let term = term(at: index) else { return }
        while head < runs.count, runs[head].end.previous <= index { head += 1 }
        if head * 2 >= runs.count {
            runs.removeFirst(head)
            head = 0
        }
        baseIndex = index
        baseTerm = term
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
        guard left.baseIndex == right.baseIndex, left.lastIndex == right.lastIndex else { return false }
        var index = left.firstIndex
        while index <= left.lastIndex {
            if left.entry(at: index) != right.entry(at: index) { return false }
            index = index.next
        }
        return true
    }
}
