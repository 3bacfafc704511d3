extension Gossip {
    /// When deletions may be forgotten.
    ///
    /// The rule: a deletion is forgotten ``Settings/tombstoneRetention`` after its stamp. By then every node that was
    /// cut off for less than that has taken it over, so no older value is left that could come back. A node that has
    /// forgotten it does not take it in again, so that deletions die out although nodes forget at different times.
    ///
    /// Age is the smaller of two measures: the node's clock, and the time at its start plus the rounds since. A clock
    /// that jumps ahead therefore forgets nothing too early; a paused node only forgets later.
    struct Graves: Sendable {
        /// Deletions, the oldest first.
        private var waiting = MinHeap<Grave>()
        /// The start of this life plus the rounds since.
        private var elapsed = Instant.distantFuture

        /// A deletion and when it happened.
        struct Grave: Comparable, Sendable {
            let stamp: Stamp
            let key: Bytes

            static func < (left: Grave, right: Grave) -> Bool {
                left.stamp == right.stamp ? left.key < right.key : left.stamp < right.stamp
            }
        }

        var count: Int { waiting.count }

        mutating func insert(_ entry: Entry) {
            waiting.insert(Grave(stamp: entry.version.stamp, key: entry.key))
        }

        /// Begins to count rounds.
        mutating func start(at now: Instant) { elapsed = now }

        /// Counts a round.
        mutating func advance(by interval: Interval) { elapsed = elapsed + interval }

        /// Deletions stamped before this are forgotten.
        func horizon(_ settings: Settings, at now: Instant) -> Stamp {
            let sooner = elapsed < now ? elapsed : now
            return Stamp(wall: sooner - settings.tombstoneRetention)
        }

        /// The oldest deletion, when it is before the horizon.
        mutating func popFirst(before horizon: Stamp) -> Grave? {
            guard let first = waiting.first, first.stamp < horizon else { return nil }
            return waiting.popFirst()
        }

        /// Drops what is no deletion any more.
        mutating func filter(_ isKept: (Grave) -> Bool) { waiting.filter(isKept) }
    }
}

extension Gossip.Node {
    /// The most deletions forgotten in one round, so that no round takes long.
    static var forgetLimit: Int { 1_024 }

    /// Forgets deletions that are older than the retention.
    ///
    /// - Complexity: O(log deletions) for each one.
    mutating func forgetTombstones(at now: Instant, into outbox: inout Effects) {
        graves.advance(by: settings.interval)
        let horizon = graves.horizon(settings, at: now)
        var forgotten = 0
        while forgotten < Gossip.Node.forgetLimit, let grave = graves.popFirst(before: horizon) {
            guard let entry = store.entry(grave.key), entry.isTombstone, entry.version.stamp == grave.stamp else {
                continue
            }
            store.remove(grave.key)
            persist(.forget(key: grave.key), into: &outbox)
            forgotten += 1
        }
        // A key deleted again and again leaves its old graves behind; they go when they are the majority.
        if graves.count > 2 * store.tombstoneCount + 64 {
            graves.filter { grave in
                guard let entry = store.entry(grave.key) else { return false }
                return entry.isTombstone && entry.version.stamp == grave.stamp
            }
        }
    }
}
