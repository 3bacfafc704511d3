import MeshCore
import Simulator

/// Which faults of the timeline are in force, so that the scenario can tell a quiet world from a disturbed one.
struct FaultBook: Sendable {
    /// Cuts, partitions and isolations.
    var cuts: [(id: FaultID, links: Scenario.Links?)] = []
    /// Clogs.
    var clogs: [(id: FaultID, links: Scenario.Links?)] = []
    /// Changed conditions.
    var rules: [FaultID] = []
    /// Nodes that are paused, slow, or have a slow or stalled disk or a wrong clock, with repetitions.
    var slowed: [NodeID] = []
    var slowDisks: [NodeID] = []
    var stalledDisks: [NodeID] = []

    /// Disks that do something wrong, or will at their next operation, each with what it is.
    var brokenDisks: [(node: NodeID, fault: DiskFault, lasts: Bool)] = []

    /// Whether the network is as the scenario's own section says.
    var isNetworkClear: Bool { cuts.isEmpty && clogs.isEmpty && rules.isEmpty }

    /// Whether nodes, disks and clocks are as they should be, crashes and pauses apart.
    var areNodesClear: Bool {
        slowed.isEmpty && slowDisks.isEmpty && stalledDisks.isEmpty && drifting.isEmpty && skewed.isEmpty
            && !brokenDisks.contains { $0.lasts }
    }

    /// Nodes whose clocks run fast or slow.
    var drifting: [NodeID] = []
    /// Nodes whose clocks were set off, each time by how much.
    var skewed: [(node: NodeID, offset: Interval)] = []

    /// Forgets one skew of each of these nodes.
    mutating func forgetSkew(of nodes: [NodeID], _ offset: Interval) {
        for node in nodes {
            guard let place = skewed.firstIndex(where: { $0.node == node && $0.offset == offset }) else { continue }
            skewed.remove(at: place)
        }
    }

    /// Forgets one lasting fault of the disk of each of these nodes.
    mutating func forgetDiskFault(_ fault: DiskFault, of nodes: [NodeID]) {
        for node in nodes {
            let place = brokenDisks.firstIndex { $0.node == node && $0.fault == fault && $0.lasts }
            if let place { brokenDisks.remove(at: place) }
        }
    }

    mutating func forget(_ id: FaultID) {
        cuts.removeAll { $0.id == id }
        clogs.removeAll { $0.id == id }
        rules.removeAll { $0 == id }
    }
}
