// Source: paper, section 4.2; Lifeguard, section IV, LHA-Suspicion.

extension Swim {
    /// A suspicion that runs at a node.
    struct Suspicion: Sendable {
        /// The incarnation that is suspected.
        let incarnation: Incarnation
        /// When it began, on the elapsed clock.
        let start: Interval
        /// When the suspect is declared dead.
        var end: Interval
        /// When the suspect is warned next, or ``end``.
        var next: Interval
        /// Whose probes failed.
        private var accusers: (NodeID, NodeID, NodeID, NodeID)
        private(set) var accuserCount: Int

        init(of incarnation: Incarnation, at start: Interval) {
            let nobody = NodeID(0)
            self.incarnation = incarnation
            self.start = start
            self.end = start
            self.next = start
            self.accusers = (nobody, nobody, nobody, nobody)
            self.accuserCount = 0
        }

        /// How many accusers besides the first there are.
        var confirmations: Int { max(0, accuserCount - 1) }

        /// Notes an accuser.
        ///
        /// - Returns: Whether it is somebody new, and fewer than `limit` were known.
        mutating func add(_ accuser: NodeID, limit: Int) -> Bool {
            guard accuser.rawValue != 0, accuserCount < min(limit, 4) else { return false }
            guard !isKnown(accuser) else { return false }
            switch accuserCount {
            case 0: accusers.0 = accuser
            case 1: accusers.1 = accuser
            case 2: accusers.2 = accuser
            default: accusers.3 = accuser
            }
            accuserCount += 1
            return true
        }

        private func isKnown(_ accuser: NodeID) -> Bool {
            #if MUTANTS
            if Mutant.sameAccuserCounted.isPlanted { return false }
            #endif
            return accuser == accusers.0 || accuser == accusers.1 || accuser == accusers.2
        }
    }
}

extension Swim.Node {
    /// Gives a suspect the time to contradict that its group needs to tell it.
    mutating func startSuspicion(
        of member: Swim.Member, by accuser: NodeID, at now: Instant, into effects: inout Effects
    ) {
        guard standing == .active else { return }
        let reading = clock.reading(at: now)
        var suspicion = Swim.Suspicion(of: member.incarnation, at: reading)
        _ = suspicion.add(accuser, limit: 1)
        suspicion.end = reading + settings.suspicionTimeout(liveCount: roster.liveCount, confirmations: 0)
        follow(suspicion, of: member.id, since: reading, at: now, into: &effects)
    }

    /// Takes a suspicion of another accuser into account, and passes it on: it leaves the suspect less time.
    ///
    /// - Returns: Whether it counts.
    mutating func confirm(_ update: Swim.Update, at now: Instant, into effects: inout Effects) -> Bool {
        guard let lifeguard = settings.lifeguard, var suspicion = suspicions[update.node],
            suspicion.add(update.accuser, limit: lifeguard.confirmations + 1)
        else { return false }
        spread(update, at: now, into: &effects)
        shorten(&suspicion, of: update.node, confirmations: suspicion.confirmations, at: now, into: &effects)
        return true
    }

    /// Leaves a suspect the shortest time: the node that said so holds it for dead.
    mutating func confirmWholly(_ suspect: NodeID, at now: Instant, into effects: inout Effects) {
        guard var suspicion = suspicions[suspect] else { return }
        shorten(&suspicion, of: suspect, confirmations: .max, at: now, into: &effects)
    }

    private mutating func shorten(
        _ suspicion: inout Swim.Suspicion, of suspect: NodeID, confirmations: Int, at now: Instant,
        into effects: inout Effects
    ) {
        let timeout = settings.suspicionTimeout(liveCount: roster.liveCount, confirmations: confirmations)
        let end = suspicion.start + timeout
        // A group that has grown meanwhile gives nobody more time than was said.
        guard end < suspicion.end else {
            suspicions[suspect] = suspicion
            return
        }
        suspicion.end = end
        follow(suspicion, of: suspect, since: clock.reading(at: now), at: now, into: &effects)
    }

