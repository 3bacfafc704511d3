extension Swim {
    /// What SWIM nodes send each other.
    ///
    /// Whatever its purpose, a message says how the sender stands and carries rumours.
    public struct Message: Hashable, Sendable {
        /// What the message is for.
        public enum Purpose: Hashable, Sendable {
            /// "Answer me"; on behalf of a requester, or of the sender itself.
            case ping(sequence: UInt32, requester: NodeID?)
            /// "Ping this node for me." Source: paper, section 3.1, ping-req.
            case pingRequest(sequence: UInt32, target: NodeID)
            /// "The target answered"; a helper passes it on to the requester.
            case ack(sequence: UInt32, target: NodeID, requester: NodeID?)
            /// "I was asked to ping for you": whoever hears it from no helper doubts itself.
            ///
            /// Source: Lifeguard, section IV, LHA-Probe. Deviation: there a helper says so when 80 % of its time have
            /// passed without an answer; here at once, so that it keeps nothing.
            case nack(sequence: UInt32)
            /// Rumours without a probe.
            case gossip
            /// "This is the hash of what I believe; send me yours if it differs."
            case sync(viewHash: UInt64)
            /// All that the sender believes about the ids from `lower` through `upper`, as updates in id order.
            ///
            /// A complete one is answered with what the receiver knows better; an incomplete one is such an answer.
            case syncReply(lower: UInt64, upper: UInt64, isComplete: Bool)
            /// "Send me the metadata that these notices mention."
            case ask
        }

        /// What the message is for.
        public var purpose: Purpose
        /// How the sender stands: alive or left, at its incarnation.
        public var sender: Claim
        /// Rumours; a claim about the receiver stands first.
        public var updates: [Update]
        /// What members told of themselves; in a complete sync reply mentions of it, in id order.
        public var notices: [Notice]

        /// Creates a message.
        public init(_ purpose: Purpose, sender: Claim, updates: [Update] = [], notices: [Notice] = []) {
            self.purpose = purpose
            self.sender = sender
            self.updates = updates
            self.notices = notices
        }

        /// The most updates that the decoder takes in one message.
        public static let updateLimit = 32_768

        /// The most notices that the decoder takes in one message.
        public static let noticeLimit = 16_384

        /// Set in the tag of a message that carries notices.
        private static let noticeMark: UInt8 = 0x80

        /// The most bytes of a framed message besides its updates, with some to spare for an envelope.
        static let headerBytes = 48
    }
}

extension Swim.Message: NetworkMessage {
    /// "ping", "ping-req", "ack", "gossip", "sync", "sync-reply", "nack" and "ask".
    public static var kinds: [StaticString] {
        ["ping", "ping-req", "ack", "gossip", "sync", "sync-reply", "nack", "ask"]
    }

    /// The position of the purpose in ``kinds``.
    public var kind: MessageKind {
        switch purpose {
        case .ping: MessageKind(0)
        case .pingRequest: MessageKind(1)
        case .ack: MessageKind(2)
        case .gossip: MessageKind(3)
        case .sync: MessageKind(4)
        case .syncReply: MessageKind(5)
        case .nack: MessageKind(6)
        case .ask: MessageKind(7)
        }
    }

    /// Mixes every field in.
    public func digest(into digest: inout Digest) {
        digest.mix(UInt64(kind.rawValue))
        switch purpose {
        case .ping(let sequence, let requester):
            digest.mix(UInt64(sequence))
            digest.mix(requester?.rawValue ?? 0)
        case .pingRequest(let sequence, let target):
            digest.mix(UInt64(sequence))
            digest.mix(target)
        case .ack(let sequence, let target, let requester):
            digest.mix(UInt64(sequence))
            digest.mix(target)
            digest.mix(requester?.rawValue ?? 0)
        case .gossip: break
        case .sync(let viewHash): digest.mix(viewHash)
        case .syncReply(let lower, let upper, let isComplete):
            digest.mix(lower)
            digest.mix(upper)
            digest.mix(isComplete)
        case .nack(let sequence): digest.mix(UInt64(sequence))
        case .ask: break
        }
        digest.mix(sender.packed)
        digest.mix(updates.count)
        for update in updates {
            digest.mix(update.node)
            digest.mix(update.claim.packed)
            if update.status == .suspect { digest.mix(update.accuser) }
        }
        guard !notices.isEmpty else { return }
        digest.mix(notices.count)
        for notice in notices { notice.mix(into: &digest) }
    }

    /// One short line, such as `ping #12, 3 updates`.
    public var description: String {
        let updates = updates.isEmpty ? "" : updates.count == 1 ? ", \(updates[0])" : ", \(updates.count) updates"
        let notices = notices.isEmpty ? "" : notices.count == 1 ? ", \(notices[0])" : ", \(notices.count) notices"
        let rumours = updates + notices
        switch purpose {
        case .ping(let sequence, let requester):
            if let requester { return "ping #\(sequence) for \(requester)\(rumours)" }
            return "ping #\(sequence)\(rumours)"
        case .pingRequest(let sequence, let target): return "ping-req #\(sequence) of \(target)\(rumours)"
        case .ack(let sequence, let target, let requester):
            if let requester { return "ack #\(sequence) of \(target) for \(requester)\(rumours)" }
            return "ack #\(sequence) of \(target)\(rumours)"
        case .nack(let sequence): return "nack #\(sequence)\(rumours)"
        case .gossip: return "gossip\(rumours)"
        case .sync(let viewHash): return "sync \(hexadecimal(viewHash))\(rumours)"
        case .syncReply(_, _, let isComplete): return "sync-reply \(isComplete ? "all" : "news")\(rumours)"
        case .ask: return "ask\(rumours)"
        }
    }
}

