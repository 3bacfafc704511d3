/// Checksums that find accidents, not attackers.
public enum Checksum {
    /// CRC-32C of all bytes, or of `count` of them from a position on.
    ///
    /// Detects every error of one, two or three bits in a frame of up to 4 MiB.
    /// Source: Castagnoli, Bräuer, Herrmann 1993; polynomial 0x1EDC6F41, reflected, as in RFC 3720 appendix B.4.
    /// Sixteen bytes at a time by sixteen tables: Kounavis and Berry, "A Systematic Approach to Building High
    /// Performance, Software-Based, CRC Generators", 2005.
    ///
    /// - Parameter seed: The checksum of what stands before, so that a long text can be taken piece by piece.
    /// - Complexity: O(number of bytes).
    public static func crc32c(_ bytes: [UInt8], from start: Int = 0, count: Int? = nil, seed: UInt32 = 0) -> UInt32 {
        let end = start + (count ?? bytes.count - start)
        invariant(start >= 0 && end >= start && end <= bytes.count, "a checksum is taken of bytes that are there")
        let tables = Self.tables
        // A span of known length needs one check for all its bytes, so that they are loaded together.
        let table = tables.span.extracting(0..<16 * 256)
        var rest = bytes.span.extracting(start..<end)
        var crc = ~seed
        while rest.count >= 16 {
            let block = rest.extracting(first: 16)
            rest = rest.extracting(droppingFirst: 16)
            // What does not wait for the block before comes first: the chain from block to block stays short.
            let others =
                (moved(word(block, 4), past: 8, table) ^ moved(word(block, 8), past: 4, table))
                ^ moved(word(block, 12), past: 0, table)
            crc = others ^ moved(crc ^ word(block, 0), past: 12, table)
        }
        for index in rest.indices {
            crc = table[Int((crc ^ UInt32(rest[index])) & 0xff)] ^ (crc >> 8)
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
    private static func word(_ bytes: Span<UInt8>, _ index: Int) -> UInt32 {
        UInt32(bytes[index]) | UInt32(bytes[index &+ 1]) << 8 | UInt32(bytes[index &+ 2]) << 16
            | UInt32(bytes[index &+ 3]) << 24
    }

    /// What a word adds to the checksum of a text in which so many bytes follow it.
    @inline(__always)
    private static func moved(_ word: UInt32, past count: Int, _ table: Span<UInt32>) -> UInt32 {
        let place = count &* 256
        let low = table[place &+ 0x300 &+ Int(word & 0xff)] ^ table[place &+ 0x200 &+ Int(word >> 8 & 0xff)]
        return low ^ (table[place &+ 0x100 &+ Int(word >> 16 & 0xff)] ^ table[place &+ Int(word >> 24)])
    }

    /// Sixteen tables of 256: the n-th moves a byte past n more bytes.
    private static let tables: [UInt32] = makeTables()

    private static func makeTables() -> [UInt32] {
        var table: [UInt32] = []
        table.reserveCapacity(16 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 {
                crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82f6_3b78 : crc >> 1
            }
            table.append(crc)
        }
        for index in 256..<(16 * 256) {
            let before = table[index - 256]
            table.append(table[Int(before & 0xff)] ^ (before >> 8))
        }
        return table
    }
}
