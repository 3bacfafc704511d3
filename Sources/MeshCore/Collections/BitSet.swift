/// A set of small numbers as bits, walked in ascending order.
public struct BitSet: Hashable, Sendable {
    @usableFromInline var words: [UInt64]

    /// Creates an empty set.
    @inlinable
    public init() {
        self.words = []
    }

    /// Creates the set of these numbers.
    @inlinable
    public init(_ members: [Int]) {
        self.init()
        for member in members { insert(member) }
    }

    /// Whether the set holds a number.
    @inlinable
    public func contains(_ member: Int) -> Bool {
        let word = member >> 6
        guard member >= 0, word < words.count else { return false }
        return words[word] & (1 << UInt64(member & 63)) != 0
    }

    /// Adds a number that is not negative.
    ///
    /// - Complexity: O(1), amortised; the set takes one bit for every number up to its largest.
    /// - Returns: Whether it was new.
    @inlinable
    @discardableResult
    public mutating func insert(_ member: Int) -> Bool {
        invariant(member >= 0, "a bit set holds numbers that are not negative")
        let word = member >> 6
        while words.count <= word { words.append(0) }
        let bit: UInt64 = 1 << UInt64(member & 63)
        let isNew = words[word] & bit == 0
        words[word] |= bit
        return isNew
    }

    /// Removes a number.
    ///
    /// - Returns: Whether it was there.
    @inlinable
    @discardableResult
    public mutating func remove(_ member: Int) -> Bool {
        guard contains(member) else { return false }
        words[member >> 6] &= ~(1 << UInt64(member & 63))
        // Trailing empty words go, so that equal sets are equal values.
        while let last = words.last, last == 0 { words.removeLast() }
        return true
    }

    /// How many numbers the set holds.
    ///
    /// - Complexity: O(largest member / 64).
    @inlinable
    public var count: Int {
        var total = 0
        for word in words { total += word.nonzeroBitCount }
        return total
    }

    /// Whether the set is empty.
    @inlinable
    public var isEmpty: Bool { words.isEmpty }

    /// Adds every number of another set.
    @inlinable
    public mutating func formUnion(_ other: BitSet) {
        while words.count < other.words.count { words.append(0) }
        for index in 0..<other.words.count { words[index] |= other.words[index] }
    }

    /// The numbers of this set that another one does not hold.
    @inlinable
    public func subtracting(_ other: BitSet) -> BitSet {
        var result = self
        for index in 0..<min(words.count, other.words.count) { result.words[index] &= ~other.words[index] }
        while let last = result.words.last, last == 0 { result.words.removeLast() }
        return result
    }

    /// Hands every number to `body`, in ascending order.
    @inlinable
    public func forEach(_ body: (Int) -> Void) {
        for index in 0..<words.count {
            var word = words[index]
            while word != 0 {
                body(index << 6 + word.trailingZeroBitCount)
                word &= word - 1
            }
        }
    }

    /// The numbers in ascending order.
    @inlinable
    public var members: [Int] {
        var result: [Int] = []
        forEach { result.append($0) }
        return result
    }
}
