public import MeshCore

// MARK: - Exact faults

extension Simulation {
    /// Lets the next operation of its kind on a node's disk meet a fault; a bit at rest flips at once.
    ///
    /// ``DiskFault/full`` and ``DiskFault/wipe`` are no single operations: see ``beginDiskFault(_:of:)`` and
    /// ``crash(_:_:observing:)``; and ``tearWrite(of:downTime:observing:)``.
    public mutating func orderDiskFault(_ fault: DiskFault, of node: NodeID) {
        let host = position(node)
        digestInput(Mark.diskFault, host, UInt64(fault.rawValue), 0)
        switch fault {
        case .bitRot: rot(host, sparesNewest: true)
        case .full, .wipe, .tornWrite: break
        case .flippedWrite, .flippedRead, .misdirectedWrite, .misdirectedRead, .failedWrite, .failedSync, .failedRead,
            .lyingSync:
            troubles[host].order(fault)
            hosts[host].lanes.mayFail = true
        }
    }

    /// Flips a bit of the newest batch on a node's disk, where it looks like a torn write of something nobody was told.
    ///
    /// No node can notice that, so that no budget but ``DiskBudget/unrestricted`` lets it happen.
    public mutating func rotNewest(of node: NodeID) {
        let host = position(node)
        digestInput(Mark.diskFault, host, UInt64(DiskFault.bitRot.rawValue), 1)
        guard disk.budget == .unrestricted else { return diskFaultCounts.withheld += 1 }
        rot(host, sparesNewest: false)
    }

    /// Puts a fault in force for every operation of its kind on a node's disk until it is ended.
    public mutating func beginDiskFault(_ fault: DiskFault, of node: NodeID) {
        let host = position(node)
        digestInput(Mark.diskFault, host, UInt64(fault.rawValue), 2)
        if fault == .full { diskFaultCounts[.full] += 1 }
        troubles[host].begin(fault)
        hosts[host].lanes.mayFail = true
    }

    /// Ends what was begun; as often as it was.
    public mutating func endDiskFault(_ fault: DiskFault, of node: NodeID) {
        let host = position(node)
        digestInput(Mark.diskFault, host, UInt64(fault.rawValue), 3)
        troubles[host].end(fault)
    }

    /// Ends every fault that was ordered or begun; what is damaged stays so.
    public mutating func endDiskFaults(of node: NodeID) {
        let host = position(node)
        digestInput(Mark.diskFault, host, 0, 4)
        troubles[host].endAll()
    }

    /// Lets the power of a node fail within the write under way, or within the next one.
    ///
    /// - Parameter downTime: How long it is down; `nil` leaves it down.
    @inlinable
    public mutating func tearWrite<Watcher: Observer>(
        of node: NodeID, downTime: Interval?, observing observer: inout Watcher
    ) where Watcher.Machine == Machine {
        let host = position(node)
        guard hosts[host].status == .running || hosts[host].status == .paused else { return }
        armTear(host, downTime)
        if unsynced(of: node).sectors > 0 { losePower(host, &observer) }
    }

    @usableFromInline
    mutating func armTear(_ host: Int, _ downTime: Interval?) {
        digestInput(Mark.diskFault, host, UInt64(DiskFault.tornWrite.rawValue), 0)
        troubles[host].tear = DiskTrouble.Tear(downTime: downTime)
        hosts[host].lanes.mayFail = true
    }

    /// Takes note of a disk that holds again what its node needs: it counts for the budget no more.
    public mutating func diskWasRepaired(of node: NodeID) {
        damagedDisks.remove(position(node))
    }

    /// The nodes whose disks may hold less than they promised.
    public var damagedNodes: [NodeID] { (0..<hosts.count).filter { damagedDisks.contains($0) }.map { id($0) } }
}

// MARK: - Chance and budget

extension Simulation {
    /// Whether the budget lets a fault happen to a disk; if so it is counted, otherwise it is counted as withheld.
    @usableFromInline
    mutating func admits(_ fault: DiskFault, _ host: Int) -> Bool {
        guard mayHappen(fault, host) else {
            diskFaultCounts.withheld += 1
            return false
        }
        if fault.isDamage { damagedDisks.insert(host) }
        diskFaultCounts[fault] += 1
        return true
    }

