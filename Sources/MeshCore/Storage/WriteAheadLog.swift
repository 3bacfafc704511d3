/// A log of records on files: what a node persists becomes durable in order, many records with one sync.
///
/// A plain value. It is told what to write and what the disk has finished, and it is asked what the disk is to do next:
///
/// ```swift
/// log.append(record, ticket)
/// while let operation = log.nextOperation(in: .log) { /* do it, then: */ let durable = log.completed(.log) }
/// ```
///
/// At most one batch is being written; what is appended meanwhile waits and goes with the next one (group commit). A
/// failed operation stops the log for good: after a failed sync nobody knows what a disk holds, so the node has to
/// start again from what is really there (the lesson of PostgreSQL's "fsyncgate", 2018).
///
/// To start a node: ``recover(from:settings:)``, do everything both lanes ask for until ``isReady``, and go on.
public struct WriteAheadLog<Stable: StableState>: Sendable {
    /// The settings.
    public let settings: Storage.Settings
    /// What the durable records leave.
    @inlinable
    public var stable: Stable { folded }
    @usableFromInline var folded: Stable
    /// The number of the last record that was appended.
    @inlinable
    public var appendedSequence: UInt64 { lastAppended }
    @usableFromInline var lastAppended: UInt64
    /// The number of the last record that is durable.
    @inlinable
    public var durableSequence: UInt64 { lastDurable }
    @usableFromInline var lastDurable: UInt64
    /// Why the log takes nothing more; `nil` while it does.
    public internal(set) var failure: Storage.Failure?
    /// Whether what was read back is durable, so that the node may start.
    ///
    /// A process that was killed leaves writes in the system's cache. They can be read, and still be lost with the next
    /// power failure; a node that answered on their strength would break its word.
    @inlinable
    public var isReady: Bool { hasSettled }
    @usableFromInline var hasSettled: Bool

    /// Operations of each lane that were not asked for yet, oldest first.
    @usableFromInline var logQueue = Ring<Storage.Operation>()
    var imageQueue = Ring<Storage.Operation>()
    /// How many operations of each lane are not done, asked for or not.
    @usableFromInline var openLogOperations = 0
    var openImageOperations = 0

    /// Records that are not durable, oldest first: first those of the batch on its way, then those that wait.
    @usableFromInline var pending = Ring<Stable.Record>()
    /// The frames of the records that wait.
    @usableFromInline var waiting = Batch()
    /// Memory of a batch that was written, for the next one.
    private var spare: [UInt8] = []
    /// Memory of the batch on its way, once it is written.
    @usableFromInline var written: [UInt8] = []
    /// How many records are on their way, and the last one's ticket.
    @usableFromInline var flyingCount: UInt32 = 0
    @usableFromInline var flyingTicket: Ticket?

    /// The segments that are there, oldest first; batches go to the last one.
    var segments: [Segment]
    /// The number of the last segment that was ever made, or seen on the disk.
    var lastSegmentNumber: UInt64
    /// Where the next batch goes in the last segment.
    var offset: Int64 = 0

    var image = ImageWriter()
    /// The last sequence number that the newest durable image covers; 0 without one.
    public internal(set) var imageSequence: UInt64
    /// How large that image is.
    var imageBytes: Int64
    /// How much has been written to the log since then.
    var bytesSinceImage: Int64

    /// A segment that is on the disk.
    struct Segment: Sendable {
        let number: UInt64
        /// The sequence number of its first record.
        let firstSequence: UInt64
    }

    @usableFromInline
    struct Batch: Sendable {
        @usableFromInline var bytes: [UInt8] = []
        @usableFromInline var recordCount: UInt32 = 0
        @usableFromInline var lastTicket: Ticket?

        @inlinable
        init() {}
    }

    /// Creates the log of an empty disk; like one that was read back, it has to settle first.
    public init(settings: Storage.Settings) {
        self.init(settings: settings, reading: Reading(), lastSegmentNumber: 0)
        settle(removing: [])
    }

    /// Creates the log that goes on behind what was read.
    init(settings: Storage.Settings, reading: Reading, lastSegmentNumber: UInt64) {
        self.settings = settings
        self.folded = reading.stable
        self.lastAppended = reading.expected - 1
        self.lastDurable = reading.expected - 1
        self.failure = nil
        self.hasSettled = false
        self.segments = reading.segments
        self.lastSegmentNumber = lastSegmentNumber
        self.imageSequence = reading.report.imageSequence
        self.imageBytes = reading.imageBytes
        self.bytesSinceImage = reading.logBytes
    }

    /// Whether everything appended is durable.
    @inlinable
    public var isIdle: Bool { pending.isEmpty }
}

extension WriteAheadLog {
    /// Takes a record; the next batch brings it to the disk.
    ///
    /// - Complexity: O(size of the record).
    @inlinable
    public mutating func append(_ record: consuming Stable.Record, _ ticket: Ticket) {
        guard failure == nil else { return }
        lastAppended &+= 1
        Storage.FrameHeader.append(
            record, sequence: lastAppended, place: waiting.recordCount, to: &waiting.bytes)
        waiting.recordCount += 1
        waiting.lastTicket = ticket
        pending.append(record)
    }

