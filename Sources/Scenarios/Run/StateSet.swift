/// A set of state signatures whose memory is bounded.
///
/// A table with open addressing: what is in it does not depend on the order in which it came in, unless the limit was
/// reached.
public struct StateSet: Sendable, Equatable {
    /// How many signatures are kept; further ones are not counted.
    public static var limit: Int { 1 << 20 }

    /// The table; 0 stands for an empty place.
    private var table: [UInt64] = []
    /// How many signatures there are.
    public private(set) var count = 0

    /// Creates an empty set.
    public init() {}

    /// Whether the limit was reached, so that there may be more than are counted.
    public var isFull: Bool { count >= Self.limit }

    /// Adds a signature.
    ///
    /// - Returns: Whether it is new; `false` when the set is full.
    /// - Complexity: O(1) on average.
    @discardableResult
    public mutating func insert(_ signature: UInt64) -> Bool {
        if count * 2 >= table.count { grow() }
        let word = signature == 0 ? 1 : signature
        let place = place(of: word)
        guard table[place] == 0, !isFull else { return false }
        table[place] = word
        count += 1
        return true
    }

    /// Whether a signature is in the set.
    ///
    /// - Complexity: O(1) on average.
    public func contains(_ signature: UInt64) -> Bool {
        guard !table.isEmpty else { return false }
        return table[place(of: signature == 0 ? 1 : signature)] != 0
    }

    /// Adds all of another set.
    ///
    /// - Complexity: O(size of the other).
    public mutating func formUnion(_ other: StateSet) {
        for word in other.table where word != 0 { insert(word) }
    }

    /// The signatures in ascending order.
    ///
    /// - Complexity: O(n log n).
    public var sorted: [UInt64] { table.filter { $0 != 0 }.sorted() }

    /// Whether both hold the same signatures.
    ///
    /// - Complexity: O(n) on average.
    public static func == (left: StateSet, right: StateSet) -> Bool {
        guard left.count == right.count else { return false }
        for word in left.table where word != 0 && !right.contains(word) { return false }
        return true
    }

    /// Where a word is, or where it belongs.
    private func place(of word: UInt64) -> Int {
        let mask = table.count - 1
        var place = Int(truncatingIfNeeded: word ^ (word >> 32)) & mask
        while table[place] != 0 && table[place] != word { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        var old: [UInt64] = []
        swap(&old, &table)
        table = [UInt64](repeating: 0, count: max(64, old.count * 2))
        for word in old where word != 0 {
            let place = place(of: word)
            table[place] = word
        }
    }
}
