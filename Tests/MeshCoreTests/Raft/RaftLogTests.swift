import MeshCore
import MeshTestKit
import Testing

@Suite("Raft log")
struct RaftLogTests {
    @Test("The disk's log behaves like a list of entries with a forgotten prefix")
    func twin() {
        for seed in 1...40 as ClosedRange<UInt64> {
            var dice = Dice(seed: seed)
            var disk = Raft.Stable()
            var model: [UInt64] = []
            var covered = 0
            var forgotten = 0
            var term: UInt64 = 1
            for _ in 0..<300 {
                if dice.number(below: 4) == 0 { term += 1 }
                switch dice.number(below: 10) {
                case 0..<6:
                    let keep = covered + dice.number(below: model.count - covered + 1)
                    let from = dice.number(below: 3) == 0 ? keep : model.count
                    model.removeLast(model.count - from)
                    let added = (0...dice.number(below: 5)).map { _ in term }
                    let first = Raft.LogIndex(UInt64(from + 1))
                    let entries = added.enumerated().map { Raft.Entry.test(first.rawValue + UInt64($0), term: $1) }
                    disk.apply(.append(from: first, entries: Raft.Entries(entries)))
                    model += added
                case 6..<9:
                    guard model.count > covered else { continue }
                    covered += 1 + dice.number(below: model.count - covered)
                    if dice.number(below: 6) == 0 {
                        // A snapshot that disagrees with the log leaves nothing of it.
                        model = [UInt64](repeating: 0, count: covered - 1) + [term + 1]
                        term += 1
                        forgotten = covered
                    }
                    disk.apply(
                        .snapshot(
                            index: Raft.LogIndex(UInt64(covered)), term: Raft.Term(model[covered - 1]),
                            configuration: Raft.Configuration(),
                            state: ""))
                    let end = forgotten + dice.number(below: covered - forgotten + 1)
                    disk.apply(.compact(upTo: Raft.LogIndex(UInt64(end))))
                    forgotten = end
                default:
                    disk.apply(.compact(upTo: disk.log.snapshotIndex.next))
                    // Records that cannot follow change nothing.
                    disk.apply(.append(from: disk.log.lastIndex.next.next, entries: Raft.Entry.test("9")))
                    disk.apply(.append(from: disk.log.snapshotIndex, entries: Raft.Entry.test("9")))
                    disk.apply(.hardState(term: .zero, votedFor: nil))
                }
                var copy = Raft.Stable()
                for record in disk.records { copy.apply(record) }
                #expect(copy == disk)
                #expect(disk.log.lastIndex.rawValue == UInt64(model.count))
                #expect(disk.log.snapshotIndex.rawValue == UInt64(covered))
                #expect(disk.log.baseIndex.rawValue == UInt64(forgotten))
                #expect(disk.log.term(at: disk.log.snapshotIndex) == disk.log.snapshotTerm)
                #expect(disk.log.terms == model.dropFirst(forgotten).map { "\($0)" }.joined(separator: " "))
                #expect(disk.log.lastTerm.rawValue == (model.last ?? 0))
                #expect(disk.log.term(at: disk.log.lastIndex.next) == nil)
            }
        }
    }

    @Test("Settings that cannot work are refused with the way out")
    func settings() throws {
        func broken(_ change: (inout Raft.Settings) -> Void) -> Raft.SettingsError? {
            var settings = Raft.Settings()
            change(&settings)
            do throws(Raft.SettingsError) {
                try settings.check()
                return nil
            } catch { return error }
        }
        #expect(broken { _ in } == nil)
        #expect(broken { $0.heartbeatInterval = .zero } == .heartbeatNotPositive)
        #expect(broken { $0.heartbeatInterval = .milliseconds(150) } == .electionNotLongerThanHeartbeat)
        #expect(broken { $0.electionTimeoutMax = .milliseconds(150) } == .electionWithoutSpread)
        #expect(broken { $0.maxEntriesPerAppend = 0 } == .entriesPerAppend)
        #expect(broken { $0.maxEntriesPerAppend = 65_537 } == .entriesPerAppend)
        #expect(broken { $0.maxBytesPerAppend = 4 << 20 } == .bytesPerAppend)
        #expect(broken { $0.maxInflight = 0 } == .inflightNotPositive)
        #expect(broken { $0.maxInflightBytes = 0 } == .inflightNotPositive)
        #expect(broken { $0.snapshotAfter = -1 } == .snapshotAfterNegative)
        #expect(broken { $0.snapshotAfterBytes = -1 } == .snapshotAfterNegative)
        #expect(broken { $0.snapshotChunkBytes = 0 } == .snapshotChunk)
        #expect(broken { $0.snapshotChunkBytes = 4 << 20 } == .snapshotChunk)
        #expect(broken { $0.maxSnapshotBytes = 1 << 30 + 1 } == .snapshotBytes)
        #expect(broken { $0.snapshotWindow = 0 } == .snapshotWindow)
        #expect(broken { $0.trailingEntries = -1 } == .trailingNegative)
        #expect(broken { $0.maxUnappliedBytes = -1 } == .unappliedNegative)
        #expect(broken { $0.maxBytesPerApply = 0 } == .applyNotPositive)
        #expect(Raft.SettingsError.snapshotChunk.description.contains("\(Raft.Settings.messageByteLimit)"))
        #expect(broken { $0.maxUncommittedBytes = 0 } == .uncommittedNotPositive)
        #expect(broken { $0.maxForwards = 0 } == .forwardsNotPositive)
        #expect(Raft.SettingsError.bytesPerAppend.description.contains("\(Raft.Settings.messageByteLimit / 2)"))
    }

    @Test("The largest message the settings allow fits into a frame")
    func frameFits() {
        let count = Raft.Settings.messageByteLimit
        let voters = (1...1_024).map { NodeID(UInt64.max - UInt64(1_024 - $0)) }
        let snapshot = Raft.Message.snapshot(
            Raft.Snapshot(
                term: .limit, round: .max, index: .limit, indexTerm: .limit,
                configuration: Raft.Configuration(voters: voters),
                state: Bytes([UInt8](repeating: 1, count: count))))
        #expect(snapshot.byteCount <= Frame.byteLimit)
        let entry = Raft.Entry(term: .limit, index: .limit, payload: .command(Bytes()))
        let entries = Raft.Entries([Raft.Entry](repeating: entry, count: 65_536))
        let append = Raft.Message.append(
            Raft.Append(
                term: .limit, prevIndex: .limit, prevTerm: .limit, entries: entries, commit: .limit, round: .max))
        #expect(append.byteCount + count / 2 + 65_536 * 4 <= Frame.byteLimit)
    }
}
