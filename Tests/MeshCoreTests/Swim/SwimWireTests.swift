import MeshCore
import MeshTestKit
import Testing

@Suite("SWIM on the wire")
struct SwimWireTests {
    static let edges: [UInt64] = [1, 127, 128, 1 << 40, UInt64.max]

    private func purposes(_ dice: inout Dice) -> [Swim.Message.Purpose] {
        let node = NodeID(dice.pick(Self.edges))
        let sequence = UInt32(truncatingIfNeeded: dice.bits() >> UInt64(dice.number(below: 33)))
        return [
            .ping(sequence: sequence, requester: nil), .ping(sequence: sequence, requester: node),
            .pingRequest(sequence: sequence, target: node),
            .ack(sequence: sequence, target: node, requester: nil),
            .ack(sequence: sequence, target: node, requester: NodeID(7)), .gossip, .sync(viewHash: dice.bits()),
            .syncReply(lower: dice.bits(), upper: dice.bits(), isComplete: dice.number(below: 2) == 0),
            .syncReply(lower: 0, upper: .max, isComplete: true), .nack(sequence: sequence), .ask,
        ]
    }

    private func message(_ dice: inout Dice) -> Swim.Message {
        let purposes = purposes(&dice)
        let purpose = dice.pick(purposes)
        let updates = (0..<dice.number(below: 12)).map { _ in
            Swim.Update.of(
                dice.pick(Self.edges), dice.pick(Swim.Status.allCases),
                UInt32(truncatingIfNeeded: dice.bits() >> UInt64(dice.number(below: 64))),
                by: dice.pick([0, 0, 7, UInt64.max]))
        }
        let sender = Swim.Claim(dice.pick([.alive, .left]), .init(dice.pick([0, 1, UInt32.max])))
        let notices = (0..<max(0, dice.number(below: 8) - 4)).map { _ in notice(&dice) }
        return Swim.Message(purpose, sender: sender, updates: updates, notices: notices)
    }

    private func notice(_ dice: inout Dice) -> Swim.Notice {
        let node = NodeID(dice.pick(Self.edges))
        let version = Swim.Incarnation(dice.pick([0, 1, UInt32.max]))
        guard dice.number(below: 2) == 0 else {
            return Swim.Notice(mentioning: node, at: version, fingerprint: UInt32(truncatingIfNeeded: dice.bits()))
        }
        let text = { (dice: inout Dice) in Bytes([UInt8](repeating: 120, count: dice.pick([0, 1, 127, 128]))) }
        let capabilities = (0..<dice.number(below: 3)).map { _ in Bytes("gpu") }
        let metadata = Swim.Metadata(region: text(&dice), address: text(&dice), capabilities: capabilities)
        return Swim.Notice(node, at: version, metadata)
    }

    @Test("Every message survives the round trip, in the size that it states")
    func roundTrip() throws {
        var dice = Dice(seed: 11)
        var kinds: Set<UInt8> = []
        for _ in 0..<5_000 {
            let message = message(&dice)
            let frame = Frame.encode(message)
            #expect(frame.count == message.byteCount)
            #expect(try Frame.decode(frame, as: Swim.Message.self) == message)
            kinds.insert(message.kind.rawValue)
        }
        #expect(kinds.count == Swim.Message.kinds.count)
    }

    @Test("A ping with nothing to tell takes at most 16 bytes, its frame included")
    func small() {
        let ping = Swim.Message(.ping(sequence: .max, requester: nil), sender: Swim.Claim(.alive, .zero))
        #expect(ping.byteCount <= 16)
    }

    @Test("100,000 mutated bodies are decoded or refused, and never grow beyond their bytes")
    func mutations() {
        var dice = Dice(seed: 12)
        var refused = 0
        for _ in 0..<100_000 {
            var writer = WireWriter()
            message(&dice).encode(into: &writer)
            var bytes = writer.bytes
            for _ in 0...dice.number(below: 3) {
                switch dice.number(below: 4) {
                case 0 where !bytes.isEmpty: bytes[dice.number(below: bytes.count)] = UInt8(dice.number(below: 256))
                case 1 where !bytes.isEmpty: bytes.removeLast(dice.number(below: bytes.count))
                case 2: bytes.insert(UInt8(dice.number(below: 256)), at: dice.number(below: bytes.count + 1))
                default:
                    if !bytes.isEmpty { bytes[dice.number(below: bytes.count)] ^= 1 << UInt8(dice.number(below: 8)) }
                }
            }
            var reader = WireReader(bytes)
            guard let decoded = try? Swim.Message(from: &reader) else {
                refused += 1
                continue
            }
            #expect(decoded.updates.count * 2 <= bytes.count)
            #expect(decoded.sender.status == .alive || decoded.sender.status == .left)
        }
        #expect(refused > 10_000)
    }

