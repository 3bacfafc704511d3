/// Images: the log begins anew from a few records, so that old segments can go.
extension WriteAheadLog {
    /// The image that is being written, piece by piece, in its own lane.
    struct ImageWriter: Sendable {
        enum Phase: Sendable {
            case idle
            /// Records are being written.
            case writing
            /// The image is being made durable and given its name.
            case naming
            /// What it replaces is being removed.
            case removing
        }

        var phase = Phase.idle
        var records: [Stable.Record] = []
        var nextRecord = 0
        /// The last sequence number that the image covers.
        var sequence: UInt64 = 0
        var offset: Int64 = 0

        var file: Storage.File { .newImage(sequence) }
    }

    /// How many bytes of log make an image worth writing.
    private var imageThreshold: Int64 {
        2 * imageBytes > settings.imageAfterBytes ? 2 * imageBytes : settings.imageAfterBytes
    }

    /// What the disk is to do next for an image; one is begun when enough was written since the last.
    @usableFromInline
    mutating func nextImageOperation() -> Storage.Operation? {
        if image.phase == .idle && isReady && bytesSinceImage >= imageThreshold { beginImage() }
        return imageQueue.popFirst()
    }

    /// Begins an image of what is durable, unless one is under way or the last one covers all of it.
    ///
    /// - Complexity: O(records of the image); they are encoded later, a piece at a time.
    public mutating func beginImage() {
        guard failure == nil, image.phase == .idle, durableSequence > imageSequence else { return }
        image.phase = .writing
        image.records = stable.records
        image.nextRecord = 0
        image.sequence = durableSequence
        bytesSinceImage = 0
        let header = Storage.FileHeader(number: image.sequence, sequence: image.sequence)
        let bytes = header.encoded(for: image.file, sectorBytes: settings.sectorBytes)
        image.offset = Int64(bytes.count)
        performImage(.create(image.file, byteCount: 0))
        performImage(.write(image.file, at: 0, bytes))
    }

    private mutating func performImage(_ operation: Storage.Operation) {
        openImageOperations += 1
        imageQueue.append(operation)
    }

    /// Goes on with the image once everything asked for is done.
    @usableFromInline
    mutating func imageOperationDone() {
        invariant(openImageOperations > 0, "only what was asked for is completed")
        openImageOperations -= 1
        guard openImageOperations == 0 else { return }
        switch image.phase {
        case .idle: break
        case .writing: writeImagePiece()
        case .naming: removeWhatIsCovered()
        case .removing: image.phase = .idle
        }
    }

    /// Writes the next records, and behind the last one the end mark.
    private mutating func writeImagePiece() {
        var bytes: [UInt8] = []
        while image.nextRecord < image.records.count, bytes.count < settings.imagePieceBytes {
            let sequence = UInt64(image.nextRecord) + 1
            Storage.FrameHeader.append(image.records[image.nextRecord], sequence: sequence, place: 0, to: &bytes)
            image.nextRecord += 1
        }
        let isLast = image.nextRecord == image.records.count
        if isLast {
            // An empty frame ends the image: its number says how many records stand before it.
            Storage.FrameHeader.appendEnd(sequence: UInt64(image.records.count) + 1, to: &bytes)
        }
        Storage.FrameHeader.seal(&bytes, fileNumber: image.sequence)
        performImage(.write(image.file, at: image.offset, bytes))
        image.offset += Int64(bytes.count)
        if isLast { nameImage() }
    }

    /// Makes the image durable, then gives it its name.
    private mutating func nameImage() {
        image.phase = .naming
        image.records.removeAll()
        #if MUTANTS
        let isSynced = !Mutant.imageNamedBeforeSync.isPlanted
        #else
        let isSynced = true
        #endif
        if isSynced { performImage(.sync(image.file)) }
        performImage(.rename(image.file, to: .image(image.sequence)))
        performImage(.syncDirectory)
    }

    /// Removes what the image, durable now, makes superfluous: the older image, and segments it covers wholly.
    private mutating func removeWhatIsCovered() {
        let older = imageSequence
        imageSequence = image.sequence
        imageBytes = image.offset
        if older > 0 { performImage(.delete(.image(older))) }
        var covered = 0
        while covered + 1 < segments.count, isCovered(before: segments[covered + 1]) {
            performImage(.delete(.segment(segments[covered].number)))
            covered += 1
        }
        segments.removeFirst(covered)
        performImage(.syncDirectory)
        image.phase = .removing
    }

    /// Whether the image covers every record that stands before a segment.
    private func isCovered(before next: Segment) -> Bool {
        #if MUTANTS
        if Mutant.segmentDroppedEarly.isPlanted { return next.firstSequence - 1 <= imageSequence + 1 }
        #endif
        return next.firstSequence - 1 <= imageSequence
    }

    /// Asks for what has to happen before the node starts: what was read becomes durable, a new segment is made to
    /// write to, and what is of no use any more is removed.
    ///
    /// A segment that was cut is not written to again, so that nothing of its torn tail can ever be read.
    mutating func settle(removing leftovers: [Storage.File]) {
        for segment in segments { perform(.sync(.segment(segment.number))) }
        makeSegment(roomFor: 0)
        guard !leftovers.isEmpty else { return }
        for file in leftovers { performImage(.delete(file)) }
        performImage(.syncDirectory)
        image.phase = .removing
    }
}
