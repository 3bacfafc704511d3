import MeshCore
import MeshTestKit
import Testing

@Suite("SortedMap")
struct SortedMapTests {
    /// The naive twin: pairs in an unsorted array.
    struct Model {
        var pairs: [(key: UInt64, value: Int)] = []

        subscript(key: UInt64) -> Int? {
            get { pairs.first { $0.key == key }?.value }
            set {
                pairs.removeAll { $0.key == key }
                if let newValue { pairs.append((key, newValue)) }
            }
        }

        var sorted: [(key: UInt64, value: Int)] { pairs.sorted { $0.key < $1.key } }
    }

    @Test(
        "It does what an unsorted list of pairs does, in the order of the keys",
        arguments: 1...20 as ClosedRange<UInt64>)
    func twin(seed: UInt64) {
        var dice = Dice(seed: seed)
        var map = SortedMap<UInt64, Int>()
        var model = Model()
        for step in 0..<400 {
            let key = UInt64(dice.number(below: 40))
            switch dice.number(below: 6) {
            case 0, 1:
                map[key] = step
                model[key] = step
            case 2:
                map[key] = nil
                model[key] = nil
            case 3:
                map[key, default: -1] += 7
                model[key] = (model[key] ?? -1) + 7
            case 4:
                #expect(map.removeValue(forKey: key) == model[key])
                model[key] = nil
            default:
                let (index, isPresent) = map.position(of: key)
                #expect(index == model.pairs.count { $0.key < key })
                if isPresent {
                    let old = map.updateValue(at: index) { value -> Int in
                        defer { value = step }
                        return value
                    }
                    #expect(old == model[key])
                    model[key] = step
                }
            }
            #expect(map[key] == model[key])
            #expect(map.contains(key) == (model[key] != nil))
            #expect(map[key, default: -3] == model[key] ?? -3)
            #expect(map.keys == model.sorted.map(\.key))
            #expect(map.values == model.sorted.map(\.value))
            #expect(map.count == model.pairs.count && map.isEmpty == model.pairs.isEmpty)
        }
    }

    @Test("An empty map has no key and gives the fallback")
    func empty() {
        var map = SortedMap<Bytes, Int>()
        #expect(map.isEmpty && map.count == 0 && map["a"] == nil && map["a", default: 5] == 5)
        #expect(map.position(of: "a") == (0, false))
        #expect(map.removeValue(forKey: "a") == nil)
        map["a"] = nil
        #expect(map.isEmpty)
    }

    @Test("Reading a fallback does not insert it")
    func fallback() {
        let map = SortedMap<UInt64, Int>()
        _ = map[3, default: 9]
        #expect(map.isEmpty)
    }

    @Test("Two maps with the same content are equal, whatever their history")
    func equality() {
        var left = SortedMap<UInt64, Int>()
        var right = SortedMap<UInt64, Int>()
        for key in 0..<50 as Range<UInt64> { left[key] = Int(key) }
        for key in (0..<60 as Range<UInt64>).reversed() { right[key] = Int(key) }
        #expect(left != right)
        for key in 50..<60 as Range<UInt64> { right[key] = nil }
        #expect(left == right)
        left.removeAll()
        #expect(left == SortedMap())
    }

    @Test("A copy does not see later changes")
    func copies() {
        var map = SortedMap<UInt64, [Int]>()
        map[1, default: []].append(1)
        let copy = map
        map[1, default: []].append(2)
        #expect(copy[1] == [1])
        #expect(map[1] == [1, 2])
    }
}
