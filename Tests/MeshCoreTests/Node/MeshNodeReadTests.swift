import MeshCore
import MeshTestKit
import Testing

/// A node alone in its group, with a disk that completes at once.
private struct Single {
    var node: MeshNode

    init(keepsStore: Bool = true) {
        var configuration = MeshNode.Configuration(id: NodeID(1), peers: [NodeID(1)])
        configuration.raft = Raft.Settings()
        configuration.keepsStore = keepsStore
        node = MeshNode(configuration, random: Random(seed: 3))
        _ = tell(.restarted)
        _ = tell(.command(.raft(.campaign)))
    }

    mutating func tell(_ input: consuming Input<MeshNode>) -> [MeshNode.Output] {
        var outputs: [MeshNode.Output] = []
        var outbox = Outbox<Effect<MeshNode>>()
        node.step(input, at: .zero, into: &outbox)
        while true {
            var last: Ticket?
            outbox.drain { effect in
                switch effect {
                case .persist(_, let ticket): last = ticket
                case .output(let output): outputs.append(output)
                case .send, .setTimer, .cancelTimer: break
                }
            }
            guard let last else { return outputs }
            node.step(.persisted(last), at: .zero, into: &outbox)
        }
    }
}

@Suite("Reads of a mesh node")
struct MeshNodeReadTests {
    @Test("A read is answered from the store with its own number, and is no entry of the log")
    func read() {
        var single = Single()
        _ = single.tell(.command(.submit(.init(id: 5, .put(key: "a", value: "1")))))
        let last = single.node.raft?.log.lastIndex
        let index = single.node.raft?.commitIndex ?? .zero
        #expect(single.tell(.command(.read(key: "a", id: 5))).map(\.description) == ["read #5 at \(index): a = 1"])
        #expect(
            single.tell(.command(.read(key: "b", id: 6))).map(\.description) == ["read #6 at \(index): b is absent"])
        #expect(single.node.raft?.log.lastIndex == last)
    }

    @Test("A bare read of Raft keeps its number beside reads of the store that have the same")
    func bare() {
        var single = Single()
        let index = single.node.raft?.commitIndex ?? .zero
        #expect(single.tell(.command(.raft(.read(id: 5)))).map(\.description) == ["raft read #5 is ready at \(index)"])
        #expect(
            single.tell(.command(.read(key: "a", id: 5))).map(\.description) == ["read #5 at \(index): a is absent"])
    }

    @Test("Who has no store or no leader refuses")
    func refused() {
        var other = Single(keepsStore: false)
        #expect(other.tell(.command(.read(key: "a", id: 1))).map(\.description) == ["read #1 refused: no leader"])
        var configuration = MeshNode.Configuration(id: NodeID(1), peers: [NodeID(1), NodeID(2)])
        configuration.raft = Raft.Settings()
        var lonely = Single()
        lonely.node = MeshNode(configuration, random: Random(seed: 3))
        _ = lonely.tell(.restarted)
        #expect(lonely.tell(.command(.read(key: "a", id: 1))).map(\.description) == ["read #1 refused: no leader"])
        #expect(lonely.tell(.command(.raft(.read(id: 2)))).map(\.description) == ["raft read #2 refused: no leader"])
    }

    @Test("A write that is asked for again in its session is told as a repetition")
    func repetition() {
        var single = Single()
        let opened = single.tell(.command(.submit(.init(id: 1, .openSession))))
        #expect(
            opened.contains {
                if case .applied(_, 1, .session(1), false) = $0 { true } else { false }
            })
        let request = KeyValueStore.Request(
            id: 2, .put(key: "a", value: "1"), in: .init(session: 1, sequence: 1, answeredUpTo: 0))
        for isRepeat in [false, true] {
            let outputs = single.tell(.command(.submit(request)))
            #expect(
                outputs.contains {
                    if case .applied(_, 2, .done, isRepeat) = $0 { true } else { false }
                })
        }
    }
}
