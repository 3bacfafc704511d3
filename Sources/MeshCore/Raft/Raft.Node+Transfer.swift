/// Handing over the lead (thesis, section 3.10).
///
/// The leader stops taking proposals, brings the target up to date, and tells it to campaign at once. An election
/// timeout later, by count of beats, it gives up and takes proposals again; the word to campaign may still arrive after
/// that, and then the group elects as if the target had lost patience, which is safe and costs one election.
extension Raft.Node {
    /// A transfer of the lead; it outlives the leader's term until the next leader is known.
    struct Transfer: Sendable {
        /// Who is to lead.
        let target: NodeID
        /// The term of the leader that hands over.
        let term: Raft.Term
        /// The beat at which the leader gives up.
        let deadline: UInt64
        /// The beat in which the target was last told to campaign; 0 before.
        var toldRound: UInt64 = 0
    }

    /// Whether this leader takes no proposals because it hands over.
    var isTransferring: Bool { role == .leader && transfer != nil }

    /// Starts to hand over to a voter, or to the one that is ready soonest.
    ///
    /// - Complexity: O(voters).
    mutating func handleTransfer(to wanted: NodeID?, _ outbox: inout Effects) {
        guard role == .leader else { return abandonTransfer(to: wanted, .notLeader(leader), &outbox) }
        guard let target = wanted ?? bestSuccessor() else { return abandonTransfer(to: nil, .nobodyReady, &outbox) }
        guard target != id else { return abandonTransfer(to: target, .alreadyLeads, &outbox) }
        guard let position = position(of: target), canLead(position) else {
            return abandonTransfer(to: target, .cannotLead, &outbox)
        }
        if let pending = transfer {
            guard pending.target != target else { return }
            abandonTransfer(to: pending.target, .replaced, &outbox)
        }
        transfer = Transfer(target: target, term: term, deadline: round + quorumRounds)
        outbox.output(.transferStarted(to: target))
        advanceTransfer(position, &outbox)
    }

    /// Whether a peer may be made leader.
    func canLead(_ position: Int) -> Bool {
        let duties = configuration.members[position].duties
        return duties.contains(.voter) && !duties.contains(.witness) && !peers[position].isAmnesiac
    }

    /// The other voter that answered lately: of the greatest priority, then the one that lacks least, then the smallest
    /// id.
    func bestSuccessor() -> NodeID? {
        var best: Raft.Peer?
        for (position, peer) in peers.enumerated() where position != ownPosition && canLead(position) {
            guard round <= peer.ackedRound + quorumRounds else { continue }
            guard let other = best, !isBetter(peer, than: other) else {
                best = peer
                continue
            }
        }
        return best?.id
    }

    private func isBetter(_ peer: Raft.Peer, than other: Raft.Peer) -> Bool {
        let priority = settings.priorities[peer.id]
        let otherPriority = settings.priorities[other.id]
        return priority == otherPriority ? peer.match > other.match : priority > otherPriority
    }

    /// Tells the target to campaign as soon as it holds the whole log, once in each beat: the word may get lost.
    mutating func advanceTransfer(_ position: Int, _ outbox: inout Effects) {
        guard let pending = transfer, peers[position].id == pending.target else { return }
        guard peers[position].match == log.lastIndex, pending.toldRound < round else { return }
        transfer?.toldRound = round
        #if MUTANTS
        let hadLease = !Mutant.leaseKeptInTransfer.isPlanted
        #else
        let hadLease = true
        #endif
        if hadLease { giveUpLease(&outbox) }
        outbox.send(.timeoutNow(Raft.TimeoutNow(term: term, round: round)), to: pending.target)
    }

    /// Goes on with a transfer at a beat, or gives it up.
    mutating func beatTransfer(_ outbox: inout Effects) {
        guard let pending = transfer else { return }
        guard let position = position(of: pending.target) else {
            return abandonTransfer(to: pending.target, .cannotLead, &outbox)
        }
        guard round < pending.deadline else { return abandonTransfer(to: pending.target, .timedOut, &outbox) }
        advanceTransfer(position, &outbox)
    }

