/// What must follow from a step.
///
/// Effects are carried out in the order in which they were written.
public enum Effect<Machine: StateMachine>: Sendable {
    /// Sends a message. The network may lose, delay, double, reorder or damage it.
    case send(Machine.Message, to: NodeID)
    /// Sets a timer, replacing one of the same name. An instant that has passed fires at once.
    case setTimer(Machine.Timer, at: Instant)
    /// Forgets a timer; forgetting one that is not set does nothing.
    case cancelTimer(Machine.Timer)
    /// Writes a record. Sends and outputs that were written after it wait until it is durable, across later steps
    /// too; timers do not wait, they never leave the node.
    case persist(Machine.Stable.Record, Ticket)
    /// Tells the embedding program something.
    case output(Machine.Output)
}
