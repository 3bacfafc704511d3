public import MeshCore

/// Drives one machine with real time and a real disk: one step at a time, effects in order, nothing out before its
/// records are durable.
///
/// It owns no thread, socket or clock. A loop feeds it what arrived, with the moment, and then lets it settle: one sync
/// makes the records of all these inputs durable at once, and what has to leave the node is handed out.
///
/// ```swift
/// driver.take(.receive(message, from: peer), at: SystemClock.now)   // as often as something has arrived
/// try driver.settle(at: SystemClock.now)                            // one sync, whatever waited for it
/// while let departure = driver.nextDeparture() { … }                // sends and outputs, in order
/// // wait for input, until driver.nextDeadline at the latest
/// ```
///
/// The simulator does the same with a virtual clock and a disk that misbehaves.
public struct NodeDriver<Machine: StateMachine, Log: Journal & ~Copyable>: ~Copyable
where Log.Stable == Machine.Stable {
    /// The machine.
    public private(set) var machine: Machine
    /// Where its records go.
    public private(set) var journal: Log
    private var outbox = Outbox<Effect<Machine>>()
    private var deadlines = Deadlines<Machine.Timer>()
    private var departures = Ring<Departure>()
    private var held = Ring<Held>()
    /// How many records were appended, and how many of them are durable.
    private var appended: UInt64 = 0
    private var durable: UInt64 = 0

    /// What leaves the node.
    public enum Departure: Sendable {
        /// A message.
        case send(Machine.Message, to: NodeID)
        /// Something the embedding program is told.
        case output(Machine.Output)
    }

    /// A departure that waits until this many records are durable.
    private struct Held: Sendable {
        var departure: Departure
        var barrier: UInt64
    }

    /// Creates a driver; the machine has been restored from what the journal holds, and has not started.
    public init(_ machine: consuming Machine, journal: consuming Log) {
        self.machine = machine
        self.journal = journal
    }

    /// When the next timer runs out, on the clock of ``Moment/elapsed``; `nil` while none is set.
    public var nextDeadline: Instant? { deadlines.next }

    /// Gives the machine an input, after every timer that has run out.
    ///
    /// - Complexity: That of the machine's step, and O(timers that are set).
    public mutating func take(_ input: consuming Input<Machine>, at now: Moment) {
        fireTimers(at: now)
        step(input, at: now)
    }

    /// Gives the machine the timers that have run out, makes what was written durable, and lets go what waited for it.
    ///
    /// - Throws: What the disk says. It is the last word: the node has to stop, and may be started again.
    public mutating func settle(at now: Moment) throws(FileError) {
        fireTimers(at: now)
        while durable < appended {
            let batch = appended
            guard let ticket = try journal.commit() else { break }
            durable = batch
            while let first = held.first, first.barrier <= durable {
                departures.append(first.departure)
                _ = held.popFirst()
            }
            step(.persisted(ticket), at: now)
        }
    }

    /// Takes the oldest departure out.
    public mutating func nextDeparture() -> Departure? { departures.popFirst() }

    private mutating func fireTimers(at now: Moment) {
        // What a timer sets for an instant that has passed is for the next call, so that this one ends.
        var dueCount = deadlines.dueCount(at: now.elapsed)
        while dueCount > 0, let timer = deadlines.takeDue(at: now.elapsed) {
            step(.timer(timer), at: now)
            dueCount -= 1
        }
    }

    private mutating func step(_ input: consuming Input<Machine>, at now: Moment) {
        machine.step(input, at: now.wall, into: &outbox)
        while !outbox.isEmpty {
            switch outbox.take() {
            case .send(let message, to: let peer): depart(.send(message, to: peer))
            case .output(let output): depart(.output(output))
            case .setTimer(let timer, at: let instant):
                // Timers measure elapsed time: what counts is the distance from the node's own clock.
                deadlines.set(timer, at: now.elapsed + (instant - now.wall))
            case .cancelTimer(let timer): deadlines.cancel(timer)
            case .persist(let record, let ticket):
                journal.append(record, ticket)
                appended += 1
            }
        }
    }

    private mutating func depart(_ departure: consuming Departure) {
        if durable == appended && held.isEmpty {
            departures.append(departure)
        } else {
            held.append(Held(departure: departure, barrier: appended))
        }
    }
}
