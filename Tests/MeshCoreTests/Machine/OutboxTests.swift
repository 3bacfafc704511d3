import MeshCore
import MeshTestKit
import Testing

@Suite("Outbox")
struct OutboxTests {
    private func drained<Element>(_ outbox: inout Outbox<Element>) -> [Element] {
        var result: [Element] = []
        outbox.drain { result.append($0) }
        return result
    }

    private func waiting<Element>(_ outbox: borrowing Outbox<Element>) -> Int {
        let count = outbox.count
        let isEmpty = outbox.isEmpty
        #expect(isEmpty == (count == 0))
        return count
    }

    @Test("Elements come out once, in the order in which they went in", arguments: [0, 1, 2, 31, 32, 33, 1_000])
    func order(count: Int) {
        var outbox = Outbox<Int>()
        for value in 0..<count { outbox.append(value) }
        #expect(waiting(outbox) == count)
        #expect(drained(&outbox) == Array(0..<count))
        #expect(waiting(outbox) == 0)
        #expect(drained(&outbox) == [])
    }

    @Test("It grows from any capacity", arguments: [-3, 0, 1, 7])
    func growth(capacity: Int) {
        var outbox = Outbox<String>(capacity: capacity)
        for round in 1...3 {
            let values = (0..<round * 50).map { "value \($0)" }
            for value in values { outbox.append(value) }
            #expect(drained(&outbox) == values)
        }
    }

    @Test("Elements are taken one by one while others join, also when the box grows meanwhile")
    func taking() {
        let counter = Counter()
        for seed in 1...30 as ClosedRange<UInt64> {
            var dice = Dice(seed: seed)
            var outbox = Outbox<(Int, Counted)>(capacity: 2)
            var added = 0
            var taken = 0
            for _ in 0..<200 {
                if waiting(outbox) > 0, dice.number(below: 5) < 2 {
                    #expect(outbox.take().0 == taken)
                    taken += 1
                } else {
                    outbox.append((added, Counted(counter)))
                    added += 1
                }
                #expect(waiting(outbox) == added - taken && counter.alive == added - taken)
            }
            if dice.number(below: 2) == 0 {
                var seen = 0
                outbox.forEach { seen += $0.0 }
                #expect(seen == (taken..<added).reduce(0, +))
                #expect(drained(&outbox).map(\.0) == Array(taken..<added))
            }
        }
        #expect(counter.alive == 0)
    }

    @Test("Looking at the elements keeps them")
    func looking() {
        var outbox = Outbox<Int>()
        outbox.append(1)
        outbox.append(2)
        var seen: [Int] = []
        outbox.forEach { seen.append(copy $0) }
        #expect(seen == [1, 2])
        #expect(waiting(outbox) == 2)
    }

    @Test("Every object is released exactly once: drained, forgotten in the box, moved by growth")
    func release() {
        let counter = Counter()
        do {
            var outbox = Outbox<Counted>(capacity: 2)
            for _ in 0..<9 { outbox.append(Counted(counter)) }
            #expect(counter.alive == 9)
            outbox.drain { _ in }
            #expect(counter.alive == 0)
            for _ in 0..<5 { outbox.append(Counted(counter)) }
            #expect(counter.alive == 5)
        }
        #expect(counter.alive == 0)
    }

    @Test("An inner machine's effects are translated in order, between what was there and what follows")
    func relay() {
        var outbox = Outbox<String>()
        outbox.append("before")
        outbox.relay { (inner: inout Outbox<Int>) in
            for value in 1...3 { inner.append(value) }
        } as: { value, outer in
            outer.append("inner \(value)")
            if value == 2 { outer.append("and more") }
        }
        outbox.append("after")
        #expect(drained(&outbox) == ["before", "inner 1", "inner 2", "and more", "inner 3", "after"])
    }

    @Test("A relay inside a relay keeps the order, in the body and in the translation")
    func nestedRelay() {
        var outbox = Outbox<String>()
        for _ in 0..<3 {
            outbox.relay { (middle: inout Outbox<Int>) in
                middle.append(1)
                middle.relay { (inner: inout Outbox<UInt8>) in
                    for value in 2...90 as ClosedRange<UInt8> { inner.append(value) }
                } as: { value, middle in
                    middle.append(Int(value))
                }
                middle.append(91)
            } as: { value, outer in
                outer.relay { (inner: inout Outbox<[Int]>) in
                    inner.append([value])
                    inner.append([value, value])
                } as: { values, outer in
                    outer.append(values.map { "\($0)" }.joined(separator: "+"))
                }
            }
            #expect(drained(&outbox) == (1...91).flatMap { ["\($0)", "\($0)+\($0)"] })
        }
    }

