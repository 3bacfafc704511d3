// Source: paper, sections 3.1 and 4.3.

extension Swim.Node {
    /// Ends one probe, starts the next, and does what is counted in periods.
    mutating func handlePeriod(at now: Instant, into effects: inout Effects) {
        guard standing == .active else { return }
        clock.fired()
        periodCount += 1
        warningCount = 0
        clock.set(at: now, for: settings.period)
        effects.setTimer(.period, at: now + settings.period)
        #if MUTANTS
        if Mutant.deathToldAgain.isPlanted {
            for grave in roster.graves { effects.output(.dead(roster[Int(grave)].id)) }
        }
        #endif
        let isRunning = goesOn()
        if !isRunning { concludeProbe(at: now, into: &effects) }
        forgetTheLongDead()
        if !isRunning { startProbe(at: now, into: &effects) }
        retryJoin(into: &effects)
        compareViews(into: &effects)
        retryUnreachable(into: &effects)
    }

    /// Whether the probe has more periods: a node that doubts itself gives others more time.
    private mutating func goesOn() -> Bool {
        guard let running = probe, running.periodsLeft > 1 else { return false }
        probe?.periodsLeft -= 1
        return true
    }

    /// Suspects the target when neither it nor a helper has answered within the probe's time.
    ///
    /// What failed is the incarnation that was pinged: a target that has contradicted or restarted since is not
    /// accused.
    private mutating func concludeProbe(at now: Instant, into effects: inout Effects) {
        guard let failed = probe.take() else { return }
        // Without helpers the failure itself is all there is to doubt.
        worsenHealth(by: failed.helperCount > 0 ? failed.silentHelpers : 1)
        guard let position = roster.position(of: failed.target) else { return }
        let accuser: NodeID? = settings.lifeguard == nil ? nil : id
        let accusation = Swim.Update(failed.target, .suspect, failed.incarnation, by: accuser)
        let known = roster[position].claim
        if known == accusation.claim {
            _ = confirm(accusation, at: now, into: &effects)
        } else if accusation.claim.overrides(known) {
            become(accusation, position, at: now, into: &effects)
        }
    }

    private mutating func startProbe(at now: Instant, into effects: inout Effects) {
        let random = random
        let life = life
        let period = UInt64(bitPattern: periodCount)
        let next = roster.nextToProbe { step in random.bits(.swimShuffle, life, period, UInt64(UInt(step))) }
        guard let next else { return }
        let target = roster[next].id
        sequence = sequence == .max ? 1 : sequence + 1
        probe = Probe(
            target: target, incarnation: roster[next].incarnation, sequence: sequence,
            start: clock.reading(at: now), periodsLeft: patience)
        send(.ping(sequence: sequence, requester: nil), to: target, into: &effects)
        effects.setTimer(.probeTimeout, at: now + directTimeout)
    }

    /// Asks others to ping the target: the path to it may be broken where the target is not.
    mutating func handleProbeTimeout(at now: Instant, into effects: inout Effects) {
        guard standing == .active, let probe else { return }
        let purpose = Swim.Message.Purpose.pingRequest(sequence: probe.sequence, target: probe.target)
        let helpers = peers(settings.indirectProbes, .swimHelper, UInt64(probe.sequence), except: probe.target)
        for helper in helpers { send(purpose, to: helper, about: probe.target, into: &effects) }
        self.probe?.helperCount = helpers.count
        self.probe?.silentHelpers = helpers.count
    }

    /// Answers a ping, also after leaving: the answer says so.
    mutating func handlePing(
        _ sequence: UInt32, _ requester: NodeID?, from sender: NodeID, into effects: inout Effects
    ) {
        send(.ack(sequence: sequence, target: id, requester: requester), to: sender, into: &effects)
    }

