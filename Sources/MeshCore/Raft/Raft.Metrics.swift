extension Raft {
    /// What a node has done so far, counted from outside: a fold over the effects of its steps.
    ///
    /// The node itself counts nothing, so whoever wants no metrics pays nothing. Show each effect to the metrics before
    /// it is carried out; sums over nodes, and differences over time, are the embedding program's. How things stand
    /// at present is ``Raft/Node/status``. Counts start with the value and survive a crash only if it does.
    public struct Metrics: Hashable, Sendable {
        /// How often the node asked whether it could win an election.
        public private(set) var preVotes: UInt64 = 0
        /// How often it asked for votes.
        public private(set) var elections: UInt64 = 0
        /// How often it was elected.
        public private(set) var electionsWon: UInt64 = 0
        /// How often the leader that it knows changed.
        public private(set) var leaderChanges: UInt64 = 0
        /// Attempts of proposals that a leader appended.
        public private(set) var proposed: UInt64 = 0
        /// Attempts of proposals that were refused because too much waits for its commit.
        public private(set) var rejectedAsBusy: UInt64 = 0
        /// Attempts of proposals that were refused for another reason.
        public private(set) var rejectedOtherwise: UInt64 = 0
        /// Reads that were allowed.
        public private(set) var readsReady: UInt64 = 0
        /// Reads that were refused.
        public private(set) var readsRefused: UInt64 = 0
        /// Entries handed out to be applied.
        public private(set) var applied: UInt64 = 0
        /// Bytes of the commands in them.
        public private(set) var appliedBytes: UInt64 = 0
        /// Entries written to the disk, those of replaced suffixes again.
        public private(set) var written: UInt64 = 0
        /// Records written to the disk.
        public private(set) var records: UInt64 = 0
        /// Snapshots of other nodes that replaced the state.
        public private(set) var snapshotsInstalled: UInt64 = 0
        /// Entries sent, those sent again too.
        public private(set) var entriesSent: UInt64 = 0
        /// Transfers of the lead that succeeded.
        public private(set) var transfers: UInt64 = 0
        /// Inputs that were not acted on.
        public private(set) var ignored: UInt64 = 0
        /// Messages sent, by their kind, in the order of `Raft.Message.kinds`.
        public private(set) var sent: [UInt64]

        /// Creates metrics with every count at zero.
        public init() {
            self.sent = [UInt64](repeating: 0, count: Message.kinds.count)
        }

        /// Counts what an effect of the node means; timers do not count.
        ///
        /// - Complexity: O(1), and O(entries) for entries that are handed out.
        public mutating func note(_ effect: Effect<Node>) {
            switch effect {
            case .send(let message, to: _): note(message)
            case .output(let output): note(output)
            case .persist(let record, _):
                records += 1
                if case .append(_, let entries) = record { written += UInt64(UInt(entries.count)) }
            case .setTimer, .cancelTimer: break
            }
        }

        /// Counts a message that is sent.
        public mutating func note(_ message: Message) {
            sent[Int(message.kind.rawValue)] += 1
            if case .append(let append) = message { entriesSent += UInt64(UInt(append.entries.count)) }
        }

        /// Counts what the node tells.
        public mutating func note(_ output: Output) {
            switch output {
            case .becamePreCandidate: preVotes += 1
            case .becameCandidate: elections += 1
            case .becameLeader: electionsWon += 1
            case .leaderChanged: leaderChanges += 1
            case .proposed: proposed += 1
            case .rejected(_, .busy): rejectedAsBusy += 1
            case .rejected: rejectedOtherwise += 1
            case .readReady: readsReady += 1
            case .readRefused: readsRefused += 1
            case .installed: snapshotsInstalled += 1
            case .transferred: transfers += 1
            case .ignored: ignored += 1
            case .apply(let entries):
                applied += UInt64(UInt(entries.count))
                appliedBytes += UInt64(UInt(entries.byteCount))
            case .becameFollower, .committed, .snapshotWanted, .transferStarted, .transferAbandoned,
                .configurationChanged, .leftGroup, .quiescent, .repair:
                break
            }
        }
    }
}
