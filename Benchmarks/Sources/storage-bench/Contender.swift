import CSQLite
import Glibc
import MeshCore
import MeshRuntime

/// What makes groups of records durable.
protocol Contender: AnyObject {
    /// What it is called in the table.
    var name: String { get }
    /// Makes a group of records durable, and returns when it is.
    func commit(_ group: [Bytes])
}

/// Says what went wrong and ends.
func fail(_ text: String) -> Never {
    let bytes = Array("storage-bench: \(text)\n".utf8)
    _ = unsafe bytes.withUnsafeBytes { buffer in unsafe write(STDERR_FILENO, buffer.baseAddress, buffer.count) }
    exit(2)
}

/// The limit: the bytes that the log would write, as they are, with one `pwrite` and one `fdatasync`.
final class BareLoop: Contender {
    let name = "pwrite+fdatasync"
    private let folder: String
    private var file: Int32 = -1
    private var number = 0
    private var offset = 0
    private var bytes: [UInt8] = []
    private static let fileBytes = 64 << 20

    init(_ folder: String) {
        self.folder = folder
        guard unsafe mkdir(folder, 0o755) == 0 else { fail("\(folder): cannot be made") }
        nextFile()
    }

    deinit { _ = close(file) }

    /// Files of the size of a segment, with their room reserved, like the log's.
    private func nextFile() {
        if file >= 0 { _ = close(file) }
        if number > 1 { _ = unsafe unlink("\(folder)/\(number - 2)") }
        file = unsafe open("\(folder)/\(number)", O_RDWR | O_CREAT | O_TRUNC, 0o644)
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

/// The log of MeshCore on real files.
final class OurLog: Contender {
    let name = "mesh"
    private var driver: Box
    private var ticket: UInt64 = 0

    /// Holds what cannot be copied.
    private final class Box {
        var driver: LogDriver<Keep>
        init(_ driver: consuming LogDriver<Keep>) { self.driver = driver }
    }

    init(_ folder: String) {
        do { driver = Box(try LogDriver(opening: folder)) } catch { fail("\(error)") }
    }

    func commit(_ group: [Bytes]) {
        for bytes in group {
            ticket += 1
            driver.driver.append(Keep.Record(bytes), Ticket(ticket))
        }
        do {
            guard try driver.driver.commit() == Ticket(ticket) else { fail("the log did not commit") }
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
