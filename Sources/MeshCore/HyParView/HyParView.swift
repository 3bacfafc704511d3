/// An overlay for large meshes: each node knows a few others, and together they stay connected.
///
/// - The **active view** holds the neighbours, 5 by default. It is symmetric: each is in the other's. Messages travel
///   over it (``Plumtree``, ``Broadcast``).
/// - The **passive view** holds 30 others that may take a neighbour's place. Random walks (shuffles) keep it fresh, so
///   that most of a mesh may crash at once and the rest finds together again.
/// - A newcomer joins through a **contact**, whose neighbours send its name on random walks; where a walk ends it gets
///   a neighbour.
///
/// Source: Leitao, Pereira, Rodrigues, "HyParView: A Membership Protocol for Reliable Gossip-Based Broadcast", DSN
/// 2007.
///
/// Deviation: the paper takes a broken TCP connection for a failure and an open one for a symmetric link. There are
/// only messages here. Neighbours send each other a **beat** every interval; whoever misses
/// ``HyParView/Settings/silenceLimit`` of them gives the neighbour up and tells it so, and whoever gets a beat from
/// somebody that is not its neighbour makes it one or tells it that it is none. So a link that is cut one way ends both
/// ways, and a lost answer is repaired.
///
/// Deviation: the paper's overlay stays split after a long partition, because both halves have full active views and
/// only a node that lacks a neighbour looks for one. Here a beat carries the smallest id that is heard of in this part
/// of the mesh, as bridges elect their root, with a count that this **root** raises. Nodes now and then greet one of
/// their passive view or a contact; if its root is another, and neither has changed lately, the two become neighbours.
///
/// Source: Perlman, "An Algorithm for Distributed Computation of a Spanning Tree in an Extended LAN", SIGCOMM 1985.
public enum HyParView {
    /// The smallest id that is heard of in a part of a mesh, and how often it has said so.
    public struct Root: Hashable, Sendable {
        /// The node.
        public let id: NodeID
        /// Its count, which grows by one with each of its beats.
        public let count: UInt64

        /// Creates a root.
        public init(id: NodeID, count: UInt64) {
            self.id = id
            self.count = count
        }
    }
}

extension HyParView.Root: Traceable, WireCodable {
    /// Mixes node and count in.
    public func digest(into digest: inout Digest) {
        digest.mix(id)
        digest.mix(count)
    }

    /// Node and count, such as `n1@17`.
    public var description: String { "\(id)@\(count)" }

    /// Writes node and count.
    public func encode(into writer: inout WireWriter) {
        writer.node(id)
        writer.number(count)
    }

    /// Reads a root.
    public init(from reader: inout WireReader) throws(WireError) {
        self.id = try reader.node()
        self.count = try reader.number()
    }
}

extension Random.Purpose {
    /// When in its interval a node begins.
    static var overlayPhase: Random.Purpose { Random.Purpose(0x0410) }
    /// Which neighbour has to go.
    static var overlayVictim: Random.Purpose { Random.Purpose(0x0411) }
    /// Where a walk goes on.
    static var overlayWalk: Random.Purpose { Random.Purpose(0x0412) }
    /// Who of the passive view is asked to become a neighbour.
    static var overlayCandidate: Random.Purpose { Random.Purpose(0x0413) }
    /// Who is shown to others.
    static var overlaySample: Random.Purpose { Random.Purpose(0x0414) }
    /// Who of the passive view is forgotten.
    static var overlayForgotten: Random.Purpose { Random.Purpose(0x0415) }
    /// Whom a node joins through or greets.
    static var overlayContact: Random.Purpose { Random.Purpose(0x0416) }
}
