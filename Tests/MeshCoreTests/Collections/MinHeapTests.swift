import MeshCore
import MeshTestKit
import Testing

@Suite("MinHeap")
struct MinHeapTests {
    @Test("It does what a sorted array does", arguments: 1...20 as ClosedRange<UInt64>)
    func twin(seed: UInt64) {
        var dice = Dice(seed: seed)
        var heap = MinHeap<Int>()
        var model: [Int] = []
        for _ in 0..<600 {
            let value = dice.number(below: 60)
            switch dice.number(below: 12) {
            case 0...5:
                heap.insert(value)
                model.append(value)
                model.sort()
            case 6...8:
                #expect(heap.popFirst() == model.first)
                if !model.isEmpty { model.removeFirst() }
            case 9...10:
                guard !model.isEmpty else { continue }
                heap.replaceFirst(with: value)
                model[0] = value
                model.sort()
            default:
                heap.filter { $0 % 7 != value % 7 }
                model.removeAll { $0 % 7 == value % 7 }
            }
            #expect(heap.first == model.first)
            #expect(heap.count == model.count && heap.isEmpty == model.isEmpty)
            #expect(heap.unordered.sorted() == model)
        }
        var drained: [Int] = []
        while let smallest = heap.popFirst() { drained.append(smallest) }
        #expect(drained == model)
    }

    @Test("Every order of insertion comes out sorted", arguments: 0...7)
    func permutations(count: Int) {
        var seen = 0
        permute(Array(0..<count), from: 0) { order in
            var heap = MinHeap<Int>()
            for value in order { heap.insert(value) }
            var drained: [Int] = []
            while let smallest = heap.popFirst() { drained.append(smallest) }
            if drained != Array(0..<count) { Issue.record("\(order) came out as \(drained)") }
            seen += 1
        }
        #expect(seen == (1...max(count, 1)).reduce(1, *))
    }

    private func permute(_ values: [Int], from start: Int, _ body: ([Int]) -> Void) {
        if start >= values.count { return body(values) }
        for other in start..<values.count {
            var swapped = values
            swapped.swapAt(start, other)
            permute(swapped, from: start + 1, body)
        }
    }

    @Test("An empty heap has nothing to give")
    func empty() {
        var heap = MinHeap<Int>()
        #expect(heap.first == nil && heap.popFirst() == nil && heap.isEmpty)
        heap.reserveCapacity(100)
        #expect(heap.isEmpty)
        heap.insert(1)
        #expect(heap.popFirst() == 1 && heap.popFirst() == nil)
    }

    @Test("The order of equal elements is fixed by the history of calls")
    func repeatable() {
        struct Event: Comparable {
            let time: Int
            let name: Int
            static func < (left: Event, right: Event) -> Bool { left.time < right.time }
        }
        func run() -> [Int] {
            var dice = Dice(seed: 5)
            var heap = MinHeap<Event>()
            for name in 0..<200 { heap.insert(Event(time: dice.number(below: 4), name: name)) }
            var names: [Int] = []
            while let event = heap.popFirst() { names.append(event.name) }
            return names
        }
        #expect(run() == run())
    }
}
