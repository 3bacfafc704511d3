extension Broadcast {
    /// The timers of a node.
    public enum Timer: Hashable, Sendable {
        /// Time to forget what was seen long ago; set while anything is remembered.
        case sweep
        /// Time to pass messages on once more; set while there are any.
        case round
        /// Time to look which receipts are missing; set while any is awaited.
        case receipts
    }

    /// What the embedding program asks of a node.
    public enum Command: Hashable, Sendable {
        /// Tells everybody.
        case broadcast(Bytes)
        /// Tells one node.
        case send(Bytes, to: NodeID)
        /// Uses one more link; without an overlay only if the node is one of those it is linked to.
        case addLink(NodeID)
        /// Uses a link no more.
        case removeLink(NodeID)
    }

    /// What a node tells the embedding program.
    public enum Output: Hashable, Sendable {
        /// A message to everybody got this name and is on its way.
        case sent(MessageID, payload: Bytes)
        /// A message to one node got this name and is on its way.
        case sentDirect(MessageID, to: NodeID, payload: Bytes)
        /// A message to everybody arrived, for the first time.
        case delivered(Letter)
        /// A message to this node arrived, for the first time.
        case received(Letter)
        /// The receiver of a direct message has confirmed it.
        case confirmed(MessageID, by: NodeID)
        /// Nobody confirmed a direct message after every attempt; it may nevertheless have arrived.
        case undeliverable(MessageID, to: NodeID)
        /// A message had no hop left here although there were links that it did not come by.
        case ended(MessageID)
        /// Something that was to be sent is refused.
        case rejected(Rejection)
        /// Something from a peer makes no sense.
        case ignored(Ignored, from: NodeID)
    }

    /// Why a message is not sent.
    public enum Rejection: Hashable, Sendable {
        /// The payload is longer than ``Settings/maxPayloadBytes``.
        case tooLong(Int)
        /// Too many direct messages wait for their receipts.
        case busy
    }

    /// Why something from a peer is not taken.
    public enum Ignored: UInt8, Hashable, Sendable {
        /// Its path does not begin with its origin and end with its sender.
        case path
        /// It has passed here before: a loop that the seen-set has forgotten.
        case loop
        /// It has no hop left, or more than this mesh allows.
        case timeToLive
        /// Its payload is longer than this mesh allows.
        case tooLong
    }
}

extension Broadcast.Timer: Traceable {
    /// Mixes the case in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .sweep: digest.mix(0 as UInt64)
        case .round: digest.mix(1 as UInt64)
        case .receipts: digest.mix(2 as UInt64)
        }
    }

    /// The name of the timer.
    public var description: String {
        switch self {
        case .sweep: "sweep"
        case .round: "round"
        case .receipts: "receipts"
        }
    }
}

extension Broadcast.Command: Traceable {
    /// Mixes the case and its values in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .broadcast(let payload):
            digest.mix(0 as UInt64)
            digest.mix(payload)
        case .send(let payload, let receiver):
            digest.mix(1 as UInt64)
            digest.mix(payload)
            digest.mix(receiver)
        case .addLink(let peer):
            digest.mix(2 as UInt64)
            digest.mix(peer)
        case .removeLink(let peer):
            digest.mix(3 as UInt64)
            digest.mix(peer)
        }
    }

    /// The command in a few words.
    public var description: String {
        switch self {
        case .broadcast(let payload): "broadcast \(payload.count) bytes"
        case .send(let payload, let receiver): "send \(payload.count) bytes to \(receiver)"
        case .addLink(let peer): "add link to \(peer)"
        case .removeLink(let peer): "remove link to \(peer)"
        }
    }
}

extension Broadcast.Output: Traceable {
    /// Mixes the case and its values in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .sent(let id, let payload):
            digest.mix(0 as UInt64)
            id.digest(into: &digest)
            digest.mix(payload)
        case .sentDirect(let id, let receiver, let payload):
            digest.mix(1 as UInt64)
            id.digest(into: &digest)
            digest.mix(receiver)
            digest.mix(payload)
        case .delivered(let letter):
            digest.mix(2 as UInt64)
            letter.digest(into: &digest)
        case .received(let letter):
            digest.mix(3 as UInt64)
            letter.digest(into: &digest)
        case .confirmed(let id, let receiver):
            digest.mix(4 as UInt64)
            id.digest(into: &digest)
            digest.mix(receiver)
        case .undeliverable(let id, let receiver):
            digest.mix(5 as UInt64)
            id.digest(into: &digest)
            digest.mix(receiver)
        case .ended(let id):
            digest.mix(6 as UInt64)
            id.digest(into: &digest)
        case .rejected(.tooLong(let count)):
            digest.mix(7 as UInt64)
            digest.mix(count)
        case .rejected(.busy): digest.mix(8 as UInt64)
        case .ignored(let reason, let peer):
            digest.mix(9 as UInt64)
            digest.mix(UInt64(reason.rawValue))
            digest.mix(peer)
        }
    }

    /// The output in a few words.
    public var description: String {
        switch self {
        case .sent(let id, let payload): "sent \(id), \(payload.count) bytes"
        case .sentDirect(let id, let receiver, let payload): "sent \(id), \(payload.count) bytes, to \(receiver)"
        case .delivered(let letter): "delivered \(letter)"
        case .received(let letter): "received \(letter)"
        case .confirmed(let id, let receiver): "\(id) is confirmed by \(receiver)"
        case .undeliverable(let id, let receiver): "\(id) could not be delivered to \(receiver)"
        case .ended(let id): "\(id) ends here, out of hops"
        case .rejected(.tooLong(let count)): "refused, \(count) bytes are too long"
        case .rejected(.busy): "refused, too many messages wait for their receipts"
        case .ignored(.path, let peer): "ignored a message of \(peer) with a wrong path"
        case .ignored(.loop, let peer): "ignored a message of \(peer) that was here before"
        case .ignored(.timeToLive, let peer): "ignored a message of \(peer) with a wrong number of hops left"
        case .ignored(.tooLong, let peer): "ignored a message of \(peer) that is too long"
        }
    }
}
