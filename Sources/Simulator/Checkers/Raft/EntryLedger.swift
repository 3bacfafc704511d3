import MeshCore

/// Every log entry that was ever written in a run, by position and term: one content and one predecessor each.
///
/// When each (position, term) has one content and one term before it, logs that agree at one place agree on everything
/// before it, by induction.
struct EntryLedger: Sendable {
    private struct Slot: Sendable {
        var term: Raft.Term
        var fingerprint: UInt64
        var previousTerm: Raft.Term?
        var occasion: Occasion
        /// Whether a witness wrote it, which keeps no content.
        var isElided = false
    }

    private struct Place: Comparable, Sendable {
        var index: UInt64
        var term: UInt64

        static func < (left: Place, right: Place) -> Bool {
            left.index < right.index || (left.index == right.index && left.term < right.term)
        }
    }

    /// The entry that was written first at each position, which is nearly always the only one.
    private var first: [Slot?] = []
    private var others = SortedMap<Place, Slot>()

    /// A hash of everything an entry says.
    static func fingerprint(_ entry: Raft.Entry) -> UInt64 {
        var digest = Digest()
        entry.digest(into: &digest)
        return digest.value
    }

    /// Adds an entry that a node wrote.
    ///
    /// - Returns: The earlier occasion when the entry contradicts it.
    mutating func add(_ entry: Raft.Entry, previousTerm: Raft.Term?, _ occasion: Occasion) -> Occasion? {
        let index = Int(truncatingIfNeeded: entry.index.rawValue)
        while first.count <= index { first.append(nil) }
        var slot = Slot(
            term: entry.term, fingerprint: Self.fingerprint(entry), previousTerm: previousTerm, occasion: occasion)
        if case .elided = entry.payload { slot.isElided = true }
        guard let known = first[index] else {
            first[index] = slot
            return nil
        }
        if known.term == entry.term { return contradiction(known, slot) }
        let place = Place(index: entry.index.rawValue, term: entry.term.rawValue)
        guard let other = others[place] else {
            others[place] = slot
            return nil
        }
        return contradiction(other, slot)
    }

    /// When an entry of this position and term was written for the first time.
    func birth(of entry: Raft.Entry) -> Instant? {
        let index = Int(truncatingIfNeeded: entry.index.rawValue)
        if index < first.count, let known = first[index], known.term == entry.term { return known.occasion.time }
        return others[Place(index: entry.index.rawValue, term: entry.term.rawValue)]?.occasion.time
    }

    private func contradiction(_ known: Slot, _ slot: Slot) -> Occasion? {
        if !slot.isElided && known.fingerprint != slot.fingerprint { return known.occasion }
        guard let left = known.previousTerm, let right = slot.previousTerm else { return nil }
        return left == right ? nil : known.occasion
    }
}
