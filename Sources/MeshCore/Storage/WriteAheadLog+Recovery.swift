/// Reading a log back.
extension WriteAheadLog {
    /// What was found on the disk.
    public struct Recovered: Sendable {
        /// The log, to go on with.
        public var log: WriteAheadLog
        /// What was read.
        public var report: Storage.RecoveryReport
    }

    /// Reads the newest image and the segments behind it.
    ///
    /// A torn tail is cut: what a crash left of the last batch, which nobody was told about. Anything else that is
    /// missing was durable once, and is refused with its place: the batch behind a broken frame was only written after
    /// the broken one was durable, so a readable later batch tells rot from a torn write. Rot in the very last batch
    /// cannot be told from a torn write.
    ///
    /// - Complexity: O(bytes on the disk), in memory of the largest record and what the records leave.
    public static func recover<Directory: StorageDirectory>(
        from directory: Directory, settings: Storage.Settings
    ) throws(Storage.Failure) -> Recovered {
        let files = try directory.files().sorted()
        var reading = Reading()
        try reading.readNewestImage(of: files, in: directory, settings)
        try reading.readSegments(of: files, in: directory, settings)
        try reading.checkImages()
        var log = WriteAheadLog(settings: settings, reading: reading, lastSegmentNumber: reading.lastSegmentNumber)
        log.settle(removing: reading.report.leftovers.map { $0.file })
        return Recovered(log: log, report: reading.report)
    }
}

extension WriteAheadLog {
    /// A recovery under way.
    struct Reading {
        var stable = Stable()
        /// The number of the next record to fold.
        var expected: UInt64 = 1
        var segments: [Segment] = []
        var lastSegmentNumber: UInt64 = 0
        var imageBytes: Int64 = 0
        var logBytes: Int64 = 0
        /// The newest image that is not whole, and where it breaks off.
        var brokenImage: Storage.RecoveryReport.Place?
        var report = Storage.RecoveryReport()
    }
}

// MARK: - Images

extension WriteAheadLog.Reading {
    /// Folds the newest image that is whole; the others are leftovers.
    mutating func readNewestImage<Directory: StorageDirectory>(
        of files: [Storage.File], in directory: Directory, _ settings: Storage.Settings
    ) throws(Storage.Failure) {
        var candidates: [Storage.File] = []
        for file in files {
            switch file {
            case .segment(let number): if number > lastSegmentNumber { lastSegmentNumber = number }
            case .image: candidates.append(file)
            case .newImage: report.leave(file, .unfinishedImage)
            case .damagedSegment(let number): if number > lastSegmentNumber { lastSegmentNumber = number }
            case .damagedImage: break
            }
        }
        #if MUTANTS
        if Mutant.staleImagePreferred.isPlanted { candidates.reverse() }
        #endif
        while let file = candidates.popLast() {
            var place: Int64 = 0
            if try readImage(file, in: directory, settings, upTo: &place) {
                for older in candidates { report.leave(older, .covered) }
                return
            }
            stable = Stable()
            if brokenImage == nil { brokenImage = Storage.RecoveryReport.Place(file: file, offset: place) }
            report.leave(file, .brokenImage)
        }
    }

    /// Refuses a disk with a damaged image unless older files bring back everything that it covered: an image had its
    /// name when it was durable, and so had the records in it.
    func checkImages() throws(Storage.Failure) {
        guard let brokenImage, expected <= brokenImage.file.number else { return }
        throw .damaged(brokenImage.file, at: brokenImage.offset, .image)
    }

    /// Folds an image; `false` if it is not whole.
    ///
    /// - Parameter place: Where it breaks off.
    private mutating func readImage<Directory: StorageDirectory>(
        _ file: Storage.File, in directory: Directory, _ settings: Storage.Settings, upTo place: inout Int64
    ) throws(Storage.Failure) -> Bool {
        do {
            _ = try Storage.header(of: file, in: directory)
        } catch .damaged {
            return false
        }
        var frames = try Storage.FrameReader(file, in: directory, settings: settings)
        var count: UInt64 = 0
        while case .frame(let header, let payload, _) = try frames.next(), header.sequence == count + 1 {
            if header.length == 0 {
                expected = file.number + 1
                report.imageSequence = file.number
                report.imageRecords = count
                imageBytes = frames.offset
                return true
            }
            count += 1
            guard (try? fold(payload)) != nil else { return false }
            place = frames.offset
        }
        place = frames.offset
        return false
    }

    /// Decodes a record and folds it.
    private mutating func fold(_ payload: [UInt8]) throws(WireError) {
        var reader = WireReader(payload)
        let record = try Stable.Record(from: &reader)
        try reader.finish()
        stable.apply(record)
    }
}

// MARK: - Segments

