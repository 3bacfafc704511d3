import MeshCore

/// A state that keeps nothing, so that only the log is measured and not what a program makes of its records.
struct Keep: StableState {
    /// Some bytes.
    struct Record: Traceable, WireCodable {
        let bytes: Bytes

        init(_ bytes: Bytes) { self.bytes = bytes }

        init(from reader: inout WireReader) throws(WireError) { self.bytes = try reader.sharedBytes(limit: 1 << 30) }

        func encode(into writer: inout WireWriter) { writer.bytes(bytes) }

        func digest(into digest: inout Digest) { digest.mix(bytes) }

        var description: String { "\(bytes.count) bytes" }
    }

    /// How many records were folded, and the sum of their sizes: enough to see that all came back.
    private(set) var count: UInt64 = 0
    private(set) var byteCount: UInt64 = 0

    var records: [Record] { [] }

    mutating func apply(_ record: consuming Record) {
        count += 1
        byteCount += UInt64(record.bytes.count)
    }
}
