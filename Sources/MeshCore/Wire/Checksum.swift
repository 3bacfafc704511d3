/// Checksums that find accidents, not attackers.
public enum Checksum {
    /// CRC-32C of the first `count` bytes, or of all of them.
    ///
    /// Detects every error of one, two or three bits in a frame of up to 4 MiB.
    /// Source: Castagnoli, Bräuer, Herrmann 1993; polynomial 0x1EDC6F41, reflected, as in RFC 3720 appendix B.4.
    ///
    /// - Complexity: O(number of bytes).
    public static func crc32c(_ bytes: [UInt8], count: Int? = nil) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        let end = count ?? bytes.count
        for index in 0..<end {
            crc = table[Int((crc ^ UInt32(bytes[index])) & 0xff)] ^ (crc >> 8)
        }
        return crc ^ 0xffff_ffff
    }

    private static let table: [UInt32] = makeTable()

    private static func makeTable() -> [UInt32] {
        var table: [UInt32] = []
        table.reserveCapacity(256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 {
                crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82f6_3b78 : crc >> 1
            }
            table.append(crc)
        }
        return table
    }
}
