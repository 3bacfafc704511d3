import MeshCore
import MeshTestKit
import Simulator
import Testing

/// Collects what couriers report, with the virtual time.
struct Recorder: Observer {
    struct Report: Equatable {
        var milliseconds: Int64
        var node: NodeID
        var output: Courier.Output
    }

    var reports: [Report] = []
    var losses: [LossReason] = []
    var sent: [Courier.Message] = []

    mutating func willRelease(
        _ effect: borrowing Effect<Courier>, at node: NodeID, in simulation: borrowing Simulation<Courier>
    ) {
        switch copy effect {
        case .output(let output):
            reports.append(
                Report(milliseconds: simulation.now.nanoseconds / 1_000_000, node: node, output: output))
        case .send(let message, to: _): sent.append(message)
        case .setTimer, .cancelTimer, .persist: break
        }
    }

    mutating func didLose(
        _ reason: LossReason, from: NodeID, to: NodeID, in simulation: borrowing Simulation<Courier>
    ) {
        losses.append(reason)
    }

    func outputs(of node: UInt64) -> [Courier.Output] {
        reports.filter { $0.node == NodeID(node) }.map(\.output)
    }
}

private func milliseconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000) }
private let first = NodeID(1)
private let second = NodeID(2)

private func couriers(
    _ count: Int = 2, seed: UInt64 = 1, _ conditions: LinkConditions = LinkConditions(),
    _ configure: (inout Simulation<Courier>) -> Void = { _ in }
) -> (Simulation<Courier>, Recorder) {
    var simulation = Simulation<Courier>(seed: seed, conditions: conditions)
    configure(&simulation)
    var recorder = Recorder()
    for _ in 0..<count { simulation.addNode { id, _ in Courier(id: id) } }
    for node in simulation.nodes { simulation.start(node, observing: &recorder) }
    recorder.reports = []
    return (simulation, recorder)
}

