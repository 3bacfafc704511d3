public import MeshCore

/// How long a disk takes and what a crash leaves on it.
public struct DiskSettings: Hashable, Sendable {
    /// The time to hand a batch of records to the disk.
    public var writeLatency: Latency
    /// The time until a batch is durable, on top of the write.
    public var syncLatency: Latency
    /// Whether a crash may leave a prefix of the unsynced records instead of none.
    public var tearsWrites: Bool

    /// Creates the settings of a disk; by default one that takes no time and loses everything unsynced.
    public init(
        writeLatency: Latency = .constant(.zero), syncLatency: Latency = .constant(.zero), tearsWrites: Bool = false
    ) {
        self.writeLatency = writeLatency
        self.syncLatency = syncLatency
        self.tearsWrites = tearsWrites
    }
}

/// What a crash does to a disk.
public enum CrashMode: Hashable, Sendable {
    /// The process ends; the system still writes what it was given.
    case clean
    /// The power fails: what was not synced is gone, or half gone when the disk tears writes.
    case losingUnsynced
    /// The disk is lost with the node.
    case wiped
}

/// A disk at the level of records: a durable image, a batch being synced and records that wait for the next batch.
///
/// Records become durable in the order in which they were written, a batch at a time (group commit).
@usableFromInline
struct RecordDisk<Stable: StableState>: Sendable {
    /// What a crash cannot take away.
    @usableFromInline var stable = Stable()
    /// Written, not yet durable: first the batch that is being synced, then what waits.
    @usableFromInline var unsynced = Ring<Written>()
    /// How many of the unsynced records belong to the batch that is being synced.
    @usableFromInline var batchCount = 0
    /// How many records were ever written, and how many of them are durable.
    @usableFromInline var writtenCount: UInt64 = 0
    @usableFromInline var durableCount: UInt64 = 0
    /// Distinguishes the completions of this life of the node from those of an earlier one.
    @usableFromInline var epoch: UInt32 = 0
    /// A disk that hangs completes nothing until this time.
    @usableFromInline var stalledUntil: Int64 = Int64.min
    /// Replaces the settings' sync latency while the disk is slow.
    @usableFromInline var slowSync: Latency?

    @usableFromInline
    struct Written: Sendable {
        @usableFromInline var record: Stable.Record
        @usableFromInline var ticket: Ticket

        @inlinable
        init(record: consuming Stable.Record, ticket: Ticket) {
            self.record = record
            self.ticket = ticket
        }
    }

    @usableFromInline
    init() {}

    /// Whether a batch is being synced.
    @inlinable var isSyncing: Bool { batchCount > 0 }

    /// Whether records wait for the next batch.
    @inlinable var hasWaiting: Bool { unsynced.count > batchCount }

    @inlinable
    mutating func write(_ record: consuming Stable.Record, _ ticket: Ticket) {
        unsynced.append(Written(record: record, ticket: ticket))
        writtenCount &+= 1
    }

    /// Puts everything that waits into one batch.
    @inlinable
    mutating func beginBatch() {
        batchCount = unsynced.count
    }

    /// Makes the oldest unsynced record durable.
    @inlinable
    mutating func syncOne() -> Ticket? {
        guard let written = unsynced.popFirst() else { return nil }
        batchCount -= batchCount > 0 ? 1 : 0
        durableCount &+= 1
        let ticket = written.ticket
        stable.apply(written.record)
        return ticket
    }

    /// Ends this life of the disk.
    ///
    /// - Parameters:
    ///   - mode: What the crash does.
    ///   - kept: How many of the unsynced records a torn write leaves.
    @usableFromInline
    mutating func crash(_ mode: CrashMode, keeping kept: Int) {
        switch mode {
        case .clean: while syncOne() != nil {}
        case .losingUnsynced: for _ in 0..<kept { _ = syncOne() }
        case .wiped: stable = Stable()
        }
        unsynced.removeAll()
        batchCount = 0
        durableCount = writtenCount
        epoch &+= 1
    }
}