    /// Tells how a transfer ended once somebody leads a later term.
    mutating func settleTransfer(_ newLeader: NodeID, _ outbox: inout Effects) {
        guard let pending = transfer, term > pending.term else { return }
        guard newLeader == pending.target else {
            return abandonTransfer(to: pending.target, .otherLeader(newLeader), &outbox)
        }
        transfer = nil
        yieldPatience = quorumRounds
        outbox.output(.transferred(to: newLeader, term: term))
    }

    /// Tells that a transfer does not happen; one under way to this target ends, and proposals are taken again.
    mutating func abandonTransfer(
        to target: NodeID?, _ reason: Raft.TransferFailure, _ outbox: inout Effects
    ) {
        if let pending = transfer, pending.target == target { transfer = nil }
        outbox.output(.transferAbandoned(to: target, reason: reason))
    }

    /// Campaigns at once because the leader said so: without a pre-vote, which a living leader would make fail.
    ///
    /// A word that is older than what was heard of the leader since belongs to a transfer that was given up.
    mutating func handleTimeoutNow(_ message: Raft.TimeoutNow, from: NodeID, _ outbox: inout Effects) {
        guard catchUp(with: message.term, leader: from, &outbox) else { return ignore(.staleTerm, &outbox) }
        guard role == .follower, leader == from, message.round >= heardRound else {
            return ignore(.staleTransfer, &outbox)
        }
        guard mayCampaign, term < .limit else { return ignore(.cannotCampaign, &outbox) }
        becomeCandidate(isTransfer: true, &outbox)
    }
}

extension Raft {
    /// The leader's word that its receiver is to campaign at once (thesis, section 3.10).
    public struct TimeoutNow: Hashable, Sendable {
        /// The leader's term.
        public var term: Term
        /// The leader's beat at sending; the word counts until a later beat was heard.
        public var round: UInt64

        /// Creates the word.
        public init(term: Term, round: UInt64) {
            self.term = term
            self.round = round
        }
    }

    /// Why a transfer of the lead did not happen.
    public enum TransferFailure: Hashable, Traceable {
        /// The node that was asked does not lead; the hint does, as far as it knows.
        case notLeader(NodeID?)
        /// The target leads already.
        case alreadyLeads
        /// The target is no voter, or one that never leads.
        case cannotLead
        /// No other voter has answered lately.
        case nobodyReady
        /// The target was not caught up, or did not win, within the longest election timeout.
        case timedOut
        /// Another transfer was asked for.
        case replaced
        /// Somebody else was elected; this may be the old leader.
        case otherLeader(NodeID)

        /// Mixes every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .notLeader(let hint):
                digest.mix(0 as UInt64)
                digest.mix(hint)
            case .alreadyLeads: digest.mix(1 as UInt64)
            case .cannotLead: digest.mix(2 as UInt64)
            case .nobodyReady: digest.mix(3 as UInt64)
            case .timedOut: digest.mix(4 as UInt64)
            case .replaced: digest.mix(5 as UInt64)
            case .otherLeader(let leader):
                digest.mix(6 as UInt64)
                digest.mix(leader)
            }
        }

        /// The reason in a few words.
        public var description: String {
            switch self {
            case .notLeader(let hint?): "not the leader, try \(hint)"
            case .notLeader(nil): "not the leader"
            case .alreadyLeads: "leads already"
            case .cannotLead: "cannot lead"
            case .nobodyReady: "nobody is ready"
            case .timedOut: "timed out"
            case .replaced: "replaced by another transfer"
            case .otherLeader(let leader): "\(leader) was elected"
            }
        }
    }
}

extension Raft.TimeoutNow {
    func mixBody(into digest: inout Digest) { digest.mix(round) }

    var text: String { "term \(term)" }
}

extension Raft.TimeoutNow: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(term.rawValue)
        writer.number(round)
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.term = try reader.term()
        self.round = try reader.number()
    }
}
