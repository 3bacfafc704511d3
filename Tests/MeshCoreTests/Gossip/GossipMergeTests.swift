import MeshCore
import MeshTestKit
import Testing

/// Every write to one key with two stamps, two origins and three contents.
private let smallEntries: [Gossip.Entry] = {
    var result: [Gossip.Entry] = []
    for stamp in 1...2 as ClosedRange<UInt64> {
        for origin in 1...2 as ClosedRange<UInt64> {
            for value in [nil, "a", "b"] as [Bytes?] {
                let version = Gossip.Version(stamp: Gossip.Stamp(milliseconds: stamp), origin: NodeID(origin))
                result.append(Gossip.Entry(key: "k", value: value, version: version))
            }
        }
    }
    return result
}()

/// What a node holds after it has heard of these entries in this order.
private func state(_ entries: [Gossip.Entry]) -> (entry: Gossip.Entry?, hash: UInt64) {
    var probe = GossipProbe(9)
    for entry in entries { probe.receive(.entries([entry]), from: 1) }
    var held: Gossip.Entry?
    probe.node.forEachEntry { held = $0 }
    return (held, probe.node.stateHash)
}

@Suite("Merging entries")
struct GossipMergeTests {
    @Test("Of two different writes exactly one wins, and winning is transitive")
    func totalOrder() {
        for first in smallEntries {
            #expect(!first.supersedes(first))
            for second in smallEntries where first != second {
                #expect(first.supersedes(second) != second.supersedes(first))
                for third in smallEntries where first.supersedes(second) && second.supersedes(third) {
                    #expect(first.supersedes(third))
                }
            }
        }
    }

    @Test("Merging is commutative, associative and idempotent, for every three writes")
    func laws() {
        for first in smallEntries {
            #expect(state([first, first]) == state([first]))
            for second in smallEntries {
                let pair = state([first, second])
                #expect(pair == state([second, first]))
                #expect(pair == state([first, second, first]))
                for third in smallEntries {
                    let all = state([first, second, third])
                    #expect(all == state([third, first, second]))
                    #expect(all == state([second, third, first]))
                }
            }
        }
    }

    @Test("The later stamp wins, whatever the origin and the value (R5, K6)")
    func laterWins() {
        for old in smallEntries {
            for new in smallEntries where old.version.stamp < new.version.stamp {
                #expect(state([old, new]).entry == new)
                #expect(state([new, old]).entry == new)
            }
        }
    }

    @Test("Equal stamps are decided by the node id, so no two nodes ever disagree (E: diverge for ever)")
    func tieBreak() {
        let stamp = Gossip.Stamp(milliseconds: 7, counter: 3)
        let low = Gossip.Entry(key: "k", value: "zzz", version: .init(stamp: stamp, origin: NodeID(1)))
        let high = Gossip.Entry(key: "k", value: "aaa", version: .init(stamp: stamp, origin: NodeID(2)))
        #expect(state([low, high]).entry == high)
        #expect(state([high, low]).entry == high)
    }

    @Test("One version with two contents, left by a node that lost its disk, still ends the same everywhere")
    func equalVersions() {
        let version = Gossip.Version(stamp: Gossip.Stamp(milliseconds: 7), origin: NodeID(1))
        let contents: [Bytes?] = [nil, "", "a", "b"]
        for first in contents {
            for second in contents {
                let entries = [first, second].map { Gossip.Entry(key: "k", value: $0, version: version) }
                #expect(state(entries) == state(entries.reversed()))
            }
        }
    }

    @Test("The hash of a state does not depend on the order in which it came about")
    func orderIndependentHash() {
        let random = Random(seed: 4)
        var entries: [Gossip.Entry] = []
        for number in 0..<500 as Range<UInt64> {
            let bits = random.bits(.init(1), number)
            let version = Gossip.Version(
                stamp: Gossip.Stamp(milliseconds: bits % 1_000), origin: NodeID(bits >> 20 % 5 + 1))
            let value: Bytes? = bits >> 30 & 7 == 0 ? nil : Bytes("v\(bits >> 33 & 15)")
            entries.append(Gossip.Entry(key: Bytes("key\(bits >> 40 % 120)"), value: value, version: version))
        }
        let forward = state(entries)
        let backward = state(entries.reversed())
        #expect(forward.hash == backward.hash)
        var expected: [Bytes: Gossip.Entry] = [:]
        for entry in entries {
            if let held = expected[entry.key], !entry.supersedes(held) { continue }
            expected[entry.key] = entry
        }
        #expect(forward.hash == expected.values.reduce(0) { $0 &+ $1.identity(under: .open) })
    }
}

private func == (left: (entry: Gossip.Entry?, hash: UInt64), right: (entry: Gossip.Entry?, hash: UInt64)) -> Bool {
    left.entry == right.entry && left.hash == right.hash
}
