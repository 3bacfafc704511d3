import MeshCore
import MeshTestKit
import Testing

private func nodes(_ numbers: [Int]) -> [NodeID] { numbers.map { NodeID(UInt64($0)) } }

/// The same arithmetic over plain sets, written down anew from the rules.
private struct NaiveConfiguration: Equatable {
    var voters: Set<NodeID> = []
    var outgoing: Set<NodeID> = []
    var learners: Set<NodeID> = []
    var learnersNext: Set<NodeID> = []

    mutating func apply(_ change: Raft.Change) {
        let node = change.node
        switch change {
        case .addVoter, .addWitness:
            voters.insert(node)
            learners.remove(node)
            learnersNext.remove(node)
        case .addLearner, .addPromotable:
            voters.remove(node)
            if outgoing.contains(node) { learnersNext.insert(node) } else { learners.insert(node) }
        case .remove:
            voters.remove(node)
            learners.remove(node)
            learnersNext.remove(node)
        case .update: break
        }
    }

    mutating func leave() {
        learners.formUnion(learnersNext)
        learnersNext = []
        outgoing = []
    }

    func hasQuorum(_ reached: Set<NodeID>) -> Bool {
        [voters, outgoing].allSatisfy { $0.isEmpty || $0.intersection(reached).count > $0.count / 2 }
    }
}

extension NaiveConfiguration {
    init(_ configuration: Raft.Configuration) {
        voters = Set(configuration.voters)
        outgoing = Set(configuration.outgoing)
        learners = Set(configuration.learners)
        learnersNext = Set(configuration.learnersNext)
    }
}

@Suite("Configurations of Raft")
struct RaftConfigurationTests {
    private func change(_ dice: inout Dice) -> Raft.Change {
        let node = NodeID(UInt64(1 + dice.number(below: 6)))
        return dice.pick([
            .addVoter(node), .addLearner(node), .addPromotable(node), .addWitness(node), .remove(node),
            .update(node),
        ])
    }

    @Test("Random changes agree with sets and keep the members ascending", arguments: 0..<20 as Range<UInt64>)
    func changes(_ seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var configuration = Raft.Configuration(voters: nodes([1]))
        var naive = NaiveConfiguration(configuration)
        for _ in 0..<500 {
            let changes = (0..<dice.number(below: 4)).map { _ in change(&dice) }
            var expected = naive
            for change in changes { expected.apply(change) }
            do throws(Raft.ConfigurationError) {
                switch dice.number(below: 3) {
                case 0:
                    let isFar = naive.voters.symmetricDifference(expected.voters).count > 1
                    configuration = try configuration.simple(changes)
                    #expect(!isFar && naive.outgoing.isEmpty)
                case 1:
                    let automatically = dice.number(below: 2) == 0
                    configuration = try configuration.enterJoint(leavesAutomatically: automatically, changes)
                    #expect(naive.outgoing.isEmpty && configuration.leavesAutomatically == automatically)
                    expected = naive
                    expected.outgoing = naive.voters
                    for change in changes { expected.apply(change) }
                default:
                    configuration = try configuration.leaveJoint()
                    expected = naive
                    expected.leave()
                    #expect(!configuration.leavesAutomatically)
                }
                naive = expected
            } catch {
                switch error {
                case .notJoint: #expect(naive.outgoing.isEmpty)
                case .alreadyJoint, .simpleWhileJoint: #expect(!naive.outgoing.isEmpty)
                case .noVotersToMakeJoint: #expect(naive.voters.isEmpty)
                case .removesAllVoters: #expect(expected.voters.isEmpty)
                case .severalVotersChanged:
                    #expect(naive.voters.symmetricDifference(expected.voters).count > 1)
                case .tooManyMembers: Issue.record("six nodes are not too many")
                }
            }
            #expect(NaiveConfiguration(configuration) == naive)
            let ids = configuration.members.map(\.id)
            #expect(ids == Set(ids).sorted() && configuration.isJoint == !naive.outgoing.isEmpty)
            #expect(Set(configuration.witnesses).isSubset(of: naive.voters))
            let frame = Frame.encode(configuration)
            #expect(try Frame.decode(frame, as: Raft.Configuration.self) == configuration)
        }
    }

