extension Linearizability {
    /// The configurations that the search has been in: which operations have taken effect, and the state.
    ///
    /// A hash table with open addressing over words of one length; equal hashes are compared word by word, so that two
    /// configurations are never taken for one.
    struct ConfigurationCache: Sendable {
        private let width: Int
        private var words: [UInt64] = []
        private var hashes: [UInt64] = []
        /// One more than the position in `hashes`; 0 is free.
        private var slots: [Int32]

        /// Creates an empty cache of configurations of so many words.
        init(width: Int) {
            self.width = width
            self.slots = [Int32](repeating: 0, count: 64)
        }

        /// Adds a configuration.
        ///
        /// - Returns: Whether it was new.
        /// - Complexity: O(`width`), amortised.
        mutating func insert(_ configuration: [UInt64], hash: UInt64) -> Bool {
            if hashes.count * 2 >= slots.count { grow() }
            let mask = slots.count - 1
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 {
                let position = Int(slots[slot]) - 1
                if hashes[position] == hash, isEqual(configuration, at: position) { return false }
                slot = (slot + 1) & mask
            }
            hashes.append(hash)
            slots[slot] = Int32(truncatingIfNeeded: hashes.count)
            for index in 0..<width { words.append(configuration[index]) }
            return true
        }

        private func isEqual(_ configuration: [UInt64], at position: Int) -> Bool {
            let start = position * width
            for index in 0..<width where words[start + index] != configuration[index] { return false }
            return true
        }

        private mutating func grow() {
            slots = [Int32](repeating: 0, count: slots.count * 4)
            let mask = slots.count - 1
            for position in 0..<hashes.count {
                var slot = Int(truncatingIfNeeded: hashes[position]) & mask
                while slots[slot] != 0 { slot = (slot + 1) & mask }
                slots[slot] = Int32(truncatingIfNeeded: position + 1)
            }
        }
    }
}
