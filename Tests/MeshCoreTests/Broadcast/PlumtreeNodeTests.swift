import MeshCore
import Testing

@Suite("The tree")
struct PlumtreeNodeTests {
    private func node(links: ClosedRange<UInt64> = 2...4) -> Driver<Plumtree.Node> {
        var driver = Driver(Plumtree.Node(id: NodeID(1), settings: Plumtree.Settings(), random: Random(seed: 1)))
        for link in links { driver.command(.addLink(NodeID(link))) }
        return driver
    }

    private func name(_ number: UInt64, of origin: UInt64 = 9) -> Broadcast.MessageID {
        Broadcast.MessageID(origin: NodeID(origin), number: number)
    }

    @Test("a second copy is answered with a prune, and the link is only told of messages from then on")
    func prunes() {
        var node = node()
        let first = node.receive(.payload(name(1), hops: 3, age: 0, "x"), from: 2)
        #expect(first.outputs == [.delivered(name(1), payload: "x", hops: 3)])
        #expect(first.sent.map { $0.message } == Array(repeating: .payload(name(1), hops: 4, age: 0, "x"), count: 2))
        let second = node.receive(.payload(name(1), hops: 4, age: 0, "x"), from: 3)
        #expect(second.outputs.isEmpty)
        #expect(second.sent.map { $0.message } == [.prune])
        let third = node.receive(.payload(name(2), hops: 3, age: 0, "y"), from: 2)
        #expect(third.sent.map { $0.peer } == [NodeID(4)])
        #expect(third.timers.contains(.lazy))
        let told = node.fire(.lazy).sent
        #expect(told.map { $0.peer } == [NodeID(3)])
        #expect(told.map { $0.message } == [.have([Plumtree.Notice(id: name(2), hops: 3)])])
    }

    @Test("a message whose name was heard is asked for, from one teller after the other")
    func grafts() {
        var node = node()
        node.receive(.have([Plumtree.Notice(id: name(1), hops: 2)]), from: 3)
        node.receive(.have([Plumtree.Notice(id: name(1), hops: 2)]), from: 4)
        for _ in 0..<4 { #expect(node.fire(.graft).sent.isEmpty) }
        #expect(node.fire(.graft).sent.map { $0.peer } == [NodeID(3)])
        var asked: [NodeID] = []
        for _ in 0..<30 { asked += node.fire(.graft).sent.map { $0.peer } }
        #expect(asked == [4, 3, 4, 3, 4].map { NodeID($0) })
        // Whoever tells of it later is asked again.
        node.receive(.have([Plumtree.Notice(id: name(1), hops: 2)]), from: 2)
        for _ in 0..<2 { asked += node.fire(.graft).sent.map { $0.peer } }
        #expect(asked.count > 5)
        let delivered = node.receive(.payload(name(1), hops: 3, age: 1, "x"), from: 4)
        #expect(delivered.outputs.count == 1)
        #expect(node.fire(.graft).sent.isEmpty)
    }

    @Test("a new neighbour is told what is kept, and a graft is answered with it")
    func newcomers() {
        var node = node(links: 2...2)
        for number in 1...5 { node.receive(.payload(name(UInt64(number)), hops: 1, age: 0, "x"), from: 2) }
        let told = node.command(.addLink(NodeID(7))).sent
        #expect(
            told.map { $0.message } == [
                .summary([Plumtree.Run(first: name(1), count: 5)], wantsAnswer: false)
            ])
        let answer = node.receive(.graft(name(3)), from: 7).sent
        #expect(answer.map { $0.message } == [.payload(name(3), hops: 2, age: 0, "x")])
    }

    @Test("a payload is handed on no longer than its retention, whatever its age was when it came")
    func ages() {
        var node = node(links: 2...2)
        node.receive(.payload(name(1), hops: 1, age: 6, "x"), from: 2)
        for _ in 0..<2 { node.fire(.sweep) }
        let answer = node.receive(.graft(name(1)), from: 7).sent
        #expect(answer.map { $0.message } == [.payload(name(1), hops: 2, age: 8, "x")])
        node.fire(.sweep)
        #expect(node.receive(.graft(name(1)), from: 7).sent.isEmpty)
        #expect(node.command(.addLink(NodeID(8))).sent.isEmpty)
        // Its name is remembered long after.
        for _ in 0..<60 { node.fire(.sweep) }
        #expect(node.receive(.payload(name(1), hops: 1, age: 0, "x"), from: 2).outputs.isEmpty)
    }

    @Test("a much shorter way takes the place of the tree's")
    func shortens() {
        var node = node()
        node.receive(.payload(name(1), hops: 12, age: 0, "x"), from: 2)
        #expect(node.receive(.have([Plumtree.Notice(id: name(1), hops: 5)]), from: 3).sent.isEmpty)
        let sent = node.receive(.have([Plumtree.Notice(id: name(1), hops: 4)]), from: 3).sent
        #expect(sent.map { $0.message } == [.graft(nil), .prune])
        #expect(sent.map { $0.peer } == [NodeID(3), NodeID(2)])
    }

    @Test("every message survives the wire, and broken bytes never trap")
    func wire() throws {
        let messages: [Plumtree.Message] = [
            .payload(name(1 << 50), hops: 300, age: 9, "payload"), .prune, .graft(nil), .graft(name(2)),
            .have([Plumtree.Notice(id: name(1), hops: 0), Plumtree.Notice(id: name(5), hops: 70)]),
            .summary([Plumtree.Run(first: name(1), count: 4_096)], wantsAnswer: true), .summary([], wantsAnswer: false),
        ]
        for message in messages {
            let frame = Frame.encode(message)
            #expect(try Frame.decode(frame, as: Plumtree.Message.self) == message)
            for cut in 1..<frame.count {
                var reader = WireReader(Array(frame[1..<cut]))
                _ = try? Plumtree.Message(from: &reader)
            }
        }
    }
}

