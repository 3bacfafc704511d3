extension Broadcast {
    /// The messages of the recent past and something about each, oldest first.
    ///
    /// An array in the order of arrival, from whose front the old ones leave, and a hash table of places in it (open
    /// addressing, at most half full). Nothing ever walks the table, so that its order decides nothing.
    ///
    /// - Complexity: O(1) to find, add or drop one, amortised. Memory: at most four places of the table and two of the
    ///   array for each message that is kept.
    struct Recent<Value: Sendable>: Sendable {
        /// One message.
        struct Entry: Sendable {
            let id: MessageID
            /// The sweep before which it arrived.
            let sweep: UInt32
            /// What is kept about it.
            var value: Value
        }

        private var entries: [Entry] = []
        /// How many entries at the front have left.
        private var head = 0
        /// For each place of the table 1 + the index of an entry; 0 is free.
        private var places: [UInt32] = []

        /// How many messages there are.
        var count: Int { entries.count - head }

        /// Where the entries are that ``subscript(_:)`` reads, oldest first; adding and dropping changes it.
        var indices: Range<Int> { head..<entries.count }

        /// The entry at an index of ``indices``.
        subscript(index: Int) -> Entry {
            _read { yield entries[index] }
            _modify { yield &entries[index] }
        }

        /// The index of a message.
        func index(of id: MessageID) -> Int? {
            guard !places.isEmpty else { return nil }
            let mask = places.count - 1
            var place = Int(truncatingIfNeeded: id.hash & 0x7fff_ffff) & mask
            while places[place] != 0 {
                let index = Int(places[place]) - 1
                if entries[index].id == id { return index }
                place = (place + 1) & mask
            }
            return nil
        }

        /// Adds a message that is not there yet.
        mutating func append(_ id: MessageID, _ value: Value, sweep: UInt32) {
            if (count + 1) * 2 > places.count { rebuild(count * 4) }
            entries.append(Entry(id: id, sweep: sweep, value: value))
            occupy(entries.count - 1)
        }

        /// Drops the oldest message; there must be one.
        mutating func dropFirst() {
            release(head)
            head += 1
            guard head == entries.count || (head >= 32 && head * 2 >= entries.count) else { return }
            entries.removeFirst(head)
            head = 0
            rebuild(places.count)
        }

        /// Drops the messages of sweeps before this one.
        mutating func drop(before sweep: UInt32) {
            while head < entries.count, entries[head].sweep < sweep { dropFirst() }
        }

        private mutating func occupy(_ index: Int) {
            let mask = places.count - 1
            var place = Int(truncatingIfNeeded: entries[index].id.hash & 0x7fff_ffff) & mask
            while places[place] != 0 { place = (place + 1) & mask }
            places[place] = UInt32(index + 1)
        }

        /// Frees the place of an entry and closes the gap it leaves.
        ///
        /// Source: Knuth, "The Art of Computer Programming" 3, 6.4, algorithm R.
        private mutating func release(_ index: Int) {
            let mask = places.count - 1
            var gap = Int(truncatingIfNeeded: entries[index].id.hash & 0x7fff_ffff) & mask
            while Int(places[gap]) != index + 1 { gap = (gap + 1) & mask }
            var next = (gap + 1) & mask
            while places[next] != 0 {
                let home = Int(truncatingIfNeeded: entries[Int(places[next]) - 1].id.hash & 0x7fff_ffff) & mask
                if ((next - home) & mask) >= ((next - gap) & mask) {
                    places[gap] = places[next]
                    gap = next
                }
                next = (next + 1) & mask
            }
            places[gap] = 0
        }

        private mutating func rebuild(_ least: Int) {
            var size = 16
            while size < least { size *= 2 }
            places = [UInt32](repeating: 0, count: size)
            for index in indices { occupy(index) }
        }
    }
}