    /// Keeps a suspicion and waits for what it has to do next.
    private mutating func follow(
        _ suspicion: Swim.Suspicion, of suspect: NodeID, since reading: Interval, at now: Instant,
        into effects: inout Effects
    ) {
        var suspicion = suspicion
        suspicion.next = nextStep(of: suspicion, after: reading)
        suspicions[suspect] = suspicion
        deadlines.insert(Deadline(reading: suspicion.next, suspect: suspect))
        if deadlines.count > 2 * suspicions.count + 16 { dropStaleDeadlines() }
        setSuspicionTimer(since: reading, at: now, into: &effects)
    }

    /// When a suspect is warned next: in the middle of its rest of time, at least twice in the shortest time; or its
    /// end when an answer would come too late, or without Lifeguard.
    private func nextStep(of suspicion: Swim.Suspicion, after reading: Interval) -> Interval {
        guard settings.lifeguard != nil else { return max(suspicion.end, reading) }
        let rest = suspicion.end - reading
        guard rest > .zero else { return reading }
        let half = min(rest, settings.suspicionTimeout(liveCount: roster.liveCount)) / 2
        return half >= settings.probeTimeout ? reading + half : suspicion.end
    }

    /// Sets the timer for the earliest deadline, unless it is set for an earlier or the same one.
    private mutating func setSuspicionTimer(since reading: Interval, at now: Instant, into effects: inout Effects) {
        guard let first = deadlines.first else { return }
        if let suspicionSetFor, suspicionSetFor <= first.reading { return }
        suspicionSetFor = first.reading
        let wait = first.reading - reading
        effects.setTimer(.suspicion, at: now + (wait < .zero ? .zero : wait))
    }

    /// Warns the suspects that are due, or declares dead those whose time has run out.
    ///
    /// That it has run out is known from the timer alone: it was set for the earliest deadline. The node's clock is not
    /// asked, so a jump of it kills nobody.
    mutating func handleSuspicion(at now: Instant, into effects: inout Effects) {
        guard standing == .active, let due = suspicionSetFor.take() else { return }
        #if MUTANTS
        if Mutant.suspicionNeverExpires.isPlanted { return }
        #endif
        while let deadline = deadlines.first, deadline.reading <= due || !isOpen(deadline) {
            _ = deadlines.popFirst()
            guard isOpen(deadline), var suspicion = suspicions[deadline.suspect] else { continue }
            if suspicion.end <= deadline.reading {
                bury(deadline.suspect, suspicion.incarnation, at: now, into: &effects)
            } else {
                warn(deadline.suspect, into: &effects)
                suspicion.next = nextStep(of: suspicion, after: deadline.reading)
                suspicions[deadline.suspect] = suspicion
                deadlines.insert(Deadline(reading: suspicion.next, suspect: deadline.suspect))
            }
        }
        setSuspicionTimer(since: due, at: now, into: &effects)
    }

    private mutating func bury(
        _ suspect: NodeID, _ incarnation: Swim.Incarnation, at now: Instant, into effects: inout Effects
    ) {
        guard let position = roster.position(of: suspect) else { return }
        become(Swim.Update(suspect, .dead, incarnation), position, at: now, into: &effects)
    }

    /// Pings a suspect with the accusation: an answer refutes it.
    ///
    /// Deviation: in the paper a node that the rumour of a refutation misses declares a live member dead. At 10 %
    /// loss a rumour misses one node in a thousand; this asks the member itself while there is time, and so goes
    /// further than Lifeguard's buddy system, with which it is switched on. Bounded per period, so that half a group
    /// that vanishes does not cost each node several messages for each of its members.
    private mutating func warn(_ suspect: NodeID, into effects: inout Effects) {
        guard warningCount < Swim.Node.warningsPerPeriod else { return }
        warningCount += 1
        send(.ping(sequence: Swim.Node.warningSequence, requester: nil), to: suspect, into: &effects)
    }

    /// Eight; a guess: four times what a quiet node sends per period.
    static let warningsPerPeriod = 8

    /// The number of pings that are warnings; no probe has it.
    static let warningSequence: UInt32 = 0

    /// Whether a deadline is still the next of its suspicion: it has neither been refuted, nor overtaken.
    private func isOpen(_ deadline: Deadline) -> Bool { suspicions[deadline.suspect]?.next == deadline.reading }

    /// Keeps the heap within twice the number of suspects, whatever peers send.
    private mutating func dropStaleDeadlines() {
        let suspicions = suspicions
        deadlines.filter { deadline in suspicions[deadline.suspect]?.next == deadline.reading }
    }
}
