/// A share between 0 and 1, counted in millionths, so that no decision depends on floating point.
public struct Ratio: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The share in millionths, 0...1_000_000.
    public let millionths: Int64

    /// Creates a ratio; values outside 0...1_000_000 are clamped.
    @inlinable
    public init(millionths: Int64) {
        self.millionths = millionths < 0 ? 0 : (millionths > 1_000_000 ? 1_000_000 : millionths)
    }

    /// A ratio of this many whole percent.
    @inlinable
    public static func percent(_ percent: Int64) -> Ratio { Ratio(millionths: percent * 10_000) }

    /// Never.
    @inlinable
    public static var zero: Ratio { Ratio(millionths: 0) }

    /// Always.
    @inlinable
    public static var one: Ratio { Ratio(millionths: 1_000_000) }

    /// Orders ratios by size.
    @inlinable
    public static func < (left: Ratio, right: Ratio) -> Bool {
        left.millionths < right.millionths
    }

    /// The ratio in percent with the digits that matter, such as `0.5%`.
    public var description: String {
        let whole = millionths / 10_000
        var fraction = millionths % 10_000
        if fraction == 0 { return "\(whole)%" }
        var digits = ""
        var place: Int64 = 1_000
        while fraction > 0 {
            digits += "\(fraction / place)"
            fraction %= place
            place /= 10
        }
        return "\(whole).\(digits)%"
    }
}
