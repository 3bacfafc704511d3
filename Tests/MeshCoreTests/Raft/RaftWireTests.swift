import MeshCore
import MeshTestKit
import Testing

/// Values of every shape, from a stream of draws.
private struct RaftSamples {
    var dice: Dice

    mutating func number() -> UInt64 {
        switch dice.number(below: 4) {
        case 0: 0
        case 1: UInt64(dice.number(below: 200))
        case 2: 1 << 62
        default: dice.bits() >> UInt64(2 + dice.number(below: 60))
        }
    }

    mutating func term() -> Raft.Term { Raft.Term(number()) }
    mutating func index() -> Raft.LogIndex { Raft.LogIndex(number()) }
    mutating func bytes() -> Bytes { Bytes((0..<dice.number(below: 40)).map { _ in UInt8(dice.number(below: 256)) }) }

    mutating func entries(after index: Raft.LogIndex) -> Raft.Entries {
        var place = index
        let entries = (0..<dice.number(below: 4)).map { _ in
            place = place.next
            let payload: Raft.Payload = dice.pick([.noOp, .command(bytes()), .configuration(configuration())])
            return Raft.Entry(term: term(), index: place, payload: payload)
        }
        return Raft.Entries(entries)
    }

    mutating func nodes() -> [NodeID] { (0..<dice.number(below: 5)).map { _ in NodeID(1 + number()) } }

    mutating func configuration() -> Raft.Configuration {
        let voters = nodes()
        let outgoing = nodes()
        return Raft.Configuration(
            voters: voters, outgoing: outgoing, learners: nodes(),
            learnersNext: outgoing.filter { $0.rawValue & 1 == 0 },
            witnesses: voters.filter { $0.rawValue & 2 == 0 }, leavesAutomatically: dice.number(below: 2) == 0)
    }

    mutating func rejection() -> Raft.Rejection {
        dice.pick([
            .noLeader, .notLeader(nil), .notLeader(NodeID(4)), .busy, .tooLarge, .deposed, .transferring,
            .changePending,
            .termNotCommitted, .changesNothing, .invalidChange(.removesAllVoters), .notCaughtUp(NodeID(3)),
            .fixedDuty(NodeID(5)),
        ])
    }

