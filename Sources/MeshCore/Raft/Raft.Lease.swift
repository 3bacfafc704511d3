extension Raft {
    /// How reads are confirmed.
    public enum ReadMode: Hashable, Sendable, CustomStringConvertible {
        /// By a round of answers from a quorum after the read arrived; no clock matters.
        case index
        /// By the quorum's promise to elect nobody else for a while, as long as a clock's rate is off by at most this
        /// share of real time in either direction, and by a round where there is no such promise.
        ///
        /// With it every node measures ``Settings/electionTimeoutMin`` on its own clock, so that all voters must
        /// choose alike; see `docs/reads.md` for what the driver has to keep. A clock that runs further off makes
        /// reads stale without anybody noticing.
        case lease(driftBound: Ratio)

        /// The mode in a few words.
        public var description: String {
            switch self {
            case .index: "index"
            case .lease(let bound): "lease, drift up to \(bound)"
            }
        }
    }

    /// What a leader knows of its lease: which of its beats are too old to be trusted.
    ///
    /// No clock is read. When a beat leaves, a timer is set for the length of the lease; when it runs out, that beat
    /// and every earlier one have lapsed. The lease holds while a quorum has answered a beat that has not lapsed. It
    /// therefore counts from the sending of the beat and not from the arrival of its answers (tikv #964, openraft
    /// #1747), however long those took, and a clock that jumps harms nobody, as timers measure elapsed time.
    ///
    /// Only every ``stride``-th beat is measured, so that a few timers are enough for any settings; an answer to
    /// another beat counts as one to the last measured beat before it.
    ///
    /// **The bound.** Let every clock run at a rate between 1 - d and 1 + d of real time. A voter that hears a beat
    /// helps nobody else to win for E = ``Settings/electionTimeoutMin`` on its own clock, that is for at least
    /// E / (1 + d) of real time after it *heard*, which is not before the beat was *sent*. A timer of length L at the
    /// leader runs out at most L / (1 - d) of real time after it was set, which is when the beat was sent. So with
    ///
    ///     L = E · (1 - d) / (1 + d)
    ///
    /// the beat lapses before the first voter of the quorum that answered it votes for another leader. Every later
    /// leader needs a vote from that quorum, so nothing is committed elsewhere while the lease holds.
    struct Lease: Sendable {
        /// How many measured beats can be outstanding.
        static var slotCount: UInt64 { 4 }

        /// How long a beat is trusted, on the leader's clock; zero without leases.
        let length: Interval
        /// Every how manieth beat is measured.
        let stride: UInt64
        /// The latest beat that has lapsed.
        private(set) var lapsed: UInt64 = 0
        /// Whether this leader must not use a lease in its term any more.
        private(set) var isGivenUp = true
        /// Which beat each timer measures; 0 when it is not set.
        private var beats: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

        init(_ settings: Settings) {
            self.length = settings.leaseLength
            // Four timers must not run out of turn: what is measured next was measured four strides ago.
            let span = UInt64(bitPattern: length.nanoseconds / settings.heartbeatInterval.nanoseconds) + 1
            self.stride = (span + Self.slotCount - 1) / Self.slotCount
        }

        /// Starts over in a new term; its first beat counts as answered although nobody did, so it has lapsed.
        mutating func begin(round: UInt64) {
            lapsed = round
            isGivenUp = length <= .zero
            beats = (0, 0, 0, 0)
        }

        #if MUTANTS
        /// The timer that measures a beat, while it does.
        func slot(of round: UInt64) -> UInt8? {
            if beats.0 == round { return 0 }
            if beats.1 == round { return 1 }
            if beats.2 == round { return 2 }
            return beats.3 == round ? 3 : nil
        }
        #endif

        mutating func giveUp() { isGivenUp = true }

        /// The timer that is to measure a beat; `nil` if that one is not measured.
        mutating func slot(for round: UInt64) -> UInt8? {
            guard !isGivenUp, round % stride == 0 else { return nil }
            let slot = UInt8(truncatingIfNeeded: (round / stride) % Self.slotCount)
            // Four strides later its timer has run out, or is due and lies behind: the beat is old enough by then.
            lapse(slot)
            switch slot {
            case 0: beats.0 = round
            case 1: beats.1 = round
            case 2: beats.2 = round
            default: beats.3 = round
            }
            return slot
        }

        /// Learns that the beat of a timer has lapsed.
        mutating func lapse(_ slot: UInt8) {
            let round: UInt64
            switch slot {
            case 0: round = beats.0
            case 1: round = beats.1
            case 2: round = beats.2
            default: round = beats.3
            }
            if round > lapsed { lapsed = round }
        }

        /// Whether the answers of a quorum to this beat make a lease.
        func holds(answered round: UInt64) -> Bool {
            !isGivenUp && round - round % stride > lapsed
        }
    }
}

extension Raft.Settings {
    /// Whether reads may be answered from a lease.
    var usesLease: Bool {
        switch readMode {
        case .index: false
        case .lease: true
        }
    }

    /// Refuses settings in which a lease would rest on nothing, or never hold.
    func checkLease() throws(Raft.SettingsError) {
        guard usesLease else { return }
        guard checkQuorum else { throw .leaseWithoutCheckQuorum }
        guard leaseLength > heartbeatInterval else { throw .leaseTooShort }
    }

    /// How long a beat makes a lease on the leader's clock, see ``Raft/Lease``; rounded down, zero without leases.
    var leaseLength: Interval {
        guard case .lease(let bound) = readMode else { return .zero }
        #if MUTANTS
        if Mutant.leaseWithoutDriftBound.isPlanted { return electionTimeoutMin }
        #endif
        let patience = electionTimeoutMin.nanoseconds
        let slow = 1_000_000 - bound.millionths
        let fast = 1_000_000 + bound.millionths
        return Interval(nanoseconds: patience / fast * slow + patience % fast * slow / fast)
    }
}

/// Leases: reads at the leader without a message (thesis, section 6.4.1).
///
/// Besides what ``Raft/Lease`` keeps, followers keep their side: with leases on, a node that has heard a leader votes
/// for nobody and campaigns for nobody until the shortest election timeout has passed, in whatever term, also when a
/// later term has reached it meanwhile and also, since it may have forgotten, after each start. The one exception is an
/// election that the leader itself asked for, which gives its lease up first.
extension Raft.Node {
    /// Whether the promise behind a lease is kept: nobody else has been elected.
    ///
    /// - Complexity: as ``quorumPromise()``.
    mutating func holdsLease() -> Bool {
        guard !lease.isGivenUp else { return false }
        return lease.holds(answered: quorumPromise())
    }

    /// Measures the beat that is about to leave.
    mutating func measureBeat(_ outbox: inout Effects) {
        guard let slot = lease.slot(for: round) else { return }
        outbox.setTimer(.lease(slot), at: now + lease.length)
    }

    /// Learns that a beat has become too old.
    mutating func handleLeaseTimer(_ slot: UInt8, _ outbox: inout Effects) {
        guard role == .leader else { return }
        lease.lapse(slot)
    }

    /// Uses no lease in this term any more: the leader lets somebody else campaign, or leads no more.
    ///
    /// It is given up for the whole term, as the word to campaign may arrive at any later time in it.
    mutating func giveUpLease(_ outbox: inout Effects) {
        guard !lease.isGivenUp else { return }
        lease.giveUp()
        for slot in 0..<UInt8(truncatingIfNeeded: Raft.Lease.slotCount) { outbox.cancelTimer(.lease(slot)) }
    }
}
