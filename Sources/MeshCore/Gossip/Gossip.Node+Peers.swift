extension Gossip {
    /// The nodes that a node gossips with, and which of them are near.
    struct Neighbours: Sendable {
        /// All of them in ascending order.
        private(set) var all: [NodeID] = []
        /// Those that are near, in ascending order.
        private(set) var near: [NodeID] = []
        /// The others, in ascending order.
        private(set) var far: [NodeID] = []

        /// Adds a peer; one that is near stays near.
        ///
        /// - Complexity: O(peers).
        mutating func insert(_ peer: NodeID, isNear: Bool) {
            let isKnown = Gossip.Node.position(of: peer, in: all) != nil
            Neighbours.insert(peer, into: &all)
            if isNear {
                Neighbours.insert(peer, into: &near)
                Neighbours.remove(peer, from: &far)
            } else if !isKnown {
                Neighbours.insert(peer, into: &far)
            }
        }

        /// Removes a peer.
        ///
        /// - Complexity: O(peers).
        mutating func remove(_ peer: NodeID) {
            Neighbours.remove(peer, from: &all)
            Neighbours.remove(peer, from: &near)
            Neighbours.remove(peer, from: &far)
        }

        /// A random peer, far with the chance of the share where there are both; there must be a peer.
        func draw(_ farShare: Ratio, from bits: UInt64) -> NodeID {
            let isFar = near.isEmpty || (!far.isEmpty && Random.isHit(farShare, from: Random.further(bits, 1)))
            let list = isFar ? far : near
            return list[Int(Random.number(below: UInt64(UInt(list.count)), from: bits))]
        }

        private static func insert(_ node: NodeID, into list: inout [NodeID]) {
            guard Gossip.Node.position(of: node, in: list) == nil else { return }
            var index = list.count
            while index > 0, node < list[index - 1] { index -= 1 }
            list.insert(node, at: index)
        }

        private static func remove(_ node: NodeID, from list: inout [NodeID]) {
            if let index = Gossip.Node.position(of: node, in: list) { list.remove(at: index) }
        }
    }
}

extension Gossip.Node {
    /// The nodes it gossips with, in ascending order, without itself.
    public var peers: [NodeID] { neighbours.all }

    /// Adds a peer; this node itself is no peer.
    mutating func insertPeer(_ peer: NodeID, isNear: Bool) {
        if peer != id { neighbours.insert(peer, isNear: isNear) }
    }

    /// Removes a peer; what came from it stays.
    mutating func removePeer(_ peer: NodeID) {
        neighbours.remove(peer)
        if let index = position(ofSessionWith: peer) { sessions.remove(at: index) }
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

    /// ``Gossip/Settings/fanout`` different random peers, the far share of them far.
    ///
    /// - Complexity: O(fanout squared), whatever the number of peers.
    func targets(_ occasion: UInt64, except sender: NodeID?) -> [NodeID] {
        let near = Gossip.Node.others(neighbours.near, sender)
        let far = Gossip.Node.others(neighbours.far, sender)
        let total = near + far
        let count = settings.fanout < total ? settings.fanout : total
        var fromFar = 0
        for turn in 0..<count where near > 0 {
            let bits = random.bits(.gossipDistance, id.rawValue, occasion, UInt64(UInt(turn)))
            if Random.isHit(settings.farShare, from: bits) { fromFar += 1 }
        }
        if fromFar > far { fromFar = far }
        if count - fromFar > near { fromFar = count - near }
        var chosen: [NodeID] = []
        chosen.reserveCapacity(count)
        sample(fromFar, of: neighbours.far, occasion, except: sender, into: &chosen)
        sample(count - fromFar, of: neighbours.near, ~occasion, except: sender, into: &chosen)
        return chosen
    }

    private static func others(_ list: [NodeID], _ sender: NodeID?) -> Int {
        guard let sender, position(of: sender, in: list) != nil else { return list.count }
        return list.count - 1
    }

    /// Adds different random nodes of a list.
    ///
    /// Source: Floyd's sampling, in Bentley, "Programming Pearls: A Sample of Brilliance", CACM 1987.
    private func sample(
        _ count: Int, of list: [NodeID], _ occasion: UInt64, except sender: NodeID?, into chosen: inout [NodeID]
    ) {
        guard count > 0 else { return }
        let excluded = sender.flatMap { Gossip.Node.position(of: $0, in: list) } ?? list.count
        let candidates = excluded < list.count ? list.count - 1 : list.count
        var places: [Int] = []
        places.reserveCapacity(count)
        for bound in (candidates - count)..<candidates {
            let bits = random.bits(.gossipTarget, id.rawValue, occasion, UInt64(UInt(bound)))
            let drawn = Int(Random.number(below: UInt64(UInt(bound)) + 1, from: bits))
            places.append(places.contains(drawn) ? bound : drawn)
        }
        for place in places { chosen.append(list[place < excluded ? place : place + 1]) }
    }
}
