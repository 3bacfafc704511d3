import MeshCore
import MeshTestKit
import Simulator
import Testing

/// What became of the node.
private struct Changes: Observer {
    typealias Machine = Courier
    var changes: [HostChange] = []
    var told: [UInt64] = []

    mutating func didChange(
        _ change: HostChange, at node: NodeID, in simulation: borrowing Simulation<Courier>
    ) {
        changes.append(change)
    }

    mutating func willRelease(
        _ effect: borrowing Effect<Courier>, at node: NodeID, in simulation: borrowing Simulation<Courier>
    ) {
        if case .output(.kept(let number)) = copy effect { told.append(number) }
    }
}

private let node = NodeID(1)

/// A node that keeps numbers, one every 10 ms, on a disk that takes 1 ms to sync.
private struct World {
    var simulation: Simulation<Courier>
    var changes = Changes()

    init(seed: UInt64 = 1, _ configure: (inout DiskSettings) -> Void = { _ in }) {
        simulation = Simulation<Courier>(seed: seed)
        simulation.disk = DiskSettings(syncLatency: .constant(.milliseconds(1)))
        simulation.disk.log.sectorBytes = 64
        simulation.disk.log.segmentBytes = 1_024
        simulation.disk.expectsFaults = true
        configure(&simulation.disk)
        simulation.addNode { id, _ in Courier(id: id) }
        simulation.addNode { id, _ in Courier(id: id) }
        simulation.start(node, observing: &changes)
        simulation.start(NodeID(2), observing: &changes)
        changes.changes = []
    }

    mutating func keep(_ numbers: ClosedRange<UInt64>) {
        for number in numbers {
            simulation.command(.keep(number, tell: NodeID(2)), at: node, observing: &changes)
            pass(10)
        }
    }

    mutating func pass(_ milliseconds: Int64) {
        simulation.run(until: simulation.now + .milliseconds(milliseconds), observing: &changes)
    }

    mutating func restart(_ mode: CrashMode = .losingUnsynced) {
        simulation.crash(node, mode, observing: &changes)
        simulation.start(node, observing: &changes)
    }

    var numbers: [UInt64] { simulation.stable(of: node).numbers }

    var isRefused: Bool {
        changes.changes.contains { if case .refused(.damaged) = $0 { true } else { false } }
    }
}

@Suite("Faults of a disk")
struct DiskFaultTests {
    @Test(
        "An ordered fault is done once, refused at the next start where it is damage, and never invents anything",
        arguments: [DiskFault.flippedWrite, .misdirectedWrite, .bitRot])
    func damage(fault: DiskFault) {
        var refusals = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            var world = World(seed: seed)
            world.keep(1...4)
            world.simulation.orderDiskFault(fault, of: node)
            world.keep(5...8)
            #expect(world.simulation.diskFaultCounts[fault] + world.simulation.diskFaultCounts.withheld == 1)
            world.restart()
            if world.isRefused { refusals += 1 } else { #expect(world.numbers == [1, 2, 3, 4, 5, 6, 7, 8]) }
        }
        #expect(refusals > 15, "only \(refusals) of 60")
    }

