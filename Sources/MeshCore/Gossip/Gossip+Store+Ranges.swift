extension Gossip.Store {
    /// The place of the first entry at or after a key, normalised: never behind the last slot of a chunk.
    func place(atOrAfter key: Bytes) -> Place {
        let place = find(key).place
        if place.chunk < chunks.count, place.slot == chunks[place.chunk].slots.count {
            return Place(chunk: place.chunk + 1, slot: 0)
        }
        return place
    }

    /// The places between which a range lies.
    private func bounds(of range: Gossip.KeyRange) -> (start: Place, end: Place) {
        let start = range.lower.isEmpty ? Place(chunk: 0, slot: 0) : place(atOrAfter: range.lower)
        guard let upper = range.upper else { return (start, Place(chunk: chunks.count, slot: 0)) }
        return (start, place(atOrAfter: upper))
    }

    /// Hash and count of a range.
    ///
    /// - Complexity: O(chunk + chunks inside the range).
    func fingerprint(_ range: Gossip.KeyRange) -> Gossip.Fingerprint {
        if range.lower.isEmpty, range.upper == nil { return Gossip.Fingerprint(hash: hash, count: count) }
        var result: UInt64 = 0
        var total = 0
        forEachStretch(of: range) { chunk, start, end in
            total += end - start
            if end - start == chunks[chunk].slots.count {
                result = result &+ chunks[chunk].hash
            } else {
                for index in start..<end { result = result &+ chunks[chunk].slots[index].hash }
            }
        }
        return Gossip.Fingerprint(hash: result, count: total)
    }

    /// The hashes of a range's entries in the order of their keys.
    ///
    /// - Complexity: O(log count + entries in the range).
    func hashes(_ range: Gossip.KeyRange) -> [UInt64] {
        var result: [UInt64] = []
        forEach(in: range) { slot in
            result.append(slot.hash)
            return true
        }
        return result
    }

    /// Shows the entries of a range in the order of their keys until `body` returns `false`.
    ///
    /// - Complexity: O(log count + entries shown).
    func forEach(in range: Gossip.KeyRange, _ body: (Slot) -> Bool) {
        let (start, end) = bounds(of: range)
        var place = start
        while place.chunk < chunks.count, place.chunk < end.chunk || (place.chunk == end.chunk && place.slot < end.slot)
        {
            guard body(chunks[place.chunk].slots[place.slot]) else { return }
            place.slot += 1
            if place.slot == chunks[place.chunk].slots.count { place = Place(chunk: place.chunk + 1, slot: 0) }
        }
    }

    /// Shows the hash of every entry.
    ///
    /// - Complexity: O(count).
    func forEachHash(_ body: (UInt64) -> Void) {
        for chunk in 0..<chunks.count {
            for slot in 0..<chunks[chunk].slots.count { body(chunks[chunk].slots[slot].hash) }
        }
    }

    /// Cuts a range into parts with about equally many entries.
    ///
    /// - Parameter parts: How many parts at most.
    /// - Returns: The bounds between the parts, each as short as it can be.
    /// - Complexity: O(chunk + chunks inside the range).
    func split(_ range: Gossip.KeyRange, into parts: Int, total: Int) -> [Bytes] {
        var separators: [Bytes] = []
        var passed = 0
        var part = 1
        var previous: Bytes?
        forEachStretch(of: range) { chunk, start, end in
            while part < parts {
                // The entry that begins this part, counted from the start of the range.
                let target = Int(Int64(total) * Int64(part) / Int64(parts))
                guard target < passed + (end - start) else { break }
                let index = start + (target - passed)
                let slots = chunks[chunk].slots
                if let before = index > start ? slots[index - 1].entry.key : previous {
                    separators.append(Gossip.Store.separator(before, slots[index].entry.key))
                }
                part += 1
            }
            passed += end - start
            previous = chunks[chunk].slots[end - 1].entry.key
        }
        return separators
    }

    /// The shortest key above `low` and not above `high`; `low` must be smaller than `high`.
    static func separator(_ low: Bytes, _ high: Bytes) -> Bytes {
        var shared = 0
        while shared < low.count, shared < high.count, low[shared] == high[shared] { shared += 1 }
        return high.part(0..<(shared + 1))
    }

    /// Shows the stretches of chunks that make up a range: the chunk and its slots from `start` to below `end`.
    private func forEachStretch(of range: Gossip.KeyRange, _ body: (_ chunk: Int, _ start: Int, _ end: Int) -> Void) {
        let (start, end) = bounds(of: range)
        var chunk = start.chunk
        while chunk < chunks.count, chunk <= end.chunk {
            let first = chunk == start.chunk ? start.slot : 0
            let last = chunk == end.chunk ? end.slot : chunks[chunk].slots.count
            if first < last { body(chunk, first, last) }
            chunk += 1
        }
    }
}
