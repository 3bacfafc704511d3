extension Gossip {
    /// Finds the key of an entry by the entry's hash.
    ///
    /// A table with open addressing: the hashes are uniform, so they are their own places. It is never walked through,
    /// so its order, which depends on history, decides nothing.
    struct Index: Sendable {
        /// Hashes, 0 for an empty place.
        ///
        /// The entry with the hash 0, one in 2^64, is not found and travels by ranges.
        private var hashes: [UInt64] = []
        private var keys: [Bytes] = []
        private(set) var count = 0

        /// The key of the entry with this hash.
        ///
        /// - Complexity: O(1) on average.
        func key(of hash: UInt64) -> Bytes? {
            guard !hashes.isEmpty, hash != 0 else { return nil }
            let place = place(of: hash)
            return hashes[place] == hash ? keys[place] : nil
        }

        /// Remembers the key of an entry.
        ///
        /// - Complexity: O(1) on average; growing, once in as many insertions as there are, moves all.
        mutating func insert(_ hash: UInt64, _ key: Bytes) {
            guard hash != 0 else { return }
            if 4 * (count + 1) > 3 * hashes.count { grow() }
            let place = place(of: hash)
            if hashes[place] == 0 { count += 1 }
            hashes[place] = hash
            keys[place] = key
        }

        /// Forgets an entry.
        ///
        /// - Complexity: O(1) on average.
        mutating func remove(_ hash: UInt64) {
            guard !hashes.isEmpty, hash != 0 else { return }
            var hole = place(of: hash)
            guard hashes[hole] == hash else { return }
            count -= 1
            let mask = hashes.count - 1
            // What stands behind the hole and is not at its own place moves up, so that no search ends too early.
            var next = (hole + 1) & mask
            while hashes[next] != 0 {
                let home = Int(truncatingIfNeeded: hashes[next]) & mask
                if (next - home) & mask >= (next - hole) & mask {
                    hashes[hole] = hashes[next]
                    keys[hole] = keys[next]
                    hole = next
                }
                next = (next + 1) & mask
            }
            hashes[hole] = 0
            keys[hole] = Bytes()
        }

        /// Where a hash is, or the empty place where it belongs.
        private func place(of hash: UInt64) -> Int {
            let mask = hashes.count - 1
            var place = Int(truncatingIfNeeded: hash) & mask
            while hashes[place] != 0, hashes[place] != hash { place = (place + 1) & mask }
            return place
        }

        private mutating func grow() {
            let old = (hashes, keys)
            let size = hashes.isEmpty ? 8 : 2 * hashes.count
            hashes = [UInt64](repeating: 0, count: size)
            keys = [Bytes](repeating: Bytes(), count: size)
            for index in 0..<old.0.count where old.0[index] != 0 {
                let place = place(of: old.0[index])
                hashes[place] = old.0[index]
                keys[place] = old.1[index]
            }
        }
    }
}
