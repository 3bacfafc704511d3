import MeshCore

/// Worlds of failure detection, of gossip, and of nodes that run everything.
extension WorldDrawer {
    /// Failure detection by SWIM or by heartbeats.
    mutating func drawDetection() {
        drawNodes([2, 3, 3, 3, 4, 5, 5, 8, 12])
        let isSwim = dice.isSo(75, "swim")
        title = "\(isSwim ? "SWIM" : "Heartbeats"), \(strategy.name)"
        cluster.append("nodes \(nodes)")
        cluster.append("run \(isSwim ? "swim" : "heartbeat")")
        storm = dice.number(5, 20, "storm") * 1_000
        let period = dice.one(of: [100, 200, 500] as [Int64], "period")
        if isSwim {
            drawSwim(period)
        } else {
            cluster.append("heartbeat interval \(period)ms  suspect \(period * 4)ms  dead \(period * 10)ms")
            calm = period * 40 + 5_000
        }
        drawNetwork(roundTrip: period / 8, patience: period)
        drawSwarm(share: strategy == .uniform ? 100 : 35, hasDisk: false)
        expect += [
            "always membership-safety", "sometimes any suspected", "sometimes any dead", "sometimes any refuted",
        ]
        guard isLive else { return }
        timeline.append("at \(storm)ms  heal everything")
        expect += ["always swim-completeness", "always swim-accuracy"]
    }

    private mutating func drawSwim(_ period: Int64) {
        let probe = period / dice.number(2, 5, "probe")
        cluster.append("swim period \(period)ms  probe-timeout \(probe)ms  indirect \(dice.number(1, 4, "indirect"))")
        if dice.isSo(50, "suspicion") { cluster.append("swim suspicion \(dice.number(2, 6, "suspicion factor"))") }
        if dice.isSo(20, "lifeguard off") { cluster.append("swim lifeguard off") }
        if dice.isSo(20, "adaptive") { cluster.append("swim adaptive \(max(probe / 4, 1))ms") }
        calm = period * 80 + 35_000
    }

    /// The gossip state.
    mutating func drawGossip() {
        drawNodes([2, 3, 3, 3, 5, 5, 8, 12])
        title = "Gossip, \(strategy.name)"
        cluster.append("nodes \(nodes)")
        cluster.append("run gossip")
        storm = dice.number(5, 15, "storm") * 1_000
        drawGossipSettings()
        drawNetwork(roundTrip: 100, patience: 400)
        drawDisk(slowest: 20)
        drawSwarm(share: strategy == .uniform ? 100 : 35, hasDisk: true)
        drawGossipClients()
        expect.append("always gossip-safety")
        guard isLive else { return }
        timeline.append("at \(storm)ms  heal everything")
        expect += ["always gossip-convergence", "always gossip-no-lost-write"]
    }

    private mutating func drawGossipSettings() {
        let interval = dice.one(of: [50, 200, 500] as [Int64], "gossip interval")
        var line = "gossip interval \(interval)ms  fanout \(dice.number(1, 4, "fanout"))"
        if dice.isSo(30, "gossip limit") {
            line += "  message-limit \(dice.one(of: [4, 16] as [Int64], "gossip limit size"))KiB"
        }
        cluster.append(line)
        calm = max(calm, interval * 40 + 5_000)
    }

    private mutating func drawGossipClients() {
        let rate = dice.one(of: [5, 20, 60] as [Int64], "gossip rate")
        var text = "workload gossip\n  clients \(dice.number(1, 5, "gossip clients"))  rate \(rate)/s"
        text += "  keys \(dice.one(of: [1, 5, 40] as [Int64], "gossip keys"))\n"
        text += "  mix " + dice.one(of: ["set 100%", "set 80% delete 20%", "set 50% delete 50%"], "gossip mix") + "\n"
        text += "  until \(storm)ms\n"
        workloads.append(text)
    }

    /// Raft, SWIM and gossip on every node.
    mutating func drawMesh() {
        drawNodes([3, 3, 3, 5])
        title = "Everything, \(strategy.name)"
        cluster.append("nodes \(nodes)")
        cluster.append("run mesh")
        storm = dice.number(4, 10, "storm") * 1_000
        let timeouts = drawTimeouts()
        drawDawn(timeouts)
        drawSwim(200)
        drawGossipSettings()
        drawNetwork(roundTrip: min(timeouts.low / 4, 25), patience: timeouts.low)
        drawDisk(slowest: timeouts.low / 20)
        let end = isLive ? storm + timeouts.high * 3 + 1_000 : storm
        workloads.append("workload kv\n  clients 3  rate 30/s\n  until \(end)ms\n")
        calm = max(calm, timeouts.high * 13 + 12_000)
        drawGossipClients()
        drawFaults(timeouts, hasDisk: dice.isSo(30, "disk faults"))
        expect += ["always raft-safety", "always membership-safety", "always gossip-safety", "always linearizable"]
        guard isLive else { return }
        timeline.append("at \(storm)ms  heal everything")
        expect += [
            "always raft-settles", "always swim-completeness", "always swim-accuracy", "always gossip-convergence",
            "always gossip-no-lost-write",
        ]
    }
}
