public import MeshCore

/// What a host's disk is doing, lane by lane.
@usableFromInline
struct DiskLanes: Sendable {
    /// How many operations of each lane are under way.
    private var counts = (0, 0)
    /// The sync that ends them, which takes effect when the entry in the queue comes up.
    private var syncs: (Storage.Operation?, Storage.Operation?) = (nil, nil)
    /// How many runs of operations were begun; it keys their latencies.
    @usableFromInline var runCount: UInt64 = 0
    /// Distinguishes the completions of this life of the node from those of an earlier one.
    @usableFromInline var epoch: UInt32 = 0
    /// A disk that hangs completes nothing until this time.
    @usableFromInline var stalledUntil = Int64.min
    /// Replaces the settings' sync latency while the disk is slow.
    @usableFromInline var slowSync: Latency?
    /// Whether anything else than latency has to be asked for at each operation.
    @usableFromInline var mayFail = false
    /// Whether the power fails once what is being handed over is in the system's cache.
    @usableFromInline var losesPower = false
    /// How many syncs have taken effect.
    @usableFromInline var syncCount: UInt64 = 0

    @usableFromInline
    init() {}

    /// How many operations of a lane are under way.
    @usableFromInline
    func count(_ lane: Int) -> Int { lane == 0 ? counts.0 : counts.1 }

    /// Names an operation apart from the others of the same disk at the same time.
    @usableFromInline
    func occasion(_ lane: Int) -> UInt64 {
        let run = runCount << 1 | UInt64(UInt(bitPattern: lane))
        return run << 32 | UInt64(UInt(bitPattern: count(lane))) << 24
    }

    /// Whether a lane is busy.
    @usableFromInline
    func isBusy(_ lane: Int) -> Bool { count(lane) > 0 }

    /// Whether what is under way in a lane ends with a sync.
    @usableFromInline
    func endsWithSync(_ lane: Int) -> Bool { lane == 0 ? syncs.0 != nil : syncs.1 != nil }

    /// Notes an operation; one that takes effect only when it is done is the last of its run.
    @usableFromInline
    mutating func begin(_ operation: Storage.Operation, _ lane: Int) {
        if lane == 0 { counts.0 += 1 } else { counts.1 += 1 }
        switch operation {
        case .sync, .syncDirectory: if lane == 0 { syncs.0 = operation } else { syncs.1 = operation }
        case .create, .write, .rename, .delete: break
        }
    }

    /// Ends what is under way in a lane.
    ///
    /// - Returns: The sync at its end.
    @usableFromInline
    mutating func finish(_ lane: Int) -> Storage.Operation? {
        if lane == 0 {
            counts.0 = 0
            return syncs.0.take()
        }
        counts.1 = 0
        return syncs.1.take()
    }

    /// Forgets what is under way, and with it whatever completion comes yet.
    @usableFromInline
    mutating func reset() {
        counts = (0, 0)
        syncs = (nil, nil)
        losesPower = false
        epoch &+= 1
    }

    /// The slot of a queue entry that starts a node again.
    @inlinable static var restart: Int { 2 }
    /// The slot of a queue entry that flips a bit at rest.
    static var rot: Int { 3 }

    /// The lanes by their numbers.
    @inlinable
    static func lane(_ number: Int) -> Storage.Lane { number == 0 ? .log : .image }
}

extension Simulation {
    /// What a crash could take away from a node's disk now: unsynced sectors, and unsynced changes of names.
    public func unsynced(of node: NodeID) -> (sectors: Int, names: Int) {
        let host = position(node)
        let sectors = hosts[host].disk.unsyncedSectorCount(sectorBytes: disk.log.sectorBytes)
        return (sectors, hosts[host].disk.unsyncedNameCount)
    }

    /// Hands the disk what the log wants next, in every lane that is not busy.
    @inlinable
    mutating func startDisk<Watcher: Observer>(_ host: Int, _ observer: inout Watcher)
    where Watcher.Machine == Machine {
        for lane in 0..<2 where !hosts[host].lanes.isBusy(lane) && hosts[host].status != .crashed {
            startLane(lane, host, &observer)
        }
    }

