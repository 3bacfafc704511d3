import MeshCore
import Testing

@Suite("Random")
struct RandomTests {
    private let purpose = Random.Purpose(0xf0f0)

    /// A change here makes every recorded seed mean another run.
    @Test("Known keys give known bits for ever")
    func stability() {
        #expect(Random(seed: 0).bits(Random.Purpose(0)) == 0x899e_ed5d_962b_4904)
        #expect(Random(seed: 1).bits(Random.Purpose(2), 3, 4, 5) == 0x67d8_681d_a1d4_81ba)
        #expect(Random(seed: .max).bits(Random.Purpose(.max), .max, .max, .max) == 0xde5f_b3ef_ddb0_bf69)
        #expect(Random(seed: 42).derived(Random.Purpose(7), 1).seed == 0x3a18_53d0_5a4f_ce01)
        #expect(Random.number(below: 1_000, from: 0x1234_5678_9abc_def0) == 320)
    }

    @Test("The same key gives the same answer, and nothing else is remembered")
    func keyed() {
        let random = Random(seed: 9)
        let first = random.bits(purpose, 1, 2, 3)
        for index in 0..<100 as Range<UInt64> { _ = random.bits(purpose, index) }
        #expect(random.bits(purpose, 1, 2, 3) == first)
        #expect(random.bits(purpose, 1) == random.bits(purpose, 1, 0, 0))
    }

    @Test("Every part of the key matters, and so does its place")
    func sensitivity() {
        var seen: [UInt64] = []
        for seed in 0..<3 as Range<UInt64> {
            for number in 0..<3 as Range<UInt64> {
                for key in 0..<216 as Range<UInt64> {
                    seen.append(
                        Random(seed: seed).bits(Random.Purpose(number), key % 6, key / 6 % 6, key / 36))
                }
            }
        }
        #expect(Set(seen).count == seen.count)
    }

    @Test("A seed asking one question does not get the answers of another seed asking another")
    func seedsAndPurposes() {
        var seen: [UInt64] = []
        for seed in 0..<64 as Range<UInt64> {
            for number in 0..<64 as Range<UInt64> { seen.append(Random(seed: seed).bits(Random.Purpose(number), 7)) }
        }
        #expect(Set(seen).count == seen.count)
    }

    @Test("One flipped bit anywhere in the key changes about half of the answer's bits", arguments: 0..<5)
    func avalanche(part: Int) {
        var changed = 0
        var flips = [Int](repeating: 0, count: 64)
        for sample in 0..<40 as Range<UInt64> {
            for bit in 0..<64 as Range<UInt64> {
                var key = [sample, sample &* 3, sample &* 5, sample &* 7, sample &* 11]
                let before = bits(key)
                key[part] ^= 1 << bit
                let difference = before ^ bits(key)
                changed += difference.nonzeroBitCount
                for place in 0..<64 where difference >> UInt64(place) & 1 == 1 { flips[place] += 1 }
            }
        }
        let total = 40 * 64
        #expect((total * 31...total * 33).contains(changed), "\(changed) of \(total * 64)")
        #expect(flips.allSatisfy { (total * 45 / 100...total * 55 / 100).contains($0) }, "\(flips)")
    }

    private func bits(_ key: [UInt64]) -> UInt64 {
        Random(seed: key[0]).bits(Random.Purpose(key[1]), key[2], key[3], key[4])
    }

    @Test("Numbers below a bound are spread evenly", arguments: [2, 3, 10, 100] as [UInt64])
    func uniform(bound: UInt64) {
        var counts = [Int](repeating: 0, count: Int(bound))
        let draws = 20_000
        for index in 0..<UInt64(draws) {
            let value = Random.number(below: bound, from: Random(seed: 77).bits(purpose, index))
            counts[Int(value)] += 1
        }
        // Chi square over `bound` cells, times the expected count: its mean is bound - 1, its deviation sqrt(2 (bound -
        // 1)).
        let expected = draws / Int(bound)
        let spread = counts.map { ($0 - expected) * ($0 - expected) }.reduce(0, +) / expected
        let degrees = Int(bound) - 1
        #expect(spread <= degrees + 5 * 15 + 4 * degrees / 10, "\(spread) with \(degrees) degrees of freedom")
        #expect(Random.number(below: 0, from: 5) == 0)
        #expect(Random.number(below: 1, from: .max) == 0)
    }

    @Test(
        "A decision is hit as often as its ratio says",
        arguments: [Ratio.zero, .one, .percent(1), .percent(30), Ratio(millionths: 500)])
    func hits(ratio: Ratio) {
        let draws: Int64 = 100_000
        var hits: Int64 = 0
        for index in 0..<UInt64(draws) where Random.isHit(ratio, from: Random(seed: 3).bits(purpose, index)) {
            hits += 1
        }
        let expected = draws * ratio.millionths / 1_000_000
        let tolerance: Int64 = ratio == .zero || ratio == .one ? 0 : 5 * Int64(Double(expected).squareRoot()) + 1
        #expect(abs(hits - expected) <= tolerance, "\(hits) of \(draws) at \(ratio)")
    }

    @Test("Two purposes answer independently about one occasion")
    func independence() {
        var both = 0
        let random = Random(seed: 11)
        for index in 0..<40_000 as Range<UInt64> {
            let first = Random.isHit(.percent(50), from: random.bits(Random.Purpose(1), index))
            let second = Random.isHit(.percent(50), from: random.bits(Random.Purpose(2), index))
            if first && second { both += 1 }
        }
        #expect((9_600...10_400).contains(both), "\(both) of 40000 at 25%")
    }

    @Test("An interval is drawn from bound to bound, both included")
    func intervals() {
        let low = Interval(nanoseconds: -2)
        let high = Interval(nanoseconds: 2)
        var seen: [Int64] = []
        for index in 0..<200 as Range<UInt64> {
            seen.append(Random.interval(low, high, from: Random(seed: 1).bits(purpose, index)).nanoseconds)
        }
        #expect(Set(seen) == [-2, -1, 0, 1, 2])
        #expect(Random.interval(high, low, from: 99) == high, "bounds in the wrong order give the first")
        #expect(Random.interval(low, low, from: 99) == low)
    }

    @Test("Derived generators do not repeat each other")
    func derived() {
        let random = Random(seed: 5)
        let seeds = (0..<1_000 as Range<UInt64>).map { random.derived(purpose, $0).seed }
        #expect(Set(seeds).count == 1_000)
        #expect(random.derived(purpose, 1).bits(purpose, 1) != random.derived(purpose, 2).bits(purpose, 1))
    }

    @Test("Further words of one occasion are independent of the first and of each other")
    func further() {
        let bits = Random(seed: 8).bits(purpose, 1)
        let words = [bits] + (1...200 as ClosedRange<UInt64>).map { Random.further(bits, $0) }
        #expect(Set(words).count == words.count)
        var changed = 0
        for index in 1..<words.count { changed += (words[index] ^ words[index - 1]).nonzeroBitCount }
        #expect((200 * 30...200 * 34).contains(changed), "\(changed) of \(200 * 64) bits")
        var both = 0
        for index in 0..<40_000 as Range<UInt64> {
            let bits = Random(seed: 8).bits(purpose, index)
            let isLost = Random.isHit(.percent(50), from: Random.further(bits, 1))
            let isDoubled = Random.isHit(.percent(50), from: Random.further(bits, 4))
            if isLost && isDoubled { both += 1 }
        }
        #expect((9_600...10_400).contains(both), "\(both) of 40000 at 25%")
    }
}
