extension Reconciliation {
    /// Sixty-four small sums from which two sides guess how many ids they differ by, within about a third.
    ///
    /// An id goes to one of four maps, and there to stratum j with the chance 2^-(j+1). The first stratum that is equal
    /// on both sides tells the logarithm of the difference in that map. 32 bytes on the wire save the doublings by
    /// which one would have to find out how many symbols are enough.
    ///
    /// Source: Flajolet and Martin, "Probabilistic Counting Algorithms for Data Base Applications", JCSS 1985; taken of
    /// a difference as in Eppstein et al., "What's the Difference?", SIGCOMM 2011, section 3 (strata).
    /// Deviation: four-bit sums instead of bits or tables, so that removals work and a difference shows.
    public struct Strata: Hashable, Sendable {
        /// Sums of four bits, two to a byte: map after map, in each the strata in order.
        public private(set) var bytes: [UInt8]

        /// How many bytes they take.
        public static let byteCount = 32

        /// Creates the strata of the empty set.
        public init() {
            self.bytes = [UInt8](repeating: 0, count: Strata.byteCount)
        }

        /// Takes over strata from elsewhere; `nil` unless there are ``byteCount`` bytes.
        public init?(_ bytes: [UInt8]) {
            guard bytes.count == Strata.byteCount else { return nil }
            self.bytes = bytes
        }

        /// Takes an id into account.
        public mutating func insert(_ id: UInt64, salt: UInt64) {
            let (cell, amount) = Strata.cell(of: id, salt)
            self[cell] = self[cell] &+ amount
        }

        /// Takes an id out again.
        public mutating func remove(_ id: UInt64, salt: UInt64) {
            let (cell, amount) = Strata.cell(of: id, salt)
            self[cell] = self[cell] &- amount
        }

        /// About how many ids the sets differ by.
        public func difference(from other: Strata) -> Int {
            var sum = 0
            for map in 0..<4 {
                var stratum = 0
                while stratum < 16, self[map * 16 + stratum] != other[map * 16 + stratum] { stratum += 1 }
                sum += stratum
            }
            // Four maps, the bias of the paper (0.77351) and 2 to the power of the mean, in thousandths.
            let quarters: [Int64] = [1_000, 1_189, 1_414, 1_682]
            return Int(truncatingIfNeeded: (Int64(5_171) << Int64(sum / 4)) * quarters[sum % 4] / 1_000_000)
        }

        private static func cell(of id: UInt64, _ salt: UInt64) -> (cell: Int, amount: UInt8) {
            let bits = Random.finish((id ^ 0x6a09_e667_f3bc_c908) &+ salt)
            let zeros = (bits >> 8 | 1 << 15).trailingZeroBitCount
            return (Int(bits & 3) * 16 + zeros, UInt8(truncatingIfNeeded: bits >> 2) & 15 | 1)
        }

        private subscript(cell: Int) -> UInt8 {
            get { bytes[cell >> 1] >> (UInt8(cell & 1) * 4) & 15 }
            set {
                let shift = UInt8(cell & 1) * 4
                bytes[cell >> 1] = bytes[cell >> 1] & ~(15 << shift) | (newValue & 15) << shift
            }
        }
    }
}
