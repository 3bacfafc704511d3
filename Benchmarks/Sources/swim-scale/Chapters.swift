import CMemory
import Glibc
import MeshCore
import Simulator

/// A number with so many digits behind the point.
func fixed(_ value: Double, _ digits: Int = 2) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int64((value * scale).rounded())
    if digits == 0 { return "\(whole)" }
    let (high, low) = (whole.magnitude / UInt64(scale), whole.magnitude % UInt64(scale))
    let text = String(low)
    return "\(whole < 0 ? "-" : "")\(high)." + String(repeating: "0", count: digits - text.count) + text
}

func seconds(_ interval: Interval?) -> String {
    guard let interval else { return "never" }
    return fixed(Double(interval.nanoseconds) / 1e9)
}

/// The smallest, the middle and the largest.
func spread(_ values: [Double], _ digits: Int = 2) -> String {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return "-" }
    return "\(fixed(first, digits)) / \(fixed(sorted[sorted.count / 2], digits)) / \(fixed(last, digits))"
}

/// A mass join: every node starts within one second and knows three seeds.
func joining(_ size: Int, seeds: Int) {
    for seed in 1...UInt64(seeds) {
        var group = Group(size, seed: seed)
        group.census.countsBytes = true
        let before = processorTime()
        let reached = group.join(within: .seconds(900))
        let cost = Double(processorTime() - before) / 1e9
        let sent = Double(group.census.sent) / Double(size)
        let bytes = Double(group.census.bytes) / Double(size)
        print(
            "join N=\(size) seed \(seed): 50 % \(seconds(reached[0])) s, 99 % \(seconds(reached[1])), 99.9 % "
                + "\(seconds(reached[2])), 99.99 % \(seconds(reached[3])), all \(seconds(reached[4])) s; "
                + "\(fixed(sent, 1)) messages and \(fixed(bytes, 0)) bytes a node; \(fixed(cost)) s of processor")
    }
}

/// A quiet group: what a simulated second costs, what it sends, and the memory for each pair.
func idling(_ size: Int, seeds: Int, seconds: Int) {
    var wall: [Double] = []
    var processor: [Double] = []
    var messages: [Double] = []
    var bytes: [Double] = []
    var memory = (resident: [Double](), trimmed: [Double](), allocated: [Double]())
    var events: [Double] = []
    for seed in 1...UInt64(seeds) {
        let before = (resident: residentBytes(), allocated: memory_allocated())
        var group = Group(size, seed: seed)
        let joined = group.join(within: .seconds(900))
        group.run(for: .seconds(70))
        let pairs = Double(size) * Double(size)
        memory.resident.append(Double(residentBytes() - before.resident) / pairs)
        memory.allocated.append(Double(memory_allocated() - before.allocated) / pairs)
        memory_trim()
        memory.trimmed.append(Double(residentBytes() - before.resident) / pairs)
        let (startWall, startProcessor) = (wallTime(), processorTime())
        let (sent, event) = (group.census.sent, group.simulation.eventCount)
        group.run(for: .seconds(Int64(seconds)))
        let length = Double(seconds)
        wall.append(Double(wallTime() - startWall) / 1e6 / length)
        processor.append(Double(processorTime() - startProcessor) / 1e6 / length)
        messages.append(Double(group.census.sent - sent) / Double(size) / length)
        events.append(Double(group.simulation.eventCount - event) / Double(size) / length)
        group.census.countsBytes = true
        let sized = group.census.bytes
        group.run(for: .seconds(10))
        bytes.append(Double(group.census.bytes - sized) / Double(size) / 10)
        guard joined[4] != nil, group.isConverged else {
            print("idle N=\(size) seed \(seed): the group is not one")
            exit(1)
        }
    }
    print(
        "idle N=\(size), \(seeds) seeds, \(seconds) s: wall ms per simulated s \(spread(wall, 3)); processor "
            + "\(spread(processor, 3)); messages per node and s \(spread(messages, 3)); events \(spread(events)); "
            + "bytes \(spread(bytes, 1)); bytes per pair (first seed) \(fixed(memory.allocated[0], 1)) allocated, "
            + "\(fixed(memory.resident[0], 1)) resident, \(fixed(memory.trimmed[0], 1)) after trimming")
}