extension Swim.Claim {
    /// The claim as one small number.
    var packed: UInt64 { UInt64(incarnation.rawValue) << 2 | UInt64(status.rawValue) }

    /// Reads a packed claim; `nil` when the number is too large.
    init?(packed: UInt64) {
        guard packed >> 34 == 0, let status = Swim.Status(rawValue: UInt8(packed & 3)) else { return nil }
        self.init(status, Swim.Incarnation(UInt32(truncatingIfNeeded: packed >> 2)))
    }
}

extension Swim.Message: WireCodable {
    /// Writes the purpose's tag and fields, the sender's claim, and the updates.
    ///
    /// The updates of a sync reply are in id order, so their ids are written as steps. Notices follow when the tag says
    /// so, so that they cost nothing where nobody has metadata.
    public func encode(into writer: inout WireWriter) {
        writer.byte(kind.rawValue | (notices.isEmpty ? 0 : Self.noticeMark))
        var isStepwise = false
        switch purpose {
        case .ping(let sequence, let requester):
            writer.number(UInt64(sequence))
            writer.node(requester)
        case .pingRequest(let sequence, let target):
            writer.number(UInt64(sequence))
            writer.node(target)
        case .ack(let sequence, let target, let requester):
            writer.number(UInt64(sequence))
            writer.node(target)
            writer.node(requester)
        case .gossip: break
        case .sync(let viewHash):
            writer.fixed32(UInt32(truncatingIfNeeded: viewHash))
            writer.fixed32(UInt32(truncatingIfNeeded: viewHash >> 32))
        case .syncReply(let lower, let upper, let isComplete):
            isStepwise = true
            writer.number(lower)
            writer.number(upper)
            writer.flag(isComplete)
        case .nack(let sequence): writer.number(UInt64(sequence))
        case .ask: break
        }
        writer.number(sender.packed)
        writer.number(updates.count)
        var previous: UInt64 = 0
        for update in updates {
            writer.number(update.node.rawValue &- previous)
            writer.number(update.claim.packed)
            if update.status == .suspect { writer.number(update.accuser.rawValue) }
            if isStepwise { previous = update.node.rawValue }
        }
        guard !notices.isEmpty else { return }
        writer.number(notices.count)
        for notice in notices { notice.encode(into: &writer) }
    }

    /// Reads a message.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        let purpose = try Purpose(tag & ~Self.noticeMark, from: &reader)
        let sender = try Swim.Message.claim(from: &reader)
        guard !(sender.status == .suspect || sender.status == .dead) else {
            throw .invalid("a sender that calls itself suspect or dead")
        }
        var isStepwise = false
        if case .syncReply = purpose { isStepwise = true }
        let count = try reader.count(each: 2, limit: Self.updateLimit)
        var updates: [Swim.Update] = []
        updates.reserveCapacity(count)
        var previous: UInt64 = 0
        for _ in 0..<count {
            let rawID = try reader.number() &+ previous
            guard rawID != 0 else { throw .invalid("node 0") }
            let claim = try Swim.Message.claim(from: &reader)
            let accuser = claim.status == .suspect ? try reader.number() : 0
            updates.append(Swim.Update(NodeID(rawID), claim.status, claim.incarnation, by: NodeID(accuser)))
            if isStepwise { previous = rawID }
        }
        let notices = tag & Self.noticeMark == 0 ? [] : try Self.notices(from: &reader)
        self.init(purpose, sender: sender, updates: updates, notices: notices)
    }

    private static func notices(from reader: inout WireReader) throws(WireError) -> [Swim.Notice] {
        let count = try reader.count(each: 5, limit: noticeLimit)
        guard count > 0 else { throw .invalid("a message that announces notices and has none") }
        var notices: [Swim.Notice] = []
        notices.reserveCapacity(count)
        for _ in 0..<count { notices.append(try Swim.Notice(from: &reader)) }
        return notices
    }

    private static func claim(from reader: inout WireReader) throws(WireError) -> Swim.Claim {
        guard let claim = Swim.Claim(packed: try reader.number()) else {
            throw .invalid("an incarnation over 32 bits")
        }
        return claim
    }
}

extension Swim.Message.Purpose {
    /// Reads the fields of the purpose that a tag names.
    init(_ tag: UInt8, from reader: inout WireReader) throws(WireError) {
        switch tag {
        case 0: self = .ping(sequence: try Self.sequence(from: &reader), requester: try reader.optionalNode())
        case 1: self = .pingRequest(sequence: try Self.sequence(from: &reader), target: try reader.node())
        case 2:
            self = .ack(
                sequence: try Self.sequence(from: &reader), target: try reader.node(),
                requester: try reader.optionalNode())
        case 3: self = .gossip
        case 4:
            let low = try reader.fixed32()
            let high = try reader.fixed32()
            self = .sync(viewHash: UInt64(high) << 32 | UInt64(low))
        case 5:
            self = .syncReply(
                lower: try reader.number(), upper: try reader.number(), isComplete: try reader.flag())
        case 6: self = .nack(sequence: try Self.sequence(from: &reader))
        case 7: self = .ask
        default: throw .unknownTag(UInt64(tag))
        }
    }

    private static func sequence(from reader: inout WireReader) throws(WireError) -> UInt32 {
        let value = try reader.number()
        guard value <= UInt64(UInt32.max) else { throw .tooLong(value) }
        return UInt32(value)
    }
}