@Suite("The overlay")
struct HyParViewNodeTests {
    private func node(_ id: UInt64 = 50, _ settings: HyParView.Settings = HyParView.Settings()) -> Driver<
        HyParView.Node
    > {
        Driver(HyParView.Node(id: NodeID(id), peers: nodes(1...9), settings: settings, random: Random(seed: 1)))
    }

    private func beat(_ root: UInt64 = 1, _ count: UInt64 = 1) -> HyParView.Message {
        .beat(HyParView.Root(id: NodeID(root), count: count))
    }

    @Test("a node without neighbours joins through a contact, and a contact sends its name on")
    func joins() {
        var newcomer = node()
        let sent = newcomer.fire(.beat).sent
        #expect(sent.map { $0.message } == [.join])
        #expect(sent[0].peer.rawValue <= 3)
        var contact = node(1)
        contact.receive(.answer(isAccepted: true), from: 7)
        let effects = contact.receive(.join, from: 50)
        #expect(effects.outputs == [.up(NodeID(50))])
        #expect(
            effects.sent.map { $0.message } == [
                .answer(isAccepted: true), .forwardJoin(NodeID(50), steps: 6),
            ])
    }

    @Test("whoever needs a neighbour urgently is not refused, anybody else is when all places are taken")
    func priorities() {
        var node = node()
        for peer in 1...5 { node.receive(.answer(isAccepted: true), from: UInt64(peer)) }
        #expect(node.machine.active.count == 5)
        #expect(
            node.receive(.neighbour(isUrgent: false), from: 20).sent.map { $0.message } == [
                .answer(isAccepted: false)
            ])
        let urgent = node.receive(.neighbour(isUrgent: true), from: 20)
        #expect(node.machine.active.count == 5)
        #expect(node.machine.isNeighbour(NodeID(20)))
        #expect(urgent.sent.map { $0.message } == [.disconnect(isLeaving: false), .answer(isAccepted: true)])
        #expect(node.machine.passive.count == 1)
    }

    @Test("a neighbour that misses four beats is given up and told so; one of the passive view is asked")
    func silence() {
        var node = node()
        node.receive(.answer(isAccepted: true), from: 2)
        node.receive(.answer(isAccepted: true), from: 3)
        node.receive(.mixed([NodeID(30), NodeID(31)]), from: 3)
        var outputs: [HyParView.Output] = []
        var asked: Set<NodeID> = []
        for count in 1...4 {
            node.now = node.now + .seconds(1)
            let effects = node.fire(.beat)
            outputs += effects.outputs
            for (message, peer) in effects.sent where message == .neighbour(isUrgent: false) { asked.insert(peer) }
            node.receive(beat(1, UInt64(count)), from: 3)
        }
        #expect(outputs == [.down(NodeID(2), .silent)])
        #expect(asked == [NodeID(30), NodeID(31)])
    }

    @Test("a beat of somebody who is no neighbour makes one, or is answered with the truth")
    func symmetry() {
        var node = node()
        #expect(node.receive(beat(), from: 2).outputs == [.up(NodeID(2))])
        for peer in 3...6 { node.receive(beat(), from: UInt64(peer)) }
        #expect(node.receive(beat(), from: 7).sent.map { $0.message } == [.disconnect(isLeaving: false)])
    }

    @Test("the passive view keeps its size, and neither this node nor a neighbour is in it")
    func passive() {
        var node = node()
        node.receive(beat(), from: 2)
        for first in stride(from: UInt64(1), to: 200, by: 7) {
            node.receive(.mixed(nodes(first...(first + 6))), from: 2)
        }
        #expect(node.machine.passive.count == 30)
        #expect(Set(node.machine.passive).count == 30)
        #expect(!node.machine.passive.contains(NodeID(50)) && !node.machine.passive.contains(NodeID(2)))
    }

    @Test("a greeting from another part of the mesh is answered when both parts have stood long enough")
    func parts() {
        var node = node()
        node.receive(beat(), from: 2)
        let greeting = HyParView.Message.greeting(HyParView.Root(id: NodeID(7), count: 90), isSettled: true)
        #expect(node.receive(greeting, from: 30).sent.isEmpty)
        for count in 1...12 {
            node.fire(.beat)
            node.receive(beat(1, UInt64(count + 1)), from: 2)
        }
        #expect(node.receive(greeting, from: 30).sent.map { $0.message } == [.neighbour(isUrgent: true)])
        let same = HyParView.Message.greeting(HyParView.Root(id: NodeID(1), count: 90), isSettled: true)
        #expect(node.receive(same, from: 31).sent.isEmpty)
    }

    @Test("every message survives the wire")
    func wire() throws {
        let messages: [HyParView.Message] = [
            .join, .forwardJoin(NodeID(5), steps: 6), .neighbour(isUrgent: true), .answer(isAccepted: false),
            .disconnect(isLeaving: true), .mix(origin: NodeID(3), steps: 2, nodes: nodes(4...9)),
            .mixed([]), beat(3, 1 << 40), .greeting(HyParView.Root(id: NodeID(1), count: 2), isSettled: false),
        ]
        for message in messages {
            #expect(try Frame.decode(Frame.encode(message), as: HyParView.Message.self) == message)
        }
    }
}
