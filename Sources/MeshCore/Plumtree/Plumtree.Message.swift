extension Plumtree {
    /// What nodes send each other.
    public enum Message: Hashable, Sendable {
        /// A message, how many hops it has made when it arrives, and its age in sweeps.
        case payload(Broadcast.MessageID, hops: Int, age: UInt8, Bytes)
        /// The sender has these.
        case have([Notice])
        /// The sender wants the link to be eager, and this message, if any.
        case graft(Broadcast.MessageID?)
        /// The sender wants the link to be lazy.
        case prune
        /// What the sender has of late; whether it wants to know the same.
        case summary([Run], wantsAnswer: Bool)
    }
}

extension Plumtree.Message: NetworkMessage {
    /// The names of the kinds.
    public static var kinds: [StaticString] { ["payload", "have", "graft", "prune", "summary"] }

    /// Which of the ``kinds`` this is.
    public var kind: MessageKind {
        switch self {
        case .payload: MessageKind(0)
        case .have: MessageKind(1)
        case .graft: MessageKind(2)
        case .prune: MessageKind(3)
        case .summary: MessageKind(4)
        }
    }

    /// Mixes the message in.
    public func digest(into digest: inout Digest) {
        digest.mix(UInt64(kind.rawValue))
        switch self {
        case .payload(let id, let hops, let age, let payload):
            id.digest(into: &digest)
            digest.mix(hops)
            digest.mix(UInt64(age))
            digest.mix(payload)
        case .have(let notices):
            digest.mix(notices.count)
            for notice in notices { notice.digest(into: &digest) }
        case .graft(let id):
            digest.mix(id != nil)
            if let id { id.digest(into: &digest) }
        case .prune: break
        case .summary(let runs, let wantsAnswer):
            digest.mix(wantsAnswer)
            digest.mix(runs.count)
            for run in runs { run.digest(into: &digest) }
        }
    }

    /// The message in a few words.
    public var description: String {
        switch self {
        case .payload(let id, let hops, let age, let payload):
            "payload \(id), \(payload.count) bytes, hop \(hops)\(age == 0 ? "" : ", \(age) sweeps old")"
        case .have(let notices): notices.count == 1 ? "have \(notices[0])" : "have \(notices.count) messages"
        case .graft(let id): id.map { "graft for \($0)" } ?? "graft"
        case .prune: "prune"
        case .summary(let runs, let wantsAnswer):
            (runs.count == 1 ? "summary \(runs[0])" : "summary of \(runs.count) runs")
                + (wantsAnswer ? ", and you?" : "")
        }
    }
}

extension Plumtree.Message: WireCodable {
    /// The most notices or runs that are read from the wire.
    public static let wireListLimit = 1_024

    /// Writes the tag of the kind and the fields.
    public func encode(into writer: inout WireWriter) {
        writer.byte(kind.rawValue)
        switch self {
        case .payload(let id, let hops, let age, let payload):
            id.encode(into: &writer)
            writer.number(hops)
            writer.byte(age)
            writer.bytes(payload)
        case .have(let notices):
            writer.number(notices.count)
            for notice in notices { notice.encode(into: &writer) }
        case .graft(let id):
            writer.flag(id != nil)
            id?.encode(into: &writer)
        case .prune: break
        case .summary(let runs, let wantsAnswer):
            writer.flag(wantsAnswer)
            writer.number(runs.count)
            for run in runs { run.encode(into: &writer) }
        }
    }

    /// Reads a message.
    public init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0:
            let id = try Broadcast.MessageID(from: &reader)
            let hops = try Plumtree.readHops(from: &reader)
            let age = try reader.byte()
            self = .payload(id, hops: hops, age: age, try reader.bytes(limit: Broadcast.Letter.wirePayloadLimit))
        case 1:
            let count = try reader.count(each: 3, limit: Self.wireListLimit)
            var notices: [Plumtree.Notice] = []
            notices.reserveCapacity(count)
            for _ in 0..<count { notices.append(try Plumtree.Notice(from: &reader)) }
            self = .have(notices)
        case 2: self = .graft(try reader.flag() ? try Broadcast.MessageID(from: &reader) : nil)
        case 3: self = .prune
        case 4:
            let wantsAnswer = try reader.flag()
            let count = try reader.count(each: 3, limit: Self.wireListLimit)
            var runs: [Plumtree.Run] = []
            runs.reserveCapacity(count)
            for _ in 0..<count { runs.append(try Plumtree.Run(from: &reader)) }
            self = .summary(runs, wantsAnswer: wantsAnswer)
        case let tag: throw .unknownTag(UInt64(tag))
        }
    }
}
