/// Finds out how two sets differ with traffic that follows the difference, whatever the size of the sets.
///
/// Both sides describe their set of 64-bit ids by the same endless sequence of **coded symbols**. Symbol i is a sum
/// over the ids that are mapped to it: all of them for symbol 0, two thirds for symbol 1, 2 / (i + 2) of them for
/// symbol i. Subtracting one side's symbols from the other's leaves the symbols of the difference, for whatever both
/// have falls out; and from about 1.35 to 1.7 symbols for each id of the difference (two or three for very few) the
/// ``Decoder`` takes it apart. Nobody has to know beforehand how large it is: symbols are sent until it is enough.
///
/// - ``Sketch`` is the beginning of a set's sequence, kept up to date with every insertion and removal.
/// - ``Decoder`` takes symbols in any number of pieces and says what only one side has.
///
/// Ids should be hashes under a key that is not known to whoever chooses what is hashed (``KeyedHash``), and the salt
/// likewise: then nobody can choose ids whose symbols never come apart.
///
/// Source: Yang, Gilad, Alizadeh, "Practical Rateless Set Reconciliation", SIGCOMM 2024, sections 4 and 5.
/// Deviation: a symbol adds modulo 2^64 instead of by exclusive or, and so needs no count: the sign of an id shows
/// whose it is, and 12 bytes do the work of 17. Deviation: the mapping is exact in integers, see `Indices`.
public enum Reconciliation {
    /// What the ids that are mapped to one place add up to.
    public struct Symbol: Hashable, Sendable {
        /// The sum of the ids modulo 2^64.
        public var sum: UInt64
        /// The sum of their checks modulo 2^32.
        public var check: UInt32

        /// Creates a symbol.
        public init(sum: UInt64 = 0, check: UInt32 = 0) {
            self.sum = sum
            self.check = check
        }

        /// Whether no id is in it.
        public var isEmpty: Bool { sum == 0 && check == 0 }

        /// How many bytes a symbol takes on the wire.
        public static let byteCount = 12

        /// What one symbol has more than another.
        @inline(__always)
        static func - (left: Symbol, right: Symbol) -> Symbol {
            Symbol(sum: left.sum &- right.sum, check: left.check &- right.check)
        }

        /// The symbol with every id on the other side.
        @inline(__always)
        var negated: Symbol { Symbol(sum: 0 &- sum, check: 0 &- check) }

        @inline(__always)
        mutating func add(_ other: Symbol) {
            sum = sum &+ other.sum
            check = check &+ other.check
        }

        @inline(__always)
        mutating func subtract(_ other: Symbol) {
            sum = sum &- other.sum
            check = check &- other.check
        }
    }

    /// The symbol of a single id.
    @inline(__always)
    static func symbol(of id: UInt64, _ salt: UInt64) -> Symbol {
        // Not a function of the sum alone that is linear: sums of several ids must not pass for one.
        Symbol(sum: id, check: UInt32(truncatingIfNeeded: Random.finish(id ^ salt) >> 32))
    }

    /// The places to which an id is mapped, in ascending order from 0 on.
    ///
    /// The chance that an id that is at place i goes to none of i+1, ..., j is the product of k / (k + 2), which is
    /// (i + 1) / (j + 1) times (i + 2) / (j + 2). Two drawn numbers that have to be below one of these each have
    /// exactly that chance, so the next place is the smaller of two quotients; the paper's single drawn number needs a
    /// square root in floating point, which would make the sequence a property of the machine.
    ///
    /// Source: section 4.2 of the paper (density 1 / (1 + i / 2)), the drawing is ours.
    struct Indices {
        /// The present place.
        private(set) var index: UInt64 = 0
        private var state: UInt64

        @inline(__always)
        init(of id: UInt64, _ salt: UInt64) {
            self.state = Random.finish(id &+ salt)
        }

        /// Goes on to the next place.
        @inline(__always)
        mutating func advance() {
            state = state &+ 0x9e37_79b9_7f4a_7c15
            let bits = Random.finish(state)
            let first = (bits & 0xffff_ffff) &+ 1
            let second = (bits >> 32) &+ 1
            let one = ((index &+ 1) &<< 32) / first
            let other = ((index &+ 2) &<< 32) / second &- 1
            index = one < other ? one : other
        }
    }
}
