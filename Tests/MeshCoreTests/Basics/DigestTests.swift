import MeshCore
import Testing

@Suite("Digest")
struct DigestTests {
    private func digest(_ body: (inout Digest) -> Void) -> UInt64 {
        var digest = Digest()
        body(&digest)
        return digest.value
    }

    /// These values are written down in files that others keep.
    ///
    /// A change of the hash is a change of format.
    @Test("The digest of known content never changes")
    func stability() {
        #expect(digest { _ in } == 0x6d65_7368_5f76_3031)
        #expect(digest { $0.mix(1 as UInt64) } == 0x76d7_ddb2_b8d8_5524)
        #expect(digest { $0.mix("hello, mesh" as Bytes) } == 0x3dd3_6c98_d443_2cc4)
        #expect(
            digest {
                $0.mix(-1 as Int64)
                $0.mix(7 as Int)
                $0.mix(true)
                $0.mix(NodeID(3))
                $0.mix(Instant(nanoseconds: 5))
                $0.mix(Interval(nanoseconds: -6))
            } == 0x35d6_17e0_a000_9d1d)
    }

    @Test("The text is sixteen hexadecimal digits, leading zeros kept")
    func text() {
        #expect(Digest().description == "6d6573685f763031")
        #expect(hexadecimal(0) == "0000000000000000")
        #expect(hexadecimal(0xab) == "00000000000000ab")
        #expect(hexadecimal(.max) == "ffffffffffffffff")
    }

    @Test("Order, length and grouping of what is mixed in matter")
    func sensitivity() {
        #expect(
            digest {
                $0.mix(1 as UInt64)
                $0.mix(2 as UInt64)
            }
                != digest {
                    $0.mix(2 as UInt64)
                    $0.mix(1 as UInt64)
                })
        #expect(digest { $0.mix("" as Bytes) } != digest { _ in })
        #expect(
            digest {
                $0.mix("ab" as Bytes)
                $0.mix("c" as Bytes)
            }
                != digest {
                    $0.mix("a" as Bytes)
                    $0.mix("bc" as Bytes)
                })
        #expect(digest { $0.mix(Bytes([0])) } != digest { $0.mix(Bytes([0, 0])) })
        #expect(digest { $0.mix(Bytes([1])) } != digest { $0.mix(Bytes([1, 0, 0])) })
    }

    @Test("A hundred thousand short histories have a hundred thousand digests")
    func collisions() {
        var values: [UInt64] = []
        for first in 0..<100 as Range<UInt64> {
            for second in 0..<100 as Range<UInt64> {
                for third in 0..<10 as Range<UInt64> {
                    values.append(
                        digest {
                            $0.mix(first)
                            $0.mix(second)
                            $0.mix(third)
                        })
                }
            }
        }
        #expect(Set(values).count == values.count)
    }

    @Test("One changed bit early in a long history changes about half of the digest's bits")
    func avalanche() {
        var changed = 0
        for bit in 0..<64 as Range<UInt64> {
            let left = digest { digest in for word in 0..<6 as Range<UInt64> { digest.mix(word) } }
            let right = digest { digest in
                for word in 0..<6 as Range<UInt64> { digest.mix(word == 0 ? 1 << bit : word) }
            }
            changed += (left ^ right).nonzeroBitCount
        }
        #expect((64 * 24...64 * 40).contains(changed), "\(changed) of \(64 * 64) bits")
    }
}
