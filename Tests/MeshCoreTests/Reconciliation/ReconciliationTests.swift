import MeshCore
import Testing

private let salt: UInt64 = 0x5a17

private func id(_ number: Int, seed: UInt64 = 1) -> UInt64 { Random(seed: seed).bits(.init(1), UInt64(number)) }

private func sketch(of ids: [UInt64], _ count: Int, salt: UInt64 = salt) -> Reconciliation.Sketch {
    var sketch = Reconciliation.Sketch(salt: salt)
    sketch.extend(to: count) { show in ids.forEach(show) }
    return sketch
}

/// Feeds symbols in pieces of growing size until the difference is found.
private func decode(
    _ mine: [UInt64], _ theirs: [UInt64], pieces: (Int) -> Int, limit: Int = 20_000
) -> Reconciliation.Decoder {
    var decoder = Reconciliation.Decoder(salt: salt)
    var sketches = (sketch(of: mine, 0), sketch(of: theirs, 0))
    while !decoder.isDecoded, !decoder.isBroken, decoder.count < limit {
        let end = decoder.count + pieces(decoder.count)
        sketches.0.extend(to: end) { show in mine.forEach(show) }
        sketches.1.extend(to: end) { show in theirs.forEach(show) }
        decoder.add(Array(sketches.1.symbols[decoder.count..<end]), minus: sketches.0)
    }
    return decoder
}

@Suite("Rateless reconciliation")
struct ReconciliationTests {
    @Test(
        "The difference of two random sets is found exactly, whatever its size, its sides and the pieces",
        arguments: 0..<60 as Range<UInt64>)
    func exact(_ seed: UInt64) {
        let random = Random(seed: seed)
        let shared = (0..<Int(random.bits(.init(2)) % 2_000)).map { id($0, seed: seed) }
        let left = (0..<Int(random.bits(.init(3)) % (seed % 3 == 0 ? 4 : 300))).map { id(10_000 + $0, seed: seed) }
        let right = (0..<Int(random.bits(.init(4)) % (seed % 4 == 0 ? 3 : 300))).map { id(20_000 + $0, seed: seed) }
        let step = Int(random.bits(.init(5)) % 40) + 1
        let decoder = decode(shared + left, shared + right) { _ in step }
        #expect(decoder.isDecoded)
        #expect(decoder.local.sorted() == left.sorted())
        #expect(decoder.remote.sorted() == right.sorted())
        let count = left.count + right.count
        #expect(decoder.count <= step + 8 + count * 2, "\(decoder.count) symbols for \(count) ids")
    }

    @Test("Equal sets are found equal by the first symbol, and one id by it too")
    func smallest() {
        let ids = (0..<100).map { id($0) }
        #expect(decode(ids, ids) { _ in 1 }.count == 1)
        let one = decode(ids, Array(ids.dropLast())) { _ in 1 }
        #expect(one.count == 1)
        #expect(one.local == [ids[99]])
        #expect(one.remote.isEmpty)
    }

    @Test("The symbols that are needed follow the paper's overhead", arguments: [(10, 28), (100, 165), (1_000, 1_450)])
    func overhead(_ count: Int, _ most: Int) {
        let needed = (0..<9).map { turn in
            decode([], (0..<count).map { id($0, seed: UInt64(turn + 7)) }) { _ in 1 }.count
        }.sorted()
        #expect(needed[4] <= most, "\(needed)")
        #expect(needed[4] >= count * 13 / 10)
    }

    @Test("A place takes the share of ids that its number says")
    func density() {
        let ids = (0..<40_000).map { id($0) }
        var hits = [Int](repeating: 0, count: 64)
        for one in ids {
            for (place, symbol) in sketch(of: [one], 64).symbols.enumerated() where !symbol.isEmpty {
                hits[place] += 1
            }
        }
        for (place, count) in hits.enumerated() {
            let expected = 40_000 * 2 / (place + 2)
            #expect(abs(count - expected) < 600, "place \(place): \(count) of \(expected)")
        }
    }

    @Test("A sketch that was kept up to date is the one that is made anew")
    func incremental() {
        let random = Random(seed: 4)
        var held: [UInt64] = []
        var kept = sketch(of: [], 50)
        for turn in 0..<2_000 as Range<UInt64> {
            let bits = random.bits(.init(1), turn)
            if bits % 3 == 0, !held.isEmpty {
                kept.remove(held.remove(at: Int(bits >> 8) % held.count))
            } else {
                held.append(bits)
                kept.insert(bits)
            }
            if turn % 400 == 0 { kept.extend(to: kept.count * 2) { show in held.forEach(show) } }
        }
        #expect(kept == sketch(of: held, kept.count))
        #expect(kept.count == 1_600)
    }

    @Test("The sequence is the same on every machine")
    func golden() {
        var digest = Digest()
        for symbol in sketch(of: (0..<500).map { id($0) }, 300).symbols {
            digest.mix(symbol.sum)
            digest.mix(UInt64(symbol.check))
        }
        #expect(digest.description == "e02764e26bd9fe0a")
    }

    @Test("Another salt gives other symbols, so that no set is hard for every session")
    func salted() {
        let ids = (0..<50).map { id($0) }
        let sketches = (sketch(of: ids, 40), sketch(of: ids, 40, salt: salt + 1))
        for place in 2..<40 { #expect(sketches.0.symbols[place] != sketches.1.symbols[place]) }
    }

    @Test("Symbols that no set has do not keep the decoder busy", arguments: 0..<40 as Range<UInt64>)
    func hostile(_ seed: UInt64) {
        let random = Random(seed: seed)
        // Every symbol claims a single id, so that taking one out of the others makes new single ones.
        var lies: [Reconciliation.Symbol] = []
        for place in 0..<500 {
            let one = sketch(of: [random.bits(.init(1), UInt64(place) % 7)], place + 1).symbols[place]
            let other = sketch(of: [id(place, seed: seed)], 1).symbols[0]
            lies.append(random.bits(.init(2), UInt64(place)) % 2 == 0 ? one : other)
        }
        var decoder = Reconciliation.Decoder(salt: salt)
        decoder.add(lies, minus: sketch(of: [], 500))
        #expect(decoder.local.count + decoder.remote.count <= 500)
        #expect(!decoder.isDecoded)
    }
}
