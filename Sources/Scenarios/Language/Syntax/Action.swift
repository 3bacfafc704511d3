public import MeshCore

extension Scenario {
    /// What a line of the timeline does.
    public enum Action: Equatable, Sendable {
        /// Splits the network: `partition {n1, n2} | {n3} | rest`, `partition halves`.
        case partition(Partition)

        /// Cuts nodes off from all others, in both directions; the nodes of a set keep each other.
        case isolate(Target)

        /// Cuts links: nothing gets through, `cut n1 -> n2`, `cut leader <-> any`.
        case cut(Links)

        /// Takes cuts back: `uncut n1 -> n2`; `nil` (`uncut`) means every cut.
        case uncut(Links?)

        /// Ends every partition, isolation and cut.
        case heal

        /// Ends everything the timeline did to the world.
        ///
        /// Partitions, cuts, clogs, conditions, pauses, slow nodes, slow and stalled disks and drifting clocks end, and
        /// crashed nodes restart: `heal everything`. Clocks stay as far off as they are.
        case healEverything

        /// Changes how links treat messages: `loss 30% on n1 -> n2 of raft.vote for 2s`.
        case degrade(LinkRule)

        /// Holds back what travels on links until it is unclogged; nothing gets lost: `clog leader -> any`.
        case clog(Links)

        /// Lets what was held back go on: `unclog n1 -> n2`; `nil` (`unclog`) means every link.
        case unclog(Links?)

        /// Stops nodes at once: `crash leader losing unsynced`.
        case crash(Target, CrashMode)

        /// Starts crashed nodes from what their disks hold.
        case restart(Target)

        /// Starts nodes for the first time; until then they do not exist.
        case start(Target)

        /// Freezes nodes; messages and timers wait.
        case pause(Target)

        /// Lets paused nodes go on.
        case resume(Target)

        /// Makes nodes take longer for each step: `slow n3 by 10x`.
        case slow(Target, by: Setting<Factor>)

        /// Changes the clocks of nodes: `clock n3 jump -2s`.
        case clock(Target, ClockChange)

        /// Keeps disks from finishing anything: `stall disk on n3 for 2s`.
        case stallDisk(Target)

        /// Makes each write and each fsync take so long: `slow disk on n3 to 50ms..100ms`.
        case slowDisk(Target, to: IntervalRange)

        /// Sets a key of the gossip state: `set "config:theme" = "dark" on n1`.
        case set(key: Bytes, value: Bytes, expires: Setting<Interval>?, on: Target)

        /// Deletes a key of the gossip state: `delete "config:theme" on n1`.
        case delete(key: Bytes, on: Target)

        /// Proposes a command to Raft: `propose "text" on leader`.
        case propose(Bytes, on: Target)

        /// Lets nodes leave the cluster gracefully.
        case leave(Target)

        /// Subscribes to keys of the gossip state: `subscribe "cursor:*" on n1`.
        case subscribe(pattern: Bytes, on: Target)

        /// Lets the leader hand over, to a node or to whoever is ready: `transfer leader to n2`, `transfer leadership`.
        case transfer(to: Target?)

        /// Changes who belongs to the Raft group: `add n4 as learner`, `change voters to n2, n3, n4`; asked of its
        /// leader, or of a node that hands the wish on: `remove n3 on follower`.
        case members(MemberChange, on: Target?)

        /// Lets disks do something wrong: `torn write on n2`, `disk full on leader for 4s`.
        case diskFault(DiskFault, on: Target)

        /// Crashes nodes at one of their next syncs: `crash n2 before sync 17 losing unsynced for 300ms`.
        case crashAtSync(Target, SyncMoment, CrashMode)

        /// Leaves everything that chance decides from here on to another seed: `reseed 17`.
        case reseed(UInt64)

        /// Lets members tell something else of themselves: `describe n3 region "eu" capability "gpu"`.
        case describe(Target, Swim.Metadata)
    }

    /// A boundary of what a disk holds: just before or just after one of its next syncs takes effect.
    public struct SyncMoment: Equatable, Sendable {
        /// Which sync, from 1, counted from when the line runs, over restarts.
        public var count: Setting<Int64>

