import MeshCore

/// A state that tells whether its records are exactly the first few: how many there are, and a checksum of their order.
struct Tally: StableState, Hashable {
    /// A number and some bytes to make it longer.
    struct Record: Traceable, WireCodable {
        let number: UInt64
        let filling: Int
        /// Set in an image: the checksum up to `number`.
        var sum: UInt64?
        /// Whether it marks a state behind which records were lost.
        var isMark: Bool

        init(number: UInt64, filling: Int, sum: UInt64? = nil, isMark: Bool = false) {
            self.number = number
            self.filling = filling
            self.sum = sum
            self.isMark = isMark
        }

        func encode(into writer: inout WireWriter) {
            writer.number(number)
            writer.flag(isMark)
            writer.flag(sum != nil)
            if let sum { writer.number(sum) }
            writer.bytes(Bytes([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: filling)))
        }

        init(from reader: inout WireReader) throws(WireError) {
            self.number = try reader.number()
            self.isMark = try reader.flag()
            self.sum = try reader.flag() ? try reader.number() : nil
            self.filling = try reader.bytes(limit: 1 << 20).count
        }

        func digest(into digest: inout Digest) { digest.mix(number) }
        var description: String { "record \(number)" }
    }

    private(set) var count: UInt64 = 0
    private(set) var sum: UInt64 = 0
    /// Whether it says of itself that records were lost.
    private(set) var isAmnesiac = false

    static var amnesia: Record? { Record(number: 0, filling: 0, isMark: true) }

    var records: [Record] {
        let all = Record(number: count, filling: 40, sum: sum)
        return isAmnesiac ? [all, Record(number: 0, filling: 0, isMark: true)] : [all]
    }

    mutating func apply(_ record: consuming Record) {
        if record.isMark {
            isAmnesiac = true
            return
        }
        count = record.number
        sum = record.sum ?? Self.further(sum, record.number)
    }

    /// The checksum after the first `count` records.
    static func sum(of count: UInt64) -> UInt64 {
        var sum: UInt64 = 0
        for number in 0..<count { sum = further(sum, number + 1) }
        return sum
    }

    private static func further(_ sum: UInt64, _ number: UInt64) -> UInt64 {
        (sum ^ number) &* 0x9e37_79b9_7f4a_7c15 &+ (sum >> 29)
    }
}