    private func mayHappen(_ fault: DiskFault, _ host: Int) -> Bool {
        guard fault.isDamage, case .survivable(let limit) = disk.budget else { return true }
        if fault.isUndetectable { return false }
        return damagedDisks.contains(host) || damagedDisks.count < limit
    }

    /// Whether an operation meets a fault, by a statement or by chance.
    private mutating func meets(_ fault: DiskFault, _ host: Int, _ occasion: UInt64) -> Bool {
        if troubles[host].lasts(fault) || troubles[host].take(fault) { return true }
        let share = disk.faults.share(of: fault)
        return share > .zero && Random.isHit(share, from: bits(fault, host, occasion))
    }

    private func bits(_ fault: DiskFault, _ host: Int, _ occasion: UInt64) -> UInt64 {
        let subject = UInt64(UInt(bitPattern: host)) << 8 | UInt64(fault.rawValue)
        return random.bits(.diskFault, subject, UInt64(bitPattern: now.nanoseconds), occasion)
    }
}

// MARK: - Operations

extension Simulation {
    /// Does an operation that takes effect at once, or does it wrong.
    ///
    /// - Parameter occasion: See ``DiskLanes/occasion(_:)``; it is asked for where the machine is known, since this is
    ///   not specialised for it and would copy the node to look.
    @usableFromInline
    mutating func performWithFaults(
        _ operation: Storage.Operation, in lane: Int, _ host: Int, _ occasion: UInt64
    ) throws(Storage.Failure) {
        switch operation {
        case .create, .write:
            if troubles[host].lasts(.full) { throw .full }
            if meets(.failedWrite, host, occasion) {
                diskFaultCounts[.failedWrite] += 1
                throw .device
            }
        case .rename, .delete, .sync, .syncDirectory: break
        }
        guard case .write(let file, at: let offset, let bytes) = operation else {
            return try hosts[host].disk.perform(operation, capacity: disk.capacity)
        }
        if lane == 0 { troubles[host].guardsUnderWay.append(.init(file: file, offset: offset, bytes: bytes)) }
        try write(bytes, to: file, at: offset, host, occasion)
        if troubles[host].tear != nil { hosts[host].lanes.losesPower = true }
    }

    /// Writes sector by sector; those that go astray leave what stood in their place.
    private mutating func write(
        _ bytes: [UInt8], to file: Storage.File, at offset: Int64, _ host: Int, _ occasion: UInt64
    ) throws(Storage.Failure) {
        let sectorBytes = disk.log.sectorBytes
        var bytes = bytes
        var start = 0
        var written = 0
        while start < bytes.count {
            let end = min(start + sectorBytes, bytes.count)
            let sector = occasion &+ UInt64(UInt(bitPattern: start / sectorBytes))
            if meets(.flippedWrite, host, sector), admits(.flippedWrite, host) {
                let drawn = Random.further(bits(.flippedWrite, host, sector), 1)
                let place = start + Int(drawn >> 3 % UInt64(UInt(bitPattern: end - start)))
                bytes[place] ^= 1 << UInt8(drawn & 7)
            }
            if meets(.misdirectedWrite, host, sector), admits(.misdirectedWrite, host) {
                try put(Array(bytes[written..<start]), in: file, at: offset + Int64(written), host)
                misdirect(Array(bytes[start..<end]), host, bits(.misdirectedWrite, host, sector))
                written = end
            }
            start = end
        }
        try put(written == 0 ? bytes : Array(bytes[written...]), in: file, at: offset + Int64(written), host)
    }

    private mutating func put(
        _ bytes: [UInt8], in file: Storage.File, at offset: Int64, _ host: Int
    ) throws(Storage.Failure) {
        guard !bytes.isEmpty else { return }
        try hosts[host].disk.perform(.write(file, at: offset, bytes), capacity: disk.capacity)
    }

    /// Puts a sector over another one that is at rest.
    private mutating func misdirect(_ bytes: [UInt8], _ host: Int, _ bits: UInt64) {
        let count = UInt64(bitPattern: hosts[host].disk.restingByteCount)
        let number = Random.number(below: count, from: Random.further(bits, 1))
        guard let place = hosts[host].disk.place(ofRestingByte: Int64(bitPattern: number)) else { return }
        let sector = Int64(disk.log.sectorBytes)
        hosts[host].disk.putAtRest(bytes, in: place.file, at: place.offset / sector * sector)
    }