@Suite("A simulation")
struct SimulationTests {
    @Test("A message travels for the link's latency and is answered")
    func roundTrip() {
        var (simulation, recorder) = couriers()
        simulation.command(.ping(second, 7), at: first, observing: &recorder)
        simulation.run(until: milliseconds(10), observing: &recorder)
        #expect(
            recorder.reports == [
                .init(milliseconds: 1, node: second, output: .pinged(7, from: first)),
                .init(milliseconds: 2, node: first, output: .ponged(7, from: second)),
            ])
        #expect(simulation.now == milliseconds(10))
    }

    @Test("What is due exactly at the end waits for the next run")
    func halfOpen() {
        var (simulation, recorder) = couriers()
        simulation.command(.ping(second, 7), at: first, observing: &recorder)
        simulation.run(until: milliseconds(1), observing: &recorder)
        #expect(recorder.reports.isEmpty)
        simulation.network.base.latency = .constant(.zero)
        simulation.run(until: Instant(nanoseconds: 1_000_001), observing: &recorder)
        #expect(recorder.reports.count == 2)
    }

    @Test("The same seed gives the same digest, another seed another one, and a copy has the same future")
    func determinism() {
        func run(seed: UInt64) -> Digest {
            var conditions = LinkConditions(latency: .uniform(.milliseconds(1), .milliseconds(9)))
            conditions.loss = .percent(20)
            var (simulation, recorder) = couriers(3, seed: seed, conditions)
            for number in 0..<100 as Range<UInt64> {
                simulation.command(.ping(NodeID(number % 3 + 1), number), at: first, observing: &recorder)
                simulation.run(until: simulation.now + .milliseconds(1), observing: &recorder)
            }
            var copy = simulation
            var copiedRecorder = recorder
            simulation.run(until: milliseconds(500), observing: &recorder)
            copy.run(until: milliseconds(500), observing: &copiedRecorder)
            #expect(copy.digest == simulation.digest)
            #expect(copiedRecorder.reports == recorder.reports)
            return simulation.digest
        }
        #expect(run(seed: 4) == run(seed: 4))
        #expect(run(seed: 4) != run(seed: 5))
    }

    @Test("Step by step it is the same run")
    func stepByStep() {
        var (simulation, recorder) = couriers()
        for number in 0..<20 as Range<UInt64> {
            simulation.command(.ping(second, number), at: first, observing: &recorder)
        }
        var whole = simulation
        var wholeRecorder = recorder
        whole.run(until: milliseconds(10), observing: &wholeRecorder)
        var steps = 0
        let before = simulation.eventCount
        while simulation.runNext(observing: &recorder) { steps += 1 }
        #expect(steps == 40 && simulation.eventCount == before + 40)
        #expect(recorder.reports == wholeRecorder.reports)
        #expect(simulation.digest == whole.digest)
    }

    @Test("Regions decide how long a message takes, in each direction")
    func regions() {
        var simulation = Simulation<Courier>(seed: 1)
        var recorder = Recorder()
        for region in 0..<2 { simulation.addNode(region: region) { id, _ in Courier(id: id) } }
        simulation.network.setRegions([nil, .constant(.milliseconds(40)), .constant(.milliseconds(60)), nil], count: 2)
        for node in simulation.nodes { simulation.start(node, observing: &recorder) }
        recorder.reports = []
        simulation.command(.ping(second, 1), at: first, observing: &recorder)
        simulation.run(until: milliseconds(500), observing: &recorder)
        #expect(recorder.reports.map(\.milliseconds) == [40, 100])
    }

    @Test("A link keeps its order unless it reorders")
    func order() {
        func arrivals(_ reordering: Ratio) -> [UInt64] {
            var conditions = LinkConditions(latency: .uniform(.milliseconds(1), .milliseconds(50)))
            conditions.reordering = reordering
            var (simulation, recorder) = couriers(2, conditions)
            for number in 1...50 as ClosedRange<UInt64> {
                simulation.command(.ping(second, number), at: first, observing: &recorder)
                simulation.run(until: simulation.now + .milliseconds(1), observing: &recorder)
            }
            simulation.run(until: milliseconds(500), observing: &recorder)
            return recorder.outputs(of: 2).compactMap {
                guard case .pinged(let number, _) = $0 else { return nil }
                return number
            }
        }
        #expect(arrivals(.zero) == Array(1...50))
        let shuffled = arrivals(.percent(50))
        #expect(shuffled != Array(1...50))
        #expect(shuffled.sorted() == Array(1...50))
    }

    @Test("Taking one fault away leaves every other decision as it was")
    func keyedDecisions() {
        func delivered(loss: Ratio, duplication: Ratio) -> [Int64: Int64] {
            var conditions = LinkConditions(latency: .uniform(.milliseconds(1), .milliseconds(50)))
            conditions.loss = loss
            conditions.duplication = duplication
            conditions.reordering = .one
            conditions.reorderDelay = .zero
            var (simulation, recorder) = couriers(2, conditions)
            for number in 1...50 as ClosedRange<UInt64> {
                simulation.command(.ping(second, number), at: first, observing: &recorder)
                simulation.run(until: simulation.now + .milliseconds(1), observing: &recorder)
            }
            simulation.run(until: milliseconds(500), observing: &recorder)
            var times: [Int64: Int64] = [:]
            for report in recorder.reports {
                guard case .pinged(let number, _) = report.output else { continue }
                let known = times[Int64(number)] ?? Int64.max
                times[Int64(number)] = min(known, report.milliseconds)
            }
            return times
        }
        let calm = delivered(loss: .zero, duplication: .zero)
        let lossy = delivered(loss: .percent(30), duplication: .zero)
        #expect(calm.count == 50)
        #expect(lossy.count < 50 && lossy.count > 20)
        for (number, time) in lossy { #expect(calm[number] == time) }
    }

    @Test("Loss and duplication happen at about their rate")
    func rates() {
        var conditions = LinkConditions()
        conditions.loss = .percent(10)
        conditions.duplication = .percent(5)
        var (simulation, recorder) = couriers(2, conditions)
        for number in 0..<10_000 as Range<UInt64> {
            simulation.command(.ping(second, number), at: first, observing: &recorder)
        }
        simulation.run(until: milliseconds(100), observing: &recorder)
        let statistics = simulation.network.statistics
        #expect(statistics.sent > 18_000)
        #expect(abs(Int64(statistics.lost) - Int64(statistics.sent / 10)) < Int64(statistics.sent / 100))
        #expect(abs(Int64(statistics.duplicated) - Int64(statistics.sent * 45 / 1_000)) < Int64(statistics.sent / 100))
    }

    @Test("A flipped bit is caught by the frame's checksum")
    func corruption() {
        var conditions = LinkConditions()
        conditions.corruption = .one
        var (simulation, recorder) = couriers(2, conditions)
        for number in 0..<1_000 as Range<UInt64> {
            simulation.command(.ping(second, number), at: first, observing: &recorder)
        }
        simulation.run(until: milliseconds(100), observing: &recorder)
        #expect(recorder.reports.isEmpty)
        #expect(recorder.losses.count == 1_000)
        #expect(recorder.losses.allSatisfy { $0 == .damaged })
    }

    @Test("Bandwidth spreads messages out and a full queue drops them")
    func bandwidth() {
        var conditions = LinkConditions()
        conditions.bytesPerSecond = 7_000  // a ping frame has 7 bytes: 1,000 pings a second
        var (simulation, recorder) = couriers(2, conditions)
        for _ in 0..<10 { simulation.command(.ping(second, 1), at: first, observing: &recorder) }
        simulation.run(until: milliseconds(100), observing: &recorder)
        let times = recorder.reports.filter { $0.node == second }.map(\.milliseconds)
        #expect(times == Array(2...11))

        conditions.queueBytes = 21
        (simulation, recorder) = couriers(2, conditions)
        for _ in 0..<10 { simulation.command(.ping(second, 1), at: first, observing: &recorder) }
        simulation.run(until: milliseconds(100), observing: &recorder)
        #expect(recorder.outputs(of: 2).count == 3)
        #expect(simulation.network.statistics.overflowed == 7)
    }
}

