extension Raft {
    /// What can be chosen about a node; all voters of a group should choose alike.
    public struct Settings: Hashable, Sendable {
        /// The shortest patience with a silent leader: 150 ms (paper, section 9.3).
        ///
        /// For this long after hearing from a leader a node also helps nobody to replace it.
        public var electionTimeoutMin: Interval = .milliseconds(150)
        /// The longest patience with a silent leader: 300 ms (paper, section 9.3); the spread keeps votes from
        /// splitting.
        public var electionTimeoutMax: Interval = .milliseconds(300)
        /// How often a leader is heard: every 50 ms, so that two lost beats do not cost it its place.
        public var heartbeatInterval: Interval = .milliseconds(50)
        /// Whether a node asks if it could win before it raises its term (thesis, section 9.6); on, so that a node that
        /// was cut off does not depose the leader when it returns.
        public var preVote: Bool = true
        /// Whether a leader steps down when it has not heard from a quorum for ``electionTimeoutMax`` (thesis, section
        /// 6.2), and votes are refused while a leader is alive (thesis, section 4.2.3); on.
        ///
        /// Without it a leader that is heard but hears nobody keeps its place and commits nothing.
        public var checkQuorum: Bool = true
        /// The most entries in one message: 256.
        public var maxEntriesPerAppend: Int = 256
        /// The most bytes of commands in one message, and the size of the largest command: 256 KiB.
        public var maxBytesPerAppend: Int = 256 << 10
        /// The most entries in one output ``Output/apply(_:)``: 1,024.
        public var maxEntriesPerApply: Int = 1_024
        /// The most bytes of commands in one output ``Output/apply(_:)``, unless a single one is larger: 1 MiB.
        public var maxBytesPerApply: Int = 1 << 20
        /// The most unacknowledged messages with entries to one peer: 16.
        ///
        /// What comes later waits for the next answer and travels as a batch, so a wider window trades throughput for
        /// latency.
        public var maxInflight: Int = 16
        /// The most bytes of commands in unacknowledged messages to one peer, unless a single message has more: 4 MiB.
        public var maxInflightBytes: Int = 4 << 20
        /// The largest snapshot that is taken, sent or received: 1 GiB; a receiver needs up to twice as much memory.
        public var maxSnapshotBytes: Int = 1 << 30
        /// The most bytes of a snapshot in one message: 1 MiB.
        public var snapshotChunkBytes: Int = 1 << 20
        /// How many messages with parts of a snapshot may be unacknowledged: 4.
        public var snapshotWindow: Int = 4
        /// How many of the entries that a snapshot covers stay in the log, so that a follower that lacks no more than
        /// these needs no snapshot: 0 by default.
        public var trailingEntries: Int = 0
        /// The most bytes of commands that are handed out and not confirmed by ``Command/applied(upTo:)``, but one
        /// output is always let out; 0, by default, for programs that apply at once and confirm nothing.
        public var maxUnappliedBytes: Int = 0
        /// After how many bytes of commands since the last snapshot ``Output/snapshotWanted(upTo:)`` is told; 0, never,
        /// by default.
        public var snapshotAfterBytes: Int = 0
        /// After how many applied entries since the last snapshot ``Output/snapshotWanted(upTo:)`` is told; 0, never,
        /// by default, because only the embedding program knows what a snapshot costs.
        public var snapshotAfter: Int = 0
        /// Whether a new leader appends an entry of its own term, so that entries of earlier terms get committed
        /// without waiting for a proposal (paper, section 8); on.
        public var appendsNoOp: Bool = true
        /// The most bytes of commands that wait for their commit at the leader: 64 MiB; beyond it proposals are
        /// rejected as ``Rejection/busy``, but one is always let through.
        public var maxUncommittedBytes: Int = 64 << 20
        /// How many entries a learner may lack when it is made a voter: 256, which one message brings with the default
        /// ``maxEntriesPerAppend``.
        ///
        /// A voter that lacks more cannot help to commit for a while, so that the group is weaker for the change
        /// (thesis, section 4.2.1).
        public var promotionDistance: Int = 256
        /// The most forwarded proposals whose answer a follower waits for: 1,024; beyond it the oldest is given up, its
        /// outcome unknown.
        public var maxForwards: Int = 1_024
        /// The most reads that wait for an answer at a node, asked there or by followers: 4,096; beyond it reads are
        /// refused as ``Rejection/busy``.
        public var maxReads: Int = 4_096
        /// How reads are confirmed: by a round of answers, ``ReadMode/index``; leases save the round, and trust clocks.
        public var readMode = ReadMode.index

