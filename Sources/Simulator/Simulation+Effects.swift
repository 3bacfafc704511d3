public import MeshCore

extension Simulation {
    /// Carries one effect out, or holds it back until what was persisted before it is durable.
    @inlinable
    mutating func carryOut<Watcher: Observer>(
        _ effect: consuming Effect<Machine>, at host: Int, _ local: Instant, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        switch effect {
        case .send(let message, to: let peer):
            var fingerprint = Digest()
            message.digest(into: &fingerprint)
            rolling.mix(fingerprint.value &+ Mark.send)
            rolling.mix(peer)
            if hosts[host].log.isIdle && hosts[host].held.isEmpty {
                release(.send(message, to: peer), fingerprint.value, at: host, &observer)
            } else {
                hold(.send(message, to: peer), fingerprint.value, at: host)
            }
        case .output(let output):
            rolling.mix(Mark.output)
            output.digest(into: &rolling)
            if hosts[host].log.isIdle && hosts[host].held.isEmpty {
                release(.output(output), 0, at: host, &observer)
            } else {
                hold(.output(output), 0, at: host)
            }
        case .setTimer(let timer, at: let instant):
            rolling.mix(Mark.setTimer)
            timer.digest(into: &rolling)
            rolling.mix(instant)
            setTimer(timer, in: hosts[host].clock.virtualLength(of: instant - local), at: host)
        case .cancelTimer(let timer):
            rolling.mix(Mark.cancelTimer)
            timer.digest(into: &rolling)
            let slot = hosts[host].slot(of: timer)
            hosts[host].timers[slot].isSet = false
        case .persist(let record, let ticket):
            rolling.mix(Mark.persist &+ ticket.rawValue << 8)
            record.digest(into: &rolling)
            hosts[host].log.append(record, ticket)
        }
    }

    @inlinable
    mutating func hold(_ effect: consuming Effect<Machine>, _ fingerprint: UInt64, at host: Int) {
        let barrier = hosts[host].log.appendedSequence
        hosts[host].held.append(.init(effect: effect, fingerprint: fingerprint, barrier: barrier))
    }

    /// Lets a send or an output leave the node.
    @inlinable
    mutating func release<Watcher: Observer>(
        _ effect: consuming Effect<Machine>, _ fingerprint: UInt64, at host: Int, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        observer.willRelease(effect, at: id(host), in: self)
        if case .send(let message, to: let peer) = effect {
            transmit(message, fingerprint, from: host, to: peer, &observer)
        }
    }

    /// Puts a message on the network.
    @inlinable
    mutating func transmit<Watcher: Observer>(
        _ message: Machine.Message, _ fingerprint: UInt64, from host: Int, to peer: NodeID, _ observer: inout Watcher
    ) where Watcher.Machine == Machine {
        guard hasNode(peer) else { return }
        let to = position(peer)
        let byteCount = network.needsByteCount ? message.byteCount : 0
        let route = network.route(
            from: host, to: to, kind: message.kind, byteCount: byteCount, content: fingerprint, at: now)
        guard route.arrives else {
            sendingEvent = eventCount
            observer.didLose(.network, from: id(host), to: peer, in: self)
            return
        }
        if route.isDoubled { deliver(message, fingerprint, from: host, to: to, at: route.second) }
        guard let damage = route.damage else {
            deliver(message, fingerprint, from: host, to: to, at: route.first)
            return
        }
        guard let damaged = message.damaged(by: damage) else {
            sendingEvent = eventCount
            observer.didLose(.damaged, from: id(host), to: peer, in: self)
            return
        }
        var damagedFingerprint = Digest()
        damaged.digest(into: &damagedFingerprint)
        deliver(damaged, damagedFingerprint.value, from: host, to: to, at: route.first)
    }

    @inlinable
    mutating func deliver(_ message: Machine.Message, _ fingerprint: UInt64, from: Int, to: Int, at time: Int64) {
        #if MUTANTS
        let time = time + Leak.delay
        #endif
        queue.push(
            EventQueue<Machine.Message>.Delivery(
                message: message, from: Int32(truncatingIfNeeded: from), to: Int32(truncatingIfNeeded: to),
                digest: fingerprint, cause: eventCount),
            at: time)
    }

    /// Sets a timer to run out after a length of virtual time.
    ///
    /// A timer that moves to a later time keeps its queue entry and is queued again when that comes up, so that
    /// postponing one, the common case, costs no heap operation.
    @inlinable
    mutating func setTimer(_ timer: Machine.Timer, in length: Interval, at host: Int) {
        let slot = hosts[host].slot(of: timer)
        invariant(slot < 1 << 10, "a machine names at most 1,024 timers")
        let deadline = (now + length).nanoseconds
        let sequence = queue.takeSequence()
        let queuedAt = hosts[host].timers[slot].queuedAt
        hosts[host].timers[slot].isSet = true
        hosts[host].timers[slot].deadline = deadline
        hosts[host].timers[slot].sequence = sequence
        if queuedAt <= deadline { return }
        if queuedAt != Int64.max {
            hosts[host].timers[slot].generation &+= 1
            staleTimerCount += 1
        }
        hosts[host].timers[slot].queuedAt = deadline
        let generation = hosts[host].timers[slot].generation
        queue.heap.insert(
            .init(
                time: deadline, sequence: sequence,
                due: .init(.timer, host: host, slot: slot, generation: generation)))
        if staleTimerCount > 64 && staleTimerCount * 4 > queue.count { dropStaleTimers() }
    }

    /// Takes stale timers out of the queue, so that they never make up more than a quarter of it.
    ///
    /// - Complexity: O(n log n), paid for by the n/4 timers that became stale since the last time.
    @usableFromInline
    mutating func dropStaleTimers() {
        let hosts = self.hosts
        queue.heap.filter { entry in
            guard entry.due.kind == .timer else { return true }
            let timers = hosts[entry.due.host].timers
            return entry.due.slot < timers.count
                && timers[entry.due.slot].generation & 0xfff_ffff == entry.due.generation
        }
        staleTimerCount = 0
    }
}
