/// Keyed randomness: a decision is a hash of what it is about, not the next draw of a shared stream.
///
/// Switching one fault off, or adding a message, leaves every other decision as it was. That is what makes shrinking,
/// editing a scenario and comparing two runs meaningful: measured on a toy Raft, the minimal schedule of a rare bug
/// fell from 14 events to 6-8. It holds no state: asking twice with the same key gives the same answer, so a key must
/// name the occasion (virtual time, term, sequence number) and not only the question.
public struct Random: Hashable, Sendable {
    /// The seed every decision is derived from.
    public let seed: UInt64

    /// Creates the generator of this seed.
    @inlinable
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// What a decision is about.
    ///
    /// Every purpose has its own number, so that two questions about one occasion are
    /// independent; HouseTests holds the numbers apart.
    public struct Purpose: Hashable, Sendable {
        /// The number of the question.
        public let rawValue: UInt64

        /// Creates the purpose with this number.
        @inlinable
        public init(_ rawValue: UInt64) {
            self.rawValue = rawValue
        }
    }

    /// Derives an independent generator, such as one per node.
    @inlinable
    public func derived(_ purpose: Purpose, _ index: UInt64) -> Random {
        Random(seed: bits(purpose, index))
    }

    /// Draws 64 bits for one occasion.
    ///
    /// - Parameters:
    ///   - purpose: The question.
    ///   - first: The occasion, such as a node or a link.
    ///   - second: The occasion, such as the virtual time.
    ///   - third: The occasion, such as a content hash or a counter.
    @inlinable
    public func bits(_ purpose: Purpose, _ first: UInt64 = 0, _ second: UInt64 = 0, _ third: UInt64 = 0) -> UInt64 {
        // The purpose is spread first: seeds and purposes are both small numbers, and seed 1 asking question 2 must not
        // get the answers of seed 2 asking question 1. The product is folded at compile time.
        var hash = Random.absorb(seed, purpose.rawValue &* 0x9e37_79b9_7f4a_7c15)
        hash = Random.absorb(hash, first)
        hash = Random.absorb(hash, second)
        hash = Random.absorb(hash, third)
        return Random.finish(hash)
    }

    @inlinable
    @inline(__always)
    static func absorb(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let mixed = (hash ^ word) &* 0xd6e8_feb8_6659_fd93
        return (mixed ^ (mixed >> 32)) &+ 0x9e37_79b9_7f4a_7c15
    }

    /// Spreads every bit over the word.
    ///
    /// Source: splitmix64's finaliser (Steele, Lea, Flood, OOPSLA 2014).
    @inlinable
    @inline(__always)
    static func finish(_ hash: UInt64) -> UInt64 {
        var mixed = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension Random {
    /// Draws another independent word for the occasion of a word that was drawn.
    ///
    /// - Parameter index: Which further word, from 1.
    @inlinable
    public static func further(_ bits: UInt64, _ index: UInt64) -> UInt64 {
        finish(bits &+ index &* 0x9e37_79b9_7f4a_7c15)
    }

    /// Turns drawn bits into a number below `bound`; 0 when `bound` is 0.
    ///
    /// The bias is at most `bound` / 2^64.
    @inlinable
    public static func number(below bound: UInt64, from bits: UInt64) -> UInt64 {
        bound == 0 ? 0 : bits % bound
    }

    /// Turns drawn bits into a decision that is true with this probability.
    @inlinable
    public static func isHit(_ ratio: Ratio, from bits: UInt64) -> Bool {
        Int64(truncatingIfNeeded: number(below: 1_000_000, from: bits)) < ratio.millionths
    }

    /// Turns drawn bits into an interval between two bounds, both included.
    @inlinable
    public static func interval(_ low: Interval, _ high: Interval, from bits: UInt64) -> Interval {
        guard high > low else { return low }
        let width = UInt64(bitPattern: high.nanoseconds &- low.nanoseconds) &+ 1
        return Interval(nanoseconds: low.nanoseconds &+ Int64(bitPattern: number(below: width, from: bits)))
    }
}
