/// Messages to everybody in a large mesh, over a tree that grows by itself and repairs itself.
///
/// - A message is pushed at once over **eager** links. Where it arrives a second time the link becomes **lazy** on both
///   sides, so that after the first message the eager links are a tree and everybody gets a message once.
/// - Over lazy links only the names of messages are told, a moment later and many at a time. Whoever hears a name and
///   does not get the message **grafts**: it asks for it and makes the link eager, which mends the tree.
/// - Where a lazy link is a much shorter way than the tree's, it takes the place of the tree's.
/// - Neighbours now and then **compare** what they have of late, and a new neighbour is told at once. So whoever joined
///   late or was cut off gets what was said in the last ``Plumtree/Settings/payloadRetention``, and a message of which
///   every copy and every name was lost is found all the same.
///
/// The links are those of ``HyParView``. Nothing is kept on the disk.
///
/// Source: Leitao, Pereira, Rodrigues, "Epidemic Broadcast Trees", SRDS 2007.
///
/// Deviation: the comparison is not in the paper; Partisan's Plumtree has an exchange for it. A message carries its
/// age, so that it is handed on no longer than its retention, however often it was repaired, and never to somebody who
/// may have forgotten that it was there.
public enum Plumtree {
    /// Consecutive numbers of one origin.
    public struct Run: Hashable, Sendable {
        /// The first message.
        public let first: Broadcast.MessageID
        /// How many there are.
        public let count: Int

        /// Creates a run.
        public init(first: Broadcast.MessageID, count: Int) {
            self.first = first
            self.count = count
        }
    }

    /// A message that somebody has, and how many hops it took there.
    public struct Notice: Hashable, Sendable {
        /// The message.
        public let id: Broadcast.MessageID
        /// The hops.
        public let hops: Int

        /// Creates a notice.
        public init(id: Broadcast.MessageID, hops: Int) {
            self.id = id
            self.hops = hops
        }
    }
}

extension Plumtree.Run: Traceable, WireCodable {
    /// The most messages of a run.
    public static let limit = 4_096

    /// Mixes the first and the count in.
    public func digest(into digest: inout Digest) {
        first.digest(into: &digest)
        digest.mix(count)
    }

    /// The first and the count, such as `n3#17 and 4 more`.
    public var description: String { count == 1 ? first.description : "\(first) and \(count - 1) more" }

    /// Writes the first and the count.
    public func encode(into writer: inout WireWriter) {
        first.encode(into: &writer)
        writer.number(count)
    }

    /// Reads a run.
    public init(from reader: inout WireReader) throws(WireError) {
        self.first = try Broadcast.MessageID(from: &reader)
        let count = try reader.number()
        guard count >= 1, count <= UInt64(UInt(Self.limit)) else { throw .tooLong(count) }
        self.count = Int(count)
    }
}

extension Plumtree.Notice: Traceable, WireCodable {
    /// The most hops that are read from the wire.
    static let hopLimit = 65_535

    /// Mixes message and hops in.
    public func digest(into digest: inout Digest) {
        id.digest(into: &digest)
        digest.mix(hops)
    }

    /// Message and hops, such as `n3#17 after 4 hops`.
    public var description: String { "\(id) after \(hops) hops" }

    /// Writes message and hops.
    public func encode(into writer: inout WireWriter) {
        id.encode(into: &writer)
        writer.number(hops)
    }

    /// Reads a notice.
    public init(from reader: inout WireReader) throws(WireError) {
        self.id = try Broadcast.MessageID(from: &reader)
        self.hops = try Plumtree.readHops(from: &reader)
    }
}

extension Plumtree {
    static func readHops(from reader: inout WireReader) throws(WireError) -> Int {
        let hops = try reader.number()
        guard hops <= UInt64(UInt(Notice.hopLimit)) else { throw .tooLong(hops) }
        return Int(hops)
    }
}

extension Random.Purpose {
    /// When a node begins to compare.
    static var treePhase: Random.Purpose { Random.Purpose(0x0420) }
}
