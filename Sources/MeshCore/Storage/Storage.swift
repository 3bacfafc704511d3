/// Durable storage: a write-ahead log over files, as values.
///
/// Nothing here opens a file. ``WriteAheadLog`` says which operations it wants, in which order, and is told when they
/// are done; reading back goes through ``StorageDirectory``. The simulator brings a disk that lies, the runtime a real
/// one, and both see the same bytes.
///
/// What is on the disk, in one flat directory:
/// - `log-NNNN` segments: a header, then records in frames, each with its length, sequence number and checksums;
/// - `image-NNNN` images: everything up to sequence number NNNN folded into few records, so that older segments can go;
/// - `new-image-NNNN`: an image that is being written; it gets its name when it is whole and durable.
public enum Storage {}

extension Storage {
    /// The largest number of a file or a record, 2^63 - 1: no log reaches it, and counting on from it never overflows.
    static var numberLimit: UInt64 { UInt64(Int64.max) }

    /// A file of the log's directory.
    public enum File: Hashable, Sendable, Comparable {
        /// A segment, by its number; a number is never used twice.
        case segment(UInt64)
        /// A whole image, by the last sequence number it covers.
        case image(UInt64)
        /// An image that is being written.
        case newImage(UInt64)
        /// A segment that was set aside because it, or one in front of it, could not be read.
        case damagedSegment(UInt64)
        /// An image that was set aside because it could not be read.
        case damagedImage(UInt64)

        /// The number that makes up the name.
        public var number: UInt64 {
            switch self {
            case .segment(let number), .image(let number), .newImage(let number), .damagedSegment(let number),
                .damagedImage(let number):
                number
            }
        }

        private var rank: Int {
            switch self {
            case .segment: 0
            case .image: 1
            case .newImage: 2
            case .damagedSegment: 3
            case .damagedImage: 4
            }
        }

        /// Orders segments before images, and each by number.
        public static func < (left: File, right: File) -> Bool {
            left.rank != right.rank ? left.rank < right.rank : left.number < right.number
        }
    }

    /// One thing to do with the disk.
    public enum Operation: Hashable, Sendable {
        /// Makes an empty file, with room for this many bytes; a file of that name is replaced.
        case create(File, byteCount: Int64)
        /// Writes bytes at an offset; they survive a crash once a later ``sync(_:)`` of the file is done.
        case write(File, at: Int64, [UInt8])
        /// Makes everything written to the file durable; its name in the directory is another matter.
        case sync(File)
        /// Gives a file another name, replacing what had it; durable with ``syncDirectory``.
        case rename(File, to: File)
        /// Removes a file; durable with ``syncDirectory``.
        case delete(File)
        /// Makes created, renamed and deleted names durable.
        case syncDirectory
    }

    /// A queue of operations; those of one lane are done one after the other, in order.
    public enum Lane: Hashable, Sendable, CaseIterable {
        /// Appending to segments: what acknowledgements wait for.
        case log
        /// Writing images and removing what they replace, beside the appending.
        case image
    }

    /// Why storage does not work.
    public enum Failure: Error, Hashable, Sendable {
        /// The disk, or the quota, is full.
        case full
        /// The disk reports an error.
        case device
        /// The file is not there.
        case missing(File)
        /// What was durable is not there any more: a node that goes on as if it were may break what it promised.
        case damaged(File, at: Int64, Damage)
    }

    /// What is wrong at a place of a file.
    public enum Damage: Hashable, Sendable {
        /// The file begins with something else than a header of ours.
        case header
        /// The file was written by a version that this one does not read.
        case version(UInt32)
        /// A frame is broken although a later write shows that it was durable.
        case rot(sequence: UInt64)
        /// A record has a good checksum and no meaning.
        case record(WireErrorKind)
        /// Records are missing between two segments.
        case gap(from: UInt64, to: UInt64)
        /// An image is not whole, and nothing older can replace it.
        case image
    }

    /// What a decoder had against a record.
    public enum WireErrorKind: Hashable, Sendable {
        /// The bytes end too early, or too late.
        case length
        /// A field has a value that is not allowed.
        case content
    }
}

extension Storage.File: CustomStringConvertible {
    /// The name, such as `log-000000000000002a`.
    public var description: String {
        switch self {
        case .segment(let number): "log-\(hexadecimal(number))"
        case .image(let number): "image-\(hexadecimal(number))"
        case .newImage(let number): "new-image-\(hexadecimal(number))"
        case .damagedSegment(let number): "damaged-log-\(hexadecimal(number))"
        case .damagedImage(let number): "damaged-image-\(hexadecimal(number))"
        }
    }

    /// Reads a name; `nil` for every other file.
    public init?(name: Bytes) {
        if let number = Self.number(in: name, after: "log-") {
            self = .segment(number)
        } else if let number = Self.number(in: name, after: "image-") {
            self = .image(number)
        } else if let number = Self.number(in: name, after: "new-image-") {
            self = .newImage(number)
        } else if let number = Self.number(in: name, after: "damaged-log-") {
            self = .damagedSegment(number)
        } else if let number = Self.number(in: name, after: "damaged-image-") {
            self = .damagedImage(number)
        } else {
            return nil
        }
    }

    private static func number(in name: Bytes, after prefix: Bytes) -> UInt64? {
        guard name.hasPrefix(prefix), name.count == prefix.count + 16 else { return nil }
        var value: UInt64 = 0
        for byte in name.slice.dropFirst(prefix.count) {
            switch byte {
            case 48...57: value = value << 4 | UInt64(byte - 48)
            case 97...102: value = value << 4 | UInt64(byte - 87)
            default: return nil
            }
        }
        return value <= Storage.numberLimit ? value : nil
    }
}

extension Storage.Failure: CustomStringConvertible {
    /// The reason and the way out.
    public var description: String {
        switch self {
        case .full: "the disk is full: free some space and start again, nothing acknowledged is lost"
        case .device: "the disk reports an error: check it and start again from what is durable"
        case .missing(let file): "\(file) is missing"
        case .damaged(let file, at: let offset, let damage): "\(file) is damaged at offset \(offset): \(damage)"
        }
    }
}

extension Storage.Damage: CustomStringConvertible {
    /// What is wrong, in a few words.
    public var description: String {
        switch self {
        case .header: "no header"
        case .version(let version): "format version \(version) is not known"
        case .rot(let sequence): "record \(sequence) was durable and cannot be read"
        case .record(.length): "a record is too short or too long"
        case .record(.content): "a record has no meaning"
        case .gap(let from, let to): "records \(from) to \(to) are missing"
        case .image: "the image is not whole"
        }
    }
}
