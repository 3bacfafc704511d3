/// Groups come, go, and take their inputs.
extension MultiRaft.Node {
    /// Founds a group, or lets this node join one.
    ///
    /// - Complexity: O(groups).
    mutating func create(
        _ group: MultiRaft.GroupID, _ configuration: Raft.Configuration, _ outbox: inout Effects
    ) {
        guard !places.contains(group) else { return outbox.output(.refused(group, .exists)) }
        guard !destroyed.contains(group) else { return outbox.output(.refused(group, .destroyed)) }
        guard places.count < settings.maxGroups else { return outbox.output(.refused(group, .tooMany)) }
        let place = add(group, configuration)
        persist(.created(group, configuration))
        slots[place].writtenStep = stepCount
        deferred.append(.output(.created(group)))
        stepGroup(place, .restarted, &outbox)
        for peer in peers where peer.isDown {
            stepGroup(place, .command(.peerDown(peer.id)), &outbox)
        }
    }

    /// Gives a group a place.
    mutating func add(_ group: MultiRaft.GroupID, _ configuration: Raft.Configuration) -> Int {
        let node = Raft.Node(
            id: id, configuration: configuration, settings: settings.raft,
            random: random.derived(.multiRaftGroup, group.rawValue))
        let place = freePlaces.popLast() ?? slots.count
        if place == slots.count {
            slots.append(Slot(id: group, node: node))
        } else {
            // Queued entries of the timers of the group before are recognised by their states.
            slots[place] = Slot(id: group, node: node)
        }
        places[group] = place
        for member in configuration.members where member.id != id { _ = row(of: member.id) }
        return place
    }

    /// Forgets a group.
    ///
    /// - Complexity: O(groups).
    mutating func destroy(_ group: MultiRaft.GroupID, _ outbox: inout Effects) {
        guard let place = places.removeValue(forKey: group) else {
            return outbox.output(.refused(group, destroyed.contains(group) ? .destroyed : .unknown))
        }
        wheel.cancel(&slots[place].election)
        wheel.cancel(&slots[place].heartbeat)
        let none = Raft.Node(id: id, configuration: Raft.Configuration(), settings: settings.raft, random: random)
        slots[place] = Slot(id: group, node: none, isLive: false)
        freePlaces.append(place)
        destroyed[group] = true
        persist(.destroyed(group))
        deferred.append(.output(.destroyed(group)))
    }

    /// Feeds a group one input and sorts what follows.
    mutating func stepGroup(_ place: Int, _ input: consuming Input<Raft.Node>, _ outbox: inout Effects) {
        counts.groupSteps += 1
        var inner = outbox.lend(Effect<Raft.Node>.self)
        slots[place].node.step(input, at: now, into: &inner)
        inner.drain { effect in
            switch effect {
            case .send(let message, to: let peer): post(message, of: place, to: peer, &outbox)
            case .setTimer(let timer, at: let instant): setTimer(timer, of: place, in: instant - now, &outbox)
            case .cancelTimer(let timer): cancelTimer(timer, of: place)
            case .persist(let record, let ticket): persist(record, of: place, ticket)
            case .output(let output):
                let tagged = MultiRaft.Output.group(slots[place].id, output)
                if slots[place].writtenStep == stepCount {
                    deferred.append(.output(tagged))
                } else {
                    outbox.output(tagged)
                }
            }
        }
        outbox.takeBack(inner)
    }

    private mutating func persist(_ record: Raft.Stable.Record, of place: Int, _ inner: Ticket) {
        let group = slots[place].id
        slots[place].writtenStep = stepCount
        persist(.group(group, record))
        writes.append(
            PendingWrite(ticket: lastTicket, group: group, place: Int32(truncatingIfNeeded: place), inner: inner))
    }

    private mutating func persist(_ record: MultiRaft.Stable.Record) {
        lastTicket += 1
        deferred.append(.persist(record, Ticket(lastTicket)))
    }
}

/// The timers of the groups.
extension MultiRaft.Node {
    /// Puts a group's timer on the wheel.
    ///
    /// Patience never ends early. Beats never come late, and those of all groups on the same ticks, so that they travel
    /// together.
    private mutating func setTimer(
        _ timer: Raft.Timer, of place: Int, in length: Interval, _ outbox: inout Effects
    ) {
        if !isTicking {
            isTicking = true
            isOnTick = true
            outbox.setTimer(.tick, at: now + settings.tick)
        }
        let tick = settings.tick.nanoseconds
        let nanoseconds = length > .zero ? length.nanoseconds : 0
        let slot = Int32(truncatingIfNeeded: place)
        switch timer {
        case .election:
            let whole = UInt64(bitPattern: (nanoseconds + tick - 1) / tick)
            wheel.set(
                &slots[place].election, MultiRaft.Wheel.Entry(slot: slot, timer: 0), after: whole + (isOnTick ? 0 : 1))
        case .heartbeat:
            let whole = UInt64(bitPattern: nanoseconds / tick)
            let period = whole > 0 ? whole : 1
            wheel.set(
                &slots[place].heartbeat, MultiRaft.Wheel.Entry(slot: slot, timer: 1),
                after: period - wheel.ticks % period)
        case .lease:
            invariant(false, "groups that share a timer read without leases")
        }
    }

    private mutating func cancelTimer(_ timer: Raft.Timer, of place: Int) {
        switch timer {
        case .election: wheel.cancel(&slots[place].election)
        case .heartbeat: wheel.cancel(&slots[place].heartbeat)
        case .lease: break
        }
    }

    /// Moves the wheel on, and lets what is due happen.
    ///
    /// - Complexity: O(timers that come up).
    mutating func handleTick(_ outbox: inout Effects) {
        counts.ticks += 1
        isOnTick = true
        // Set again below if anything is left to wait for.
        let due = wheel.advance()
        for entry in due {
            let place = Int(entry.slot)
            switch entry.timer {
            case 0:
                if wheel.isDue(&slots[place].election, entry) { stepGroup(place, .timer(.election), &outbox) }
            default:
                if wheel.isDue(&slots[place].heartbeat, entry) { stepGroup(place, .timer(.heartbeat), &outbox) }
            }
        }
        wheel.giveBack(due)
        isTicking = wheel.armed > 0
        if isTicking { outbox.setTimer(.tick, at: now + settings.tick) }
    }
}
