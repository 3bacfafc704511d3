/// Replicated key-value state without a leader: every node may write at any time, and all nodes end up equal.
///
/// - Writes are **last writer wins** by a hybrid clock, with the node's id as the tie-break (``Gossip/Version``).
/// - A write is **pushed** at once to a few random peers, who pass it on (``Gossip/Node`` + Push).
/// - Every interval a node compares its whole state with a random peer and both fetch what they lack, in bounded
///   pieces, with traffic that follows the difference (``Gossip/Node`` + Reconciliation). This is what makes late
///   joiners, healed partitions and lossy networks converge always; pushing only makes it fast.
/// - A **delete** is a write without a value, and so is a value whose time is over. Such tombstones are kept for
///   ``Gossip/Settings/tombstoneRetention``, which must be longer than any partition (``Gossip/Node`` + Tombstones).
///
/// Last writer wins keeps one of two concurrent writes. A counter incremented by reading and writing back loses
/// increments; use a CRDT for that.
///
/// Source: Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987 (rumor mongering and
/// anti-entropy); Yang, Gilad, Alizadeh, "Practical Rateless Set Reconciliation", SIGCOMM 2024; Meyer, "Range-Based Set
/// Reconciliation", SRDS 2023.
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
        /// When the value is gone; `nil` for a value that stays, and for a deletion that somebody asked for.
        ///
        /// A tombstone that has it stands for a value that has expired.
        public let expires: Stamp?

        /// Creates an entry.
        public init(key: Bytes, value: Bytes?, version: Version, expires: Stamp? = nil) {
            self.key = key
            self.value = value
            self.version = version
            self.expires = expires
        }

        /// Whether this is a deletion.
        public var isTombstone: Bool { value == nil }

        /// Whether this is a value that will be gone some day.
        public var isExpiring: Bool { value != nil && expires != nil }

        /// The same write when its time is over.
        var withered: Entry { Entry(key: key, value: nil, version: version, expires: expires) }

        /// The time from which a tombstone is kept: the deletion, or the end of the value.
        var graveStamp: Stamp {
            guard let expires, version.stamp < expires else { return version.stamp }
            return expires
        }

        /// Whether this write wins over another write to the same key.
        ///
        /// Two different writes of one version exist only when a node lost its disk and its clock at once. They are
        /// ordered all the same, by content with a deletion on top, so that even then every node picks the same. A
        /// value whose time is over is a deletion of the same version.
        public func supersedes(_ other: Entry) -> Bool {
            if version != other.version { return other.version < version }
            if value != other.value {
                guard let value else { return true }
                guard let otherValue = other.value else { return false }
                return otherValue < value
            }
            return (other.expires ?? .zero) < (expires ?? .zero)
        }

        /// A 64-bit hash of the whole entry under a key; states are compared by the sum of these.
        ///
        /// - Complexity: O(length of key and value).
        public func identity(under secret: KeyedHash.Key) -> UInt64 {
            var hash = KeyedHash(secret)
            hash.mix(version.stamp.rawValue)
            hash.mix(version.origin.rawValue)
            // The lengths stand before the bytes, so that nothing can pass from one field into the next.
            hash.mix(UInt64(UInt(key.count)) << 32 | UInt64(UInt(value.map { $0.count + 1 } ?? 0)))
            hash.mixWords(of: key)
            if let value { hash.mixWords(of: value) }
            if let expires { hash.mix(expires.rawValue) }
            hash.mix(expires == nil ? 0 : 1)
            return hash.finish()
        }

        /// A 64-bit hash of the whole entry under no key, to tell entries of one's own apart.
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
        if let expires { expires.digest(into: &digest) }
    }

    /// Key, value and version, such as `color=red 1204.0@n3` or `color deleted 1205.0@n1`.
    public var description: String {
        if let value, let expires { return "\(key)=\(value) \(version) until \(expires)" }
        if let value { return "\(key)=\(value) \(version)" }
        return expires == nil ? "\(key) deleted \(version)" : "\(key) expired \(version)"
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
        writer.byte((value == nil ? 0 : 1) | (expires == nil ? 0 : 2))
        if let value { writer.bytes(value) }
        version.encode(into: &writer)
        if let expires { expires.encode(into: &writer) }
    }

    /// Reads an entry.
    public init(from reader: inout WireReader) throws(WireError) {
        self.key = try reader.bytes(limit: Gossip.Entry.wireKeyLimit)
        let flags = try reader.byte()
        guard flags < 4 else { throw .invalid("a flag of an entry") }
        self.value = flags & 1 == 1 ? try reader.bytes(limit: Gossip.Entry.wireValueLimit) : nil
        self.version = try Gossip.Version(from: &reader)
        self.expires = flags & 2 == 2 ? try Gossip.Stamp(from: &reader) : nil
    }

    /// How many bytes the entry takes on the wire.
    var wireCount: Int {
        var writer = WireWriter.counting()
        encode(into: &writer)
        return writer.count
    }
}