/// One crash after the other, each with a restart and rest between.
func crashing(_ size: Int, crashes: Int) {
    var group = Group(size, seed: 1)
    guard group.join(within: .seconds(900))[4] != nil else { return print("crash N=\(size): never joined") }
    group.run(for: .seconds(70))
    var suspected: [Double] = []
    var died: [Double] = []
    var all: [Double] = []
    var news: [Double] = []
    var falseDeaths = 0
    for index in 0..<crashes {
        let bits = Random(seed: 77).bits(Random.Purpose(0xbe10), UInt64(index))
        group.run(for: .milliseconds(Int64(bits % 1_000)))
        let victim = NodeID(4 + (bits >> 20) % UInt64(size - 3))
        group.census = Census()
        group.census.victim = victim
        group.simulation.crash(victim)
        let crash = group.simulation.now
        while group.census.deathCount < size - 1 && group.simulation.now - crash < .seconds(400) {
            group.run(for: .milliseconds(100))
        }
        let since = { (time: Instant?) in Double(((time ?? .distantFuture) - crash).nanoseconds) / 1e9 }
        suspected.append(since(group.census.firstSuspicion))
        died.append(since(group.census.firstDeath))
        all.append(since(group.census.lastDeath))
        news.append(since(group.census.lastDeath) - since(group.census.firstDeath))
        let mistakes = group.census.mistakes
        falseDeaths += mistakes.healthyOfHealthy
        group.simulation.start(victim, observing: &group.census)
        _ = group.settle(atMost: .seconds(120))
        group.run(for: .seconds(3))
    }
    let shortest = Double(Swim.Settings().suspicionTimeout(liveCount: size).nanoseconds) / 1e9
    let spreading = 2 * log(Double(size)) * 0.2 / 3
    let everybody = 1.693 + shortest + spreading
    let middle = all.sorted()[all.count / 2]
    print(
        "crash N=\(size), \(crashes) crashes: first suspicion \(spread(suspected)) s (formula 1.69); first death "
            + "\(spread(died)); everybody knows \(spread(all)) (formula \(fixed(everybody)), median off by "
            + "\(fixed((middle / everybody - 1) * 100, 1)) %); first to last \(spread(news)) (formula "
            + "\(fixed(spreading))); false deaths \(falseDeaths)")
}

/// A tenth of the members is paused for seconds at a time, at 5 % loss: with Lifeguard and without.
func slowness(_ size: Int, seeds: Int, seconds: Int, awake: Int64, longest: Int64) {
    for isOn in [false, true] {
        var settings = Swim.Settings()
        if !isOn { settings.lifeguard = nil }
        for seed in 1...UInt64(seeds) {
            var group = Group(size, seed: seed, settings: settings, loss: .percent(5))
            guard group.join(within: .seconds(300))[4] != nil else { return print("slow N=\(size): never joined") }
            group.run(for: .seconds(10))
            group.census = Census()
            let slow = (1...size).filter { $0 % 10 == 5 }
            for node in slow { group.census.slow.insert(node) }
            var next = slow.map { _ in group.simulation.now }
            var turns = slow.map { _ in 0 as UInt64 }
            let end = group.simulation.now + .seconds(Int64(seconds))
            while group.simulation.now < end {
                for (index, number) in slow.enumerated() where next[index] <= group.simulation.now {
                    let node = NodeID(UInt64(number))
                    let bits = Random(seed: seed).bits(Random.Purpose(0xbe11), UInt64(number), turns[index])
                    turns[index] += 1
                    // Paused for 2 s and more, then awake for as long as said, give or take a half.
                    if group.simulation.status(of: node) == .paused {
                        group.simulation.resume(node, observing: &group.census)
                        next[index] = group.simulation.now + .milliseconds(awake / 2 + Int64(bits % UInt64(awake)))
                    } else {
                        group.simulation.pause(node, observing: &group.census)
                        let length = 2_000 + Int64(bits % UInt64(longest - 2_000))
                        next[index] = group.simulation.now + .milliseconds(length)
                    }
                }
                group.run(for: .milliseconds(10))
            }
            let mistakes = group.census.mistakes
            let messages = Double(group.census.sent) / Double(size) / Double(seconds)
            print(
                "slow N=\(size) seed \(seed), paused up to \(longest) ms, \(seconds) s, "
                    + "lifeguard \(isOn ? "on" : "off"): "
                    + "healthy members declared dead by "
                    + "healthy \(mistakes.healthyOfHealthy), by slow \(mistakes.slowOfHealthy); slow ones by healthy "
                    + "\(mistakes.healthyOfSlow), by slow \(mistakes.slowOfSlow); healthy ones suspected by healthy "
                    + "\(group.census.suspicions.byHealthy), by slow \(group.census.suspicions.bySlow); "
                    + "\(fixed(messages)) messages per node and s")
        }
    }
}

/// Two halves that do not hear each other for long, then do.
func splitting(_ size: Int, seconds: Int) {
    var group = Group(size, seed: 1)
    guard group.join(within: .seconds(900))[4] != nil else { return print("split N=\(size): never joined") }
    group.run(for: .seconds(20))
    var halves = [BitSet(), BitSet()]
    for index in 0..<size { halves[index * 2 / size].insert(index) }
    let cut = group.simulation.network.add(.groups(halves))
    let before = processorTime()
    group.run(for: .seconds(Int64(seconds)))
    let apart = group.simulation.nodes.allSatisfy { group.simulation[$0].liveCount == size / 2 }
    group.census = Census()
    group.census.countsBytes = true
    group.simulation.heal(cut)
    let together = group.settle(atMost: .seconds(900))
    let sent = Double(group.census.sent) / Double(size)
    let bytes = Double(group.census.bytes) / Double(size)
    let mistakes = group.census.mistakes
    print(
        "split N=\(size) for \(seconds) s: two memberships \(apart); one again after \(Chapters.text(together)); "
            + "\(fixed(sent, 1)) messages and \(fixed(bytes, 0)) bytes a node until then; deaths after the heal "
            + "\(mistakes.healthyOfHealthy); \(fixed(Double(processorTime() - before) / 1e9)) s of processor")
}

enum Chapters {
    /// Seconds, or "never".
    static func text(_ interval: Interval?) -> String {
        interval.map { "\(fixed(Double($0.nanoseconds) / 1e9)) s" } ?? "never"
    }
}
