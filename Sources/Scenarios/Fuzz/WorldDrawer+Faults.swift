import MeshCore

/// What goes wrong in a drawn world.
extension WorldDrawer {
    /// Draws the faults of a world that has leaders.
    mutating func drawFaults(_ timeouts: Timeouts, hasDisk: Bool) {
        switch strategy {
        case .isolateOne: drawIsolation()
        case .leaders: drawLeaderFaults(timeouts)
        case .swarm: drawSwarm(share: 30, hasDisk: hasDisk)
        case .crashes: drawCrashes(timeouts)
        case .uniform: drawSwarm(share: 100, hasDisk: hasDisk)
        }
        if dice.isSo(35, "moments") { drawMoments(timeouts) }
        // A little of something else now and then.
        if dice.isSo(25, "side dish") {
            let side = dice.one(of: Self.chaos, "which side dish")
            timeline.append("chaos \(side) every \(pace("side dish")) lasting \(lasting("side dish")) \(window)")
        }
        if hasDisk && strategy != .swarm && strategy != .uniform {
            timeline.append("chaos stalls every \(pace("stalls")) lasting \(lasting("stalls")) \(window)")
            timeline.append(
                "every \(pace("slow disk")) \(window)  slow disk on random 1 to 5ms..50ms for \(lasting("slow disk"))")
        }
    }

    /// One node at a time, in the shapes that studies of real failures found.
    ///
    /// Source: Alquraan et al., OSDI 2018: of 136 failures 69 % needed a complete partition, 29 % a partial one, the
    /// rest one in one direction; 88 % show by isolating one node. One direction is drawn more often than that, since
    /// pre-vote and check-quorum are there for it.
    private mutating func drawIsolation() {
        let who = dice.one(of: ["random 1", "leader", "random follower", "random 1"], "isolated")
        let shapes =
            [String](repeating: "isolate \(who)", count: 8) + [
                "partition {leader, random follower} | rest", "partition halves",
                "cut leader <-> random follower", "cut leader <-> random follower",
                "cut random follower <-> any", "partition bridge random 1", "cut \(who) -> any", "cut any -> \(who)",
            ]
        timeline.append(
            "every \(pace("isolation")) \(window)  \(dice.one(of: shapes, "shape")) for \(lasting("isolation"))")
        if dice.isSo(50, "second shape") {
            timeline.append(
                "every \(pace("second")) \(window)  \(dice.one(of: shapes, "other shape")) for \(lasting("second"))")
        }
    }

    /// Aimed at whoever leads, at moments of change.
    private mutating func drawLeaderFaults(_ timeouts: Timeouts) {
        let faults = [
            "crash leader losing unsynced for", "crash leader for", "isolate leader for", "isolate leader for",
            "pause leader for", "clog leader -> any for", "cut followers -> leader for",
            "partition {leader, random follower} | rest for", "slow leader by 20x for", "stall disk on leader for",
        ]
        for occasion in 1...Int64(3) where occasion == 1 || dice.isSo(50, "leader fault \(occasion)") {
            let fault = dice.one(of: faults, "leader fault kind \(occasion)")
            let after = dice.number(1, timeouts.high * 3, "leader fault after \(occasion)")
            timeline.append(
                "whenever leader elected after \(after)ms \(window)  \(fault) \(lasting("leader fault \(occasion)"))")
        }
        if dice.isSo(30, "transfers") {
            timeline.append("every \(pace("transfers")) \(window)  transfer leadership")
        }
    }

    /// Strikes while something changes: a leader takes over or hands over, a snapshot is taken or on its way, members
    /// come and go.
    private mutating func drawMoments(_ timeouts: Timeouts) {
        var moments = ["leader elected", "snapshot taken", "snapshot installed", "transfer"]
        if isChanging { moments += ["change", "change", "change"] }
        let faults = [
            "isolate leader for", "isolate leader for", "isolate random follower for", "pause leader for",
            "cut leader <-> random follower for", "partition halves for",
            "crash leader before sync 1 losing unsynced for", "crash leader after sync 1 losing unsynced for",
            "crash random follower before sync 2 losing unsynced for", "crash random follower losing unsynced for",
        ]
        for occasion in 1...Int64(2) where occasion == 1 || dice.isSo(40, "moment \(occasion)") {
            let moment = dice.one(of: moments, "moment kind \(occasion)")
            if moment == "transfer" && occasion == 1 {
                timeline.append("every \(pace("handing over")) \(window)  transfer leadership")
            }
            let fault = dice.one(of: faults, "moment fault \(occasion)")
            let after = length(1, max(timeouts.low / 4, 2), "moment after \(occasion)")
            timeline.append("whenever \(moment) after \(after) \(window)  \(fault) \(lasting("moment \(occasion)"))")
        }
    }

    /// Crashes, most of all close to moments in which something is on its way to the disk.
    private mutating func drawCrashes(_ timeouts: Timeouts) {
        let mode = dice.one(of: ["losing unsynced", "losing unsynced", "cleanly"], "crash mode")
        timeline.append("chaos crashes \(mode) every \(pace("crashes")) lasting \(lasting("crashes")) \(window)")
        let moments = [
            "whenever leader elected after \(length(1, 20, "crash after election"))",
            "whenever snapshot taken after \(length(1, 10, "crash after snapshot"))",
            "whenever snapshot installed after \(length(1, 10, "crash after installing"))",
            "every \(pace("crash beat"))",
        ]
        let victims = ["leader", "random 1", "random follower", "all", "minority", "followers"]
        for occasion in 1...Int64(3) where occasion == 1 || dice.isSo(60, "crash \(occasion)") {
            let moment = dice.one(of: moments, "crash moment \(occasion)")
            let victim = dice.one(of: victims, "victim \(occasion)")
            // Half of them come exactly at the boundary of what is durable.
            var boundary = ""
            if dice.isSo(50, "boundary \(occasion)") {
                let side = dice.isSo(50, "side \(occasion)") ? "before" : "after"
                boundary = " \(side) sync \(dice.number(1, 4, "sync \(occasion)"))"
            }
            let lasting = lasting("crash \(occasion)")
            timeline.append("\(moment) \(window)  crash \(victim)\(boundary) losing unsynced for \(lasting)")
        }
    }

    /// The antagonists of the language.
    private static var chaos: [String] {
        [
            "partitions", "crashes losing unsynced", "crashes cleanly", "pauses", "slowdowns", "clogs", "cuts", "flaps",
            "stalls",
        ]
    }

    /// So many of a hundred kinds of faults, the others not at all.
    mutating func drawSwarm(share: UInt64, hasDisk: Bool) {
        let kinds = Self.chaos.filter { dice.isSo(share, "swarm \($0)") && (hasDisk || $0 != "stalls") }
        stretch = max(Int64(kinds.count) / 2, 1)
        defer { stretch = 1 }
        for kind in kinds {
            timeline.append("chaos \(kind) every \(pace(kind)) lasting \(lasting(kind)) \(window)")
        }
        let others = [
            "partition halves for", "partition ring for", "partition bridge random 1 for", "isolate minority for",
            "loss 50% on random 1 -> any for", "clock random 1 drift +300ppm for", "clock random 1 skew +200ms for",
        ]
        for fault in others where dice.isSo(share / 2, "swarm \(fault)") {
            timeline.append("every \(pace(fault)) \(window)  \(fault) \(lasting(fault))")
        }
    }
}
