/// Checksums that find accidents, not attackers.
public enum Checksum {
    /// CRC-32C of all bytes, or of `count` of them from a position on.
    ///
    /// Detects every error of one, two or three bits in a frame of up to 4 MiB.
    /// Source: Castagnoli, Bräuer, Herrmann 1993; polynomial 0x1EDC6F41, reflected, as in RFC 3720 appendix B.4. Eight
    /// bytes at a time by eight tables: Kounavis and Berry, "A Systematic Approach to Building High Performance,
    /// Software-Based, CRC Generators", 2005.
    ///
    /// - Parameter seed: The checksum of what stands before, so that a long text can be taken piece by piece.
    /// - Complexity: O(number of bytes).
    public static func crc32c(_ bytes: [UInt8], from start: Int = 0, count: Int? = nil, seed: UInt32 = 0) -> UInt32 {
        let end = start + (count ?? bytes.count - start)
        invariant(start >= 0 && end >= start && end <= bytes.count, "a checksum is taken of bytes that are there")
        let table = Self.table
        var crc = ~seed
        var index = start
        while end - index >= 8 {
            let low = crc ^ word(bytes, index)
            let high = word(bytes, index + 4)
            crc =
                table[0x700 + Int(low & 0xff)] ^ table[0x600 + Int(low >> 8 & 0xff)]
                ^ table[0x500 + Int(low >> 16 & 0xff)] ^ table[0x400 + Int(low >> 24)]
                ^ table[0x300 + Int(high & 0xff)] ^ table[0x200 + Int(high >> 8 & 0xff)]
                ^ table[0x100 + Int(high >> 16 & 0xff)] ^ table[Int(high >> 24)]
            index += 8
        }
        while index < end {
            crc = table[Int((crc ^ UInt32(bytes[index])) & 0xff)] ^ (crc >> 8)
            index += 1
        }
        return ~crc
    }

    /// The CRC-32C of a byte string.
    ///
    /// - Complexity: O(number of bytes); nothing is copied.
    public static func crc32c(_ bytes: Bytes, seed: UInt32 = 0) -> UInt32 {
        crc32c(bytes.buffer, from: Int(bytes.start), count: bytes.count, seed: seed)
    }

    @inline(__always)
    private static func word(_ bytes: [UInt8], _ index: Int) -> UInt32 {
        UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
            | UInt32(bytes[index + 3]) << 24
    }

    /// Eight tables of 256: the n-th moves a byte past n more bytes.
    private static let table: [UInt32] = makeTable()

    private static func makeTable() -> [UInt32] {
        var table: [UInt32] = []
        table.reserveCapacity(8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 {
                crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82f6_3b78 : crc >> 1
            }
            table.append(crc)
        }
        for index in 256..<(8 * 256) {
            let before = table[index - 256]
            table.append(table[Int(before & 0xff)] ^ (before >> 8))
        }
        return table
    }
}
