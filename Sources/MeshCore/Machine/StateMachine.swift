/// A protocol as a plain value: one way in, one way out.
///
/// A machine never reads a clock, draws from a shared generator, opens a file or keeps a task. Whoever drives it (the
/// simulator with a virtual clock, the runtime with a real one) feeds it an ``Input`` and the time, and carries out
/// the ``Effect`` values it wrote. The same value therefore runs in a simulation and in production, and can be copied,
/// forked into several futures and rewound.
///
/// Contract of `step`:
/// - It never traps and never throws on what a peer sent; it ignores, answers, or reports the message as an output.
/// - Effects keep their order. Nothing that stands after a ``Effect/persist(_:_:)`` may leave the node before
///   ``Input/persisted(_:)`` came back for it.
/// - `now` is the node's own clock. Timers measure elapsed time; `now` may jump, in both directions.
/// - A driver delivers every timer that is due before any other input. It takes the input in hand first, then looks
///   which timers have run out, delivers those, and the input last; so a machine that was frozen, however long, learns
///   how much time has passed before it answers anybody. The clock that timers run on counts the time in which the
///   whole machine was suspended (`CLOCK_BOOTTIME` on Linux, `mach_continuous_time` on Darwin).
public protocol StateMachine: Sendable {
    /// What travels between nodes.
    associatedtype Message: NetworkMessage
    /// Names of the machine's timers; a handful per machine (many deadlines belong in a heap behind one timer).
    associatedtype Timer: Traceable & Hashable
    /// What the embedding program asks of the machine.
    associatedtype Command: Traceable
    /// What the machine tells the embedding program.
    associatedtype Output: Traceable
    /// What survives a crash: the fold of all durable records.
    associatedtype Stable: StableState = Stateless

    /// Takes one input at a point in time and writes what must follow, in order.
    ///
    /// - Parameters:
    ///   - input: What happened.
    ///   - now: The node's own clock.
    ///   - outbox: A lent, reused buffer; the machine only appends.
    mutating func step(_ input: consuming Input<Self>, at now: Instant, into outbox: inout Outbox<Effect<Self>>)

    /// Takes over what a disk held. Called once, on a fresh machine, before ``Input/restarted``.
    ///
    /// - Parameter stable: The fold of every record that was durable.
    mutating func restore(_ stable: Stable)
}

extension StateMachine {
    /// The buffer a step of this machine writes into.
    public typealias Effects = Outbox<Effect<Self>>
}

extension StateMachine where Stable == Stateless {
    /// Does nothing: the machine keeps nothing on disk.
    public mutating func restore(_ stable: Stateless) {}
}

/// The image that durable records leave on a disk.
///
/// A disk is a sequence of records; its content is their fold. ``WriteAheadLog`` encodes them, folds what it can read
/// back, and begins anew from ``records`` so that the log does not grow for ever.
public protocol StableState: Sendable {
    /// One unit of durable change, written whole or not at all.
    associatedtype Record: Traceable & WireCodable

    /// Creates the image of an empty disk.
    init()

    /// The fewest records that leave the same image.
    ///
    /// - Complexity: O(size of the image).
    var records: [Record] { get }

    /// Folds one durable record into the image.
    mutating func apply(_ record: consuming Record)

    /// The record that marks an image as one behind which records were lost, for machines that can go on with it.
    ///
    /// Whoever is restored from an image so marked must not do what forgetting a promise makes dangerous. `nil`, by
    /// default, for machines that cannot tell: a damaged disk stays refused.
    static var amnesia: Record? { get }
}

extension StableState {
    /// None: a machine that does not say how it goes on after a loss does not.
    public static var amnesia: Record? { nil }
}

/// The stable state of a machine that keeps nothing.
public struct Stateless: StableState {
    /// There is no record to write.
    public enum Record: Traceable, WireCodable {
        /// Never called: there are no values.
        public func digest(into digest: inout Digest) {}
        /// Never called: there are no values.
        public var description: String { "" }
        /// Never called: there are no values.
        public func encode(into writer: inout WireWriter) {}
        /// Refuses all bytes: there are no values.
        public init(from reader: inout WireReader) throws(WireError) { throw .unknownTag(0) }
    }

    /// Creates the empty image.
    public init() {}

    /// None.
    public var records: [Record] { [] }

    /// Never called: there are no records.
    public mutating func apply(_ record: consuming Record) {}
}
