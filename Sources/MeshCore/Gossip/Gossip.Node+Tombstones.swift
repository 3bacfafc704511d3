extension Gossip {
    /// When values end and when deletions may be forgotten.
    ///
    /// A value whose time is over becomes a deletion of the same version in the next round. So it is forgotten like
    /// one, and until then keeps older values of its key away like one.
    ///
    /// The rule: a deletion is forgotten ``Settings/tombstoneRetention`` after its stamp, or after the end of the
    /// value. By then every node that was cut off for less than that has taken it over, so no older value is left that
    /// could come back. A node that has forgotten it does not take it in again, so that deletions die out although
    /// nodes forget at different times.
    ///
    /// Age is the smaller of two measures: the node's clock, and the time at its start plus the rounds since. A clock
    /// that jumps ahead therefore forgets nothing too early; a paused node only forgets later.
    struct Graves: Sendable {
        /// Deletions, the oldest first.
        private var waiting = MinHeap<Grave>()
        /// Values that expire, the first to go on top.
        private var dying = MinHeap<Grave>()
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
        var dyingCount: Int { dying.count }

        /// Takes note of a deletion, or of a value that expires.
        mutating func insert(_ entry: Entry) {
            if entry.isTombstone {
                waiting.insert(Grave(stamp: entry.graveStamp, key: entry.key))
            } else if let expires = entry.expires {
                dying.insert(Grave(stamp: expires, key: entry.key))
            }
        }

        /// How late it is, by the more careful measure.
        private func age(at now: Instant) -> Instant { elapsed < now ? elapsed : now }

        /// Whether the time of a value is over.
        func isOver(_ entry: Entry, at now: Instant) -> Bool {
            guard let expires = entry.expires else { return false }
            return expires < Stamp(wall: age(at: now))
        }

        /// The first value whose time is over.
        mutating func popEnded(at now: Instant) -> Grave? {
            guard let first = dying.first, first.stamp < Stamp(wall: age(at: now)) else { return nil }
            return dying.popFirst()
        }

        /// Drops what does not expire any more.
        mutating func filterDying(_ isKept: (Grave) -> Bool) { dying.filter(isKept) }

        /// Begins to count rounds.
        mutating func start(at now: Instant) { elapsed = now }

        /// Counts a round.
        mutating func advance(by interval: Interval) { elapsed = elapsed + interval }

        /// Deletions stamped before this are forgotten.
        func horizon(_ settings: Settings, at now: Instant) -> Stamp {
            Stamp(wall: age(at: now) - settings.tombstoneRetention)
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

    /// Turns values whose time is over into deletions.
    ///
    /// Every node does so by itself, and one that is late takes it over from the others: the deletion has the version
    /// of the value and wins over it.
    ///
    /// - Complexity: O(log values that expire) for each one.
    mutating func endValues(at now: Instant, into outbox: inout Effects) {
        var ended = 0
        while ended < Gossip.Node.forgetLimit, let grave = graves.popEnded(at: now) {
            guard let entry = replica.store.entry(grave.key), entry.isExpiring, entry.expires == grave.stamp else {
                continue
            }
            #if MUTANTS
            if Mutant.expiryForgotten.isPlanted {
                replica.remove(grave.key)
                persist(.forget(key: grave.key), into: &outbox)
                continue
            }
            #endif
            put(entry.withered, into: &outbox)
            report(entry.withered, into: &outbox)
            ended += 1
        }
        let store = replica.store
        if graves.dyingCount > 2 * store.expiringCount + 64 {
            graves.filterDying { grave in
                guard let entry = store.entry(grave.key) else { return false }
                return entry.isExpiring && entry.expires == grave.stamp
            }
        }
    }

    /// Forgets deletions that are older than the retention.
    ///
    /// - Complexity: O(log deletions) for each one.
    mutating func forgetTombstones(at now: Instant, into outbox: inout Effects) {
        #if MUTANTS
        let horizon = Mutant.deletionForgotten.isPlanted ? Gossip.Stamp.limit : graves.horizon(settings, at: now)
        #else
        let horizon = graves.horizon(settings, at: now)
        #endif
        var forgotten = 0
        while forgotten < Gossip.Node.forgetLimit, let grave = graves.popFirst(before: horizon) {
            guard let entry = replica.store.entry(grave.key), entry.isTombstone, entry.graveStamp == grave.stamp else {
                continue
            }
            replica.remove(grave.key)
            persist(.forget(key: grave.key), into: &outbox)
            forgotten += 1
        }
        // A key deleted again and again leaves its old graves behind; they go when they are the majority.
        let store = replica.store
        if graves.count > 2 * store.tombstoneCount + 64 {
            graves.filter { grave in
                guard let entry = store.entry(grave.key) else { return false }
                return entry.isTombstone && entry.graveStamp == grave.stamp
            }
        }
    }
}
