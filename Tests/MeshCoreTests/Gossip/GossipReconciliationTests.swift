import MeshCore
import MeshTestKit
import Testing

private let today = Instant(nanoseconds: 1_700_000_000_000_000_000)
private let settings = Gossip.Settings(pushesOnSet: false)

private func item(_ number: Int, valueBytes: Int = 10, by origin: UInt64 = 1) -> Gossip.Entry {
    let stamp = Gossip.Stamp(milliseconds: 1_699_999_000_000 + UInt64(number))
    return Gossip.Entry(
        key: Bytes("item:\(number + 10_000_000):0123456789abcdef"),
        value: Bytes([UInt8](repeating: UInt8(number & 255), count: valueBytes)),
        version: .init(stamp: stamp, origin: NodeID(origin)))
}

private func pair(
    _ first: [Gossip.Entry], _ second: [Gossip.Entry], _ settings: Gossip.Settings = settings
) -> (GossipProbe, GossipProbe) {
    var stable = (Gossip.Stable(), Gossip.Stable())
    for entry in first { stable.0.apply(.put(entry)) }
    for entry in second { stable.1.apply(.put(entry)) }
    return (
        GossipProbe(1, peers: [2], settings: settings, stable: stable.0, now: today),
        GossipProbe(2, peers: [1], settings: settings, stable: stable.1, now: today)
    )
}

/// Two nodes with `count` entries, of which `differences` are only on one side, half on each.
private func differing(_ differences: Int, of count: Int, valueBytes: Int = 10) -> (GossipProbe, GossipProbe) {
    let random = Random(seed: 3)
    var special: Set<Int> = []
    var turn: UInt64 = 0
    while special.count < differences {
        turn += 1
        special.insert(Int(random.bits(.init(1), turn) % UInt64(count)))
    }
    var sides: ([Gossip.Entry], [Gossip.Entry]) = ([], [])
    var isLeft = false
    for number in 0..<count {
        let entry = item(number, valueBytes: valueBytes)
        if special.contains(number) { isLeft.toggle() }
        if !special.contains(number) || isLeft { sides.0.append(entry) }
        if !special.contains(number) || !isLeft { sides.1.append(entry) }
    }
    return pair(sides.0, sides.1)
}

@Suite("Comparing states")
struct GossipReconciliationTests {
    @Test(
        "Both sides get exactly what they lack, with fewer bytes than Negentropy needs for its ids",
        arguments: [
            (0, 100, 312), (1, 100, 547), (10, 100, 1_700), (0, 1_000, 324), (1, 1_000, 885), (2, 1_000, 1_497),
            (10, 1_000, 5_448), (100, 1_000, 26_568), (1, 10_000, 1_076), (10, 10_000, 6_577),
            (100, 10_000, 39_512), (1_000, 10_000, 156_841),
        ])
    func bytes(_ differences: Int, _ count: Int, _ negentropy: Int) {
        var (first, second) = differing(differences, of: count)
        let exchange = GossipExchange(&first, &second)
        #expect(first.node.stateHash == second.node.stateHash)
        #expect(first.node.keyCount == count)
        #expect(exchange.comparedBytes < negentropy)
        #expect(exchange.entries >= differences)
        #expect(exchange.entries <= differences + differences / 100, "hardly anything is sent twice")
        #expect(exchange.turns <= 20, "\(exchange)")
    }

    @Test("Equal states cost one message of 15 bytes, however large they are")
    func equal() {
        var (first, second) = differing(0, of: 5_000)
        let exchange = GossipExchange(&first, &second)
        #expect(exchange.messages == 1)
        #expect(exchange.comparedBytes == 15)
    }

    @Test("An empty node is filled in one go, in bounded pieces, a message at a time", arguments: [true, false])
    func lateJoiner(_ joinerOpens: Bool) {
        var (full, empty) = pair((0..<2_000).map { item($0, valueBytes: 1_000) }, [])
        let exchange = joinerOpens ? GossipExchange(&empty, &full) : GossipExchange(&full, &empty)
        #expect(exchange.isOver)
        #expect(empty.node.stateHash == full.node.stateHash)
        #expect(exchange.largest <= settings.maxMessageBytes)
        #expect(exchange.mostUnderWay <= settings.maxMessageBytes + 1_000)
        #expect(exchange.entries == 2_000)
        #expect(exchange.comparedBytes < exchange.entryBytes / 100)
    }

