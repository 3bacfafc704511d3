import MeshCore
import MeshTestKit
import Testing

@Suite("Ring")
struct RingTests {
    @Test("It does what an array does, across its seam", arguments: 1...20 as ClosedRange<UInt64>)
    func twin(seed: UInt64) {
        var dice = Dice(seed: seed)
        var ring = Ring<Int>()
        var model: [Int] = []
        for step in 0..<800 {
            switch dice.number(below: 20) {
            case 0...9:
                ring.append(step)
                model.append(step)
            case 10...16:
                #expect(ring.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            case 17...18:
                #expect(ring.popLast() == model.popLast())
            default:
                guard dice.number(below: 8) == 0 else { continue }
                ring.removeAll()
                model.removeAll()
            }
            #expect(ring.count == model.count && ring.isEmpty == model.isEmpty)
            #expect(ring.first == model.first && ring.last == model.last)
            #expect((0..<ring.count).map { ring[$0] } == model)
        }
    }

    @Test("It grows while its content lies across the seam", arguments: 0...8)
    func growth(shift: Int) {
        var ring = Ring<Int>()
        for value in 0..<8 { ring.append(value) }
        for value in 0..<shift {
            #expect(ring.popFirst() == value)
            ring.append(8 + value)
        }
        for value in 8 + shift..<40 { ring.append(value) }
        #expect((0..<ring.count).map { ring[$0] } == Array(shift..<40))
    }

    @Test("A queue that stays short does not walk off its buffer")
    func steady() {
        var ring = Ring<Int>()
        ring.append(0)
        for value in 1..<10_000 {
            ring.append(value)
            #expect(ring.popFirst() == value - 1)
        }
        #expect(ring.count == 1)
    }

    @Test("What left the ring is released once the ring is empty or half of it is dead")
    func release() {
        let counter = Counter()
        var ring = Ring<Counted>()
        for _ in 0..<1_000 { ring.append(Counted(counter)) }
        _ = ring.popLast()
        #expect(counter.alive == 999)
        while ring.count > 1 {
            _ = ring.popFirst()
            #expect(counter.alive <= max(ring.count * 2, ring.count + 32))
        }
        _ = ring.popFirst()
        #expect(counter.alive == 0)
        for _ in 0..<20 { ring.append(Counted(counter)) }
        ring.removeAll()
        #expect(counter.alive == 0)
        ring.append(Counted(counter))
        ring = Ring()
        #expect(counter.alive == 0)
    }

    @Test("A copy does not see later changes")
    func copies() {
        var ring = Ring<Int>()
        ring.append(1)
        let copy = ring
        ring.append(2)
        _ = ring.popFirst()
        #expect(copy.count == 1 && copy.first == 1)
    }

    @Test("Reading past the end stops the program")
    func bounds() async {
        await #expect(processExitsWith: .failure) {
            var ring = Ring<Int>()
            ring.append(1)
            _ = ring[1]
        }
    }
}
