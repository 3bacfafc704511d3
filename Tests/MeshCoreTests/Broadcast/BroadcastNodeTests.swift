import MeshCore
import Testing

@Suite("Broadcasts and direct messages")
struct BroadcastNodeTests {
    private func node(
        _ id: UInt64 = 1, of count: UInt64 = 5, _ settings: Broadcast.Settings = Broadcast.Settings()
    ) -> Driver<Broadcast.Node> {
        Driver(Broadcast.Node(id: NodeID(id), peers: nodes(1...count), settings: settings, random: Random(seed: 1)))
    }

    private func letter(
        _ number: UInt64, via path: [UInt64], hopsLeft: UInt8? = nil, of limit: Int = 10
    ) -> Broadcast.Letter {
        Broadcast.Letter(
            id: Broadcast.MessageID(origin: NodeID(path[0]), number: number),
            timeToLive: hopsLeft ?? UInt8(limit - path.count + 1), path: path.map { NodeID($0) }, payload: "hello")
    }

    @Test("a message goes to every link that it did not come by, once, with its path")
    func floods() throws {
        var node = node()
        let first = node.receive(.broadcast(letter(7, via: [2, 3])), from: 3)
        #expect(first.outputs == [.delivered(letter(7, via: [2, 3]))])
        #expect(first.sent.map { $0.peer } == [NodeID(4), NodeID(5)])
        var passedOn = 0
        for (message, _) in first.sent {
            guard case .broadcast(let next) = message else { continue }
            #expect(next.path == [NodeID(2), NodeID(3), NodeID(1)])
            #expect(next.timeToLive == 8)
            passedOn += 1
        }
        #expect(passedOn == 2)
        let second = node.receive(.broadcast(letter(7, via: [2, 4])), from: 4)
        #expect(second.outputs.isEmpty && second.sent.isEmpty)
    }