    @Test("A machine survives every message that can be decoded, in any order")
    func anyMessage() {
        var dice = Dice(seed: 13)
        for round in 0..<20 as Range<UInt64> {
            var bench = StepBench<Swim.Node>(members: [2, 3, 127, 128], seed: round)
            for _ in 0..<300 {
                let message = message(&dice)
                bench.feed(.receive(message, from: NodeID(dice.pick([0, 1, 2, 3, 127, 999, UInt64.max]))))
                if dice.number(below: 5) == 0 { bench.advance(.milliseconds(Int64(dice.number(below: 900)))) }
                if dice.number(below: 60) == 0 { bench.feed(.command(dice.pick([.leave, .join([NodeID(2)])]))) }
            }
            for sent in bench.sent { #expect(sent.message.byteCount <= 1_400) }
            #expect(bench.machine.status(of: NodeID(1)) == (bench.machine.hasLeft ? .left : .alive))
        }
    }

    @Test("A sender that calls itself suspect, an incarnation over 32 bits, node 0 and unknown tags are refused")
    func refusals() {
        func decode(_ bytes: [UInt8]) throws(WireError) -> Swim.Message {
            var reader = WireReader(bytes)
            return try Swim.Message(from: &reader)
        }
        #expect(throws: WireError.invalid("")) { try decode([3, 1, 0]) }
        #expect(throws: WireError.invalid("")) { try decode([3, 2, 0]) }
        #expect(throws: WireError.invalid("")) { try decode([3, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]) }
        #expect(throws: WireError.invalid("")) { try decode([3, 0, 1, 0, 0]) }
        #expect(throws: WireError.unknownTag(8)) { try decode([8, 0, 0]) }
        #expect(throws: WireError.truncated) { try decode([3, 0, 200, 1]) }
        #expect(throws: WireError.tooLong(1 << 32)) { try decode([0, 0x80, 0x80, 0x80, 0x80, 0x10, 0, 0, 0]) }
    }

    @Test("The digest covers every field")
    func digestCoversFields() {
        let claim = Swim.Claim(.alive, .zero)
        let messages: [Swim.Message] = [
            Swim.Message(.gossip, sender: claim), Swim.Message(.gossip, sender: Swim.Claim(.left, .zero)),
            Swim.Message(.gossip, sender: Swim.Claim(.alive, .init(1))),
            Swim.Message(.gossip, sender: claim, updates: [.of(1, .alive)]),
            Swim.Message(.gossip, sender: claim, updates: [.of(1, .suspect)]),
            Swim.Message(.gossip, sender: claim, updates: [.of(1, .suspect, by: 2)]),
            Swim.Message(.nack(sequence: 1), sender: claim), Swim.Message(.nack(sequence: 2), sender: claim),
            Swim.Message(.gossip, sender: claim, updates: [.of(1, .alive, 1)]),
            Swim.Message(.gossip, sender: claim, updates: [.of(2, .alive)]),
            Swim.Message(.ping(sequence: 1, requester: nil), sender: claim),
            Swim.Message(.ping(sequence: 2, requester: nil), sender: claim),
            Swim.Message(.ping(sequence: 1, requester: NodeID(1)), sender: claim),
            Swim.Message(.pingRequest(sequence: 1, target: NodeID(1)), sender: claim),
            Swim.Message(.pingRequest(sequence: 1, target: NodeID(2)), sender: claim),
            Swim.Message(.ack(sequence: 1, target: NodeID(1), requester: nil), sender: claim),
            Swim.Message(.ack(sequence: 1, target: NodeID(1), requester: NodeID(1)), sender: claim),
            Swim.Message(.sync(viewHash: 1), sender: claim), Swim.Message(.sync(viewHash: 2), sender: claim),
            Swim.Message(.syncReply(lower: 1, upper: 2, isComplete: true), sender: claim),
            Swim.Message(.syncReply(lower: 0, upper: 2, isComplete: true), sender: claim),
            Swim.Message(.syncReply(lower: 1, upper: 3, isComplete: true), sender: claim),
            Swim.Message(.syncReply(lower: 1, upper: 2, isComplete: false), sender: claim),
        ]
        let digests = messages.map { message in
            var digest = Digest()
            message.digest(into: &digest)
            return digest.value
        }
        #expect(Set(digests).count == messages.count)
        for message in messages {
            #expect(!message.description.isEmpty && !message.description.contains("\n"))
        }
    }
}
