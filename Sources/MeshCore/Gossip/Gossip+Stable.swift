extension Gossip {
    /// What a node finds again after a crash: its entries and the bound below which its stamps are used up.
    public struct Stable: StableState {
        /// One durable change.
        public enum Record: Hashable, Sendable {
            /// The newest write to a key; also raises the ceiling to its stamp.
            case put(Entry)
            /// Stamps up to this one may have been used.
            case ceiling(Stamp)
            /// A deletion was forgotten.
            case forget(key: Bytes)
        }

        /// The newest write to every key.
        private(set) var store: Store
        /// The largest stamp that may have been used or seen.
        public private(set) var ceiling: Stamp

        /// Creates the image of an empty disk.
        public init() {
            self.store = Store()
            self.ceiling = .zero
        }

        /// How many entries there are, deletions included.
        public var count: Int { store.count }

        /// The newest write to a key.
        ///
        /// - Complexity: O(log entries).
        public func entry(_ key: Bytes) -> Entry? { store.entry(key) }

        /// Folds a record into the image.
        ///
        /// - Complexity: O(log entries), plus the length of an entry.
        public mutating func apply(_ record: consuming Record) {
            switch record {
            case .put(let entry):
                if ceiling < entry.version.stamp { ceiling = entry.version.stamp }
                store.put(entry)
            case .ceiling(let stamp):
                if ceiling < stamp { ceiling = stamp }
            case .forget(let key):
                store.remove(key)
            }
        }

        /// The fewest records that leave the same image, for a log that wants to begin anew.
        ///
        /// - Complexity: O(entries).
        public var records: [Record] {
            var result: [Record] = [.ceiling(ceiling)]
            result.reserveCapacity(store.count + 1)
            store.forEach(in: .all) { slot in
                result.append(.put(slot.entry))
                return true
            }
            return result
        }
    }
}

extension Gossip.Stable.Record: Traceable {
    /// Mixes the record in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .put(let entry):
            digest.mix(0 as UInt64)
            entry.digest(into: &digest)
        case .ceiling(let stamp):
            digest.mix(1 as UInt64)
            stamp.digest(into: &digest)
        case .forget(let key):
            digest.mix(2 as UInt64)
            digest.mix(key)
        }
    }

    /// The record in a few words.
    public var description: String {
        switch self {
        case .put(let entry): "put \(entry)"
        case .ceiling(let stamp): "ceiling \(stamp)"
        case .forget(let key): "forget \(key)"
        }
    }
}

extension Gossip.Stable.Record: WireCodable {
    /// Writes the kind and its content.
    public func encode(into writer: inout WireWriter) {
        switch self {
        case .put(let entry):
            writer.byte(0)
            entry.encode(into: &writer)
        case .ceiling(let stamp):
            writer.byte(1)
            stamp.encode(into: &writer)
        case .forget(let key):
            writer.byte(2)
            writer.bytes(key)
        }
    }

    /// Reads a record.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        switch tag {
        case 0: self = .put(try Gossip.Entry(from: &reader))
        case 1: self = .ceiling(try Gossip.Stamp(from: &reader))
        case 2: self = .forget(key: try reader.bytes(limit: Gossip.Entry.wireKeyLimit))
        default: throw .unknownTag(UInt64(tag))
        }
    }
}
