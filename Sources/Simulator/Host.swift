public import MeshCore

/// Whether a node is there.
public enum HostStatus: Hashable, Sendable {
    /// It has not been started yet.
    case absent
    /// It takes inputs.
    case running
    /// It is frozen; what reaches it waits.
    case paused
    /// It is gone until it is started again.
    case crashed
}

/// A node of the simulation: the machine, and the clock, timers and disk it was given.
@usableFromInline
struct Host<Machine: StateMachine>: Sendable {
    @usableFromInline var machine: Machine
    /// The machine as it was before it ever ran; a restart begins here.
    @usableFromInline var blueprint: Machine
    @usableFromInline var status = HostStatus.absent
    @usableFromInline var clock = NodeClock()
    @usableFromInline var timers: [TimerState] = []
    @usableFromInline var disk = ByteDisk()
    @usableFromInline var log: WriteAheadLog<Machine.Stable>
    @usableFromInline var lanes = DiskLanes()
    /// Why the node cannot start from what its disk holds; `nil` if it can.
    @usableFromInline var refusal: Storage.Failure?
    /// Sends and outputs that wait for records to become durable.
    @usableFromInline var held = Ring<Held>()
    /// Inputs that wait because the node is paused or busy.
    @usableFromInline var backlog = Ring<Pending>()
    /// Timers that ran out meanwhile; they come before the backlog, as the contract of `StateMachine` says.
    @usableFromInline var dueTimers = Ring<DueTimer>()
    /// How long the node is occupied by each input; zero unless it was slowed down.
    @usableFromInline var stepLength = Interval.zero
    @usableFromInline var busyUntil = Int64.min
    @usableFromInline var isWakeScheduled = false

    /// A timer of the machine, and the queue entry that stands for it.
    @usableFromInline
    struct TimerState: Sendable {
        @usableFromInline var timer: Machine.Timer
        @usableFromInline var isSet: Bool
        /// When and in which order it is due.
        @usableFromInline var deadline: Int64
        @usableFromInline var sequence: UInt64
        /// When its entry in the queue comes up; `Int64.max` when it has none.
        ///
        /// A timer that was postponed keeps its entry and is queued again when that comes up.
        @usableFromInline var queuedAt: Int64
        /// Entries of another generation are stale.
        @usableFromInline var generation: UInt32

        @inlinable
        init(_ timer: Machine.Timer) {
            self.timer = timer
            self.isSet = false
            self.deadline = 0
            self.sequence = 0
            self.queuedAt = Int64.max
            self.generation = 0
        }
    }

    /// An effect that waits until this many records are durable.
    @usableFromInline
    struct Held: Sendable {
        @usableFromInline var effect: Effect<Machine>
        /// The digest of the message, when it is a send.
        @usableFromInline var fingerprint: UInt64
        @usableFromInline var barrier: UInt64

        @inlinable
        init(effect: consuming Effect<Machine>, fingerprint: UInt64, barrier: UInt64) {
            self.effect = effect
            self.fingerprint = fingerprint
            self.barrier = barrier
        }
    }

    /// A timer that came due, unless it was set anew since.
    @usableFromInline
    struct DueTimer: Sendable {
        @usableFromInline var slot: Int
        @usableFromInline var sequence: UInt64

        @inlinable
        init(slot: Int, sequence: UInt64) {
            self.slot = slot
            self.sequence = sequence
        }
    }

    /// Something a node will take when it can.
    @usableFromInline
    enum Pending: Sendable {
        /// A message, with its digest and the number of the event that sent it.
        case message(Machine.Message, from: NodeID, digest: UInt64, cause: UInt64)
        /// A command.
        case command(Machine.Command)
        /// Records that became durable, the last one's ticket.
        case persisted(Ticket, durable: UInt64)
    }

    @inlinable
    init(_ machine: Machine, _ storage: Storage.Settings) {
        self.machine = machine
        self.blueprint = machine
        self.log = WriteAheadLog(settings: storage)
    }

    /// Whether an input can be taken now.
    @inlinable
    func isFree(at now: Int64) -> Bool {
        status == .running && busyUntil <= now && !hasWaiting
    }

    /// Whether an input waits.
    @inlinable var hasWaiting: Bool { !backlog.isEmpty || !dueTimers.isEmpty }

    /// Finds a timer or makes room for it.
    ///
    /// - Complexity: O(number of timers the machine ever named), a handful.
    @inlinable
    mutating func slot(of timer: Machine.Timer) -> Int {
        for index in 0..<timers.count where timers[index].timer == timer { return index }
        timers.append(TimerState(timer))
        return timers.count - 1
    }
}
