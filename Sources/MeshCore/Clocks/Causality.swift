/// How two points in a distributed history relate.
public enum Causality: Hashable, Sendable, CustomStringConvertible {
    /// The first happened before the second.
    case before
    /// The second happened before the first.
    case after
    /// Both are the same point.
    case equal
    /// Neither knew of the other.
    case concurrent

    /// The relation seen from the other side.
    public var reversed: Causality {
        switch self {
        case .before: .after
        case .after: .before
        case .equal: .equal
        case .concurrent: .concurrent
        }
    }

    /// The relation in one word.
    public var description: String {
        switch self {
        case .before: "before"
        case .after: "after"
        case .equal: "equal"
        case .concurrent: "concurrent"
        }
    }
}