        /// Who should rather lead; nobody by default.
        public var priorities = Priorities()
        /// Whether a leader hands over to a voter of a greater priority that has caught up; on, without effect as long
        /// as nobody has a priority.
        public var yieldsToPriority: Bool = true

        /// Whether a leader takes the vote of a member whose disk was damaged, by a change of the configuration, until
        /// that is healed and has caught up; on.
        ///
        /// Without it such a member waits for the operator to do so.
        public var repairsAmnesiacs: Bool = true

        /// After how many idle beats a group falls asleep: 0, never, by default.
        ///
        /// Set ``sleepLimit`` or feed ``Command/peerDown(_:)`` with it, see there.
        public var quiesceAfter: Int = 0
        /// After how long a sleeping follower looks whether its leader lives: 10 minutes; zero, never, is for programs
        /// whose failure detection tells of every death.
        public var sleepLimit: Interval = .seconds(600)

        /// Creates the default settings.
        public init() {}

        /// The most members a group may have, 1,024.
        public static var memberLimit: Int { 1_024 }

        /// The most bytes of commands or of a snapshot that surely fit into one message, with everything around them.
        public static var messageByteLimit: Int { Frame.byteLimit - (64 << 10) }

        /// The largest snapshot that can be spoken of, 1 GiB.
        public static var snapshotSizeLimit: Int { 1 << 30 }

        /// Refuses settings with which a group could not work.
        public func check() throws(SettingsError) {
            guard heartbeatInterval > .zero else { throw .heartbeatNotPositive }
            guard electionTimeoutMin > heartbeatInterval else { throw .electionNotLongerThanHeartbeat }
            guard electionTimeoutMax > electionTimeoutMin else { throw .electionWithoutSpread }
            guard maxEntriesPerAppend > 0, maxEntriesPerAppend <= Entry.countLimit else { throw .entriesPerAppend }
            guard maxBytesPerAppend > 0, maxBytesPerAppend <= Self.messageByteLimit / 2 else { throw .bytesPerAppend }
            guard maxEntriesPerApply > 0, maxBytesPerApply > 0 else { throw .applyNotPositive }
            guard maxInflight > 0 else { throw .inflightNotPositive }
            guard snapshotAfter >= 0 else { throw .snapshotAfterNegative }
            guard maxInflightBytes > 0 else { throw .inflightNotPositive }
            guard snapshotChunkBytes > 0, snapshotChunkBytes <= Self.messageByteLimit else { throw .snapshotChunk }
            guard maxSnapshotBytes > 0, maxSnapshotBytes <= Self.snapshotSizeLimit else { throw .snapshotBytes }
            guard snapshotWindow > 0, snapshotWindow <= 1 << 10 else { throw .snapshotWindow }
            guard snapshotAfterBytes >= 0 else { throw .snapshotAfterNegative }
            guard trailingEntries >= 0 else { throw .trailingNegative }
            guard maxUnappliedBytes >= 0 else { throw .unappliedNegative }
            guard maxUncommittedBytes > 0 else { throw .uncommittedNotPositive }
            guard maxForwards > 0 else { throw .forwardsNotPositive }
            guard maxReads > 0 else { throw .readsNotPositive }
            guard promotionDistance >= 0 else { throw .promotionDistanceNegative }
            try checkLease()
            guard quiesceAfter >= 0, sleepLimit >= .zero else { throw .quiescenceNegative }
        }

