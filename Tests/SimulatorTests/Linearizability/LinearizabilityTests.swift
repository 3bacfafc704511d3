import MeshCore
import Simulator
import Testing

@Suite("Linearizability")
struct LinearizabilityTests {
    /// An operation on the one key of these histories.
    private func does(_ action: Lin.Action, _ called: Int64, _ returned: Int64?, key: Bytes = "x") -> Lin.Operation {
        Lin.Operation(client: UInt64(called), key: key, action, called: called, returned: returned)
    }

    private func read(_ value: Bytes?) -> Lin.Action { .read(value.map { .text($0) }) }
    private func write(_ value: Bytes) -> Lin.Action { .write(.text(value)) }
    private func swap(_ old: Bytes?, _ new: Bytes, _ outcome: Lin.SwapOutcome) -> Lin.Action {
        .swap(expected: old.map { .text($0) }, new: .text(new), outcome)
    }

    private func verdict(
        _ history: [Lin.Operation], _ model: Lin.Model = .register, initial: Lin.Value? = nil
    ) -> Lin.Verdict {
        Lin.check(history, model: model, initial: initial, budget: 100_000).verdict
    }

    private func holds(_ history: [Lin.Operation], _ model: Lin.Model = .register) -> Bool {
        verdict(history, model) == .holds
    }

    private func breaks(_ history: [Lin.Operation], _ model: Lin.Model = .register) -> Bool {
        if case .broken = verdict(history, model) { true } else { false }
    }

    @Test("Nothing, a read of nothing and reads after a write are linearizable")
    func simple() {
        #expect(holds([]))
        #expect(holds([does(read(nil), 1, 2)]))
        #expect(holds([does(write("1"), 1, 2), does(read("1"), 3, 4), does(read("1"), 5, 6)]))
    }

    @Test("A read after a write has returned must see it")
    func staleRead() {
        #expect(breaks([does(write("1"), 1, 2), does(read(nil), 3, 4)]))
        #expect(breaks([does(write("1"), 1, 2), does(write("2"), 3, 4), does(read("1"), 5, 6)]))
    }

    @Test("A read concurrent to a write may see the old value or the new one, but not the new one and then the old one")
    func newThenOld() {
        let slow = does(write("1"), 1, 10)
        #expect(holds([slow, does(read(nil), 2, 3), does(read("1"), 4, 5)]))
        #expect(breaks([slow, does(read("1"), 2, 3), does(read(nil), 4, 5)]))
    }

    @Test("Intervals are closed: what is called in the moment another returns is concurrent to it")
    func closedIntervals() {
        #expect(holds([does(write("1"), 1, 5), does(read(nil), 5, 6)]))
        #expect(breaks([does(write("1"), 1, 5), does(read(nil), 6, 7)]))
    }

    @Test("A write that never returned may take effect at any later time, or never, but only once")
    func neverReturned() {
        let lost = does(write("1"), 1, nil)
        #expect(holds([lost, does(read(nil), 100, 101)]))
        #expect(holds([lost, does(read("1"), 100, 101)]))
        #expect(holds([lost, does(read(nil), 100, 101), does(read("1"), 102, 103)]))
        #expect(breaks([lost, does(read("1"), 100, 101), does(read(nil), 102, 103)]))
        let between = [does(read("1"), 10, 11), does(write("2"), 12, 13), does(read("2"), 14, 15)]
        #expect(breaks([lost] + between + [does(read("1"), 16, 17)]))
        #expect(holds([lost, does(write("1"), 2, nil)] + between + [does(read("1"), 16, 17)]))
    }

    @Test("An operation that never returned takes no effect before it was called")
    func neverReturnedTooEarly() {
        #expect(breaks([does(read("1"), 1, 2), does(write("1"), 3, nil)]))
    }

    @Test("Dropping what never returned would call this history broken: it is how 20 of 23 etcd logs were misjudged")
    func droppingPendingIsWrong() {
        let history = [
            does(write("1"), 1, 2), does(swap("1", "2", .unknown), 3, nil), does(read("2"), 10, 11),
        ]
        #expect(holds(history))
        #expect(breaks([history[0], history[2]]))
    }

    @Test("A compare-and-swap that failed is a read that saw something else")
    func failedSwap() {
        #expect(breaks([does(write("1"), 1, 2), does(swap("1", "2", .failed), 3, 4)]))
        #expect(holds([does(write("1"), 1, 2), does(swap("2", "3", .failed), 3, 4)]))
        #expect(holds([does(write("1"), 1, 2), does(swap("2", "3", .saw(.text("1"))), 3, 4)]))
        #expect(breaks([does(write("1"), 1, 2), does(swap("2", "3", .saw(.text("5"))), 3, 4)]))
        #expect(breaks([does(write("2"), 1, 2), does(swap("2", "3", .saw(.text("2"))), 3, 4)]))
    }

