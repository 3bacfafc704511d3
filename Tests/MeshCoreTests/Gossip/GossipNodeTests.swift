import MeshCore
import MeshTestKit
import Testing

private func stamp(_ milliseconds: UInt64, _ counter: UInt16 = 0) -> Gossip.Stamp {
    Gossip.Stamp(milliseconds: milliseconds, counter: counter)
}

private func entry(_ key: Bytes, _ value: Bytes?, at milliseconds: UInt64, by origin: UInt64) -> Gossip.Entry {
    Gossip.Entry(key: key, value: value, version: .init(stamp: stamp(milliseconds), origin: NodeID(origin)))
}

private func seconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

@Suite("A gossip node")
struct GossipNodeTests {
    @Test("A write is persisted, then told, then pushed")
    func order() {
        var probe = GossipProbe(1, peers: [2, 3, 4, 5], now: seconds(1))
        probe.command(.subscribe("a"))
        let effects = probe.set("a", "1")
        #expect(effects.order == "pootsss")
        #expect(effects.pushTimer == seconds(1) + .milliseconds(200))
        let version = Gossip.Version(stamp: stamp(1_000, 0), origin: NodeID(1))
        #expect(effects.records == [.put(Gossip.Entry(key: "a", value: "1", version: version))])
        #expect(
            effects.outputs == [
                .stored(key: "a", version: version), .changed(key: "a", value: "1", version: version),
            ])
        #expect(Set(effects.sends.map(\.to)).count == 3, "three different peers")
        #expect(probe.node.value(of: "a") == "1")
        #expect(probe.node.version(of: "a") == version)
        #expect(probe.node.value(of: "b") == nil)
    }

    @Test("What a peer brings is persisted before it is told and passed on")
    func remoteOrder() {
        var probe = GossipProbe(1, peers: [2, 3, 4, 5], now: seconds(1))
        probe.command(.subscribe("*"))
        let news = entry("a", "1", at: 900, by: 2)
        let effects = probe.receive(.push([news]), from: 2)
        #expect(effects.order == "potsss")
        #expect(effects.sends.allSatisfy { $0.message == .push([news]) })
        #expect(Set(effects.sends.map(\.to)) == [NodeID(3), NodeID(4), NodeID(5)], "not back to where it came from")
    }

    @Test("A merge makes no new write and known news is not passed on: no echo storm (R)")
    func noEcho() {
        var probe = GossipProbe(1, peers: [2, 3, 4], now: seconds(1))
        let news = entry("a", "1", at: 900, by: 2)
        probe.receive(.push([news]), from: 2)
        #expect(probe.node.version(of: "a")?.origin == NodeID(2))
        for peer in 2...4 as ClosedRange<UInt64> { #expect(probe.receive(.push([news]), from: peer).order == "") }
        #expect(probe.receive(.push([entry("a", "0", at: 800, by: 3)]), from: 3).order == "")
        #expect(probe.records.count == 1)
    }

    @Test("Only what is new in a push is passed on")
    func partialNews() {
        var probe = GossipProbe(1, peers: [2, 3], now: seconds(1))
        let old = entry("a", "1", at: 900, by: 2)
        let new = entry("b", "1", at: 900, by: 2)
        probe.receive(.push([old]), from: 2)
        #expect(probe.receive(.push([old, new]), from: 2).messages == [.push([new])])
    }

    @Test("News dies out: each node pushes it a few times and then never again")
    func newsDies() {
        var probe = GossipProbe(1, peers: Array(2...100), now: seconds(1))
        var pushes = 0
        var effects = probe.set("a", "1")
        while true {
            #expect(effects.messages.allSatisfy { $0.kind == MessageKind(0) })
            pushes += effects.messages.count
            guard effects.pushTimer != nil else { break }
            effects = probe.pushAgain()
        }
        // N e^-c with c = 9 copies leaves 1 % of all news with somebody missed among 100 nodes.
        #expect(pushes == 9)
        #expect(probe.set("b", "1").pushTimer != nil, "the next news starts it again")
    }

    @Test("With pushing switched off a write waits for the comparison")
    func noPush() {
        var probe = GossipProbe(1, peers: [2, 3], settings: .init(pushesOnSet: false), now: seconds(1))
        #expect(probe.set("a", "1").order == "po")
        #expect(probe.round().messages.map(\.kind) == [MessageKind(1)])
    }

    @Test("News that does not fit one message is pushed in several rounds, each within the limit")
    func largeNews() {
        let settings = Gossip.Settings(maxMessageBytes: 4_096, maxKeyBytes: 64, maxValueBytes: 1_000)
        var probe = GossipProbe(1, peers: Array(2...100), settings: settings, now: seconds(1))
        let value = Bytes([UInt8](repeating: 1, count: 1_000))
        for number in 0..<20 { probe.set(Bytes("key\(number)"), value) }
        var pushed: [Bytes: Int] = [:]
        for _ in 0..<30 {
            for message in Set(probe.pushAgain().messages) {
                #expect(Frame.encode(message).count <= 4_096)
                if case .push(let entries) = message {
                    for entry in entries { pushed[entry.key, default: 0] += 1 }
                }
            }
        }
        #expect(pushed.count == 20)
        #expect(pushed.values.allSatisfy { $0 == 2 }, "each twice after the push at once")
    }

    @Test("Keys and values over the limits are refused with the reason, and change nothing")
    func rejections() {
        let settings = Gossip.Settings(maxKeyBytes: 4, maxValueBytes: 6)
        var probe = GossipProbe(1, peers: [2], settings: settings)
        let tooLongKey = probe.set("12345", "v")
        #expect(tooLongKey.outputs == [.rejected(key: "12345", .keyTooLong(5, limit: 4))])
        #expect(tooLongKey.order == "o")
        #expect(probe.command(.delete(key: "12345")).order == "o")
        #expect(probe.set("1234", "1234567").outputs == [.rejected(key: "1234", .valueTooLong(7, limit: 6))])
        #expect(probe.set("1234", "123456").order == "pos")
        #expect(probe.node.keyCount == 1)
        let foreign = probe.receive(.push([entry("a", "1234567", at: 1, by: 2)]), from: 2)
        #expect(foreign.outputs == [.ignored(.oversized(keyBytes: 1, valueBytes: 7, from: NodeID(2)))])
        #expect(foreign.order == "o")
    }

    @Test("A wrong clock's write is refused, told once for each message, and does not poison this node's clock (D3)")
    func drift() {
        var probe = GossipProbe(1, peers: [2], now: seconds(10))
        let wrong = [entry("a", "1", at: 70_001, by: 2), entry("b", "1", at: UInt64.max >> 16, by: 2)]
        let right = entry("c", "1", at: 70_000, by: 2)
        let effects = probe.receive(.push([wrong[0], wrong[1], right]), from: 2)
        #expect(
            effects.outputs == [
                .ignored(.tooFarAhead(key: "a", version: wrong[0].version, from: NodeID(2)))
            ])
        #expect(probe.node.value(of: "a") == nil && probe.node.value(of: "b") == nil)
        #expect(probe.node.value(of: "c") == "1")
        probe.now = seconds(11)
        probe.set("mine", "1")
        #expect(probe.node.version(of: "mine")?.stamp.milliseconds == 70_000)
        probe.receive(.push(wrong), from: 2)
        #expect(probe.node.value(of: "a") == "1", "taken when this node's clock gets there")
        #expect(probe.node.value(of: "b") == nil)
    }

    @Test("A write after hearing of one is later, although this node's clock is behind")
    func causality() {
        var probe = GossipProbe(1, peers: [2], now: seconds(1))
        probe.receive(.push([entry("a", "theirs", at: 50_000, by: 2)]), from: 2)
        probe.set("a", "mine")
        #expect(probe.node.value(of: "a") == "mine")
        #expect((probe.node.version(of: "a")?.stamp ?? .zero) > stamp(50_000))
    }

    @Test("Of two writes in one millisecond the second one stays (E: equal version and equal millisecond)")
    func sameMillisecond() {
        var probe = GossipProbe(1, peers: [2], now: seconds(1))
        probe.set("a", "1")
        probe.set("a", "2")
        #expect(probe.node.value(of: "a") == "2")
        #expect(probe.node.version(of: "a")?.stamp == stamp(1_000, 1))
    }

    @Test("A subscriber hears present values at once and every change, its own and others' (E21, E47)")
    func subscription() {
        var probe = GossipProbe(1, peers: [2], now: seconds(1))
        for key in ["cursor:b", "cursor:a", "cursor", "cursos", "curs"] as [Bytes] { probe.set(key, "1") }
        probe.command(.delete(key: "cursor:b"))
        probe.set("cursor:c", "1")
        func keys(_ effects: GossipProbe.Effects) -> [Bytes] {
            effects.outputs.compactMap { output in
                if case .changed(let key, _, _) = output { return key }
                return nil
            }
        }
        #expect(keys(probe.command(.subscribe("cursor:*"))) == ["cursor:a", "cursor:c"])
        #expect(keys(probe.set("cursor:z", "1")) == ["cursor:z"])
        #expect(keys(probe.set("cursor", "2")) == [])
        #expect(keys(probe.receive(.push([entry("cursor:q", "7", at: 999, by: 2)]), from: 2)) == ["cursor:q"])
        #expect(keys(probe.receive(.push([entry("cursor:q", "6", at: 998, by: 2)]), from: 2)) == [])
        let deletion = probe.command(.delete(key: "cursor:a"))
        #expect(keys(deletion) == ["cursor:a"])
        #expect(probe.node.value(of: "cursor:a") == nil)
        #expect(keys(probe.command(.subscribe("cursor"))) == ["cursor"])
        #expect(keys(probe.set("cursor", "3")) == ["cursor"])
        probe.command(.unsubscribe("cursor:*"))
        #expect(keys(probe.set("cursor:z", "2")) == [])
        #expect(keys(probe.set("cursor", "4")) == ["cursor"])
        probe.command(.unsubscribe("cursor"))
        #expect(keys(probe.set("cursor", "5")) == [])
        #expect(keys(probe.command(.subscribe("*"))).count == 6)
    }

    @Test("Patterns match as plain comparison says, for every small key and set of patterns")
    func patterns() {
        var keys: [Bytes] = [""]
        for letter in ["a", "b"] { keys += keys.filter { $0.count == 0 }.map { _ in Bytes(letter) } }
        for length in 2...4 {
            for key in keys where key.count == length - 1 { keys += [Bytes("\(key)a"), Bytes("\(key)b")] }
        }
        let patterns: [Bytes] = ["*", "a*", "ab*", "abb*", "b*", "ba*", "bab", "a", "aab*", "baaa*", "", "abab"]
        let random = Random(seed: 8)
        for turn in 0..<300 as Range<UInt64> {
            var chosen: [Bytes] = []
            var probe = GossipProbe(1)
            let bits = random.bits(.init(1), turn)
            for index in 1..<patterns.count where bits >> UInt64(index) & 3 == 0 {
                chosen.append(patterns[index])
                probe.command(.subscribe(patterns[index]))
            }
            for key in keys {
                let expected = chosen.contains { pattern in
                    guard pattern.storage.last == UInt8(ascii: "*") else { return pattern == key }
                    return key.hasPrefix(Bytes(Array(pattern.storage.dropLast())))
                }
                let isTold = probe.set(key, "v").outputs.count == 2
                #expect(isTold == expected, "\(key) in \(chosen)")
            }
        }
    }

    @Test("Two nodes that read, add and write back lose an increment: a counter is no job for last writer wins (E24)")
    func lostUpdate() {
        var first = GossipProbe(1, peers: [2], now: seconds(1))
        var second = GossipProbe(2, peers: [1], now: seconds(1))
        let mine = first.set("count", "1").messages
        let theirs = second.set("count", "1").messages
        for message in mine { second.receive(message, from: 1) }
        for message in theirs { first.receive(message, from: 2) }
        #expect(first.node.stateHash == second.node.stateHash)
        #expect(first.node.value(of: "count") == "1", "two increments, one survives")
        #expect(first.node.version(of: "count")?.origin == NodeID(2))
    }

    @Test("Peers are a sorted set without the node itself, and can change (E18)")
    func peers() {
        var probe = GossipProbe(3, peers: [5, 1, 3, 5, 2])
        #expect(probe.node.peers.map(\.rawValue) == [1, 2, 5])
        probe.command(.addPeer(NodeID(4)))
        probe.command(.addPeer(NodeID(4)))
        probe.command(.addPeer(NodeID(3)))
        #expect(probe.node.peers.map(\.rawValue) == [1, 2, 4, 5])
        probe.command(.removePeer(NodeID(2)))
        probe.command(.removePeer(NodeID(9)))
        #expect(probe.node.peers.map(\.rawValue) == [1, 4, 5])
        for _ in 0..<50 {
            #expect(probe.round().sends.allSatisfy { $0.to != NodeID(2) && $0.to != NodeID(3) })
        }
    }

    @Test("A node without peers works alone (D4)")
    func alone() {
        var probe = GossipProbe(1)
        #expect(probe.set("a", "1").order == "po")
        #expect(probe.round().order == "t")
        #expect(probe.node.keyCount == 1)
    }

    @Test("One timer, set anew each round, whatever the clock does")
    func timer() {
        var probe = GossipProbe(1, peers: [2], now: seconds(100))
        #expect(probe.round().timer == seconds(102))
        probe.now = seconds(3)
        #expect(probe.round().timer == seconds(5))
    }

    @Test("A restart brings every entry back, and stamps above all earlier ones although the clock jumped back")
    func restart() {
        var probe = GossipProbe(1, peers: [2], now: seconds(1_000))
        for number in 0..<200 { probe.set(Bytes("key\(number % 50)"), Bytes("\(number)")) }
        probe.command(.delete(key: "key7"))
        let highest = probe.node.version(of: "key7")?.stamp ?? .zero
        var revived = GossipProbe(1, peers: [2], stable: probe.stable, now: seconds(5))
        #expect(revived.node.stateHash == probe.node.stateHash)
        #expect(revived.node.keyCount == 49)
        #expect(revived.node.tombstoneCount == 1)
        revived.set("new", "1")
        #expect((revived.node.version(of: "new")?.stamp ?? .zero) > highest)
    }

    @Test("The records of an image leave the same image, its ceiling included")
    func compaction() {
        var probe = GossipProbe(1, now: seconds(1))
        for number in 0..<100 { probe.set(Bytes("key\(number % 10)"), Bytes("\(number)")) }
        var compact = Gossip.Stable()
        for record in probe.stable.records { compact.apply(record) }
        #expect(compact.records == probe.stable.records)
        #expect(compact.records.count == 11)
        #expect(compact.ceiling == probe.node.clock.last)
        compact.apply(.forget(key: "key3"))
        #expect(compact.entry("key3") == nil)
        #expect(compact.count == 9)
        #expect(compact.ceiling == probe.node.clock.last)
    }

    @Test("Settings that cannot work are refused with the way out")
    func settings() throws {
        try Gossip.Settings().check()
        let broken: [(Gossip.Settings, Gossip.SettingsError)] = [
            (.init(fanout: 0), .fanout(0)),
            (.init(interval: .zero), .interval(.zero)),
            (.init(pushInterval: .zero), .pushInterval(.zero)),
            (.init(maxKeyBytes: 0), .keyLimit(0)), (.init(maxValueBytes: -1), .valueLimit(-1)),
            (.init(maxMessageBytes: 1_000), .messageLimit(1_000, least: 512 + 24_576 + 64)),
            (.init(maxMessageBytes: 5 << 20), .messageLimit(5 << 20, least: 512 + 24_576 + 64)),
            (.init(tombstoneRetention: .seconds(60)), .retention(.seconds(60))),
            (.init(driftLimit: .seconds(-1)), .driftLimit(.seconds(-1))),
        ]
        for (settings, expected) in broken {
            #expect(throws: expected) { try settings.check() }
            #expect(expected.description.contains("choose"))
        }
    }

    @Test("A node agrees with a dictionary over random commands and messages", arguments: 0..<10)
    func naiveTwin(_ seed: UInt64) {
        let random = Random(seed: seed)
        var probe = GossipProbe(1, peers: [2], now: seconds(100))
        var twin: [Bytes: Gossip.Entry] = [:]
        for turn in 0..<1_500 as Range<UInt64> {
            let bits = random.bits(.init(1), turn)
            let key = Bytes("k\(bits % 300)")
            switch bits >> 20 & 3 {
            case 0: probe.set(key, Bytes("v\(turn)"))
            case 1: probe.command(.delete(key: key))
            default:
                let foreign = entry(
                    key, bits >> 30 & 3 == 0 ? nil : Bytes("f\(turn)"), at: 99_000 + bits >> 40 % 3_000, by: 2)
                probe.receive(.entries([foreign]), from: 2)
                if twin[key].map({ foreign.supersedes($0) }) ?? true { twin[key] = foreign }
            }
            if bits >> 20 & 3 < 2, let version = probe.node.version(of: key) {
                twin[key] = Gossip.Entry(key: key, value: probe.node.value(of: key), version: version)
            }
            probe.now = probe.now + .milliseconds(Int64(bits >> 50 & 3))
        }
        var walked: [Gossip.Entry] = []
        probe.node.forEachEntry { walked.append($0) }
        #expect(walked == twin.values.sorted { $0.key < $1.key })
        #expect(probe.node.keyCount == twin.values.filter { !$0.isTombstone }.count)
        #expect(probe.node.tombstoneCount == twin.values.filter { $0.isTombstone }.count)
        #expect(probe.node.stateHash == twin.values.reduce(0) { $0 &+ $1.identity(under: .open) })
        for (key, entry) in twin { #expect(probe.node.value(of: key) == entry.value) }
        #expect(probe.stable.records.count == walked.count + 1)
    }
}
