public import MeshCore

/// A way in which some nodes cannot reach others.
///
/// Positions are zero-based.
public enum Cut: Hashable, Sendable {
    /// Two nodes reach each other when some group holds both; a node in no group is alone.
    ///
    /// Groups may overlap: two groups that share one node are a bridge.
    case groups([BitSet])
    /// Nothing from the first set reaches the second.
    case oneWay(from: BitSet, to: BitSet)
    /// Each node reaches only its two neighbours in this circle.
    case ring([Int])

    /// Whether the cut keeps `from` from reaching `to`.
    func blocks(from: Int, to: Int) -> Bool {
        switch self {
        case .groups(let groups):
            for group in groups where group.contains(from) && group.contains(to) { return false }
            return true
        case .oneWay(let senders, let receivers):
            return senders.contains(from) && receivers.contains(to)
        case .ring(let circle):
            guard let place = circle.firstIndex(of: from) else { return false }
            guard circle.contains(to) else { return false }
            let next = circle[place + 1 == circle.count ? 0 : place + 1]
            let previous = circle[place == 0 ? circle.count - 1 : place - 1]
            return to != next && to != previous
        }
    }

    /// Describes the cut to a digest.
    func digest(into digest: inout Digest) {
        switch self {
        case .groups(let groups):
            digest.mix(1 as UInt64)
            for group in groups { digest.mix(group) }
        case .oneWay(let senders, let receivers):
            digest.mix(2 as UInt64)
            digest.mix(senders)
            digest.mix(receivers)
        case .ring(let circle):
            digest.mix(3 as UInt64)
            for place in circle { digest.mix(place) }
        }
    }
}

extension Digest {
    /// Mixes a set of numbers in.
    mutating func mix(_ set: BitSet) {
        mix(set.count)
        set.forEach { mix($0) }
    }
}

/// Which directed links are blocked, as a square of bits.
struct LinkMatrix: Sendable {
    private var words: [UInt64] = []
    private var stride = 0

    /// Whether no link is blocked.
    var isEmpty: Bool { words.isEmpty }

    /// Whether the link is blocked.
    func contains(from: Int, to: Int) -> Bool {
        guard !words.isEmpty else { return false }
        return words[from * stride + (to >> 6)] & (1 << UInt64(to & 63)) != 0
    }

    /// Forgets everything and blocks what any of these cuts blocks.
    ///
    /// - Complexity: O(n² · number of cuts); cuts change rarely.
    mutating func rebuild(_ cuts: [Cut], nodeCount: Int) {
        words = []
        guard !cuts.isEmpty else { return }
        stride = (nodeCount + 63) >> 6
        words = [UInt64](repeating: 0, count: stride * nodeCount)
        for from in 0..<nodeCount {
            for to in 0..<nodeCount where to != from {
                for cut in cuts where cut.blocks(from: from, to: to) {
                    words[from * stride + (to >> 6)] |= 1 << UInt64(to & 63)
                    break
                }
            }
        }
    }
}
