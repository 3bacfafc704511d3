public import MeshCore

extension Simulation {
    /// Starts a node for the first time or after a crash, from what its disk holds; does nothing to one that runs.
    @inlinable
    public mutating func start<Watcher: Observer>(_ node: NodeID, observing observer: inout Watcher)
    where Watcher.Machine == Machine {
        let host = position(node)
        guard hosts[host].status == .absent || hosts[host].status == .crashed else { return }
        openDisk(host)
        salvageDisk(host, &observer)
        if let refusal = hosts[host].refusal {
            observer.didChange(.refused(refusal), at: node, in: self)
            switch refusal {
            case .full, .device: return startLater(host, after: disk.restartDelay)
            case .missing, .damaged: return
            }
        }
        if hosts[host].status == .absent { planRot(host) }
        hosts[host].machine = hosts[host].blueprint
        hosts[host].machine.restore(hosts[host].log.stable)
        hosts[host].status = .running
        observer.didChange(.started, at: node, in: self)
        digestInput(Mark.restarted, host, 0, 0)
        var outbox = Outbox<Effect<Machine>>()
        perform(.restarted, at: host, &outbox, &observer)
    }

    /// Starts a node with nobody watching.
    @inlinable
    public mutating func start(_ node: NodeID) {
        var nobody = NoObserver<Machine>()
        start(node, observing: &nobody)
    }

    /// Crashes a node: its timers, its waiting inputs and everything it held back are gone.
    @inlinable
    public mutating func crash<Watcher: Observer>(
        _ node: NodeID, _ mode: CrashMode, observing observer: inout Watcher
    ) where Watcher.Machine == Machine {
        crash(node, mode, leaving: nil, observing: &observer)
    }

    /// Crashes a node and says exactly what its disk keeps of the unsynced writes.
    ///
    /// - Parameter remains: What is kept when the power fails; `nil` leaves it to the disk's settings.
    @inlinable
    public mutating func crash<Watcher: Observer>(
        _ node: NodeID, _ mode: CrashMode, leaving remains: CrashRemains?, observing observer: inout Watcher
    ) where Watcher.Machine == Machine {
        let host = position(node)
        guard hosts[host].status == .running || hosts[host].status == .paused else { return }
        let mode = mode == .wiped && !admits(.wipe, host) ? CrashMode.losingUnsynced : mode
        digestInput(Mark.crash, host, mode == .clean ? 1 : (mode == .losingUnsynced ? 2 : 3), 0)
        crashDisk(host, mode, remains)
        hosts[host].status = .crashed
        hosts[host].held.removeAll()
        hosts[host].backlog.removeAll()
        hosts[host].dueTimers.removeAll()
        hosts[host].busyUntil = Int64.min
        for slot in 0..<hosts[host].timers.count {
            hosts[host].timers[slot].isSet = false
        }
        observer.didChange(.crashed(mode), at: node, in: self)
    }

    /// Crashes a node with nobody watching.
    @inlinable
    public mutating func crash(_ node: NodeID, _ mode: CrashMode = .losingUnsynced) {
        var nobody = NoObserver<Machine>()
        crash(node, mode, observing: &nobody)
    }

    /// Freezes a node: what reaches it waits, and the timers that ran out meanwhile come first when it goes on.
    @inlinable
    public mutating func pause<Watcher: Observer>(_ node: NodeID, observing observer: inout Watcher)
    where Watcher.Machine == Machine {
        let host = position(node)
        guard hosts[host].status == .running else { return }
        digestInput(Mark.pause, host, 0, 0)
        hosts[host].status = .paused
        observer.didChange(.paused, at: node, in: self)
    }

    /// Lets a frozen node go on.
    @inlinable
    public mutating func resume<Watcher: Observer>(_ node: NodeID, observing observer: inout Watcher)
    where Watcher.Machine == Machine {
        let host = position(node)
        guard hosts[host].status == .paused else { return }
        digestInput(Mark.resume, host, 0, 0)
        hosts[host].status = .running
        observer.didChange(.resumed, at: node, in: self)
        if hosts[host].hasWaiting { scheduleWake(host) }
    }