        /// Whether it is before the sync takes effect, so that what it would have made durable is not; after it, the
        /// node has not been told yet, and nothing that waited has left.
        public var isBefore: Bool

        /// Creates a boundary.
        public init(_ count: Setting<Int64>, isBefore: Bool) {
            self.count = count
            self.isBefore = isBefore
        }
    }

    /// How a network is split.
    public enum Partition: Equatable, Sendable {
        /// Into these groups; nodes in none of them form one more group.
        case groups([Target])

        /// Into two random groups whose sizes differ by at most one: `partition halves`.
        case halves

        /// Each node reaches only its two neighbours in the order of the names: `partition ring`.
        case ring

        /// Into two random halves that both reach this node: `partition bridge n3`.
        case bridge(Target)
    }

    /// What a crash leaves on the disk.
    public enum CrashMode: UInt8, Equatable, Sendable, CaseIterable {
        /// Everything that was written, synced or not: the process dies and the machine goes on.
        case cleanly

        /// Only what was synced: the power fails.
        case losingUnsynced

        /// Nothing: the disk is replaced.
        case wiped
    }

    /// What happens to a clock.
    public enum ClockChange: Equatable, Sendable {
        /// Shows this much more than the real time, from now on: `skew +200ms`.
        case skew(Setting<Interval>)

        /// Runs this much faster than real time, from now on: `drift +500ppm`.
        case drift(Setting<Drift>)

        /// Jumps once by this much: `jump -2s`.
        case jump(Setting<Interval>)
    }

    /// The name of what a line of the timeline does, as events refer to it (`within 2s after heal`).
    public enum Verb: UInt8, Equatable, Sendable, CaseIterable {
        /// A split of the network.
        case partition

        /// An isolation.
        case isolate

        /// A cut.
        case cut

        /// The end of a cut.
        case uncut

        /// The end of every partition and cut, or of everything.
        case heal

        /// A change of how links treat messages.
        case degrade

        /// A clog.
        case clog

        /// The end of a clog.
        case unclog

        /// A crash.
        case crash

        /// A restart.
        case restart

        /// A first start.
        case start

        /// A pause.
        case pause

        /// The end of a pause.
        case resume

        /// A slow node.
        case slow

        /// A change of a clock.
        case clock

        /// Anything that a disk does wrong.
        case disk

        /// A key set.
        case set

        /// A key deleted.
        case delete

        /// A proposal.
        case propose

        /// A graceful leave.
        case leave

        /// A subscription.
        case subscribe

        /// A transfer of the lead.
        case transfer

        /// A change of who belongs to the Raft group, of any kind.
        case change

        /// Another seed for chance.
        case reseed

        /// A member that tells something else of itself.
        case describe
    }
}

extension Scenario.Action {
    /// The name by which events refer to the action.
    public var verb: Scenario.Verb {
        switch self {
        case .partition: return .partition
        case .isolate: return .isolate
        case .cut: return .cut
        case .uncut: return .uncut
        case .heal, .healEverything: return .heal
        case .degrade: return .degrade
        case .clog: return .clog
        case .unclog: return .unclog
        case .crash: return .crash
        case .restart: return .restart
        case .start: return .start
        case .pause: return .pause
        case .resume: return .resume
        case .slow: return .slow
        case .clock: return .clock
        case .stallDisk, .slowDisk, .diskFault, .crashAtSync: return .disk
        case .set: return .set
        case .delete: return .delete
        case .propose: return .propose
        case .leave: return .leave
        case .subscribe: return .subscribe
        case .transfer: return .transfer
        case .members: return .change
        case .reseed: return .reseed
        case .describe: return .describe
        }
    }

    /// Whether the action may carry `for 2s`, after which it is undone.
    public var canBeUndone: Bool {
        switch self {
        case .partition, .isolate, .cut, .degrade, .clog, .crash, .pause, .slow, .stallDisk, .slowDisk, .crashAtSync:
            return true
        case .clock(_, .skew), .clock(_, .drift): return true
        case .clock(_, .jump): return false
        case .diskFault(let fault, _): return fault.canLast
        case .uncut, .heal, .healEverything, .unclog, .restart, .start, .resume: return false
        case .set, .delete, .propose, .leave, .subscribe, .transfer, .members, .reseed, .describe: return false
        }
    }
}
