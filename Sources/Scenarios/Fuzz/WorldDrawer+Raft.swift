import MeshCore

/// Worlds of one Raft group.
extension WorldDrawer {
    /// What a world of Raft is about.
    enum RaftKind {
        /// Members stay.
        case steady
        /// Members come and go.
        case changing
        /// Disks are the weak point.
        case stored
    }

    /// The election timeouts of a drawn world, in milliseconds.
    struct Timeouts {
        var heartbeat: Int64
        var low: Int64
        var high: Int64
    }

    mutating func drawRaft(_ kind: RaftKind) {
        drawNodes([3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 5, 5, 5, 5, 4, 2, 7])
        var voters = nodes
        if kind == .changing {
            isChanging = true
            voters = nodes
            nodes += dice.number(1, 3, "spare nodes")
        }
        title = "Raft, \(strategy.name)"
        cluster.append("nodes \(nodes)")
        cluster.append("run raft")
        let timeouts = drawTimeouts()
        storm = dice.number(3, 12, "storm") * 1_000
        drawDawn(timeouts)
        if isLive { calm = timeouts.high * 13 + 12_000 }
        if kind == .changing { cluster.append("raft voters n1..n\(voters)") }
        let hasWitness = kind == .steady && nodes == 3 && dice.isSo(5, "witness")
        if hasWitness { cluster.append("raft witness n3") }
        let drift = drawRaftSettings(kind, hasLeases: dice.isSo(12, "leases"))
        drawNetwork(roundTrip: timeouts.low / 4, patience: timeouts.low)
        drawDisk(slowest: timeouts.low / 20)
        drawClients(timeouts)
        expect.append("always raft-safety")
        drawFaults(timeouts, hasDisk: kind == .stored || dice.isSo(30, "disk faults"))
        if kind == .stored { drawDiskFaults() }
        if kind == .changing { drawChanges() }
        if drift > 0 { drawDrift(drift) }
        expect += ["sometimes leader changes", "sometimes snapshot installed", "sometimes leader lost"]
        guard isLive else { return }
        timeline.append("at \(storm)ms  heal everything")
        expect.append("always raft-settles")
        // A quorum has to do without the others.
        if kind == .steady && !hasWitness && nodes >= 3 && dice.isSo(33, "core") {
            let down = dice.number(1, (nodes - 1) / 2, "core down")
            timeline.append("at \(storm)ms  crash random \(down) losing unsynced")
        }
    }

    /// Short timeouts bring elections close together; the default is among them.
    mutating func drawTimeouts() -> Timeouts {
        let low = dice.one(of: [20, 50, 100, 100, 150, 150, 300, 500] as [Int64], "election timeout")
        let high = low + max(low * dice.number(2, 10, "election spread") / 10, 2)
        let heartbeat = max(low / dice.number(3, 6, "heartbeat"), 3)
        cluster.append("raft election-timeout \(low)ms..\(high)ms  heartbeat \(heartbeat)ms")
        return Timeouts(heartbeat: heartbeat, low: low, high: high)
    }

