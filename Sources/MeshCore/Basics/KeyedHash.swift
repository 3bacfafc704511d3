/// A hash of words under a secret key: who does not know the key cannot look for two inputs with one hash.
///
/// ``Digest`` is faster, but its collisions can be written down; this one stands where the input comes from others and
/// a collision would hide something.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012, section 2, with c = 2 and d = 4.
public struct KeyedHash: Sendable {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    /// The two words of a key.
    public struct Key: Hashable, Sendable {
        /// The first eight bytes, the lowest first.
        public let low: UInt64
        /// The last eight bytes, the lowest first.
        public let high: UInt64

        /// Creates a key from its words.
        public init(_ low: UInt64, _ high: UInt64) {
            self.low = low
            self.high = high
        }

        /// The key that everybody knows; it hides nothing.
        public static var open: Key { Key(0x6d65_7368_2d6f_7065, 0x6e2d_6b65_792d_3031) }
    }

    /// Begins a hash under a key.
    public init(_ key: Key) {
        self.v0 = key.low ^ 0x736f_6d65_7073_6575
        self.v1 = key.high ^ 0x646f_7261_6e64_6f6d
        self.v2 = key.low ^ 0x6c79_6765_6e65_7261
        self.v3 = key.high ^ 0x7465_6462_7974_6573
    }

    /// Mixes one word in.
    @inline(__always)
    public mutating func mix(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    /// Mixes whole words of bytes in, the lowest byte first, the last one filled up with zeros.
    ///
    /// It does not mix their number in; without it, bytes that differ by zeros at the end are the same.
    ///
    /// - Complexity: O(number of bytes).
    public mutating func mixWords(of bytes: Bytes) {
        var word: UInt64 = 0
        var filled: UInt64 = 0
        for byte in bytes.slice {
            word |= UInt64(byte) &<< filled
            filled &+= 8
            if filled == 64 {
                mix(word)
                word = 0
                filled = 0
            }
        }
        if filled > 0 { mix(word) }
    }

    /// The hash of everything that was mixed in.
    public consuming func finish() -> UInt64 {
        v2 ^= 0xff
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    /// The hash of a byte string as the paper defines it.
    ///
    /// - Complexity: O(number of bytes).
    public static func hash(_ bytes: Bytes, _ key: Key) -> UInt64 {
        var hash = KeyedHash(key)
        let whole = bytes.count / 8 * 8
        hash.mixWords(of: bytes.part(0..<whole))
        var last = UInt64(UInt(bytes.count & 0xff)) << 56
        for place in whole..<bytes.count { last |= UInt64(bytes[place]) << (8 * UInt64(UInt(place - whole))) }
        hash.mix(last)
        return hash.finish()
    }

    @inline(__always)
    private mutating func round() {
        v0 = v0 &+ v1
        v1 = KeyedHash.rotated(v1, 13) ^ v0
        v0 = KeyedHash.rotated(v0, 32)
        v2 = v2 &+ v3
        v3 = KeyedHash.rotated(v3, 16) ^ v2
        v0 = v0 &+ v3
        v3 = KeyedHash.rotated(v3, 21) ^ v0
        v2 = v2 &+ v1
        v1 = KeyedHash.rotated(v1, 17) ^ v2
        v2 = KeyedHash.rotated(v2, 32)
    }

    @inline(__always)
    private static func rotated(_ word: UInt64, _ places: UInt64) -> UInt64 {
        word &<< places | word &>> (64 &- places)
    }
}
