import MeshCore
import MeshTestKit
import Testing

@Suite("Runs of Raft's entries")
struct RaftEntriesTests {
    @Test("A run is a list of its entries, however it came to be", arguments: 0...4)
    func behavesLikeAList(count: Int) {
        let list = (0..<count).map { Raft.Entry.test(UInt64($0) + 1, term: 2) }
        let run = Raft.Entries(list)
        #expect(Array(run) == list)
        #expect(run.count == count && run.isEmpty == list.isEmpty)
        #expect(run.first == list.first && run.last == list.last)
        #expect(run.indices == list.indices)
        #expect(run.byteCount == list.reduce(0) { $0 + $1.payload.byteCount })
        #expect(Array(run.elided) == list.map { $0.elided })
        for start in 0...count {
            for end in start...count {
                let part = Raft.Entries(run[start..<end])
                #expect(Array(part) == Array(list[start..<end]))
                #expect(part == Raft.Entries(Array(list[start..<end])))
            }
        }
    }

    @Test("A single entry is the same run alone, in an array and cut out of one, in hash, digest and bytes")
    func oneIsOne() {
        let entry = Raft.Entry.test(3, term: 2)
        let runs = [
            Raft.Entries(entry), Raft.Entries([entry]), [entry],
            Raft.Entries(Raft.Entries([entry, Raft.Entry.test(4, term: 2)])[..<1]),
        ]
        for run in runs {
            #expect(run == runs[0] && Set(runs).count == 1)
            var expected = Digest()
            expected.mix(1)
            entry.digest(into: &expected)
            var digest = Digest()
            run.digest(into: &digest)
            #expect(digest.value == expected.value)
            #expect(bytes(run) == bytes(runs[0]))
        }
        #expect(Raft.Entries(entry) != Raft.Entries(Raft.Entry.test(3, term: 1)))
        #expect(Raft.Entries(entry) != [])
        #expect(Raft.Entries(entry) != [entry, Raft.Entry.test(4, term: 2)])
        #expect(Raft.Entries(entry).description == #"3/2 "3/2""#)
    }

    @Test("What holds a run of one entry is as small as one that holds an array and three numbers")
    func isSmall() {
        #expect(MemoryLayout<Raft.Entries>.size == MemoryLayout<Raft.Entry>.size)
        #expect(MemoryLayout<Raft.Entries>.size == 32)
        #expect(MemoryLayout<Raft.Output>.size <= 56)
    }

    private func bytes(_ run: Raft.Entries) -> [UInt8] {
        var writer = WireWriter()
        Raft.Stable.Record.append(from: run[0].index, entries: run).encode(into: &writer)
        return writer.bytes
    }
}
