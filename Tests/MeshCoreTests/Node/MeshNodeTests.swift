import MeshCore
import Testing

@Suite("A node of a mesh")
struct MeshNodeTests {
    private let peers = [NodeID(1), NodeID(2), NodeID(3)]

    private func node(_ change: (inout MeshNode.Configuration) -> Void) -> MeshNode {
        var configuration = MeshNode.Configuration(id: NodeID(1), peers: peers)
        change(&configuration)
        return MeshNode(configuration, random: Random(seed: 1))
    }

    private func step(_ node: inout MeshNode, _ input: consuming Input<MeshNode>) -> [Effect<MeshNode>] {
        var outbox = MeshNode.Effects()
        node.step(input, at: Instant.zero + .seconds(1_000), into: &outbox)
        var effects: [Effect<MeshNode>] = []
        outbox.drain { effects.append($0) }
        return effects
    }

    @Test("Each protocol can be switched off, and one that is off does nothing")
    func switchedOff() {
        var empty = node { _ in }
        #expect(step(&empty, .restarted).isEmpty)
        #expect(step(&empty, .command(.gossip(.set(key: "k", value: "v")))).isEmpty)
        #expect(empty.raft == nil && empty.swim == nil && empty.heartbeat == nil && empty.gossip == nil)

        var raftOnly = node { $0.raft = Raft.Settings() }
        for effect in step(&raftOnly, .restarted) {
            guard case .setTimer(.raft, at: _) = effect else { continue }
            #expect(raftOnly.store != nil)
        }
        #expect(raftOnly.gossip == nil)
    }

    @Test("A completed write is told to the protocol that wrote it, under its own ticket")
    func tickets() {
        var node = node {
            $0.voters = [NodeID(1)]
            $0.raft = Raft.Settings()
            $0.gossip = Gossip.Settings()
        }
        _ = step(&node, .restarted)
        var effects = step(&node, .command(.raft(.campaign)))
        effects += step(&node, .command(.gossip(.set(key: "k", value: "v"))))
        var tickets: [Ticket] = []
        for effect in effects { if case .persist(_, let ticket) = effect { tickets.append(ticket) } }
        #expect(tickets.count >= 2)
        #expect(tickets == tickets.sorted(), "tickets grow over all protocols")
        #expect(node.raft?.role == .candidate, "a lone voter waits for its own vote to be durable")
        guard let last = tickets.last else { return }
        let after = step(&node, .persisted(last))
        #expect(node.raft?.role == .leader)
        var wrote = 0
        for effect in after { if case .persist(.raft, _) = effect { wrote += 1 } }
        #expect(wrote == 1, "the new leader writes its no-op")
    }

    @Test("Whoever failure detection finds becomes a peer of gossip, a dead one stops being one; Raft's voters stay")
    func peersFollowMembership() {
        var node = node {
            $0.peers = [NodeID(1)]
            $0.voters = peers
            $0.raft = Raft.Settings()
            $0.heartbeat = Heartbeat.Settings()
            $0.gossip = Gossip.Settings()
        }
        _ = step(&node, .restarted)
        _ = step(&node, .command(.heartbeat(.addPeer(NodeID(2)))))
        #expect(node.gossip?.peers.contains(NodeID(2)) == false)
        _ = step(&node, .receive(.heartbeat(.beat(life: 1, count: 1)), from: NodeID(2)))
        #expect(node.gossip?.peers.contains(NodeID(2)) == true)
        _ = step(&node, .receive(.heartbeat(.farewell(life: 1, count: 2)), from: NodeID(2)))
        #expect(node.gossip?.peers.contains(NodeID(2)) == false)
        #expect(node.raft?.configuration.voters == peers, "a split must not shrink the quorum (edge-mesh: split brain)")
    }

