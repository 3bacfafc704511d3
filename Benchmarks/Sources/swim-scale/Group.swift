import Glibc
import MeshCore
import Simulator

/// What a group tells: who sent how much, and who holds whom for dead.
struct Census: Observer {
    typealias Machine = Swim.Node

    /// How many messages left.
    var sent = 0
    /// Their frames in bytes, when `countsBytes` is set.
    var bytes = 0
    var countsBytes = false
    /// The member whose end is awaited.
    var victim = NodeID(0)
    var firstSuspicion: Instant?
    var firstDeath: Instant?
    var lastDeath: Instant?
    var deathCount = 0
    /// The members that are slow on purpose.
    var slow = BitSet()
    /// Deaths by mistake: observer healthy or slow, member healthy or slow.
    var mistakes = (healthyOfHealthy: 0, slowOfHealthy: 0, healthyOfSlow: 0, slowOfSlow: 0)
    /// Suspicions of healthy members, by healthy and by slow ones.
    var suspicions = (byHealthy: 0, bySlow: 0)

    mutating func willRelease(
        _ effect: borrowing Effect<Swim.Node>, at node: NodeID, in simulation: borrowing Simulation<Swim.Node>
    ) {
        switch copy effect {
        case .send(let message, to: _):
            sent += 1
            if countsBytes { bytes += message.byteCount }
        case .output(.dead(let member)):
            if member == victim {
                if firstDeath == nil { firstDeath = simulation.now }
                lastDeath = simulation.now
                deathCount += 1
            } else {
                blame(member, by: node)
            }
        case .output(.suspect(let member)):
            if member == victim {
                if firstSuspicion == nil { firstSuspicion = simulation.now }
            } else if !slow.contains(Int(member.rawValue)) {
                if slow.contains(Int(node.rawValue)) { suspicions.bySlow += 1 } else { suspicions.byHealthy += 1 }
            }
        case .output, .setTimer, .cancelTimer, .persist: break
        }
    }

    private mutating func blame(_ member: NodeID, by node: NodeID) {
        switch (slow.contains(Int(node.rawValue)), slow.contains(Int(member.rawValue))) {
        case (false, false): mistakes.healthyOfHealthy += 1
        case (true, false): mistakes.slowOfHealthy += 1
        case (false, true): mistakes.healthyOfSlow += 1
        case (true, true): mistakes.slowOfSlow += 1
        }
    }
}

/// A group of SWIM nodes on a network with 1 ms of latency.
struct Group {
    var simulation: Simulation<Swim.Node>
    var census = Census()
    let size: Int

    init(_ size: Int, seed: UInt64, settings: Swim.Settings = Swim.Settings(), loss: Ratio = .zero) {
        let conditions = LinkConditions(latency: .constant(.milliseconds(1)), loss: loss)
        self.size = size
        self.simulation = Simulation<Swim.Node>(seed: seed, conditions: conditions)
        let seeds = (1...UInt64(min(3, size))).map { NodeID($0) }
        for _ in 0..<size {
            simulation.addNode { id, random in Swim.Node(id: id, seeds: seeds, settings: settings, random: random) }
        }
    }

    /// Starts every node within a second, and runs until everybody knows everybody.
    ///
    /// - Returns: When 50, 99, 99.9, 99.99 and 100 % of the pairs knew each other; `nil` for what was not reached.
    mutating func join(within limit: Interval) -> [Interval?] {
        let shares = [500_000, 990_000, 999_000, 999_900, 1_000_000]
        var reached: [Interval?] = shares.map { _ in nil }
        let step = Interval.milliseconds(10)
        var started = 0
        while reached[4] == nil && simulation.now - Instant.zero < limit {
            let due = min(size, Int((simulation.now - Instant.zero).nanoseconds / 1_000) * size / 1_000_000 + 1)
            while started < due {
                simulation.start(NodeID(UInt64(started + 1)), observing: &census)
                started += 1
            }
            run(for: step)
            var known = 0
            for node in simulation.nodes { known += simulation[node].liveCount - 1 }
            let share = started < size ? 0 : known * 1_000 / size * 1_000 / (size - 1)
            for (index, wanted) in shares.enumerated() where share >= wanted && reached[index] == nil {
                if wanted < 1_000_000 || known == size * (size - 1) { reached[index] = simulation.now - Instant.zero }
            }
        }
        return reached
    }

    mutating func run(for length: Interval) {
        simulation.run(until: simulation.now + length, observing: &census)
    }

    /// Whether all running nodes hold exactly the running nodes for alive.
    var isConverged: Bool {
        var expected: UInt64 = 0
        let up = simulation.nodes.filter { simulation.status(of: $0) != .crashed }
        for node in up { expected &+= Swim.Node.stateHash(of: node, .alive) }
        return up.allSatisfy { simulation[$0].stateHash == expected }
    }

    /// Runs until everybody agrees.
    mutating func settle(atMost limit: Interval) -> Interval? {
        let start = simulation.now
        while !isConverged {
            guard simulation.now - start < limit else { return nil }
            run(for: .milliseconds(50))
        }
        return simulation.now - start
    }
}

/// The processor time of this process in nanoseconds.
func processorTime() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// The time of a clock that only goes forward, in nanoseconds.
func wallTime() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// The memory of this process that is in use, in bytes.
func residentBytes() -> Int {
    guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard unsafe fgets(&line, 128, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4_096
}
