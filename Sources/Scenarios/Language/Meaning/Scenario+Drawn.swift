import MeshCore

extension Scenario {
    /// The scenario as one seed sees it: every range of a setting drawn, and no other seed left.
    ///
    /// Ranges that belong to the run (latencies, fsync, election timeouts) stay. Drawing twice changes nothing.
    ///
    /// - Complexity: O(size of the scenario times the logarithm of the number of its statements).
    public func drawn(seed: UInt64) -> Scenario {
        var drawer = Drawer(seed: seed)
        var scenario = self
        scenario.seeds = Seeds([SeedRange(seed, seed)])
        drawer.begin("duration")
        scenario.duration = drawer.draw(duration)
        scenario.cluster = drawer.draw(cluster)
        drawer.begin("network")
        scenario.network.conditions = drawer.draw(network.conditions)
        for index in 0..<network.regions.count {
            let region = network.regions[index]
            drawer.begin(Bytes("region \(region.from) \(region.to) \(region.isBothWays)"))
            scenario.network.regions[index].latency = drawer.draw(region.latency)
        }
        if let schedule = network.schedule {
            drawer.begin("network schedule")
            let depth = drawer.draw(schedule.depth)
            let delay = drawer.draw(schedule.delay)
            scenario.network.schedule = PrioritySchedule(
                depth: depth, delay: delay, period: drawer.draw(schedule.period))
        }
        for index in 0..<network.rules.count {
            drawer.begin(Bytes("link \(network.rules[index].links)"))
            scenario.network.rules[index] = drawer.draw(network.rules[index])
        }
        scenario.disk = drawer.draw(disk)
        for index in 0..<workloads.count {
            drawer.begin("workload")
            scenario.workloads[index] = drawer.draw(workloads[index])
        }
        for index in 0..<timeline.count {
            drawer.begin(Bytes(timeline[index].description))
            scenario.timeline[index] = drawer.draw(timeline[index])
        }
        for index in 0..<expectations.count {
            drawer.begin(Bytes(expectations[index].claim.description))
            scenario.expectations[index].claim = drawer.draw(expectations[index].claim)
        }
        return scenario
    }
}

extension Drawer {
    mutating func draw(_ cluster: Scenario.Cluster) -> Scenario.Cluster {
        var drawn = cluster
        for index in 0..<cluster.groups.count {
            begin("nodes")
            drawn.groups[index].count = draw(cluster.groups[index].count)
        }
        drawn.raft.heartbeat = draw("raft heartbeat", cluster.raft.heartbeat)
        drawn.raft.snapshotAfter = draw("raft snapshot-after", cluster.raft.snapshotAfter)
        drawn.raft.batch = draw("raft batch", cluster.raft.batch)
        drawn.raft.leaseDrift = draw("raft lease-drift", cluster.raft.leaseDrift)
        drawn.raft.sessionLimit = draw("raft session-limit", cluster.raft.sessionLimit)
        drawn.raft.trailing = draw("raft trailing", cluster.raft.trailing)
        drawn.raft.snapshotChunk = draw("raft snapshot-chunk", cluster.raft.snapshotChunk)
        drawn.raft.uncommitted = draw("raft uncommitted", cluster.raft.uncommitted)
        drawn.raft.quiesceAfter = draw("raft quiesce-after", cluster.raft.quiesceAfter)
        drawn.raft.sleepLimit = draw("raft sleep-limit", cluster.raft.sleepLimit)
        drawn.raft.promotionDistance = draw("raft promotion-distance", cluster.raft.promotionDistance)
        begin("raft priority")
        for place in cluster.raft.priorities.indices {
            drawn.raft.priorities[place].value = draw(cluster.raft.priorities[place].value)
        }
        drawn.swim.period = draw("swim period", cluster.swim.period)
        drawn.swim.probeTimeout = draw("swim probe-timeout", cluster.swim.probeTimeout)
        drawn.swim.indirect = draw("swim indirect", cluster.swim.indirect)
        drawn.swim.suspicion = draw("swim suspicion", cluster.swim.suspicion)
        drawn.swim.retransmit = draw("swim retransmit", cluster.swim.retransmit)
        drawn.swim.adaptive = draw("swim adaptive", cluster.swim.adaptive)
        drawn.heartbeat.interval = draw("heartbeat interval", cluster.heartbeat.interval)
        drawn.heartbeat.suspect = draw("heartbeat suspect", cluster.heartbeat.suspect)
        drawn.heartbeat.dead = draw("heartbeat dead", cluster.heartbeat.dead)
        drawn.heartbeat.phi = draw("heartbeat phi", cluster.heartbeat.phi)
        drawn.gossip.fanout = draw("gossip fanout", cluster.gossip.fanout)
        drawn.gossip.interval = draw("gossip interval", cluster.gossip.interval)
        drawn.gossip.messageLimit = draw("gossip message-limit", cluster.gossip.messageLimit)
        drawn.broadcast = draw(cluster.broadcast)
        drawn.hyparview = draw(cluster.hyparview)
        drawn.plumtree = draw(cluster.plumtree)
        drawn.gossip.farShare = draw("gossip far", cluster.gossip.farShare)
        drawn.gossip.symbols = draw("gossip symbols", cluster.gossip.symbols)
        drawn.gossip.comparisons = draw("gossip comparisons", cluster.gossip.comparisons)
        drawn.gossip.retention = draw("gossip retention", cluster.gossip.retention)
        return drawn
    }