@Suite("A partition")
struct PartitionTests {
    @Test("catches what is in flight across it and what is sent into it, and healing lets new messages pass")
    func partition() {
        var (simulation, recorder) = couriers()
        simulation.command(.ping(second, 1), at: first, observing: &recorder)
        let cut = simulation.network.add(Cut.groups([BitSet([0]), BitSet([1])]))
        simulation.command(.ping(second, 2), at: first, observing: &recorder)
        simulation.run(until: milliseconds(10), observing: &recorder)
        #expect(recorder.reports.isEmpty)
        #expect(recorder.losses == [.network, .cutInFlight])
        simulation.heal(cut)
        simulation.command(.ping(second, 3), at: first, observing: &recorder)
        simulation.run(until: milliseconds(20), observing: &recorder)
        #expect(recorder.outputs(of: 2) == [.pinged(3, from: first)])
    }

    @Test("One direction can be cut alone")
    func oneWay() {
        var (simulation, recorder) = couriers()
        _ = simulation.network.add(Cut.oneWay(from: BitSet([1]), to: BitSet([0])))
        simulation.command(.ping(second, 1), at: first, observing: &recorder)
        simulation.run(until: milliseconds(10), observing: &recorder)
        #expect(recorder.outputs(of: 2) == [.pinged(1, from: first)])
        #expect(recorder.outputs(of: 1).isEmpty)
    }

