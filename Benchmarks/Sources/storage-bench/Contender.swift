import CSQLite
import Glibc
import MeshCore
import MeshRuntime

/// What makes groups of records durable.
protocol Contender: AnyObject {
    /// What it is called in the table.
    var name: String { get }
    /// How many groups it may return before they are durable: 0, or 1 for one that takes the next meanwhile.
    var lag: Int { get }
    /// Takes a group of records, and returns when the one `lag` before it is durable.
    func commit(_ group: [Bytes])
    /// Returns when every group is durable.
    func drain()
}

extension Contender {
    var lag: Int { 0 }
    func drain() {}
}

/// Says what went wrong and ends.
func fail(_ text: String) -> Never {
    let bytes = Array("storage-bench: \(text)\n".utf8)
    _ = unsafe bytes.withUnsafeBytes { buffer in unsafe write(STDERR_FILENO, buffer.baseAddress, buffer.count) }
    exit(2)
}

/// The limit: the bytes that the log would write, as they are, with one `pwrite` and one `fdatasync`.
///
/// Into files with reserved room, one after the other; or into two that are there and written to in turns.
final class BareLoop: Contender {
    let name: String
    private let isReusing: Bool
    private let folder: String
    private var file: Int32 = -1
    private var number = 0
    private var offset = 0
    private var bytes: [UInt8] = []
    private static let fileBytes = 64 << 20

    init(_ folder: String, isReusing: Bool) {
        self.name = isReusing ? "the same, reused" : "pwrite+fdatasync"
        self.folder = folder
        self.isReusing = isReusing
        guard unsafe mkdir(folder, 0o755) == 0 else { fail("\(folder): cannot be made") }
        if isReusing {
            for _ in 0..<2 {
                nextFile()
                let zeros = [UInt8](repeating: 0, count: Self.fileBytes)
                let written = unsafe zeros.withUnsafeBytes { unsafe pwrite(file, $0.baseAddress, Self.fileBytes, 0) }
                guard written == Self.fileBytes, fsync(file) == 0 else { fail("\(folder): cannot be written") }
            }
        }
        nextFile()
    }

    deinit { _ = close(file) }

    /// Files of the size of a segment, with their room reserved, like the log's.
    private func nextFile() {
        if file >= 0 { _ = close(file) }
        if number > 1 {
            let (old, new) = ("\(folder)/\(number - 2)", "\(folder)/\(number)")
            guard unsafe isReusing ? rename(old, new) == 0 : unlink(old) == 0 else { fail("\(old): cannot be moved") }
        }
        file = unsafe open("\(folder)/\(number)", O_RDWR | O_CREAT | (isReusing ? 0 : O_TRUNC), 0o644)
        guard file >= 0, posix_fallocate(file, 0, off_t(Self.fileBytes)) == 0 else { fail("\(folder): no room") }
        number += 1
        offset = 0
    }

    func commit(_ group: [Bytes]) {
        // A frame has a header of 24 bytes, the length as a varint, and is filled up to 8; a batch fills sectors.
        let size = group.reduce(0) { $0 + (24 + $1.count + ($1.count < 128 ? 1 : 2) + 7) & ~7 }
        let rounded = (size + 511) & ~511
        if bytes.count != rounded { bytes = [UInt8](repeating: 0x5a, count: rounded) }
        if offset + rounded > Self.fileBytes { nextFile() }
        let written = unsafe bytes.withUnsafeBytes { buffer in
            unsafe pwrite(file, buffer.baseAddress, rounded, off_t(offset))
        }
        guard written == rounded, fdatasync(file) == 0 else { fail("\(folder): cannot be written") }
        offset += rounded
    }
}

/// The log of MeshCore on real files: one call that blocks, or the next group encoded while the disk works.
final class OurLog: Contender {
    let name: String
    let lag: Int
    private var driver: Box
    private var ticket: UInt64 = 0

    /// Holds what cannot be copied.
    private final class Box {
        var driver: LogDriver<Keep>
        init(_ driver: consuming LogDriver<Keep>) { self.driver = driver }
    }

    init(_ folder: String, isOverlapping: Bool) {
        name = isOverlapping ? "mesh, overlapped" : "mesh"
        lag = isOverlapping ? 1 : 0
        do { driver = Box(try LogDriver(opening: folder)) } catch { fail("\(error)") }
    }

    func commit(_ group: [Bytes]) {
        let before = ticket
        for bytes in group {
            ticket += 1
            driver.driver.append(Keep.Record(bytes), Ticket(ticket))
        }
        do {
            if lag == 0 {
                guard try driver.driver.commit() == Ticket(ticket) else { fail("the log did not commit") }
            } else if driver.driver.isAtWork {
                guard try driver.driver.wait() == Ticket(before) else { fail("the log did not commit") }
            } else {
                try driver.driver.start()
            }
        } catch {
            fail("\(error)")
        }
    }

    func drain() {
        do {
            while !driver.driver.log.isIdle { _ = try driver.driver.wait() }
        } catch {
            fail("\(error)")
        }
    }
}

/// SQLite as its documentation advises for durable transactions: a write-ahead log, synced at every commit.
@safe final class SQLite: Contender {
    let name = "sqlite"
    private var connection: OpaquePointer?
    private var insert: OpaquePointer?

    init(_ folder: String) {
        guard unsafe mkdir(folder, 0o755) == 0, unsafe sqlite3_open("\(folder)/log.db", &connection) == SQLITE_OK else {
            fail("\(folder): SQLite cannot open its file")
        }
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL")
        run("CREATE TABLE log (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")
        let text = "INSERT INTO log (data) VALUES (?)"
        guard unsafe sqlite3_prepare_v2(connection, text, -1, &insert, nil) == SQLITE_OK else { fail("no statement") }
    }

    deinit {
        unsafe sqlite3_finalize(insert)
        unsafe sqlite3_close(connection)
    }

    static var version: String { unsafe String(cString: sqlite3_libversion()) }

    private func run(_ text: String) {
        guard unsafe sqlite3_exec(connection, text, nil, nil, nil) == SQLITE_OK else { fail("SQLite refuses: \(text)") }
    }

    func commit(_ group: [Bytes]) {
        // A single statement is a transaction of its own.
        if group.count > 1 { run("BEGIN") }
        for bytes in group {
            let storage = bytes.storage
            let isDone = unsafe storage.withUnsafeBytes { buffer in
                // No destructor: the bytes outlive the step.
                unsafe sqlite3_bind_blob(insert, 1, buffer.baseAddress, Int32(buffer.count), nil)
                return unsafe sqlite3_step(insert) == SQLITE_DONE
            }
            guard isDone, unsafe sqlite3_reset(insert) == SQLITE_OK else { fail("SQLite does not insert") }
        }
        if group.count > 1 { run("COMMIT") }
    }
}
