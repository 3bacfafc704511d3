public import MeshCore

/// A log on a folder: opens it, reads it back, and does what it asks for, one call at a time.
///
/// ```swift
/// var driver = try LogDriver<Raft.Stable>(opening: "/var/lib/node")
/// driver.append(record, ticket)              // as often as there is something
/// let durable = try driver.commit()          // one write and one sync for all of it
/// ```
///
/// Both calls block while the disk works. A program that has something else to do meanwhile, such as taking the next
/// records, lets the disk work in threads beside it:
///
/// ```swift
/// try driver.start()                         // what was appended is on its way
/// driver.append(next, ticket)                // encoded while the disk works
/// let durable = try driver.wait()            // what was on its way is durable, what came meanwhile is on its way
/// ```
public struct LogDriver<Stable: StableState>: ~Copyable {
    /// The log.
    public private(set) var log: WriteAheadLog<Stable>
    /// What was found when it was opened; empty for a new log.
    public let report: Storage.RecoveryReport
    /// The folder.
    public let folder: FileDirectory
    private let logLane: SideLane
    private let imageLane: SideLane

    /// Opens the log of a folder, which is made if it is not there, and makes what it read durable again.
    ///
    /// - Throws: ``FileError/locked(folder:process:)`` while another process holds it, ``FileError/storage(folder:_:)``
    ///   when what is there cannot be read, and whatever else keeps the folder from being used.
    public init(opening path: String, settings: Storage.Settings = Storage.Settings()) throws(FileError) {
        let (folder, found) = try Self.read(path, settings)
        self = try Self.settled(LogDriver(folder, found))
    }

    private init(_ folder: FileDirectory, _ found: WriteAheadLog<Stable>.Recovered) {
        self.log = found.log
        self.report = found.report
        self.folder = folder
        let sector = found.log.settings.sectorBytes
        self.logLane = SideLane(folder, recycledSector: sector, name: "log")
        self.imageLane = SideLane(folder, recycledSector: sector, name: "image")
    }

    /// Does what a log wants before its node starts.
    private static func settled(_ driver: consuming LogDriver) throws(FileError) -> LogDriver {
        while !driver.log.isReady { _ = try driver.perform(in: .log) }
        try driver.finishImage()
        return driver
    }

    private static func read(
        _ path: String, _ settings: Storage.Settings
    ) throws(FileError) -> (FileDirectory, WriteAheadLog<Stable>.Recovered) {
        do { try settings.check() } catch { throw .settings(error) }
        let folder = try FileDirectory.holding(path)
        try folder.forgetCache()
        try folder.removeSpares()
        do {
            return (folder, try WriteAheadLog<Stable>.recover(from: folder, settings: settings))
        } catch {
            throw .storage(folder: path, error)
        }
    }

    /// Takes a record; ``commit()`` makes it durable.
    ///
    /// - Complexity: O(size of the record).
    public mutating func append(_ record: consuming Stable.Record, _ ticket: Ticket) {
        log.append(record, ticket)
    }

    /// Makes everything appended durable, with one write and one sync; writes a piece of an image when one is due.
    ///
    /// - Returns: The last ticket that is durable now; `nil` when nothing was waiting.
    /// - Throws: The first error, which is the last word: the log has to be opened again.
    public mutating func commit() throws(FileError) -> Ticket? {
        var last = try settle(.log)
        while !log.isIdle { last = try perform(in: .log) ?? last }
        _ = try settle(.image)
        _ = try perform(in: .image)
        return last
    }

    /// Begins an image of everything durable and finishes it, so that older segments go.
    public mutating func writeImage() throws(FileError) {
        try finishImage()
        log.beginImage()
        try finishImage()
    }

    private mutating func finishImage() throws(FileError) {
        _ = try settle(.image)
        while let operation = log.nextOperation(in: .image) { _ = try done(operation, in: .image) }
    }

    /// Does the next operation of a lane, if there is one.
    private mutating func perform(in lane: Storage.Lane) throws(FileError) -> Ticket? {
        guard let operation = log.nextOperation(in: lane) else {
            try checkFailure()
            return nil
        }
        return try done(operation, in: lane)
    }

    private func checkFailure() throws(FileError) {
        if let failure = log.failure { throw .storage(folder: folder.path, failure) }
    }

    private mutating func done(
        _ operation: consuming Storage.Operation, in lane: Storage.Lane
    ) throws(FileError) -> Ticket? {
        do {
            try (lane == .log ? logLane : imageLane).perform(operation)
        } catch {
            log.failed(error.failure)
            throw error
        }
        return told(operation, in: lane)
    }

    /// Tells the log that an operation is done.
    private mutating func told(_ operation: consuming Storage.Operation, in lane: Storage.Lane) -> Ticket? {
        if case .write(_, at: _, let bytes) = consume operation, lane == .log { log.reuse(consume bytes) }
        return log.completed(lane)
    }
}

// MARK: - Beside the caller

extension LogDriver {
    /// Whether a batch is on its way to the disk; ``wait()`` says when it is durable.
    public var isAtWork: Bool { logLane.isAtWork }

    /// Lets the disk begin with what was appended, unless it is at work on something; does not wait for it.
    ///
    /// - Throws: The first error, which is the last word: the log has to be opened again.
    public mutating func start() throws(FileError) {
        try checkFailure()
        if !logLane.isAtWork { logLane.begin(operations(in: .log)) }
        if let done = imageLane.finishIfDone() { _ = try tell(done, in: .image) }
        if !imageLane.isAtWork { imageLane.begin(operations(in: .image)) }
    }

    /// Waits until what is on its way to the disk is durable, and sends what was appended meanwhile on its way.
    ///
    /// - Returns: The last ticket that is durable now; `nil` when nothing was on its way.
    /// - Throws: The first error, which is the last word: the log has to be opened again.
    public mutating func wait() throws(FileError) -> Ticket? {
        try start()
        let ticket = try settle(.log)
        try start()
        return ticket
    }

    /// Everything a lane asks for now.
    private mutating func operations(in lane: Storage.Lane) -> [Storage.Operation] {
        var operations: [Storage.Operation] = []
        while let operation = log.nextOperation(in: lane) { operations.append(operation) }
        return operations
    }

    /// Waits for what a lane does beside this thread, if it does something.
    private mutating func settle(_ lane: Storage.Lane) throws(FileError) -> Ticket? {
        guard let done = lane == .log ? logLane.finish() : imageLane.finish() else { return nil }
        return try tell(done, in: lane)
    }

    /// Tells the log what became of a list.
    private mutating func tell(_ done: consuming LaneThread.Done, in lane: Storage.Lane) throws(FileError) -> Ticket? {
        var last: Ticket?
        let (count, failure) = (done.count, done.failure)
        // Taken out one by one, so that the memory of a batch is nobody else's when the log gets it back.
        var operations: [Storage.Operation] = []
        swap(&operations, &done.operations)
        operations.reverse()
        for _ in 0..<count {
            guard let operation = operations.popLast() else { break }
            last = told(operation, in: lane) ?? last
        }
        guard let failure else { return last }
        log.failed(failure.failure)
        throw failure
    }
}