    mutating func draw<Value>(
        _ name: Bytes, _ setting: Scenario.Setting<Value>?
    ) -> Scenario.Setting<Value>? {
        begin(name)
        return draw(setting)
    }

    mutating func draw(_ disk: Scenario.Disk) -> Scenario.Disk {
        var drawn = disk
        drawn.capacity = draw("disk capacity", disk.capacity)
        drawn.segment = draw("disk segment", disk.segment)
        drawn.imageAfter = draw("disk image-after", disk.imageAfter)
        drawn.restartAfter = draw("disk restart-after", disk.restartAfter)
        drawn.bitRot = draw("disk bit-rot", disk.bitRot)
        for index in disk.shares.indices {
            begin(disk.shares[index].fault.settingWord ?? Bytes())
            drawn.shares[index].share = draw(disk.shares[index].share)
        }
        begin("disk spikes")
        if let spikes = disk.spikes { drawn.spikes?.share = draw(spikes.share) }
        begin("disk stalls")
        if let stalls = disk.stalls { drawn.stalls?.share = draw(stalls.share) }
        return drawn
    }

    mutating func draw(_ conditions: Scenario.LinkConditions) -> Scenario.LinkConditions {
        var drawn = conditions
        drawn.loss = draw(conditions.loss)
        drawn.duplicate = draw(conditions.duplicate)
        drawn.corrupt = draw(conditions.corrupt)
        drawn.bandwidth = draw(conditions.bandwidth)
        drawn.queue = draw(conditions.queue)
        let share = draw(conditions.reorder?.share)
        let by = draw(conditions.reorder?.by)
        if let share { drawn.reorder = Scenario.Reorder(share: share, by: by) }
        if let latency = conditions.latency { drawn.latency = draw(latency) }
        return drawn
    }

    mutating func draw(_ latency: Scenario.Latency) -> Scenario.Latency {
        switch latency {
        case .constant(let length): return .constant(draw(length))
        case .uniform: return latency
        case .exponential(let minimum, let mean): return .exponential(minimum: draw(minimum), mean: draw(mean))
        case .lognormal(let median, let spread): return .lognormal(median: draw(median), spread: draw(spread))
        case .bimodal(let fast, let slow, let share): return .bimodal(fast: fast, slow: slow, share: draw(share))
        }
    }

    mutating func draw(_ rule: Scenario.LinkRule) -> Scenario.LinkRule {
        var drawn = rule
        drawn.conditions = draw(rule.conditions)
        drawn.links = draw(rule.links)
        return drawn
    }

    mutating func draw(_ links: Scenario.Links) -> Scenario.Links {
        Scenario.Links(from: draw(links.from), to: draw(links.to), isBothWays: links.isBothWays)
    }

    mutating func draw(_ workload: Scenario.Workload) -> Scenario.Workload {
        var drawn = workload
        drawn.clients = draw(workload.clients)
        drawn.rate = draw(workload.rate)
        let keys = draw(workload.keys?.count)
        if let keys, let choice = workload.keys?.choice { drawn.keys = Scenario.Keys(count: keys, choice: choice) }
        drawn.valueSize = draw(workload.valueSize)
        drawn.from = draw(workload.from)
        drawn.until = draw(workload.until)
        if let target = workload.target { drawn.target = draw(target) }
        drawn.retry = draw(workload.retry)
        return drawn
    }

    mutating func draw(_ statement: Scenario.TimelineStatement) -> Scenario.TimelineStatement {
        switch statement {
        case .event(let event):
            var drawn = event
            drawn.trigger = draw(event.trigger)
            drawn.action = draw(event.action)
            if let lasting = event.lasting { drawn.lasting = draw(lasting) }
            return .event(drawn)
        case .chaos(let chaos):
            var drawn = chaos
            if let target = chaos.target { drawn.target = draw(target) }
            drawn.every = draw(chaos.every)
            drawn.lasting = draw(chaos.lasting)
            drawn.from = draw(chaos.from)
            drawn.until = draw(chaos.until)
            return .chaos(drawn)
        }
    }

    private mutating func draw(_ trigger: Scenario.Trigger) -> Scenario.Trigger {
        switch trigger {
        case .at(let time): return .at(draw(time))
        case .every(let repetition):
            return .every(
                Scenario.Repetition(
                    every: draw(repetition.period), from: draw(repetition.from), until: draw(repetition.until)))
        case .when(let reaction):
            var drawn = reaction
            drawn.event = draw(reaction.event)
            drawn.after = draw(reaction.after)
            drawn.from = draw(reaction.from)
            drawn.until = draw(reaction.until)
            return .when(drawn)
        }
    }
}
