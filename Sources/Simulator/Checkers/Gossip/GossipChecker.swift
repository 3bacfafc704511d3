public import MeshCore

/// What the gossip state promises.
public enum GossipPromises {
    /// What was reported as stored is not lost.
    public static var noLostWrite: Promise {
        Promise(
            "gossip-no-lost-write",
            "a write that was reported as stored is in every converged state, or a newer one to its key is")
    }
    /// A version stands for one value.
    public static var oneValue: Promise {
        Promise("gossip-one-value", "a version of a key has one value, on every node")
    }
    /// Versions of a key only grow on a node.
    public static var monotonic: Promise {
        Promise("gossip-monotonic", "a node never replaces a value by an older one")
    }
    /// What was deleted, or has expired, stays so.
    public static var noResurrection: Promise {
        Promise(
            "gossip-no-resurrection",
            "what a node knows to be deleted or expired it does not take in again while deletions are remembered")
    }
    /// A write is durable before it is reported.
    public static var durability: Promise {
        Promise("gossip-durability", "a write is reported as stored only after it is durable")
    }
    /// Everybody agrees when the network lets them.
    public static var convergence: Promise {
        Promise("gossip-convergence", "nodes that can talk long enough hold the same state")
    }

    /// All of them.
    public static var all: [Promise] { [noLostWrite, oneValue, monotonic, noResurrection, durability, convergence] }
}

/// Watches the promises of the gossip state over a whole cluster.
///
/// - Complexity: O(log keys) for each record that is written. Memory: one version for each key and node.
public struct GossipChecker: Sendable {
    /// The first break of each promise that was broken, in the order in which they were noticed.
    public private(set) var violations: [Violation] = []
    /// How many writes were reported as stored.
    public private(set) var storedCount: UInt64 = 0

    private var newest: [SortedMap<Bytes, Gossip.Version>]
    private var buried: [SortedMap<Bytes, Burial>]
    private let retention: Interval
    private var stored = SortedMap<Bytes, Stored>()
    private var values = SortedMap<Bytes, Written>()

    /// The newest write to a key that was reported as stored.
    private struct Stored: Sendable {
        var version: Gossip.Version
        var occasion: Occasion
    }

    /// The newest version of a key that any node wrote down, and its value's hash.
    private struct Written: Sendable {
        var version: Gossip.Version
        var fingerprint: UInt64
        var isTombstone: Bool
        var occasion: Occasion
    }

    /// The newest deletion of a key that a node wrote down, or the newest write that it forgot.
    private struct Burial: Sendable {
        var version: Gossip.Version
        var occasion: Occasion
    }

    /// Creates a checker for nodes numbered from 1.
    ///
    /// - Parameter retention: How long the nodes remember deletions.
    public init(nodeCount: Int, retention: Interval = Gossip.Settings().tombstoneRetention) {
        self.newest = [SortedMap<Bytes, Gossip.Version>](repeating: SortedMap(), count: nodeCount)
        self.buried = [SortedMap<Bytes, Burial>](repeating: SortedMap(), count: nodeCount)
        self.retention = retention
    }

    private func place(_ node: NodeID) -> Int { Int(truncatingIfNeeded: node.rawValue) - 1 }

    private mutating func breaks(_ promise: Promise, _ text: String, _ evidence: [Evidence]) {
        for known in violations where known.promise == promise { return }
        violations.append(Violation(promise, text, evidence: evidence))
    }

    /// A node hands a record to its disk.
    public mutating func wrote(_ record: borrowing Gossip.Stable.Record, _ occasion: Occasion) {
        switch copy record {
        case .put(let entry): checkPut(entry, occasion)
        case .forget(let key):
            let place = place(occasion.node)
            if let version = newest[place][key] { bury(key, version, occasion) }
            newest[place][key] = nil
        case .ceiling: break
        }
    }

    private mutating func checkPut(_ entry: Gossip.Entry, _ occasion: Occasion) {
        let place = place(occasion.node)
        if let known = newest[place][entry.key], entry.version < known {
            breaks(
                GossipPromises.monotonic,
                "\(occasion.node) replaced \(entry.key) of version \(known) by the older \(entry.version)",
                [occasion.evidence("writes \(entry.description)")])
        }
        newest[place][entry.key] = entry.version
        if entry.isTombstone {
            bury(entry.key, entry.version, occasion)
        } else if let burial = buried[place][entry.key], entry.version <= burial.version,
            occasion.time - burial.occasion.time < retention
        {
            breaks(
                GossipPromises.noResurrection, "\(occasion.node) took a value of \(entry.key) that was gone",
                [
                    burial.occasion.evidence("buries version \(burial.version.description) of \(entry.key)"),
                    occasion.evidence("writes \(entry.description)"),
                ])
        }
        let fingerprint = entry.fingerprint
        guard let known = values[entry.key] else {
            values[entry.key] = Written(
                version: entry.version, fingerprint: fingerprint, isTombstone: entry.isTombstone, occasion: occasion)
            return
        }
        // A value whose time is over is a deletion of the same version.
        let isOnlyOver = entry.expires != nil && known.isTombstone != entry.isTombstone
        if known.version == entry.version && known.fingerprint != fingerprint && !isOnlyOver {
            breaks(
                GossipPromises.oneValue, "two nodes hold different values of \(entry.key) under one version",
                [
                    known.occasion.evidence("wrote version \(known.version.description) of \(entry.key)"),
                    occasion.evidence("writes \(entry.description)"),
                ])
        }
        if known.version < entry.version {
            values[entry.key] = Written(
                version: entry.version, fingerprint: fingerprint, isTombstone: entry.isTombstone, occasion: occasion)
        }
    }

