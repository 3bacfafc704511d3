import MeshCore

/// The network and the disks of a drawn world.
extension WorldDrawer {
    /// Draws the network.
    ///
    /// - Parameter roundTrip: The longest round trip in milliseconds with which a world that recovers still works.
    ///   Other worlds may take up to four times as long, so that answers come late; with more nothing would happen.
    /// - Parameter patience: After how many milliseconds nodes give each other up; what comes later than that is rare.
    mutating func drawNetwork(roundTrip: Int64, patience: Int64) {
        let scales = [1, 2, roundTrip / 4, roundTrip / 2, roundTrip, roundTrip * 2]
        let longest = isLive ? max(roundTrip / 2, 1) : max(dice.one(of: scales, "latency"), 1)
        switch dice.number(below: 5, "latency kind") {
        case 0: network.append("latency constant \(max(longest / 2, 1))ms")
        case 1 where !isLive:
            network.append("latency exponential min 1ms mean \(longest + 1)ms")
        case 2 where !isLive:
            network.append("latency bimodal fast 1ms..3ms slow \(longest)ms..\(longest * 4)ms share 5%")
        case _: network.append("latency uniform 100us..\(longest)ms")
        }
        let conditions = drawConditions("network", patience: patience)
        if isLive {
            // What is bad about the network ends with everything else.
            if !conditions.isEmpty { timeline.append("at 0s  \(conditions) for \(storm)ms") }
        } else if !conditions.isEmpty {
            network.append(conditions)
        }
        drawSchedule(roundTrip: roundTrip)
        if !isLive && dice.isSo(20, "damage") { network.append("corrupt \(dice.number(1, 20, "damage share"))%") }
        if !isLive && dice.isSo(10, "bandwidth") {
            let width = dice.one(of: [64, 256, 1_024] as [Int64], "bandwidth width")
            network.append("bandwidth \(width)KiB/s  queue 64KiB")
        }
    }

    /// In some worlds links wait for one another by random priorities.
    private mutating func drawSchedule(roundTrip: Int64) {
        guard dice.isSo(10, "schedule") else { return }
        let longest = isLive ? max(roundTrip / 2, 2) : dice.one(of: [roundTrip, roundTrip * 2], "schedule scale")
        let depth = dice.number(2, 5, "schedule depth")
        let period = dice.one(of: [50, 200, 1_000] as [Int64], "schedule period")
        network.append("schedule pct depth \(depth) delay \(max(longest, 2))ms period \(period)")
    }

    /// Loss, duplication and reordering, each of which may be missing.
    private func drawConditions(_ question: String, patience: Int64) -> String {
        var parts: [String] = []
        if dice.isSo(60, question + " loss") {
            let most = dice.one(of: [2, 10, 40] as [Int64], question + " loss scale")
            parts.append("loss \(dice.number(1, most, question + " loss share"))%")
        }
        if dice.isSo(50, question + " duplicate") {
            parts.append("duplicate \(dice.number(1, 40, question + " duplicate share"))%")
        }
        if dice.isSo(50, question + " reorder") {
            let by = dice.one(of: [20, 100, 300, 800] as [Int64], question + " reorder by")
            let most: Int64 = by * 2 > patience ? 10 : 50
            parts.append("reorder \(dice.number(1, most, question + " reorder share"))% by \(by)ms")
        }
        return parts.joined(separator: "  ")
    }

    /// Draws the disks.
    ///
    /// - Parameter slowest: The longest fsync in milliseconds with which a world that recovers still works.
    mutating func drawDisk(slowest: Int64) {
        guard dice.isSo(80, "disk") else { return }
        let most = max(isLive ? slowest : dice.one(of: [1, slowest, slowest * 2, slowest * 5], "fsync"), 1)
        disk.append("write 20us..\(dice.one(of: [50, 200, 1_000] as [Int64], "write"))us")
        disk.append("fsync 50us..\(most)ms  torn-writes \(dice.isSo(60, "torn") ? "on" : "off")")
    }

    /// Disks that do what they must not, within what a majority survives.
    mutating func drawDiskFaults() {
        guard dice.isSo(60, "damage of disks") else { return }
        budget.append("faults survivable")
        let kinds = ["disk-faults", "disk-faults", "bit-rot", "torn-writes", "full-disks"]
        let kind = dice.one(of: kinds, "damage kind")
        timeline.append("chaos \(kind) every \(pace("damage")) lasting \(lasting("damage")) \(window)")
    }
}
