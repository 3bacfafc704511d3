extension Raft {
    /// What is told about nodes whose disk was damaged.
    public enum Repair: Hashable, Traceable {
        /// This node may have forgotten something: it gives no vote until a leader has healed it.
        case began
        /// Nobody else votes here, so nobody can heal this node: ``Command/acceptLoss`` is the way out.
        case stranded
        /// Nothing that this node has forgotten matters any more.
        case ended
        /// The operator has accepted what this node has forgotten.
        case lossAccepted
        /// This leader knows that a member may have forgotten something.
        case noted(NodeID)

        /// Mixes the case and the node in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .began: digest.mix(0 as UInt64)
            case .stranded: digest.mix(1 as UInt64)
            case .ended: digest.mix(2 as UInt64)
            case .lossAccepted: digest.mix(3 as UInt64)
            case .noted(let node):
                digest.mix(4 as UInt64)
                digest.mix(node)
            }
        }

        /// A few words, such as `n3 may have forgotten something`.
        public var description: String {
            switch self {
            case .began: "may have forgotten something, gives no votes"
            case .stranded: "may have forgotten something, and nobody can help: accept the loss to go on"
            case .ended: "is healed"
            case .lossAccepted: "goes on with what it remembers"
            case .noted(let node): "\(node) may have forgotten something"
            }
        }
    }
}
