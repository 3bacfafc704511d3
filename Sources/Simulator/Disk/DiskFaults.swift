public import MeshCore

/// Something a disk does wrong.
public enum DiskFault: UInt8, Hashable, Sendable, CaseIterable {
    /// A bit at rest flips.
    case bitRot
    /// A bit flips on the way to the disk.
    case flippedWrite
    /// A bit flips on the way back; the next reading gets it right.
    case flippedRead
    /// A sector lands on another sector of the disk, and is missing where it belongs.
    case misdirectedWrite
    /// Another sector is read than the one that was asked for; the next reading gets it right.
    case misdirectedRead
    /// A write, or the making of a file, reports an error.
    case failedWrite
    /// A sync reports an error and forgets what it had to bring down: the next one succeeds without it.
    case failedSync
    /// Reading reports an error; the next reading may work.
    case failedRead
    /// A sync reports success and brings nothing down; an honest one later does.
    case lyingSync
    /// The power fails within a write.
    case tornWrite
    /// No write finds room.
    case full
    /// The disk is replaced by an empty one.
    case wipe

    /// Whether the disk may come back with less than it had promised.
    public var isDamage: Bool {
        switch self {
        case .bitRot, .flippedWrite, .flippedRead, .misdirectedWrite, .misdirectedRead, .lyingSync, .wipe: true
        case .failedWrite, .failedSync, .failedRead, .tornWrite, .full: false
        }
    }

    /// Whether a node can go on from such damage without anything on its disk telling that something is missing.
    public var isUndetectable: Bool { self == .lyingSync || self == .wipe }
}

/// What disks do wrong by chance: shares of the occasions on which they could.
///
/// Each draw is keyed by the fault, the node, the time and the operation, so that a fault with a share of nothing draws
/// nothing and leaves every other decision as it was. A node notices a change of these at its next start.
public struct DiskFaults: Hashable, Sendable {
    /// The mean time between two bits that flip at rest on one disk; `nil` for none.
    public var bitRotInterval: Interval?
    /// Of the sectors written, how many get a flipped bit.
    public var flippedWrites = Ratio.zero
    /// Of the sectors read back, how many come with a flipped bit.
    public var flippedReads = Ratio.zero
    /// Of the sectors written, how many land elsewhere.
    public var misdirectedWrites = Ratio.zero
    /// Of the sectors read back, how many come from elsewhere.
    public var misdirectedReads = Ratio.zero
    /// Of the writes, how many fail.
    public var failedWrites = Ratio.zero
    /// Of the syncs, how many fail and forget.
    public var failedSyncs = Ratio.zero
    /// Of the sectors read back, how many cannot be read.
    public var failedReads = Ratio.zero
    /// Of the syncs, how many do nothing.
    public var lyingSyncs = Ratio.zero
    /// Of the syncs, how many take longer by ``spikeLength``.
    public var spikes = Ratio.zero
    /// How much longer those take.
    public var spikeLength = Latency.constant(.milliseconds(100))
    /// Of the syncs, how many stall the whole disk for ``stallLength``.
    public var stalls = Ratio.zero
    /// How long it finishes nothing then.
    public var stallLength = Latency.constant(.seconds(1))

    /// Creates disks that do nothing wrong.
    public init() {}

    /// Whether nothing is ever drawn.
    public var isQuiet: Bool { self == DiskFaults() }

    /// The share of a fault that is drawn at an operation.
    func share(of fault: DiskFault) -> Ratio {
        switch fault {
        case .flippedWrite: flippedWrites
        case .flippedRead: flippedReads
        case .misdirectedWrite: misdirectedWrites
        case .misdirectedRead: misdirectedReads
        case .failedWrite: failedWrites
        case .failedSync: failedSyncs
        case .failedRead: failedReads
        case .lyingSync: lyingSyncs
        case .bitRot, .tornWrite, .full, .wipe: .zero
        }
    }
}

/// How much damage all disks together may take.
public enum DiskBudget: Hashable, Sendable {
    /// Any: only what is told may be demanded, not that anything works.
    case unrestricted
    /// At most so many disks are ever damaged, and none in a way that its node cannot notice; what would go beyond is
    /// withheld. A quorum keeps what it promised, so that it can be demanded to work.
    case survivable(damagedDisks: Int)
}

