public import MeshCore

/// A log on a folder: opens it, reads it back, and does what it asks for, one call at a time.
///
/// ```swift
/// var driver = try LogDriver<Raft.Stable>(opening: "/var/lib/node")
/// driver.append(record, ticket)              // as often as there is something
/// let durable = try driver.commit()          // one write and one sync for all of it
/// ```
///
/// Every call blocks while the disk works. A program that has to go on meanwhile drives the log itself, with a
/// ``FileLane`` for each lane on a thread of its own.
public struct LogDriver<Stable: StableState>: ~Copyable {
    /// The log.
    public private(set) var log: WriteAheadLog<Stable>
    /// What was found when it was opened; empty for a new log.
    public let report: Storage.RecoveryReport
    /// The folder.
    public let folder: FileDirectory
    private var logLane: FileLane
    private var imageLane: FileLane

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
        self.logLane = FileLane(folder)
        self.imageLane = FileLane(folder)
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
        var last: Ticket?
        while !log.isIdle { last = try perform(in: .log) ?? last }
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
        while let operation = log.nextOperation(in: .image) { _ = try done(operation, in: .image) }
    }

    /// Does the next operation of a lane, if there is one.
    private mutating func perform(in lane: Storage.Lane) throws(FileError) -> Ticket? {
        guard let operation = log.nextOperation(in: lane) else {
            guard let failure = log.failure else { return nil }
            throw .storage(folder: folder.path, failure)
        }
        return try done(operation, in: lane)
    }

    private mutating func done(
        _ operation: consuming Storage.Operation, in lane: Storage.Lane
    ) throws(FileError) -> Ticket? {
        do {
            switch lane {
            case .log: try logLane.perform(operation)
            case .image: try imageLane.perform(operation)
            }
        } catch {
            log.failed(error.failure)
            throw error
        }
        if case .write(_, at: _, let bytes) = consume operation { log.reuse(bytes) }
        return log.completed(lane)
    }
}
