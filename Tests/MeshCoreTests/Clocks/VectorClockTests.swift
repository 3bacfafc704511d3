import MeshCore
import Testing

/// Reads a clock as tests write it: `clock("n1:2 n3:1")`.
private func clock(_ text: String) -> VectorClock {
    VectorClock(
        text.split(separator: " ").map { part in
            let sides = part.split(separator: ":")
            return (NodeID(UInt64(sides[0].dropFirst()) ?? 0), UInt64(sides[1]) ?? 0)
        })
}

/// Every clock over three nodes with counts 0...2.
private let smallClocks: [VectorClock] = {
    var result: [VectorClock] = []
    for code in 0..<27 {
        result.append(
            VectorClock([
                (NodeID(1), UInt64(code % 3)), (NodeID(2), UInt64(code / 3 % 3)), (NodeID(3), UInt64(code / 9)),
            ]))
    }
    return result
}()

@Suite("A vector clock")
struct VectorClockTests {
    @Test("Two clocks that say the same are equal, not concurrent (E14)")
    func equalIsNotConcurrent() {
        #expect(clock("n1:2 n2:1").compare(to: clock("n2:1 n1:2")) == .equal)
        #expect(VectorClock().compare(to: VectorClock()) == .equal)
        #expect(clock("n1:2 n2:1") == clock("n2:1 n1:2"))
    }

    @Test(
        "Histories are related by what they know",
        arguments: [
            ("n1:1", "n1:2", Causality.before), ("n1:2", "n1:1", .after), ("n1:1", "n2:1", .concurrent),
            ("", "n1:1", .before), ("n1:1", "", .after), ("n1:1", "n1:1 n2:1", .before),
            ("n1:2 n2:1", "n1:1 n2:2", .concurrent), ("n1:1 n3:1", "n2:1 n3:1", .concurrent),
            ("n2:5", "n1:1 n2:5 n3:1", .before),
        ])
    func compare(_ left: String, _ right: String, _ expected: Causality) {
        #expect(clock(left).compare(to: clock(right)) == expected)
        #expect(clock(right).compare(to: clock(left)) == expected.reversed)
    }

    @Test("A node never heard of counts 0 (E12)")
    func defaultZero() {
        var clock = VectorClock()
        #expect(clock[NodeID(7)] == 0)
        #expect(clock.increment(NodeID(7)) == 1)
        #expect(clock.increment(NodeID(7)) == 2)
        #expect(clock.get(NodeID(7)) == 2)
        #expect(clock.get(NodeID(8)) == 0)
        #expect(clock.description == "n7:2")
    }

    @Test("A count of zero is as good as none")
    func zeroIsNothing() {
        #expect(VectorClock([(NodeID(1), 0)]) == VectorClock())
        #expect(VectorClock([(NodeID(1), 1), (NodeID(1), 3), (NodeID(1), 2)]).description == "n1:3")
    }

    @Test("Merging takes the larger count, node by node (E13)")
    func merge() {
        var merged = clock("n1:2 n3:1")
        merged.merge(clock("n1:1 n2:4 n3:5"))
        #expect(merged.description == "n1:2 n2:4 n3:5")
        merged.merge(clock("n1:9 n2:1 n3:9"))
        #expect(merged.description == "n1:9 n2:4 n3:9")
    }

    @Test("A copy is independent (E15)")
    func copies() {
        let original = clock("n1:1")
        var copy = original
        copy.increment(NodeID(1))
        #expect(original.description == "n1:1")
        #expect(original.compare(to: copy) == .before)
    }

    @Test("Merging is commutative, associative and idempotent, and never loses what either knew")
    func laws() {
        for first in smallClocks {
            var doubled = first
            doubled.merge(first)
            #expect(doubled == first)
            for second in smallClocks {
                var left = first
                left.merge(second)
                var right = second
                right.merge(first)
                #expect(left == right)
                #expect([.after, .equal].contains(left.compare(to: first)))
                #expect([.after, .equal].contains(left.compare(to: second)))
                for third in smallClocks {
                    var outer = left
                    outer.merge(third)
                    var inner = second
                    inner.merge(third)
                    var other = first
                    other.merge(inner)
                    #expect(outer == other)
                }
            }
        }
    }

    @Test("The order is the component-wise one, for every pair of small clocks")
    func orderMatchesDefinition() {
        for first in smallClocks {
            for second in smallClocks {
                let isBelow = (1...3).allSatisfy { first[NodeID($0)] <= second[NodeID($0)] }
                let isAbove = (1...3).allSatisfy { first[NodeID($0)] >= second[NodeID($0)] }
                let expected: Causality =
                    isBelow ? (isAbove ? .equal : .before) : (isAbove ? .after : .concurrent)
                #expect(first.compare(to: second) == expected)
            }
        }
    }

    @Test("The bytes are the same whatever the order of events, and come back as the same clock")
    func wire() throws {
        for clock in smallClocks {
            #expect(try Frame.decode(Frame.encode(clock), as: VectorClock.self) == clock)
        }
        #expect(Frame.encode(clock("n1:1 n2:300")) == Frame.encode(clock("n2:300 n1:1")))
    }

    @Test(
        "A clock from the wire that is out of order, has zeros or could overflow is refused",
        arguments: [
            [2, 2, 1, 1, 1], [2, 1, 1, 1, 1], [1, 1, 0], [1, 0, 1], [1, 1] + [UInt8](repeating: 0xff, count: 9) + [1],
        ])
    func malformed(_ bytes: [UInt8]) {
        var reader = WireReader(bytes)
        #expect(throws: WireError.self) { try VectorClock(from: &reader) }
    }

    @Test("A clock over a thousand nodes keeps its nodes in order")
    func manyNodes() {
        var clock = VectorClock()
        let random = Random(seed: 5)
        var expected = [UInt64](repeating: 0, count: 1_001)
        for turn in 0..<20_000 {
            let node = random.bits(.init(1), UInt64(turn)) % 1_000 + 1
            expected[Int(node)] += 1
            #expect(clock.increment(NodeID(node)) == expected[Int(node)])
        }
        #expect(clock.components.map(\.node) == clock.components.map(\.node).sorted())
        #expect((1...1_000).allSatisfy { clock[NodeID(UInt64($0))] == expected[$0] })
    }
}
