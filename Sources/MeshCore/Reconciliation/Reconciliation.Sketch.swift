extension Reconciliation {
    /// The first coded symbols of a set, kept up to date.
    ///
    /// An empty sketch costs nothing to keep; one of m symbols costs about 2 ln(m) additions for each insertion or
    /// removal, 14 for a thousand symbols. So a set of a million ids answers a comparison by reading, not by walking.
    public struct Sketch: Hashable, Sendable {
        /// What the mapping and the checks are keyed with; both sides must use the same.
        public let salt: UInt64
        /// The symbols, from place 0 on.
        public private(set) var symbols: [Symbol] = []

        /// The most symbols a sketch may have.
        public static let limit = 1 << 20

        /// Creates a sketch without symbols.
        public init(salt: UInt64) {
            self.salt = salt
        }

        /// How many symbols there are.
        public var count: Int { symbols.count }

        /// Takes an id into account.
        ///
        /// - Complexity: O(log ``count``) on average.
        public mutating func insert(_ id: UInt64) {
            let symbol = Reconciliation.symbol(of: id, salt)
            let end = UInt64(UInt(symbols.count))
            var places = Indices(of: id, salt)
            while places.index < end {
                symbols[Int(places.index)].add(symbol)
                places.advance()
            }
        }

        /// Takes an id out again; it must have been inserted.
        ///
        /// - Complexity: O(log ``count``) on average.
        public mutating func remove(_ id: UInt64) {
            let symbol = Reconciliation.symbol(of: id, salt)
            let end = UInt64(UInt(symbols.count))
            var places = Indices(of: id, salt)
            while places.index < end {
                symbols[Int(places.index)].subtract(symbol)
                places.advance()
            }
        }

        /// Makes the sketch at least this long.
        ///
        /// - Parameters:
        ///   - count: The symbols that are needed; more than ``limit`` are not made.
        ///   - forEach: Shows every id of the set once.
        /// - Complexity: O(ids times log `count`), once for each length; insertions keep it up to date from then on.
        public mutating func extend(to count: Int, over forEach: ((UInt64) -> Void) -> Void) {
            let wanted = count < Sketch.limit ? count : Sketch.limit
            guard wanted > symbols.count else { return }
            let start = UInt64(UInt(symbols.count))
            var longer: [Symbol] = []
            swap(&longer, &symbols)
            longer.reserveCapacity(wanted)
            for _ in longer.count..<wanted { longer.append(Symbol()) }
            let salt = salt
            forEach { id in
                let symbol = Reconciliation.symbol(of: id, salt)
                var places = Indices(of: id, salt)
                while places.index < start { places.advance() }
                while places.index < UInt64(UInt(wanted)) {
                    longer[Int(places.index)].add(symbol)
                    places.advance()
                }
            }
            symbols = longer
        }
    }
}