    /// Makes durable, or does not.
    @usableFromInline
    mutating func syncWithFaults(
        _ sync: Storage.Operation, in lane: Int, _ host: Int, _ occasion: UInt64
    ) throws(Storage.Failure) {
        if meets(.failedSync, host, occasion) {
            diskFaultCounts[.failedSync] += 1
            if case .sync(let file) = sync { hosts[host].disk.dropUnsynced(of: file) }
            throw .device
        }
        if meets(.lyingSync, host, occasion), admits(.lyingSync, host) { return }
        try hosts[host].disk.perform(sync, capacity: disk.capacity)
        // A name that is not durable yet may take a header with it, so that what was newest before is watched as well.
        if lane == 0 { troubles[host].settleGuards() }
    }

    /// How much longer a sync takes by chance.
    @usableFromInline
    mutating func delay(_ host: Int, _ occasion: UInt64) -> Interval {
        let subject = UInt64(UInt(bitPattern: host)) << 8
        let time = UInt64(bitPattern: now.nanoseconds)
        if disk.faults.stalls > .zero {
            let bits = random.bits(.diskFault, subject | 0xfe, time, occasion)
            if Random.isHit(disk.faults.stalls, from: bits) {
                let end = now + disk.faults.stallLength.draw(Random.further(bits, 1))
                hosts[host].lanes.stalledUntil = max(hosts[host].lanes.stalledUntil, end.nanoseconds)
            }
        }
        guard disk.faults.spikes > .zero else { return .zero }
        let bits = random.bits(.diskFault, subject | 0xff, time, occasion)
        guard Random.isHit(disk.faults.spikes, from: bits) else { return .zero }
        return disk.faults.spikeLength.draw(Random.further(bits, 1))
    }

    /// Takes the order to fail within a write.
    ///
    /// - Returns: How long the node is down; `nil` when nothing starts it.
    @usableFromInline
    mutating func takeTear(_ host: Int) -> Interval? {
        let tear = troubles[host].tear.take()
        diskFaultCounts[.tornWrite] += 1
        return tear?.downTime
    }
}

// MARK: - At rest

extension Simulation {
    /// Plans the first bit that flips on a disk.
    @usableFromInline
    mutating func planRot(_ host: Int) {
        guard let interval = disk.faults.bitRotInterval else { return }
        let bits = random.bits(.bitRot, UInt64(UInt(bitPattern: host)), UInt64(bitPattern: now.nanoseconds), 0)
        let half = interval / 2
        let length = Random.interval(half, interval + half, from: bits)
        pushDisk(host, DiskLanes.rot, at: now + max(length, Interval(nanoseconds: 1)))
    }

    /// Flips a bit, and plans the next one.
    @usableFromInline
    mutating func rotByChance(_ host: Int) {
        digestInput(Mark.diskFault, host, UInt64(DiskFault.bitRot.rawValue), 5)
        rot(host, sparesNewest: true)
        planRot(host)
    }

    /// Flips a bit of what is at rest.
    ///
    /// - Parameter sparesNewest: Whether the newest batch is left alone; otherwise it is the one that is hit.
    private mutating func rot(_ host: Int, sparesNewest: Bool) {
        troubles[host].rotCount += 1
        let occasion = troubles[host].rotCount
        guard let (file, place) = rotPlace(host, occasion, sparesNewest) else { return }
        let range = place..<place + 1
        if sparesNewest, troubles[host].guardsAny(of: range, in: file) { return diskFaultCounts.withheld += 1 }
        guard admits(.bitRot, host) else { return }
        let bits = random.bits(.bitRot, UInt64(UInt(bitPattern: host)), occasion, 2)
        hosts[host].disk.flipBit(Int(bits & 7), ofByteAt: place, in: file)
        if !sparesNewest { troubles[host].guards.removeAll() }
    }