    @Test("A restart finds the store again through the log and its snapshot")
    func store() throws {
        var node = node {
            $0.voters = [NodeID(1)]
            $0.raft = Raft.Settings()
            $0.raft?.snapshotAfter = 3
        }
        var stable = MeshNode.Stable()
        func settle(_ effects: [Effect<MeshNode>]) {
            var waiting = effects
            while !waiting.isEmpty {
                var last: Ticket?
                for effect in waiting {
                    guard case .persist(let record, let ticket) = effect else { continue }
                    stable.apply(record)
                    last = ticket
                }
                guard let last else { return }
                waiting = step(&node, .persisted(last))
            }
        }
        settle(step(&node, .restarted))
        settle(step(&node, .command(.raft(.campaign))))
        for index in 1...5 as ClosedRange<UInt64> {
            let put = KeyValueStore.Operation.put(key: Bytes("k\(index)"), value: Bytes("v\(index)"))
            settle(step(&node, .command(.submit(.init(id: index, put)))))
        }
        #expect(node.store?.count == 5)
        #expect(stable.raft.log.snapshotIndex > .zero)

        var again = self.node {
            $0.voters = [NodeID(1)]
            $0.raft = Raft.Settings()
            $0.raft?.snapshotAfter = 3
        }
        again.restore(stable)
        node = again
        settle(step(&node, .restarted))
        settle(step(&node, .command(.raft(.campaign))))
        #expect(node.store?.count == 5)
        #expect(node.store?.value(of: "k5") == "v5")
    }

    @Test("Filters name a protocol or one kind of its messages")
    func kinds() {
        let all = MeshNode.Message.kinds.count
        #expect(all <= 64)
        let raft = MeshNode.Message.kinds(named: "raft")
        let swim = MeshNode.Message.kinds(named: "swim")
        let gossip = MeshNode.Message.kinds(named: "gossip")
        let heartbeat = MeshNode.Message.kinds(named: "heartbeat")
        #expect(raft & swim == 0 && gossip & heartbeat == 0)
        let spreading =
            MeshNode.Message.kinds(named: "broadcast") | MeshNode.Message.kinds(named: "hyparview")
            | MeshNode.Message.kinds(named: "plumtree")
        #expect((raft | swim | gossip | heartbeat | spreading).nonzeroBitCount == all)
        #expect(MeshNode.Message.name(of: MessageKind(UInt8(all - 1))) == "plumtree.summary")
        #expect(MeshNode.Message.kinds(named: "raft.vote").nonzeroBitCount == 1)
        #expect(MeshNode.Message.kinds(named: "raft.vote") & raft != 0)
        #expect(MeshNode.Message.kinds(named: "raft.votes") == 0)
    }
}

@Suite("The replicated store")
struct KeyValueStoreTests {
    @Test("Requests survive their encoding, and each operation does what it says")
    func operations() {
        var store = KeyValueStore()
        func apply(_ operation: KeyValueStore.Operation) -> KeyValueStore.Result? {
            let answer = store.apply(KeyValueStore.Request(id: 7, operation).command)
            #expect(answer?.request == 7)
            return answer?.result
        }
        #expect(apply(.get(key: "a")) == .value(nil))
        #expect(apply(.put(key: "a", value: "1")) == .done)
        #expect(apply(.get(key: "a")) == .value("1"))
        #expect(apply(.compareAndSwap(key: "a", expected: "0", value: "2")) == .mismatch("1"))
        #expect(apply(.compareAndSwap(key: "a", expected: "1", value: "2")) == .done)
        #expect(apply(.compareAndSwap(key: "b", expected: nil, value: "3")) == .done)
        #expect(apply(.delete(key: "a")) == .done)
        #expect(apply(.get(key: "a")) == .value(nil))
        #expect(store.count == 1)
    }

    @Test("A snapshot gives the same store back; bytes that are none are refused and change nothing")
    func snapshots() throws {
        var store = KeyValueStore()
        for index in 0..<100 as Range<UInt64> {
            _ = store.apply(KeyValueStore.Request(id: 1, .put(key: Bytes("k\(index)"), value: "v")).command)
        }
        #expect(try KeyValueStore(snapshot: store.snapshot) == store)
        #expect(throws: WireError.self) { try KeyValueStore(snapshot: Bytes([3, 1])) }
        var outOfOrder = WireWriter()
        outOfOrder.number(2 as UInt64)
        for key in ["b", "a"] as [Bytes] {
            outOfOrder.bytes(key)
            outOfOrder.bytes("v")
        }
        #expect(throws: WireError.self) { try KeyValueStore(snapshot: Bytes(outOfOrder.bytes)) }
        let before = store
        #expect(store.apply("not a command") == nil)
        #expect(store == before)
    }
}
