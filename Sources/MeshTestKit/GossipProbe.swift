public import MeshCore

/// One gossip node driven by hand: every input returns its effects.
public struct GossipProbe: Sendable {
    /// The node.
    public private(set) var node: Gossip.Node
    /// What the node's disk holds; every record is durable at once.
    public private(set) var stable = Gossip.Stable()
    /// The records in the order in which they were written.
    public private(set) var records: [Gossip.Stable.Record] = []
    /// The node's clock.
    public var now: Instant

    /// Starts a node.
    public init(
        _ id: UInt64 = 1, peers: [UInt64] = [], settings: Gossip.Settings = Gossip.Settings(), seed: UInt64 = 1,
        stable: Gossip.Stable = Gossip.Stable(), now: Instant = .zero
    ) {
        self.node = Gossip.Node(
            id: NodeID(id), peers: peers.map { NodeID($0) }, settings: settings, random: Random(seed: seed))
        self.stable = stable
        self.now = now
        node.restore(stable)
        step(.restarted)
    }

    /// Feeds one input and returns what follows from it.
    @discardableResult
    public mutating func step(_ input: Input<Gossip.Node>) -> Effects {
        var outbox = Outbox<Effect<Gossip.Node>>()
        node.step(input, at: now, into: &outbox)
        var effects = Effects()
        outbox.drain { effect in effects.take(effect) }
        for record in effects.records {
            records.append(record)
            stable.apply(record)
        }
        return effects
    }

    /// Gives a command.
    @discardableResult
    public mutating func command(_ command: Gossip.Command) -> Effects { step(.command(command)) }

    /// Writes a value.
    @discardableResult
    public mutating func set(_ key: Bytes, _ value: Bytes) -> Effects { command(.set(key: key, value: value)) }

    /// Delivers a message.
    @discardableResult
    public mutating func receive(_ message: Gossip.Message, from peer: UInt64) -> Effects {
        step(.receive(message, from: NodeID(peer)))
    }

    /// Lets the interval pass and the round timer run out.
    @discardableResult
    public mutating func round() -> Effects {
        now = now + node.settings.interval
        return step(.timer(.round))
    }

    /// Lets the push interval pass and the push timer run out.
    @discardableResult
    public mutating func pushAgain() -> Effects {
        now = now + node.settings.pushInterval
        return step(.timer(.push))
    }

    /// The effects of one step, by kind and in order.
    public struct Effects: Sendable {
        /// One letter for each effect in order: s(end), t(imer), c(ancelTimer), p(ersist), o(utput).
        public private(set) var order = ""
        /// Messages and their receivers.
        public private(set) var sends: [(message: Gossip.Message, to: NodeID)] = []
        /// Durable records.
        public private(set) var records: [Gossip.Stable.Record] = []
        /// Outputs.
        public private(set) var outputs: [Gossip.Output] = []
        /// When the round timer was set to run out.
        public private(set) var timer: Instant?
        /// When the push timer was set to run out.
        public private(set) var pushTimer: Instant?

        /// The messages without their receivers.
        public var messages: [Gossip.Message] { sends.map(\.message) }

        mutating func take(_ effect: Effect<Gossip.Node>) {
            switch effect {
            case .send(let message, to: let peer):
                order += "s"
                sends.append((message, peer))
            case .setTimer(.round, at: let instant):
                order += "t"
                timer = instant
            case .setTimer(.push, at: let instant):
                order += "t"
                pushTimer = instant
            case .cancelTimer: order += "c"
            case .persist(let record, _):
                order += "p"
                records.append(record)
            case .output(let output):
                order += "o"
                outputs.append(output)
            }
        }
    }
}
