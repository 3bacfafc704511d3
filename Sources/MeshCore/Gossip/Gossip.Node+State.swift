extension Gossip.Node {
    /// The value of a key; `nil` when it was never written or is deleted.
    ///
    /// - Complexity: O(log entries).
    public func value(of key: Bytes) -> Bytes? { replica.store.entry(key)?.value }

    /// The version of the newest known write to a key, a deletion included.
    ///
    /// - Complexity: O(log entries).
    public func version(of key: Bytes) -> Gossip.Version? { replica.store.entry(key)?.version }

    /// How many keys have a value.
    public var keyCount: Int { replica.store.count - replica.store.tombstoneCount }

    /// How many deletions are remembered.
    public var tombstoneCount: Int { replica.store.tombstoneCount }

    /// A hash of the whole state, deletions included; two nodes agree when it is equal.
    ///
    /// Kept up to date with every change. Not cryptographic: a peer who wants two different states to look equal can
    /// manage.
    public var stateHash: UInt64 { replica.store.hash }

    /// Shows every entry, deletions included, in the order of the keys.
    ///
    /// - Complexity: O(entries).
    public func forEachEntry(_ body: (Gossip.Entry) -> Void) {
        replica.store.forEach(in: .all) { slot in
            body(slot.entry)
            return true
        }
    }

    /// Writes, stores, tells, and pushes: in this order, so that nobody hears of a write that a crash could undo.
    ///
    /// - Parameter life: After how long the value is gone; `nil` is never.
    mutating func handleWrite(
        _ key: Bytes, _ value: Bytes?, for life: Interval?, at now: Instant, into outbox: inout Effects
    ) {
        guard key.count <= settings.maxKeyBytes else {
            outbox.output(.rejected(key: key, .keyTooLong(key.count, limit: settings.maxKeyBytes)))
            return
        }
        if let value, value.count > settings.maxValueBytes {
            outbox.output(.rejected(key: key, .valueTooLong(value.count, limit: settings.maxValueBytes)))
            return
        }
        let version = Gossip.Version(stamp: clock.now(wall: now), origin: id)
        let expires = life.map { version.stamp.advanced(by: $0) }
        let entry = Gossip.Entry(key: key, value: value, version: version, expires: expires)
        #if MUTANTS
        if Mutant.storedBeforeDurable.isPlanted {
            outbox.output(.stored(key: key, version: version))
            return put(entry, into: &outbox)
        }
        #endif
        put(entry, into: &outbox)
        outbox.output(.stored(key: key, version: version))
        report(entry, into: &outbox)
        if settings.pushesOnSet { spread([entry], except: nil, at: now, into: &outbox) }
    }

    /// Takes an entry of a peer over when it is newer than what is here.
    ///
    /// - Parameter isPush: Whether it came as news; then what is older than the horizon is a stray and is refused.
    /// - Returns: What became of it.
    mutating func take(
        _ entry: Gossip.Entry, isPush: Bool, from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) -> Taking {
        let valueBytes = entry.value?.count ?? 0
        guard entry.key.count <= settings.maxKeyBytes, valueBytes <= settings.maxValueBytes else {
            return .ignored(.oversized(keyBytes: entry.key.count, valueBytes: valueBytes, from: peer))
        }
        if entry.isTombstone, let expires = entry.expires, expires.lead(over: now) > settings.driftLimit {
            return .ignored(.tooFarAhead(key: entry.key, version: entry.version, from: peer))
        }
        #if MUTANTS
        if Mutant.middleTakenForKnown.isPlanted, hasNewer(than: entry) { return .known }
        #endif
        // A value whose time is over is taken for what it is, so that nobody sees it again.
        let entry = entry.isExpiring && graves.isOver(entry, at: now) ? entry.withered : entry
        if let held = replica.store.entry(entry.key) {
            guard entry.supersedes(held) else { return .known }
        } else if entry.graveStamp < graves.horizon(settings, at: now), isPush || entry.isTombstone {
            return .ignored(.expired(key: entry.key, version: entry.version, from: peer))
        }
        do throws(ClockError) {
            try clock.receive(entry.version.stamp, wall: now)
        } catch {
            return .ignored(.tooFarAhead(key: entry.key, version: entry.version, from: peer))
        }
        put(entry, into: &outbox)
        report(entry, into: &outbox)
        return .taken
    }

    #if MUTANTS
    private func hasNewer(than entry: Gossip.Entry) -> Bool {
        var found = false
        forEachEntry { held in
            if held.version.origin == entry.version.origin, entry.version < held.version { found = true }
        }
        return found
    }
    #endif

    /// What became of a received entry.
    enum Taking {
        /// It is now the newest.
        case taken
        /// It is not newer than what was here.
        case known
        /// It is not acceptable.
        case ignored(Gossip.Ignored)
    }

    mutating func put(_ entry: Gossip.Entry, into outbox: inout Effects) {
        replica.put(entry)
        graves.insert(entry)
        persist(.put(entry), into: &outbox)
    }

    func report(_ entry: Gossip.Entry, into outbox: inout Effects) {
        guard subscriptions.matches(entry.key) else { return }
        outbox.output(.changed(key: entry.key, value: entry.value, version: entry.version))
    }

    /// Remembers a pattern and reports what matches it now.
    ///
    /// - Complexity: O(log entries + matches).
    mutating func handleSubscribe(_ pattern: Bytes, into outbox: inout Effects) {
        subscriptions.insert(pattern)
        guard let prefix = Gossip.Subscriptions.prefix(of: pattern) else {
            if let entry = replica.store.entry(pattern), !entry.isTombstone { report(entry, into: &outbox) }
            return
        }
        var found: [Gossip.Entry] = []
        replica.store.forEach(in: Gossip.KeyRange(prefix, nil)) { slot in
            guard slot.entry.key.hasPrefix(prefix) else { return false }
            if !slot.entry.isTombstone { found.append(slot.entry) }
            return true
        }
        for entry in found { report(entry, into: &outbox) }
    }
}
