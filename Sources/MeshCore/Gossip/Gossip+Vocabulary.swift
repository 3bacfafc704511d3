extension Gossip {
    /// The timers of a node.
    public enum Timer: Hashable, Sendable {
        /// Time to compare states with a peer and to forget old deletions.
        case round
        /// Time to push news once more; set only while there is any.
        case push
    }

    /// What the embedding program asks of a node.
    public enum Command: Hashable, Sendable {
        /// Writes a value.
        case set(key: Bytes, value: Bytes)
        /// Writes a value that is gone after a while, by the clock of each node and at most a round later.
        case setExpiring(key: Bytes, value: Bytes, for: Interval)
        /// Deletes a key, also one that this node has never heard of: another node may have it.
        case delete(key: Bytes)
        /// Reports every change of the keys that match, beginning with their present values.
        ///
        /// A pattern is a key, or a beginning of keys followed by `*`, such as `cursor:*`. `*` alone is every key.
        case subscribe(Bytes)
        /// Ends reports for a pattern.
        case unsubscribe(Bytes)
        /// Gossips with one more node, which is not near unless it is already known to be.
        case addPeer(NodeID)
        /// Gossips with one more node that is near, or takes a peer for near from now on.
        case addNearPeer(NodeID)
        /// Gossips with a node no more; its entries stay.
        case removePeer(NodeID)
    }

    /// What a node tells the embedding program.
    public enum Output: Hashable, Sendable {
        /// A write of this node is durable and on its way.
        case stored(key: Bytes, version: Version)
        /// The newest write to a subscribed key has changed; `nil` is a deletion.
        case changed(key: Bytes, value: Bytes?, version: Version)
        /// A write of this node was not accepted.
        case rejected(key: Bytes, Rejection)
        /// Something from a peer was not taken over; at most one of each kind per message.
        case ignored(Ignored)
    }

    /// Why a write is not accepted.
    public enum Rejection: Hashable, Sendable {
        /// The key is longer than ``Settings/maxKeyBytes``.
        case keyTooLong(Int, limit: Int)
        /// The value is longer than ``Settings/maxValueBytes``.
        case valueTooLong(Int, limit: Int)
    }

    /// Why something from a peer was not taken over.
    public enum Ignored: Hashable, Sendable {
        /// The write is stamped too far in the future: a clock is wrong. It is taken once the clock gets there.
        case tooFarAhead(key: Bytes, version: Version, from: NodeID)
        /// A deletion that everybody else has already forgotten, or a push from before that time.
        case expired(key: Bytes, version: Version, from: NodeID)
        /// Its key or value is over this node's limits: the nodes have different settings.
        case oversized(keyBytes: Int, valueBytes: Int, from: NodeID)
        /// A summary whose ranges overlap or stand out of order; no honest node sends one.
        case malformed(from: NodeID)
    }
}

extension Gossip.Timer: Traceable {
    /// Mixes the timer in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .round: digest.mix(0 as UInt64)
        case .push: digest.mix(1 as UInt64)
        }
    }

    /// The timer's name.
    public var description: String {
        switch self {
        case .round: "round"
        case .push: "push"
        }
    }
}

extension Gossip.Command: Traceable {
    /// Mixes the command in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .set(let key, let value):
            digest.mix(0 as UInt64)
            digest.mix(key)
            digest.mix(value)
        case .delete(let key):
            digest.mix(1 as UInt64)
            digest.mix(key)
        case .subscribe(let pattern):
            digest.mix(2 as UInt64)
            digest.mix(pattern)
        case .unsubscribe(let pattern):
            digest.mix(3 as UInt64)
            digest.mix(pattern)
        case .addPeer(let peer):
            digest.mix(4 as UInt64)
            digest.mix(peer)
        case .removePeer(let peer):
            digest.mix(5 as UInt64)
            digest.mix(peer)
        case .setExpiring(let key, let value, let life):
            digest.mix(6 as UInt64)
            digest.mix(key)
            digest.mix(value)
            digest.mix(life)
        case .addNearPeer(let peer):
            digest.mix(7 as UInt64)
            digest.mix(peer)
        }
    }

    /// The command in a few words.
    public var description: String {
        switch self {
        case .set(let key, let value): "set \(key)=\(value)"
        case .setExpiring(let key, let value, let life): "set \(key)=\(value) for \(life)"
        case .delete(let key): "delete \(key)"
        case .subscribe(let pattern): "subscribe \(pattern)"
        case .unsubscribe(let pattern): "unsubscribe \(pattern)"
        case .addPeer(let peer): "add peer \(peer)"
        case .addNearPeer(let peer): "add near peer \(peer)"
        case .removePeer(let peer): "remove peer \(peer)"
        }
    }
}

extension Gossip.Output: Traceable {
    /// Mixes the output in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .stored(let key, let version):
            digest.mix(0 as UInt64)
            digest.mix(key)
            version.digest(into: &digest)
        case .changed(let key, let value, let version):
            digest.mix(1 as UInt64)
            Gossip.Entry(key: key, value: value, version: version).digest(into: &digest)
        case .rejected(let key, let reason):
            digest.mix(2 as UInt64)
            digest.mix(key)
            reason.digest(into: &digest)
        case .ignored(let reason):
            digest.mix(3 as UInt64)
            reason.digest(into: &digest)
        }
    }

    /// The output in a few words.
    public var description: String {
        switch self {
        case .stored(let key, let version): "stored \(key) \(version)"
        case .changed(let key, let value, let version):
            "changed \(Gossip.Entry(key: key, value: value, version: version))"
        case .rejected(let key, let reason): "rejected \(key): \(reason)"
        case .ignored(let reason): "ignored \(reason)"
        }
    }
}

extension Gossip.Rejection: Traceable {
    /// Mixes the reason in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .keyTooLong(let count, let limit):
            digest.mix(0 as UInt64)
            digest.mix(count)
            digest.mix(limit)
        case .valueTooLong(let count, let limit):
            digest.mix(1 as UInt64)
            digest.mix(count)
            digest.mix(limit)
        }
    }

    /// The reason as a sentence.
    public var description: String {
        switch self {
        case .keyTooLong(let count, let limit): "a key of \(count) bytes is over the limit of \(limit)"
        case .valueTooLong(let count, let limit): "a value of \(count) bytes is over the limit of \(limit)"
        }
    }
}

extension Gossip.Ignored: Traceable {
    /// Mixes the reason in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .tooFarAhead(let key, let version, let peer):
            digest.mix(0 as UInt64)
            digest.mix(key)
            version.digest(into: &digest)
            digest.mix(peer)
        case .expired(let key, let version, let peer):
            digest.mix(1 as UInt64)
            digest.mix(key)
            version.digest(into: &digest)
            digest.mix(peer)
        case .oversized(let keyBytes, let valueBytes, let peer):
            digest.mix(2 as UInt64)
            digest.mix(keyBytes)
            digest.mix(valueBytes)
            digest.mix(peer)
        case .malformed(let peer):
            digest.mix(3 as UInt64)
            digest.mix(peer)
        }
    }

    /// The reason in a few words.
    public var description: String {
        switch self {
        case .tooFarAhead(let key, let version, let peer): "\(key) \(version) from \(peer): too far ahead"
        case .expired(let key, let version, let peer): "\(key) \(version) from \(peer): expired"
        case .oversized(let keyBytes, let valueBytes, let peer):
            "\(keyBytes) bytes of key and \(valueBytes) of value from \(peer): over the limits"
        case .malformed(let peer): "a summary from \(peer): its ranges are out of order"
        }
    }
}