    /// Pings on behalf of another member, without keeping anything: the requester travels in the ping and in the ack.
    mutating func handlePingRequest(
        _ sequence: UInt32, _ target: NodeID, from sender: NodeID, into effects: inout Effects
    ) {
        guard target != id, target != sender, target.rawValue != 0 else {
            effects.output(.ignored(.impossibleTarget))
            return
        }
        #if MUTANTS
        if Mutant.helperAnswersItself.isPlanted {
            return send(.ack(sequence: sequence, target: target, requester: nil), to: sender, into: &effects)
        }
        #endif
        if settings.lifeguard != nil { send(.nack(sequence: sequence), to: sender, into: &effects) }
        send(.ping(sequence: sequence, requester: sender), to: target, into: &effects)
    }

    /// Notes that a helper hears us and we hear it; one that comes late says nothing.
    mutating func handleNack(_ sequence: UInt32) {
        guard let probe, probe.sequence == sequence, probe.silentHelpers > 0 else { return }
        self.probe?.silentHelpers -= 1
    }

    /// Ends the probe with success, or passes the ack on to the member that asked for it.
    mutating func handleAck(
        _ sequence: UInt32, _ target: NodeID, _ requester: NodeID?, from sender: NodeID, at now: Instant,
        into effects: inout Effects
    ) {
        if let requester, requester != id {
            guard target == sender else {
                effects.output(.ignored(.foreignAck))
                return
            }
            guard requester != sender else {
                effects.output(.ignored(.impossibleTarget))
                return
            }
            let passedOn = Swim.Message.Purpose.ack(sequence: sequence, target: target, requester: requester)
            send(passedOn, to: requester, about: target, into: &effects)
            return
        }
        // The answer to a warning: what its sender said about itself has been learnt already.
        guard sequence != Swim.Node.warningSequence else { return }
        guard let running = probe, running.sequence == sequence, running.target == target else {
            effects.output(.ignored(.unexpectedAck))
            return
        }
        if running.helperCount == 0 { noteRoundTrip(clock.reading(at: now) - running.start) }
        improveHealth()
        probe = nil
        effects.cancelTimer(.probeTimeout)
    }

    /// Chooses up to `count` live members at random.
    ///
    /// - Complexity: O(`count`^2) expected, whatever the size of the group.
    func peers(_ count: Int, _ purpose: Random.Purpose, _ occasion: UInt64, except excluded: NodeID?) -> [NodeID] {
        var chosen: [NodeID] = []
        let candidates = roster.rotation.count
        guard candidates > 0, count > 0 else { return chosen }
        if candidates <= count * 2 { return fewPeers(count, purpose, occasion, except: excluded) }
        chosen.reserveCapacity(count)
        var attempt: UInt64 = 0
        // More than twice as many candidates as places: an attempt succeeds with a chance of at least about one half.
        while chosen.count < count && attempt < UInt64(count) * 8 {
            let bits = random.bits(purpose, life, occasion, attempt)
            let place = Int(Random.number(below: UInt64(candidates), from: bits))
            let peer = roster[Int(roster.rotation[place])].id
            if peer != excluded && !chosen.contains(peer) { chosen.append(peer) }
            attempt += 1
        }
        return chosen
    }

    /// Chooses among few candidates: the first of a random cyclic walk.
    private func fewPeers(
        _ count: Int, _ purpose: Random.Purpose, _ occasion: UInt64, except excluded: NodeID?
    ) -> [NodeID] {
        var chosen: [NodeID] = []
        var candidates: [NodeID] = []
        for position in roster.rotation where roster[Int(position)].id != excluded {
            candidates.append(roster[Int(position)].id)
        }
        while chosen.count < count && !candidates.isEmpty {
            let bits = random.bits(purpose, life, occasion, UInt64(UInt(chosen.count)))
            let place = Int(Random.number(below: UInt64(candidates.count), from: bits))
            chosen.append(candidates[place])
            candidates[place] = candidates[candidates.count - 1]
            candidates.removeLast()
        }
        return chosen
    }
}
