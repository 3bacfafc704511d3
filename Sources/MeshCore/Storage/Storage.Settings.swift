extension Storage {
    /// What can be chosen about a log.
    public struct Settings: Hashable, Sendable {
        /// The size of a segment in bytes: 64 MiB; a single batch that is larger gets a segment of its own size.
        public var segmentBytes: Int = 64 << 20
        /// The unit in which the disk writes whole or not at all: 512 bytes.
        ///
        /// Every batch begins at a multiple of it, so that a torn write never touches what was durable before. A file
        /// that is there says its own; this one is for new files, and for those whose header cannot be read.
        public var sectorBytes: Int = 512
        /// After how many bytes of log an image is written, unless the last one was more than half as large: 64 MiB.
        ///
        /// The second half of the rule bounds the cost of images to twice the cost of the log.
        public var imageAfterBytes: Int64 = 64 << 20
        /// How many bytes of an image are handed to the disk at once: 1 MiB; it bounds the memory an image takes.
        public var imagePieceBytes: Int = 1 << 20

        /// Creates the default settings.
        public init() {}

        /// The largest record, 1 GiB.
        public static var recordByteLimit: Int { 1 << 30 }

        /// Refuses settings with which no log could work.
        public func check() throws(SettingsError) {
            guard Self.isSector(sectorBytes) else { throw .sector }
            guard segmentBytes >= 2 * sectorBytes else { throw .segment }
            guard imageAfterBytes > 0 else { throw .image }
            guard imagePieceBytes > 0 else { throw .piece }
        }

        /// Whether a sector can have this size: a power of two from 64 to 65536.
        static func isSector(_ byteCount: Int) -> Bool {
            byteCount >= 64 && byteCount <= 1 << 16 && byteCount & (byteCount - 1) == 0
        }

        /// A size, rounded up to whole sectors.
        func wholeSectors(_ byteCount: Int) -> Int {
            (byteCount + sectorBytes - 1) / sectorBytes * sectorBytes
        }
    }

    /// Why settings are refused, and what to do about it.
    public enum SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The sector size is no power of two in range.
        case sector
        /// The segment has no room.
        case segment
        /// An image after no byte.
        case image
        /// A piece of no byte.
        case piece

        /// The reason and the way out, as a sentence.
        public var description: String {
            switch self {
            case .sector: "set sectorBytes to a power of two from 64 to 65536; 512 or 4096 are usual"
            case .segment: "set segmentBytes to at least two sectors"
            case .image: "set imageAfterBytes above 0"
            case .piece: "set imagePieceBytes above 0"
            }
        }
    }
}
