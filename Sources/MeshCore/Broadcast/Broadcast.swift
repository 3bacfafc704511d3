/// Messages to everybody and to one node, flooded over the links of a small mesh.
///
/// - A **broadcast** goes to every link, or to ``Broadcast/Settings/fanout`` random ones; whoever hears it for the
///   first time tells the program and passes it on. It ends after ``Broadcast/Settings/timeToLive`` hops.
/// - A **direct message** takes the link to its receiver, or the way that an earlier message came, or every way
///   there is; the receiver gets it once and sends a receipt, without which the sender tries again and in the end
///   reports that it could not be delivered.
/// - Every message carries **the path it took**. A node that finds itself in it drops the message, so that no loop
///   outlives a seen-set that forgot, and the receiver sees the route.
///
/// Nothing is kept on the disk, and nothing is repaired: a node that was down or cut off has missed what was said. For
/// large meshes, and where everybody must hear, use ``Plumtree``.
///
/// Source: PeerPigeon's rules of gossip (defaults of 10 hops and 5 minutes); Demers et al., "Epidemic Algorithms for
/// Replicated Database Maintenance", PODC 1987 (rumor mongering with a fanout).
public enum Broadcast {
    /// The name of a message in the whole mesh.
    public struct MessageID: Hashable, Sendable, Comparable {
        /// The node that sent it.
        public let origin: NodeID
        /// Which of its messages, in the order of sending; a restarted node begins somewhere else.
        public let number: UInt64

        /// Creates the name of a message.
        @inlinable
        public init(origin: NodeID, number: UInt64) {
            self.origin = origin
            self.number = number
        }

        /// Orders messages by origin, then by number.
        @inlinable
        public static func < (left: MessageID, right: MessageID) -> Bool {
            left.origin == right.origin ? left.number < right.number : left.origin < right.origin
        }

        /// A hash in which every bit depends on the whole name.
        @inlinable
        var hash: UInt64 {
            Random.finish(origin.rawValue &* 0x9e37_79b9_7f4a_7c15 &+ number)
        }
    }

    /// The numbers that one life of a node gives to its messages.
    ///
    /// Nothing is kept on the disk, so a restarted node must not give a number again that its earlier life gave. The
    /// upper bits are drawn from the node and the time of the start: two lives share them when their clocks show the
    /// same nanosecond or by a chance of 1 in 2^38. The lower 24 count; the two uppermost stay free.
    struct Numbers: Sendable {
        private var next: UInt64 = 0

        /// Begins another life.
        init(_ random: Random, _ id: NodeID, at now: Instant) {
            next = (random.bits(.broadcastLife, id.rawValue, UInt64(bitPattern: now.nanoseconds)) >> 26) << 24
        }

        /// The next number.
        mutating func take() -> UInt64 {
            next = (next &+ 1) & (UInt64.max >> 2)
            return next
        }
    }

    /// What is sent, with the way it has come.
    public struct Letter: Hashable, Sendable {
        /// Its name.
        public let id: MessageID
        /// How many hops it may make, the one under way included.
        public let timeToLive: UInt8
        /// The nodes it has left, in order: the origin first, the sender of this copy last.
        public let path: [NodeID]
        /// What the program sent.
        public let payload: Bytes

        /// Creates a letter.
        public init(id: MessageID, timeToLive: UInt8, path: [NodeID], payload: Bytes) {
            self.id = id
            self.timeToLive = timeToLive
            self.path = path
            self.payload = payload
        }

        /// How many hops it has made when it arrives.
        public var hops: Int { path.count }

        /// The letter as its receiver passes it on.
        ///
        /// - Complexity: O(hops): one array for all copies.
        func passedOn(by node: NodeID) -> Letter {
            var longer: [NodeID] = []
            longer.reserveCapacity(path.count + 1)
            longer.append(contentsOf: path)
            longer.append(node)
            return Letter(id: id, timeToLive: timeToLive - 1, path: longer, payload: payload)
        }
    }
}

extension Broadcast.MessageID: Traceable, WireCodable {
    /// Mixes origin and number in.
    public func digest(into digest: inout Digest) {
        digest.mix(origin)
        digest.mix(number)
    }

    /// Origin and the count of the number, such as `n3#17`.
    public var description: String { "\(origin)#\(number & 0xff_ffff)" }

    /// Writes origin and number.
    public func encode(into writer: inout WireWriter) {
        writer.node(origin)
        writer.number(number)
    }

    /// Reads the name of a message.
    public init(from reader: inout WireReader) throws(WireError) {
        self.origin = try reader.node()
        self.number = try reader.number()
    }
}

extension Broadcast.Letter: Traceable, WireCodable {
    /// The longest path that is read from the wire.
    public static let wirePathLimit = 255
    /// The longest payload that is read from the wire.
    public static let wirePayloadLimit = 1 << 20

    /// Mixes every field in.
    public func digest(into digest: inout Digest) {
        id.digest(into: &digest)
        digest.mix(UInt64(timeToLive))
        digest.mix(path.count)
        for node in path { digest.mix(node) }
        digest.mix(payload)
    }

    /// Name, path and size, such as `n3#17 via n3 n5, 64 bytes, 8 hops left`.
    public var description: String {
        "\(id) via \(Broadcast.list(path)), \(payload.count) bytes, \(timeToLive) hops left"
    }

    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        id.encode(into: &writer)
        writer.byte(timeToLive)
        writer.number(path.count)
        for node in path { writer.node(node) }
        writer.bytes(payload)
    }

    /// Reads a letter.
    public init(from reader: inout WireReader) throws(WireError) {
        self.id = try Broadcast.MessageID(from: &reader)
        self.timeToLive = try reader.byte()
        self.path = try Broadcast.readNodes(limit: Self.wirePathLimit, from: &reader)
        self.payload = try reader.bytes(limit: Self.wirePayloadLimit)
    }
}

extension Broadcast {
    /// The nodes with spaces between them.
    static func list(_ nodes: [NodeID]) -> String {
        var text = ""
        for node in nodes { text += text.isEmpty ? node.description : " \(node)" }
        return text.isEmpty ? "nobody" : text
    }

    /// Reads a list of at most `limit` nodes.
    static func readNodes(limit: Int, from reader: inout WireReader) throws(WireError) -> [NodeID] {
        let count = try reader.count(limit: limit)
        var nodes: [NodeID] = []
        nodes.reserveCapacity(count)
        for _ in 0..<count { nodes.append(try reader.node()) }
        return nodes
    }
}

extension Random.Purpose {
    /// Where a life's numbers of messages begin.
    static var broadcastLife: Random.Purpose { Random.Purpose(0x0400) }
    /// To which links a message goes.
    static var broadcastTarget: Random.Purpose { Random.Purpose(0x0401) }
}
