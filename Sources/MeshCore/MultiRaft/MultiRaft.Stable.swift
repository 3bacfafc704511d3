extension MultiRaft {
    /// What a node's disk holds: what each of its groups does, and the names of those it had.
    public struct Stable: StableState, Equatable {
        /// The groups, by name.
        public private(set) var groups = SortedMap<GroupID, Group>()
        /// The groups that were destroyed, by name.
        public private(set) var destroyed = SortedMap<GroupID, Bool>()

        /// What a group's disk holds.
        public struct Group: Equatable, Sendable {
            /// The configuration it was created with.
            public let configuration: Raft.Configuration
            /// Its records, folded.
            public internal(set) var raft: Raft.Stable
        }

        /// Creates the image of an empty disk.
        public init() {}

        /// The fewest records that leave the same image.
        ///
        /// - Complexity: O(size of the image).
        public var records: [Record] {
            var records: [Record] = destroyed.keys.map { .destroyed($0) }
            for (index, group) in groups.keys.enumerated() {
                let image = groups.values[index]
                records.append(.created(group, image.configuration))
                for record in image.raft.records { records.append(.group(group, record)) }
            }
            return records
        }

        /// Folds a record; one about a group that is not there changes nothing.
        ///
        /// - Complexity: O(log groups) beyond what the group's record costs; O(groups) to create or destroy one.
        public mutating func apply(_ record: consuming Record) {
            switch record {
            case .created(let group, let configuration):
                guard !groups.contains(group) else { return }
                groups[group] = Group(configuration: configuration, raft: Raft.Stable())
            case .destroyed(let group):
                groups.removeValue(forKey: group)
                destroyed[group] = true
            case .group(let group, let record):
                let (index, isPresent) = groups.position(of: group)
                guard isPresent else { return }
                groups.updateValue(at: index) { $0.raft.apply(record) }
            }
        }
    }
}

extension MultiRaft.Stable {
    /// One durable change.
    public enum Record: Hashable, Sendable {
        /// A group was created here.
        case created(MultiRaft.GroupID, Raft.Configuration)
        /// A group was destroyed here.
        case destroyed(MultiRaft.GroupID)
        /// A record of a group.
        case group(MultiRaft.GroupID, Raft.Stable.Record)
    }
}

extension MultiRaft.Stable.Record: Traceable {
    /// Mixes the case and every field in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .created(let group, let configuration):
            digest.mix(0 as UInt64)
            digest.mix(group.rawValue)
            configuration.digest(into: &digest)
        case .destroyed(let group):
            digest.mix(1 as UInt64)
            digest.mix(group.rawValue)
        case .group(let group, let record):
            digest.mix(2 as UInt64)
            digest.mix(group.rawValue)
            record.digest(into: &digest)
        }
    }

    /// One line, such as `g3 term 2 vote n1`.
    public var description: String {
        switch self {
        case .created(let group, _): "created \(group)"
        case .destroyed(let group): "destroyed \(group)"
        case .group(let group, let record): "\(group) \(record)"
        }
    }
}

extension MultiRaft.Stable.Record: WireCodable {
    /// Writes the case and every field.
    public func encode(into writer: inout WireWriter) {
        switch self {
        case .created(let group, let configuration):
            writer.byte(0)
            writer.number(group.rawValue)
            configuration.encode(into: &writer)
        case .destroyed(let group):
            writer.byte(1)
            writer.number(group.rawValue)
        case .group(let group, let record):
            writer.byte(2)
            writer.number(group.rawValue)
            record.encode(into: &writer)
        }
    }

    /// Reads a record.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        let group = MultiRaft.GroupID(try reader.number())
        switch tag {
        case 0: self = .created(group, try Raft.Configuration(from: &reader))
        case 1: self = .destroyed(group)
        case 2: self = .group(group, try Raft.Stable.Record(from: &reader))
        default: throw .unknownTag(UInt64(tag))
        }
    }
}
