import MeshCore
import Testing

@Suite("Wire basics")
struct WireBasicsTests {
    @Test("CRC-32C matches the check value of RFC 3720")
    func checkValue() {
        #expect(Checksum.crc32c(Array("123456789".utf8)) == 0xe306_9283)
        #expect(Checksum.crc32c([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
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
