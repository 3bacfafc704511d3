import Glibc
public import MeshCore

/// Does on real files what one lane of a log asks for, one operation after the other.
///
/// Each lane has its own, so that two threads can drive both: they never touch the same open file. Every call blocks
/// until the system has answered. After the first error nothing is done any more: what a failed sync left on the disk
/// nobody knows, and asking again may be answered with a lie.
///
/// A sync is cheap where the file's blocks were written before: then the file system has nothing of its own to make
/// durable with the bytes. So room is filled with zeros ahead of small writes, and the files of removed segments are
/// used again for new ones. What stood in them is no danger: a segment's number is in the checksum of its records, and
/// no number is used twice. Behind each write into such a file a sector of zeros follows, so that a log that was not
/// torn ends where a new file's would.
///
/// Source: "fsyncgate" (PostgreSQL, 2018); Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020.
public struct FileLane: ~Copyable {
    private let folder: FileDirectory
    /// The size of the log's sectors where files are used again; `nil` where they are not.
    private let recycledSector: Int?
    /// Files that were made here and are still written to; hardly ever more than one.
    private var open: [OpenFile] = []
    /// Files of removed segments whose old names may come back until the folder is synced.
    private var removed: [String] = []
    /// The error that ended this lane.
    public private(set) var failure: FileError?

    private struct OpenFile {
        let file: Storage.File
        let descriptor: Int32
        /// The size it got when it was made; 0 where it is not known to be reserved.
        var room: Int64 = 0
        /// Up to where the blocks have been written before.
        var writtenUpTo = Int64.max
        /// Whether something else stood in it.
        var isRecycled = false
    }

    /// How far zeros are written ahead of small writes, 1 MiB, and what counts as small, 96 KiB: above that the zeros
    /// cost what they save.
    private static var aheadBytes: Int64 { 1 << 20 }
    private static var smallBytes: Int { 96 << 10 }

    /// Creates a lane on a folder that this process holds.
    ///
    /// - Parameter recycledSector: The size of the log's sectors, to use the files of removed segments again; `nil`
    ///   removes them.
    public init(_ folder: FileDirectory, recycledSector: Int? = nil) {
        invariant(folder.isHeld, "only who holds a folder writes to it")
        self.folder = folder
        self.recycledSector = recycledSector
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
            case .syncDirectory: try syncDirectory()
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

    /// The place of a file among the open ones; opened, and left open, when it is not.
    private mutating func place(of file: Storage.File) throws(FileError) -> Int {
        if let place = open.firstIndex(where: { $0.file == file }) { return place }
        let descriptor = unsafe openat(folder.descriptor, file.description, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno, at: path(of: file)) }
        open.append(OpenFile(file: file, descriptor: descriptor))
        return open.count - 1
    }

    /// Closes a file that is not written to any more.
    private mutating func release(_ file: Storage.File) {
        guard let place = open.firstIndex(where: { $0.file == file }) else { return }
        _ = close(open[place].descriptor)
        open.remove(at: place)
    }

    private mutating func sync(_ file: Storage.File) throws(FileError) {
        let wasOpen = open.contains { $0.file == file }
        // Interrupted counts as failed: whether an error was reported and lost with it cannot be told.
        try check(fdatasync(open[try place(of: file)].descriptor), path(of: file))
        if !wasOpen { release(file) }
    }

    private mutating func rename(_ file: Storage.File, to other: Storage.File) throws(FileError) {
        try check(
            unsafe renameat(folder.descriptor, file.description, folder.descriptor, other.description),
            path(of: file))
        release(file)
    }
}

// MARK: - Making and removing files

extension FileLane {
    private mutating func create(_ file: Storage.File, _ byteCount: Int64) throws(FileError) {
        // Whatever was written before in this lane is synced by now.
        for entry in open { _ = close(entry.descriptor) }
        open.removeAll(keepingCapacity: true)
        if case .segment = file, recycledSector != nil, let spare = folder.takeSpare() {
            return try recycle(spare, as: file, byteCount)
        }
        let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC
        let descriptor = unsafe openat(folder.descriptor, file.description, flags, 0o644)
        guard descriptor >= 0 else { throw FileError(errno, at: path(of: file)) }
        open.append(OpenFile(file: file, descriptor: descriptor))
        guard byteCount > 0, try reserve(byteCount, in: descriptor, of: file) else { return }
        open[0].room = byteCount
        open[0].writtenUpTo = 0
    }

