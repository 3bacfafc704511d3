public import MeshCore

/// Crashes a log at every point of a recorded run, in every way up to a bound, and judges what is read back.
///
/// A point is a place in the run (after each operation, and inside each write at each of its sectors) together with one
/// choice of what the disk keeps of the unsynced sectors and names. After each the log must come back as a state it was
/// in, at least the one whose durability it had told; then it goes on, crashes again and must come back once more.
///
/// With ``Hazard/rot`` a bit of what is at rest is flipped besides, one in every sector in turn. The log may then
/// refuse to come back if it names the file and a place at or before the flip, and may lose the last batch, nothing
/// else.
public struct CrashMatrix: Sendable {
    /// How many points were tried.
    public internal(set) var points: UInt64 = 0
    /// How often the log refused to come back.
    public internal(set) var refusals: UInt64 = 0
    /// At how many points a salvage was interrupted.
    public internal(set) var salvages: UInt64 = 0
    /// How often a bit flipped in the last batch cost that batch, which looks like a torn write.
    public internal(set) var cuts: UInt64 = 0
    /// The first point at which something told durable was lost, or something came back that never was; `nil` if none.
    public internal(set) var failure: Failure?

    /// What happens to the disk besides crashes.
    public enum Hazard: Sendable, Hashable, CaseIterable {
        /// Nothing.
        case none
        /// A bit at rest is flipped.
        case rot
        /// The disk becomes full.
        case fullDisk
        /// New segments are made of the files of removed ones and begin with what stood there.
        case recycling
    }

    /// What went wrong at a point.
    public struct Failure: Sendable, Hashable, CustomStringConvertible {
        /// The point's number, from 1.
        public var point: UInt64
        /// How many operations had been done.
        public var operation: Int
        /// How many records were told durable.
        public var promised: UInt64
        /// How many came back.
        public var found: UInt64
        /// What is wrong.
        public var reason: Reason

        /// What can be wrong.
        public enum Reason: Sendable, Hashable {
            /// Fewer records came back than were told durable.
            case lost
            /// What came back is not a prefix of what was written.
            case invented
            /// The log does not come back although nothing but a crash happened.
            case refused
            /// The log does not come back and does not say which place is damaged.
            case vague
            /// After a salvage that was interrupted the log comes back as if nothing had been lost.
            case forgetful
        }

        /// The point as a sentence.
        public var description: String {
            let what =
                switch reason {
                case .lost: "records told durable are lost"
                case .invented: "what came back was never written"
                case .refused: "the log refuses although only a crash happened"
                case .vague: "the log refuses without naming the damaged place"
                case .forgetful: "an interrupted salvage is forgotten"
                }
            return "point \(point), after operation \(operation): \(what) (\(promised) promised, \(found) found)"
        }
    }

    let random: Random
    let settings: Storage.Settings
    private let hazard: Hazard
    private let limit: UInt64
    private let subsetLimit: Int
    private var rounds: UInt64 = 0

    /// Creates a matrix.
    ///
    /// - Parameters:
    ///   - seed: Decides sizes, and which subsets are tried where not all of them are.
    ///   - limit: How many points are tried at most.
    ///   - settings: How the log is laid out; small segments and images make a run see all of it.
    ///   - subsetLimit: Up to how many unsynced sectors every subset is tried.
    ///   - hazard: What happens besides crashes.
    public init(
        seed: UInt64, limit: UInt64, settings: Storage.Settings, subsetLimit: Int = 6, hazard: Hazard = .none
    ) {
        self.random = Random(seed: seed)
        self.hazard = hazard
        self.limit = limit
        self.settings = settings
        self.subsetLimit = subsetLimit
    }

    /// Runs until the limit is reached or a point fails.
    public mutating func run() {
        while !advance() {}
    }

    /// Crashes one more run of the log, some thousands of points.
    ///
    /// - Returns: Whether the limit is reached or a point has failed.
    public mutating func advance() -> Bool {
        guard !isOver else { return true }
        let random = self.random.derived(.matrix, rounds)
        var disk = ByteDisk()
        disk.recyclesSegments = hazard == .recycling
        var life = Life(
            disk: disk, log: WriteAheadLog(settings: settings), capacity: capacity(random), random: random)
        explore(&life, depth: 0)
        rounds += 1
        return isOver
    }

