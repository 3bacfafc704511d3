extension Gossip.Node {
    /// Adds a peer; this node itself is no peer.
    ///
    /// - Complexity: O(peers).
    mutating func insertPeer(_ peer: NodeID) {
        guard peer != id, Gossip.Node.position(of: peer, in: peers) == nil else { return }
        var index = peers.count
        while index > 0, peer < peers[index - 1] { index -= 1 }
        peers.insert(peer, at: index)
    }

    /// Removes a peer; what came from it stays.
    mutating func removePeer(_ peer: NodeID) {
        if let index = Gossip.Node.position(of: peer, in: peers) { peers.remove(at: index) }
        if session.partner == peer { session = Gossip.Session() }
    }

    /// Where a node is in a sorted list.
    static func position(of node: NodeID, in list: [NodeID]) -> Int? {
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) >> 1
            if list[middle] < node { low = middle + 1 } else { high = middle }
        }
        return low < list.count && list[low] == node ? low : nil
    }
}
