import MeshCore
import MeshTestKit
import Testing

/// Deterministic values for one test.
private struct Dice {
    let random: Random
    var turn: UInt64 = 0

    init(_ seed: UInt64) { random = Random(seed: seed) }

    mutating func roll(_ bound: Int) -> Int {
        turn += 1
        return Int(random.bits(.init(1), turn) % UInt64(bound))
    }

    mutating func word() -> UInt64 {
        turn += 1
        return random.bits(.init(2), turn) >> UInt64(roll(64))
    }

    mutating func bytes(_ limit: Int) -> Bytes { Bytes((0..<roll(limit + 1)).map { _ in UInt8(roll(4)) }) }

    mutating func entry() -> Gossip.Entry {
        Gossip.Entry(
            key: bytes(12), value: roll(4) == 0 ? nil : bytes(40),
            version: .init(stamp: Gossip.Stamp(word()), origin: NodeID(word() | 1)),
            expires: roll(3) == 0 ? Gossip.Stamp(word()) : nil)
    }

    mutating func range(after lower: Bytes) -> Gossip.KeyRange {
        let start = roll(3) == 0 ? Bytes(lower.storage + [UInt8(roll(3))]) : lower
        return Gossip.KeyRange(start, Bytes(start.storage + [UInt8(roll(3)), UInt8(roll(3))]))
    }

    mutating func message(_ kind: Int) -> Gossip.Message {
        switch kind {
        case 0: return .push((0..<roll(5)).map { _ in entry() })
        case 1: return .digest(hash: word(), ask: roll(100_000))
        case 2:
            var spans: [Gossip.Span] = []
            var lower = Bytes()
            for _ in 0..<roll(6) {
                var part = range(after: lower)
                lower = part.upper ?? lower
                let hashes = (0..<roll(5)).map { _ in word() }
                switch roll(4) {
                case 0: spans.append(Gossip.Span(part, .hashes(hashes)))
                case 1: spans.append(Gossip.Span(part, .wanted(hashes)))
                case 2: spans.append(Gossip.Span(part, .fingerprint(.init(hash: word(), count: roll(1_000)))))
                default:
                    part = Gossip.KeyRange(part.lower, nil)
                    spans.append(Gossip.Span(part, .fingerprint(.init(hash: word(), count: 0))))
                    return .summary(spans)
                }
            }
            return .summary(spans)
        case 3: return .entries((0..<roll(5)).map { _ in entry() })
        case 4:
            let symbols = (0..<(roll(9) + 1)).map { _ in
                Reconciliation.Symbol(sum: word(), check: UInt32(truncatingIfNeeded: word()))
            }
            let first = roll(3) * roll(1_000)
            return .symbols(
                Gossip.Symbols(
                    hash: first == 0 ? symbols[0].sum : word(), count: roll(100_000), first: first, symbols: symbols))
        case 5:
            var strata = Reconciliation.Strata()
            for _ in 0..<roll(20) { strata.insert(word(), salt: 1) }
            return .more(
                Gossip.More(
                    hash: word(), first: roll(70_000), ask: roll(70_000), strata: roll(2) == 0 ? nil : strata))
        default: return .want((0..<roll(9)).map { _ in word() })
        }
    }
}

@Suite("Gossip on the wire")
struct GossipWireTests {
    @Test("Every message comes back as it was, and its size is known beforehand", arguments: 0..<7)
    func roundTrip(_ kind: Int) throws {
        var dice = Dice(UInt64(kind))
        for _ in 0..<2_000 {
            let message = dice.message(kind)
            #expect(Int(message.kind.rawValue) == kind)
            let frame = Frame.encode(message)
            #expect(try Frame.decode(frame, as: Gossip.Message.self) == message)
            #expect(frame.count == message.byteCount)
        }
    }

