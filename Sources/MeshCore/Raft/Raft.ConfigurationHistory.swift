extension Raft {
    /// The configurations that the log of a node holds, after the one its snapshot ends with.
    ///
    /// A configuration is in force as soon as it is appended (thesis, section 4.1), so a truncated log falls back to
    /// the one before.
    struct ConfigurationHistory: Sendable {
        /// A configuration and the position of its entry.
        struct Place: Sendable {
            let index: LogIndex
            let configuration: Configuration
        }

        /// Ascending; the first is in force at the snapshot, or was at the founding, and always there.
        private var places: [Place]

        /// Starts with what is in force at `index`.
        init(_ configuration: Configuration, at index: LogIndex = .zero) {
            self.places = [Place(index: index, configuration: configuration)]
        }

        /// The latest, which is in force.
        var latest: Place { places[places.count - 1] }

        /// The one before the latest, as far as it is still known.
        var previous: Configuration? { places.count > 1 ? places[places.count - 2].configuration : nil }

        /// Adds what an entry puts in force.
        ///
        /// - Complexity: O(1), amortised.
        mutating func append(_ configuration: Configuration, at index: LogIndex) {
            #if !MUTANTS
            invariant(index > latest.index, "configurations follow each other along the log")
            #endif
            places.append(Place(index: index, configuration: configuration))
        }

        /// Falls back to what was in force before `index`.
        ///
        /// - Returns: Whether that is another one than the latest was.
        /// - Complexity: O(number of configurations removed).
        mutating func truncate(from index: LogIndex) -> Bool {
            guard places.count > 1, latest.index >= index else { return false }
            while places.count > 1, latest.index >= index { places.removeLast() }
            return true
        }

        /// What is in force at a position that is not before the snapshot.
        ///
        /// - Complexity: O(number of later configurations).
        func inForce(at index: LogIndex) -> Configuration {
            var place = places.count - 1
            while place > 0, places[place].index > index { place -= 1 }
            return places[place].configuration
        }

        /// Forgets what a snapshot up to `index` replaces.
        ///
        /// - Complexity: O(number of configurations).
        mutating func compact(upTo index: LogIndex) {
            var count = 0
            while count + 1 < places.count, places[count + 1].index <= index { count += 1 }
            if count > 0 { places.removeFirst(count) }
        }
    }
}
