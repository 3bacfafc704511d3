import MeshCore
import Simulator
import Testing

@Suite("The checker of broadcasts")
struct BroadcastCheckerTests {
    private func at(_ node: UInt64, _ second: Int64 = 1) -> Occasion {
        Occasion(event: 1, time: .zero + .seconds(second), node: NodeID(node))
    }

    private func letter(via path: [UInt64], payload: Bytes = "x") -> Broadcast.Letter {
        Broadcast.Letter(
            id: Broadcast.MessageID(origin: NodeID(path[0]), number: 1), timeToLive: 5,
            path: path.map { NodeID($0) }, payload: payload)
    }

    /// Five nodes, of which the first has told everybody something.
    private func checker() -> BroadcastChecker {
        var checker = BroadcastChecker(nodeCount: 5)
        for node in 1...5 { checker.started(NodeID(UInt64(node)), at: .zero) }
        checker.said(Broadcast.Output.sent(letter(via: [1]).id, payload: "x"), at(1))
        return checker
    }

    private func broken(_ checker: BroadcastChecker) -> [Promise] { checker.violations.map { $0.promise } }

    @Test("a run in which nothing is wrong breaks nothing, and its copies and hops are counted")
    func sound() {
        var checker = checker()
        checker.said(.delivered(letter(via: [1])), at(2))
        checker.said(.delivered(letter(via: [1, 2])), at(3))
        checker.arrives(.broadcast(letter(via: [1])))
        checker.arrives(.broadcast(letter(via: [1, 2])))
        checker.arrives(.broadcast(letter(via: [1, 2, 3])))
        #expect(checker.violations.isEmpty)
        #expect(checker.messages[0].copies == 3 && checker.messages[0].deliveries == 2)
        #expect(checker.messages[0].lastHop == 2)
    }

    @Test("a second delivery is noticed, unless the node was down in between")
    func once() {
        var checker = checker()
        checker.said(.delivered(letter(via: [1])), at(2))
        checker.crashed(NodeID(2), at: .zero + .seconds(2))
        checker.started(NodeID(2), at: .zero + .seconds(3))
        checker.said(.delivered(letter(via: [1])), at(2, 4))
        #expect(checker.violations.isEmpty)
        checker.said(.delivered(letter(via: [1])), at(2, 5))
        #expect(broken(checker) == [BroadcastPromises.once])
    }

    @Test("what was never sent, or not so, is noticed")
    func sent() {
        var changed = checker()
        changed.said(.delivered(letter(via: [1], payload: "y")), at(2))
        #expect(broken(changed) == [BroadcastPromises.sent])
        var unknown = checker()
        unknown.said(.delivered(letter(via: [3])), at(2))
        #expect(broken(unknown) == [BroadcastPromises.sent])
        var stolen = checker()
        stolen.said(Broadcast.Output.sent(letter(via: [3]).id, payload: "x"), at(4))
        #expect(broken(stolen) == [BroadcastPromises.sent])
    }

    @Test("a path that was not gone is noticed", arguments: [[1, 3], [1, 2, 4], [1, 2, 5]] as [[UInt64]])
    func path(_ path: [UInt64]) {
        var checker = checker()
        checker.said(.delivered(letter(via: [1])), at(2))
        checker.said(.delivered(letter(via: path)), at(5))
        #expect(broken(checker) == [BroadcastPromises.path])
    }

    @Test("a hop too many is noticed")
    func hops() {
        var checker = checker()
        checker.hopLimit = 1
        checker.said(.delivered(letter(via: [1])), at(2))
        #expect(checker.violations.isEmpty)
        checker.said(.delivered(letter(via: [1, 2])), at(3))
        #expect(broken(checker) == [BroadcastPromises.hops])
    }

    @Test("a direct message that the wrong node takes, or that is confirmed unreceived, is noticed")
    func direct() {
        var wrong = checker()
        let id = Broadcast.MessageID(origin: NodeID(1), number: 9)
        let letter = Broadcast.Letter(id: id, timeToLive: 5, path: [NodeID(1)], payload: "d")
        wrong.said(.sentDirect(id, to: NodeID(3), payload: "d"), at(1))
        var early = wrong
        wrong.said(.received(letter), at(4))
        #expect(broken(wrong) == [BroadcastPromises.direct])
        early.said(.confirmed(id, by: NodeID(3)), at(1))
        #expect(broken(early) == [BroadcastPromises.direct])
    }

    @Test("whoever was up all the time and has not heard is named; whoever came later is not")
    func reach() {
        var checker = checker()
        for node in 2...4 { checker.said(.delivered(letter(via: [1])), at(UInt64(node))) }
        let all = (1...5).map { NodeID(UInt64($0)) }
        let missed = checker.judgeReach(all, catchUp: .zero, at: .zero + .seconds(9))
        #expect(missed?.text.hasPrefix("n5 never got n1#1") == true)
        checker.started(NodeID(5), at: .zero + .seconds(3))
        #expect(checker.judgeReach(all, catchUp: .zero, at: .zero + .seconds(9)) == nil)
        #expect(checker.judgeReach(all, catchUp: .seconds(3), at: .zero + .seconds(9)) != nil)
    }

    @Test("a mesh that floods is no tree")
    func tree() {
        var checker = BroadcastChecker(nodeCount: 2)
        for number in 1...20 {
            let id = Broadcast.MessageID(origin: NodeID(1), number: UInt64(number))
            checker.said(Plumtree.Output.sent(id, payload: "x"), at(1))
            checker.said(Plumtree.Output.delivered(id, payload: "x", hops: 1), at(2))
            checker.countCopy(id)
        }
        #expect(checker.judgeTree(at: .zero) == nil)
        for number in 11...20 { checker.countCopy(.init(origin: NodeID(1), number: UInt64(number))) }
        #expect(checker.judgeTree(at: .zero)?.promise == BroadcastPromises.tree)
    }
}