    @Test("A bridge reaches both sides, a ring only neighbours")
    func shapes() {
        var (simulation, _) = couriers(5)
        let bridge = simulation.network.add(Cut.groups([BitSet([0, 1, 2]), BitSet([2, 3, 4])]))
        #expect(simulation.network.isCut(from: 0, to: 4))
        #expect(!simulation.network.isCut(from: 0, to: 2))
        #expect(!simulation.network.isCut(from: 2, to: 4))
        simulation.heal(bridge)
        #expect(!simulation.network.isCut(from: 0, to: 4))
        _ = simulation.network.add(Cut.ring([0, 1, 2, 3, 4]))
        #expect(!simulation.network.isCut(from: 0, to: 1))
        #expect(!simulation.network.isCut(from: 0, to: 4))
        #expect(simulation.network.isCut(from: 0, to: 2))
    }

    @Test("Two cuts on one link need two heals")
    func overlapping() {
        var (simulation, _) = couriers(3)
        let split = simulation.network.add(Cut.groups([BitSet([0]), BitSet([1, 2])]))
        let link = simulation.network.add(Cut.oneWay(from: BitSet([0]), to: BitSet([1])))
        simulation.heal(split)
        #expect(simulation.network.isCut(from: 0, to: 1))
        #expect(!simulation.network.isCut(from: 0, to: 2))
        simulation.heal(link)
        #expect(!simulation.network.isCut(from: 0, to: 1))
    }

    @Test("A clogged link loses nothing: what arrived waits, in order, until it is unclogged")
    func clog() {
        var (simulation, recorder) = couriers()
        let clog = simulation.network.clog(Cut.oneWay(from: BitSet([0]), to: BitSet([1])))
        for number in 1...3 as ClosedRange<UInt64> {
            simulation.command(.ping(second, number), at: first, observing: &recorder)
        }
        simulation.run(until: milliseconds(10), observing: &recorder)
        #expect(recorder.reports.isEmpty)
        simulation.heal(clog)
        simulation.run(until: milliseconds(11), observing: &recorder)
        #expect(
            recorder.outputs(of: 2) == [
                .pinged(1, from: first), .pinged(2, from: first), .pinged(3, from: first),
            ])
    }

    @Test("A rule touches only its kind of message")
    func kinds() {
        var (simulation, recorder) = couriers()
        var change = LinkOverride()
        change.loss = .one
        let everyone = BitSet([0, 1])
        _ = simulation.network.add(LinkRule(senders: everyone, receivers: everyone, kinds: 0b10, change: change))
        simulation.command(.ping(second, 1), at: first, observing: &recorder)
        simulation.run(until: milliseconds(10), observing: &recorder)
        #expect(recorder.outputs(of: 2) == [.pinged(1, from: first)])
        #expect(recorder.outputs(of: 1).isEmpty)
    }
}

@Suite("A disk of records")
struct RecordDiskTests {
    private func withDisk(_ sync: Int64) -> (Simulation<Courier>, Recorder) {
        var (simulation, recorder) = couriers()
        simulation.disk = DiskSettings(syncLatency: .constant(.milliseconds(sync)))
        recorder.reports = []
        return (simulation, recorder)
    }

    @Test("Nothing that was written after a persist leaves the node before it is durable")
    func holdsBack() {
        var (simulation, recorder) = withDisk(5)
        simulation.command(.keep(1, tell: second), at: first, observing: &recorder)
        simulation.command(.ping(second, 9), at: first, observing: &recorder)
        simulation.run(until: milliseconds(5), observing: &recorder)
        #expect(recorder.reports.isEmpty && recorder.sent.isEmpty)
        #expect(simulation.stable(of: first).numbers.isEmpty)
        simulation.run(until: milliseconds(6), observing: &recorder)
        #expect(recorder.sent == [.ping(1), .ping(9)])
        #expect(recorder.outputs(of: 1) == [.kept(1), .persisted(1)])
        #expect(simulation.stable(of: first).numbers == [1])
    }

