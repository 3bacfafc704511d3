extension Gossip.Node {
    /// The value of a key; `nil` when it was never written or is deleted.
    ///
    /// - Complexity: O(log entries).
    public func value(of key: Bytes) -> Bytes? { store.entry(key)?.value }

    /// The version of the newest known write to a key, a deletion included.
    ///
    /// - Complexity: O(log entries).
    public func version(of key: Bytes) -> Gossip.Version? { store.entry(key)?.version }

    /// How many keys have a value.
    public var keyCount: Int { store.count - store.tombstoneCount }

    /// How many deletions are remembered.
    public var tombstoneCount: Int { store.tombstoneCount }

    /// A hash of the whole state, deletions included; two nodes agree when it is equal.
    ///
    /// Kept up to date with every change. Not cryptographic: a peer who wants two different states to look equal can
    /// manage.
    public var stateHash: UInt64 { store.hash }

    /// Shows every entry, deletions included, in the order of the keys.
    ///
    /// - Complexity: O(entries).
    public func forEachEntry(_ body: (Gossip.Entry) -> Void) {
        store.forEach(in: .all) { slot in
            body(slot.entry)
            return true
        }
    }

    /// Writes, stores, tells, and pushes: in this order, so that nobody hears of a write that a crash could undo.
    mutating func handleWrite(_ key: Bytes, _ value: Bytes?, at now: Instant, into outbox: inout Effects) {
        guard key.count <= settings.maxKeyBytes else {
            outbox.output(.rejected(key: key, .keyTooLong(key.count, limit: settings.maxKeyBytes)))
            return
        }
        if let value, value.count > settings.maxValueBytes {
            outbox.output(.rejected(key: key, .valueTooLong(value.count, limit: settings.maxValueBytes)))
            return
        }
        let version = Gossip.Version(stamp: clock.now(wall: now), origin: id)
        let entry = Gossip.Entry(key: key, value: value, version: version)
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
        if let held = store.entry(entry.key) {
            guard entry.supersedes(held) else { return .known }
        } else if isPush || entry.isTombstone, entry.version.stamp < graves.horizon(settings, at: now) {
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

    /// What became of a received entry.
    enum Taking {
        /// It is now the newest.
        case taken
        /// It is not newer than what was here.
        case known
        /// It is not acceptable.
        case ignored(Gossip.Ignored)
    }

    private mutating func put(_ entry: Gossip.Entry, into outbox: inout Effects) {
        store.put(entry)
        if entry.isTombstone { graves.insert(entry) }
        persist(.put(entry), into: &outbox)
    }

    private func report(_ entry: Gossip.Entry, into outbox: inout Effects) {
        guard subscriptions.matches(entry.key) else { return }
        outbox.output(.changed(key: entry.key, value: entry.value, version: entry.version))
    }

    /// Remembers a pattern and reports what matches it now.
    ///
    /// - Complexity: O(log entries + matches).
    mutating func handleSubscribe(_ pattern: Bytes, into outbox: inout Effects) {
        subscriptions.insert(pattern)
        guard let prefix = Gossip.Subscriptions.prefix(of: pattern) else {
            if let entry = store.entry(pattern), !entry.isTombstone { report(entry, into: &outbox) }
            return
        }
        var found: [Gossip.Entry] = []
        store.forEach(in: Gossip.KeyRange(prefix, nil)) { slot in
            guard slot.entry.key.hasPrefix(prefix) else { return false }
            if !slot.entry.isTombstone { found.append(slot.entry) }
            return true
        }
        for entry in found { report(entry, into: &outbox) }
    }
}
