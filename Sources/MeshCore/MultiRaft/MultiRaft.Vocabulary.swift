extension MultiRaft {
    /// The timers of a node, however many groups it has.
    public enum Timer: Hashable, Traceable {
        /// Moves the wheel on which the timers of all groups stand; set only while one of them is.
        case tick
        /// Lets the other nodes hear from this one, and notices who is silent.
        case beat

        /// Mixes the name in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .tick: digest.mix(0 as UInt64)
            case .beat: digest.mix(1 as UInt64)
            }
        }

        /// The timer's name.
        public var description: String {
            switch self {
            case .tick: "tick"
            case .beat: "beat"
            }
        }
    }

    /// What the embedding program asks of a node.
    public enum Command: Traceable {
        /// Founds a group here, or lets this node join one with an empty configuration; every founder does it.
        case create(GroupID, Raft.Configuration)
        /// Forgets a group and all it has stored here; its name is never taken again.
        case destroy(GroupID)
        /// Asks a group.
        case group(GroupID, Raft.Command)
        /// Says that failure detection believes a node dead: wakes what sleeps under it.
        case peerDown(NodeID)
        /// Says that a node is back.
        case peerUp(NodeID)

        /// Mixes every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .create(let group, let configuration):
                digest.mix(0 as UInt64)
                digest.mix(group.rawValue)
                configuration.digest(into: &digest)
            case .destroy(let group):
                digest.mix(1 as UInt64)
                digest.mix(group.rawValue)
            case .group(let group, let command):
                digest.mix(2 as UInt64)
                digest.mix(group.rawValue)
                command.digest(into: &digest)
            case .peerDown(let node):
                digest.mix(3 as UInt64)
                digest.mix(node)
            case .peerUp(let node):
                digest.mix(4 as UInt64)
                digest.mix(node)
            }
        }

        /// One line, such as `g3 propose #7 "set x"`.
        public var description: String {
            switch self {
            case .create(let group, let configuration): "create \(group) of \(configuration)"
            case .destroy(let group): "destroy \(group)"
            case .group(let group, let command): "\(group) \(command)"
            case .peerDown(let node): "\(node) is down"
            case .peerUp(let node): "\(node) is up"
            }
        }
    }

    /// What a node tells the embedding program.
    public enum Output: Traceable {
        /// What a group tells.
        case group(GroupID, Raft.Output)
        /// A group was created.
        case created(GroupID)
        /// A group was destroyed.
        case destroyed(GroupID)
        /// Something that names a group was not acted on.
        case refused(GroupID, Refusal)
        /// A node is believed dead.
        case peerDown(NodeID)
        /// A node that was believed dead is back.
        case peerUp(NodeID)

        /// Mixes every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .group(let group, let output):
                digest.mix(0 as UInt64)
                digest.mix(group.rawValue)
                output.digest(into: &digest)
            case .created(let group):
                digest.mix(1 as UInt64)
                digest.mix(group.rawValue)
            case .destroyed(let group):
                digest.mix(2 as UInt64)
                digest.mix(group.rawValue)
            case .refused(let group, let reason):
                digest.mix(3 as UInt64)
                digest.mix(group.rawValue)
                digest.mix(UInt64(reason.rawValue))
            case .peerDown(let node):
                digest.mix(4 as UInt64)
                digest.mix(node)
            case .peerUp(let node):
                digest.mix(5 as UInt64)
                digest.mix(node)
            }
        }

        /// One line, such as `g3 became leader of term 2`.
        public var description: String {
            switch self {
            case .group(let group, let output): "\(group) \(output)"
            case .created(let group): "created \(group)"
            case .destroyed(let group): "destroyed \(group)"
            case .refused(let group, let reason): "\(group) refused: \(reason)"
            case .peerDown(let node): "\(node) is believed dead"
            case .peerUp(let node): "\(node) is back"
            }
        }
    }

    /// Why something that names a group was not acted on.
    public enum Refusal: UInt8, Hashable, Sendable, CustomStringConvertible {
        /// The group is not here.
        case unknown
        /// The group is here already.
        case exists
        /// The group was here and has been destroyed.
        case destroyed
        /// There are ``Settings/maxGroups`` of them.
        case tooMany

        /// The reason in a few words.
        public var description: String {
            switch self {
            case .unknown: "unknown group"
            case .exists: "exists already"
            case .destroyed: "was destroyed"
            case .tooMany: "too many groups"
            }
        }
    }
}
