/// Going on behind damage, for machines that can live with having forgotten something.
extension WriteAheadLog {
    /// What a damaged disk still gives.
    public struct Salvaged: Sendable {
        /// The log, to go on with.
        public var log: WriteAheadLog
        /// What was found.
        public var report: Storage.SalvageReport
    }

    /// Reads what is legible in front of the damage that ``recover(from:settings:)`` refuses.
    ///
    /// The state that comes back says of itself that it is not whole (``StableState/amnesia``). It is written as an
    /// image that covers everything on the disk, and has its name durably before anything else is touched: until then
    /// the disk is refused as before, afterwards it is known to have forgotten something. What was not read is renamed,
    /// never removed.
    ///
    /// Throws what `recover` throws if the machine cannot live with a loss, or if none is at fault: a disk that reports
    /// errors, a format that is not known.
    ///
    /// - Returns: `nil` if nothing is damaged.
    /// - Complexity: O(bytes on the disk), in memory of the state and its image.
    public static func salvage<Directory: StorageDirectory>(
        from directory: Directory, settings: Storage.Settings
    ) throws(Storage.Failure) -> Salvaged? {
        let files = try directory.files().sorted()
        var reading = Reading()
        var found: Storage.Failure?
        do throws(Storage.Failure) {
            try reading.readNewestImage(of: files, in: directory, settings)
            try reading.readSegments(of: files, in: directory, settings)
            try reading.checkImages()
        } catch {
            found = error
        }
        guard let damage = found else { return nil }
        guard case .damaged(_, at: _, let kind) = damage, let mark = Stable.amnesia else { throw damage }
        if case .version = kind { throw damage }
        reading.report.lastSequence = reading.expected - 1
        let last = try lastSequence(of: files, in: directory, settings)
        var report = Storage.SalvageReport(damage: damage, recovery: reading.report, lastSeen: last.seen)
        reading.stable.apply(mark)
        var log = WriteAheadLog(settings: settings, reading: reading, lastSegmentNumber: reading.lastSegmentNumber)
        log.replace(files, behind: last.bound, &report)
        return Salvaged(log: log, report: report)
    }

    /// The highest sequence number that can be read anywhere, and one that nothing on the disk can reach.
    private static func lastSequence<Directory: StorageDirectory>(
        of files: [Storage.File], in directory: Directory, _ settings: Storage.Settings
    ) throws(Storage.Failure) -> (seen: UInt64, bound: UInt64) {
        var seen: UInt64 = 0
        var room: UInt64 = 1
        for file in files {
            guard case .segment = file else {
                if file.number > seen { seen = file.number }
                continue
            }
            if let header = try? Storage.header(of: file, in: directory), header.sequence > seen + 1 {
                seen = header.sequence - 1
            }
            var frames = try Storage.FrameReader(file, in: directory, settings: settings)
            room += UInt64(frames.byteCount) / UInt64(Storage.FrameHeader.byteCount) + 1
            while let (header, _) = try frames.resynchronize() {
                if header.sequence > seen { seen = header.sequence }
            }
        }
        return (seen, seen + room)
    }

    /// Asks for the image that replaces what was read, then that what was not read is set aside, and the rest removed.
    private mutating func replace(
        _ files: [Storage.File], behind bound: UInt64, _ report: inout Storage.SalvageReport
    ) {
        lastAppended = bound
        lastDurable = bound
        imageSequence = bound
        bytesSinceImage = 0
        let read = segments
        segments = []
        writeWholeImage(bound)
        for file in files {
            switch file {
            case .segment(let number):
                let isRead = read.contains { $0.number == number }
                let isOfNoUse = report.recovery.leftovers.contains { $0.file == file }
                if isRead || isOfNoUse {
                    perform(.delete(file))
                } else {
                    setAside(file, .damagedSegment(number), &report)
                }
            case .image(let sequence):
                if sequence == report.recovery.imageSequence {
                    perform(.delete(file))
                } else {
                    setAside(file, .damagedImage(sequence), &report)
                }
            case .newImage(let sequence): if sequence != bound { perform(.delete(file)) }
            case .damagedSegment, .damagedImage: break
            }
        }
        makeSegment(roomFor: 0)
    }

    private mutating func setAside(
        _ file: Storage.File, _ name: Storage.File, _ report: inout Storage.SalvageReport
    ) {
        perform(.rename(file, to: name))
        report.aside.append(name)
    }

    /// Writes an image in the log's lane, because the node must not start before it has its name durably.
    private mutating func writeWholeImage(_ sequence: UInt64) {
        let file = Storage.File.newImage(sequence)
        let header = Storage.FileHeader(number: sequence, sequence: sequence, sectorBytes: settings.sectorBytes)
        var bytes = header.encoded(for: file, sectorBytes: settings.sectorBytes)
        perform(.create(file, byteCount: 0))
        perform(.write(file, at: 0, bytes))
        imageBytes = Int64(bytes.count)
        bytes.removeAll()
        var number: UInt64 = 0
        for record in stable.records {
            number += 1
            Storage.FrameHeader.append(record, sequence: number, place: 0, to: &bytes)
            if bytes.count >= settings.imagePieceBytes { writePiece(&bytes, file) }
        }
        Storage.FrameHeader.appendEnd(sequence: number + 1, to: &bytes)
        writePiece(&bytes, file)
        perform(.sync(file))
        perform(.rename(file, to: .image(sequence)))
        perform(.syncDirectory)
    }

    private mutating func writePiece(_ bytes: inout [UInt8], _ file: Storage.File) {
        Storage.FrameHeader.seal(&bytes, fileNumber: file.number)
        perform(.write(file, at: imageBytes, bytes))
        imageBytes += Int64(bytes.count)
        bytes.removeAll(keepingCapacity: true)
    }
}

extension Storage {
    /// What ``WriteAheadLog/salvage(from:settings:)`` found.
    public struct SalvageReport: Hashable, Sendable {
        /// The first damage.
        public var damage: Failure
        /// What was read in front of it.
        public var recovery: RecoveryReport
        /// The highest sequence number that can be read anywhere; what lies behind ``RecoveryReport/lastSequence`` is
        /// lost, and perhaps more than that.
        public var lastSeen: UInt64
        /// The files that were not read, by their new names.
        public var aside: [File] = []

        /// How many records are surely lost.
        public var lostCount: UInt64 { lastSeen > recovery.lastSequence ? lastSeen - recovery.lastSequence : 0 }
    }
}

extension Storage.SalvageReport: CustomStringConvertible {
    /// What is kept and what is lost, as a sentence.
    public var description: String {
        "\(damage); records up to \(recovery.lastSequence) are kept, at least \(lostCount) are lost, "
            + "\(aside.count) files are set aside"
    }
}
