extension Swim {
    /// The timers of a node.
    public enum Timer: Traceable, Hashable {
        /// The end of one probe and the start of the next.
        case period
        /// The target of the probe did not answer directly in time.
        case probeTimeout
        /// The next round of rumours.
        case gossip
        /// The earliest suspicion has run out.
        case suspicion

        /// Mixes the name in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .period: digest.mix(0 as UInt64)
            case .probeTimeout: digest.mix(1 as UInt64)
            case .gossip: digest.mix(2 as UInt64)
            case .suspicion: digest.mix(3 as UInt64)
            }
        }

        /// The name.
        public var description: String {
            switch self {
            case .period: "period"
            case .probeTimeout: "probe-timeout"
            case .gossip: "gossip"
            case .suspicion: "suspicion"
            }
        }
    }

    /// What the embedding program asks of a node.
    public enum Command: Traceable, Hashable {
        /// Contacts these nodes now, and takes part again after a ``leave``.
        case join([NodeID])
        /// Says good-bye and stops probing; the node still answers.
        case leave
        /// Tells everybody this of the node, instead of what it told before; at most ``Metadata/byteLimit``.
        case describe(Metadata)

        /// Mixes every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .join(let nodes):
                digest.mix(0 as UInt64)
                digest.mix(nodes.count)
                for node in nodes { digest.mix(node) }
            case .leave: digest.mix(1 as UInt64)
            case .describe(let metadata):
                digest.mix(2 as UInt64)
                metadata.mix(into: &digest)
            }
        }

        /// One short line, such as `join n1 n2`.
        public var description: String {
            switch self {
            case .join(let nodes):
                var text = "join"
                for node in nodes { text += " \(node)" }
                return text
            case .leave: return "leave"
            case .describe(let metadata): return "describe \(metadata)"
            }
        }
    }

    /// What a node tells the embedding program; each change of a status once.
    public enum Output: Traceable, Hashable {
        /// A member appeared or came back, or a suspect showed that it lives.
        case alive(NodeID)
        /// A member did not answer, or is said not to; one that appears as a suspect is told as alive before.
        case suspect(NodeID)
        /// A suspicion was not refuted in time.
        case dead(NodeID)
        /// A member, or this node itself, said good-bye.
        case left(NodeID)
        /// This node contradicted a belief about itself with this new incarnation.
        case refuted(Incarnation)
        /// An input was thrown away.
        case ignored(IgnoreReason)
        /// A member told something else of itself.
        case described(NodeID, Metadata)

        /// Mixes every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .alive(let node): mix(0, node.rawValue, into: &digest)
            case .suspect(let node): mix(1, node.rawValue, into: &digest)
            case .dead(let node): mix(2, node.rawValue, into: &digest)
            case .left(let node): mix(3, node.rawValue, into: &digest)
            case .refuted(let incarnation): mix(4, UInt64(incarnation.rawValue), into: &digest)
            case .ignored(let reason): mix(5, UInt64(reason.rawValue), into: &digest)
            case .described(let node, let metadata):
                mix(6, node.rawValue, into: &digest)
                metadata.mix(into: &digest)
            }
        }

        private func mix(_ tag: UInt64, _ value: UInt64, into digest: inout Digest) {
            digest.mix(tag)
            digest.mix(value)
        }

        /// One short line, such as `suspect n3`.
        public var description: String {
            switch self {
            case .alive(let node): "alive \(node)"
            case .suspect(let node): "suspect \(node)"
            case .dead(let node): "dead \(node)"
            case .left(let node): "left \(node)"
            case .refuted(let incarnation): "refuted with incarnation \(incarnation)"
            case .ignored(let reason): "ignored: \(reason)"
            case .described(let node, let metadata): "described \(node): \(metadata)"
            }
        }
    }

    /// Why an input was thrown away.
    public enum IgnoreReason: UInt8, Sendable, CaseIterable, CustomStringConvertible {
        /// A message claims to come from this node itself, or from node 0.
        case impossibleSender = 0
        /// An ack answers no probe that is running; it is late, doubled or forged.
        case unexpectedAck = 1
        /// An ack speaks for a target that is not its sender, and asks to be passed on.
        case foreignAck = 2
        /// A request or an ack names this node or nobody where another node belongs.
        case impossibleTarget = 3
        /// This node is accused at the last incarnation and cannot contradict any more.
        case incarnationExhausted = 4
        /// The node has not started, or has left already; leaving changes nothing.
        case notTakingPart = 5
        /// The metadata is over ``Metadata/byteLimit``, or fits no message of ``Settings/maxPayloadBytes``.
        case metadataTooLong = 6

        /// The reason as half a sentence.
        public var description: String {
            switch self {
            case .impossibleSender: "a message from this node itself or from nobody"
            case .unexpectedAck: "an ack that answers no running probe"
            case .foreignAck: "an ack for another node than its sender"
            case .impossibleTarget: "a request for this node itself or for nobody"
            case .incarnationExhausted: "accused at the last incarnation"
            case .notTakingPart: "not taking part"
            case .metadataTooLong: "metadata over its limit"
            }
        }
    }
}

extension Random.Purpose {
    static var swimNode: Random.Purpose { Random.Purpose(0x0200) }
    static var swimPhase: Random.Purpose { Random.Purpose(0x0201) }
    static var swimShuffle: Random.Purpose { Random.Purpose(0x0202) }
    static var swimInsertion: Random.Purpose { Random.Purpose(0x0203) }
    static var swimHelper: Random.Purpose { Random.Purpose(0x0204) }
    static var swimGossipPeer: Random.Purpose { Random.Purpose(0x0205) }
    static var swimGossipPhase: Random.Purpose { Random.Purpose(0x0206) }
    static var swimSyncPeer: Random.Purpose { Random.Purpose(0x0207) }
    static var swimSyncDelay: Random.Purpose { Random.Purpose(0x0208) }
    static var swimRejoin: Random.Purpose { Random.Purpose(0x0209) }
    static var swimSequence: Random.Purpose { Random.Purpose(0x020a) }
    static var swimContact: Random.Purpose { Random.Purpose(0x020b) }
}
