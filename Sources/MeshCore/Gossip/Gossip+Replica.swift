extension Gossip {
    /// The entries of a node with everything that comparing them needs, kept in step by every change.
    struct Replica: Sendable {
        /// The entries in the order of their keys.
        private(set) var store: Store
        private var index = Index()
        private var sketch: Reconciliation.Sketch
        /// From which a peer guesses how much differs.
        private(set) var strata = Reconciliation.Strata()

        /// Creates a replica without entries.
        init(_ key: KeyedHash.Key) {
            self.store = Store(key)
            self.sketch = Reconciliation.Sketch(salt: Replica.salt(key))
        }

        /// Takes entries over.
        ///
        /// - Complexity: O(entries).
        init(_ stored: Store, _ key: KeyedHash.Key) {
            self.init(key)
            if stored.key == key {
                store = stored
                stored.forEach(in: .all) { slot in
                    index.insert(slot.hash, slot.entry.key)
                    strata.insert(slot.hash, salt: sketch.salt)
                    return true
                }
            } else {
                stored.forEach(in: .all) { slot in
                    put(slot.entry)
                    return true
                }
            }
        }

        /// What mapping and checks are keyed with: it tells nothing of the key that entries are hashed with.
        static func salt(_ key: KeyedHash.Key) -> UInt64 {
            var hash = KeyedHash(key)
            hash.mix(0x7379_6d62_6f6c_7321)
            return hash.finish()
        }

        /// The sum of all entries' hashes.
        var hash: UInt64 { store.hash }
        /// How many entries there are, tombstones included.
        var count: Int { store.count }
        /// What decoders are made with.
        var salt: UInt64 { sketch.salt }

        /// Stores an entry in place of whatever its key had.
        ///
        /// - Complexity: O(log count), plus O(log symbols).
        mutating func put(_ entry: Entry) {
            let (new, old) = store.put(entry)
            if let old { leave(old) }
            index.insert(new, entry.key)
            sketch.insert(new)
            strata.insert(new, salt: sketch.salt)
        }

        /// Forgets a key.
        mutating func remove(_ key: Bytes) {
            if let old = store.remove(key) { leave(old) }
        }

        private mutating func leave(_ hash: UInt64) {
            index.remove(hash)
            sketch.remove(hash)
            strata.remove(hash, salt: sketch.salt)
        }

        /// The entry with this hash.
        ///
        /// - Complexity: O(log count).
        func entry(hashed hash: UInt64) -> Entry? { index.key(of: hash).flatMap { store.entry($0) } }

        /// Whether there is an entry with this hash.
        func holds(_ hash: UInt64) -> Bool { index.key(of: hash) != nil }

        /// The state as it is now, for a stream of symbols that goes on while the state changes.
        ///
        /// - Complexity: O(1); the next change copies what it touches.
        var view: View { View(store: store, sketch: sketch) }

        /// The first symbols, at least so many.
        ///
        /// - Complexity: O(1) when there were as many before, otherwise O(count).
        mutating func sketch(of count: Int) -> Reconciliation.Sketch {
            sketch.grow(to: count, over: store)
            return sketch
        }
    }

    /// A state that stays as it was.
    struct View: Sendable {
        let store: Store
        private var sketch: Reconciliation.Sketch

        init(store: Store, sketch: Reconciliation.Sketch) {
            self.store = store
            self.sketch = sketch
        }

        var hash: UInt64 { store.hash }

        /// The first symbols, at least so many.
        mutating func sketch(of count: Int) -> Reconciliation.Sketch {
            sketch.grow(to: count, over: store)
            return sketch
        }
    }
}

extension Reconciliation.Sketch {
    /// Makes the sketch at least this long, or twice as long as it was: a peer that asks for one symbol more each time
    /// must not have the state walked each time.
    ///
    /// - Complexity: O(entries log `count`) when it was shorter.
    fileprivate mutating func grow(to count: Int, over store: Gossip.Store) {
        guard count > self.count else { return }
        extend(to: max(count, 2 * self.count)) { show in store.forEachHash(show) }
    }
}
