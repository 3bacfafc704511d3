extension HyParView {
    /// What nodes send each other.
    public enum Message: Hashable, Sendable {
        /// The sender is new and wants to be the receiver's neighbour.
        case join
        /// A newcomer's name on its walk, and how many steps it has to go.
        case forwardJoin(NodeID, steps: UInt8)
        /// The sender wants to be a neighbour; one without any is urgent and not refused.
        case neighbour(isUrgent: Bool)
        /// The answer: whether the two are neighbours now.
        case answer(isAccepted: Bool)
        /// The two are neighbours no more, or never were; a node that leaves the mesh is forgotten.
        case disconnect(isLeaving: Bool)
        /// Some nodes that the origin knows, on their walk, and how many steps they have to go.
        case mix(origin: NodeID, steps: UInt8, nodes: [NodeID])
        /// As many nodes that the end of the walk knows.
        case mixed([NodeID])
        /// The sender lives and is the receiver's neighbour; the smallest id it has heard of.
        case beat(Root)
        /// The smallest id the sender has heard of; whether that has stood for long.
        case greeting(Root, isSettled: Bool)
    }
}

extension HyParView.Message: NetworkMessage {
    /// The names of the kinds.
    public static var kinds: [StaticString] {
        ["join", "forward-join", "neighbour", "answer", "disconnect", "shuffle", "shuffled", "beat", "greeting"]
    }

    /// Which of the ``kinds`` this is.
    public var kind: MessageKind {
        switch self {
        case .join: MessageKind(0)
        case .forwardJoin: MessageKind(1)
        case .neighbour: MessageKind(2)
        case .answer: MessageKind(3)
        case .disconnect: MessageKind(4)
        case .mix: MessageKind(5)
        case .mixed: MessageKind(6)
        case .beat: MessageKind(7)
        case .greeting: MessageKind(8)
        }
    }

    /// Mixes the message in.
    public func digest(into digest: inout Digest) {
        digest.mix(UInt64(kind.rawValue))
        switch self {
        case .join: break
        case .forwardJoin(let newcomer, let steps):
            digest.mix(newcomer)
            digest.mix(UInt64(steps))
        case .neighbour(let isUrgent): digest.mix(isUrgent)
        case .answer(let isAccepted): digest.mix(isAccepted)
        case .disconnect(let isLeaving): digest.mix(isLeaving)
        case .mix(let origin, let steps, let nodes):
            digest.mix(origin)
            digest.mix(UInt64(steps))
            for node in nodes { digest.mix(node) }
        case .mixed(let nodes): for node in nodes { digest.mix(node) }
        case .beat(let root): root.digest(into: &digest)
        case .greeting(let root, let isSettled):
            root.digest(into: &digest)
            digest.mix(isSettled)
        }
    }

    /// The message in a few words.
    public var description: String {
        switch self {
        case .join: "join"
        case .forwardJoin(let newcomer, let steps): "forward join of \(newcomer), \(steps) steps"
        case .neighbour(let isUrgent): isUrgent ? "neighbour, urgent" : "neighbour"
        case .answer(let isAccepted): isAccepted ? "accepted" : "refused"
        case .disconnect(let isLeaving): isLeaving ? "leaving" : "disconnect"
        case .mix(let origin, let steps, let nodes):
            "shuffle of \(origin), \(steps) steps: \(Broadcast.list(nodes))"
        case .mixed(let nodes): "shuffled \(Broadcast.list(nodes))"
        case .beat(let root): "beat, root \(root)"
        case .greeting(let root, let isSettled): "greeting, root \(root)\(isSettled ? "" : " for now")"
        }
    }
}

extension HyParView.Message: WireCodable {
    /// The most nodes of a shuffle that are read from the wire.
    public static let wireNodeLimit = 64

    /// Writes the tag of the kind and the fields.
    public func encode(into writer: inout WireWriter) {
        writer.byte(kind.rawValue)
        switch self {
        case .join: break
        case .forwardJoin(let newcomer, let steps):
            writer.node(newcomer)
            writer.byte(steps)
        case .neighbour(let flag), .answer(let flag), .disconnect(let flag): writer.flag(flag)
        case .mix(let origin, let steps, let nodes):
            writer.node(origin)
            writer.byte(steps)
            writer.number(nodes.count)
            for node in nodes { writer.node(node) }
        case .mixed(let nodes):
            writer.number(nodes.count)
            for node in nodes { writer.node(node) }
        case .beat(let root): root.encode(into: &writer)
        case .greeting(let root, let isSettled):
            root.encode(into: &writer)
            writer.flag(isSettled)
        }
    }

    /// Reads a message.
    public init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .join
        case 1: self = .forwardJoin(try reader.node(), steps: try reader.byte())
        case 2: self = .neighbour(isUrgent: try reader.flag())
        case 3: self = .answer(isAccepted: try reader.flag())
        case 4: self = .disconnect(isLeaving: try reader.flag())
        case 5:
            let origin = try reader.node()
            let steps = try reader.byte()
            let nodes = try Broadcast.readNodes(limit: Self.wireNodeLimit, from: &reader)
            self = .mix(origin: origin, steps: steps, nodes: nodes)
        case 6: self = .mixed(try Broadcast.readNodes(limit: Self.wireNodeLimit, from: &reader))
        case 7: self = .beat(try HyParView.Root(from: &reader))
        case 8: self = .greeting(try HyParView.Root(from: &reader), isSettled: try reader.flag())
        case let tag: throw .unknownTag(UInt64(tag))
        }
    }
}
