extension Gossip {
    /// The answer to one message of a comparison, filled in the order of the keys until a message is full.
    struct Reply {
        /// What the other side lacks.
        private(set) var entries: [Entry] = []
        /// What this side lacks.
        private(set) var wishes: [Wish] = []
        /// What has to be compared further.
        private(set) var spans: [Span] = []
        /// Where the answer was cut off: everything before this key is dealt with.
        private(set) var cursor: Bytes?

        private var entryBytes = Node.listOverhead
        private var wishBytes = Node.listOverhead
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

        /// Whether something did not fit; nothing more is added then.
        var isFull: Bool { cursor != nil }

        mutating func add(_ entry: Entry) {
            guard !isFull else { return }
            entryBytes += entry.wireCount
            if entryBytes > limit { cursor = entry.key } else { entries.append(entry) }
        }

        mutating func add(_ wish: Wish) {
            guard !isFull else { return }
            wishBytes += wish.wireCount
            if wishBytes > limit { cursor = wish.range.lower } else { wishes.append(wish) }
        }

        mutating func add(_ span: Span) {
            guard !isFull else { return }
            spanBytes += span.wireCount(after: spans.isEmpty ? Bytes() : spans[spans.count - 1].range.upper)
            if spanBytes > limit { cursor = span.range.lower } else { spans.append(span) }
        }

        /// Adds the range that takes whatever did not fit.
        mutating func addRest(_ span: Span) { spans.append(span) }
    }
}
