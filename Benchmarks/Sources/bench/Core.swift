import MeshCore

/// The building blocks that every event of a simulation passes through.
let coreBenchmarks: [Benchmark] = [
    Benchmark("random/bits", per: "keyed decision", operations: 2_000_000) { watch in
        let random = Random(seed: 1)
        var sum: UInt64 = 0
        watch.start()
        for index in 0..<UInt64(watch.operations) { sum &+= random.bits(Random.Purpose(3), index) }
        watch.stop()
        return digest(sum)
    },
    Benchmark("digest/word", per: "word", operations: 4_000_000) { watch in
        var digest = Digest()
        watch.start()
        for word in 0..<UInt64(watch.operations) { digest.mix(word) }
        watch.stop()
        return digest
    },
    Benchmark("digest/bytes", per: "64 bytes", operations: 500_000) { watch in
        let bytes = Bytes([UInt8](repeating: 7, count: 64))
        var digest = Digest()
        watch.start()
        for _ in 0..<watch.operations { digest.mix(bytes) }
        watch.stop()
        return digest
    },
    Benchmark("outbox/append and drain", per: "effect", operations: 4_000_000) { watch in
        var outbox = Outbox<Entry>()
        var sum: UInt64 = 0
        watch.start()
        for round in 0..<watch.operations / 4 {
            for index in 0..<4 { outbox.append(Entry(time: Int64(round), sequence: UInt64(index), due: 1)) }
            outbox.drain { entry in sum &+= entry.sequence &+ UInt64(bitPattern: entry.time) }
        }
        watch.stop()
        return digest(sum)
    },
    Benchmark("heap/4-ary, 1000 waiting", per: "pop and push", operations: 1_000_000) { watch in
        holdModel(waiting: 1_000, &watch)
    },
    Benchmark("heap/4-ary, 100000 waiting", per: "pop and push", operations: 500_000) { watch in
        holdModel(waiting: 100_000, &watch)
    },
    Benchmark("map/look up, 100 keys", per: "look-up", operations: 2_000_000) { watch in
        let map = sortedMap(count: 100)
        var sum: UInt64 = 0
        watch.start()
        for index in 0..<UInt64(watch.operations) { sum &+= map[NodeID(index % 128)] ?? 1 }
        watch.stop()
        return digest(sum)
    },
    Benchmark("map/insert and remove, 100 keys", per: "pair", operations: 500_000) { watch in
        var map = sortedMap(count: 100)
        watch.start()
        for index in 0..<UInt64(watch.operations) {
            let key = NodeID(index &* 7 % 100)
            let value = map.removeValue(forKey: key)
            map[key] = (value ?? 0) &+ 1
        }
        watch.stop()
        return digest(map.values.reduce(0, &+))
    },
    Benchmark("ring/append and pop", per: "element", operations: 4_000_000) { watch in
        var ring = Ring<UInt64>()
        for index in 0..<10 as Range<UInt64> { ring.append(index) }
        var sum: UInt64 = 0
        watch.start()
        for index in 0..<UInt64(watch.operations) {
            ring.append(index)
            sum &+= ring.popFirst() ?? 0
        }
        watch.stop()
        return digest(sum)
    },
    Benchmark("wire/write varints", per: "number", operations: 1_000_000) { watch in
        var last: [UInt8] = []
        watch.start()
        for round in 0..<watch.operations / 100 {
            var writer = WireWriter()
            for index in 0..<100 { writer.number(UInt64(round) << UInt64(index % 50)) }
            last = writer.bytes
        }
        watch.stop()
        return digest(Bytes(last))
    },
    Benchmark("wire/read varints", per: "number", operations: 1_000_000) { watch in
        var writer = WireWriter()
        for index in 0..<100 as Range<UInt64> { writer.number(12_345 << (index % 50)) }
        var sum: UInt64 = 0
        watch.start()
        for _ in 0..<watch.operations / 100 {
            var reader = WireReader(writer.bytes)
            while reader.remaining > 0, let number = try? reader.number() { sum &+= number }
        }
        watch.stop()
        return digest(sum)
    },
    Benchmark("wire/checksum", per: "1 KiB", operations: 50_000) { watch in
        let bytes = (0..<1_024).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var sum: UInt64 = 0
        watch.start()
        for _ in 0..<watch.operations { sum &+= UInt64(Checksum.crc32c(bytes)) }
        watch.stop()
        return digest(sum)
    },
]

/// The shape of an entry in the simulator's queue: 24 bytes, ordered by (time, sequence).
struct Entry: Comparable, Sendable {
    var time: Int64
    var sequence: UInt64
    var due: UInt64

    static func < (left: Entry, right: Entry) -> Bool {
        left.time < right.time || (left.time == right.time && left.sequence < right.sequence)
    }
}

/// How far ahead a queue benchmark puts its next event: 0.5 to 1.5 ms, drawn like a protocol draws a time-out.
@inline(__always)
func nextDelay(_ random: Random, _ time: Int64, _ node: UInt64) -> Int64 {
    let bits = random.bits(Random.Purpose(0xbe01), node, UInt64(bitPattern: time))
    return 500_000 + Int64(truncatingIfNeeded: bits % 1_000_000)
}

/// Takes the first event and puts a later one in, over and over: what an event loop does at the least.
///
/// Source: the hold model, Jones, "An empirical comparison of priority-queue and event-set implementations", CACM 1986.
func holdModel(waiting: Int, _ watch: inout Stopwatch) -> Digest {
    let random = Random(seed: 5)
    var heap = MinHeap<Entry>()
    var sequence: UInt64 = 0
    for node in 0..<UInt64(waiting) {
        sequence += 1
        heap.insert(Entry(time: nextDelay(random, 0, node), sequence: sequence, due: node))
    }
    var sum: Int64 = 0
    watch.start()
    for _ in 0..<watch.operations {
        guard let entry = heap.popFirst() else { break }
        sum &+= entry.time
        sequence += 1
        let time = entry.time + nextDelay(random, entry.time, entry.due)
        heap.insert(Entry(time: time, sequence: sequence, due: entry.due))
    }
    watch.stop()
    return digest(UInt64(bitPattern: sum))
}

private func sortedMap(count: UInt64) -> SortedMap<NodeID, UInt64> {
    var map = SortedMap<NodeID, UInt64>()
    for index in 0..<count { map[NodeID(index)] = index * 3 }
    return map
}

func digest(_ value: UInt64) -> Digest {
    var digest = Digest()
    digest.mix(value)
    return digest
}

func digest(_ bytes: Bytes) -> Digest {
    var digest = Digest()
    digest.mix(bytes)
    return digest
}
