import MeshCore

extension Shrinker {
    /// Takes settings of the protocols, the network and the disks back to their defaults.
    mutating func simplifyWorld() {
        pass = "settings"
        attempt { $0.cluster.dropSettings() }
        for change in Scenario.Cluster.simplifications where !isOver { attempt { change(&$0.cluster) } }
        for index in best.cluster.groups.indices.reversed() {
            attempt { $0.cluster.groups[index].name = nil }
            attempt { $0.cluster.groups[index].region = nil }
        }
        attempt { $0.joinGroups() }
        pass = "network"
        attempt { $0.network = Scenario.Network() }
        attempt { $0.network.regions = [] }
        attempt { $0.network.schedule = nil }
        for index in best.network.rules.indices.reversed() { attempt { $0.network.rules.remove(at: index) } }
        for change in Scenario.LinkConditions.simplifications where !isOver {
            attempt { change(&$0.network.conditions) }
            for index in best.network.rules.indices { attempt { change(&$0.network.rules[index].conditions) } }
        }
        pass = "disk"
        attempt { $0.disk = Scenario.Disk() }
        attempt { $0.disk.write = nil }
        attempt { $0.disk.fsync = nil }
        attempt { $0.disk.tornWrites = nil }
        for index in best.disk.shares.indices.reversed() { attempt { $0.disk.shares.remove(at: index) } }
        attempt { $0.disk.bitRot = nil }
        attempt { $0.disk.spikes = nil }
        attempt { $0.disk.stalls = nil }
        attempt { $0.disk.capacity = nil }
        attempt { $0.disk.sector = nil }
        attempt { $0.disk.segment = nil }
        attempt { $0.disk.imageAfter = nil }
        attempt { $0.disk.restartAfter = nil }
        attempt { $0.disk.salvage = nil }
        if let fsync = best.disk.fsync { attempt { $0.disk.fsync = Scenario.IntervalRange(fsync.high, fsync.high) } }
    }

    /// Lets clients do less.
    mutating func simplifyWorkloads() {
        pass = "workloads"
        var index = best.workloads.count - 1
        while index >= 0, !isOver {
            if !attempt({ $0.workloads.remove(at: index) }) { simplifyWorkload(index) }
            index -= 1
        }
    }

    private mutating func simplifyWorkload(_ index: Int) {
        for change in Scenario.Workload.simplifications where !isOver { attempt { change(&$0.workloads[index]) } }
        // Fewer operations: half the clients, half the rate, half the time, as often as it goes.
        while let clients = best.workloads[index].clients?.value, clients > 1, !isOver {
            if !attempt({ $0.workloads[index].clients = .fixed(clients / 2) }) { break }
        }
        while let rate = best.workloads[index].rate?.value.millihertz, rate > 1_000, !isOver {
            let half = Scenario.Rate(millihertz: max(rate / 2_000, 1) * 1_000)
            if !attempt({ $0.workloads[index].rate = .fixed(half) }) { break }
        }
        let begin = best.workloads[index].from?.value ?? .zero
        while !isOver {
            let until = best.workloads[index].until?.value ?? best.end
            let middle = Interval(nanoseconds: begin.nanoseconds + (until - begin).nanoseconds / 2)
                .roundedUp(to: .milliseconds(100))
            guard middle > begin, middle < until else { break }
            if !attempt({ $0.workloads[index].until = .fixed(middle) }) { break }
        }
    }
}

extension Scenario {
    /// Makes one group of all when none has a name or a region.
    fileprivate mutating func joinGroups() {
        guard cluster.groups.count > 1 else { return }
        for group in cluster.groups where group.name != nil || group.region != nil { return }
        cluster.groups = [NodeGroup(count: .fixed(cluster.nodeCount))]
    }
}

extension Scenario.Cluster {
    /// Takes every setting of every protocol back, apart from who votes.
    mutating func dropSettings() {
        var raft = Scenario.RaftSettings()
        raft.voters = self.raft.voters
        raft.witnesses = self.raft.witnesses
        raft.learners = self.raft.learners
        self.raft = raft
        swim = Scenario.SwimSettings()
        heartbeat = Scenario.HeartbeatSettings()
        gossip = Scenario.GossipSettings()
        broadcast = Scenario.BroadcastSettings()
        hyparview = Scenario.OverlaySettings()
        plumtree = Scenario.TreeSettings()
    }

    /// Each takes one setting back to its default, or a protocol away.
    static var simplifications: [(inout Scenario.Cluster) -> Void] {
        [
            { $0.protocols.swim = false }, { $0.protocols.heartbeat = false }, { $0.protocols.gossip = false },
            { $0.protocols.raft = false }, { $0.protocols.broadcast = false },
            { $0.protocols.hyparview = false }, { $0.protocols.plumtree = false },
            { $0.raft.electionTimeout = nil }, { $0.raft.heartbeat = nil }, { $0.raft.preVote = nil },
            { $0.raft.checkQuorum = nil }, { $0.raft.snapshotAfter = nil }, { $0.raft.batch = nil },
            { $0.raft.trailing = nil }, { $0.raft.snapshotChunk = nil }, { $0.raft.uncommitted = nil },
            { $0.raft.noOp = nil }, { $0.raft.leaseDrift = nil }, { $0.raft.sessionLimit = nil },
            { $0.raft.quiesceAfter = nil }, { $0.raft.sleepLimit = nil }, { $0.raft.promotionDistance = nil },
            { $0.raft.learners = nil }, { $0.raft.priorities = [] }, { $0.raft.witnesses = nil },
            { $0.raft.voters = nil },
            { $0.swim.period = nil }, { $0.swim.probeTimeout = nil }, { $0.swim.indirect = nil },
            { $0.swim.suspicion = nil }, { $0.swim.retransmit = nil },
            { $0.swim.lifeguard = nil }, { $0.swim.adaptive = nil },
            { $0.heartbeat.interval = nil }, { $0.heartbeat.suspect = nil }, { $0.heartbeat.dead = nil },
            { $0.heartbeat.phi = nil },
            { $0.gossip.fanout = nil }, { $0.gossip.interval = nil }, { $0.gossip.messageLimit = nil },
            { $0.gossip.farShare = nil }, { $0.gossip.symbols = nil }, { $0.gossip.comparisons = nil },
            { $0.gossip.retention = nil },
        ] + spreading
    }
}

extension Scenario.LinkConditions {
    /// Each takes one condition away or makes it simpler.
    static var simplifications: [(inout Scenario.LinkConditions) -> Void] {
        [
            { $0.latency = nil }, { $0.latency = .constant(.fixed(.milliseconds(5))) },
            { $0.latency = .uniform(Scenario.IntervalRange(.milliseconds(1), .milliseconds(10))) },
            { $0.loss = nil }, { $0.duplicate = nil }, { $0.reorder = nil }, { $0.reorder?.by = nil },
            { $0.corrupt = nil }, { $0.bandwidth = nil }, { $0.queue = nil },
        ]
    }
}

extension Scenario.Workload {
    /// Each takes one setting back to its default.
    static var simplifications: [(inout Scenario.Workload) -> Void] {
        [
            { $0.retry = nil }, { $0.sessions = nil }, { $0.reads = nil }, { $0.valueSize = nil },
            { $0.target = nil }, { $0.from = nil }, { $0.clients = nil }, { $0.rate = nil }, { $0.keys = nil },
            { $0.keys = Scenario.Keys(count: .fixed(1)) }, { $0.mix = [] },
            { $0.mix = $0.kind == .kv ? [Scenario.MixShare(.put, .percent(100))] : $0.mix },
        ]
    }
}
