extension Raft {
    /// A node at a glance, as a plain value.
    public struct Status: Hashable, Sendable {
        /// The node.
        public let id: NodeID
        /// What it is.
        public let role: Role
        /// Its term.
        public let term: Term
        /// Its vote in that term.
        public let votedFor: NodeID?
        /// The leader it knows.
        public let leader: NodeID?
        /// Up to where its log is decided.
        public let commitIndex: LogIndex
        /// Up to where it has handed out entries.
        public let appliedIndex: LogIndex
        /// Up to where its own log is durable.
        public let durableIndex: LogIndex
        /// The end of its log.
        public let lastIndex: LogIndex
        /// The term at the end of its log.
        public let lastTerm: Term
        /// Up to where a snapshot replaces the log.
        public let snapshotIndex: LogIndex
        /// Who belongs to the group, as the node's log says.
        public let configuration: Configuration
        /// The position of the entry that says so; it is decided up to ``commitIndex``.
        public let configurationIndex: LogIndex
        /// The first entry that is still held.
        public let firstIndex: LogIndex
        /// Bytes of commands that wait for their commit; of interest at a leader.
        public let uncommittedBytes: Int
        /// Records that are not durable yet.
        public let pendingRecords: Int
        /// Reads that wait, at the leader for a round and at a follower for the leader's answer or for being applied.
        public let pendingReads: Int
        /// Proposals that this node handed to a leader and that are not answered.
        public let pendingForwards: Int
        /// Whether it may have forgotten what it promised, and gives no vote until a leader has healed it.
        public let isAmnesiac: Bool
        /// Every member as the leader sees it, ascending; empty at other roles.
        public let peers: [PeerStatus]
    }

    /// A member as the leader sees it.
    public struct PeerStatus: Hashable, Sendable {
        /// The member.
        public let id: NodeID
        /// Up to where its durable log agrees with the leader's.
        public let match: LogIndex
        /// The next entry it will be sent.
        public let next: LogIndex
        /// How it is sent to.
        public let pace: Pace
        /// How many messages with entries are under way to it.
        public let inflight: Int
        /// How many bytes of commands are in them.
        public let inflightBytes: Int
        /// How much of a snapshot it has acknowledged, while one is under way to it.
        public let snapshot: SnapshotProgress?
        /// How many beats ago it surely was alive.
        public let silentRounds: UInt64
        /// Whether it may have forgotten what it acknowledged, and has not said that it is healed.
        public let isAmnesiac: Bool
        /// The entry that heals it, once it is committed and here and there; 0 while there is none.
        public let healIndex: LogIndex
    }
}

extension Raft {
    /// A snapshot that is under way to a peer.
    public struct SnapshotProgress: Hashable, Sendable {
        /// The last position it covers.
        public let index: LogIndex
        /// How many bytes the peer has acknowledged.
        public let acknowledged: Int
        /// How many bytes it has.
        public let size: Int
    }
}

extension Raft.Node {
    private func snapshotProgress(to peer: NodeID) -> Raft.SnapshotProgress? {
        guard let place = sender(to: peer) else { return nil }
        let sender = senders[place]
        return Raft.SnapshotProgress(
            index: sender.index, acknowledged: sender.acknowledged, size: sender.state.count)
    }

    /// The node at a glance.
    ///
    /// - Complexity: O(members) at a leader.
    public var status: Raft.Status {
        var rows: [Raft.PeerStatus] = []
        if role == .leader {
            rows.reserveCapacity(peers.count)
            for peer in peers {
                rows.append(
                    Raft.PeerStatus(
                        id: peer.id, match: peer.match, next: peer.id == id ? log.lastIndex.next : peer.next,
                        pace: peer.id == id ? .replicate : peer.pace, inflight: peer.flights.count,
                        inflightBytes: peer.flightBytes, snapshot: snapshotProgress(to: peer.id),
                        silentRounds: peer.id == id ? 0 : round - peer.ackedRound, isAmnesiac: peer.isAmnesiac,
                        healIndex: peer.isAmnesiac ? peer.healIndex : .zero))
            }
        }
        return Raft.Status(
            id: id, role: role, term: term, votedFor: votedFor, leader: leader, commitIndex: commitIndex,
            appliedIndex: appliedIndex, durableIndex: durableIndex, lastIndex: log.lastIndex, lastTerm: log.lastTerm,
            snapshotIndex: log.snapshotIndex, configuration: configuration, configurationIndex: configurationIndex,
            firstIndex: log.firstIndex, uncommittedBytes: uncommittedBytes, pendingRecords: writes.count,
            pendingReads: reads.count + askedReads.count, pendingForwards: forwards.count, isAmnesiac: isAmnesiac,
            peers: rows)
    }

    /// Up to where a peer's durable log surely agrees with this leader's; `nil` for a node that is no peer.
    ///
    /// - Complexity: O(log members).
    public func match(of peer: NodeID) -> Raft.LogIndex? {
        guard let position = position(of: peer) else { return nil }
        return peers[position].match
    }
}
