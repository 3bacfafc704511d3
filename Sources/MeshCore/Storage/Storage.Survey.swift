extension Storage {
    /// Looks at one file from its first byte to its last: what a reader of a damaged disk wants to see.
    ///
    /// It goes on behind what is broken, and judges nothing; what it all means says
    /// ``WriteAheadLog/recover(from:settings:)`` alone.
    ///
    /// - Complexity: O(bytes of the file), in memory of the largest record.
    public struct Survey<Directory: StorageDirectory> {
        /// The file.
        public let file: File
        /// The size of the file in bytes.
        public var byteCount: Int64 { frames.byteCount }
        /// The size of its sectors, by its header or else by the settings.
        public var sectorBytes: Int64 { frames.sectorBytes }
        private let directory: Directory
        private var frames: FrameReader<Directory>
        private var hasHeader = false
        /// Where the zeros begin that end the file, once they were found.
        private var zerosBegin: Int64?
        private var isOver = false

        /// Opens a file.
        public init(_ file: File, in directory: Directory, settings: Settings) throws(Failure) {
            self.file = file
            self.directory = directory
            self.frames = try FrameReader(file, in: directory, settings: settings)
        }

        /// The next finding; `nil` behind the last one.
        public mutating func next() throws(Failure) -> Finding? {
            if !hasHeader {
                hasHeader = true
                do {
                    return .header(try Storage.header(of: file, in: directory))
                } catch .damaged(_, let offset, let damage) {
                    return .badHeader(at: offset, damage)
                }
            }
            if isOver || frames.offset >= byteCount { return nil }
            if let zerosBegin {
                isOver = true
                return .free(at: zerosBegin, byteCount: byteCount - zerosBegin)
            }
            if case .frame(let header, let payload, let place) = try frames.next() {
                return .frame(header, payload: payload, at: place)
            }
            return try lookAround(from: frames.offset)
        }

        /// Finds out how far what cannot be read goes.
        private mutating func lookAround(from place: Int64) throws(Failure) -> Finding? {
            if let (_, found) = try frames.resynchronize() {
                frames.resume(at: found)
                return .broken(at: place, byteCount: found - place)
            }
            let end = try endOfContent(from: place)
            frames.resume(at: end)
            if end < byteCount { zerosBegin = end }
            if end > place {
                isOver = end == byteCount
                return .broken(at: place, byteCount: end - place)
            }
            isOver = true
            return place < byteCount ? .free(at: place, byteCount: byteCount - place) : nil
        }

        /// Where the last byte stands that is not zero, plus one; `place` if there is none behind it.
        private func endOfContent(from place: Int64) throws(Failure) -> Int64 {
            var end = place
            var offset = place
            while offset < byteCount {
                let bytes = try directory.read(file, at: offset, count: 256 << 10)
                guard !bytes.isEmpty else { return end }
                if let last = bytes.lastIndex(where: { $0 != 0 }) { end = offset + Int64(last) + 1 }
                offset += Int64(bytes.count)
            }
            return end
        }
    }
}

// MARK: - Findings and content

extension Storage {
    /// What ``Survey`` finds at a place of a file.
    public enum Finding: Hashable, Sendable {
        /// The header, which is good.
        case header(FileHeader)
        /// Something else where the header should be.
        case badHeader(at: Int64, Damage)
        /// A whole frame and its payload.
        case frame(FrameHeader, payload: [UInt8], at: Int64)
        /// Bytes that are no frame, up to the next one, to the zeros at the end, or to the end.
        case broken(at: Int64, byteCount: Int64)
        /// Zeros up to the end of the file: room that was asked for in advance.
        case free(at: Int64, byteCount: Int64)
    }

    /// Reads the records of another state and keeps none: so a whole log is checked in little memory.
    public struct Unkept<Inner: StableState>: StableState {
        /// The other's.
        public typealias Record = Inner.Record

        /// Creates the only value.
        public init() {}

        /// None.
        public var records: [Record] { [] }

        /// Forgets the record.
        public mutating func apply(_ record: consuming Record) {}
    }

    /// A state whose records may be any bytes: for logs of programs that are not known.
    public struct Unread: StableState {
        /// Some bytes.
        public struct Record: Traceable, WireCodable {
            /// The bytes.
            public let bytes: Bytes

            /// Wraps bytes.
            public init(_ bytes: Bytes) { self.bytes = bytes }

            /// Takes everything that is left.
            public init(from reader: inout WireReader) throws(WireError) { self.bytes = reader.rest() }

            /// Writes the bytes as they are.
            public func encode(into writer: inout WireWriter) {
                for byte in bytes.storage { writer.byte(byte) }
            }

            /// Mixes the bytes in.
            public func digest(into digest: inout Digest) { digest.mix(bytes) }

            /// How many bytes there are.
            public var description: String { "\(bytes.count) bytes" }
        }

        /// Creates the only value.
        public init() {}

        /// None.
        public var records: [Record] { [] }

        /// Forgets the record.
        public mutating func apply(_ record: consuming Record) {}
    }
}

extension Storage.FileHeader {
    /// Which file of a log begins with these bytes, whatever it is called; `nil` if none does.
    public static func file(beginningWith bytes: [UInt8]) -> Storage.File? {
        guard bytes.count >= byteCount else { return nil }
        let number = bytes.fixed64(at: 16)
        for file in [Storage.File.segment(number), .image(number)] where (try? Self(bytes, of: file)) != nil {
            return file
        }
        return nil
    }
}
