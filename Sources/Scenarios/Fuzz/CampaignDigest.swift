public import MeshCore

/// A fingerprint of many runs that does not depend on their order.
///
/// Each run is one summand, well mixed from its place in the campaign, its seed, its own digest and its verdict, so
/// that the fingerprints of parts add up to that of the whole. Two sums of 64 bits, wrapping around, over two mixtures:
/// two campaigns that differ by accident have the same with probability 2^-128 as far as the digests of their runs
/// differ, each of which has 64 bits. Not cryptographic: sums can be forged on purpose.
///
/// Source: Bellare and Micciancio, *A New Paradigm for Collision-free Hashing: Incrementality at Reduced Cost*,
/// EUROCRYPT 1997 (AdHash).
/// Deviation: mixed by multiplication and shifts, and short; it finds mistakes, it keeps no forger out.
public struct CampaignDigest: Hashable, Sendable, CustomStringConvertible {
    /// The sum over the first mixture.
    public private(set) var high: UInt64

    /// The sum over the second mixture.
    public private(set) var low: UInt64

    /// Creates the fingerprint of no run, or one that was written down.
    public init(high: UInt64 = 0, low: UInt64 = 0) {
        self.high = high
        self.low = low
    }

    /// Adds a run, or one of its further futures, counted from 1.
    public mutating func add(place: UInt64, future: UInt64 = 0, seed: UInt64, digest: Digest, verdict: Verdict) {
        high &+= Self.mixed(0x6361_6d70_6169_676e &+ future, place, seed, digest, verdict)
        low &+= Self.mixed(0x6f66_6d61_6e79_7275 &+ future, place, seed, digest, verdict)
    }

    /// Adds the runs of another part of the campaign.
    public mutating func add(_ other: CampaignDigest) {
        high &+= other.high
        low &+= other.low
    }

    private static func mixed(
        _ salt: UInt64, _ place: UInt64, _ seed: UInt64, _ run: Digest, _ verdict: Verdict
    ) -> UInt64 {
        var digest = Digest()
        digest.mix(salt)
        digest.mix(place)
        digest.mix(seed)
        digest.mix(run.value)
        digest.mix(UInt64(verdict.rawValue))
        var word = digest.value
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// Thirty-two hexadecimal digits.
    public var description: String { hexadecimal(high) + hexadecimal(low) }
}
