import MeshCore
import Testing

@Suite("Wire basics")
struct WireBasicsTests {
    @Test("CRC-32C matches the check value of RFC 3720")
    func checkValue() {
        #expect(Checksum.crc32c(Array("123456789".utf8)) == 0xe306_9283)
        #expect(Checksum.crc32c([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    }

    @Test("CRC-32C is the same as bit by bit, at any length and place, and piece by piece")
    func checksumOfParts() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ 7) }
        for start in 0..<20 {
            var crc = UInt32.max
            for end in start..<bytes.count {
                let sum = Checksum.crc32c(bytes, from: start, count: end - start)
                #expect(sum == ~crc)
                #expect(sum == Checksum.crc32c(bytes, from: end, count: 0, seed: sum))
                let middle = (start + end) / 2
                let first = Checksum.crc32c(bytes, from: start, count: middle - start)
                #expect(sum == Checksum.crc32c(bytes, from: middle, count: end - middle, seed: first))
                crc ^= UInt32(bytes[end])
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
            }
        }
    }

    @Test(
        "A number survives the round trip",
        arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64(UInt32.max), UInt64.max - 1, UInt64.max])
    func number(_ value: UInt64) throws {
        var writer = WireWriter()
        writer.number(value)
        var reader = WireReader(writer.bytes)
        #expect(try reader.number() == value)
        #expect(reader.remaining == 0)
    }

    @Test("A number in more bytes than it needs is refused")
    func overlong() {
        var reader = WireReader([0x80, 0x00])
        #expect(throws: WireError.malformedNumber) { try reader.number() }
    }

    @Test("A count never promises more than the bytes that are left")
    func boundedCount() {
        var writer = WireWriter()
        writer.number(1_000_000 as UInt64)
        var reader = WireReader(writer.bytes)
        #expect(throws: WireError.truncated) { try reader.count(limit: 2_000_000) }
    }

    @Test("A writer that goes on behind bytes gives back all of them, and is empty")
    func takesAlong() {
        var writer = WireWriter(behind: [1, 2])
        writer.byte(3)
        #expect(writer.count == 3 && writer.take() == [1, 2, 3])
        #expect(writer.count == 0 && writer.bytes.isEmpty)
        writer.byte(4)
        #expect(writer.take() == [4])
    }
}
