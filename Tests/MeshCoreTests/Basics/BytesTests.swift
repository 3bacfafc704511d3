import MeshCore
import MeshTestKit
import Testing

@Suite("Bytes")
struct BytesTests {
    @Test("They are ordered by unsigned byte, a prefix first", arguments: 1...5 as ClosedRange<UInt64>)
    func order(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<500 {
            let left = Bytes((0..<dice.number(below: 5)).map { _ in dice.pick([0, 1, 127, 128, 255]) })
            let right = Bytes((0..<dice.number(below: 5)).map { _ in dice.pick([0, 1, 127, 128, 255]) })
            #expect((left < right) == left.storage.lexicographicallyPrecedes(right.storage))
            #expect((left == right) == (left.storage == right.storage))
            #expect(left.hasPrefix(right) == left.storage.starts(with: right.storage))
        }
    }

    @Test("A part of an array is worth the same as an array of its own", arguments: 1...5 as ClosedRange<UInt64>)
    func parts(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<500 {
            let memory = (0..<dice.number(below: 9)).map { _ in dice.pick([0, 1, 127, 195, 164, 255] as [UInt8]) }
            let start = dice.number(below: memory.count + 1)
            let range = start..<(start + dice.number(below: memory.count - start + 1))
            let part = Bytes(memory, in: range)
            let own = Bytes(Array(memory[range]))
            let other = Bytes(memory, in: 0..<start)
            #expect(part == own && part.hashValue == own.hashValue && part.storage == own.storage)
            #expect(part.count == own.count && part.isEmpty == own.isEmpty && part.description == own.description)
            #expect((part < other) == (own < other) && part.hasPrefix(other) == own.hasPrefix(other))
            #expect((0..<own.count).allSatisfy { part[$0] == own[$0] })
            #expect(Bytes(memory).part(range) == own && part.part(0..<part.count) == own)
            #expect(Checksum.crc32c(part) == Checksum.crc32c(own.storage))
        }
    }

    @Test("Changing a part leaves the others of its array alone")
    func changedPart() {
        let memory: [UInt8] = [1, 2, 3, 4]
        var left = Bytes(memory, in: 0..<2)
        let right = Bytes(memory, in: 2..<4)
        left.storage.append(9)
        left.storage[0] = 7
        #expect(left.storage == [7, 2, 9] && right.storage == [3, 4])
    }

    @Test("What shares a message reads as what is copied out of it, and is refused alike")
    func shared() throws {
        var writer = WireWriter()
        writer.bytes("first")
        writer.bytes("")
        writer.bytes("last")
        var copying = WireReader(writer.bytes)
        var sharing = WireReader(Bytes([0] + writer.bytes + [0], in: 1..<(writer.bytes.count + 1)))
        for _ in 0..<3 { #expect(try copying.bytes(limit: 5) == sharing.sharedBytes(limit: 5)) }
        try sharing.finish()
        var short = WireReader(Bytes(writer.bytes).part(0..<3))
        #expect(throws: WireError.truncated) { try short.sharedBytes(limit: 5) }
        var long = WireReader(writer.bytes)
        #expect(throws: WireError.tooLong(5)) { try long.sharedBytes(limit: 4) }
    }

    @Test("Text is taken as its UTF-8, literals included")
    func text() {
        let literal: Bytes = "käse"
        #expect(literal.storage == Array("käse".utf8) && literal == Bytes("käse") && literal.count == 5)
        let short: Bytes = "a"
        #expect(short.storage == [97] && short.description == "a")
        #expect(Bytes().isEmpty && ("" as Bytes).isEmpty)
    }

    @Test("Two spellings of one letter are two keys: no Unicode normalisation")
    func noNormalisation() {
        #expect("\u{e9}" == "e\u{301}")
        #expect(Bytes("\u{e9}") != Bytes("e\u{301}"))
    }

    @Test(
        "Control characters and bytes that are not UTF-8 are shown in hexadecimal",
        arguments: [
            ([97, 255, 98], "a\\xffb"), ([10, 0x7f], "\\x0a\\x7f"), ([0xc3, 0xa4], "ä"), ([0xc3], "\\xc3"),
            ([0xe0, 0x80, 0x80], "\\xe0\\x80\\x80"), ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
            ([0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"), ([0xf0, 0x9f, 0x90, 0x99], "🐙"),
        ] as [([UInt8], String)])
    func text(bytes: [UInt8], text: String) {
        #expect(Bytes(bytes).description == text)
    }

    @Test("Whatever the bytes, the text has no replacement character and no control character")
    func arbitraryBytes() {
        var dice = Dice(seed: 3)
        let likely: [UInt8] = [0xe0, 0xed, 0xef, 0xf0, 0xf4, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc2, 97, 0]
        for _ in 0..<5_000 {
            let bytes = (0..<dice.number(below: 7)).map { _ in dice.pick(likely) }
            if bytes.split(separator: 0xef).contains(where: { $0.starts(with: [0xbf, 0xbd]) }) { continue }
            let scalars = Bytes(bytes).description.unicodeScalars
            #expect(!scalars.contains { $0.value == 0xfffd || $0.value < 32 }, "\(bytes)")
        }
    }
}