    /// Whether the limit is reached or a point has failed.
    var isOver: Bool { points >= limit || failure != nil }

    /// How many bytes fit: without end, or some segments and an image.
    private func capacity(_ random: Random) -> Int64 {
        guard hazard == .fullDisk else { return Int64.max }
        return 3_000 + Int64(truncatingIfNeeded: random.bits(.matrix, 0, 0, 1) % 6_000)
    }

    /// A layout so small that a run of a few hundred records sees every kind of file and every way to replace it.
    public static var smallSettings: Storage.Settings {
        var settings = Storage.Settings()
        settings.sectorBytes = 64
        settings.segmentBytes = 1_024
        settings.imageAfterBytes = 2_048
        settings.imagePieceBytes = 48
        return settings
    }

    /// Runs a life of the log and crashes copies of its disk at every step.
    private mutating func explore(_ life: inout Life, depth: Int) {
        for step in 0..<(depth == 0 ? Life.steps : 6) {
            life.step(step)
            guard !isOver else { return }
            if depth == 0 && hazard == .rot {
                rot(life)
            } else {
                crash(life, depth: depth)
            }
            // Nothing more reaches the disk.
            guard life.log.failure == nil else { return }
        }
    }

    /// Tries what a crash can leave here.
    private mutating func crash(_ life: Life, depth: Int) {
        let sectors = life.disk.unsyncedSectorCount(sectorBytes: settings.sectorBytes)
        let isComplete = sectors <= subsetLimit
        let masks = isComplete ? UInt64(1) << UInt64(sectors) : 1 << UInt64(subsetLimit)
        let names = life.disk.unsyncedNameCount
        let areNamesComplete = names <= 4
        for choice in 0...(areNamesComplete ? (1 << names) - 1 : names) {
            for mask in 0..<masks {
                guard !isOver else { return }
                points += 1
                var disk = life.disk
                let point = points
                let random = self.random
                disk.crash(
                    sectorBytes: settings.sectorBytes,
                    keepsName: { areNamesComplete ? choice >> $0 & 1 == 1 : $0 < choice },
                    { sector in
                        if isComplete { return mask >> UInt64(sector) & 1 == 1 ? .kept : .lost }
                        let bits = random.bits(.matrix, point, UInt64(UInt(bitPattern: sector)), mask)
                        return bits & 1 == 0 ? .lost : (bits & 14 == 0 ? .garbage : .kept)
                    })
                judge(disk, life, depth: depth)
            }
        }
    }

    /// A failure at this point.
    func note(_ reason: Failure.Reason, _ found: UInt64, _ life: Life) -> Failure {
        Failure(point: points, operation: life.operations, promised: life.promised, found: found, reason: reason)
    }

    private mutating func judge(_ disk: ByteDisk, _ life: Life, depth: Int) {
        do {
            let log = try WriteAheadLog<Tally>.recover(from: disk, settings: settings).log
            let found = log.stable.count
            if found < life.promised { return failure = note(.lost, found, life) }
            if !isLegal(log.stable, life) { return failure = note(.invented, found, life) }
            guard depth == 0, points % 16 == 0 else { return }
            goOn(disk, log, life)
        } catch {
            refusals += 1
            failure = note(.refused, 0, life)
        }
    }

    /// Whether a state is one that the log was in.
    func isLegal(_ stable: Tally, _ life: Life) -> Bool {
        stable.sum == Tally.sum(of: stable.count) && stable.count <= life.appended
    }

    /// A life after the crash, with crashes of its own; its first promise is what came back.
    mutating func goOn(_ disk: ByteDisk, _ log: WriteAheadLog<Tally>, _ life: Life) {
        var next = Life(disk: disk, log: log, capacity: Int64.max, random: life.random.derived(.matrix, points))
        explore(&next, depth: 1)
    }
}

extension Random.Purpose {
    /// The choices of a crash matrix.
    static var matrix: Random.Purpose { Random.Purpose(0x1006) }
}
