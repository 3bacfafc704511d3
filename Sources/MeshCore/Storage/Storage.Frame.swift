extension Storage {
    /// The first bytes of a file: what it is, and where it belongs.
    ///
    /// Layout, the lowest byte first: magic (8), format version (4), sector size (4), number (8), sequence (8), CRC-32C
    /// of what stands before (4), zero up to the end of the first sector.
    public struct FileHeader: Hashable, Sendable {
        /// The file's number, as in its name.
        public var number: UInt64
        /// In a segment the sequence number of its first record, in an image the last one it covers.
        public var sequence: UInt64
        /// The size of the sectors that batches begin at; `nil` where the file does not say.
        public var sectorBytes: Int?

        /// The version of the format, 1.
        public static let version: UInt32 = 1
        static let byteCount = 36

        /// Creates a header.
        public init(number: UInt64, sequence: UInt64, sectorBytes: Int? = nil) {
            self.number = number
            self.sequence = sequence
            self.sectorBytes = sectorBytes
        }
    }

    /// What stands before a record.
    ///
    /// Layout, the lowest byte first: CRC-32C of the file's number and of the rest of the header (4), length of the
    /// payload (4), sequence number (8), place in its batch (4), CRC-32C of the payload (4). The length is believed
    /// only after the header's checksum; the file's number in it unmasks what was written to another file.
    public struct FrameHeader: Hashable, Sendable {
        /// How many bytes follow, without the zeros that fill up to a multiple of 8.
        public var length: Int
        /// The record's number; records are numbered without gaps from 1 on.
        public var sequence: UInt64
        /// How many records of the same batch stand before it.
        public var place: UInt32
        /// The checksum of the payload.
        public var payloadChecksum: UInt32

        static let byteCount = 24

        /// The sequence number of the first record of its batch: everything before was durable when it was written.
        public var batchStart: UInt64 { sequence - UInt64(place) }

        /// The bytes the frame takes, header and filling included.
        public var byteCount: Int { Self.byteCount + (length + 7) & ~7 }
    }
}

extension Storage.FileHeader {
    private static func magic(of file: Storage.File) -> UInt64 {
        // "meshlog1" and "meshimg1", the first letter in the lowest byte.
        switch file {
        case .segment, .damagedSegment: 0x3167_6f6c_6873_656d
        case .image, .newImage, .damagedImage: 0x3167_6d69_6873_656d
        }
    }

    /// The header as bytes, filled up to a sector of this size, which it names.
    func encoded(for file: Storage.File, sectorBytes: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sectorBytes)
        bytes.appendFixed(Self.magic(of: file))
        bytes.appendFixed(Self.version)
        bytes.appendFixed(UInt32(truncatingIfNeeded: sectorBytes))
        bytes.appendFixed(number)
        bytes.appendFixed(sequence)
        bytes.appendFixed(Checksum.crc32c(bytes))
        while bytes.count < sectorBytes { bytes.append(0) }
        return bytes
    }

    /// Reads a header; it must be that of this file.
    init(_ bytes: [UInt8], of file: Storage.File) throws(Storage.Failure) {
        guard bytes.count >= Self.byteCount, bytes.fixed64(at: 0) == Self.magic(of: file),
            bytes.fixed32(at: 32) == Checksum.crc32c(bytes, count: 32)
        else { throw .damaged(file, at: 0, .header) }
        let version = bytes.fixed32(at: 8)
        guard version == Self.version else { throw .damaged(file, at: 8, .version(version)) }
        let sector = bytes.fixed32(at: 12)
        if sector != 0 {
            guard Storage.Settings.isSector(Int(truncatingIfNeeded: sector)) else {
                throw .damaged(file, at: 12, .header)
            }
            self.sectorBytes = Int(sector)
        }
        self.number = bytes.fixed64(at: 16)
        self.sequence = bytes.fixed64(at: 24)
        guard number == file.number, sequence <= Storage.numberLimit else { throw .damaged(file, at: 16, .header) }
    }
}

