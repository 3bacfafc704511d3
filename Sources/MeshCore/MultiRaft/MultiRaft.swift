/// Many Raft groups on one node, as one machine.
///
/// Groups share what would cost each of them dearly: one timer of the driver moves a wheel on which all of theirs
/// stand, what one step has to say to a peer travels as one message, beats of all groups fall on the same moments so
/// that they do, and idle groups sleep (see ``Raft/Settings/quiesceAfter``) while nodes watch each other once for all
/// of them. Ten thousand idle groups therefore cost as much as one: a message between each pair of nodes now and then.
///
/// Source: the coalesced heartbeats and quiescence of CockroachDB, TiKV's multi-raft and hibernating regions.
public enum MultiRaft {}

extension MultiRaft {
    /// The name of a group; the same on all of its nodes, and never used again for another.
    public struct GroupID: Hashable, Sendable, Comparable, CustomStringConvertible {
        /// The number.
        public let rawValue: UInt64

        /// Creates the name with this number.
        @inlinable
        public init(_ rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// Orders groups by number.
        @inlinable
        public static func < (left: GroupID, right: GroupID) -> Bool { left.rawValue < right.rawValue }

        /// The name as traces write it, such as `g17`.
        public var description: String { "g\(rawValue)" }
    }

    /// What can be chosen about a node; all nodes should choose alike.
    public struct Settings: Hashable, Sendable {
        /// The settings of every group: the defaults, but asleep after four idle beats and for as long as it takes.
        ///
        /// ``Raft/Settings/sleepLimit`` is zero because nodes watch each other; set it when ``beatInterval`` is zero
        /// and nobody sends ``Command/peerDown(_:)``.
        public var raft: Raft.Settings
        /// How finely time is told: 10 ms, a fifth of a heartbeat; patience lasts up to two of these longer.
        public var tick: Interval = .milliseconds(10)
        /// How often a node lets the others hear from it when it has nothing else to say: every 500 ms; zero, never.
        public var beatInterval: Interval = .milliseconds(500)
        /// After how long a silent node is believed dead, and the groups that sleep under it are woken: 2 s, so that
        /// three lost beats are no death.
        public var patience: Interval = .seconds(2)
        /// The most bytes of commands and snapshots in one message to a peer: 1 MiB, unless one message of a group has
        /// more.
        public var maxBatchBytes: Int = 1 << 20
        /// The most groups on a node: a million.
        public var maxGroups: Int = 1_000_000

        /// Creates the default settings.
        public init() {
            raft = Raft.Settings()
            raft.quiesceAfter = 4
            raft.sleepLimit = .zero
        }

        /// Refuses settings with which a node could not work.
        public func check() throws(SettingsError) {
            do {
                try raft.check()
            } catch {
                throw .raft(error)
            }
            switch raft.readMode {
            case .index: break
            case .lease: throw .lease
            }
            let longestTick = Interval(nanoseconds: raft.heartbeatInterval.nanoseconds / 2)
            guard tick > .zero, tick <= longestTick else { throw .tick }
            guard beatInterval >= .zero, patience > beatInterval else { throw .patience }
            guard maxBatchBytes > 0, maxBatchBytes <= Frame.byteLimit / 2 else { throw .batchBytes }
            guard maxGroups > 0, maxGroups <= 1 << 30 else { throw .groups }
        }

        /// How many beats of silence make a node dead.
        var patienceBeats: UInt64 {
            guard beatInterval > .zero else { return 0 }
            return UInt64(bitPattern: (patience.nanoseconds - 1) / beatInterval.nanoseconds + 1)
        }
    }

    /// Why settings are refused, and what to do about it.
    public enum SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The settings of the groups are refused.
        case raft(Raft.SettingsError)
        /// Groups that share a timer cannot measure leases: a node that was paused would believe in them for too long.
        case lease
        /// The tick is not positive, or too coarse for heartbeats.
        case tick
        /// Silence is noticed before a beat can be heard.
        case patience
        /// A batch could not hold anything, or not travel.
        case batchBytes
        /// The number of groups is out of range.
        case groups

        /// The reason and the way out, as a sentence.
        public var description: String {
            switch self {
            case .raft(let error): error.description
            case .lease: "set raft.readMode to .index"
            case .tick: "set tick above zero and to at most half of raft.heartbeatInterval"
            case .patience: "set patience above beatInterval (four times it is usual), and beatInterval to 0 or more"
            case .batchBytes: "set maxBatchBytes to 1...2097152, so that a batch fits into a frame"
            case .groups: "set maxGroups to 1...1073741824"
            }
        }
    }
}

extension Random.Purpose {
    /// The generator of one group.
    static var multiRaftGroup: Random.Purpose { Random.Purpose(0x0110) }
}
