public import MeshCore

/// A Raft group in memory, moved by hand: nothing is delivered, lost, made durable or crashed unless the test says so.
///
/// It honours the durability contract to the letter (what stands behind an unfinished write is held back, across steps)
/// and checks the promises of Raft after every step; ``violations`` collects what was broken.
public struct RaftCluster: Sendable {
    /// A message under way.
    public struct Letter: Sendable, CustomStringConvertible {
        /// The sender.
        public let from: NodeID
        /// The receiver.
        public let to: NodeID
        /// What it says.
        public let message: Raft.Message

        /// Sender, receiver and message on one line.
        public var description: String { "\(from)->\(to) \(message)" }
    }

    /// A node with its disk and its driver.
    public struct Host: Sendable {
        /// The running node; what it was before the crash while it is down.
        public internal(set) var node: Raft.Node
        /// What is durable.
        public internal(set) var disk: Raft.Stable
        /// Records that are written and not durable, oldest first.
        public internal(set) var unsynced: [(ticket: Ticket, record: Raft.Stable.Record)] = []
        /// Effects behind them, each with the ticket it waits for.
        var held: [(ticket: Ticket, effect: Effect<Raft.Node>)] = []
        /// The timers that are set.
        public internal(set) var timers: [(name: Raft.Timer, at: Instant)] = []
        /// Whether the node runs.
        public internal(set) var isUp = false
        /// Everything the node has told since its last start.
        public internal(set) var outputs: [Raft.Output] = []
        /// The commands in the embedding program's state, in order; a snapshot is their list.
        public internal(set) var state: [Bytes] = []
        /// The node's clock, apart from everyone else's.
        public internal(set) var clock = Instant.zero
    }

    /// The nodes n1, n2 and so on.
    public internal(set) var hosts: [Host]
    /// Messages under way, in the order of sending.
    public var letters: [Letter] = []
    /// Whether every write is durable at once.
    public var syncsAtOnce = true
    /// Whether a wish for a snapshot is granted at once.
    public var compactsAtOnce = true
    /// Links that lose everything, as (from, to).
    public var cuts: [(from: NodeID, to: NodeID)] = []
    /// The promises that were broken, in words.
    public var violations: [String] { oracle.violations + reads.violations }
    /// What the embedding programs will ask for once the step under way is over.
    private var reactions: [(id: NodeID, command: Raft.Command)] = []
    /// How often something worth reaching has been reached, by name.
    public var marks: [String: Int] { oracle.marks.merging(reads.marks) { $0 + $1 } }
    let settings: Raft.Settings
    let random: Random
    let founding: Raft.Configuration
    var oracle: RaftOracle
    var reads = RaftReadBook()

    /// Creates a group and starts it.
    ///
    /// - Parameters:
    ///   - count: How many nodes there are.
    ///   - founders: How many of them, the first ones, found the group; the others know nothing of it.
    ///   - settings: The settings of all of them.
    ///   - seed: The seed of their election timeouts.
    ///   - disks: What the first nodes' disks hold.
    ///   - witnesses: The numbers of those that keep no commands.
    public init(
        _ count: Int, founders: Int? = nil, settings: Raft.Settings = Raft.Settings(), seed: UInt64 = 1,
        disks: [Raft.Stable] = [], witnesses: [UInt64] = []
    ) {
        self.settings = settings
        self.random = Random(seed: seed)
        let ids = (1...count).map { NodeID(UInt64($0)) }
        let founding = Raft.Configuration(
            voters: Array(ids.prefix(founders ?? count)), witnesses: witnesses.map { NodeID($0) })
        self.founding = founding
        self.hosts = ids.map { id in
            Host(
                node: Raft.Node(id: id, configuration: founding, settings: settings, random: Random(seed: seed)),
                disk: Raft.Stable())
        }
        self.oracle = RaftOracle()
        for (position, disk) in disks.enumerated() { hosts[position].disk = disk }
        for id in ids { restart(id) }
    }

    /// The names of all nodes.
    public var ids: [NodeID] { hosts.map(\.node.id) }

    /// A host by its number.
    public subscript(_ number: Int) -> Host { hosts[number - 1] }

    /// The node that leads the latest term among those that run.
    public var leader: NodeID? {
        hosts.filter { $0.isUp && $0.node.role == .leader }.max { $0.node.term < $1.node.term }?.node.id
    }

    func position(of id: NodeID) -> Int { Int(id.rawValue) - 1 }
}

// MARK: - Nodes

extension RaftCluster {
    /// Feeds a node one input and carries out what follows.
    public mutating func step(_ id: NodeID, _ input: consuming Input<Raft.Node>) {
        let position = position(of: id)
        guard hosts[position].isUp else { return }
        var outbox = Outbox<Effect<Raft.Node>>()
        let before = hosts[position].node
        hosts[position].node.step(input, at: hosts[position].clock, into: &outbox)
        var effects: [Effect<Raft.Node>] = []
        outbox.drain { effects.append($0) }
        oracle.check(before, hosts[position].node, hosts)
        for effect in effects { carryOut(effect, of: position) }
        if syncsAtOnce { sync(id) }
        while !reactions.isEmpty {
            let reaction = reactions.removeFirst()
            step(reaction.id, .command(reaction.command))
        }
    }