    /// Does everything up to the next sync, which takes effect when it is done.
    ///
    /// Writes and changes of names are in the system's cache from here on; what a crash leaves of them is its choice.
    @inlinable
    mutating func startLane<Watcher: Observer>(_ lane: Int, _ host: Int, _ observer: inout Watcher)
    where Watcher.Machine == Machine {
        var isSynced = false
        let mayFail = hosts[host].lanes.mayFail
        while !isSynced, let operation = hosts[host].log.nextOperation(in: DiskLanes.lane(lane)) {
            switch operation {
            case .sync, .syncDirectory:
                isSynced = true
            case .create, .write, .rename, .delete:
                do {
                    if mayFail {
                        try performWithFaults(operation, in: lane, host, hosts[host].lanes.occasion(lane))
                    } else {
                        try hosts[host].disk.perform(operation, capacity: disk.capacity)
                    }
                } catch {
                    return stopLog(host, error, &observer)
                }
            }
            hosts[host].lanes.begin(operation, lane)
        }
        if hosts[host].lanes.losesPower { return losePower(host, &observer) }
        guard hosts[host].lanes.isBusy(lane) else { return }
        hosts[host].lanes.runCount &+= 1
        let key = hosts[host].lanes.runCount << 1 | UInt64(UInt(bitPattern: lane))
        let bits = random.bits(.disk, UInt64(UInt(bitPattern: host)), UInt64(bitPattern: now.nanoseconds), key)
        var length = disk.writeLatency.draw(bits)
        if isSynced {
            let sync = hosts[host].lanes.slowSync ?? disk.syncLatency
            length = length + sync.draw(Random.further(bits, 1))
            if mayFail { length = length + delay(host, hosts[host].lanes.occasion(lane)) }
        }
        let start = Instant(nanoseconds: max(now.nanoseconds, hosts[host].lanes.stalledUntil))
        pushDisk(host, lane, at: start + length)
    }

    @inlinable
    mutating func pushDisk(_ host: Int, _ lane: Int, at time: Instant) {
        let generation = hosts[host].lanes.epoch & 0xfff_ffff
        queue.push(.init(.disk, host: host, slot: lane, generation: generation), at: time.nanoseconds)
    }

    @inlinable
    mutating func handleDisk<Watcher: Observer>(
        _ due: EventQueue<Machine.Message>.Due, _ outbox: inout Outbox<Effect<Machine>>, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        let host = due.host
        guard due.slot < DiskLanes.restart else { return handleDiskOccasion(due, &observer) }
        guard hosts[host].lanes.epoch & 0xfff_ffff == due.generation else { return }
        if hosts[host].lanes.stalledUntil > now.nanoseconds {
            queue.push(due, at: hosts[host].lanes.stalledUntil)
            return
        }
        let isSync = !syncTraps.isEmpty && hosts[host].lanes.endsWithSync(due.slot)
        if isSync, let trap = springTrap(host, isBefore: true) { return fall(into: trap, &observer) }
        let ticket = finishLane(due.slot, host, &observer)
        guard hosts[host].status != .crashed else { return }
        if ticket != nil { observer.didPersist(at: id(host), in: self) }
        if isSync, let trap = springTrap(host, isBefore: false) { return fall(into: trap, &observer) }
        let durable = hosts[host].log.durableSequence
        startDisk(host, &observer)
        guard let ticket else { return }
        if hosts[host].isFree(at: now.nanoseconds) {
            complete(ticket, durable, at: host, &outbox, &observer)
        } else {
            hosts[host].backlog.append(.persisted(ticket, durable: durable))
            scheduleWake(host)
        }
    }

    /// Lets what is under way in a lane take effect.
    ///
    /// - Returns: The last ticket that is durable with it.
    @inlinable
    mutating func finishLane<Watcher: Observer>(_ lane: Int, _ host: Int, _ observer: inout Watcher) -> Ticket?
    where Watcher.Machine == Machine {
        let count = hosts[host].lanes.count(lane)
        let occasion = hosts[host].lanes.occasion(lane)
        if let sync = hosts[host].lanes.finish(lane) {
            hosts[host].lanes.syncCount &+= 1
            do {
                if hosts[host].lanes.mayFail {
                    try syncWithFaults(sync, in: lane, host, occasion)
                } else {
                    try hosts[host].disk.perform(sync, capacity: disk.capacity)
                }
            } catch {
                stopLog(host, error, &observer)
                return nil
            }
        }
        var last: Ticket?
        for _ in 0..<count { last = hosts[host].log.completed(DiskLanes.lane(lane)) ?? last }
        return last
    }

    /// Releases what waited for these records and tells the machine.
    @inlinable
    mutating func complete<Watcher: Observer>(
        _ ticket: Ticket, _ durable: UInt64, at host: Int, _ outbox: inout Outbox<Effect<Machine>>,
        _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        while !hosts[host].held.isEmpty, hosts[host].held[0].barrier <= durable,
            let first = hosts[host].held.popFirst()
        {
            release(first.effect, first.fingerprint, at: host, &observer)
        }
        digestInput(Mark.persisted, host, ticket.rawValue, 0)
        perform(.persisted(ticket), at: host, &outbox, &observer)
    }

    /// A disk does not do what it was asked: the process stops, and can be started again from what is there.
    @inlinable
    mutating func stopLog<Watcher: Observer>(
        _ host: Int, _ failure: Storage.Failure, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        hosts[host].log.failed(failure)
        guard hosts[host].log.failure != nil else { return }
        observer.didChange(.storageFailed(failure), at: id(host), in: self)
        crash(id(host), .clean, observing: &observer)
        startLater(host, after: disk.restartDelay)
    }

    /// The power fails within a write.
    @inlinable
    mutating func losePower<Watcher: Observer>(_ host: Int, _ observer: inout Watcher)
    where Watcher.Machine == Machine {
        hosts[host].lanes.losesPower = true
        let downTime = takeTear(host)
        crash(id(host), .losingUnsynced, observing: &observer)
        startLater(host, after: downTime)
    }

