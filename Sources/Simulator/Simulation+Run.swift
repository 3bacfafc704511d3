public import MeshCore

/// Marks the kinds of inputs and effects in the digest.
@usableFromInline
enum Mark {
    @inlinable static var receive: UInt64 { 1 }
    @inlinable static var timer: UInt64 { 2 }
    @inlinable static var command: UInt64 { 3 }
    @inlinable static var persisted: UInt64 { 4 }
    @inlinable static var restarted: UInt64 { 5 }
    @inlinable static var send: UInt64 { 16 }
    @inlinable static var setTimer: UInt64 { 17 }
    @inlinable static var cancelTimer: UInt64 { 18 }
    @inlinable static var persist: UInt64 { 19 }
    @inlinable static var output: UInt64 { 20 }
    @inlinable static var crash: UInt64 { 32 }
    @inlinable static var pause: UInt64 { 33 }
    @inlinable static var resume: UInt64 { 34 }
    @inlinable static var slow: UInt64 { 35 }
    @inlinable static var clock: UInt64 { 36 }
    @inlinable static var stall: UInt64 { 37 }
    @inlinable static var diskFault: UInt64 { 38 }
    @inlinable static var reseed: UInt64 { 39 }
}

extension Simulation {
    /// Runs every event before `end` and moves virtual time there.
    ///
    /// What is due exactly at `end` waits for the next run, so that whatever is done between two runs at that instant
    /// comes first.
    ///
    /// - Returns: Whether `end` was reached; `false` when the observer stopped the run.
    @inlinable
    @discardableResult
    public mutating func run<Watcher: Observer>(until end: Instant, observing observer: inout Watcher) -> Bool
    where Watcher.Machine == Machine {
        var outbox = Outbox<Effect<Machine>>()
        while let entry = queue.heap.first, entry.time < end.nanoseconds {
            if observer.wantsStop { return false }
            _ = queue.heap.popFirst()
            currentTime = Instant(nanoseconds: entry.time)
            handle(entry, &outbox, &observer)
        }
        if observer.wantsStop { return false }
        if now < end { currentTime = end }
        return true
    }

    /// Runs every event before `end` with nobody watching.
    @inlinable
    public mutating func run(until end: Instant) {
        var nobody = NoObserver<Machine>()
        run(until: end, observing: &nobody)
    }

    /// Runs the next event, if there is one.
    ///
    /// - Returns: Whether there was one.
    @inlinable
    @discardableResult
    public mutating func runNext<Watcher: Observer>(observing observer: inout Watcher) -> Bool
    where Watcher.Machine == Machine {
        var outbox = Outbox<Effect<Machine>>()
        let before = eventCount
        while eventCount == before {
            guard let entry = queue.heap.popFirst() else { return false }
            currentTime = Instant(nanoseconds: entry.time)
            handle(entry, &outbox, &observer)
        }
        return true
    }

    @inlinable
    mutating func handle<Watcher: Observer>(
        _ entry: EventQueue<Machine.Message>.Entry, _ outbox: inout Outbox<Effect<Machine>>, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        switch entry.due.kind {
        case .delivery: handleDelivery(entry.due.deliverySlot, &outbox, &observer)
        case .timer: handleTimer(entry, &outbox, &observer)
        case .disk: handleDisk(entry.due, &outbox, &observer)
        case .wake:
            hosts[entry.due.host].isWakeScheduled = false
            drainBacklog(entry.due.host, &outbox, &observer)
        }
    }

    @inlinable
    mutating func handleDelivery<Watcher: Observer>(
        _ slot: Int, _ outbox: inout Outbox<Effect<Machine>>, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        var delivery = queue.takeDelivery(slot)
        let from = Int(delivery.from)
        let to = Int(delivery.to)
        if network.isDisturbed {
            guard network.admits(from: from, to: to) else {
                sendingEvent = delivery.cause
                observer.didLose(.cutInFlight, from: id(from), to: id(to), in: self)
                return
            }
            if network.isClogged(from: from, to: to) {
                clogged.append(delivery)
                return
            }
        }
        guard let message = delivery.message.take() else { return }
        sendingEvent = delivery.cause
        switch hosts[to].status {
        case .absent, .crashed:
            network.counters.missed &+= 1
            observer.didLose(.receiverDown, from: id(from), to: id(to), in: self)
        case .running, .paused:
            network.counters.delivered &+= 1
            if hosts[to].isFree(at: now.nanoseconds) {
                digestInput(Mark.receive, to, delivery.digest, UInt64(UInt(bitPattern: from + 1)))
                perform(.receive(message, from: id(from)), at: to, &outbox, &observer)
            } else {
                hosts[to].backlog.append(
                    .message(message, from: id(from), digest: delivery.digest, cause: delivery.cause))
                scheduleWake(to)
            }
        }
    }

