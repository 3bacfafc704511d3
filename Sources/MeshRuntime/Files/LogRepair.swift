import Glibc
public import MeshCore

extension FileDirectory {
    /// Does what a plan says; what is moved, cut or written over is kept in a new folder beside the log's files.
    ///
    /// Copies are durable before anything is changed, so that a crash in the middle costs nothing; the same plan can be
    /// made and carried out again.
    ///
    /// - Returns: The name of the new folder within this one; `nil` when there was nothing to do.
    public func carryOut(_ plan: Storage.RepairPlan) throws(FileError) -> String? {
        invariant(isHeld, "only who holds a folder writes to it")
        guard !plan.steps.isEmpty else { return nil }
        var number = 1
        while unsafe mkdirat(descriptor, "aside-\(number)", 0o755) != 0 {
            guard errno == EEXIST else { throw FileError(errno, at: path) }
            number += 1
        }
        let name = "aside-\(number)"
        let aside = unsafe openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard aside >= 0 else { throw FileError(errno, at: "\(path)/\(name)") }
        defer { _ = close(aside) }
        for step in plan.steps { try keep(step, in: aside) }
        guard fsync(aside) == 0, fsync(descriptor) == 0 else { throw FileError(errno, at: path) }
        for step in plan.steps { try change(step, aside) }
        guard fsync(aside) == 0, fsync(descriptor) == 0 else { throw FileError(errno, at: path) }
        return name
    }

    /// Copies what a step will write over.
    private func keep(_ step: Storage.RepairPlan.Step, in aside: Int32) throws(FileError) {
        switch step {
        case .moveAside: return
        case .cut(let file, at: let offset, byteCount: let count):
            try copy(file, from: offset, count: count, to: "\(file).from-\(offset)", in: aside)
        case .writeHeader(let file, let header):
            try copy(file, from: 0, count: Int64(header.bytes(for: file).count), to: "\(file).header", in: aside)
        }
    }

    private func copy(
        _ file: Storage.File, from offset: Int64, count: Int64, to name: String, in aside: Int32
    ) throws(FileError) {
        let place = "\(path)/\(file)"
        let target = unsafe openat(aside, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard target >= 0 else { throw FileError(errno, at: place) }
        defer { _ = close(target) }
        var done: Int64 = 0
        while done < count {
            let piece: [UInt8]
            do {
                piece = try read(file, at: offset + done, count: Int(min(count - done, 1 << 20)))
            } catch {
                throw .storage(folder: path, error)
            }
            guard !piece.isEmpty else { break }
            try FileLane.writeAll(piece, to: target, at: done, place)
            done += Int64(piece.count)
        }
        guard fsync(target) == 0 else { throw FileError(errno, at: place) }
    }

    private func change(_ step: Storage.RepairPlan.Step, _ aside: Int32) throws(FileError) {
        let name = step.file.description
        if case .moveAside = step {
            guard unsafe renameat(descriptor, name, aside, name) == 0 else { throw FileError(errno, at: path) }
            return
        }
        let target = unsafe openat(descriptor, name, O_RDWR | O_CLOEXEC)
        guard target >= 0 else { throw FileError(errno, at: "\(path)/\(name)") }
        defer { _ = close(target) }
        switch step {
        case .moveAside: break
        case .cut(_, at: let offset, byteCount: _):
            guard ftruncate(target, off_t(offset)) == 0 else { throw FileError(errno, at: "\(path)/\(name)") }
        case .writeHeader(let file, let header):
            try FileLane.writeAll(header.bytes(for: file), to: target, at: 0, "\(path)/\(name)")
        }
        guard fsync(target) == 0 else { throw FileError(errno, at: "\(path)/\(name)") }
    }
}
