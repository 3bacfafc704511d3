import MeshCore

/// What both platforms compute: a digest over every collection, the keyed randomness and the wire's bytes.
func answer(to input: [UInt8]) -> String {
    var digest = Digest()
    digest.mix(Bytes(input))
    let random = Random(seed: 7)
    var map = SortedMap<Bytes, Int64>()
    var heap = MinHeap<Instant>()
    var ring = Ring<UInt64>()
    var members = BitSet()
    for index in 0..<1_000 as Range<UInt64> {
        let bits = random.bits(Random.Purpose(0xf00d), index)
        map[Bytes(hexadecimal(bits))] = Int64(truncatingIfNeeded: bits)
        heap.insert(Instant(nanoseconds: Int64(bitPattern: bits)))
        ring.append(bits)
        members.insert(Int(truncatingIfNeeded: bits % 4_096))
    }
    for position in 0..<map.count {
        digest.mix(map.keys[position])
        digest.mix(map.values[position])
    }
    while let instant = heap.popFirst() { digest.mix(instant) }
    while let bits = ring.popFirst() { digest.mix(bits) }
    members.forEach { digest.mix($0) }
    var writer = WireWriter()
    for value in map.values {
        writer.signed(value)
        writer.bytes(Bytes(Interval(nanoseconds: value).description))
        writer.bytes(Bytes(Ratio(millionths: value % 1_000_001).description))
    }
    digest.mix(UInt64(Checksum.crc32c(writer.bytes)))
    return "digest \(digest)\n"
}
