import Glibc
public import MeshCore

/// Does on real files what one lane of a log asks for, one operation after the other.
///
/// Each lane has its own, so that two threads can drive both: they never touch the same open file. Every call blocks
/// until the system has answered. After the first error nothing is done any more: what a failed sync left on the disk
/// nobody knows, and asking again may be answered with a lie.
///
/// Source: "fsyncgate" (PostgreSQL, 2018); Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020.
public struct FileLane: ~Copyable {
    private let folder: FileDirectory
    /// Files that were made here and are still written to; hardly ever more than one.
    private var open: [(file: Storage.File, descriptor: Int32)] = []
    /// The error that ended this lane.
    public private(set) var failure: FileError?

    /// Creates a lane on a folder that this process holds.
    public init(_ folder: FileDirectory) {
        invariant(folder.isHeld, "only who holds a folder writes to it")
        self.folder = folder
    }

    deinit {
        for entry in open { _ = close(entry.descriptor) }
    }

    /// Does one operation.
    ///
    /// - Throws: What the system reports; the same error for every operation after that.
    public mutating func perform(_ operation: Storage.Operation) throws(FileError) {
        if let failure { throw failure }
        do {
            switch operation {
            case .create(let file, let byteCount): try create(file, byteCount)
            case .write(let file, at: let offset, let bytes): try write(bytes, to: file, at: offset)
            case .sync(let file): try sync(file)
            case .rename(let file, to: let other): try rename(file, to: other)
            case .delete(let file): try delete(file)
            case .syncDirectory: try check(fsync(folder.descriptor), folder.path)
            }
        } catch {
            failure = error
            throw error
        }
    }

    private func check(_ result: Int32, _ path: String) throws(FileError) {
        guard result == 0 else { throw FileError(errno, at: path) }
    }

    private func path(of file: Storage.File) -> String { "\(folder.path)/\(file)" }

    /// The open descriptor of a file; opened, and left open, when it is not.
    private mutating func descriptor(of file: Storage.File) throws(FileError) -> Int32 {
        for entry in open where entry.file == file { return entry.descriptor }
        let descriptor = unsafe openat(folder.descriptor, file.description, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno, at: path(of: file)) }
        open.append((file, descriptor))
        return descriptor
    }

    /// Closes a file that is not written to any more.
    private mutating func release(_ file: Storage.File) {
        guard let place = open.firstIndex(where: { $0.file == file }) else { return }
        _ = close(open[place].descriptor)
        open.remove(at: place)
    }

    private mutating func create(_ file: Storage.File, _ byteCount: Int64) throws(FileError) {
        // Whatever was written before in this lane is synced by now.
        for entry in open { _ = close(entry.descriptor) }
        open.removeAll(keepingCapacity: true)
        let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC
        let descriptor = unsafe openat(folder.descriptor, file.description, flags, 0o644)
        guard descriptor >= 0 else { throw FileError(errno, at: path(of: file)) }
        open.append((file, descriptor))
        guard byteCount > 0 else { return }
        var reason = posix_fallocate(descriptor, 0, off_t(byteCount))
        while reason == EINTR { reason = posix_fallocate(descriptor, 0, off_t(byteCount)) }
        switch reason {
        case 0: return
        // A file system that cannot reserve room gets at least the size.
        case EOPNOTSUPP, EINVAL: try check(ftruncate(descriptor, off_t(byteCount)), path(of: file))
        case _: throw FileError(reason, at: path(of: file))
        }
    }

    private mutating func write(_ bytes: [UInt8], to file: Storage.File, at offset: Int64) throws(FileError) {
        try Self.writeAll(bytes, to: try descriptor(of: file), at: offset, path(of: file))
    }

    /// Writes all of it, in as many pieces as the system takes.
    static func writeAll(
        _ bytes: [UInt8], to descriptor: Int32, at offset: Int64, _ path: @autoclosure () -> String
    ) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written,
                    off_t(offset) + off_t(written))
            }
            if count > 0 {
                written += count
            } else if count == 0 {
                throw FileError(EIO, at: path())
            } else if errno != EINTR {
                throw FileError(errno, at: path())
            }
        }
    }

    private mutating func sync(_ file: Storage.File) throws(FileError) {
        let wasOpen = open.contains { $0.file == file }
        // Interrupted counts as failed: whether an error was reported and lost with it cannot be told.
        try check(fdatasync(try descriptor(of: file)), path(of: file))
        if !wasOpen { release(file) }
    }

    private mutating func rename(_ file: Storage.File, to other: Storage.File) throws(FileError) {
        try check(
            unsafe renameat(folder.descriptor, file.description, folder.descriptor, other.description),
            path(of: file))
        release(file)
    }

    private mutating func delete(_ file: Storage.File) throws(FileError) {
        release(file)
        // A file that an earlier attempt has removed is gone, which is what was asked for.
        guard unsafe unlinkat(folder.descriptor, file.description, 0) != 0, errno != ENOENT else { return }
        throw FileError(errno, at: path(of: file))
    }
}
