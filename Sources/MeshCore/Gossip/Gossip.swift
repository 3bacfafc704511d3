/// Replicated key-value state without a leader: every node may write at any time, and all nodes end up equal.
///
/// - Writes are **last writer wins** by a hybrid clock, with the node's id as the tie-break (``Gossip/Version``).
/// - A write is **pushed** at once to a few random peers, who pass it on (``Gossip/Node`` + Push).
/// - Every interval a node compares its whole state with one random peer and both fetch what they lack, in bounded
///   pieces (``Gossip/Node`` + Reconciliation). This is what makes late joiners, healed partitions and lossy networks
///   converge always; pushing only makes it fast.
/// - A **delete** is a write without a value. Such tombstones are kept for
///   ``Gossip/Settings/tombstoneRetention``, which must be longer than any partition (``Gossip/Node`` + Tombstones).
///
/// Last writer wins keeps one of two concurrent writes. A counter incremented by reading and writing back loses
/// increments; use a CRDT for that.
///
/// Source: Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987 (rumor mongering and
/// anti-entropy); Meyer, "Range-Based Set Reconciliation", SRDS 2023.
public enum Gossip {
    /// The time of a write; see ``HybridLogicalClock/Stamp``.
    public typealias Stamp = HybridLogicalClock.Stamp

    /// Which write this is: the larger version wins.
    public struct Version: Hashable, Sendable, Comparable {
        /// When it was written, in hybrid time.
        public let stamp: Stamp
        /// Who wrote it; decides between equal stamps.
        public let origin: NodeID

        /// Creates the version of a write.
        public init(stamp: Stamp, origin: NodeID) {
            self.stamp = stamp
            self.origin = origin
        }

        /// Orders versions by stamp, then by origin.
        public static func < (left: Version, right: Version) -> Bool {
            #if MUTANTS
            if Mutant.noTieBreak.isPlanted { return left.stamp < right.stamp }
            #endif
            return left.stamp == right.stamp ? left.origin < right.origin : left.stamp < right.stamp
        }
    }

    /// The newest known write to one key.
    public struct Entry: Hashable, Sendable {
        /// The key.
        public let key: Bytes
        /// The value; `nil` is a tombstone: the key was deleted.
        public let value: Bytes?
        /// Which write this is.
        public let version: Version

        /// Creates an entry.
        public init(key: Bytes, value: Bytes?, version: Version) {
            self.key = key
            self.value = value
            self.version = version
        }

        /// Whether this is a deletion.
        public var isTombstone: Bool { value == nil }

        /// Whether this write wins over another write to the same key.
        ///
        /// Two different writes of one version exist only when a node lost its disk and its clock at once. They are
        /// ordered all the same, by content with a deletion on top, so that even then every node picks the same.
        public func supersedes(_ other: Entry) -> Bool {
            if version != other.version { return other.version < version }
            guard let value else { return other.value != nil }
            guard let otherValue = other.value else { return false }
            return otherValue < value
        }

        /// A 64-bit hash of the whole entry; states are compared by the exclusive or of these.
        ///
        /// - Complexity: O(length of key and value).
        public var fingerprint: UInt64 {
            var digest = Digest()
            self.digest(into: &digest)
            return Random.finish(digest.value)
        }
    }
}

extension Gossip.Version: Traceable {
    /// Mixes stamp and origin in.
    public func digest(into digest: inout Digest) {
        stamp.digest(into: &digest)
        digest.mix(origin)
    }

    /// Stamp and origin, such as `1204.0@n3`.
    public var description: String { "\(stamp)@\(origin)" }
}

extension Gossip.Entry: Traceable {
    /// Mixes every field in.
    public func digest(into digest: inout Digest) {
        digest.mix(key)
        digest.mix(value != nil)
        if let value { digest.mix(value) }
        version.digest(into: &digest)
    }

    /// Key, value and version, such as `color=red 1204.0@n3` or `color deleted 1205.0@n1`.
    public var description: String {
        if let value { return "\(key)=\(value) \(version)" }
        return "\(key) deleted \(version)"
    }
}

extension Gossip.Version: WireCodable {
    /// Writes stamp and origin.
    public func encode(into writer: inout WireWriter) {
        stamp.encode(into: &writer)
        writer.node(origin)
    }

    /// Reads a version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.stamp = try Gossip.Stamp(from: &reader)
        self.origin = try reader.node()
    }
}

extension Gossip.Entry: WireCodable {
    /// The longest key that is read from the wire.
    public static let wireKeyLimit = 4_096
    /// The longest value that is read from the wire.
    public static let wireValueLimit = 1 << 20
    /// The fewest bytes an entry takes: empty key, tombstone, stamp, origin.
    static let wireMinimum = 4

    /// Writes key, value and version.
    public func encode(into writer: inout WireWriter) {
        writer.bytes(key)
        writer.flag(value != nil)
        if let value { writer.bytes(value) }
        version.encode(into: &writer)
    }

    /// Reads an entry.
    public init(from reader: inout WireReader) throws(WireError) {
        self.key = try reader.bytes(limit: Gossip.Entry.wireKeyLimit)
        self.value = try reader.flag() ? try reader.bytes(limit: Gossip.Entry.wireValueLimit) : nil
        self.version = try Gossip.Version(from: &reader)
    }

    /// How many bytes the entry takes on the wire.
    var wireCount: Int {
        var writer = WireWriter.counting()
        encode(into: &writer)
        return writer.count
    }
}