    /// What the disk is to do next in a lane, after everything it was asked before; `nil` when there is nothing.
    ///
    /// - Complexity: O(records in a new batch, or in the next piece of an image), besides the bytes themselves.
    @inlinable
    public mutating func nextOperation(in lane: Storage.Lane) -> Storage.Operation? {
        guard failure == nil else { return nil }
        switch lane {
        case .log:
            if openLogOperations == 0 && isReady && waiting.recordCount > 0 { beginBatch() }
            return logQueue.popFirst()
        case .image: return nextImageOperation()
        }
    }

    /// Learns that the oldest open operation of a lane is done.
    ///
    /// - Returns: The last ticket of a batch that is durable with it.
    @inlinable
    public mutating func completed(_ lane: Storage.Lane) -> Ticket? {
        guard failure == nil else { return nil }
        switch lane {
        case .image:
            imageOperationDone()
            return nil
        case .log:
            invariant(openLogOperations > 0, "only what was asked for is completed")
            openLogOperations -= 1
            #if MUTANTS
            if Mutant.answerBeforeSync.isPlanted, openLogOperations == 1, flyingCount > 0 { return finishBatch() }
            #endif
            return openLogOperations == 0 ? finishBatch() : nil
        }
    }

    /// Takes back the memory of a write that is done; without it every batch takes new memory.
    ///
    /// A driver that hands over what it wrote, and keeps no copy, saves a large batch the growing of its buffer.
    public mutating func reuse(_ bytes: consuming [UInt8]) {
        written = bytes
    }

    /// Empties the memory of the batch that is durable now.
    ///
    /// Not before: a queue keeps a copy of what it gave out until the last one has left it, and emptying what is
    /// shared takes new memory, which costs more than the checksum.
    @usableFromInline
    mutating func keepWritten() {
        var bytes: [UInt8] = []
        swap(&bytes, &written)
        guard bytes.capacity <= Self.spareByteLimit, bytes.capacity > spare.capacity else { return }
        swap(&spare, &bytes)
        spare.removeAll(keepingCapacity: true)
    }

    /// How much memory is kept for the next batch at most, 4 MiB.
    private static var spareByteLimit: Int { 4 << 20 }

    /// Learns that an operation failed: nothing more is asked for, and nothing becomes durable any more.
    public mutating func failed(_ reason: Storage.Failure) {
        #if MUTANTS
        if Mutant.fullDiskIgnored.isPlanted { return }
        #endif
        if failure == nil { failure = reason }
    }

    @inlinable
    mutating func finishBatch() -> Ticket? {
        hasSettled = true
        if !written.isEmpty { keepWritten() }
        for _ in 0..<flyingCount {
            guard let record = pending.popFirst() else { break }
            folded.apply(record)
        }
        lastDurable &+= UInt64(flyingCount)
        flyingCount = 0
        let ticket = flyingTicket
        flyingTicket = nil
        return ticket
    }

    /// Puts everything that waits into one write and one sync.
    @usableFromInline
    mutating func beginBatch() {
        var bytes: [UInt8] = []
        swap(&bytes, &spare)
        swap(&bytes, &waiting.bytes)
        flyingCount = waiting.recordCount
        flyingTicket = waiting.lastTicket
        waiting.recordCount = 0
        let size = settings.wholeSectors(bytes.count)
        if offset + Int64(size) > Int64(settings.segmentBytes) { makeSegment(roomFor: Int64(size)) }
        Storage.FrameHeader.seal(&bytes, fileNumber: lastSegmentNumber)
        // The next batch is likely to be of this size.
        waiting.bytes.reserveCapacity(size < 1 << 16 ? size : 1 << 16)
        bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
        let file = Storage.File.segment(lastSegmentNumber)
        perform(.write(file, at: offset, bytes))
        #if MUTANTS
        if Mutant.syncLeftOut.isPlanted { return offset += Int64(size) }
        #endif
        perform(.sync(file))
        offset += Int64(size)
        bytesSinceImage += Int64(size)
    }

    /// Makes the next segment and makes it known: name and header are durable before the first batch is written.
    ///
    /// A header that cannot be read above readable records is therefore rot and not a torn write.
    mutating func makeSegment(roomFor size: Int64) {
        lastSegmentNumber += 1
        let file = Storage.File.segment(lastSegmentNumber)
        segments.append(Segment(number: lastSegmentNumber, firstSequence: durableSequence + 1))
        let header = Storage.FileHeader(number: lastSegmentNumber, sequence: durableSequence + 1)
        let bytes = header.encoded(for: file, sectorBytes: settings.sectorBytes)
        let needed = Int64(bytes.count) + size
        let room = needed > Int64(settings.segmentBytes) ? needed : Int64(settings.segmentBytes)
        offset = Int64(bytes.count)
        perform(.create(file, byteCount: room))
        perform(.write(file, at: 0, bytes))
        perform(.sync(file))
        #if MUTANTS
        if Mutant.directorySyncLeftOut.isPlanted { return }
        #endif
        perform(.syncDirectory)
    }

    /// Puts an operation into the log's lane.
    mutating func perform(_ operation: Storage.Operation) {
        openLogOperations += 1
        logQueue.append(operation)
    }
}