    @Test("Records that arrive during a sync share the next one, and one ticket answers for the batch")
    func groupCommit() {
        var (simulation, recorder) = withDisk(5)
        for number in 1...4 as ClosedRange<UInt64> {
            simulation.command(.keep(number, tell: second), at: first, observing: &recorder)
        }
        simulation.run(until: milliseconds(100), observing: &recorder)
        #expect(
            recorder.outputs(of: 1).filter { if case .persisted = $0 { true } else { false } } == [
                .persisted(1), .persisted(4),
            ])
        let kept = recorder.reports.filter { $0.output == .kept(4) }
        #expect(kept.map(\.milliseconds) == [10])
    }

    @Test("A crash loses what was not synced, a killed process what it had not written yet, a wipe everything")
    func crashes() {
        for (mode, expected) in [
            (CrashMode.losingUnsynced, [1]), (.clean, [1, 2]), (.wiped, []),
        ] as [(CrashMode, [UInt64])] {
            var (simulation, recorder) = withDisk(5)
            simulation.command(.keep(1, tell: second), at: first, observing: &recorder)
            simulation.run(until: milliseconds(6), observing: &recorder)
            simulation.command(.keep(2, tell: second), at: first, observing: &recorder)
            simulation.command(.keep(3, tell: second), at: first, observing: &recorder)
            simulation.crash(first, mode, observing: &recorder)
            recorder.reports = []
            simulation.run(until: milliseconds(50), observing: &recorder)
            #expect(recorder.outputs(of: 1).isEmpty, "a crashed node says nothing more")
            simulation.start(first, observing: &recorder)
            #expect(simulation.stable(of: first).numbers == expected)
            #expect(recorder.outputs(of: 1) == [.started(UInt64(expected.count))])
        }
    }

    @Test("Whatever a torn write leaves, the records that are read back are a prefix")
    func tornWrites() {
        var seen: [Int] = []
        for seed in 1...100 as ClosedRange<UInt64> {
            var (simulation, recorder) = couriers(2, seed: seed) { simulation in
                simulation.disk = DiskSettings(syncLatency: .constant(.milliseconds(5)), tearsWrites: true)
                simulation.disk.log.sectorBytes = 64
            }
            for number in 1...9 as ClosedRange<UInt64> {
                simulation.command(.keep(number, tell: second), at: first, observing: &recorder)
            }
            simulation.run(until: milliseconds(6), observing: &recorder)
            simulation.crash(first, .losingUnsynced, observing: &recorder)
            let numbers = simulation.stable(of: first).numbers
            #expect(numbers == Array((1...9).prefix(numbers.count)))
            seen.append(numbers.count)
        }
        #expect(Set(seen).isSuperset(of: [1, 3, 5, 9]), "two records share a sector of 64 bytes")
    }

    @Test("A stalled disk completes nothing until it recovers")
    func stall() {
        var (simulation, recorder) = withDisk(1)
        simulation.stallDisk(of: first, until: milliseconds(50))
        simulation.command(.keep(1, tell: second), at: first, observing: &recorder)
        simulation.run(until: milliseconds(50), observing: &recorder)
        #expect(recorder.reports.isEmpty)
        simulation.run(until: milliseconds(60), observing: &recorder)
        #expect(recorder.outputs(of: 1).first == .kept(1))
    }

    @Test("A stall without an end is ended by another one, and nothing that was written before or during it is lost")
    func endOfStall() {
        var (simulation, recorder) = withDisk(5)
        simulation.command(.keep(1, tell: second), at: first, observing: &recorder)
        simulation.run(until: milliseconds(2), observing: &recorder)
        simulation.stallDisk(of: first, until: .distantFuture)
        simulation.command(.keep(2, tell: second), at: first, observing: &recorder)
        simulation.run(until: milliseconds(500), observing: &recorder)
        #expect(recorder.reports.isEmpty && simulation.stable(of: first).numbers.isEmpty)
        simulation.stallDisk(of: first, until: simulation.now)
        simulation.run(until: milliseconds(600), observing: &recorder)
        #expect(simulation.stable(of: first).numbers == [1, 2])
        #expect(recorder.outputs(of: 1).filter { $0 == .persisted(1) || $0 == .persisted(2) }.count == 2)
    }
}

