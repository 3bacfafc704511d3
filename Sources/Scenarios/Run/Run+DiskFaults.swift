import MeshCore
import Simulator

extension Run {
    /// Lets disks do something wrong: what lasts, all the time; anything else at the next operation.
    mutating func perform(_ stated: Scenario.DiskFault, _ nodes: [NodeID], _ lasting: Interval?) -> Undo? {
        guard let fault = Setup.diskFault(stated) else {
            for node in nodes { simulation.rotNewest(of: node) }
            return nil
        }
        if fault == .tornWrite {
            for node in nodes { simulation.tearWrite(of: node, downTime: lasting, observing: &watcher) }
            return nil
        }
        let lasts = lasting != nil || fault == .full
        for node in nodes {
            if lasts { simulation.beginDiskFault(fault, of: node) } else { simulation.orderDiskFault(fault, of: node) }
            faults.brokenDisks.append((node, fault, lasts))
        }
        return lasts ? .diskFault(fault, nodes) : nil
    }
}

// MARK: - Settings

extension Scenario {
    /// Whether a line of the timeline lets a disk do something wrong.
    var ordersDiskFaults: Bool {
        timeline.contains { statement in
            switch statement {
            case .event(let event): if case .diskFault = event.action { true } else { false }
            case .chaos(let chaos):
                switch chaos.kind {
                case .diskFaults, .bitRot, .tornWrites, .fullDisks: true
                case .partitions, .crashes, .pauses, .slowdowns, .clogs, .cuts, .flaps, .stalls: false
                }
            }
        }
    }
}

extension Setup {
    /// The disks a scenario states, on top of the simulator's own.
    static func disk(_ scenario: Scenario, voterCount: Int) -> DiskSettings {
        let stated = scenario.disk
        var disk = DiskSettings()
        if let write = stated.write { disk.writeLatency = .uniform(write.low, write.high) }
        if let sync = stated.fsync { disk.syncLatency = .uniform(sync.low, sync.high) }
        disk.tearsWrites = stated.tornWrites ?? false
        if let sector = stated.sector { disk.log.sectorBytes = Int(clamping: sector.bytes) }
        if let segment = stated.segment { disk.log.segmentBytes = Int(clamping: segment.value.bytes) }
        disk.log.segmentBytes = max(disk.log.segmentBytes, 2 * disk.log.sectorBytes)
        if let size = stated.imageAfter { disk.log.imageAfterBytes = size.value.bytes }
        if let capacity = stated.capacity { disk.capacity = capacity.value.bytes }
        if let delay = stated.restartAfter { disk.restartDelay = delay.value }
        disk.salvages = stated.salvage ?? false
        disk.faults = diskFaults(stated)
        disk.expectsFaults = scenario.ordersDiskFaults
        if scenario.budget.faults == .survivable { disk.budget = .survivable(damagedDisks: max(0, voterCount - 1) / 2) }
        return disk
    }

    private static func diskFaults(_ stated: Scenario.Disk) -> DiskFaults {
        var faults = DiskFaults()
        faults.bitRotInterval = stated.bitRot?.value.interval
        for share in stated.shares {
            let ratio = share.share.value
            switch share.fault {
            case .flippedWrite: faults.flippedWrites = ratio
            case .flippedRead: faults.flippedReads = ratio
            case .misdirectedWrite: faults.misdirectedWrites = ratio
            case .misdirectedRead: faults.misdirectedReads = ratio
            case .failedWrite: faults.failedWrites = ratio
            case .failedFsync: faults.failedSyncs = ratio
            case .failedRead: faults.failedReads = ratio
            case .lyingFsync: faults.lyingSyncs = ratio
            case .bitRot, .newestRot, .tornWrite, .full: break
            }
        }
        if let spikes = stated.spikes {
            faults.spikes = spikes.share.value
            faults.spikeLength = .uniform(spikes.length.low, spikes.length.high)
        }
        if let stalls = stated.stalls {
            faults.stalls = stalls.share.value
            faults.stallLength = .uniform(stalls.length.low, stalls.length.high)
        }
        return faults
    }

    /// What the simulator calls a fault; `nil` for rot of the newest batch, which is a matter of its own.
    static func diskFault(_ stated: Scenario.DiskFault) -> DiskFault? {
        switch stated {
        case .bitRot: .bitRot
        case .newestRot: nil
        case .flippedWrite: .flippedWrite
        case .flippedRead: .flippedRead
        case .misdirectedWrite: .misdirectedWrite
        case .misdirectedRead: .misdirectedRead
        case .failedWrite: .failedWrite
        case .failedFsync: .failedSync
        case .failedRead: .failedRead
        case .lyingFsync: .lyingSync
        case .tornWrite: .tornWrite
        case .full: .full
        }
    }
}
