import MeshCore
import Testing

/// The same thing with sets.
private struct Twin {
    var seen: [NodeID: Set<UInt64>] = [:]

    func contiguous(_ origin: NodeID) -> UInt64 {
        var number: UInt64 = 0
        while seen[origin, default: []].contains(number + 1) { number += 1 }
        return number
    }
}

private func events(_ missing: [VersionVector.Missing]) -> [NodeID: Set<UInt64>] {
    var result: [NodeID: Set<UInt64>] = [:]
    for part in missing {
        for number in part.run.first...part.run.last {
            #expect(result[part.origin, default: []].insert(number).inserted, "named twice")
        }
    }
    return result
}

@Suite("A version vector")
struct VersionVectorTests {
    private let author = NodeID(1)

    @Test("A lost middle is noticed and fetched, although later events have arrived (D13)")
    func lostMiddle() {
        var vector = VersionVector()
        for sequence in [1, 2, 3, 5, 6, 9] as [UInt64] { #expect(vector.add(author, sequence) == .fresh) }
        #expect(vector.contiguous(author) == 3)
        #expect(vector.largest(author) == 9)
        #expect(!vector.contains(author, 4))
        #expect(vector.gaps.map(\.run) == [.init(4, 4), .init(7, 8)])
        var source = VersionVector()
        source.add(author, .init(1, 10))
        #expect(vector.missing(from: source).map(\.run) == [.init(4, 4), .init(7, 8), .init(10, 10)])
        #expect(vector.description == "n1:3+5..6+9")
        for sequence in [4, 7, 8] as [UInt64] { vector.add(author, sequence) }
        #expect(vector.contiguous(author) == 9)
        #expect(vector.gaps.isEmpty)
    }

    @Test("Compacting a log does not bring its events back (D: a vector rebuilt from what is left)")
    func compaction() {
        var log: [UInt64] = Array(1...100)
        var vector = VersionVector()
        for sequence in log { vector.add(author, sequence) }
        log.removeFirst(90)
        #expect(log.count == 10)
        var peer = VersionVector()
        peer.add(author, .init(1, 100))
        #expect(vector.missing(from: peer).isEmpty)
        #expect(vector.add(author, 5) == .known)
    }

    @Test("A replayed event is recognised (R7, R22)")
    func replay() {
        var vector = VersionVector()
        #expect(vector.add(author, 1) == .fresh)
        #expect(vector.add(author, 1) == .known)
        #expect(vector.add(author, 7) == .fresh)
        #expect(vector.add(author, 7) == .known)
        #expect(vector.add(author, 0) == .known)
        #expect(!vector.contains(author, 0))
    }

    @Test("What cannot be remembered counts as not seen, and is accepted once the gap closes")
    func boundedGaps() {
        var vector = VersionVector(runLimit: 3)
        for sequence in [3, 5, 7] as [UInt64] { #expect(vector.add(author, sequence) == .fresh) }
        #expect(vector.add(author, 9) == .refused)
        #expect(!vector.contains(author, 9))
        #expect(vector.add(author, 4) == .fresh, "joins two runs and needs no new one")
        #expect(vector.add(author, 9) == .fresh)
        #expect(vector.add(author, 1) == .fresh)
        #expect(vector.add(author, 2) == .fresh)
        #expect(vector.contiguous(author) == 5)
    }

    @Test("A refused first event leaves no trace of its origin")
    func firstRefused() {
        var vector = VersionVector(runLimit: 1)
        #expect(vector.add(author, 0) == .known)
        #expect(vector == VersionVector())
        #expect(vector.add(author, 5) == .fresh)
        #expect(vector.add(author, 8) == .refused)
        #expect(vector.runs(of: author) == [.init(5, 5)])
    }

    @Test("The largest number there is does no harm")
    func extremes() throws {
        var vector = VersionVector()
        vector.add(author, UInt64.max)
        #expect(vector.gaps.map(\.run) == [.init(1, UInt64.max - 1)])
        #expect(vector.add(author, UInt64.max) == .known)
        #expect(try Frame.decode(Frame.encode(vector), as: VersionVector.self) == vector)
        #expect(vector.add(author, .init(1, UInt64.max - 1)) == .fresh)
        #expect(vector.contiguous(author) == UInt64.max)
        #expect(vector.gaps.isEmpty)
        #expect(vector.add(author, UInt64.max) == .known)
        #expect(try Frame.decode(Frame.encode(vector), as: VersionVector.self) == vector)
        var other = VersionVector()
        other.add(author, .init(5, UInt64.max))
        #expect(vector.dominates(other))
        #expect(other.missing(from: vector).map(\.run) == [.init(1, 4)])
    }

    @Test("It agrees with plain sets over random histories", arguments: 0..<40)
    func naiveTwin(_ seed: UInt64) throws {
        let random = Random(seed: seed)
        var vectors = [VersionVector(runLimit: 1_000), VersionVector(runLimit: 1_000)]
        var twins = [Twin(), Twin()]
        for turn in 0..<400 as Range<UInt64> {
            let bits = random.bits(.init(1), turn)
            let side = Int(bits & 1)
            let origin = NodeID(bits >> 1 & 3 + 1)
            let sequence = bits >> 8 % 60 + 1
            if bits >> 40 & 31 == 0 {
                let other = vectors[1 - side]
                let isComplete = vectors[side].merge(other)
                #expect(isComplete)
                for (node, set) in twins[1 - side].seen { twins[side].seen[node, default: []].formUnion(set) }
            } else if bits >> 40 & 31 == 1 {
                let last = min(sequence + bits >> 50 & 7, 70)
                vectors[side].add(origin, .init(sequence, last))
                twins[side].seen[origin, default: []].formUnion(sequence...last)
            } else {
                let isNew = twins[side].seen[origin, default: []].insert(sequence).inserted
                #expect(vectors[side].add(origin, sequence) == (isNew ? .fresh : .known))
            }
            for check in 0..<2 {
                for node in 1...4 as ClosedRange<UInt64> {
                    let set = twins[check].seen[NodeID(node), default: []]
                    #expect(vectors[check].contiguous(NodeID(node)) == twins[check].contiguous(NodeID(node)))
                    #expect(vectors[check].largest(NodeID(node)) == set.max() ?? 0)
                }
            }
        }
        for (mine, theirs) in [(0, 1), (1, 0)] {
            let missing = events(vectors[mine].missing(from: vectors[theirs]))
            for node in 1...4 as ClosedRange<UInt64> {
                let expected = twins[theirs].seen[NodeID(node), default: []]
                    .subtracting(twins[mine].seen[NodeID(node), default: []])
                #expect(missing[NodeID(node), default: []] == expected)
                for sequence in 1...75 as ClosedRange<UInt64> {
                    let isSeen = twins[mine].seen[NodeID(node), default: []].contains(sequence)
                    #expect(vectors[mine].contains(NodeID(node), sequence) == isSeen)
                }
            }
            #expect(vectors[mine].dominates(vectors[theirs]) == missing.isEmpty)
            #expect(try Frame.decode(Frame.encode(vectors[mine]), as: VersionVector.self) == vectors[mine])
        }
        var union = vectors[0]
        union.merge(vectors[1])
        var reversed = vectors[1]
        reversed.merge(vectors[0])
        #expect(union == reversed)
        #expect(union.dominates(vectors[0]) && union.dominates(vectors[1]))
        #expect(union.compare(to: reversed) == .equal)
    }

    @Test("The relation of two vectors is that of what they have seen")
    func compare() {
        var left = VersionVector()
        var right = VersionVector()
        #expect(left.compare(to: right) == .equal)
        left.add(NodeID(1), 1)
        #expect(left.compare(to: right) == .after)
        #expect(right.compare(to: left) == .before)
        right.add(NodeID(1), 2)
        #expect(left.compare(to: right) == .concurrent, "a maximum alone would say: before")
        right.add(NodeID(1), 1)
        #expect(left.compare(to: right) == .before)
    }

    @Test(
        "Runs from the wire that touch, overlap or overflow are refused",
        arguments: [
            [1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 0, 0], [1, 1, 0, 0], [2, 2, 1, 0, 1, 1, 0],
            [1, 1, 1, 1] + [UInt8](repeating: 0xff, count: 9) + [1, 0],
            [1, 1, 1, 1, 2] + [UInt8](repeating: 0xff, count: 9) + [1],
        ] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) {
        var reader = WireReader(bytes)
        #expect(throws: WireError.self) { try VersionVector(from: &reader) }
    }
}
