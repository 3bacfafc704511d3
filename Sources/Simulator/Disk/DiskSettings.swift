public import MeshCore

/// How long a disk takes, what a crash leaves on it, and how the log on it is laid out.
public struct DiskSettings: Hashable, Sendable {
    /// The time to hand a batch of records to the disk.
    public var writeLatency: Latency
    /// The time until a batch is durable, on top of the write.
    public var syncLatency: Latency
    /// Whether a crash may leave any part of the unsynced writes instead of none: each sector is kept, lost or garbage,
    /// each unsynced change of a name is kept or lost with those behind it.
    public var tearsWrites: Bool
    /// How the log is laid out; by default in segments of 256 KiB and with an image after 1 MiB, so that runs of a few
    /// minutes see both.
    public var log: Storage.Settings
    /// How many bytes fit on the disk.
    public var capacity: Int64
    /// What goes wrong by chance.
    public var faults = DiskFaults()
    /// Whether faults will be ordered, so that each disk's newest batch is watched over from the start; with faults by
    /// chance it is anyway.
    public var expectsFaults = false
    /// How much damage there may be.
    public var budget = DiskBudget.unrestricted
    /// How long after its log stopped a node is started again, as a supervisor would: 1 s; `nil` leaves it down.
    ///
    /// The same after a start that was refused for want of room or for an error of the disk, again and again until it
    /// starts.
    public var restartDelay: Interval? = .seconds(1)
    /// Whether a node whose disk is found damaged starts from what is legible, if its machine can live with that.
    public var salvages = false

    /// Creates the settings of a disk; by default one that takes no time, has no end and loses everything unsynced.
    public init(
        writeLatency: Latency = .constant(.zero), syncLatency: Latency = .constant(.zero), tearsWrites: Bool = false
    ) {
        self.writeLatency = writeLatency
        self.syncLatency = syncLatency
        self.tearsWrites = tearsWrites
        self.log = Storage.Settings()
        self.log.segmentBytes = 256 << 10
        self.log.imageAfterBytes = 1 << 20
        self.capacity = Int64.max
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

/// What exactly a crash leaves of the unsynced writes of a disk.
public struct CrashRemains: Hashable, Sendable {
    /// How many changes of names are kept, oldest first.
    public var names: Int
    /// Which of the first 64 unsynced sectors are kept, the first in the lowest bit; the others are lost.
    public var sectors: UInt64

    /// Creates a choice.
    public init(names: Int, sectors: UInt64) {
        self.names = names
        self.sectors = sectors
    }

    /// Whether a sector is kept.
    @inlinable
    func keeps(_ sector: Int) -> Bool { sector < 64 && sectors >> UInt64(sector) & 1 == 1 }
}