    private mutating func bury(_ key: Bytes, _ version: Gossip.Version, _ occasion: Occasion) {
        let place = place(occasion.node)
        if let known = buried[place][key], version <= known.version { return }
        buried[place][key] = Burial(version: version, occasion: occasion)
    }

    /// A node reports a write as stored.
    ///
    /// - Parameter stable: What its disk holds at that moment.
    public mutating func reported(
        _ key: Bytes, _ version: Gossip.Version, _ stable: borrowing Gossip.Stable, _ occasion: Occasion
    ) {
        storedCount += 1
        let durable = stable.entry(key)?.version
        if durable == nil || (durable.map { $0 < version } ?? true) {
            breaks(
                GossipPromises.durability, "\(occasion.node) reported a write to \(key) before it was durable",
                [occasion.evidence("reports version \(version.description) of \(key)")])
        }
        if let known = stored[key], version < known.version { return }
        stored[key] = Stored(version: version, occasion: occasion)
    }

    /// A node's disk was wiped: what it alone had stored may be lost.
    ///
    /// - Parameter isHeldElsewhere: Whether another node holds this version of a key or a newer one.
    public mutating func wiped(_ node: NodeID, isHeldElsewhere: (Bytes, Gossip.Version) -> Bool) {
        newest[place(node)] = SortedMap()
        buried[place(node)] = SortedMap()
        let keys = stored.keys
        for key in keys {
            guard let known = stored[key], !isHeldElsewhere(key, known.version) else { continue }
            stored[key] = nil
        }
    }

    /// A node came back with what its disk held.
    public mutating func restarted(_ node: NodeID, _ stable: borrowing Gossip.Stable) {
        var versions = SortedMap<Bytes, Gossip.Version>()
        for record in stable.records {
            if case .put(let entry) = record { versions[entry.key] = entry.version }
        }
        newest[place(node)] = versions
        var kept = SortedMap<Bytes, Burial>()
        for key in buried[place(node)].keys {
            guard let burial = buried[place(node)][key], let version = versions[key], version >= burial.version else {
                continue
            }
            kept[key] = burial
        }
        // A crash took the others before they were durable: the node does not know of them any more.
        buried[place(node)] = kept
        forgetLost(by: node)
    }

    /// Forgets the versions that a node gave and lost in a crash before anybody had them: it may give them again.
    ///
    /// - Complexity: O(keys · nodes · log keys).
    private mutating func forgetLost(by node: NodeID) {
        for key in values.keys {
            guard let known = values[key], known.occasion.node == node else { continue }
            let isHeld = newest.contains { versions in versions[key].map { $0 >= known.version } ?? false }
            if !isHeld { values[key] = nil }
        }
    }

    /// Judges a cluster whose nodes had time to agree.
    ///
    /// - Parameters:
    ///   - nodes: The nodes that are up.
    ///   - machine: The gossip machine of a node.
    /// - Returns: What is wrong with the state, if anything.
    public func judge(
        _ nodes: [NodeID], at time: Instant, machine: (NodeID) -> Gossip.Node?
    ) -> (convergence: Violation?, lostWrite: Violation?) {
        var result: (convergence: Violation?, lostWrite: Violation?) = (nil, nil)
        var reference: (node: NodeID, hash: UInt64, count: Int)?
        for node in nodes {
            guard let gossip = machine(node) else { continue }
            if let reference, reference.hash != gossip.stateHash, result.convergence == nil {
                result.convergence = Violation(
                    GossipPromises.convergence, "\(reference.node) and \(node) hold different states",
                    evidence: [
                        Evidence(event: 0, time: time, node: reference.node, "holds \(reference.count) keys"),
                        Evidence(event: 0, time: time, node: node, "holds \(gossip.keyCount) keys"),
                    ])
            }
            if reference == nil { reference = (node, gossip.stateHash, gossip.keyCount) }
            for index in 0..<stored.count where result.lostWrite == nil {
                let key = stored.keys[index]
                let known = stored.values[index]
                if let version = gossip.version(of: key), !(version < known.version) { continue }
                if gossip.version(of: key) == nil && machine(known.version.origin)?.version(of: key) == nil {
                    // A deletion that everybody has forgotten: nothing is lost.
                    if values[key].map({ $0.version > known.version }) ?? false { continue }
                }
                result.lostWrite = Violation(
                    GossipPromises.noLostWrite, "\(node) lost the write to \(key) that \(known.version.origin) stored",
                    evidence: [known.occasion.evidence("stored version \(known.version.description) of \(key)")])
            }
        }
        return result
    }
}
