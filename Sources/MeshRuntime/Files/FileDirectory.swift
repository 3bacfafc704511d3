import Glibc
public import MeshCore
import Synchronization

/// A log's folder on a real disk: what is in it, and who may write to it.
///
/// At most one process holds a folder for writing: it locks the file `lock` in it, and writes its number there for
/// whoever comes second. The system drops the lock with the process, however it ends. Reading needs no lock.
///
/// Every read opens the file, reads and closes it, so nothing has to be closed and nothing goes stale.
public final class FileDirectory: StorageDirectory, Sendable {
    /// The folder's path, as it was given.
    public let path: String
    /// The folder itself, so that moving it does not matter.
    let descriptor: Int32
    /// The lock file; -1 when the folder is only read.
    private let lock: Int32
    /// The files of removed segments that new ones may take, by name.
    private let spares = Mutex<[String]>([])

    /// Whether this process may write.
    public var isHeld: Bool { lock >= 0 }

    private init(path: String, descriptor: Int32, lock: Int32) {
        self.path = path
        self.descriptor = descriptor
        self.lock = lock
    }

    deinit {
        if lock >= 0 { _ = close(lock) }
        _ = close(descriptor)
    }

    /// Opens a folder to read from.
    public static func reading(_ path: String) throws(FileError) -> FileDirectory {
        FileDirectory(path: path, descriptor: try openFolder(path), lock: -1)
    }

    /// Opens a folder to write to, makes it if it is not there, and locks it.
    ///
    /// - Throws: ``FileError/locked(folder:process:)`` while another process, or another value of this type, holds it.
    public static func holding(_ path: String) throws(FileError) -> FileDirectory {
        if unsafe mkdir(path, 0o755) == 0 {
            // The new folder's own name has to survive as well.
            let above = try openFolder(path + "/..")
            defer { _ = close(above) }
            guard fsync(above) == 0 else { throw FileError(errno, at: path) }
        } else if errno != EEXIST {
            throw FileError(errno, at: path)
        }
        let folder = try openFolder(path)
        do {
            return FileDirectory(path: path, descriptor: folder, lock: try takeLock(in: folder, path))
        } catch {
            _ = close(folder)
            throw error
        }
    }

    private static func openFolder(_ path: String) throws(FileError) -> Int32 {
        let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FileError(errno, at: path) }
        return folder
    }

    private static func takeLock(in folder: Int32, _ path: String) throws(FileError) -> Int32 {
        let file = unsafe openat(folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw FileError(errno, at: path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            defer { _ = close(file) }
            guard reason == EWOULDBLOCK else { throw FileError(reason, at: path) }
            throw .locked(folder: path, process: number(in: file))
        }
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(file, 0)
        _ = unsafe text.withUnsafeBytes { bytes in unsafe pwrite(file, bytes.baseAddress, bytes.count, 0) }
        return file
    }

    /// The number that a holder wrote into its lock file.
    private static func number(in file: Int32) -> Int32? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            let found = unsafe pread(file, buffer.baseAddress, 16, 0)
            count = found > 0 ? found : 0
        }
        return Int32(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self))
    }

    /// The process that holds this folder for writing; `nil` when none does, or when this one does.
    public var holder: Int32? {
        guard lock < 0 else { return nil }
        let file = unsafe openat(descriptor, "lock", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        guard flock(file, LOCK_SH | LOCK_NB) != 0 else { return nil }
        return Self.number(in: file)
    }
}

// MARK: - Files to use again

extension FileDirectory {
    /// How many files of removed segments are kept for new ones, 4: room that the log held until now anyway.
    private static var spareLimit: Int { 4 }

    private static var sparePrefix: String { "spare-" }

    /// The name of a removed segment's file.
    static func spareName(_ number: UInt64) -> String { sparePrefix + String(number, radix: 16) }

    /// Whether another file would be kept, besides so many that are about to be.
    func wantsSpares(besides count: Int) -> Bool { spares.withLock { $0.count + count < Self.spareLimit } }

    /// Keeps a file that no name of the log leads to any more, for good.
    func addSpare(_ name: String) { spares.withLock { $0.append(name) } }

    /// A file to use again.
    func takeSpare() -> String? { spares.withLock { $0.popLast() } }

    /// Removes the files that a process before this one kept.
    ///
    /// They are not used again: if a crash left one with two names, a segment of the log would be written over.
    func removeSpares() throws(FileError) {
        let found: [String]
        do { found = try names() } catch { throw .storage(folder: path, error) }
        for name in found where name.utf8.starts(with: Self.sparePrefix.utf8) {
            guard unsafe unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
                throw FileError(errno, at: "\(path)/\(name)")
            }
        }
    }
}

// MARK: - Before reading

extension FileDirectory {
    /// Makes every file of the log durable, then has the system forget its copies in memory, so that what is read next
    /// is what is at rest.
    ///
    /// After a sync that failed, the system's memory still holds what the disk does not, and calls it clean: a process
    /// that came back and read it would build on something that is not there.
    ///
    /// Source: Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020, section 3.
    ///
    /// - Complexity: O(bytes that are not durable).
    public func forgetCache() throws(FileError) {
        let found: [Storage.File]
        do { found = try files() } catch { throw .storage(folder: path, error) }
        for file in found {
            let place = "\(path)/\(file)"
            let source = unsafe openat(descriptor, file.description, O_RDONLY | O_CLOEXEC)
            guard source >= 0 else { throw FileError(errno, at: place) }
            defer { _ = close(source) }
            guard fdatasync(source) == 0 else { throw FileError(errno, at: place) }
            let reason = posix_fadvise(source, 0, 0, POSIX_FADV_DONTNEED)
            guard reason == 0 else { throw FileError(reason, at: place) }
        }
    }
}

// MARK: - Reading

extension FileDirectory {
    /// The log's files that are there; others are not mentioned.
    public func files() throws(Storage.Failure) -> [Storage.File] {
        try names().compactMap { Storage.File(name: Bytes($0)) }
    }

    /// The names of everything in the folder, sorted.
    public func names() throws(Storage.Failure) -> [String] {
        let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .device }
        guard let stream = unsafe fdopendir(copy) else {
            _ = close(copy)
            throw .device
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw .device }
        return names.sorted()
    }

    /// The size of a file in bytes.
    public func byteCount(of file: Storage.File) throws(Storage.Failure) -> Int64 {
        var status = stat()
        guard unsafe fstatat(descriptor, file.description, &status, 0) == 0 else {
            throw errno == ENOENT ? .missing(file) : .device
        }
        return Int64(status.st_size)
    }

    /// Reads bytes from an offset; fewer only at the end of the file.
    public func read(_ file: Storage.File, at offset: Int64, count: Int) throws(Storage.Failure) -> [UInt8] {
        let source = unsafe openat(descriptor, file.description, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw errno == ENOENT ? .missing(file) : .device }
        defer { _ = close(source) }
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let found = unsafe pread(
                    source, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + off_t(filled))
                if found == 0 { return }
                if found > 0 {
                    filled += found
                } else if errno != EINTR {
                    failed = true
                    return
                }
            }
        }
        guard !failed else { throw .device }
        return bytes
    }
}