    @Test("A position is committed when both majorities have it, and votes are won by both (raft.md 1.4, 35)")
    func quorums() {
        var dice = Dice(seed: 3)
        for _ in 0..<2_000 {
            let size = dice.pick([3, 5, 9, 40])
            let all = nodes(Array(1...size))
            let joint = Raft.Configuration(
                voters: all.filter { _ in dice.number(below: 2) == 0 },
                outgoing: all.filter { _ in dice.number(below: 3) == 0 }, learners: all)
            let naive = NaiveConfiguration(joint)
            var matches: [NodeID: UInt64] = [:]
            for node in all { matches[node] = UInt64(dice.number(below: 7)) }
            let committed = joint.committedIndex { matches[$0].map { Raft.LogIndex($0) } }
            let best = (0...6 as ClosedRange<UInt64>).filter { index in
                naive.hasQuorum(Set(all.filter { matches[$0, default: 0] >= index }))
            }.max()
            #expect(
                committed == (naive.voters.isEmpty && naive.outgoing.isEmpty ? nil : best.map { Raft.LogIndex($0) }))

            var answers: [NodeID: Bool] = [:]
            for node in all where dice.number(below: 4) > 0 { answers[node] = dice.number(below: 3) > 0 }
            let granted = Set(all.filter { answers[$0] == true })
            let possible = Set(all.filter { answers[$0] != false })
            let expected: Raft.VoteResult =
                naive.hasQuorum(granted) ? .won : naive.hasQuorum(possible) ? .pending : .lost
            #expect(joint.voteResult { answers[$0] } == expected)
        }
    }

    @Test("Half of an even number of voters is no majority, and learners do not count (raft.md 1.4, 8)")
    func majorities() {
        let four = Raft.Configuration(voters: nodes([1, 2, 3, 4]), learners: nodes([5, 6, 7]))
        let reached = Set(nodes([1, 2, 5, 6, 7]))
        #expect(four.committedIndex { reached.contains($0) ? Raft.LogIndex(9) : nil } == .zero)
        #expect(four.voteResult { reached.contains($0) ? true : nil } == .pending)
        #expect(four.voteResult { reached.contains($0) } == .lost)
        #expect(Raft.Configuration().voteResult { _ in nil } == .won, "nobody objects")
        #expect(Raft.Configuration().committedIndex { _ in nil } == nil, "nobody holds back")
    }

    @Test("Refusals speak etcd's words (raft.md 2.3)")
    func refusals() throws {
        let three = Raft.Configuration(voters: nodes([1, 2, 3]))
        let joint = try three.enterJoint(leavesAutomatically: true, [.addVoter(NodeID(4)), .remove(NodeID(1))])
        #expect(joint.description == "voters n2 n3 n4 soon, outgoing n1 n2 n3")
        func words(_ body: () throws(Raft.ConfigurationError) -> Raft.Configuration) -> String {
            do { return "no error: \(try body())" } catch { return error.description }
        }
        #expect(
            words { () throws(Raft.ConfigurationError) in try three.leaveJoint() } == "can't leave a non-joint config")
        #expect(
            words { () throws(Raft.ConfigurationError) in try joint.enterJoint(leavesAutomatically: false, []) }
                == "config is already joint")
        #expect(
            words { () throws(Raft.ConfigurationError) in
                try Raft.Configuration().enterJoint(leavesAutomatically: false, [.addVoter(NodeID(1))])
            } == "can't make a zero-voter config joint")
        #expect(
            words { () throws(Raft.ConfigurationError) in try joint.simple([.remove(NodeID(4))]) }
                == "can't apply simple config change in joint config")
        #expect(
            words { () throws(Raft.ConfigurationError) in
                try Raft.Configuration(voters: nodes([1])).simple([.addLearner(NodeID(1))])
            } == "removed all voters")
        #expect(
            words { () throws(Raft.ConfigurationError) in
                try three.simple([.addVoter(NodeID(4)), .remove(NodeID(1))])
            } == "more than one voter changed without entering joint config")
    }

    @Test("An outgoing voter that is demoted waits until the outgoing set is left")
    func staging() throws {
        let three = Raft.Configuration(voters: nodes([1, 2, 3]))
        let joint = try three.enterJoint(
            leavesAutomatically: false, [.addLearner(NodeID(3)), .addLearner(NodeID(4)), .remove(NodeID(2))])
        #expect(joint.voters == nodes([1]) && joint.outgoing == nodes([1, 2, 3]))
        #expect(joint.learners == nodes([4]) && joint.learnersNext == nodes([3]))
        let final = try joint.leaveJoint()
        #expect(final == Raft.Configuration(voters: nodes([1]), learners: nodes([3, 4])))
    }

    @Test("A stranger's configuration that contradicts itself is refused")
    func malformed() {
        func decode(_ members: [(UInt64, UInt8)], leaves: Bool = false) -> Raft.Configuration? {
            var writer = WireWriter()
            writer.number(members.count)
            for (node, duties) in members {
                writer.number(node)
                writer.byte(duties)
            }
            writer.flag(leaves)
            var reader = WireReader(writer.bytes)
            return try? Raft.Configuration(from: &reader)
        }
        #expect(decode([(1, 1), (2, 3), (3, 4), (4, 10), (5, 17)], leaves: true) != nil)
        #expect(decode([(2, 1), (1, 1)]) == nil, "out of order")
        #expect(decode([(1, 1), (1, 4)]) == nil, "twice")
        #expect(decode([(1, 0)]) == nil, "without a duty")
        #expect(decode([(1, 5)]) == nil, "voter and learner")
        #expect(decode([(1, 1), (2, 8)]) == nil, "waits for nothing")
        #expect(decode([(1, 16)]) == nil, "a witness that does not vote")
        #expect(decode([(1, 33)]) == nil, "a voter that waits to become one")
        #expect(decode([(1, 64)]) == nil, "an unknown duty")
        #expect(decode([(1, 1)], leaves: true) == nil, "leaves nothing")
        #expect(decode([(0, 1)]) == nil, "nobody")
    }
}
