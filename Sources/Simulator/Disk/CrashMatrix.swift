public import MeshCore

/// Crashes a log at every point of a recorded run, in every way up to a bound, and judges what is read back.
///
/// A point is a place in the run (after each operation, and inside each write at each of its sectors) together with one
/// choice of what the disk keeps of the unsynced sectors and names. After each the log must come back as a state it was
/// in, at least the one whose durability it had told; then it goes on, crashes again and must come back once more.
public struct CrashMatrix: Sendable {
    /// How many points were tried.
    public private(set) var points: UInt64 = 0
    /// How often the log refused to come back.
    public private(set) var refusals: UInt64 = 0
    /// The first point at which something told durable was lost, or something came back that never was; `nil` if none.
    public private(set) var failure: Failure?

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
        }

        /// The point as a sentence.
        public var description: String {
            let what =
                switch reason {
                case .lost: "records told durable are lost"
                case .invented: "what came back was never written"
                case .refused: "the log refuses although only a crash happened"
                }
            return "point \(point), after operation \(operation): \(what) (\(promised) promised, \(found) found)"
        }
    }

    private let random: Random
    private let settings: Storage.Settings
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
    public init(seed: UInt64, limit: UInt64, settings: Storage.Settings, subsetLimit: Int = 6) {
        self.random = Random(seed: seed)
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
        guard points < limit, failure == nil else { return true }
        var life = Life(disk: ByteDisk(), settings: settings, random: random.derived(.matrix, rounds))
        explore(&life, depth: 0)
        rounds += 1
        return points >= limit || failure != nil
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
            guard points < limit, failure == nil else { return }
            crash(life, depth: depth)
        }
    }

    /// Tries what a crash can leave here.
    private mutating func crash(_ life: Life, depth: Int) {
        let sectors = life.disk.unsyncedSectorCount(sectorBytes: settings.sectorBytes)
        let isComplete = sectors <= subsetLimit
        let masks = isComplete ? UInt64(1) << UInt64(sectors) : 1 << UInt64(subsetLimit)
        for names in 0...life.disk.unsyncedNameCount {
            for mask in 0..<masks {
                guard points < limit, failure == nil else { return }
                points += 1
                var disk = life.disk
                let point = points
                let random = self.random
                disk.crash(keptNames: names, sectorBytes: settings.sectorBytes) { sector in
                    if isComplete { return mask >> UInt64(sector) & 1 == 1 ? .kept : .lost }
                    let bits = random.bits(.matrix, point, UInt64(UInt(bitPattern: sector)), mask)
                    return bits & 1 == 0 ? .lost : (bits & 14 == 0 ? .garbage : .kept)
                }
                judge(disk, life, depth: depth)
            }
        }
    }

    private mutating func judge(_ disk: ByteDisk, _ life: Life, depth: Int) {
        func report(_ reason: Failure.Reason, _ found: UInt64) {
            failure = Failure(
                point: points, operation: life.operations, promised: life.promised, found: found, reason: reason)
        }
        do {
            let log = try WriteAheadLog<Tally>.recover(from: disk, settings: settings).log
            let found = log.stable.count
            if found < life.promised { return report(.lost, found) }
            if log.stable.sum != Tally.sum(of: found) || found > life.appended { return report(.invented, found) }
            guard depth == 0, points % 16 == 0 else { return }
            // A life after the crash, with crashes of its own; its first promise is what came back.
            var next = Life(disk: disk, log: log, random: life.random.derived(.matrix, points))
            explore(&next, depth: 1)
        } catch {
            refusals += 1
            report(.refused, 0)
        }
    }
}

extension Random.Purpose {
    /// The choices of a crash matrix.
    static var matrix: Random.Purpose { Random.Purpose(0x1006) }
}

extension CrashMatrix {
    /// One process that writes numbered records.
    private struct Life {
        /// How many steps a run has; with the sizes below it goes through several segments and images.
        static var steps: Int { 160 }

        var disk: ByteDisk
        var log: WriteAheadLog<Tally>
        let random: Random
        var operations = 0
        /// How many records were told durable.
        var promised: UInt64
        /// How many were written in this life and before.
        var appended: UInt64
        /// Operations that were begun and not completed, by lane.
        private var open: [[Storage.Operation]] = [[], []]

        init(disk: ByteDisk, settings: Storage.Settings, random: Random) {
            self.init(disk: disk, log: WriteAheadLog(settings: settings), random: random)
        }

        init(disk: ByteDisk, log: WriteAheadLog<Tally>, random: Random) {
            self.disk = disk
            self.log = log
            self.random = random
            self.promised = log.durableSequence
            self.appended = log.appendedSequence
        }

        /// Writes a few records, or lets the disk do one operation.
        mutating func step(_ number: Int) {
            let bits = random.bits(.matrix, UInt64(UInt(bitPattern: number)), appended)
            if bits & 3 == 0 {
                for place in 0..<(1 + (bits >> 2) % 4) { append(sizeFrom: bits >> (8 + 8 * place)) }
            }
            let lane = bits >> 60 & 1 == 0 ? 0 : 1
            if !advance(lane) { _ = advance(1 - lane) }
        }

        private mutating func append(sizeFrom bits: UInt64) {
            appended += 1
            // Mostly small, now and then larger than a segment.
            let size = bits & 63 == 0 ? 1_500 : Int(truncatingIfNeeded: bits % 90)
            log.append(Tally.Record(number: appended, filling: size), Ticket(appended))
        }

        /// Does one operation of a lane.
        private mutating func advance(_ number: Int) -> Bool {
            let lane: Storage.Lane = number == 0 ? .log : .image
            guard let operation = log.nextOperation(in: lane) else { return false }
            operations += 1
            do {
                try disk.perform(operation, capacity: Int64.max)
            } catch {
                log.failed(error)
                return false
            }
            if let ticket = log.completed(lane) { promised = ticket.rawValue }
            return true
        }
    }
}

/// A state that tells whether its records are exactly the first few: how many there are, and a checksum of their order.
struct Tally: StableState, Hashable {
    /// A number and some bytes to make it longer.
    struct Record: Traceable, WireCodable {
        let number: UInt64
        let filling: Int
        /// Set in an image: the checksum up to `number`.
        var sum: UInt64?

        init(number: UInt64, filling: Int, sum: UInt64? = nil) {
            self.number = number
            self.filling = filling
            self.sum = sum
        }

        func encode(into writer: inout WireWriter) {
            writer.number(number)
            writer.flag(sum != nil)
            if let sum { writer.number(sum) }
            writer.bytes(Bytes([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: filling)))
        }

        init(from reader: inout WireReader) throws(WireError) {
            self.number = try reader.number()
            self.sum = try reader.flag() ? try reader.number() : nil
            self.filling = try reader.bytes(limit: 1 << 20).count
        }

        func digest(into digest: inout Digest) { digest.mix(number) }
        var description: String { "record \(number)" }
    }

    private(set) var count: UInt64 = 0
    private(set) var sum: UInt64 = 0

    var records: [Record] { [Record(number: count, filling: 40, sum: sum)] }

    mutating func apply(_ record: consuming Record) {
        count = record.number
        sum = record.sum ?? Self.further(sum, record.number)
    }

    /// The checksum after the first `count` records.
    static func sum(of count: UInt64) -> UInt64 {
        var sum: UInt64 = 0
        for number in 0..<count { sum = further(sum, number + 1) }
        return sum
    }

    private static func further(_ sum: UInt64, _ number: UInt64) -> UInt64 {
        (sum ^ number) &* 0x9e37_79b9_7f4a_7c15 &+ (sum >> 29)
    }
}
