public import MeshCore

/// Where a driver keeps the records that have to survive a crash.
public protocol Journal<Stable>: ~Copyable {
    /// What the records fold into.
    associatedtype Stable: StableState

    /// Takes a record; ``commit()`` makes it durable.
    mutating func append(_ record: consuming Stable.Record, _ ticket: Ticket)

    /// Makes everything appended durable at once.
    ///
    /// - Returns: The last ticket that is durable now; `nil` when nothing was waiting.
    /// - Throws: The first error, which is the last word: the node has to stop.
    mutating func commit() throws(FileError) -> Ticket?
}

extension LogDriver: Journal {}

/// A journal that keeps nothing: for nodes whose whole life is one process.
///
/// A node on it must not be started again under its old id: it has forgotten its votes.
public struct VolatileJournal<Stable: StableState>: Journal {
    private var last: Ticket?

    /// Creates a journal.
    public init() {}

    /// Takes note of the ticket.
    public mutating func append(_ record: consuming Stable.Record, _ ticket: Ticket) { last = ticket }

    /// Calls everything durable.
    public mutating func commit() throws(FileError) -> Ticket? {
        defer { last = nil }
        return last
    }
}