    @Test("Neighbouring bounds share their beginnings, up to a limit, with any lengths")
    func sharedBounds() throws {
        for length in [0, 1, 62, 63, 64, 200, 4_095] {
            let lower = Bytes([UInt8](repeating: 7, count: length))
            let upper = Bytes(lower.storage + [1])
            let message = Gossip.Message.summary([Gossip.Span(Gossip.KeyRange(lower, upper), .hashes([]))])
            #expect(try Frame.decode(Frame.encode(message), as: Gossip.Message.self) == message)
        }
        let far = Gossip.KeyRange("item:000123", "item:000187")
        let span = Gossip.Span(far, .fingerprint(.init(hash: UInt64.max, count: 64)))
        #expect(Gossip.Message.summary([span]).byteCount == 5 + 2 + 1 + 12 + 1 + 3 + 9)
    }

    @Test("Every record comes back as it was")
    func records() throws {
        var dice = Dice(9)
        for _ in 0..<500 {
            let records: [Gossip.Stable.Record] = [
                .put(dice.entry()), .ceiling(Gossip.Stamp(dice.word())), .forget(key: dice.bytes(20)),
            ]
            for record in records {
                #expect(try Frame.decode(Frame.encode(record), as: Gossip.Stable.Record.self) == record)
            }
        }
    }

    @Test("100,000 damaged messages are refused or read, never fatal, and a node survives what was read")
    func mutations() {
        var dice = Dice(77)
        var probe = GossipProbe(1, peers: [2, 3], now: Instant(nanoseconds: 1_000_000_000_000))
        for number in 0..<100 { probe.set(Bytes("key\(number)"), "v") }
        var refused = 0
        var read = 0
        let originals = (0..<400).map { turn in
            var writer = WireWriter()
            dice.message(turn & 3).encode(into: &writer)
            return writer.bytes
        }
        for turn in 0..<100_000 {
            var bytes = originals[turn % originals.count]
            for _ in 0...dice.roll(3) where !bytes.isEmpty {
                switch dice.roll(4) {
                case 0: bytes[dice.roll(bytes.count)] = UInt8(dice.roll(256))
                case 1: bytes[dice.roll(bytes.count)] ^= 1 << UInt8(dice.roll(8))
                case 2: bytes.removeLast(dice.roll(bytes.count))
                default: bytes.insert(UInt8(dice.roll(256)), at: dice.roll(bytes.count))
                }
            }
            var reader = WireReader(bytes)
            do {
                let message = try Gossip.Message(from: &reader)
                read += 1
                probe.receive(message, from: 2)
            } catch {
                refused += 1
            }
        }
        #expect(read > 10_000 && refused > 10_000)
        #expect(probe.node.keyCount >= 90)
    }

    @Test("Ranges out of order are reported and cause no work")
    func disorder() {
        var probe = GossipProbe(1, peers: [2], now: .zero)
        probe.set("a", "1")
        let print = Gossip.Span.Content.fingerprint(.init(hash: 1, count: 1))
        let disorders: [[Gossip.Span]] = [
            [.init(.init("b", "c"), print), .init(.init("a", "b"), print)],
            [.init(.init("a", nil), print), .init(.init("b", nil), print)],
            [.init(.init("a", "c"), print), .init(.init("b", "d"), print)],
            [.init(.init("b", "a"), print)],
        ]
        for spans in disorders {
            let effects = probe.receive(.summary(spans), from: 2)
            #expect(effects.order == "o")
            #expect(effects.outputs == [.ignored(.malformed(from: NodeID(2)))])
        }
        #expect(probe.receive(.summary([]), from: 2).order == "")
    }

    @Test(
        "Malformed bytes are refused with the reason",
        arguments: [
            ([9], WireError.unknownTag(9)), ([0, 1], .truncated), ([0, 0xff, 0xff, 0x7f], .tooLong(2_097_151)),
            ([1, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f], .tooLong(0xffff_ffff)),
            ([2, 1, 12, 0], .invalid("")), ([2, 1, 1, 5, 0, 0], .invalid("")), ([2, 1, 7, 1], .truncated),
        ] as [([UInt8], WireError)])
    func malformed(_ bytes: [UInt8], _ expected: WireError) {
        var reader = WireReader(bytes)
        #expect(throws: expected) { try Gossip.Message(from: &reader) }
    }
}
