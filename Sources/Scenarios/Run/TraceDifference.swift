/// The first place at which two traces part.
public struct TraceDifference: Equatable, Sendable {
    /// The number of the line, from 1.
    public var line: Int
    /// The line of the first trace; "(the trace ends)" when it is shorter.
    public var left: String
    /// The line of the second trace; "(the trace ends)" when it is shorter.
    public var right: String

    /// Creates a difference.
    public init(line: Int, left: String, right: String) {
        self.line = line
        self.left = left
        self.right = right
    }

    /// Compares two traces line by line.
    ///
    /// - Returns: `nil` when they are equal.
    /// - Complexity: O(length of the shorter one).
    public static func first(_ left: [UInt8], _ right: [UInt8]) -> TraceDifference? {
        let shared = min(left.count, right.count)
        var lineStart = 0
        var line = 1
        for index in 0..<shared {
            if left[index] != right[index] {
                return TraceDifference(line: line, left: text(left, lineStart), right: text(right, lineStart))
            }
            if left[index] == 10 {
                line += 1
                lineStart = index + 1
            }
        }
        if left.count == right.count { return nil }
        return TraceDifference(line: line, left: text(left, lineStart), right: text(right, lineStart))
    }

    private static func text(_ trace: [UInt8], _ start: Int) -> String {
        var end = start
        while end < trace.count, trace[end] != 10 { end += 1 }
        return start >= trace.count ? "(the trace ends)" : String(decoding: trace[start..<end], as: UTF8.self)
    }
}