    @inlinable
    mutating func handleTimer<Watcher: Observer>(
        _ entry: EventQueue<Machine.Message>.Entry, _ outbox: inout Outbox<Effect<Machine>>, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        let host = entry.due.host
        let slot = entry.due.slot
        guard slot < hosts[host].timers.count,
            hosts[host].timers[slot].generation & 0xfff_ffff == entry.due.generation
        else {
            staleTimerCount -= 1
            return
        }
        hosts[host].timers[slot].queuedAt = Int64.max
        guard hosts[host].timers[slot].isSet else { return }
        let deadline = hosts[host].timers[slot].deadline
        let sequence = hosts[host].timers[slot].sequence
        if deadline > entry.time || sequence > entry.sequence {
            hosts[host].timers[slot].queuedAt = deadline
            queue.heap.insert(.init(time: deadline, sequence: sequence, due: entry.due))
            return
        }
        guard hosts[host].isFree(at: now.nanoseconds) else {
            hosts[host].dueTimers.append(.init(slot: slot, sequence: sequence))
            scheduleWake(host)
            return
        }
        fire(slot, at: host, &outbox, &observer)
    }

    @inlinable
    mutating func fire<Watcher: Observer>(
        _ slot: Int, at host: Int, _ outbox: inout Outbox<Effect<Machine>>, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        hosts[host].timers[slot].isSet = false
        let timer = hosts[host].timers[slot].timer
        digestInput(Mark.timer, host, 0, 0)
        timer.digest(into: &rolling)
        perform(.timer(timer), at: host, &outbox, &observer)
    }

    /// Mixes the head of an event into the digest.
    @inlinable
    mutating func digestInput(_ mark: UInt64, _ host: Int, _ first: UInt64, _ second: UInt64) {
        rolling.mix(now)
        rolling.mix(UInt64(UInt(bitPattern: host + 1)) << 8 | mark)
        rolling.mix(first &+ second)
    }

    /// Lets a machine take an input and carries its effects out.
    @inlinable
    mutating func perform<Watcher: Observer>(
        _ input: consuming Input<Machine>, at host: Int, _ outbox: inout Outbox<Effect<Machine>>,
        _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        stepCount &+= 1
        let node = id(host)
        observer.willStep(input, at: node, in: self)
        let local = hosts[host].clock.local(at: now)
        hosts[host].machine.step(input, at: local, into: &outbox)
        observer.didStep(outbox, at: node, in: self)
        if hosts[host].stepLength > .zero {
            hosts[host].busyUntil = (now + hosts[host].stepLength).nanoseconds
        }
        outbox.drain { effect in carryOut(effect, at: host, local, &observer) }
        if !hosts[host].log.isIdle { startDisk(host, &observer) }
    }

    /// Gives a node that can take inputs again what waited for it, timers first, all of it: a run that stops in the
    /// middle to look up must go on as if it had not.
    @inlinable
    mutating func drainBacklog<Watcher: Observer>(
        _ host: Int, _ outbox: inout Outbox<Effect<Machine>>, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        while hosts[host].status == .running, hosts[host].busyUntil <= now.nanoseconds {
            if let due = hosts[host].dueTimers.popFirst() {
                let timer = hosts[host].timers[due.slot]
                if timer.isSet && timer.sequence == due.sequence { fire(due.slot, at: host, &outbox, &observer) }
                continue
            }
            guard let pending = hosts[host].backlog.popFirst() else { break }
            switch pending {
            case .message(let message, let from, let messageDigest, let cause):
                sendingEvent = cause
                digestInput(Mark.receive, host, messageDigest, from.rawValue)
                perform(.receive(message, from: from), at: host, &outbox, &observer)
            case .command(let command):
                digestInput(Mark.command, host, 0, 0)
                command.digest(into: &rolling)
                perform(.command(command), at: host, &outbox, &observer)
            case .persisted(let ticket, let durable):
                complete(ticket, durable, at: host, &outbox, &observer)
            }
        }
        if hosts[host].status == .running && hosts[host].hasWaiting { scheduleWake(host) }
    }

    @inlinable
    mutating func scheduleWake(_ host: Int) {
        guard hosts[host].status == .running, !hosts[host].isWakeScheduled else { return }
        hosts[host].isWakeScheduled = true
        let time = max(hosts[host].busyUntil, now.nanoseconds)
        queue.push(.init(.wake, host: host, slot: 0, generation: 0), at: time)
    }
}