    /// Asks a machine for something now; a node that is down does not hear it.
    ///
    /// - Returns: Whether the node takes the command, at once or when it is free.
    @inlinable
    @discardableResult
    public mutating func command<Watcher: Observer>(
        _ command: Machine.Command, at node: NodeID, observing observer: inout Watcher
    ) -> Bool where Watcher.Machine == Machine {
        let host = position(node)
        guard hosts[host].status == .running || hosts[host].status == .paused else { return false }
        guard hosts[host].isFree(at: now.nanoseconds) else {
            hosts[host].backlog.append(.command(command))
            scheduleWake(host)
            return true
        }
        digestInput(Mark.command, host, 0, 0)
        command.digest(into: &rolling)
        var outbox = Outbox<Effect<Machine>>()
        perform(.command(command), at: host, &outbox, &observer)
        return true
    }

    /// Asks a machine for something with nobody watching.
    @inlinable
    @discardableResult
    public mutating func command(_ command: Machine.Command, at node: NodeID) -> Bool {
        var nobody = NoObserver<Machine>()
        return self.command(command, at: node, observing: &nobody)
    }

    /// Makes a node take this long for each input; zero makes it fast again.
    public mutating func slow(_ node: NodeID, stepLength: Interval) {
        let host = position(node)
        digestInput(Mark.slow, host, UInt64(bitPattern: stepLength.nanoseconds), 0)
        hosts[host].stepLength = stepLength
        if stepLength <= .zero, hosts[host].status == .running, hosts[host].hasWaiting { scheduleWake(host) }
    }

    /// Moves a node's clock; timers that are set keep their remaining time.
    public mutating func jumpClock(of node: NodeID, by offset: Interval) {
        let host = position(node)
        digestInput(Mark.clock, host, UInt64(bitPattern: offset.nanoseconds), 0)
        hosts[host].clock.jump(by: offset, at: now)
    }

    /// Lets a node's clock run fast or slow from now on, timers that are set from now on included.
    public mutating func driftClock(of node: NodeID, partsPerMillion: Int64) {
        let host = position(node)
        digestInput(Mark.clock, host, UInt64(bitPattern: partsPerMillion), 1)
        hosts[host].clock.drift(by: partsPerMillion, at: now)
    }

    /// Lets a disk complete nothing before this time; a time that has passed ends a stall.
    public mutating func stallDisk(of node: NodeID, until time: Instant) {
        let host = position(node)
        digestInput(Mark.stall, host, UInt64(bitPattern: time.nanoseconds), 0)
        hosts[host].lanes.stalledUntil = time.nanoseconds
        // What is under way completes when the stall ends, not when its entry in the queue says.
        hosts[host].lanes.epoch &+= 1
        for lane in 0..<2 where hosts[host].lanes.isBusy(lane) { pushDisk(host, lane, at: max(now, time)) }
    }

    /// Replaces the sync latency of one disk; `nil` restores the settings' own.
    public mutating func slowDisk(of node: NodeID, to latency: Latency?) {
        let host = position(node)
        digestInput(Mark.stall, host, latency == nil ? 0 : 1, 1)
        hosts[host].lanes.slowSync = latency
    }
}

// MARK: - Network faults

extension Simulation {
    /// Switches a network fault off and lets go what a clog held back.
    public mutating func heal(_ fault: FaultID) {
        network.remove(fault)
        releaseUnclogged()
    }

    /// Takes away every cut; clogs and rules stay.
    public mutating func healCuts() {
        network.removeCuts()
        releaseUnclogged()
    }

    /// Takes away every cut, clog and rule of the network.
    public mutating func healNetwork() {
        network.removeAllFaults()
        releaseUnclogged()
    }

    /// Puts messages whose link is no longer clogged back on their way, in the order in which they arrived.
    private mutating func releaseUnclogged() {
        var waiting: [EventQueue<Machine.Message>.Delivery] = []
        for delivery in clogged {
            if network.isClogged(from: Int(delivery.from), to: Int(delivery.to)) {
                waiting.append(delivery)
            } else {
                queue.push(delivery, at: now.nanoseconds)
            }
        }
        clogged = waiting
    }
}