@Suite("Clocks and timers")
struct TimerTests {
    @Test("A timer that is set again moves, a cancelled one never rings")
    func timers() {
        var (simulation, recorder) = couriers()
        simulation.command(.alarm(1, .milliseconds(10)), at: first, observing: &recorder)
        simulation.command(.alarm(2, .milliseconds(10)), at: first, observing: &recorder)
        simulation.run(until: milliseconds(5), observing: &recorder)
        simulation.command(.alarm(1, .milliseconds(10)), at: first, observing: &recorder)
        simulation.command(.silence(2), at: first, observing: &recorder)
        simulation.run(until: milliseconds(100), observing: &recorder)
        #expect(recorder.reports.map(\.milliseconds) == [15])
        simulation.command(.alarm(1, .milliseconds(50)), at: first, observing: &recorder)
        simulation.command(.alarm(1, .milliseconds(20)), at: first, observing: &recorder)
        simulation.run(until: milliseconds(300), observing: &recorder)
        #expect(recorder.reports.map(\.milliseconds) == [15, 120])
    }

    @Test("Timers of one instant ring in the order in which they were set, postponed ones included")
    func ties() {
        var (simulation, recorder) = couriers()
        simulation.command(.alarm(1, .milliseconds(5)), at: first, observing: &recorder)
        simulation.command(.alarm(2, .milliseconds(10)), at: first, observing: &recorder)
        simulation.command(.alarm(1, .milliseconds(10)), at: first, observing: &recorder)
        simulation.run(until: milliseconds(50), observing: &recorder)
        #expect(
            recorder.outputs(of: 1).map(\.description).map { $0.prefix(6) } == ["rang 2", "rang 1"])
    }

    @Test("Stale timers do not pile up")
    func staleTimers() {
        var (simulation, recorder) = couriers()
        for round in 0..<10_000 as Range<Int64> {
            simulation.command(.alarm(1, .seconds(100)), at: first, observing: &recorder)
            simulation.command(.alarm(1, .milliseconds(1)), at: first, observing: &recorder)
            simulation.run(until: milliseconds(2 * round + 2), observing: &recorder)
        }
        #expect(recorder.reports.count == 10_000)
        #expect(simulation.pendingCount < 100)
    }

    @Test("A fast clock rings early, a slow one late, a jump moves only what the node sees")
    func clocks() {
        var (simulation, recorder) = couriers()
        simulation.driftClock(of: first, partsPerMillion: 1_000_000)
        simulation.driftClock(of: second, partsPerMillion: -500_000)
        simulation.command(.alarm(1, .milliseconds(10)), at: first, observing: &recorder)
        simulation.command(.alarm(1, .milliseconds(10)), at: second, observing: &recorder)
        simulation.run(until: milliseconds(100), observing: &recorder)
        #expect(recorder.reports.map(\.milliseconds) == [5, 20])

        (simulation, recorder) = couriers()
        simulation.command(.alarm(1, .milliseconds(10)), at: first, observing: &recorder)
        simulation.jumpClock(of: first, by: .seconds(-100))
        simulation.run(until: milliseconds(100), observing: &recorder)
        let expected = Instant(nanoseconds: NodeClock.epoch) + .milliseconds(10) - .seconds(100)
        #expect(recorder.reports == [.init(milliseconds: 10, node: first, output: .rang(1, at: expected))])
    }

    @Test("A paused node takes nothing and then everything: the timers that ran out, then the rest in order")
    func pause() {
        var (simulation, recorder) = couriers()
        simulation.command(.alarm(1, .milliseconds(3)), at: second, observing: &recorder)
        simulation.pause(second, observing: &recorder)
        simulation.command(.ping(second, 1), at: first, observing: &recorder)
        simulation.run(until: milliseconds(50), observing: &recorder)
        #expect(recorder.reports.isEmpty)
        simulation.resume(second, observing: &recorder)
        simulation.run(until: milliseconds(60), observing: &recorder)
        let heard = recorder.reports.filter { $0.node == second }
        #expect(heard.map(\.milliseconds) == [50, 50])
        let rang = Courier.Output.rang(1, at: Instant(nanoseconds: NodeClock.epoch) + .milliseconds(50))
        #expect(heard.map(\.output) == [rang, .pinged(1, from: first)])
    }

    @Test("A slow node takes one input after the other")
    func slow() {
        var (simulation, recorder) = couriers()
        simulation.slow(second, stepLength: .milliseconds(10))
        for number in 1...3 as ClosedRange<UInt64> {
            simulation.command(.ping(second, number), at: first, observing: &recorder)
        }
        simulation.run(until: milliseconds(100), observing: &recorder)
        #expect(recorder.reports.filter { $0.node == second }.map(\.milliseconds) == [1, 11, 21])
    }

    @Test("A slow node, too, hears of the timers that ran out before anything else that waits")
    func slowTimers() {
        var (simulation, recorder) = couriers()
        simulation.slow(second, stepLength: .milliseconds(10))
        for number in 1...3 as ClosedRange<UInt64> {
            simulation.command(.ping(second, number), at: first, observing: &recorder)
        }
        simulation.command(.alarm(7, .milliseconds(5)), at: second, observing: &recorder)
        simulation.run(until: milliseconds(100), observing: &recorder)
        let rang = Courier.Output.rang(7, at: Instant(nanoseconds: NodeClock.epoch) + .milliseconds(10))
        #expect(
            recorder.outputs(of: 2)
                == [rang] + [1, 2, 3].map { Courier.Output.pinged($0, from: first) })
    }

    @Test("A timer from before a crash does not ring after the restart")
    func crashedTimers() {
        var (simulation, recorder) = couriers()
        simulation.command(.alarm(1, .milliseconds(20)), at: first, observing: &recorder)
        simulation.crash(first, .losingUnsynced, observing: &recorder)
        simulation.start(first, observing: &recorder)
        simulation.run(until: milliseconds(100), observing: &recorder)
        #expect(recorder.outputs(of: 1) == [.started(0)])
    }
}