extension Storage.FrameHeader {
    /// Reads the header at a position; `nil` unless its checksum is right.
    init?(_ bytes: [UInt8], at position: Int, fileNumber: UInt64) {
        let rest = Checksum.crc32c(bytes, from: position + 4, count: 20, seed: Self.seed(fileNumber))
        guard bytes.fixed32(at: position) == rest else { return nil }
        let length = bytes.fixed32(at: position + 4)
        guard length <= UInt32(Storage.Settings.recordByteLimit) else { return nil }
        self.length = Int(length)
        self.sequence = bytes.fixed64(at: position + 8)
        self.place = bytes.fixed32(at: position + 16)
        self.payloadChecksum = bytes.fixed32(at: position + 20)
        guard UInt64(place) <= sequence, sequence <= Storage.numberLimit else { return nil }
    }

    /// Adds the frame of a record without its checksum, which ``seal(_:fileNumber:)`` writes once the file is known.
    ///
    /// - Complexity: O(size of the record), without an allocation while `bytes` has room.
    @inlinable
    static func append<Record: WireCodable>(
        _ record: borrowing Record, sequence: UInt64, place: UInt32, to bytes: inout [UInt8]
    ) {
        let start = open(sequence: sequence, place: place, in: &bytes)
        var lent: [UInt8] = []
        swap(&lent, &bytes)
        var writer = WireWriter(behind: consume lent)
        record.encode(into: &writer)
        bytes = writer.take()
        close(start, in: &bytes)
    }

    /// Adds the frame without a payload that ends an image.
    static func appendEnd(sequence: UInt64, to bytes: inout [UInt8]) {
        close(open(sequence: sequence, place: 0, in: &bytes), in: &bytes)
    }

    /// Adds a header whose length and checksums are not known yet.
    @usableFromInline
    static func open(sequence: UInt64, place: UInt32, in bytes: inout [UInt8]) -> Int {
        let start = bytes.count
        bytes.appendFixed(0 as UInt64)
        bytes.appendFixed(sequence)
        bytes.appendFixed(place)
        bytes.appendFixed(0 as UInt32)
        return start
    }

    /// Enters length and checksum of the payload, which ends here, and fills up.
    @usableFromInline
    static func close(_ start: Int, in bytes: inout [UInt8]) {
        let length = bytes.count - start - byteCount
        bytes.putFixed(UInt32(truncatingIfNeeded: length), at: start + 4)
        bytes.putFixed(Checksum.crc32c(bytes, from: start + byteCount), at: start + 20)
        while bytes.count & 7 != 0 { bytes.append(0) }
    }

    /// Writes the header checksums of consecutive frames.
    ///
    /// - Complexity: O(number of frames).
    static func seal(_ bytes: inout [UInt8], fileNumber: UInt64) {
        let seed = Self.seed(fileNumber)
        var position = 0
        while position + byteCount <= bytes.count {
            let checksum = Checksum.crc32c(bytes, from: position + 4, count: 20, seed: seed)
            bytes.putFixed(checksum, at: position)
            position += byteCount + (Int(bytes.fixed32(at: position + 4)) + 7) & ~7
        }
    }

    /// A checksum that begins with the file's number, so that a frame of another file is not taken for one of this.
    private static func seed(_ fileNumber: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: fileNumber) ^ UInt32(truncatingIfNeeded: fileNumber >> 32) &* 0x9e37_79b1
    }
}

extension [UInt8] {
    mutating func appendFixed(_ value: UInt32) {
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt8(truncatingIfNeeded: value >> 24))
    }

    mutating func appendFixed(_ value: UInt64) {
        appendFixed(UInt32(truncatingIfNeeded: value))
        appendFixed(UInt32(truncatingIfNeeded: value >> 32))
    }

    mutating func putFixed(_ value: UInt32, at position: Int) {
        self[position] = UInt8(truncatingIfNeeded: value)
        self[position + 1] = UInt8(truncatingIfNeeded: value >> 8)
        self[position + 2] = UInt8(truncatingIfNeeded: value >> 16)
        self[position + 3] = UInt8(truncatingIfNeeded: value >> 24)
    }

    func fixed32(at position: Int) -> UInt32 {
        UInt32(self[position]) | UInt32(self[position + 1]) << 8 | UInt32(self[position + 2]) << 16
            | UInt32(self[position + 3]) << 24
    }

    func fixed64(at position: Int) -> UInt64 {
        UInt64(fixed32(at: position)) | UInt64(fixed32(at: position + 4)) << 32
    }
}
