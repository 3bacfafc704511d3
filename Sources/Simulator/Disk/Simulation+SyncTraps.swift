public import MeshCore

/// A crash that waits for a sync of a disk.
@usableFromInline
struct SyncTrap: Sendable {
    /// The zero-based position of the node.
    @usableFromInline var host: Int
    /// How many syncs are left, the one it waits for included.
    @usableFromInline var left: UInt64
    /// Whether it comes before the sync takes effect.
    @usableFromInline var isBefore: Bool
    /// What the crash leaves.
    @usableFromInline var mode: CrashMode
    /// How long the node is down; `nil` for good.
    @usableFromInline var downTime: Interval?
}

extension Simulation {
    /// Crashes a node at one of its next syncs, of the log or of an image.
    ///
    /// This is the boundary of durability, exactly: before the sync, what it would have made durable is not; after
    /// it, all of it is, and the node has neither been told nor let go what waited for it.
    ///
    /// - Parameters:
    ///   - node: The node.
    ///   - count: Which sync, from 1, counted from now, over restarts.
    ///   - isBefore: Whether it crashes before the sync takes effect, or right after it.
    ///   - mode: What the crash leaves of what is not durable.
    ///   - downTime: How long it is down; `nil` leaves it down.
    public mutating func crash(
        _ node: NodeID, atSync count: UInt64, isBefore: Bool, _ mode: CrashMode, downTime: Interval?
    ) {
        let host = position(node)
        digestInput(Mark.diskFault, host, max(count, 1) << 1 | (isBefore ? 1 : 0), 5)
        syncTraps.append(
            SyncTrap(host: host, left: max(count, 1), isBefore: isBefore, mode: mode, downTime: downTime))
    }

    /// Takes back every crash that waits for a sync.
    public mutating func disarmCrashes() { syncTraps.removeAll() }

    /// How many syncs of a node's disk have taken effect, of the log and of images.
    public func syncCount(of node: NodeID) -> UInt64 { hosts[position(node)].lanes.syncCount }

    /// Counts a sync of a node's disk for the crashes that wait.
    ///
    /// - Returns: The crash that has waited for this moment.
    @usableFromInline
    mutating func springTrap(_ host: Int, isBefore: Bool) -> SyncTrap? {
        var sprung: Int?
        for index in 0..<syncTraps.count where syncTraps[index].host == host && syncTraps[index].isBefore == isBefore {
            syncTraps[index].left -= 1
            if syncTraps[index].left == 0 { sprung = sprung ?? index }
        }
        guard let sprung else { return nil }
        let trap = syncTraps[sprung]
        syncTraps.removeAll { $0.left == 0 }
        return trap
    }

    /// Carries out a crash that waited for this moment.
    @inlinable
    mutating func fall<Watcher: Observer>(into trap: SyncTrap, _ observer: inout Watcher)
    where Watcher.Machine == Machine {
        crash(id(trap.host), trap.mode, observing: &observer)
        startLater(trap.host, after: trap.downTime)
    }
}