    @Test("A write of the value that is there is not read-only: taking it at once gave nine wrong verdicts of 102")
    func writeOfSameValue() {
        // The write of 1 fits at once, but must wait until after the write of 2.
        let history = [
            does(write("1"), 1, 2), does(write("1"), 3, 20), does(write("2"), 4, 6), does(read("2"), 7, 8),
            does(read("1"), 10, 12),
        ]
        #expect(holds(history))
        let swaps = [
            does(write("1"), 1, 2), does(swap("1", "1", .succeeded), 3, 20), does(write("2"), 4, 6),
            does(read("2"), 7, 8),
        ]
        #expect(holds(swaps))
        #expect(breaks(swaps + [does(read("1"), 21, 22)]))
    }

    @Test("Of identical writes that never returned, the earliest is enough, and each of them counts once")
    func identicalPending() {
        var history: [Lin.Operation] = []
        for index in 0..<3 { history.append(does(write("9"), Int64(index), nil)) }
        for round in 0..<3 {
            let time = Int64(10 + round * 4)
            history.append(does(write("0"), time, time + 1))
            history.append(does(read("9"), time + 2, time + 3))
        }
        #expect(holds(history))
        history.append(does(write("0"), 30, 31))
        history.append(does(read("9"), 32, 33))
        #expect(breaks(history))
    }

    @Test("Keys do not disturb each other, and one broken key breaks the history")
    func keys() {
        let good = [does(write("1"), 1, 2, key: "a"), does(read("1"), 3, 4, key: "a")]
        #expect(holds(good + [does(read(nil), 3, 4, key: "b")]))
        let bad = good + [does(write("1"), 1, 2, key: "b"), does(read(nil), 3, 4, key: "b")]
        guard case .broken(let example) = verdict(bad) else {
            Issue.record("not broken")
            return
        }
        #expect(example.key == "b")
    }

    @Test("Appends to a text are told apart by what reads saw, however the text is cut into pieces")
    func appends() {
        func append(_ text: Bytes) -> Lin.Action { .append(.text(text)) }
        let both = [does(append("ab"), 1, 10), does(append("a"), 2, 9)]
        #expect(holds(both + [does(read("aba"), 11, 12)], .keyValue))
        #expect(holds(both + [does(read("aab"), 11, 12)], .keyValue))
        #expect(breaks(both + [does(read("baa"), 11, 12)], .keyValue))
        #expect(breaks(both + [does(read("ab"), 3, 4), does(read("aab"), 11, 12)], .keyValue))
        #expect(holds(both + [does(.delete, 11, 12), does(read(nil), 13, 14)], .keyValue))
        #expect(breaks([does(append(""), 1, 2), does(read(nil), 3, 4)], .keyValue))
        #expect(holds([does(append(""), 1, 2), does(read(""), 3, 4)], .keyValue))
    }

