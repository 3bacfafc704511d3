import MeshCore
import Simulator

/// Builds the simulation of a scenario: the nodes, their settings, the network and the disks.
struct Setup {
    var simulation: Simulation<MeshNode>
    /// The regions in the order of their numbers.
    var regions: [Bytes] = []
    /// The name of the group of each node, in the order of the nodes.
    var groups: [Bytes?] = []
    var regionOf: [Int] = []

    init(_ scenario: Scenario, seed: UInt64, storage: Storage.Settings? = nil) {
        self.simulation = Simulation(seed: seed, conditions: Self.conditions(scenario.network.conditions))
        for group in scenario.cluster.groups {
            let region = group.region.map { self.number(of: $0) } ?? self.number(of: Bytes())
            for _ in 0..<group.count.value {
                groups.append(group.name)
                regionOf.append(region)
            }
        }
        let all = (1...groups.count).map { NodeID(UInt64(UInt(bitPattern: $0))) }
        let voters = scenario.cluster.raft.voters.map { fixed($0, all) } ?? all
        simulation.disk = Self.disk(scenario, voterCount: voters.count)
        if let storage { simulation.disk.log = storage }
        if let schedule = scenario.network.schedule {
            simulation.network.priorities = LinkPriorities(
                depth: Int(clamping: schedule.depth.value), delay: schedule.delay.value,
                period: UInt64(clamping: schedule.period.value))
        }
        addNodes(scenario)
        addRegions(scenario.network)
    }

    private mutating func number(of region: Bytes) -> Int {
        if let known = regions.firstIndex(of: region) { return known }
        regions.append(region)
        return regions.count - 1
    }

    private mutating func addNodes(_ scenario: Scenario) {
        let all = (1...groups.count).map { NodeID(UInt64(UInt(bitPattern: $0))) }
        var voters = all
        if let target = scenario.cluster.raft.voters { voters = fixed(target, all) }
        let learners = scenario.cluster.raft.learners.map { fixed($0, all) } ?? []
        voters.removeAll { learners.contains($0) }
        let witnesses = scenario.cluster.raft.witnesses.map { fixed($0, all) } ?? []
        var template = Settings(scenario.cluster)
        for priority in scenario.cluster.raft.priorities {
            for id in fixed(priority.target, all) {
                template.raft?.priorities[id] = UInt8(clamping: priority.value.value)
            }
        }
        for place in 0..<groups.count {
            simulation.addNode(region: regionOf[place]) { id, random in
                var configuration = MeshNode.Configuration(id: id, peers: all)
                // Who is added later learns who belongs to the group from whoever leads it then.
                let isFounder = voters.contains(id) || learners.contains(id)
                configuration.voters = isFounder ? voters : []
                configuration.learners = isFounder ? learners : []
                configuration.witnesses = witnesses
                configuration.raft = template.raft
                if let limit = scenario.cluster.raft.sessionLimit {
                    configuration.sessionLimit = Int(clamping: limit.value)
                }
                configuration.swim = template.swim
                configuration.heartbeat = template.heartbeat
                configuration.gossip = template.gossip
                configuration.broadcast = template.broadcast
                configuration.hyparview = template.hyparview
                configuration.plumtree = template.plumtree
                if scenario.cluster.gossip.farShare != nil {
                    configuration.near = all.filter { regionOf[Int($0.rawValue) - 1] == regionOf[place] }
                }
                return MeshNode(configuration, random: random)
            }
        }
    }

    /// The nodes of a target that does not depend on the run.
    func fixed(_ target: Scenario.Target, _ all: [NodeID]) -> [NodeID] {
        switch target {
        case .node(let id): return [id]
        case .nodes(let low, let high): return all.filter { low <= $0 && $0 <= high }
        case .group(let name): return (0..<all.count).filter { groups[$0] == name }.map { all[$0] }
        case .region(let name): return (0..<all.count).filter { regions[regionOf[$0]] == name }.map { all[$0] }
        case .list(let targets): return all.filter { id in targets.contains { fixed($0, all).contains(id) } }
        case .allBut(let target):
            let excluded = fixed(target, all)
            return all.filter { !excluded.contains($0) }
        case .all, .any, .leader, .previousLeader, .followers, .random, .minority, .majority, .rest, .crashed,
            .paused:
            return all
        }
    }

