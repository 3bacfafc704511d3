public import MeshCore

/// What a fuzzer needs to attack the log's format: seeds from real runs, damage, and what must hold afterwards.
public enum LogFuzz {
    /// The layout of every seed: so small that a few hundred bytes hold segments, images and batches.
    public static var settings: Storage.Settings {
        var settings = Storage.Settings()
        settings.sectorBytes = 64
        settings.segmentBytes = 512
        settings.imageAfterBytes = 1_024
        settings.imagePieceBytes = 256
        return settings
    }
}

/// The files of a log in memory.
public struct Folder: StorageDirectory, Sendable, Hashable {
    /// The files, in any order; a name may stand there twice, then the first one counts.
    public var entries: [Entry] = []

    /// A file and its bytes.
    public struct Entry: Sendable, Hashable {
        /// Its name.
        public var file: Storage.File
        /// Its content.
        public var bytes: [UInt8]

        /// Creates an entry.
        public init(file: Storage.File, bytes: [UInt8]) {
            self.file = file
            self.bytes = bytes
        }
    }

    /// Creates an empty folder.
    public init() {}

    /// The names.
    public func files() throws(Storage.Failure) -> [Storage.File] { entries.map { $0.file } }

    /// The size of a file.
    public func byteCount(of file: Storage.File) throws(Storage.Failure) -> Int64 {
        Int64(entries[try place(of: file)].bytes.count)
    }

    /// Reads bytes; fewer only at the end of the file.
    public func read(_ file: Storage.File, at offset: Int64, count: Int) throws(Storage.Failure) -> [UInt8] {
        let bytes = entries[try place(of: file)].bytes
        guard offset < Int64(bytes.count) else { return [] }
        return Array(bytes[Int(offset)..<min(Int(offset) + count, bytes.count)])
    }

    private func place(of file: Storage.File) throws(Storage.Failure) -> Int {
        guard let place = entries.firstIndex(where: { $0.file == file }) else { throw .missing(file) }
        return place
    }

    /// Does an operation at once and durably.
    mutating func perform(_ operation: Storage.Operation) throws(Storage.Failure) {
        switch operation {
        case .create(let file, let byteCount):
            entries.removeAll { $0.file == file }
            entries.append(Entry(file: file, bytes: [UInt8](repeating: 0, count: Int(byteCount))))
        case .write(let file, at: let offset, let new):
            let place = try place(of: file)
            let end = Int(offset) + new.count
            let missing = end - entries[place].bytes.count
            if missing > 0 { entries[place].bytes += [UInt8](repeating: 0, count: missing) }
            entries[place].bytes.replaceSubrange(Int(offset)..<end, with: new)
        case .rename(let file, to: let other):
            let bytes = entries[try place(of: file)].bytes
            entries.removeAll { $0.file == file || $0.file == other }
            entries.append(Entry(file: other, bytes: bytes))
        case .delete(let file): entries.removeAll { $0.file == file }
        case .sync, .syncDirectory: break
        }
    }

    /// Does what a plan of repair says.
    mutating func carryOut(_ plan: Storage.RepairPlan) throws(Storage.Failure) {
        for step in plan.steps {
            switch step {
            case .moveAside(let file, _): entries.removeAll { $0.file == file }
            case .cut(let file, at: let offset, byteCount: _):
                let place = try place(of: file)
                entries[place].bytes.removeLast(entries[place].bytes.count - Int(offset))
            case .writeHeader(let file, let header): try perform(.write(file, at: 0, header.bytes(for: file)))
            }
        }
    }
}

// MARK: - As one run of bytes, which is what libFuzzer changes

extension Folder {
    /// At most so many files are read out of one input.
    private static let fileLimit = 16

    /// Reads any bytes as a folder: for each file its kind (1), number (1), length (2) and content.
    ///
    /// The first byte says whether checksums are made to fit, without which hardly any damage gets past them.
    public init(input: [UInt8]) {
        guard let first = input.first else { return }
        var position = 1
        while position + 4 <= input.count, entries.count < Self.fileLimit {
            let number = UInt64(input[position + 1])
            let file: Storage.File =
                switch input[position] % 3 {
                case 0: .segment(number)
                case 1: .image(number)
                default: .newImage(number)
                }
            let wanted = Int(input[position + 2]) | Int(input[position + 3]) << 8
            position += 4
            let end = min(position + wanted, input.count)
            if !entries.contains(where: { $0.file == file }) {
                entries.append(Entry(file: file, bytes: Array(input[position..<end])))
            }
            position = end
        }
        if first & 1 == 1 { for place in entries.indices { entries[place].makeChecksumsFit() } }
    }

    /// The folder as an input; checksums are left as they are.
    public var input: [UInt8] {
        var bytes: [UInt8] = [0]
        for entry in entries {
            let kind: UInt8 =
                switch entry.file {
                // A log reads nothing that was set aside: as input it is what it was before.
                case .segment, .damagedSegment: 0
                case .image, .damagedImage: 1
                case .newImage: 2
                }
            bytes += [kind, UInt8(truncatingIfNeeded: entry.file.number)]
            bytes += [UInt8(truncatingIfNeeded: entry.bytes.count), UInt8(truncatingIfNeeded: entry.bytes.count >> 8)]
            bytes += entry.bytes
        }
        return bytes
    }
}

extension Folder.Entry {
    /// Writes the checksums that the bytes would have to have: of the header, and of every frame that still leads to
    /// the next one.
    public mutating func makeChecksumsFit() {
        guard bytes.count >= 36 else { return }
        put(Checksum.crc32c(bytes, count: 32), at: 32)
        // The seed of a frame's checksum, as in Storage.FrameHeader.
        let number = file.number
        let seed = UInt32(truncatingIfNeeded: number) ^ UInt32(truncatingIfNeeded: number >> 32) &* 0x9e37_79b1
        var place = 64
        while place + 24 <= bytes.count {
            let length = Int(bytes[place + 4]) | Int(bytes[place + 5]) << 8 | Int(bytes[place + 6]) << 16
            let isFrame = bytes[place..<place + 24].contains { $0 != 0 }
            guard isFrame, bytes[place + 7] == 0, place + 24 + length <= bytes.count else {
                place += 64 - place % 64
                continue
            }
            put(Checksum.crc32c(bytes, from: place + 24, count: length), at: place + 20)
            put(Checksum.crc32c(bytes, from: place + 4, count: 20, seed: seed), at: place)
            place += 24 + (length + 7) & ~7
        }
    }

    private mutating func put(_ value: UInt32, at place: Int) {
        for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)) }
    }
}