    private mutating func carryOut(_ effect: Effect<Raft.Node>, of position: Int) {
        switch effect {
        case .setTimer(let name, let instant):
            hosts[position].timers.removeAll { $0.name == name }
            hosts[position].timers.append((name, instant))
        case .cancelTimer(let name):
            hosts[position].timers.removeAll { $0.name == name }
        case .persist(let record, let ticket):
            hosts[position].unsynced.append((ticket, record))
        case .send, .output:
            if let last = hosts[position].unsynced.last {
                hosts[position].held.append((last.ticket, effect))
            } else {
                release(effect, of: position)
            }
        }
    }

    private mutating func release(_ effect: Effect<Raft.Node>, of position: Int) {
        let id = hosts[position].node.id
        switch effect {
        case .send(let message, let to):
            oracle.check(message, from: hosts[position], to: to)
            if cuts.contains(where: { $0.from == id && $0.to == to }) { return }
            letters.append(Letter(from: id, to: to, message: message))
        case .output(let output):
            hosts[position].outputs.append(output)
            oracle.note(output)
            take(output, of: position)
            reads.note(
                output, of: id, isLeader: hosts[position].node.role == .leader, applied: oracle.lastApplied(of: id))
        case .setTimer, .cancelTimer, .persist:
            break
        }
    }

    /// Plays the embedding program: a list of commands.
    private mutating func take(_ output: Raft.Output, of position: Int) {
        switch output {
        case .apply(let entries):
            for entry in entries {
                oracle.checkApplied(entry, by: hosts[position].node.id)
                if case .command(let command) = entry.payload { hosts[position].state.append(command) }
            }
            if settings.maxUnappliedBytes > 0, let last = entries.last {
                reactions.append((hosts[position].node.id, .applied(upTo: last.index)))
            }
        case .installed(let index, _, let state):
            oracle.noteInstalled(index, by: hosts[position].node.id)
            hosts[position].state = RaftCluster.unpack(state)
        case .snapshotWanted(let index):
            if compactsAtOnce {
                let state = RaftCluster.pack(hosts[position].state)
                reactions.append((hosts[position].node.id, .compact(upTo: index, state: state)))
            }
        case .becameFollower, .becamePreCandidate, .becameCandidate, .becameLeader, .leaderChanged, .proposed,
            .rejected, .committed, .ignored, .transferStarted, .transferred, .transferAbandoned, .quiescent, .readReady,
            .readRefused, .configurationChanged, .leftGroup, .repair:
            break
        }
    }

    /// Makes the oldest `count` unsynced records of a node durable, or all of them, and lets go what waited for them.
    public mutating func sync(_ id: NodeID, _ count: Int = .max) {
        let position = position(of: id)
        var left = count
        while left > 0, hosts[position].isUp, let write = hosts[position].unsynced.first {
            hosts[position].unsynced.removeFirst()
            hosts[position].disk.apply(write.record)
            while let first = hosts[position].held.first, first.ticket <= write.ticket {
                hosts[position].held.removeFirst()
                release(first.effect, of: position)
            }
            step(id, .persisted(write.ticket))
            left -= 1
        }
    }

    /// Stops a node; of its unsynced records the oldest `keeping` happen to be on the disk.
    public mutating func crash(_ id: NodeID, keeping: Int = 0) {
        let position = position(of: id)
        for write in hosts[position].unsynced.prefix(keeping) { hosts[position].disk.apply(write.record) }
        hosts[position].unsynced = []
        hosts[position].held = []
        hosts[position].timers = []
        hosts[position].isUp = false
        reads.forget(id)
    }

    /// Stops a node and empties its disk, which Raft does not promise to survive.
    public mutating func wipe(_ id: NodeID) {
        crash(id)
        hosts[position(of: id)].disk = Raft.Stable()
    }

    /// Starts a node from what its disk holds.
    public mutating func restart(_ id: NodeID) {
        let position = position(of: id)
        guard !hosts[position].isUp else { return }
        let configuration = founding.isVoter(id) ? founding : Raft.Configuration()
        hosts[position].node = Raft.Node(id: id, configuration: configuration, settings: settings, random: random)
        hosts[position].node.restore(hosts[position].disk)
        hosts[position].outputs = []
        hosts[position].state = []
        hosts[position].isUp = true
        // No restart takes no time at all: what tells two starts apart is the clock.
        hosts[position].clock = hosts[position].clock + .nanoseconds(1)
        oracle.noteStart(hosts[position])
        step(id, .restarted)
    }

    /// Lets a node campaign now.
    public mutating func campaign(_ number: Int) { step(NodeID(UInt64(number)), .command(.campaign)) }

    /// Proposes a command at a node.
    public mutating func propose(_ number: Int, _ command: Bytes, id: UInt64 = 0) {
        step(NodeID(UInt64(number)), .command(.propose(command, id: id)))
    }

    /// Asks a node for a change of the group.
    public mutating func change(
        _ number: Int, _ changes: [Raft.Change], _ transition: Raft.Transition = .automatic, id: UInt64 = 0
    ) {
        step(NodeID(UInt64(number)), .command(.changeConfiguration(changes, id: id, transition: transition)))
    }

    /// The snapshot of an embedding program's state.
    public static func pack(_ state: [Bytes]) -> Bytes {
        var writer = WireWriter()
        for command in state { writer.bytes(command) }
        return Bytes(writer.bytes)
    }

    /// The embedding program's state in a snapshot.
    public static func unpack(_ state: Bytes) -> [Bytes] {
        var reader = WireReader(state.storage)
        var result: [Bytes] = []
        while reader.remaining > 0, let next = try? reader.bytes(limit: .max) { result.append(next) }
        return result
    }
}