    private func rotPlace(_ host: Int, _ occasion: UInt64, _ sparesNewest: Bool) -> (Storage.File, Int64)? {
        let bits = random.bits(.bitRot, UInt64(UInt(bitPattern: host)), occasion, 1)
        guard !sparesNewest, let newest = troubles[host].guards.last else {
            let count = UInt64(bitPattern: hosts[host].disk.restingByteCount)
            guard count > 0 else { return nil }
            let number = Random.number(below: count, from: bits)
            return hosts[host].disk.place(ofRestingByte: Int64(bitPattern: number)).map { ($0.file, $0.offset) }
        }
        // The header of the first frame: whatever the batch holds, it is gone.
        return (newest.file, newest.offset + Int64(Random.number(below: 24, from: bits)))
    }

    /// After a crash: what nobody could have noticed is undone.
    @usableFromInline
    mutating func keepGuards(_ host: Int, isWiped: Bool) {
        troubles[host].guardsUnderWay.removeAll()
        if isWiped { return troubles[host].guards.removeAll() }
        for kept in troubles[host].guards
        where hosts[host].disk.putAtRest(kept.bytes, in: kept.file, at: kept.offset) {
            diskFaultCounts.withheld += 1
        }
    }

    /// Reads a disk back with whatever goes wrong in reading.
    ///
    /// Where the budget forbids what came of it, it is read once more as it is.
    @usableFromInline
    mutating func readWithFaults(
        _ host: Int, _ settings: Storage.Settings
    ) throws(Storage.Failure) -> WriteAheadLog<Machine.Stable> {
        let reading = FaultyReading(
            disk: hosts[host].disk, faults: disk.faults, trouble: troubles[host], random: random, host: host, time: now,
            sectorBytes: disk.log.sectorBytes, target: readTarget(host))
        let flips = troubles[host].take(.flippedRead) || troubles[host].lasts(.flippedRead)
        let strays = troubles[host].take(.misdirectedRead) || troubles[host].lasts(.misdirectedRead)
        _ = troubles[host].take(.failedRead)
        do {
            return try WriteAheadLog.recover(from: reading, settings: settings).log
        } catch .device {
            diskFaultCounts[.failedRead] += 1
            throw .device
        } catch {
            let sound = try WriteAheadLog<Machine.Stable>.recover(from: hosts[host].disk, settings: settings).log
            // The disk is sound, so that it was the reading.
            let isStray = strays || (!flips && disk.faults.misdirectedReads > .zero)
            guard admits(isStray ? .misdirectedRead : .flippedRead, host) else { return sound }
            throw error
        }
    }

    /// Where an ordered fault of reading strikes: some place that is not the newest.
    private func readTarget(_ host: Int) -> (file: Storage.File, offset: Int64)? {
        guard troubles[host].isDue(.flippedRead) || troubles[host].isDue(.misdirectedRead) else { return nil }
        let count = UInt64(bitPattern: hosts[host].disk.restingByteCount)
        for attempt: UInt64 in 0..<8 {
            let bits = bits(.flippedRead, host, attempt)
            let place = hosts[host].disk.place(
                ofRestingByte: Int64(bitPattern: Random.number(below: count, from: bits)))
            guard let place else { return nil }
            if !troubles[host].guardsAny(of: place.offset..<place.offset + 1, in: place.file) { return place }
        }
        return nil
    }

    /// Does what a log wants before its node starts, where there is room; it is not at this moment that disks lie.
    @usableFromInline
    mutating func settleWithFaults(_ operation: Storage.Operation, _ host: Int) throws(Storage.Failure) {
        switch operation {
        case .create, .write:
            if troubles[host].lasts(.full) { throw .full }
            if troubles[host].lasts(.failedWrite) || troubles[host].take(.failedWrite) { throw .device }
            if case .write(let file, at: let offset, let bytes) = operation {
                troubles[host].guards.append(.init(file: file, offset: offset, bytes: bytes))
            }
        case .sync, .syncDirectory:
            if troubles[host].lasts(.failedSync) || troubles[host].take(.failedSync) { throw .device }
        case .rename, .delete: break
        }
        try hosts[host].disk.perform(operation, capacity: disk.capacity)
        if case .syncDirectory = operation {
            // The header of the new segment vouches for all that stands before it.
            troubles[host].guards.removeFirst(max(0, troubles[host].guards.count - 1))
        }
    }
}
