extension Raft {
    /// Consecutive entries that came together, as they travel: a run.
    ///
    /// A single command stands in the value itself, everything else in an array that all copies share. So a run costs
    /// at most one allocation wherever it goes, and the run of a proposal made by itself costs none.
    public struct Entries: Sendable {
        /// Either way one reference is counted, and it stands first: copying a run asks one bit and counts.
        @usableFromInline
        enum Storage: Sendable {
            case command(Bytes, Term, LogIndex)
            case array([Entry])
        }

        @usableFromInline
        let storage: Storage

        /// Creates a run of one entry.
        @inlinable
        public init(_ entry: Entry) {
            switch entry.payload {
            case .command(let command): self.storage = .command(command, entry.term, entry.index)
            case .noOp, .configuration, .elided: self.storage = .array([entry])
            }
        }

        /// Creates a run of one command.
        @inlinable
        init(term: Term, index: LogIndex, command: Bytes) {
            self.storage = .command(command, term, index)
        }

        /// Takes an array, which is shared; a single command leaves it.
        @inlinable
        public init(_ entries: [Entry]) {
            if entries.count == 1, case .command(let command) = entries[0].payload {
                self.storage = .command(command, entries[0].term, entries[0].index)
            } else {
                self.storage = .array(entries)
            }
        }

        /// Copies a part of a run.
        ///
        /// - Complexity: O(`part.count`).
        public init(_ part: Slice<Entries>) {
            switch part.base.storage {
            case .command: self = part.isEmpty ? [] : part.base
            case .array(let entries): self.init(Array(entries[part.startIndex..<part.endIndex]))
            }
        }

        /// How many bytes of the embedding program's are in the entries.
        ///
        /// - Complexity: O(`count`).
        @inlinable
        public var byteCount: Int {
            switch storage {
            case .command(let command, _, _):
                return command.count
            case .array(let entries):
                var sum = 0
                for entry in entries { sum += entry.payload.byteCount }
                return sum
            }
        }

        /// The entries as a witness keeps them: without their commands.
        ///
        /// - Complexity: O(`count`).
        public var elided: Entries {
            switch storage {
            case .command(_, let term, let index): [Entry(term: term, index: index, payload: .elided)]
            case .array(let entries): Entries(entries.map { $0.elided })
            }
        }
    }
}

/// What is asked of every run on its way, without touching the count of a reference.
extension Raft.Entries {
    /// The term of an entry by its place, counted from 0.
    func term(at place: Int) -> Raft.Term {
        switch storage {
        case .command(_, let term, _):
            invariant(place == 0, "the place lies within the run")
            return term
        case .array(let entries):
            return entries[place].term
        }
    }

    /// The position of an entry by its place, counted from 0.
    func index(at place: Int) -> Raft.LogIndex {
        switch storage {
        case .command(_, _, let index):
            invariant(place == 0, "the place lies within the run")
            return index
        case .array(let entries):
            return entries[place].index
        }
    }

    /// Whether the entries follow the position `prevIndex` and each other, in terms from `prevTerm` up to `limit` that
    /// never fall.
    ///
    /// - Complexity: O(`count`).
    func follow(_ prevIndex: Raft.LogIndex, _ prevTerm: Raft.Term, upTo limit: Raft.Term) -> Bool {
        switch storage {
        case .command(_, let term, let index):
            return index == prevIndex.next && term >= prevTerm && term <= limit && index <= .limit
        case .array(let entries):
            var lastIndex = prevIndex
            var lastTerm = prevTerm
            for entry in entries {
                guard entry.index == lastIndex.next, entry.term >= lastTerm, entry.term <= limit else { return false }
                lastIndex = entry.index
                lastTerm = entry.term
            }
            return lastIndex <= .limit
        }
    }

    /// The entries among which there may be others than commands; none if that is known at once.
    var perhapsOthers: [Raft.Entry] {
        switch storage {
        case .command: []
        case .array(let entries): entries
        }
    }
}

extension Raft.Entries: RandomAccessCollection {
    /// The place of the first entry, 0.
    @inlinable
    public var startIndex: Int { 0 }

    /// The place behind the last entry: how many there are.
    @inlinable
    public var endIndex: Int {
        switch storage {
        case .command: 1
        case .array(let entries): entries.count
        }
    }

    /// An entry by its place, counted from 0.
    @inlinable
    public subscript(place: Int) -> Raft.Entry {
        switch storage {
        case .command(let command, let term, let index):
            invariant(place == 0, "the place lies within the run")
            return Raft.Entry(term: term, index: index, payload: .command(command))
        case .array(let entries):
            return entries[place]
        }
    }

    /// How many entries there are.
    @inlinable
    public var count: Int { endIndex }

    /// Whether there is no entry.
    @inlinable
    public var isEmpty: Bool { endIndex == 0 }

    /// Goes through the entries; faster than a loop where runs are long.
    @inlinable
    public func forEach(_ body: (Raft.Entry) -> Void) {
        switch storage {
        case .command: body(self[0])
        case .array(let entries): for entry in entries { body(entry) }
        }
    }
}

extension Raft.Entries: ExpressibleByArrayLiteral {
    /// Creates a run of the entries listed.
    @inlinable
    public init(arrayLiteral entries: Raft.Entry...) {
        self.init(entries)
    }
}

extension Raft.Entries: Hashable {
    /// Whether both hold the same entries.
    ///
    /// - Complexity: O(`count`); O(1) when both share an array.
    public static func == (left: Raft.Entries, right: Raft.Entries) -> Bool {
        switch (left.storage, right.storage) {
        case (.command(let left, let leftTerm, let leftIndex), .command(let right, let rightTerm, let rightIndex)):
            leftIndex == rightIndex && leftTerm == rightTerm && left == right
        case (.array(let left), .array(let right)): left == right
        case (.command, .array), (.array, .command): false
        }
    }

    /// Mixes the entries in, their number first.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for entry in self { hasher.combine(entry) }
    }
}

extension Raft.Entries: Traceable {
    /// Mixes the entries in, their number first.
    public func digest(into digest: inout Digest) {
        digest.mix(count)
        for entry in self { entry.digest(into: &digest) }
    }

    /// The entries in order, such as `5/2 "set x", 6/2 no-op`.
    public var description: String {
        var text = ""
        for entry in self { text += text.isEmpty ? entry.description : ", \(entry)" }
        return text
    }
}

extension WireReader {
    /// Reads consecutive entries, the first of which stands at `first`.
    mutating func entries(at first: Raft.LogIndex) throws(WireError) -> Raft.Entries {
        let count = try count(each: 2, limit: Raft.Entry.countLimit)
        if count == 1 { return Raft.Entries(try Raft.Entry(bodyFrom: &self, at: first)) }
        var entries: [Raft.Entry] = []
        entries.reserveCapacity(count)
        var index = first
        for _ in 0..<count {
            entries.append(try Raft.Entry(bodyFrom: &self, at: index))
            index = index.next
        }
        return Raft.Entries(entries)
    }
}

extension WireWriter {
    /// Writes consecutive entries without their positions.
    mutating func entries(_ entries: Raft.Entries) {
        number(entries.count)
        for entry in entries { entry.encodeBody(into: &self) }
    }
}