    /// Options that can hide a bug are off as often as on: batches, the first entry of a leader, snapshots.
    ///
    /// - Returns: How far clocks may be off in percent; 0 without leases.
    private mutating func drawRaftSettings(_ kind: RaftKind, hasLeases: Bool) -> Int64 {
        let hasPreVote = !dice.isSo(30, "pre-vote off")
        if !hasPreVote { cluster.append("raft pre-vote off") }
        // Who was removed and does not know it may campaign for ever; one of the two has to keep it from disturbing.
        let mayDisturb = kind == .changing && isLive && !hasPreVote
        if dice.isSo(30, "check-quorum off") && !hasLeases && !mayDisturb { cluster.append("raft check-quorum off") }
        // Without its first entry a leader cannot commit what is left over, so that nothing settles.
        if !isLive && dice.isSo(30, "no-op off") { cluster.append("raft no-op off") }
        let batches = [1, 1, 2, 4, 8, 64] as [Int64]
        if dice.isSo(70, "batch") { cluster.append("raft batch \(dice.one(of: batches, "batch size"))") }
        if kind == .stored || dice.isSo(60, "snapshots") {
            cluster.append("raft snapshot-after \(dice.one(of: [1, 2, 5, 10, 20, 100] as [Int64], "snapshot after"))")
            if dice.isSo(40, "trailing") { cluster.append("raft trailing \(dice.number(1, 12, "trailing entries"))") }
            if dice.isSo(40, "chunks") {
                cluster.append("raft snapshot-chunk \(dice.one(of: [64, 512, 4_096] as [Int64], "chunk"))B")
            }
        }
        if dice.isSo(15, "uncommitted") {
            cluster.append("raft uncommitted \(dice.one(of: [1, 4, 64] as [Int64], "uncommitted size"))KiB")
        }
        if dice.isSo(15, "priorities") {
            cluster.append("raft priority n\(dice.number(1, nodes, "preferred")) \(dice.number(1, 255, "priority"))")
        }
        guard hasLeases else { return 0 }
        let drift = dice.one(of: [1, 5, 20, 40] as [Int64], "lease drift")
        cluster.append("raft lease-drift \(drift)%")
        return drift
    }

    /// Clocks as wrong as the leases allow.
    private mutating func drawDrift(_ percent: Int64) {
        let parts = percent * 10_000
        let lasting = lasting("drift")
        timeline.append("every \(pace("slow clock")) \(window)  clock leader drift -\(parts)ppm for \(lasting)")
        timeline.append(
            "every \(pace("fast clock")) \(window)  clock random follower drift +\(parts)ppm for \(lasting)")
    }

    /// Clients of a key-value store, judged by what they were told.
    private mutating func drawClients(_ timeouts: Timeouts) {
        guard dice.isSo(93, "clients") else { return }
        let clients = dice.one(of: [1, 4, 4, 16, 64] as [Int64], "clients count")
        let rate = dice.one(of: isLive ? [20, 50, 100] : [20, 50, 100, 300], "rate")
        var text = "workload kv\n  clients \(clients)  rate \(rate)/s"
        text += "  keys \(dice.one(of: ["1", "2", "10", "50 zipf"], "keys"))\n"
        text += "  mix " + dice.one(of: Self.mixes, "mix") + "\n"
        if dice.isSo(20, "values") { text += "  values \(dice.one(of: [32, 256, 1_024] as [Int64], "value size"))B\n" }
        if dice.isSo(50, "reads") { text += "  reads index\n" }
        let hasSessions = dice.isSo(40, "sessions")
        if hasSessions { text += "  sessions on\n" }
        if hasSessions && dice.isSo(70, "retry") { text += "  retry \(length(50, 800, "retry after"))\n" }
        // Where everything heals, clients see that it did.
        text += "  until \(isLive ? storm + timeouts.high * 3 + 1_000 : storm)ms\n"
        workloads.append(text)
        expect.append("always linearizable")
        expect.append("always exactly-once")
    }

    private static var mixes: [String] {
        [
            "put 50% get 50%", "put 50% get 50%", "put 100%", "put 20% get 80%", "put 40% get 30% cas 20% delete 10%",
            "get 50% cas 50%",
        ]
    }

    /// Members that come and go, all of which may happen at once.
    private mutating func drawChanges() {
        let changes = [
            "change voters to random \(dice.number(1, min(nodes, 5), "voters"))", "add random 1",
            "add random 2 as learner", "add random 1 as promotable", "promote random 1", "demote random 1",
            "remove random 1", "remove leader", "remove random follower", "demote leader",
        ]
        for change in changes where dice.isSo(40, "change " + change) {
            let manner = dice.isSo(10, change + " explicit") ? " explicitly" : ""
            timeline.append("every \(pace(change)) \(window)  \(change)\(manner)")
        }
        timeline.append("every \(pace("leave joint")) until \(storm)ms  leave joint")
        if isLive { timeline.append("at \(storm + 1_000)ms  leave joint") }
        if dice.isSo(40, "change when elected") {
            let after = length(1, 30, "change after")
            timeline.append("whenever leader elected after \(after) \(window)  remove random follower")
        }
    }
}
