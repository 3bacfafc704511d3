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

    @Test("Bytes that are not UTF-8 are shown with U+FFFD")
    func invalidText() {
        #expect(Bytes([97, 255, 98]).description == "a\u{fffd}b")
    }
}