    @Test("A value that nobody sees can be replaced, and is still different from the values somebody sees")
    func unobserved() {
        #expect(holds([does(write("7"), 1, 2), does(swap("1", "2", .failed), 3, 4)]))
        #expect(breaks([does(write("7"), 1, 2), does(read(nil), 3, 4)]))
        #expect(breaks([does(write("7"), 1, 2), does(read("70"), 3, 4)], .keyValue))
        #expect(
            breaks(
                [does(write("7"), 1, 2), does(.append(.text("1")), 3, 4), does(read("1"), 5, 6)], .keyValue))
    }

    @Test("A list that nobody appended to is empty, absent or not; its order is that of its appends")
    func lists() {
        func append(_ element: Bytes) -> Lin.Action { .append(.list([element])) }
        func read(_ elements: [Bytes]) -> Lin.Action { .read(.list(elements)) }
        #expect(holds([does(.read(nil), 1, 2), does(read([]), 3, 4)], .listAppend))
        let ordered = [does(append("1"), 1, 2), does(append("2"), 3, 4)]
        #expect(holds(ordered + [does(read(["1", "2"]), 5, 6)], .listAppend))
        #expect(breaks(ordered + [does(read(["2", "1"]), 5, 6)], .listAppend))
        #expect(breaks(ordered + [does(read(["12"]), 5, 6)], .listAppend))
        #expect(breaks(ordered + [does(read(["1"]), 5, 6)], .listAppend))
        #expect(breaks(ordered + [does(read(["1", "2", "2"]), 5, 6)], .listAppend))
    }

    @Test("A register may begin with a value")
    func initialValue() {
        #expect(verdict([does(read("0"), 1, 2)], initial: .text("0")) == .holds)
        #expect(verdict([does(read("0"), 1, 2)]) != .holds)
        #expect(verdict([does(swap("0", "1", .succeeded), 1, 2)], initial: .text("0")) == .holds)
    }

    @Test("The evidence is a legal order, as long as there is one, and the operation that fits nowhere")
    func evidence() {
        let history = [
            does(write("1"), 1, 2), does(write("2"), 3, 4), does(read("2"), 5, 6), does(read("1"), 7, 8),
            does(read("2"), 9, 10),
        ]
        guard case .broken(let example) = verdict(history) else {
            Issue.record("not broken")
            return
        }
        #expect(example.prefix == [0, 1, 2])
        #expect(example.offender == 3)
        #expect(example.state == .text("2"))
        #expect(history[3].description == "client 7 x: read 1")
    }

    @Test("A spent budget is told as such, and a broken key is told even when another spent its share")
    func budget() {
        var hard: [Lin.Operation] = []
        for index in 0..<24 { hard.append(does(write(Bytes("\(index)")), Int64(index), 1_000)) }
        for index in 0..<24 { hard.append(does(read(Bytes("\(index)")), Int64(index), 1_000)) }
        hard.append(does(read("nobody wrote this"), 1, 2_000))
        let spent = Lin.check(hard, model: .register, budget: 1_000)
        #expect(spent.verdict == .unknown(key: "x"))
        #expect(spent.steps >= 1_000 && spent.steps < 1_100)
        let easy = [does(read("1"), 1, 2, key: "z")]
        let both = Lin.check(hard + easy, model: .register, budget: 1_000)
        guard case .broken(let example) = both.verdict else {
            Issue.record("not broken")
            return
        }
        #expect(example.key == "z")
        #expect(Lin.check(easy, model: .register, budget: 0).verdict == .unknown(key: "z"))
    }

    @Test("The same history takes the same steps each time, whatever the order of its operations in the array")
    func deterministic() {
        var dealer = Dealer(seed: 4, .keyValue)
        let history = dealer.history(count: 12)
        let first = Lin.check(history, model: .keyValue, budget: 1_000_000)
        #expect(Lin.check(history, model: .keyValue, budget: 1_000_000) == first)
        #expect(first.steps > 0)
    }

    @Test("Thousands of small histories are judged as by trying every order", arguments: Lin.Model.allCases)
    func everyOrder(model: Lin.Model) {
        var broken = 0
        for seed in 0..<4_000 as Range<UInt64> {
            var dealer = Dealer(seed: seed, model)
            let history = dealer.history(count: 3 + Int(seed % 5))
            let expected = EveryOrder.exists(history, model)
            let found = Lin.check(history, model: model, budget: 1_000_000).verdict
            if !expected { broken += 1 }
            #expect((found == .holds) == expected, "seed \(seed): \(history.map { $0.description })")
            if case .broken(let example) = found { check(example, history, model) }
        }
        // Both verdicts must be frequent, or the comparison shows little.
        #expect(broken > 400 && broken < 3_600, "\(broken)")
    }

    /// Holds a counterexample against the history: its order is legal, respects the times and lacks the offender.
    private func check(_ example: Lin.Counterexample, _ history: [Lin.Operation], _ model: Lin.Model) {
        #expect(!example.prefix.contains(example.offender))
        #expect(history[example.offender].returned != nil)
        let prefix = example.prefix.map { history[$0] }
        // Nothing in the order was called after something had returned that stands behind it or is missing.
        var behind = history.indices.filter { !example.prefix.contains($0) && !(history[$0].action == .unseenRead) }
            .compactMap { history[$0].returned }
        for operation in prefix.reversed() {
            #expect(behind.allSatisfy { operation.called <= $0 })
            if let returned = operation.returned { behind.append(returned) }
        }
        var inOrder: [Lin.Operation] = []
        for (index, operation) in prefix.enumerated() {
            let isOpen = operation.returned == nil
            inOrder.append(
                Lin.Operation(
                    client: 0, key: "x", operation.action, called: Int64(index),
                    returned: isOpen ? nil : Int64(index)))
        }
        #expect(EveryOrder.exists(inOrder, model))
    }
}
