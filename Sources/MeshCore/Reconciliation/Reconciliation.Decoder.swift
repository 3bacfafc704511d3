extension Reconciliation {
    /// Takes the symbols of a difference apart.
    ///
    /// A symbol in which a single id is left shows it by its check. The id is taken out of all symbols it is mapped
    /// to, which leaves further symbols with a single id; when symbol 0, to which every id is mapped, is empty,
    /// everything is found.
    ///
    /// Whatever a hostile peer sends, no more ids are taken out than there are symbols, so that one piece of k symbols
    /// costs O(k log k) steps; after that the decoder ``isBroken``.
    ///
    /// Source: section 4.1 of the paper (peeling).
    public struct Decoder: Sendable {
        /// What the mapping and the checks are keyed with.
        public let salt: UInt64
        /// The ids that only the other side has, in the order in which they were found.
        public private(set) var remote: [UInt64] = []
        /// The ids that only this side has, in the order in which they were found.
        public private(set) var local: [UInt64] = []
        /// Whether the symbols cannot be those of any two sets.
        public private(set) var isBroken = false

        private var rest: [Symbol] = []
        /// What was found, with the first place behind the symbols, so that later symbols are cleared of it.
        private var found: [Found] = []
        private var waiting: [Int] = []

        private struct Found: Sendable {
            var symbol: Symbol
            var places: Indices
        }

        /// Creates a decoder that has seen nothing.
        public init(salt: UInt64) {
            self.salt = salt
        }

        /// How many symbols it has seen.
        public var count: Int { rest.count }

        /// Whether the whole difference is found.
        public var isDecoded: Bool { !isBroken && !rest.isEmpty && rest[0].isEmpty }

        /// Takes the next symbols.
        ///
        /// - Parameters:
        ///   - theirs: The other side's symbols from ``count`` on.
        ///   - mine: This side's symbols from place 0 on, at least as many as there are then.
        /// - Complexity: O(symbols times log symbols).
        public mutating func add(_ theirs: [Symbol], minus mine: Sketch) {
            let start = rest.count
            let end = start + theirs.count
            invariant(mine.count >= end, "there is a symbol of this side for each of the other side")
            rest.reserveCapacity(end)
            for offset in 0..<theirs.count { rest.append(theirs[offset] - mine.symbols[start + offset]) }
            for place in 0..<found.count { clear(found: place) }
            waiting.removeAll(keepingCapacity: true)
            for place in start..<end { waiting.append(place) }
            peel()
        }

        /// Takes an id that was found out of the symbols that came after it.
        private mutating func clear(found place: Int) {
            let end = UInt64(UInt(rest.count))
            let symbol = found[place].symbol
            while found[place].places.index < end {
                rest[Int(found[place].places.index)].subtract(symbol)
                found[place].places.advance()
            }
        }

        private mutating func peel() {
            while let place = waiting.popLast() {
                guard let single = single(at: place) else { continue }
                guard found.count < rest.count else {
                    isBroken = true
                    return
                }
                take(single)
            }
        }

        /// The only id in a symbol, with its sign, if there is only one.
        @inline(__always)
        private func single(at place: Int) -> (symbol: Symbol, isRemote: Bool)? {
            let left = rest[place]
            if left.isEmpty { return nil }
            if Reconciliation.symbol(of: left.sum, salt).check == left.check, isMapped(left.sum, to: place) {
                return (left, true)
            }
            let other = left.negated
            if Reconciliation.symbol(of: other.sum, salt).check == other.check, isMapped(other.sum, to: place) {
                return (left, false)
            }
            return nil
        }

        /// Whether an id belongs to a place: one more check, which gets stronger the later the symbol is.
        private func isMapped(_ id: UInt64, to place: Int) -> Bool {
            var places = Indices(of: id, salt)
            while places.index < UInt64(UInt(place)) { places.advance() }
            return places.index == UInt64(UInt(place))
        }

        private mutating func take(_ single: (symbol: Symbol, isRemote: Bool)) {
            let id = single.isRemote ? single.symbol.sum : 0 &- single.symbol.sum
            if single.isRemote { remote.append(id) } else { local.append(id) }
            var places = Indices(of: id, salt)
            let end = UInt64(UInt(rest.count))
            while places.index < end {
                let place = Int(places.index)
                rest[place].subtract(single.symbol)
                waiting.append(place)
                places.advance()
            }
            found.append(Found(symbol: single.symbol, places: places))
        }
    }
}