/// What disks did wrong in a run.
public struct DiskFaultCounts: Hashable, Sendable {
    private var counts = [UInt64](repeating: 0, count: DiskFault.allCases.count)
    /// How many faults were not done because they would have gone beyond the budget, or undone because nobody could
    /// have noticed them.
    public internal(set) var withheld: UInt64 = 0

    /// Creates counts of nothing.
    init() {}

    /// How often a fault was done.
    public subscript(fault: DiskFault) -> UInt64 {
        get { counts[Int(fault.rawValue)] }
        set { counts[Int(fault.rawValue)] = newValue }
    }

    /// How many faults were done.
    public var total: UInt64 { counts.reduce(0, +) }
}

/// What is wrong with one disk now, and what must stay legible on it.
@usableFromInline
struct DiskTrouble: Sendable {
    /// The faults that the next operation of their kind meets, by their numbers.
    private var once: UInt16 = 0
    /// How many statements keep each fault in force; empty until there was one.
    private var lasting: [UInt16] = []
    /// The power fails within the next write; after how long it is back, `nil` for not by itself.
    var tear: Tear?
    /// The newest things on the disk that nothing behind them vouches for: damage here would look like a torn write.
    var guards: [Guard] = []
    /// How many bits were to flip at rest; it tells two of one moment apart.
    var rotCount: UInt64 = 0
    /// Such a thing on its way to the disk.
    var guardsUnderWay: [Guard] = []

    struct Tear: Sendable {
        var downTime: Interval?
    }

    /// Bytes at a place of a file.
    struct Guard: Sendable {
        var file: Storage.File
        var offset: Int64
        var bytes: [UInt8]

        /// Whether bytes of a file, from one place up to another, are among these.
        func covers(_ other: Storage.File, _ range: Range<Int64>) -> Bool {
            file == other && range.overlaps(offset..<offset + Int64(bytes.count))
        }
    }

    @usableFromInline
    init() {}

    /// Whether a statement has put a fault in force, or ordered one.
    var isArmed: Bool { once != 0 || tear != nil || lasting.contains { $0 > 0 } }

    /// Whether a fault is in force for every operation.
    func lasts(_ fault: DiskFault) -> Bool { !lasting.isEmpty && lasting[Int(fault.rawValue)] > 0 }

    /// Whether a fault is in force or ordered.
    func isDue(_ fault: DiskFault) -> Bool { lasts(fault) || once >> UInt16(fault.rawValue) & 1 == 1 }

    /// Orders a fault for the next operation.
    mutating func order(_ fault: DiskFault) { once |= 1 << UInt16(fault.rawValue) }

    /// Takes an order for a fault, if there is one.
    mutating func take(_ fault: DiskFault) -> Bool {
        let bit: UInt16 = 1 << UInt16(fault.rawValue)
        defer { once &= ~bit }
        return once & bit != 0
    }

    mutating func begin(_ fault: DiskFault) {
        if lasting.isEmpty { lasting = [UInt16](repeating: 0, count: DiskFault.allCases.count) }
        lasting[Int(fault.rawValue)] += 1
    }

    mutating func end(_ fault: DiskFault) {
        guard lasts(fault) else { return }
        lasting[Int(fault.rawValue)] -= 1
    }

    /// Ends every fault that statements put in force or ordered.
    mutating func endAll() {
        once = 0
        lasting = []
        tear = nil
    }

    /// What was on its way is durable now.
    ///
    /// A batch vouches for everything before it. The header of a segment does so once its name is durable as well, and
    /// stays to be watched over with what was newest before.
    mutating func settleGuards() {
        for new in guardsUnderWay {
            if new.offset > 0 { guards.removeAll() }
            guards.append(new)
        }
        guardsUnderWay.removeAll()
    }

    /// Whether damage to these bytes could be taken for a torn write.
    func guardsAny(of range: Range<Int64>, in file: Storage.File) -> Bool {
        guards.contains { $0.covers(file, range) }
    }
}
