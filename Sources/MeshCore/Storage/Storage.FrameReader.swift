extension Storage {
    /// Reads the frames of a file one after the other, in bounded memory.
    public struct FrameReader<Directory: StorageDirectory> {
        /// The file.
        public let file: File
        /// Where the next frame is looked for.
        public private(set) var offset: Int64
        /// The size of the file in bytes.
        public let byteCount: Int64
        /// The size of its sectors, by its header or else by the settings.
        public let sectorBytes: Int64
        private let directory: Directory
        /// A piece of the file that begins at `windowStart`.
        private var window: [UInt8] = []
        private var windowStart: Int64 = 0

        /// How much of the file is read at once, 256 KiB, unless a record is larger.
        private static var windowBytes: Int { 256 << 10 }

        /// Whether what stands at `offset` was tried and is broken.
        private var isBroken = false

        /// What stands at a place.
        public enum Step {
            /// A frame whose checksums are right, and its payload.
            case frame(FrameHeader, payload: [UInt8], at: Int64)
            /// Zeros, or the end of the file.
            case end
            /// Something else.
            case broken(at: Int64)
        }

        /// Creates a reader at the first frame of a file; whether its header can be read is another question.
        public init(_ file: File, in directory: Directory, settings: Settings) throws(Failure) {
            self.file = file
            self.directory = directory
            self.byteCount = try directory.byteCount(of: file)
            let wanted = Int64(Self.windowBytes)
            self.window = try directory.read(file, at: 0, count: Int(byteCount < wanted ? byteCount : wanted))
            let sector = (try? FileHeader(window, of: file))?.sectorBytes ?? settings.sectorBytes
            self.sectorBytes = Int64(sector)
            self.offset = Int64(sector)
        }

        /// Reads the next frame and moves behind it; at an end or a broken frame it stays where it is.
        ///
        /// Where a batch ended before its sector did, the zeros are skipped.
        public mutating func next() throws(Failure) -> Step {
            while true {
                guard offset + Int64(FrameHeader.byteCount) <= byteCount else { return .end }
                try fill(FrameHeader.byteCount)
                let position = Int(offset - windowStart)
                // A batch fills its last sector with zeros, which may be fewer than a header has bytes.
                let rest = sectorBytes - offset % sectorBytes
                let length = rest < Int64(FrameHeader.byteCount) ? Int(rest) : FrameHeader.byteCount
                if isZero(position, count: length) {
                    if offset % sectorBytes == 0 { return .end }
                    offset += rest
                    continue
                }
                #if MUTANTS
                if Mutant.lengthTrusted.isPlanted {
                    let length = Int(window.fixed32(at: position + 4) & 0x3fff_ffff)
                    try fill(FrameHeader.byteCount + length)
                }
                #endif
                guard let header = FrameHeader(window, at: position, fileNumber: file.number),
                    offset + Int64(header.byteCount) <= byteCount
                else { return broken() }
                return try read(header)
            }
        }

        private mutating func read(_ header: FrameHeader) throws(Failure) -> Step {
            try fill(header.byteCount)
            let start = Int(offset - windowStart) + FrameHeader.byteCount
            guard Checksum.crc32c(window, from: start, count: header.length) == header.payloadChecksum else {
                return broken()
            }
            let place = offset
            isBroken = false
            offset += Int64(header.byteCount)
            return .frame(header, payload: Array(window[start..<start + header.length]), at: place)
        }

        private mutating func broken() -> Step {
            isBroken = true
            return .broken(at: offset)
        }

        /// Goes on reading at a frame that was found.
        mutating func resume(at place: Int64) {
            offset = place
            isBroken = false
        }

        /// Finds the next whole frame behind a broken place, or where the last one that was found ends; leaves the
        /// reader behind it.
        ///
        /// - Complexity: O(rest of the file).
        public mutating func resynchronize() throws(Failure) -> (header: FrameHeader, offset: Int64)? {
            var place = isBroken ? (offset + 8) & ~7 : (offset + 7) & ~7
            while place + Int64(FrameHeader.byteCount) <= byteCount {
                offset = place
                try fill(FrameHeader.byteCount)
                let position = Int(place - windowStart)
                let passed = zeroNumbers(from: position)
                if passed > 0 {
                    place += Int64(passed)
                    continue
                }
                if let header = FrameHeader(window, at: position, fileNumber: file.number),
                    place + Int64(header.byteCount) <= byteCount,
                    case .frame = try read(header)
                {
                    return (header, place)
                }
                place += 8
            }
            offset = byteCount
            return nil
        }

        /// How many bytes of the window to pass over, in steps of 8, until a record could begin: none has the number 0.
        ///
        /// Most of what is passed over is room that was reserved, so that this decides how fast a log is opened.
        private func zeroNumbers(from position: Int) -> Int {
            var rest = window.span.extracting(droppingFirst: position + 8)
            var passed = 0
            while rest.count >= FrameHeader.byteCount - 8 {
                // One check for all of them, so that they are loaded together.
                let number = rest.extracting(first: 8)
                var bits = number[0] | number[1] | number[2] | number[3]
                bits |= number[4] | number[5] | number[6] | number[7]
                guard bits == 0 else { break }
                rest = rest.extracting(droppingFirst: 8)
                passed += 8
            }
            return passed
        }

        private func isZero(_ position: Int, count: Int) -> Bool {
            for index in position..<position + count where window[index] != 0 { return false }
            return true
        }

        /// Makes sure that the window holds `count` bytes from `offset` on.
        private mutating func fill(_ count: Int) throws(Failure) {
            if offset >= windowStart, offset + Int64(count) <= windowStart + Int64(window.count) { return }
            let wanted = count > Self.windowBytes ? count : Self.windowBytes
            let rest = byteCount - offset
            window = try directory.read(file, at: offset, count: rest < Int64(wanted) ? Int(rest) : wanted)
            windowStart = offset
            guard window.count >= count else { throw .device }
        }
    }

    /// Reads the header of a file.
    public static func header<Directory: StorageDirectory>(
        of file: File, in directory: Directory
    ) throws(Failure) -> FileHeader {
        try FileHeader(directory.read(file, at: 0, count: FileHeader.byteCount), of: file)
    }
}