    /// Reserves room; `false` where the file system cannot, and the file gets the size at least.
    private func reserve(_ byteCount: Int64, in descriptor: Int32, of file: Storage.File) throws(FileError) -> Bool {
        var reason = posix_fallocate(descriptor, 0, off_t(byteCount))
        while reason == EINTR { reason = posix_fallocate(descriptor, 0, off_t(byteCount)) }
        switch reason {
        case 0: return true
        case EOPNOTSUPP, EINVAL:
            try check(ftruncate(descriptor, off_t(byteCount)), path(of: file))
            return false
        case _: throw FileError(reason, at: path(of: file))
        }
    }

    /// Gives a removed segment's file to a new one.
    private mutating func recycle(_ spare: String, as file: Storage.File, _ byteCount: Int64) throws(FileError) {
        let place = "\(folder.path)/\(spare)"
        let descriptor = unsafe openat(folder.descriptor, spare, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno, at: place) }
        open.append(OpenFile(file: file, descriptor: descriptor))
        var status = stat()
        try check(unsafe fstat(descriptor, &status), place)
        let found = Int64(status.st_size)
        if found > byteCount { try check(ftruncate(descriptor, off_t(byteCount)), place) }
        var isReserved = true
        if found < byteCount { isReserved = try reserve(byteCount, in: descriptor, of: file) }
        try check(unsafe renameat(folder.descriptor, spare, folder.descriptor, file.description), place)
        open[0].isRecycled = true
        open[0].room = byteCount
        if isReserved && found < byteCount { open[0].writtenUpTo = found }
    }

    private mutating func delete(_ file: Storage.File) throws(FileError) {
        release(file)
        if case .segment(let number) = file, recycledSector != nil, folder.wantsSpares(besides: removed.count) {
            let spare = FileDirectory.spareName(number)
            if unsafe renameat(folder.descriptor, file.description, folder.descriptor, spare) == 0 {
                removed.append(spare)
                return
            }
        } else if unsafe unlinkat(folder.descriptor, file.description, 0) == 0 {
            return
        }
        // A file that an earlier attempt has removed is gone, which is what was asked for.
        guard errno != ENOENT else { return }
        throw FileError(errno, at: path(of: file))
    }

    private mutating func syncDirectory() throws(FileError) {
        try check(fsync(folder.descriptor), folder.path)
        // Until now a crash could have brought the old names back, and the files' content has to be that of those.
        for spare in removed { folder.addSpare(spare) }
        removed.removeAll(keepingCapacity: true)
    }
}

// MARK: - Writing

extension FileLane {
    private mutating func write(_ bytes: [UInt8], to file: Storage.File, at offset: Int64) throws(FileError) {
        let place = try place(of: file)
        try Self.writeAll(bytes, to: open[place].descriptor, at: offset, path(of: file))
        let end = offset + Int64(bytes.count)
        let entry = open[place]
        var zeroEnd = end
        if end > entry.writtenUpTo {
            if bytes.count <= Self.smallBytes { zeroEnd = min(end + Self.aheadBytes, entry.room) }
            open[place].writtenUpTo = max(zeroEnd, end)
        } else if entry.isRecycled, let recycledSector {
            zeroEnd = min(end + Int64(recycledSector), entry.room)
        }
        guard zeroEnd > end else { return }
        try Self.writeZeros(to: entry.descriptor, from: end, upTo: zeroEnd, path(of: file))
    }

    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    /// Writes zeros over a range.
    private static func writeZeros(
        to descriptor: Int32, from start: Int64, upTo end: Int64, _ path: @autoclosure () -> String
    ) throws(FileError) {
        var offset = start
        while offset < end {
            let count = min(Int(end - offset), zeros.count)
            try writeAll(zeros, count: count, to: descriptor, at: offset, path())
            offset += Int64(count)
        }
    }

    /// Writes all of it, or so many bytes of it, in as many pieces as the system takes.
    static func writeAll(
        _ bytes: [UInt8], count wanted: Int? = nil, to descriptor: Int32, at offset: Int64,
        _ path: @autoclosure () -> String
    ) throws(FileError) {
        let wanted = wanted ?? bytes.count
        var written = 0
        while written < wanted {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress?.advanced(by: written), wanted - written,
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
}
