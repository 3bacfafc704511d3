#if MUTANTS
import MeshCore

/// Broadcasts, the overlay and the tree.
extension Plant {
    static let spreading: [Plant] = [
        Plant(.timeToLiveOffByOne, "textbook", .floods, ["broadcast-hops"]),
        Plant(.seenForgottenEarly, "peerpigeon: nonces cleared whole", .floods, ["broadcast-once"]),
        Plant(.treeWithoutLazyRepair, "", .trees, ["broadcast-reaches-all"]),
        Plant(.graftNotSent, "", .trees, ["broadcast-reaches-all"]),
        Plant(.namesForgottenWithPayloads, "", .trees, ["broadcast-once"]),
        Plant(.passiveNeverPromoted, "", .trees, ["broadcast-reaches-all"]),
        Plant(.duplicatesNotPruned, "", .calmTrees, ["plumtree-tree"]),
    ]
}
#endif
