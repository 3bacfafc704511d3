extension Raft {
    /// A change of the configuration as it is asked for, at the leader or on the way to it.
    public enum ChangeRequest: Hashable, Traceable {
        /// See ``Command/changeConfiguration(_:id:transition:)``.
        case change([Change], Transition)
        /// See ``Command/leaveJoint(id:)``.
        case leaveJoint

        /// Mixes the case and every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .change(let changes, let transition):
                digest.mix(0 as UInt64)
                digest.mix(changes.count)
                for change in changes { change.digest(into: &digest) }
                transition.digest(into: &digest)
            case .leaveJoint:
                digest.mix(1 as UInt64)
            }
        }

        /// A few words, such as `add n4, automatic`.
        public var description: String {
            switch self {
            case .change(let changes, let transition):
                var text = ""
                for change in changes { text += "\(change), " }
                return text + transition.description
            case .leaveJoint: return "leave joint"
            }
        }
    }
}

extension Raft.ChangeRequest: WireCodable {
    /// Writes the transition, or what is none, and the changes.
    public func encode(into writer: inout WireWriter) {
        switch self {
        case .leaveJoint:
            writer.byte(0)
        case .change(let changes, let transition):
            switch transition {
            case .automatic: writer.byte(1)
            case .implicit: writer.byte(2)
            case .explicit: writer.byte(3)
            }
            writer.number(changes.count)
            for change in changes { change.encode(into: &writer) }
        }
    }

    /// Reads a request of at most ``Raft/Settings/memberLimit`` changes.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        let transition: Raft.Transition
        switch tag {
        case 0:
            self = .leaveJoint
            return
        case 1: transition = .automatic
        case 2: transition = .implicit
        case 3: transition = .explicit
        default: throw .unknownTag(UInt64(tag))
        }
        let count = try reader.count(each: 2, limit: Raft.Settings.memberLimit)
        var changes: [Raft.Change] = []
        changes.reserveCapacity(count)
        for _ in 0..<count { changes.append(try Raft.Change(from: &reader)) }
        self = .change(changes, transition)
    }
}
