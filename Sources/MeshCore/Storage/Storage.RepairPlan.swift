extension Storage {
    /// What can be done about a damaged log, and is provably right; nothing is done here.
    ///
    /// The judge is ``WriteAheadLog/recover(from:settings:)``. Beyond what it does by itself, one kind of damage can be
    /// undone: a segment's header holds nothing that its name and its first record do not say as well.
    public struct RepairPlan: Hashable, Sendable {
        /// What is to be done, in order; a file that is not named stays as it is.
        public var steps: [Step] = []
        /// What comes back afterwards; `nil` when nothing does.
        public var report: RecoveryReport?
        /// What is broken and cannot be repaired from this disk alone; `nil` when everything comes back.
        public var refusal: Failure?

        /// One thing to do.
        public enum Step: Hashable, Sendable {
            /// Puts a file of no use away.
            case moveAside(File, RecoveryReport.Leftover.Reason)
            /// Ends a file before a torn write that nobody was told about.
            case cut(File, at: Int64, byteCount: Int64)
            /// Writes a header anew from the first record behind it.
            case writeHeader(File, FileHeader)

            /// The file.
            public var file: File {
                switch self {
                case .moveAside(let file, _), .cut(let file, at: _, byteCount: _), .writeHeader(let file, _): file
                }
            }
        }

        /// Whether there is nothing to do and nothing broken.
        public var isWhole: Bool { steps.isEmpty && refusal == nil && report?.passedOverCount == 0 }
    }
}

extension WriteAheadLog {
    /// Looks for what can be done about a log.
    ///
    /// - Complexity: As reading it back, once more for every header that is written anew.
    /// - Throws: What keeps the disk from being read at all.
    public static func repairPlan<Directory: StorageDirectory>(
        for directory: Directory, settings: Storage.Settings
    ) throws(Storage.Failure) -> Storage.RepairPlan {
        var plan = Storage.RepairPlan()
        var patched = Patched(base: directory)
        while true {
            do {
                let report = try recover(from: patched, settings: settings).report
                for leftover in report.leftovers { plan.steps.append(.moveAside(leftover.file, leftover.reason)) }
                if let cut = report.cut {
                    let rest = try directory.byteCount(of: cut.file) - cut.offset
                    plan.steps.append(.cut(cut.file, at: cut.offset, byteCount: rest))
                }
                plan.report = report
                return plan
            } catch .damaged(let file, let offset, let damage) {
                guard damage == .header, !patched.hasPatch(of: file),
                    let header = try Storage.headerFromRecords(of: file, in: directory, settings: settings)
                else {
                    plan.refusal = .damaged(file, at: offset, damage)
                    return plan
                }
                plan.steps.append(.writeHeader(file, header))
                patched.put(header, into: file)
            }
        }
    }

    /// A directory in which some headers are other than on the disk.
    private struct Patched<Base: StorageDirectory>: StorageDirectory {
        let base: Base
        private var patches: [(file: Storage.File, bytes: [UInt8])] = []

        init(base: Base) { self.base = base }

        func hasPatch(of file: Storage.File) -> Bool { patches.contains { $0.file == file } }

        mutating func put(_ header: Storage.FileHeader, into file: Storage.File) {
            patches.append((file, header.bytes(for: file)))
        }

        func files() throws(Storage.Failure) -> [Storage.File] { try base.files() }

        func byteCount(of file: Storage.File) throws(Storage.Failure) -> Int64 { try base.byteCount(of: file) }

        func read(_ file: Storage.File, at offset: Int64, count: Int) throws(Storage.Failure) -> [UInt8] {
            var bytes = try base.read(file, at: offset, count: count)
            for patch in patches where patch.file == file && offset < Int64(patch.bytes.count) {
                let start = Int(offset)
                let end = start + bytes.count < patch.bytes.count ? start + bytes.count : patch.bytes.count
                bytes.replaceSubrange(0..<end - start, with: patch.bytes[start..<end])
            }
            return bytes
        }
    }
}

extension Storage {
    /// The header that a segment must have had, by its name and its first record; `nil` if that cannot be proven.
    ///
    /// The first record's checksum covers the file's number, it begins a batch, and nothing but zeros stands between
    /// the header and it, so that no record before it was lost.
    static func headerFromRecords<Directory: StorageDirectory>(
        of file: File, in directory: Directory, settings: Settings
    ) throws(Failure) -> FileHeader? {
        guard case .segment = file else { return nil }
        var frames = try FrameReader(file, in: directory, settings: settings)
        frames.resume(at: 0)
        guard let (first, offset) = try frames.resynchronize(), first.place == 0,
            offset <= 1 << 16, Settings.isSector(Int(offset))
        else { return nil }
        let between = try directory.read(
            file, at: Int64(FileHeader.byteCount), count: Int(offset) - FileHeader.byteCount)
        for byte in between where byte != 0 { return nil }
        return FileHeader(number: file.number, sequence: first.sequence, sectorBytes: Int(offset))
    }
}

extension Storage.FileHeader {
    /// The header of a file as bytes, a whole sector.
    public func bytes(for file: Storage.File) -> [UInt8] {
        encoded(for: file, sectorBytes: sectorBytes ?? Storage.Settings().sectorBytes)
    }
}