    private mutating func addRegions(_ network: Scenario.Network) {
        guard !network.regions.isEmpty else { return }
        for line in network.regions {
            _ = number(of: line.from)
            _ = number(of: line.to)
        }
        var latencies = [Latency?](repeating: nil, count: regions.count * regions.count)
        for line in network.regions {
            let from = number(of: line.from)
            let to = number(of: line.to)
            let latency = Self.latency(line.latency)
            latencies[from * regions.count + to] = latency
            if line.isBothWays { latencies[to * regions.count + from] = latency }
        }
        simulation.network.setRegions(latencies, count: regions.count)
    }
}

// MARK: - Network

extension Setup {
    /// The conditions a scenario states, on top of the simulator's own.
    static func conditions(_ stated: Scenario.LinkConditions) -> LinkConditions {
        var conditions = LinkConditions()
        let change = change(stated)
        if let latency = change.latency { conditions.latency = latency }
        if let loss = change.loss { conditions.loss = loss }
        if let duplication = change.duplication { conditions.duplication = duplication }
        if let reordering = change.reordering { conditions.reordering = reordering }
        if let delay = change.reorderDelay { conditions.reorderDelay = delay }
        if let corruption = change.corruption { conditions.corruption = corruption }
        if let rate = change.bytesPerSecond { conditions.bytesPerSecond = rate }
        if let queue = change.queueBytes { conditions.queueBytes = queue }
        return conditions
    }

    /// What a scenario says about some links.
    static func change(_ stated: Scenario.LinkConditions) -> LinkOverride {
        var change = LinkOverride()
        change.latency = stated.latency.map { latency($0) }
        change.loss = stated.loss?.value
        change.duplication = stated.duplicate?.value
        change.reordering = stated.reorder?.share.value
        change.reorderDelay = stated.reorder?.by?.value
        change.corruption = stated.corrupt?.value
        change.bytesPerSecond = stated.bandwidth?.value.bytes
        change.queueBytes = stated.queue?.value.bytes
        return change
    }

    static func latency(_ stated: Scenario.Latency) -> Latency {
        switch stated {
        case .constant(let interval): return .constant(interval.value)
        case .uniform(let range): return .uniform(range.low, range.high)
        case .exponential(let minimum, let mean):
            return .exponential(minimum: minimum.value, mean: max(mean.value - minimum.value, .zero))
        case .lognormal(let median, let spread):
            return .lognormal(median: median.value, spreadThousandths: spread.value.thousandths)
        case .bimodal(let fast, let slow, let share):
            return .bimodal(fast: fast.low...fast.high, slow: slow.low...slow.high, slowShare: share.value)
        }
    }

}

// MARK: - Protocol settings

/// The settings every node of a scenario gets: the protocols' defaults and what the scenario says.
struct Settings {
    var raft: Raft.Settings?
    var swim: Swim.Settings?
    var heartbeat: Heartbeat.Settings?
    var gossip: Gossip.Settings?
    var broadcast: Broadcast.Settings?
    var hyparview: HyParView.Settings?
    var plumtree: Plumtree.Settings?

    init(_ cluster: Scenario.Cluster) {
        if cluster.protocols.raft { raft = Self.raft(cluster.raft) }
        if cluster.protocols.swim { swim = Self.swim(cluster.swim) }
        if cluster.protocols.heartbeat { heartbeat = Self.heartbeat(cluster.heartbeat) }
        if cluster.protocols.gossip { gossip = Self.gossip(cluster.gossip) }
        if cluster.protocols.broadcast { broadcast = cluster.broadcast.settings }
        if cluster.protocols.hyparview || cluster.protocols.plumtree { hyparview = cluster.hyparview.settings }
        if cluster.protocols.plumtree { plumtree = cluster.plumtree.settings }
    }