    @Test("Lent memory serves elements of any size, larger and smaller in turn")
    func mixedSizes() {
        struct Large: Equatable {
            var first = (1, 2, 3, 4, 5, 6, 7)
            var text: String
            static func == (left: Large, right: Large) -> Bool {
                left.text == right.text && left.first.6 == right.first.6
            }
        }
        var outbox = Outbox<Int>()
        for round in 1...20 {
            outbox.relay { (inner: inout Outbox<UInt8>) in
                for _ in 0..<round * 9 { inner.append(1) }
            } as: { value, outer in
                outer.append(Int(value))
            }
            outbox.relay { (inner: inout Outbox<Large>) in
                for index in 0..<round * 5 { inner.append(Large(text: "text number \(index) of the round")) }
            } as: { value, outer in
                outer.append(value == Large(text: value.text) ? 2 : -1)
            }
            let expected = Array(repeating: 1, count: round * 9) + Array(repeating: 2, count: round * 5)
            #expect(drained(&outbox) == expected)
        }
    }

    @Test("A relay releases every object exactly once, at any depth")
    func relayRelease() {
        let counter = Counter()
        do {
            var outbox = Outbox<Counted>()
            for round in 0..<4 {
                outbox.relay { (inner: inout Outbox<[Counted]>) in
                    for _ in 0..<40 { inner.append([Counted(counter), Counted(counter)]) }
                    inner.relay { (innermost: inout Outbox<Counted>) in
                        for _ in 0..<40 { innermost.append(Counted(counter)) }
                    } as: { object, inner in
                        inner.append([object])
                    }
                } as: { objects, outer in
                    if let first = objects.first { outer.append(first) }
                }
                // Of each pair one object went on and one is gone.
                #expect(counter.alive == 80)
                if round < 3 { outbox.drain { _ in } }
            }
        }
        #expect(counter.alive == 0)
    }

    @Test("What is lent and taken back leaves the lender as it was")
    func lending() {
        let counter = Counter()
        do {
            var outbox = Outbox<Int>()
            outbox.append(1)
            for round in 1...5 {
                var inner = outbox.lend(Counted.self)
                for _ in 0..<round * 20 { inner.append(Counted(counter)) }
                inner.drain { _ in outbox.append(2) }
                outbox.takeBack(inner)
            }
            let elements = drained(&outbox)
            #expect(elements.count == 301 && elements.first == 1)
            // An inner outbox that is never given back is freed on its own.
            var forgotten = outbox.lend(Counted.self)
            forgotten.append(Counted(counter))
        }
        #expect(counter.alive == 0)
    }

    @Test("Giving a lent outbox back before it is drained stops the program")
    func undrained() async {
        await #expect(processExitsWith: .failure) {
            var outbox = Outbox<Int>()
            var inner = outbox.lend(Int.self)
            inner.append(1)
            outbox.takeBack(inner)
        }
    }

    @Test("A relay without effects leaves nothing behind")
    func emptyRelay() {
        var outbox = Outbox<Int>()
        outbox.relay { (_: inout Outbox<String>) in
        } as: { _, outer in
            outer.append(1)
        }
        #expect(waiting(outbox) == 0)
    }

    @Test("The short forms write the effects they are named after")
    func shortForms() {
        var outbox = Outbox<Effect<Courier>>()
        outbox.send(.ping(1), to: NodeID(2))
        outbox.setTimer(Courier.Timer(3), at: Instant(nanoseconds: 4))
        outbox.cancelTimer(Courier.Timer(5))
        outbox.output(.kept(6))
        var texts: [String] = []
        outbox.drain { effect in
            switch effect {
            case .send(let message, let peer): texts.append("send \(message) to \(peer)")
            case .setTimer(let timer, let instant): texts.append("set \(timer) at \(instant)")
            case .cancelTimer(let timer): texts.append("cancel \(timer)")
            case .persist(let record, _): texts.append("persist \(record)")
            case .output(let output): texts.append("output \(output)")
            }
        }
        #expect(texts == ["send ping 1 to n2", "set timer 3 at 4ns", "cancel timer 5", "output kept 6"])
    }
}