        /// How many beats of silence cost a leader its quorum: the longest election timeout, rounded up.
        var quorumRounds: UInt64 {
            let beats = (electionTimeoutMax.nanoseconds - 1) / heartbeatInterval.nanoseconds + 1
            return UInt64(bitPattern: beats)
        }
    }

    /// Why settings are refused, and what to do about it.
    public enum SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The heartbeat interval is zero or negative.
        case heartbeatNotPositive
        /// The shortest election timeout is not longer than the heartbeat interval.
        case electionNotLongerThanHeartbeat
        /// The longest election timeout is not longer than the shortest.
        case electionWithoutSpread
        /// The number of entries in a message is out of range.
        case entriesPerAppend
        /// The number of bytes in a message is out of range.
        case bytesPerAppend
        /// No entry may be handed out.
        case applyNotPositive
        /// No message may be in flight.
        case inflightNotPositive
        /// The snapshot distance is negative.
        case snapshotAfterNegative
        /// The size of a chunk is out of range.
        case snapshotChunk
        /// The size of the largest snapshot is out of range.
        case snapshotBytes
        /// The number of chunks under way is out of range.
        case snapshotWindow
        /// The number of entries that stay is negative.
        case trailingNegative
        /// The number of bytes that may be unapplied is negative.
        case unappliedNegative
        /// No byte may wait for its commit.
        case uncommittedNotPositive
        /// No proposal may be forwarded.
        case forwardsNotPositive
        /// No read may wait.
        case readsNotPositive
        /// The distance at which a learner counts as caught up is negative.
        case promotionDistanceNegative
        /// Reads by lease without the promise not to vote while a leader is alive.
        case leaseWithoutCheckQuorum
        /// A beat would make no lease that lasts until the next.
        case leaseTooShort
        /// A number of beats or a length of sleep is negative.
        case quiescenceNegative

        /// The reason and the way out, as a sentence.
        public var description: String {
            switch self {
            case .heartbeatNotPositive: "set heartbeatInterval above zero"
            case .electionNotLongerThanHeartbeat:
                "set electionTimeoutMin above heartbeatInterval (three times it is usual), or followers never settle"
            case .electionWithoutSpread:
                "set electionTimeoutMax above electionTimeoutMin (twice it is usual), or votes split for ever"
            case .entriesPerAppend: "set maxEntriesPerAppend to 1...65536"
            case .bytesPerAppend: "set maxBytesPerAppend to 1...2064384, so that a message fits into a frame"
            case .applyNotPositive: "set maxEntriesPerApply and maxBytesPerApply to at least 1"
            case .inflightNotPositive: "set maxInflight and maxInflightBytes to at least 1"
            case .snapshotAfterNegative: "set snapshotAfter and snapshotAfterBytes to 0 (never) or more"
            case .snapshotChunk: "set snapshotChunkBytes to 1...4128768, so that a chunk fits into a frame"
            case .snapshotBytes: "set maxSnapshotBytes to 1...1073741824"
            case .snapshotWindow: "set snapshotWindow to 1...1024"
            case .trailingNegative: "set trailingEntries to 0 or more"
            case .unappliedNegative: "set maxUnappliedBytes to 0 (not confirmed) or more"
            case .uncommittedNotPositive: "set maxUncommittedBytes to at least 1"
            case .forwardsNotPositive: "set maxForwards to at least 1"
            case .readsNotPositive: "set maxReads to at least 1"
            case .promotionDistanceNegative: "set promotionDistance to 0 (every entry) or more"
            case .leaseWithoutCheckQuorum: "set checkQuorum, or readMode to .index: a lease rests on votes refused"
            case .leaseTooShort:
                "raise electionTimeoutMin, or lower driftBound: a lease has to last longer than a heartbeatInterval"
            case .quiescenceNegative: "set quiesceAfter and sleepLimit to 0 (never) or more"
            }
        }
    }
}
