extension Plumtree {
    /// The timers of a node.
    public enum Timer: Hashable, Sendable {
        /// Time to tell names over lazy links; set while there are any.
        case lazy
        /// Time to ask for missing messages; set while there are any.
        case graft
        /// Time to compare with a neighbour; set while there is a payload.
        case compare
        /// Time to drop payloads and to forget names; set while there are any.
        case sweep
    }

    /// What the embedding program asks of a node.
    public enum Command: Hashable, Sendable {
        /// Tells everybody.
        case broadcast(Bytes)
        /// Uses one more link.
        case addLink(NodeID)
        /// Uses a link no more.
        case removeLink(NodeID)
    }

    /// What a node tells the embedding program.
    public enum Output: Hashable, Sendable {
        /// A message got this name and is on its way.
        case sent(Broadcast.MessageID, payload: Bytes)
        /// A message arrived, for the first time, after so many hops.
        case delivered(Broadcast.MessageID, payload: Bytes, hops: Int)
        /// A message that is longer than ``Settings/maxPayloadBytes`` is not sent.
        case tooLong(Int)
    }
}

extension Plumtree.Timer: Traceable {
    /// Mixes the case in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .lazy: digest.mix(0 as UInt64)
        case .graft: digest.mix(1 as UInt64)
        case .compare: digest.mix(2 as UInt64)
        case .sweep: digest.mix(3 as UInt64)
        }
    }

    /// The name of the timer.
    public var description: String {
        switch self {
        case .lazy: "lazy"
        case .graft: "graft"
        case .compare: "compare"
        case .sweep: "sweep"
        }
    }
}

extension Plumtree.Command: Traceable {
    /// Mixes the case and its values in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .broadcast(let payload):
            digest.mix(0 as UInt64)
            digest.mix(payload)
        case .addLink(let peer):
            digest.mix(1 as UInt64)
            digest.mix(peer)
        case .removeLink(let peer):
            digest.mix(2 as UInt64)
            digest.mix(peer)
        }
    }

    /// The command in a few words.
    public var description: String {
        switch self {
        case .broadcast(let payload): "broadcast \(payload.count) bytes"
        case .addLink(let peer): "add link to \(peer)"
        case .removeLink(let peer): "remove link to \(peer)"
        }
    }
}

extension Plumtree.Output: Traceable {
    /// Mixes the case and its values in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .sent(let id, let payload):
            digest.mix(0 as UInt64)
            id.digest(into: &digest)
            digest.mix(payload)
        case .delivered(let id, let payload, let hops):
            digest.mix(1 as UInt64)
            id.digest(into: &digest)
            digest.mix(payload)
            digest.mix(hops)
        case .tooLong(let count):
            digest.mix(2 as UInt64)
            digest.mix(count)
        }
    }

    /// The output in a few words.
    public var description: String {
        switch self {
        case .sent(let id, let payload): "sent \(id), \(payload.count) bytes"
        case .delivered(let id, let payload, let hops): "delivered \(id), \(payload.count) bytes, hop \(hops)"
        case .tooLong(let count): "refused, \(count) bytes are too long"
        }
    }
}
