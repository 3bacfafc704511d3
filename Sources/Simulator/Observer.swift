public import MeshCore

/// Whoever watches a simulation: checkers, traces, workloads.
///
/// The run loop is specialised for its observer, so a method that is not implemented costs nothing. An observer is a
/// value, so that a simulation can be copied together with what was observed so far.
public protocol Observer<Machine>: Sendable {
    /// The machine whose simulation is watched.
    associatedtype Machine: StateMachine

    /// Whether the run should stop before its next event.
    var wantsStop: Bool { get }

    /// A machine is about to take an input.
    mutating func willStep(
        _ input: borrowing Input<Machine>, at node: NodeID, in simulation: borrowing Simulation<Machine>)

    /// A machine has taken an input and wrote these effects; none is carried out yet.
    mutating func didStep(
        _ effects: borrowing Outbox<Effect<Machine>>, at node: NodeID, in simulation: borrowing Simulation<Machine>)

    /// A send or an output leaves the node: everything that was persisted before it is durable.
    mutating func willRelease(
        _ effect: borrowing Effect<Machine>, at node: NodeID, in simulation: borrowing Simulation<Machine>)

    /// The records a node wrote up to now became durable.
    mutating func didPersist(at node: NodeID, in simulation: borrowing Simulation<Machine>)

    /// A node started, crashed, paused or resumed, or could not.
    mutating func didChange(_ change: HostChange, at node: NodeID, in simulation: borrowing Simulation<Machine>)

    /// A message was lost, and why.
    mutating func didLose(
        _ reason: LossReason, from: NodeID, to: NodeID, in simulation: borrowing Simulation<Machine>)
}

/// What happened to a node as a whole.
public enum HostChange: Hashable, Sendable {
    /// It runs, for the first time or again.
    case started
    /// It is gone until it is started again.
    case crashed(CrashMode)
    /// It is frozen; what reaches it waits.
    case paused
    /// It goes on and takes what waited.
    case resumed
    /// Its disk failed under it; it crashes with that, and can be started again.
    case storageFailed(Storage.Failure)
    /// It could not be started: its disk does not hold what it once promised.
    case refused(Storage.Failure)
    /// Its disk was found damaged; it is about to start from what was legible.
    case salvaged(Storage.SalvageReport)
}

/// Why a message did not arrive.
public enum LossReason: Hashable, Sendable {
    /// Chance, a cut when it was sent, or a full queue.
    case network
    /// A cut at the time it would have arrived.
    case cutInFlight
    /// The receiver was down.
    case receiverDown
    /// The receiver's checks threw a damaged frame away.
    case damaged
}

extension Observer {
    /// Never stops the run.
    @inlinable public var wantsStop: Bool { false }
    /// Does nothing.
    @inlinable
    public mutating func willStep(
        _ input: borrowing Input<Machine>, at node: NodeID, in simulation: borrowing Simulation<Machine>
    ) {}
    /// Does nothing.
    @inlinable
    public mutating func didStep(
        _ effects: borrowing Outbox<Effect<Machine>>, at node: NodeID, in simulation: borrowing Simulation<Machine>
    ) {}
    /// Does nothing.
    @inlinable
    public mutating func willRelease(
        _ effect: borrowing Effect<Machine>, at node: NodeID, in simulation: borrowing Simulation<Machine>
    ) {}
    /// Does nothing.
    @inlinable
    public mutating func didPersist(at node: NodeID, in simulation: borrowing Simulation<Machine>) {}
    /// Does nothing.
    @inlinable
    public mutating func didChange(
        _ change: HostChange, at node: NodeID, in simulation: borrowing Simulation<Machine>
    ) {}
    /// Does nothing.
    @inlinable
    public mutating func didLose(
        _ reason: LossReason, from: NodeID, to: NodeID, in simulation: borrowing Simulation<Machine>
    ) {}
}

/// An observer that watches nothing.
public struct NoObserver<Machine: StateMachine>: Observer {
    /// Creates it.
    @inlinable
    public init() {}
}
