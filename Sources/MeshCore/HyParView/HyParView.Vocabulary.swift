extension HyParView {
    /// The timer of a node.
    public enum Timer: Hashable, Sendable {
        /// Time for a beat, and for whatever is done every so many beats.
        case beat
    }

    /// What the embedding program asks of a node.
    public enum Command: Hashable, Sendable {
        /// Remembers one more node that may be there.
        case meet(NodeID)
        /// Leaves the mesh; the neighbours are told. Only a restart brings the node back.
        case leave
    }

    /// What a node tells the embedding program.
    public enum Output: Hashable, Sendable {
        /// A node is a neighbour from now on.
        case up(NodeID)
        /// A node is a neighbour no more.
        case down(NodeID, Cause)
    }

    /// Why a node is a neighbour no more.
    public enum Cause: UInt8, Hashable, Sendable {
        /// Its beats are missing.
        case silent
        /// It said so.
        case told
        /// Somebody else needed its place.
        case replaced
        /// This node leaves the mesh.
        case leaving
    }
}

extension HyParView.Timer: Traceable {
    /// Mixes the case in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .beat: digest.mix(0 as UInt64)
        }
    }

    /// The name of the timer.
    public var description: String {
        switch self {
        case .beat: "beat"
        }
    }
}

extension HyParView.Command: Traceable {
    /// Mixes the case and its values in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .meet(let node):
            digest.mix(0 as UInt64)
            digest.mix(node)
        case .leave: digest.mix(1 as UInt64)
        }
    }

    /// The command in a few words.
    public var description: String {
        switch self {
        case .meet(let node): "meet \(node)"
        case .leave: "leave"
        }
    }
}

extension HyParView.Output: Traceable {
    /// Mixes the case and its values in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .up(let node):
            digest.mix(0 as UInt64)
            digest.mix(node)
        case .down(let node, let cause):
            digest.mix(1 as UInt64)
            digest.mix(node)
            digest.mix(UInt64(cause.rawValue))
        }
    }

    /// The output in a few words.
    public var description: String {
        switch self {
        case .up(let node): "neighbour \(node)"
        case .down(let node, .silent): "no neighbour \(node): silent"
        case .down(let node, .told): "no neighbour \(node): it said so"
        case .down(let node, .replaced): "no neighbour \(node): replaced"
        case .down(let node, .leaving): "no neighbour \(node): this node leaves"
        }
    }
}
