extension Gossip {
    /// The answer to one summary: at most one message of entries and one summary, filled in the order of the keys.
    struct Reply {
        /// What the other side lacks.
        private(set) var entries: [Entry] = []
        /// What has to be compared further, and what this side wants.
        private(set) var spans: [Span] = []
        /// Where the summary was cut off: everything before this key is dealt with.
        private(set) var cutOff: Bytes?
        /// Whether no entry is taken any more.
        private(set) var isFullOfEntries = false

        private var entryBytes = Node.listOverhead
        private var spanBytes: Int
        private let limit: Int

        /// Creates an empty answer.
        ///
        /// - Parameters:
        ///   - limit: The most bytes of one message.
        ///   - keyLimit: The longest bound; room is kept for the range that takes the rest.
        init(limit: Int, keyLimit: Int) {
            self.limit = limit
            // Flags, two bounds with their lengths, a fingerprint.
            self.spanBytes = Node.listOverhead + 1 + 2 * (keyLimit + 2) + 13
        }

        /// Whether ranges may still be cut into parts.
        ///
        /// Cutting everything that differs first and sending entries last would throw most of the cutting away when
        /// the entries fill their message; so the first ranges are cut down, and the others wait as they are.
        var mayCut: Bool { spanBytes < limit / 2 }

        /// Adds an entry unless it does not fit; after the first that does not, none is taken.
        mutating func add(_ entry: Entry) -> Bool {
            guard !isFullOfEntries else { return false }
            entryBytes += entry.wireCount
            isFullOfEntries = entryBytes > limit
            if !isFullOfEntries { entries.append(entry) }
            return !isFullOfEntries
        }

        /// Adds the description of a range, or cuts the summary off before it.
        mutating func add(_ span: Span) {
            guard cutOff == nil else { return }
            spanBytes += span.wireCount(after: spans.isEmpty ? Bytes() : spans[spans.count - 1].range.upper)
            if spanBytes > limit { cutOff = span.range.lower } else { spans.append(span) }
        }

        /// Adds the range that takes whatever was cut off.
        mutating func addRest(_ span: Span) { spans.append(span) }
    }
}
