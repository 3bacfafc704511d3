import MeshCore

/// One cell of a benchmark table: the scenario with one value for each varied parameter.
public struct Cell: Sendable {
    /// The values, in the order of the `vary` lines.
    public var values: [Scenario.Quantity]
    /// The scenario with these values.
    public var scenario: Scenario
}

extension Scenario {
    /// The cells of the scenario's table, the last parameter varying fastest; the scenario itself when nothing varies.
    ///
    /// - Complexity: O(product of the numbers of values).
    public var cells: [Cell] {
        var cells = [Cell(values: [], scenario: self)]
        for variation in variations {
            var finer: [Cell] = []
            for cell in cells {
                for value in variation.values {
                    var next = cell
                    next.values.append(value)
                    next.scenario.set(variation.parameter, to: value)
                    finer.append(next)
                }
            }
            cells = finer
        }
        return cells
    }

    /// Gives a parameter another value; one of the wrong unit, which the parser refuses, changes nothing.
    mutating func set(_ parameter: Parameter, to value: Quantity) {
        switch parameter {
        case .nodes: if let count = value.count, !cluster.groups.isEmpty { cluster.groups[0].count = .fixed(count) }
        case .loss: if let share = value.share { network.conditions.loss = .fixed(share) }
        case .duplicate: if let share = value.share { network.conditions.duplicate = .fixed(share) }
        case .reorder: if let share = value.share { network.conditions.reorder = Reorder(share: .fixed(share)) }
        case .corrupt: if let share = value.share { network.conditions.corrupt = .fixed(share) }
        case .latency: if let time = value.range?.low { network.conditions.latency = .constant(.fixed(time)) }
        case .bandwidth: if case .size(let size) = value { network.conditions.bandwidth = .fixed(size) }
        case .fsync: if let range = value.range { disk.fsync = range }
        case .rate, .clients, .keys: setWorkloads(parameter, to: value)
        case .raftElectionTimeout: if let range = value.range { cluster.raft.electionTimeout = range }
        case .raftHeartbeat: if let time = value.range?.low { cluster.raft.heartbeat = .fixed(time) }
        case .raftBatch: if let count = value.count { cluster.raft.batch = .fixed(count) }
        case .swimPeriod: if let time = value.range?.low { cluster.swim.period = .fixed(time) }
        case .swimIndirect: if let count = value.count { cluster.swim.indirect = .fixed(count) }
        case .swimSuspicion: if let count = value.count { cluster.swim.suspicion = .fixed(count) }
        case .gossipFanout: if let count = value.count { cluster.gossip.fanout = .fixed(count) }
        case .gossipInterval: if let time = value.range?.low { cluster.gossip.interval = .fixed(time) }
        }
    }

    private mutating func setWorkloads(_ parameter: Parameter, to value: Quantity) {
        for index in 0..<workloads.count {
            if parameter == .rate, case .rate(let rate) = value { workloads[index].rate = .fixed(rate) }
            guard let count = value.count else { continue }
            if parameter == .clients { workloads[index].clients = .fixed(count) }
            if parameter == .keys {
                let choice = workloads[index].keys?.choice ?? .uniform
                workloads[index].keys = Keys(count: .fixed(count), choice: choice)
            }
        }
    }
}

extension Scenario.Quantity {
    /// The number, when it is a plain one.
    fileprivate var count: Int64? {
        if case .count(let count) = self { count } else { nil }
    }

    /// The share, when it is one.
    fileprivate var share: Ratio? {
        if case .share(let share) = self { share } else { nil }
    }

    /// The lengths of time, when it is one or a range of them.
    fileprivate var range: Scenario.IntervalRange? {
        switch self {
        case .time(let time): Scenario.IntervalRange(time, time)
        case .times(let range): range
        case .count, .share, .size, .rate: nil
        }
    }
}
