/// The name of a node.
///
/// Small, comparable, and the tie-break wherever two nodes must agree on an order.
public struct NodeID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number.
    ///
    /// 0 is never a node: it stands for "nobody" on the wire and on the disk.
    public let rawValue: UInt64

    /// Creates the id with this number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Orders ids by number.
    @inlinable
    public static func < (left: NodeID, right: NodeID) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The id as scenarios write it, such as `n3`.
    public var description: String { "n\(rawValue)" }
}
