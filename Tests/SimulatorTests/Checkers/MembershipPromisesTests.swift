import MeshCore
import Simulator
import Testing

/// What failure detection promises beyond completeness and accuracy.
@Suite("The promises of membership")
struct MembershipPromisesTests {
    private func occasion(_ node: UInt64) -> Occasion { Occasion(event: 1, time: .zero, node: NodeID(node)) }

    @Test("Alive at the incarnation of its death is a resurrection, alive at a higher one is not")
    func resurrection() {
        var checker = MembershipChecker(nodeCount: 3)
        checker.held(.alive, about: NodeID(2), .zero, occasion(1))
        checker.held(.dead, about: NodeID(2), .init(4), occasion(1))
        checker.held(.alive, about: NodeID(2), .init(4), occasion(3))
        checker.held(.alive, about: NodeID(2), .init(5), occasion(1))
        #expect(checker.violations.isEmpty)
        checker.held(.left, about: NodeID(2), .init(6), occasion(1))
        checker.held(.alive, about: NodeID(2), .init(6), occasion(1))
        #expect(checker.violations.map(\.promise) == [MembershipPromises.noResurrection])
    }

    @Test("A restart begins a new life, of the member and of the node that held it for dead")
    func restarts() {
        for restarted in [1, 2] as [UInt64] {
            var checker = MembershipChecker(nodeCount: 3)
            checker.held(.dead, about: NodeID(2), .init(4), occasion(1))
            checker.restarted(NodeID(restarted))
            checker.held(.alive, about: NodeID(2), .zero, occasion(1))
            #expect(checker.violations.isEmpty)
        }
    }

    @Test(
        "Whoever is held for dead by one that it holds for alive was not told; two who hold each other are not judged")
    func contradiction() {
        let checker = MembershipChecker(nodeCount: 3)
        let observers = [NodeID(1), NodeID(2), NodeID(3)]
        let judged = { (dead: [(UInt64, UInt64)]) in
            checker.judgeContradiction(observers: observers, at: .zero) { observer, subject in
                dead.contains { $0.0 == observer.rawValue && $0.1 == subject.rawValue } ? .dead : .alive
            }
        }
        #expect(judged([]) == nil)
        #expect(judged([(1, 2), (2, 1)]) == nil)
        #expect(judged([(1, 2)])?.promise == MembershipPromises.contradiction)
    }

    @Test("A node that still repeats rumours breaks the silence")
    func silence() {
        let checker = MembershipChecker(nodeCount: 2)
        let observers = [NodeID(1), NodeID(2)]
        #expect(checker.judgeSilence(observers: observers, at: .zero) { _ in 0 } == nil)
        let violation = checker.judgeSilence(observers: observers, at: .zero) { $0 == NodeID(2) ? 3 : 0 }
        #expect(violation?.promise == MembershipPromises.silence)
    }
}