    mutating func message(_ kind: Int) -> Raft.Message {
        let term = term()
        let campaign = dice.bits()
        let isSet = dice.number(below: 2) == 0
        let index = index()
        switch kind {
        case 0:
            return .preVote(
                Raft.VoteRequest(
                    term: term, lastIndex: index, lastTerm: self.term(), campaign: campaign, isTransfer: isSet))
        case 1: return .preVoteReply(Raft.VoteReply(term: term, isGranted: isSet, campaign: campaign))
        case 2:
            return .vote(
                Raft.VoteRequest(
                    term: term, lastIndex: index, lastTerm: self.term(), campaign: campaign, isTransfer: isSet))
        case 3: return .voteReply(Raft.VoteReply(term: term, isGranted: isSet, campaign: campaign))
        case 4:
            return .append(
                Raft.Append(
                    term: term, prevIndex: index, prevTerm: self.term(), entries: entries(after: index),
                    commit: self.index(), round: campaign, read: dice.bits(), wantsReply: isSet))
        case 5:
            let result: Raft.AppendResult = dice.pick([
                .accepted(match: index), .stale,
                .rejected(prevIndex: index, hintIndex: self.index(), hintTerm: self.term()),
            ])
            return .appendReply(Raft.AppendReply(term: term, round: campaign, read: dice.bits(), result: result))
        case 6:
            return .snapshot(
                Raft.Snapshot(
                    term: term, round: campaign, index: index, indexTerm: self.term(), configuration: configuration(),
                    size: dice.number(below: 1 << 30), checksum: UInt32(truncatingIfNeeded: dice.bits()),
                    offset: dice.number(below: 1 << 30), chunk: bytes())
            )
        case 7:
            return .snapshotReply(
                Raft.SnapshotReply(
                    term: term, round: campaign, match: index, index: self.index(),
                    received: dice.number(below: 1 << 30)))
        case 10: return .timeoutNow(Raft.TimeoutNow(term: term, round: campaign))
        case 8 where isSet:
            let changes = (0...dice.number(below: 3)).map { _ in
                [Raft.Change.addVoter(NodeID(term.rawValue + 1)), .remove(NodeID(7)), .addPromotable(NodeID(9))][
                    dice.number(below: 3)]
            }
            let request: [Raft.ChangeRequest] = [
                .change(changes, .automatic), .change(changes, .implicit), .change(changes, .explicit), .leaveJoint,
            ]
            return .forward(
                Raft.Forward(term: term, id: campaign, sequence: dice.bits(), change: request[dice.number(below: 4)]))
        case 8:
            let commands = (0...dice.number(below: 3)).map { _ in bytes() }
            return .forward(Raft.Forward(term: term, id: campaign, sequence: dice.bits(), commands: commands))
        case 11: return .readRequest(Raft.ReadRequest(term: term, sequence: campaign))
        case 12:
            let result: Raft.ReadResult = isSet ? .ready(index: index) : .refused(rejection())
            return .readReply(Raft.ReadReply(term: term, sequence: campaign, result: result))
        case 13:
            let answers: [Raft.Amnesiac.Answer] = [
                .none, .append(.accepted(match: index)), .append(.stale),
                .append(.rejected(prevIndex: index, hintIndex: self.index(), hintTerm: self.term())),
                .snapshot(match: index, index: self.index(), received: dice.number(below: 1 << 30)),
            ]
            return .amnesiac(
                Raft.Amnesiac(term: term, life: dice.bits() | 1, round: campaign, answer: dice.pick(answers)))
        case 14: return .healed(Raft.Healed(term: term, life: dice.bits()))
        default:
            let result: Raft.ForwardResult =
                isSet ? .appended(index: index, term: self.term()) : .rejected(rejection())
            let fates = (0...dice.number(below: 3)).map { _ in
                Raft.Fate(count: 1 + dice.number(below: 300), result: result)
            }
            return .forwarded(Raft.Forwarded(term: term, id: campaign, sequence: dice.bits(), fates: fates))
        }
    }

    mutating func record(_ kind: Int) -> Raft.Stable.Record {
        let index = index()
        switch kind {
        case 0: return .hardState(term: term(), votedFor: dice.number(below: 2) == 0 ? nil : NodeID(1 + number()))
        case 1: return .append(from: index.next, entries: entries(after: index))
        case 2: return .compact(upTo: index)
        case 4: return .amnesia(dice.number(below: 2) == 0)
        default: return .snapshot(index: index, term: term(), configuration: configuration(), state: bytes())
        }
    }
}

@Suite("Raft on the wire")
struct RaftWireTests {
    @Test("Every kind of message survives the round trip, in a frame and counted without one", arguments: 0..<15)
    func messages(_ kind: Int) throws {
        var samples = RaftSamples(dice: Dice(seed: UInt64(kind)))
        for _ in 0..<500 {
            let message = samples.message(kind)
            if case .append(let append) = message, append.prevIndex == .limit { continue }
            #expect(Int(message.kind.rawValue) == kind)
            let frame = Frame.encode(message)
            #expect(frame.count == message.byteCount)
            #expect(try Frame.decode(frame, as: Raft.Message.self) == message)
        }
    }

    @Test("Every kind of record survives the round trip", arguments: 0..<5)
    func records(_ kind: Int) throws {
        var samples = RaftSamples(dice: Dice(seed: UInt64(kind)))
        for _ in 0..<500 {
            let record = samples.record(kind)
            if case .append(let from, _) = record, from > .limit { continue }
            var writer = WireWriter()
            record.encode(into: &writer)
            var reader = WireReader(writer.bytes)
            #expect(try Raft.Stable.Record(from: &reader) == record)
            #expect(reader.remaining == 0)
        }
    }

