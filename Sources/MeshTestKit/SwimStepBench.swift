public import MeshCore

/// One machine on a bench: feeds it inputs, keeps its effects, and fires its timers by elapsed time.
///
/// The machine's own clock is the elapsed time plus an offset that a test can move, in both directions; running timers
/// keep their remaining time, as on a real host.
public struct StepBench<Machine: StateMachine> {
    /// A message with its receiver.
    public struct Sent {
        /// What was sent.
        public let message: Machine.Message
        /// To whom.
        public let peer: NodeID
    }

    /// The machine.
    public private(set) var machine: Machine
    /// The time since the start of the test.
    public private(set) var elapsed: Interval = .zero
    /// How far the machine's own clock is from the elapsed time.
    public var clockOffset: Interval = .zero
    /// What was sent since the last ``forget()``.
    public private(set) var sent: [Sent] = []
    /// What was told since the last ``forget()``.
    public private(set) var outputs: [Machine.Output] = []

    private var timers: [(timer: Machine.Timer, due: Interval)] = []

    /// Puts a machine on the bench.
    public init(_ machine: Machine) {
        self.machine = machine
    }

    /// The machine's own clock.
    public var now: Instant { .zero + elapsed + clockOffset }

    /// The timers that are set.
    public var runningTimers: [Machine.Timer] { timers.map(\.timer) }

    /// How long a timer still runs; `nil` when it is not set.
    public func remaining(of timer: Machine.Timer) -> Interval? {
        timers.first { $0.timer == timer }.map { $0.due - elapsed }
    }

    /// Forgets what was sent and told so far.
    public mutating func forget() {
        sent = []
        outputs = []
    }

    /// Feeds one input.
    public mutating func feed(_ input: Input<Machine>) {
        var outbox = Outbox<Effect<Machine>>()
        let now = now
        machine.step(input, at: now, into: &outbox)
        outbox.drain { effect in
            switch effect {
            case .send(let message, let peer): sent.append(Sent(message: message, peer: peer))
            case .output(let output): outputs.append(output)
            case .setTimer(let timer, let instant):
                timers.removeAll { $0.timer == timer }
                let remaining = instant - now
                timers.append((timer, elapsed + (remaining < .zero ? .zero : remaining)))
            case .cancelTimer(let timer): timers.removeAll { $0.timer == timer }
            case .persist: break
            }
        }
    }

    /// Lets time pass and fires what runs out, at its time.
    public mutating func advance(_ interval: Interval) {
        let end = elapsed + interval
        while let index = timers.indices.min(by: { timers[$0].due < timers[$1].due }), timers[index].due <= end {
            let (timer, due) = timers.remove(at: index)
            elapsed = due
            feed(.timer(timer))
        }
        elapsed = end
    }

    /// Lets time pass up to the moment at which a timer fires, and fires it; earlier ones fire first.
    ///
    /// - Returns: Whether the timer was set.
    @discardableResult
    public mutating func advance(to timer: Machine.Timer) -> Bool {
        guard let remaining = remaining(of: timer) else { return false }
        advance(remaining)
        return true
    }
}

extension StepBench<Swim.Node> {
    /// A node that has started and has met these members, each alive at incarnation 0; what that sent is forgotten.
    ///
    /// Its rumours have been told, so that they do not appear in what follows.
    public init(id: UInt64 = 1, members: [UInt64], settings: Swim.Settings = Swim.Settings(), seed: UInt64 = 1) {
        self.init(Swim.Node(id: NodeID(id), seeds: [], settings: settings, random: Random(seed: seed)))
        feed(.restarted)
        for member in members { receive(.gossip, from: member) }
        for _ in 0..<1_000 where machine.rumorCount > 0 {
            receive(.ping(sequence: 0, requester: nil), from: members.first ?? 1)
        }
        forget()
    }

    /// Feeds a message of an alive sender.
    public mutating func receive(
        _ purpose: Swim.Message.Purpose, from sender: UInt64, incarnation: UInt32 = 0, _ updates: Swim.Update...
    ) {
        let claim = Swim.Claim(.alive, Swim.Incarnation(incarnation))
        feed(.receive(Swim.Message(purpose, sender: claim, updates: updates), from: NodeID(sender)))
    }

    /// The pings that were sent on our own behalf, with their targets.
    public var pings: [(sequence: UInt32, target: NodeID, updates: [Swim.Update])] {
        sent.compactMap { sent in
            guard case .ping(let sequence, nil) = sent.message.purpose else { return nil }
            return (sequence, sent.peer, sent.message.updates)
        }
    }

    /// The outputs without the ignored inputs.
    public var news: [Swim.Output] {
        outputs.filter { if case .ignored = $0 { false } else { true } }
    }
}

extension Swim.Update {
    /// A rumour in short: `.of(3, .suspect, 2)`.
    public static func of(
        _ node: UInt64, _ status: Swim.Status, _ incarnation: UInt32 = 0, by accuser: UInt64 = 0
    ) -> Swim.Update {
        Swim.Update(NodeID(node), status, Swim.Incarnation(incarnation), by: NodeID(accuser))
    }
}