@Suite("Latency")
struct LatencyTests {
    private func draws(_ latency: Latency) -> [Int64] {
        let random = Random(seed: 3)
        return (0..<20_000 as Range<UInt64>).map { latency.draw(random.bits(.init(1), $0)).nanoseconds }.sorted()
    }

    @Test("Each distribution has the centre and the tail it promises")
    func shapes() {
        let uniform = draws(.uniform(.milliseconds(1), .milliseconds(3)))
        #expect(uniform[0] >= 1_000_000 && uniform[19_999] <= 3_000_000)
        #expect(abs(uniform[10_000] - 2_000_000) < 50_000)

        let exponential = draws(.exponential(minimum: .milliseconds(1), mean: .milliseconds(10)))
        let mean = exponential.reduce(0, +) / 20_000
        #expect(abs(mean - 11_000_000) < 300_000)
        #expect(abs(exponential[10_000] - 7_931_000) < 300_000, "the median of an exponential is ln 2 of its mean")

        let lognormal = draws(.lognormal(median: .milliseconds(10), spreadThousandths: 1_500))
        #expect(abs(lognormal[10_000] - 10_000_000) < 300_000)
        #expect(abs(lognormal[16_827] - 15_000_000) < 700_000, "one standard deviation multiplies by 1.5")

        let bimodal = draws(
            .bimodal(
                fast: .milliseconds(1) ... .milliseconds(2), slow: .milliseconds(50) ... .milliseconds(90),
                slowShare: .percent(10)))
        let slow = bimodal.filter { $0 >= 50_000_000 }.count
        #expect(abs(slow - 2_000) < 200)
    }
}