    @Test(
        "Damage of the newest batch is undone before anybody could take it for a torn write",
        arguments: [DiskFault.flippedWrite, .misdirectedWrite, .bitRot])
    func newest(fault: DiskFault) {
        for seed in 1...60 as ClosedRange<UInt64> {
            var world = World(seed: seed)
            world.keep(1...4)
            world.simulation.orderDiskFault(fault, of: node)
            world.keep(5...5)
            world.restart()
            if !world.isRefused { #expect(world.numbers == [1, 2, 3, 4, 5]) }
        }
    }

    @Test("Rot in the newest batch is taken for a torn write: that is what a single disk cannot tell")
    func rotInNewest() {
        var world = World()
        world.keep(1...5)
        world.simulation.rotNewest(of: node)
        world.restart()
        #expect(!world.isRefused && world.changes.told.contains(5))
        #expect(world.numbers == [1, 2, 3, 4])
    }

    @Test("With a survivable budget nothing happens that a node cannot notice, nor to more disks than a minority")
    func budget() {
        var world = World { $0.budget = .survivable(damagedDisks: 1) }
        world.keep(1...5)
        world.simulation.rotNewest(of: node)
        world.simulation.orderDiskFault(.lyingSync, of: node)
        world.keep(6...6)
        world.simulation.crash(node, .wiped, observing: &world.changes)
        #expect(world.numbers == [1, 2, 3, 4, 5, 6] && world.simulation.diskFaultCounts.withheld == 3)
        world.simulation.start(node, observing: &world.changes)
        for _ in 1...40 { world.simulation.orderDiskFault(.bitRot, of: node) }
        world.simulation.orderDiskFault(.flippedWrite, of: NodeID(2))
        world.simulation.command(.keep(9, tell: node), at: NodeID(2), observing: &world.changes)
        world.pass(10)
        #expect(world.simulation.damagedNodes == [node])
        #expect(world.simulation.diskFaultCounts[.flippedWrite] == 0)
        world.simulation.diskWasRepaired(of: node)
        #expect(world.simulation.damagedNodes.isEmpty)
    }

    @Test(
        "A failed write or sync stops the node before anything is told, and it comes back by itself",
        arguments: [DiskFault.failedWrite, .failedSync])
    func failures(fault: DiskFault) {
        var world = World()
        world.keep(1...3)
        world.simulation.orderDiskFault(fault, of: node)
        world.keep(4...4)
        #expect(world.changes.changes.first == .storageFailed(.device))
        #expect(!world.changes.told.contains(4) && world.simulation.status(of: node) == .crashed)
        world.pass(1_000)
        #expect(world.simulation.status(of: node) == .running && world.numbers == [1, 2, 3])
        world.restart()
        #expect(world.numbers == [1, 2, 3] && !world.isRefused)
    }

    @Test("A full disk stops the node, which is refused until there is room, and has lost nothing")
    func full() {
        var world = World { $0.restartDelay = .milliseconds(100) }
        world.keep(1...3)
        world.simulation.beginDiskFault(.full, of: node)
        world.keep(4...4)
        world.pass(500)
        #expect(world.changes.changes.first == .storageFailed(.full))
        #expect(world.changes.changes.filter { $0 == .refused(.full) }.count >= 4)
        world.simulation.endDiskFault(.full, of: node)
        world.pass(200)
        #expect(world.simulation.status(of: node) == .running && world.numbers == [1, 2, 3])
        world.keep(5...6)
        world.restart()
        #expect(world.numbers == [1, 2, 3, 5, 6])
    }

    @Test("Without a supervisor a stopped node stays down until it is started")
    func withoutSupervisor() {
        var world = World { $0.restartDelay = nil }
        world.simulation.orderDiskFault(.failedWrite, of: node)
        world.keep(1...1)
        world.pass(10_000)
        #expect(world.simulation.status(of: node) == .crashed)
        world.simulation.start(node, observing: &world.changes)
        #expect(world.simulation.status(of: node) == .running)
    }

    @Test("A sync that lies is found out by a power failure only, and an honest one makes up for it")
    func lies() {
        for (isHonestLater, kept) in [(false, [1, 2]), (true, [1, 2, 3, 4])] as [(Bool, [UInt64])] {
            var world = World()
            world.keep(1...2)
            world.simulation.orderDiskFault(.lyingSync, of: node)
            world.keep(3...3)
            #expect(world.changes.told.contains(3))
            if isHonestLater { world.keep(4...4) }
            world.restart()
            #expect(world.numbers == kept)
        }
        var world = World()
        world.simulation.beginDiskFault(.lyingSync, of: node)
        world.keep(1...2)
        world.restart(.clean)
        #expect(world.numbers == [1, 2], "the system goes on and writes what it has")
    }

    @Test(
        "The power fails within the write under way or the next one, and is back after a while",
        arguments: [true, false])
    func tornWrite(isUnderWay: Bool) {
        var lengths: [Int] = []
        for seed in 1...40 as ClosedRange<UInt64> {
            var world = World(seed: seed)
            world.keep(1...3)
            if isUnderWay { world.simulation.command(.keep(4, tell: NodeID(2)), at: node, observing: &world.changes) }
            world.simulation.tearWrite(of: node, downTime: .milliseconds(50), observing: &world.changes)
            #expect((world.simulation.status(of: node) == .crashed) == isUnderWay)
            if !isUnderWay { world.keep(4...4) }
            #expect(world.changes.changes == [.crashed(.losingUnsynced)] && !world.changes.told.contains(4))
            world.pass(60)
            #expect(world.changes.changes.last == .started && !world.isRefused)
            #expect(world.numbers == [1, 2, 3] || world.numbers == [1, 2, 3, 4])
            lengths.append(world.numbers.count)
        }
        #expect(lengths.contains(3))
    }

    @Test("What is read wrong once is refused once", arguments: [DiskFault.flippedRead, .misdirectedRead, .failedRead])
    func readings(fault: DiskFault) {
        var refusals = 0
        for seed in 1...40 as ClosedRange<UInt64> {
            var world = World(seed: seed) { $0.restartDelay = .milliseconds(20) }
            world.keep(1...8)
            world.simulation.orderDiskFault(fault, of: node)
            world.restart()
            if world.simulation.status(of: node) == .crashed { refusals += 1 }
            if fault == .failedRead {
                #expect(world.changes.changes.last == .refused(.device))
                world.pass(30)
                #expect(world.changes.changes.last == .started)
            }
            world.simulation.start(node, observing: &world.changes)
            #expect(world.simulation.status(of: node) == .running && world.numbers == Array(1...8))
        }
        #expect(refusals > 10, "only \(refusals) of 40")
    }

    @Test("A share of nothing draws nothing: the other decisions stay as they were")
    func keys() {
        func digest(_ configure: (inout DiskSettings) -> Void) -> Digest {
            var world = World(seed: 5, configure)
            world.keep(1...20)
            world.restart()
            world.keep(21...30)
            return world.simulation.digest
        }
        let plain = digest { _ in }
        #expect(digest { $0.expectsFaults = false } == plain)
        // A fault that never comes about asks its question beside the others.
        #expect(digest { $0.faults.failedWrites = Ratio(millionths: 1) } == plain)
        #expect(digest { $0.faults.spikes = Ratio(millionths: 1_000_000) } != plain)
    }

    @Test(
        "Faults by chance come about as often as they say",
        arguments: [DiskFault.flippedWrite, .misdirectedWrite, .failedSync])
    func rates(fault: DiskFault) {
        var count: UInt64 = 0
        for seed in 1...40 as ClosedRange<UInt64> {
            var world = World(seed: seed) { disk in
                let share = Ratio(millionths: 100_000)
                if fault == .flippedWrite { disk.faults.flippedWrites = share }
                if fault == .misdirectedWrite { disk.faults.misdirectedWrites = share }
                if fault == .failedSync { disk.faults.failedSyncs = share }
                disk.restartDelay = .milliseconds(1)
            }
            world.keep(1...10)
            count += world.simulation.diskFaultCounts[fault]
        }
        #expect((20...80).contains(count), "\(count) in 400 batches of one sector, and few headers")
    }

    @Test("A stall by chance holds the disk up, a spike one sync")
    func delays() {
        for isStall in [true, false] {
            var world = World { disk in
                if isStall {
                    disk.faults.stalls = Ratio(millionths: 1_000_000)
                    disk.faults.stallLength = .constant(.milliseconds(300))
                } else {
                    disk.faults.spikes = Ratio(millionths: 1_000_000)
                    disk.faults.spikeLength = .constant(.milliseconds(300))
                }
            }
            world.keep(1...1)
            world.pass(280)
            #expect(world.changes.told.isEmpty)
            world.pass(20)
            #expect(world.changes.told == [1])
        }
    }
}