    @Test("Two disjoint states become one, and what is under way at a time stays bounded")
    func disjoint() {
        let entries = (0..<4_000).map { item($0, valueBytes: 200) }
        var (first, second) = pair(
            entries.enumerated().filter { $0.offset % 2 == 0 }.map(\.element),
            entries.enumerated().filter { $0.offset % 2 == 1 }.map(\.element))
        let exchange = GossipExchange(&first, &second)
        #expect(exchange.isOver)
        #expect(first.node.stateHash == second.node.stateHash)
        #expect(first.node.keyCount == 4_000)
        #expect(exchange.largest <= settings.maxMessageBytes)
        #expect(exchange.mostUnderWay <= 2 * settings.maxMessageBytes)
        #expect(exchange.comparedBytes < exchange.entryBytes / 2)
    }

    @Test("Values of the largest size, one to a message, are carried over")
    func largestValues() {
        let first = (0..<40).map { item($0, valueBytes: settings.maxValueBytes) }
        let second = (40..<80).map { item($0, valueBytes: settings.maxValueBytes) }
        var (left, right) = pair(first, second)
        let exchange = GossipExchange(&left, &right)
        #expect(left.node.stateHash == right.node.stateHash)
        #expect(left.node.keyCount == 80)
        #expect(exchange.largest <= settings.maxMessageBytes)
        #expect(exchange.entryMessages == 80)
    }

    @Test("Keys of the largest size keep summaries within the limit")
    func largestKeys() {
        let small = Gossip.Settings(maxMessageBytes: 2_600, maxKeyBytes: 512, maxValueBytes: 8, pushesOnSet: false)
        func entry(_ number: Int, by origin: UInt64) -> Gossip.Entry {
            // The keys differ in their last bytes, so bounds cannot be short.
            var key = [UInt8](repeating: 1, count: 509)
            key += [UInt8(number >> 8), UInt8(number & 255), 0]
            return Gossip.Entry(
                key: Bytes(key), value: "v",
                version: .init(stamp: Gossip.Stamp(milliseconds: UInt64(number)), origin: NodeID(origin)))
        }
        var (left, right) = pair(
            (0..<400).filter { $0 % 3 != 0 }.map { entry($0, by: 1) },
            (0..<400).filter { $0 % 5 != 0 }.map { entry($0, by: 1) }, small)
        let exchange = GossipExchange(&left, &right)
        #expect(exchange.isOver)
        #expect(exchange.largest <= 2_600)
        #expect(left.node.stateHash == right.node.stateHash)
        #expect(left.node.keyCount == 400 - 27)
    }

    @Test("Different writes to the same keys end as the newer ones on both sides")
    func conflicts() {
        let old = (0..<600).map { item($0) }
        let random = Random(seed: 6)
        func rewritten(_ side: UInt64) -> [Gossip.Entry] {
            old.enumerated().map { number, entry in
                let bits = random.bits(.init(side), UInt64(number))
                guard bits & 3 == 0 else { return entry }
                let stamp = Gossip.Stamp(milliseconds: 1_699_999_900_000 + bits >> 50)
                let value: Bytes? = bits >> 10 & 3 == 0 ? nil : Bytes("new \(side)")
                return Gossip.Entry(key: entry.key, value: value, version: .init(stamp: stamp, origin: NodeID(side)))
            }
        }
        let sides = (rewritten(1), rewritten(2))
        var (first, second) = pair(sides.0, sides.1)
        let exchange = GossipExchange(&first, &second)
        #expect(exchange.isOver)
        #expect(first.node.stateHash == second.node.stateHash)
        for (left, right) in zip(sides.0, sides.1) {
            let winner = right.supersedes(left) ? right : left
            #expect(first.node.version(of: winner.key) == winner.version)
            #expect(first.node.value(of: winner.key) == winner.value)
        }
    }

    @Test("Random pairs of states always become their union in one exchange", arguments: 0..<60 as Range<UInt64>)
    func randomPairs(_ seed: UInt64) {
        let random = Random(seed: seed)
        let count = Int(random.bits(.init(1)) % 800) + 1
        let shareLeft = random.bits(.init(2)) % 100
        let shareRight = random.bits(.init(3)) % 100
        let valueBytes = Int(random.bits(.init(4)) % 300)
        var sides: ([Gossip.Entry], [Gossip.Entry]) = ([], [])
        var union: [Bytes: Gossip.Entry] = [:]
        for number in 0..<count {
            let bits = random.bits(.init(5), UInt64(number))
            let entry = item(number, valueBytes: valueBytes)
            if bits % 100 <= shareLeft { sides.0.append(entry) }
            if bits >> 32 % 100 <= shareRight { sides.1.append(entry) }
            if bits % 100 <= shareLeft || bits >> 32 % 100 <= shareRight { union[entry.key] = entry }
        }
        let small = Gossip.Settings(
            maxMessageBytes: 4_096, maxKeyBytes: 64, maxValueBytes: 1_000, pushesOnSet: false)
        var (first, second) = pair(sides.0, sides.1, small)
        let exchange = GossipExchange(&first, &second)
        #expect(exchange.isOver)
        #expect(exchange.largest <= 4_096)
        #expect(first.node.stateHash == union.values.reduce(0) { $0 &+ $1.identity(under: .open) })
        #expect(second.node.stateHash == first.node.stateHash)
    }