    @Test("100,000 mutated buffers decode to a value or an error, and a decoded value encodes to what was read")
    func mutated() {
        var samples = RaftSamples(dice: Dice(seed: 99))
        var accepted = 0
        for round in 0..<100_000 {
            var writer = WireWriter()
            if round % 4 == 0 {
                samples.record(round % 5).encode(into: &writer)
            } else {
                samples.message(round % 15).encode(into: &writer)
            }
            var bytes = writer.bytes
            for _ in 0...samples.dice.number(below: 3) {
                switch samples.dice.number(below: 4) {
                case 0: bytes[samples.dice.number(below: bytes.count)] = UInt8(samples.dice.number(below: 256))
                case 1: bytes[samples.dice.number(below: bytes.count)] ^= 1 << UInt8(samples.dice.number(below: 8))
                case 2: bytes.removeLast(samples.dice.number(below: bytes.count))
                default:
                    bytes.insert(UInt8(samples.dice.number(below: 256)), at: samples.dice.number(below: bytes.count))
                }
            }
            var reader = WireReader(bytes)
            var again = WireWriter()
            if round % 4 == 0 {
                guard let record = try? Raft.Stable.Record(from: &reader) else { continue }
                record.encode(into: &again)
            } else {
                guard let message = try? Raft.Message(from: &reader) else { continue }
                message.encode(into: &again)
            }
            accepted += 1
            #expect(again.bytes == Array(bytes.prefix(bytes.count - reader.remaining)))
        }
        #expect(accepted > 1_000 && accepted < 99_000)
    }

    @Test("A payload tag that is not known yet is an error, not a guess")
    func unknownPayload() throws {
        let append = Raft.Append(
            term: Raft.Term(1), prevIndex: .zero, prevTerm: .zero, entries: [Raft.Entry.test(1, term: 1)],
            commit: .zero, round: 0)
        var writer = WireWriter()
        append.encode(into: &writer)
        var bytes = writer.bytes
        // Term, previous position and term, commit, round, read, flag, count, the entry's term, then its tag.
        #expect(bytes[9] == 1)
        bytes[9] = 200
        var reader = WireReader(bytes)
        #expect(throws: WireError.unknownTag(200)) { try Raft.Append(from: &reader) }
    }

    @Test("A message of a node never traps, whatever it says")
    func hostileMessages() {
        var samples = RaftSamples(dice: Dice(seed: 3))
        for seed in 0..<60 {
            var probe = RaftProbe(disk: .holding("1 1 2 3", term: 4, snapshotAt: UInt64(seed % 3)))
            if seed % 2 == 0 { probe.lead() }
            for _ in 0..<300 {
                var message = samples.message(samples.dice.number(below: 15))
                if samples.dice.number(below: 2) == 0, case .append(var append) = message {
                    append.term = probe.node.term
                    append.prevIndex = Raft.LogIndex(UInt64(samples.dice.number(below: 8)))
                    append.prevTerm = probe.node.log.term(at: append.prevIndex) ?? append.prevTerm
                    message = .append(append)
                }
                if message.term.rawValue > 1 << 40 { continue }
                probe.receive(message, from: UInt64(samples.dice.number(below: 5)))
                #expect(probe.node.log.snapshotIndex <= probe.node.commitIndex)
                #expect(probe.node.commitIndex <= probe.node.log.lastIndex)
            }
            probe.receive(
                .vote(
                    Raft.VoteRequest(
                        term: Raft.Term(.max), lastIndex: Raft.LogIndex(.max), lastTerm: Raft.Term(.max), campaign: 0)),
                from: 2)
            #expect(probe.outputs == [.ignored(.malformed)])
        }
    }
}