extension WriteAheadLog.Reading {
    /// Folds every record behind the image.
    mutating func readSegments<Directory: StorageDirectory>(
        of files: [Storage.File], in directory: Directory, _ settings: Storage.Settings
    ) throws(Storage.Failure) {
        var found: [WriteAheadLog.Segment] = []
        // Behind a header that cannot be read nothing is read, but everything in front of it.
        var headerDamage: Storage.Failure?
        for case .segment(let number) in files where headerDamage == nil {
            do throws(Storage.Failure) {
                if let first = try firstSequence(of: number, in: directory, settings) {
                    found.append(WriteAheadLog.Segment(number: number, firstSequence: first))
                } else {
                    report.leave(.segment(number), .unusedSegment)
                }
            } catch {
                headerDamage = error
            }
        }
        for position in found.indices {
            let next = position + 1 < found.count ? found[position + 1].firstSequence : nil
            // Records are numbered onwards: a segment that begins before the one in front of it says something wrong.
            if let next, next < found[position].firstSequence {
                throw .damaged(.segment(found[position + 1].number), at: 24, .header)
            }
            if let next, next <= expected {
                report.leave(.segment(found[position].number), .covered)
                continue
            }
            try readSegment(found[position], upTo: next, in: directory, settings)
            segments.append(found[position])
            report.segments += 1
        }
        report.lastSequence = expected - 1
        if let headerDamage { throw headerDamage }
    }

    /// Where a segment begins; `nil` if it was never finished making, and so never held anything.
    private func firstSequence<Directory: StorageDirectory>(
        of number: UInt64, in directory: Directory, _ settings: Storage.Settings
    ) throws(Storage.Failure) -> UInt64? {
        let file = Storage.File.segment(number)
        do {
            return try Storage.header(of: file, in: directory).sequence
        } catch .damaged(let file, let offset, let damage) {
            if case .version = damage { throw .damaged(file, at: offset, damage) }
            // The header was durable before the first record was written, so records below a broken one mean rot.
            var frames = try Storage.FrameReader(file, in: directory, settings: settings)
            if case .frame = try frames.next() { throw .damaged(file, at: offset, damage) }
            if try frames.resynchronize() != nil { throw .damaged(file, at: offset, damage) }
            return nil
        }
    }

    /// Folds the records of a segment, up to where the next one begins.
    private mutating func readSegment<Directory: StorageDirectory>(
        _ segment: WriteAheadLog.Segment, upTo next: UInt64?, in directory: Directory, _ settings: Storage.Settings
    ) throws(Storage.Failure) {
        let file = Storage.File.segment(segment.number)
        guard segment.firstSequence <= expected else {
            throw .damaged(file, at: 0, .gap(from: expected, to: segment.firstSequence - 1))
        }
        var frames = try Storage.FrameReader(file, in: directory, settings: settings)
        var sequence = segment.firstSequence
        while next == nil || sequence < next ?? 0 {
            let step = try frames.next()
            if case .frame(let header, let payload, let at) = step {
                if header.sequence == sequence {
                    try take(payload, sequence, in: file, at: at)
                    sequence += 1
                    continue
                }
                // What stands here instead may show that the record that is missed was durable.
                frames.resume(at: at)
            }
            let isTorn = if case .end = step { false } else { true }
            guard let found = try judge(&frames, sequence, isTorn: isTorn, isLast: next == nil) else { break }
            sequence = found
        }
        logBytes += frames.offset
    }

    /// Folds a record unless the image covers it.
    private mutating func take(
        _ payload: [UInt8], _ sequence: UInt64, in file: Storage.File, at offset: Int64
    ) throws(Storage.Failure) {
        guard sequence == expected else { return }
        do {
            try fold(payload)
        } catch {
            let kind: Storage.WireErrorKind
            switch error {
            case .truncated, .trailingBytes: kind = .length
            default: kind = .content
            }
            throw .damaged(file, at: offset, .record(kind))
        }
        expected += 1
        report.logRecords += 1
    }

    /// Decides what a frame that cannot be read means.
    ///
    /// - Returns: Where reading goes on when nothing that is broken matters; `nil` when the log ends here.
    private mutating func judge<Directory: StorageDirectory>(
        _ frames: inout Storage.FrameReader<Directory>, _ sequence: UInt64, isTorn: Bool, isLast: Bool
    ) throws(Storage.Failure) -> UInt64? {
        let file = frames.file
        let place = frames.offset
        #if MUTANTS
        if Mutant.tailCutAtRot.isPlanted { return nil }
        #endif
        // The first record that is missed: what the image covers may rot, and so may the filling between two batches.
        let missed = sequence < expected ? expected : sequence
        var isTorn = isTorn
        var search = frames
        while let (header, offset) = try search.resynchronize() {
            if header.sequence <= missed && header.sequence >= sequence {
                report.passOver(file, at: place)
                frames.resume(at: offset)
                return header.sequence
            }
            if header.sequence > missed {
                isTorn = true
                if header.batchStart > missed { throw .damaged(file, at: place, .rot(sequence: missed)) }
            }
        }
        guard isLast else { throw .damaged(file, at: place, .rot(sequence: missed)) }
        if isTorn { report.cut = Storage.RecoveryReport.Place(file: file, offset: place) }
        return nil
    }
}