    @Test("The hash of any range is that of its entries, whatever was written, replaced and forgotten before")
    func rangeHashes() {
        let random = Random(seed: 12)
        let brief = Gossip.Settings(tombstoneRetention: .seconds(100), pushesOnSet: false)
        var probe = GossipProbe(1, peers: [2], settings: brief, now: today)
        var checked = 0
        for turn in 0..<6_000 as Range<UInt64> {
            let bits = random.bits(.init(1), turn)
            let key = Bytes("key\(bits % 700)")
            switch bits >> 20 & 3 {
            case 0: probe.command(.delete(key: key))
            default: probe.set(key, Bytes("\(turn)"))
            }
            if turn % 40 == 0 { probe.round() }
            guard turn % 60 == 0 else { continue }
            var lower = Bytes("key\(bits >> 30 % 700)")
            var upper: Bytes? = Bytes("key\(bits >> 44 % 700)")
            if let end = upper, end < lower { (lower, upper) = (end, lower) }
            if bits >> 60 & 3 == 0 { upper = nil }
            var hash: UInt64 = 0
            var count = 0
            probe.node.forEachEntry { entry in
                guard entry.key >= lower, upper.map({ entry.key < $0 }) ?? true else { return }
                hash = hash &+ entry.identity(under: .open)
                count += 1
            }
            let range = Gossip.KeyRange(lower, upper)
            let right = Gossip.Span(range, .fingerprint(.init(hash: hash, count: count)))
            #expect(probe.receive(.summary([right]), from: 2).messages.isEmpty, "\(right)")
            let wrong = Gossip.Span(range, .fingerprint(.init(hash: hash ^ 1, count: count + 1)))
            #expect(!probe.receive(.summary([wrong]), from: 2).messages.isEmpty)
            checked += 1
        }
        #expect(checked == 100)
        #expect(probe.records.contains { if case .forget = $0 { true } else { false } })
    }

    @Test("Entries that the other side refuses do not keep the exchange going")
    func refusedEntries() {
        let future = (0..<500).map { number in
            Gossip.Entry(
                key: Bytes("future\(number)"), value: Bytes([UInt8](repeating: 1, count: 500)),
                version: .init(stamp: Gossip.Stamp(milliseconds: 1_800_000_000_000), origin: NodeID(3)))
        }
        var (first, second) = pair(future + (0..<50).map { item($0) }, (50..<100).map { item($0) })
        let exchange = GossipExchange(&first, &second, turnLimit: 200)
        #expect(exchange.isOver)
        #expect(second.node.keyCount == 100)
        #expect(first.node.keyCount == 600)
        #expect(exchange.entryBytes < 600_000)
    }

    @Test("A comparison that is still going on is not opened a second time, and not for ever either")
    func oneSession() {
        var probe = GossipProbe(1, peers: [2], settings: settings, now: today)
        for number in 0..<100 { probe.set(Bytes("key\(number)"), "v") }
        var opened = 0
        for _ in 0..<45 {
            opened += probe.round().messages.count
            let rest = Gossip.Span(.init("key50", nil), .fingerprint(.init(hash: 1, count: 50)))
            #expect(!probe.receive(.summary([rest]), from: 2).messages.isEmpty)
        }
        #expect(opened == 2)
        #expect(probe.round().messages.isEmpty)
        #expect(probe.round().messages.count == 1, "a partner that fell silent is replaced")
    }

    @Test("A wish far into a large range is not searched for without end")
    func searchLimit() {
        var (probe, _) = pair((0..<3_000).map { item($0) }, [])
        let wish = Gossip.Span(.all, .wanted([item(2_999).identity(under: .open)]))
        let answer = probe.receive(.summary([wish]), from: 2).messages
        #expect(answer.count == 1)
        guard case .summary(let spans) = answer.first else {
            Issue.record("a summary of the rest was expected")
            return
        }
        #expect(spans.map(\.range) == [.init(item(1_024).key, nil)])
    }
}
