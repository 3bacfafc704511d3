import MeshCore
import MeshTestKit
import Simulator
import Testing

/// The promises about configurations are broken by hand.
@Suite("The checker of Raft configurations")
struct ConfigurationCheckerTests {
    private func at(_ event: UInt64, _ node: UInt64) -> Occasion {
        Occasion(event: event, time: .zero + .milliseconds(Int64(event)), node: NodeID(node))
    }

    private func nodes(_ numbers: UInt64...) -> [NodeID] { numbers.map { NodeID($0) } }

    /// A node that holds and has committed one entry, and believes in this configuration.
    private func raft(_ id: UInt64, _ configuration: Raft.Configuration) -> Raft.Node {
        var node = Raft.Node(id: NodeID(id), configuration: configuration, random: Random(seed: 1))
        var outbox = Outbox<Effect<Raft.Node>>()
        let append = Raft.Append(
            term: Raft.Term(1), prevIndex: .zero, prevTerm: .zero, entries: [.test(1, term: 1)],
            commit: Raft.LogIndex(1), round: 1)
        let from = NodeID(id == 9 ? 8 : 9)
        node.step(.receive(.append(append), from: from), at: .zero, into: &outbox)
        return node
    }

    @Test("A commit needs both majorities of a joint phase (raft.md 1.4, 35)")
    func jointCommit() {
        let joint = Raft.Configuration(voters: nodes(1, 4, 5), outgoing: nodes(1, 2, 3), learners: nodes(6))
        for (holders, isKept) in [
            (nodes(1, 4, 5), false), (nodes(1, 2, 6), false), (nodes(1, 2, 4), true), (nodes(2, 3, 4, 5), true),
        ] {
            var checker = RaftChecker(nodeCount: 6)
            checker.stepped(raft(1, joint), at(1, 1)) { place, _, _ in
                holders.contains(NodeID(UInt64(place + 1)))
            }
            #expect(checker.violations.map { $0.promise } == (isKept ? [] : [RaftPromises.quorumCommit]))
        }
    }

    @Test("A step that commits and then ends the joint phase is judged by the joint phase")
    func commitAndLeave() {
        let joint = Raft.Configuration(voters: nodes(4, 5), outgoing: nodes(1, 2, 3), leavesAutomatically: true)
        var checker = RaftChecker(nodeCount: 5)
        let node = raft(4, Raft.Configuration(voters: nodes(4, 5)))
        checker.said(.configurationChanged(joint, index: Raft.LogIndex(1)), node, at(1, 4)) { _, _, _ in true }
        checker.stepped(node, at(2, 4)) { place, _, _ in place >= 3 }
        #expect(checker.violations.map { $0.promise } == [RaftPromises.quorumCommit])
    }

    @Test("A second change while one is pending is found (raft.md 1.4, 34)")
    func secondChange() {
        var probe = RaftProbe()
        probe.lead()
        var checker = RaftChecker(nodeCount: 5)
        let four = Raft.Configuration(voters: nodes(1, 2, 3, 4))
        let five = Raft.Configuration(voters: nodes(1, 2, 3, 4, 5))
        checker.said(.configurationChanged(four, index: Raft.LogIndex(2)), probe.node, at(3, 1)) { _, _, _ in true }
        #expect(checker.violations.isEmpty)
        checker.said(.configurationChanged(five, index: Raft.LogIndex(3)), probe.node, at(4, 1)) { _, _, _ in true }
        #expect(checker.violations.map { $0.promise } == [RaftPromises.oneChange])
        #expect(checker.violations.first?.evidence.map { $0.event } == [3, 4])
    }

    @Test("Two configurations in force that can decide apart are found, unless one is of the past (raft.md 1.4, 33)")
    func rivals() {
        let grown = Raft.Configuration(voters: nodes(1, 2, 3, 4, 5))
        let shrunk = Raft.Configuration(voters: nodes(2, 3, 4))
        for isOfThePast in [false, true] {
            var checker = RaftChecker(nodeCount: 5)
            let one = raft(1, grown)
            let two = raft(2, shrunk)
            checker.stepped(two, at(1, 2)) { _, _, _ in true }
            checker.said(.configurationChanged(grown, index: Raft.LogIndex(2)), one, at(2, 1)) { _, _, _ in true }
            checker.said(.configurationChanged(shrunk, index: Raft.LogIndex(2)), two, at(3, 2)) { place, _, _ in
                place != 0 || !isOfThePast
            }
            #expect(checker.violations.map { $0.promise } == (isOfThePast ? [] : [RaftPromises.oneChange]))
        }
        // What follows from each other by one step, or stands beside a joint phase, always shares a majority.
        var checker = RaftChecker(nodeCount: 5)
        let three = Raft.Configuration(voters: nodes(1, 2, 3))
        let joint = Raft.Configuration(voters: nodes(3, 4, 5), outgoing: nodes(1, 2, 3))
        checker.stepped(raft(2, three), at(1, 2)) { _, _, _ in true }
        for (event, node, configuration) in [
            (2, 1, three), (3, 2, Raft.Configuration(voters: nodes(1, 2, 3, 4))), (4, 3, joint),
            (5, 2, three),
        ] as [(UInt64, UInt64, Raft.Configuration)] {
            checker.said(
                .configurationChanged(configuration, index: Raft.LogIndex(event)), raft(node, configuration),
                at(event, node)
            ) { _, _, _ in true }
        }
        #expect(checker.violations.isEmpty)
    }
    @Test("The end of a run is judged by what was decided last, even if no node knows it, and by nothing before that")
    func decidedLast() {
        let three = Raft.Configuration(voters: nodes(1, 2, 3))
        let four = Raft.Configuration(voters: nodes(1, 2, 3, 4))
        let two = Raft.Configuration(voters: nodes(1, 2))
        var checker = RaftChecker(nodeCount: 4)
        #expect(checker.decidedConfiguration([(.zero, three), (.zero, three)]) == three)
        #expect(checker.decidedConfiguration([(.zero, three), (Raft.LogIndex(1), four)]) == nil)
        #expect(checker.decidedConfiguration([]) == nil)
        var node = Raft.Node(id: NodeID(2), configuration: three, random: Random(seed: 1))
        var outbox = Outbox<Effect<Raft.Node>>()
        let entry = Raft.Entry(term: Raft.Term(1), index: Raft.LogIndex(1), payload: .configuration(four))
        let append = Raft.Append(
            term: Raft.Term(1), prevIndex: .zero, prevTerm: .zero, entries: [entry], commit: Raft.LogIndex(1), round: 1)
        node.step(.receive(.append(append), from: NodeID(1)), at: .zero, into: &outbox)
        checker.stepped(node, at(1, 2)) { _, _, _ in true }
        #expect(checker.violations.isEmpty)
        // After a crash of all, who forgot the most, or was left behind, knows no commit and an old configuration.
        #expect(checker.decidedConfiguration([(.zero, three), (.zero, three)]) == four)
        #expect(checker.decidedConfiguration([(Raft.LogIndex(1), two)]) == four)
        #expect(checker.decidedConfiguration([(.zero, three), (Raft.LogIndex(2), two)]) == nil)
    }
}