    @Test("the last hop delivers, does not pass on and says that there was further to go")
    func lastHop() {
        var node = node()
        let effects = node.receive(.broadcast(letter(7, via: [2], hopsLeft: 1)), from: 2)
        #expect(
            effects.outputs == [
                .delivered(letter(7, via: [2], hopsLeft: 1)), .ended(.init(origin: NodeID(2), number: 7)),
            ])
        #expect(effects.sent.isEmpty)
    }

    @Test(
        "what cannot have come this way is refused",
        arguments: [
            ([2, 3], 4, 5, .path), ([2, 1, 3], 3, 5, .loop), ([2, 3], 3, 10, .timeToLive), ([2, 3], 3, 0, .timeToLive),
        ] as [([UInt64], UInt64, UInt8, Broadcast.Ignored)])
    func refused(path: [UInt64], from peer: UInt64, hopsLeft: UInt8, reason: Broadcast.Ignored) {
        var node = node()
        let effects = node.receive(.broadcast(letter(7, via: path, hopsLeft: hopsLeft)), from: peer)
        #expect(effects.outputs == [.ignored(reason, from: NodeID(peer))])
        #expect(effects.sent.isEmpty)
    }

    @Test("the seen-set forgets by age after its retention and by number at its limit")
    func forgets() {
        var young = node()
        young.receive(.broadcast(letter(7, via: [2])), from: 2)
        for _ in 0..<8 { young.fire(.sweep) }
        #expect(young.receive(.broadcast(letter(7, via: [2])), from: 2).outputs.isEmpty)
        young.fire(.sweep)
        #expect(young.receive(.broadcast(letter(7, via: [2])), from: 2).outputs.count == 1)

        var full = node(1, of: 5, Broadcast.Settings(seenLimit: 100))
        for number in 1...100 { full.receive(.broadcast(letter(UInt64(number), via: [2])), from: 2) }
        #expect(full.receive(.broadcast(letter(1, via: [2])), from: 2).outputs.isEmpty)
        full.receive(.broadcast(letter(101, via: [2])), from: 2)
        #expect(full.receive(.broadcast(letter(2, via: [2])), from: 2).outputs.isEmpty)
        #expect(full.receive(.broadcast(letter(1, via: [2])), from: 2).outputs.count == 1)
    }

    @Test("a fanout chooses so many different links")
    func fanout() {
        var node = node(1, of: 40, Broadcast.Settings(fanout: 6))
        var reached: [NodeID: Int] = [:]
        for _ in 0..<200 {
            node.now = node.now + .milliseconds(1)
            let sent = node.command(.broadcast("x")).sent
            #expect(Set(sent.map { $0.peer }).count == 6)
            for (_, peer) in sent { reached[peer, default: 0] += 1 }
        }
        #expect(reached.count == 39)
        #expect(reached.values.allSatisfy { $0 > 10 && $0 < 60 })
    }

    @Test(
        "links of a degree are the same from both ends and lead everywhere", arguments: [5, 12, 100, 300] as [UInt64])
    func degree(count: UInt64) {
        let settings = Broadcast.Settings(degree: 6)
        let all = (1...count).map { node($0, of: count, settings).machine.links }
        for (place, links) in all.enumerated() {
            #expect(links.count <= 6 && !links.isEmpty)
            for link in links { #expect(all[Int(link.rawValue) - 1].contains(NodeID(UInt64(place + 1)))) }
        }
        var reached: Set<NodeID> = [NodeID(1)]
        var edge = reached
        while !edge.isEmpty {
            edge = Set(edge.flatMap { all[Int($0.rawValue) - 1] }).subtracting(reached)
            reached.formUnion(edge)
        }
        #expect(reached.count == Int(count))
    }

    @Test("a direct message is tried over a link, then every way, and then reported")
    func undeliverable() throws {
        var node = node()
        let first = node.command(.send("x", to: NodeID(9)))
        #expect(first.sent.count == 4)
        guard case .sentDirect(let id, to: _, payload: _)? = first.outputs.first else { return }
        var sent = 0
        var outputs: [Broadcast.Output] = []
        for _ in 0..<6 {
            let effects = node.fire(.receipts)
            sent += effects.sent.count
            outputs += effects.outputs
        }
        #expect(sent == 8)
        #expect(outputs == [.undeliverable(id, to: NodeID(9))])
    }

    @Test("its receiver takes it once and answers each attempt the way it came")
    func received() throws {
        var node = node()
        let direct = letter(7, via: [2, 3])
        let first = node.receive(.direct(direct, to: NodeID(1), attempt: 0), from: 3)
        #expect(first.outputs == [.received(direct)])
        #expect(first.sent.map { $0.message } == [.receipt(direct.id, by: NodeID(1), path: [NodeID(2)])])
        let second = node.receive(.direct(letter(7, via: [2, 4]), to: NodeID(1), attempt: 1), from: 4)
        #expect(second.outputs.isEmpty)
        #expect(second.sent.map { $0.peer } == [NodeID(4)])
    }

    @Test("a way that was learnt is taken first")
    func learnt() {
        var node = node(1, of: 4)
        node.receive(.broadcast(letter(1, via: [9, 8, 3])), from: 3)
        #expect(node.command(.send("x", to: NodeID(9))).sent.map { $0.peer } == [NodeID(3)])
        node.command(.removeLink(NodeID(3)))
        #expect(node.command(.send("x", to: NodeID(9))).sent.map { $0.peer } == [NodeID(2), NodeID(4)])
    }

    @Test("every message survives the wire, and broken bytes never trap")
    func wire() throws {
        let letter = letter(1 << 40, via: [2, 3, 400])
        let messages: [Broadcast.Message] = [
            .broadcast(letter), .direct(letter, to: NodeID(77), attempt: 2),
            .receipt(letter.id, by: NodeID(4), path: [NodeID(2), NodeID(3)]),
            .receipt(letter.id, by: NodeID(4), path: []),
        ]
        for message in messages {
            let frame = Frame.encode(message)
            #expect(try Frame.decode(frame, as: Broadcast.Message.self) == message)
            #expect(message.byteCount == frame.count)
            for cut in 0..<frame.count {
                var reader = WireReader(Array(frame[1..<max(cut, 1)]))
                _ = try? Broadcast.Message(from: &reader)
            }
        }
    }

    @Test("settings that cannot work say the way out")
    func settings() {
        #expect(throws: Broadcast.SettingsError.degree(3)) { try Broadcast.Settings(degree: 3).check() }
        #expect(throws: Broadcast.SettingsError.timeToLive(0)) { try Broadcast.Settings(timeToLive: 0).check() }
        #expect(throws: Broadcast.SettingsError.attempts(4)) { try Broadcast.Settings(attempts: 4).check() }
        #expect(throws: Never.self) { try Broadcast.Settings().check() }
    }
}
