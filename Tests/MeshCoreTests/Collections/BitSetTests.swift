import MeshCore
import MeshTestKit
import Testing

@Suite("BitSet")
struct BitSetTests {
    @Test("It does what a sorted array of distinct numbers does", arguments: 1...20 as ClosedRange<UInt64>)
    func twin(seed: UInt64) {
        var dice = Dice(seed: seed)
        var set = BitSet()
        var model: [Int] = []
        for _ in 0..<500 {
            let member = dice.number(below: dice.pick([3, 64, 65, 300]))
            switch dice.number(below: 5) {
            case 0...1:
                #expect(set.insert(member) == !model.contains(member))
                if !model.contains(member) { model = (model + [member]).sorted() }
            case 2...3:
                #expect(set.remove(member) == model.contains(member))
                model.removeAll { $0 == member }
            default:
                let others = (0..<3).map { _ in dice.number(below: 200) }
                set.formUnion(BitSet(others))
                for other in others where !model.contains(other) { model.append(other) }
                model.sort()
            }
            #expect(set.members == model)
            #expect(set.contains(member) == model.contains(member))
            #expect(set.count == model.count && set.isEmpty == model.isEmpty)
            #expect(set == BitSet(model), "equal content is an equal value, whatever the history")
        }
    }

    @Test("What is taken away is what the other set holds", arguments: 1...10 as ClosedRange<UInt64>)
    func difference(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<50 {
            let left = (0..<dice.number(below: 12)).map { _ in dice.number(below: 150) }
            let right = (0..<dice.number(below: 12)).map { _ in dice.number(below: 150) }
            let rest = BitSet(left).subtracting(BitSet(right))
            #expect(rest == BitSet(left.filter { !right.contains($0) }))
        }
    }

    @Test("Members come in ascending order across words")
    func order() {
        let set = BitSet([200, 64, 0, 63, 128, 127, 65])
        #expect(set.members == [0, 63, 64, 65, 127, 128, 200])
    }

    @Test("A number that cannot be a member is not one")
    func outside() {
        var set = BitSet([5])
        #expect(!set.contains(-1) && !set.contains(Int.min) && !set.contains(Int.max))
        #expect(!set.remove(-1) && !set.remove(1_000))
        #expect(set.members == [5])
    }

    @Test("A negative number stops the program")
    func negative() async {
        await #expect(processExitsWith: .failure) {
            var set = BitSet()
            set.insert(-1)
        }
    }
}
