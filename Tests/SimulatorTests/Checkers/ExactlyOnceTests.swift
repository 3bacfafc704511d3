import MeshCore
import Simulator
import Testing

@Suite("The checker of exactly once")
struct ExactlyOnceTests {
    private func occasion(_ event: UInt64) -> Occasion {
        Occasion(event: event, time: Instant(nanoseconds: Int64(event)), node: NodeID(1))
    }

    private func index(_ number: UInt64) -> Raft.LogIndex { Raft.LogIndex(number) }
    private let request: UInt64 = 1 << 32 | 4

    private func asked() -> ExactlyOnceChecker {
        var checker = ExactlyOnceChecker()
        checker.asked(request, occasion(1))
        return checker
    }

    @Test("One effect, told by every node and repeated from the session, is what is promised")
    func kept() {
        var checker = asked()
        for event in 2...UInt64(4) {
            checker.applied(request, at: index(7), .done, isRepeat: false, occasion(event))
        }
        checker.applied(request, at: index(9), .done, isRepeat: true, occasion(5))
        checker.acknowledged(request, .done, occasion(6))
        checker.applied(request, at: index(10), .refused(.answered), isRepeat: false, occasion(7))
        #expect(checker.violations.isEmpty)
    }

    @Test("A second effect, an effect for nobody and an answer without one are found (C2)")
    func broken() {
        var twice = asked()
        twice.applied(request, at: index(7), .done, isRepeat: false, occasion(2))
        twice.applied(request, at: index(9), .done, isRepeat: false, occasion(3))
        #expect(twice.violations.map(\.text) == ["request \(request) takes effect twice, at positions 7 and 9"])
        #expect(twice.violations[0].evidence.map(\.event) == [2, 3])

        var phantom = ExactlyOnceChecker()
        phantom.applied(request, at: index(7), .done, isRepeat: false, occasion(2))
        #expect(phantom.violations.count == 1)

        var unheard = asked()
        unheard.acknowledged(request, .done, occasion(2))
        #expect(unheard.violations.count == 1)
        unheard.applied(request, at: index(7), .done, isRepeat: true, occasion(3))
        #expect(unheard.violations.count == 2)

        var changed = asked()
        changed.applied(request, at: index(7), .mismatch("a"), isRepeat: false, occasion(2))
        changed.applied(request, at: index(9), .done, isRepeat: true, occasion(3))
        changed.acknowledged(request, .done, occasion(4))
        #expect(changed.violations.count == 2)
    }
}