    private static func raft(_ stated: Scenario.RaftSettings) -> Raft.Settings {
        var settings = Raft.Settings()
        if let range = stated.electionTimeout {
            settings.electionTimeoutMin = range.low
            settings.electionTimeoutMax = range.high
        }
        if let heartbeat = stated.heartbeat { settings.heartbeatInterval = heartbeat.value }
        if let preVote = stated.preVote { settings.preVote = preVote }
        if let checkQuorum = stated.checkQuorum { settings.checkQuorum = checkQuorum }
        if let count = stated.snapshotAfter { settings.snapshotAfter = Int(clamping: count.value) }
        if let noOp = stated.noOp { settings.appendsNoOp = noOp }
        if let trailing = stated.trailing { settings.trailingEntries = Int(clamping: trailing.value) }
        if let size = stated.snapshotChunk { settings.snapshotChunkBytes = Int(clamping: size.value.bytes) }
        if let size = stated.uncommitted { settings.maxUncommittedBytes = Int(clamping: size.value.bytes) }
        if let batch = stated.batch { settings.maxEntriesPerAppend = Int(clamping: batch.value) }
        if let count = stated.quiesceAfter { settings.quiesceAfter = Int(clamping: count.value) }
        if let limit = stated.sleepLimit { settings.sleepLimit = limit.value }
        if let distance = stated.promotionDistance { settings.promotionDistance = Int(clamping: distance.value) }
        if let drift = stated.leaseDrift { settings.readMode = .lease(driftBound: drift.value) }
        return settings
    }

    private static func swim(_ stated: Scenario.SwimSettings) -> Swim.Settings {
        var settings = Swim.Settings()
        if let period = stated.period { settings.period = period.value }
        if let timeout = stated.probeTimeout { settings.probeTimeout = timeout.value }
        if let indirect = stated.indirect { settings.indirectProbes = Int(clamping: indirect.value) }
        if let suspicion = stated.suspicion { settings.suspicionMultiplier = Int(clamping: suspicion.value) }
        if let retransmit = stated.retransmit { settings.retransmitMultiplier = Int(clamping: retransmit.value) }
        if stated.lifeguard == false { settings.lifeguard = nil }
        if let floor = stated.adaptive { settings.probeTimeoutFloor = floor.value }
        return settings
    }

    private static func heartbeat(_ stated: Scenario.HeartbeatSettings) -> Heartbeat.Settings {
        var settings = Heartbeat.Settings()
        if let interval = stated.interval { settings.interval = interval.value }
        if let suspect = stated.suspect { settings.suspectTimeout = suspect.value }
        if let dead = stated.dead { settings.deadTimeout = dead.value }
        if let phi = stated.phi {
            var accrual = Heartbeat.PhiAccrual()
            accrual.suspectThreshold = Int(clamping: phi.value)
            accrual.deadThreshold = Int(clamping: phi.value + (phi.value + 1) / 2)
            settings.phi = accrual
        }
        return settings
    }

    private static func gossip(_ stated: Scenario.GossipSettings) -> Gossip.Settings {
        var settings = Gossip.Settings()
        if let fanout = stated.fanout { settings.fanout = Int(clamping: fanout.value) }
        if let interval = stated.interval { settings.interval = interval.value }
        if let limit = stated.messageLimit { settings.maxMessageBytes = Int(clamping: limit.value.bytes) }
        if let share = stated.farShare { settings.farShare = share.value }
        if let count = stated.symbols { settings.maxSymbols = Int(clamping: count.value) }
        if let count = stated.comparisons { settings.comparisons = Int(clamping: count.value) }
        if let retention = stated.retention { settings.tombstoneRetention = retention.value }
        return settings
    }
}
