/// What can happen to a machine.
public enum Input<Machine: StateMachine>: Sendable {
    /// A message arrived.
    case receive(Machine.Message, from: NodeID)
    /// A timer that was set ran out. A cancelled or replaced timer never arrives.
    case timer(Machine.Timer)
    /// The embedding program asks for something.
    case command(Machine.Command)
    /// Everything up to and including this ticket's record is durable.
    case persisted(Ticket)
    /// The node has just started, for the first time or after a crash: set your timers.
    case restarted
}

/// The name a machine gives to one durable write, so that it recognises its completion.
public struct Ticket: Hashable, Sendable, Comparable {
    /// The number; a machine hands out growing ones.
    public let rawValue: UInt64

    /// Creates the ticket with this number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Orders tickets by number.
    @inlinable
    public static func < (left: Ticket, right: Ticket) -> Bool {
        left.rawValue < right.rawValue
    }
}