    /// Starts a node after a while, unless it was started by then.
    @inlinable
    mutating func startLater(_ host: Int, after delay: Interval?) {
        if let delay { pushDisk(host, DiskLanes.restart, at: now + delay) }
    }

    /// Does what was put off to now: a start, or a bit that flips at rest.
    @inlinable
    mutating func handleDiskOccasion<Watcher: Observer>(
        _ due: EventQueue<Machine.Message>.Due, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        let host = due.host
        guard due.slot == DiskLanes.restart else { return rotByChance(host) }
        guard hosts[host].lanes.epoch & 0xfff_ffff == due.generation else { return }
        start(id(host), observing: &observer)
    }
}

// MARK: - Crashes and starts

extension Simulation {
    /// Leaves on a disk what a crash leaves, and reads it back.
    @usableFromInline
    mutating func crashDisk(_ host: Int, _ mode: CrashMode, _ remains: CrashRemains?) {
        switch (mode, remains) {
        case (.clean, _): hosts[host].disk.settle()
        case (.wiped, _): hosts[host].disk = ByteDisk()
        case (.losingUnsynced, nil): losePower(host)
        case (.losingUnsynced, let remains?):
            let sectorBytes = disk.log.sectorBytes
            hosts[host].disk.crash(keptNames: remains.names, sectorBytes: sectorBytes) { sector in
                remains.keeps(sector) ? .kept : .lost
            }
        }
        hosts[host].lanes.reset()
        keepGuards(host, isWiped: mode == .wiped)
        readDisk(host, isStarting: false)
    }

    private mutating func losePower(_ host: Int) {
        let sectorBytes = disk.log.sectorBytes
        guard disk.tearsWrites || hosts[host].lanes.losesPower else {
            return hosts[host].disk.crash(keptNames: 0, sectorBytes: sectorBytes) { _ in .lost }
        }
        let node = id(host).rawValue
        let time = UInt64(bitPattern: now.nanoseconds)
        let random = self.random
        let names = UInt64(UInt(bitPattern: hosts[host].disk.unsyncedNameCount + 1))
        let kept = Random.number(below: names, from: random.bits(.tear, node, time, 0))
        // Half of the crashes keep or lose each sector on its own, the others keep a prefix, as an ordered disk would.
        let shape = random.bits(.tear, node, time, 1)
        let count = UInt64(UInt(bitPattern: hosts[host].disk.unsyncedSectorCount(sectorBytes: sectorBytes)))
        // A write that the power failed within is not whole.
        let ends = hosts[host].lanes.losesPower && count > 0 ? count : count + 1
        let prefix = Random.number(below: ends, from: random.bits(.tear, node, time, 2))
        hosts[host].disk.crash(keptNames: Int(truncatingIfNeeded: kept), sectorBytes: sectorBytes) { sector in
            let place = UInt64(UInt(bitPattern: sector))
            if shape & 1 == 0 { return place < prefix ? .kept : .lost }
            switch random.bits(.tear, node, time, place &+ 3) & 7 {
            case 0...3: return .kept
            case 4...6: return .lost
            default: return .garbage
            }
        }
    }

    /// Reads a disk into a new log.
    ///
    /// A disk that cannot be read leaves the reason, and the log as it was with what it had promised; it takes nothing
    /// more. Faults of reading come only when the node is about to start: before, a crash merely looks what is there.
    @usableFromInline
    mutating func readDisk(_ host: Int, isStarting: Bool) {
        let settings = hosts[host].log.settings
        hosts[host].refusal = nil
        if hosts[host].disk.isEmpty {
            hosts[host].log = WriteAheadLog(settings: settings)
            return
        }
        do {
            if isStarting && hosts[host].lanes.mayFail {
                hosts[host].log = try readWithFaults(host, settings)
            } else {
                hosts[host].log = try WriteAheadLog.recover(from: hosts[host].disk, settings: settings).log
            }
        } catch {
            hosts[host].log.failed(error)
            hosts[host].refusal = error
        }
    }

    /// Makes a node's log ready for its start.
    ///
    /// What was refused before, and what is read with faults, is read again.
    @usableFromInline
    mutating func openDisk(_ host: Int) {
        hosts[host].lanes.mayFail = disk.expectsFaults || troubles[host].isArmed || !disk.faults.isQuiet
        if hosts[host].refusal != nil || hosts[host].lanes.mayFail { readDisk(host, isStarting: true) }
        guard hosts[host].refusal == nil else { return }
        settleLog(host)
    }

    /// Does what a log wants before its node starts: it takes no time.
    mutating func settleLog(_ host: Int) {
        let mayFail = hosts[host].lanes.mayFail
        while !hosts[host].log.isReady, let operation = hosts[host].log.nextOperation(in: .log) {
            do {
                if mayFail {
                    try settleWithFaults(operation, host)
                } else {
                    try hosts[host].disk.perform(operation, capacity: disk.capacity)
                }
            } catch {
                hosts[host].refusal = error
                return
            }
            _ = hosts[host].log.completed(.log)
        }
    }
}
