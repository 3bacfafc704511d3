public import MeshCore
public import Simulator

/// Gossip nodes in a simulation, with what tests ask about them.
///
/// Every message that leaves a node is encoded, measured and decoded again.
public struct GossipCluster: Sendable {
    /// The simulation; use it for faults that have no shorthand here.
    public var simulation: Simulation<Gossip.Node>
    /// What was seen so far.
    public private(set) var log: Log

    /// Creates a cluster in which everybody knows everybody.
    ///
    /// - Parameters:
    ///   - count: How many nodes there are.
    ///   - started: How many of them run from the beginning; the others join with ``start(_:)``.
    ///   - seed: Decides everything that is left to chance.
    ///   - settings: How all of them gossip.
    ///   - conditions: What the network is like.
    public init(
        _ count: Int, started: Int? = nil, seed: UInt64 = 1, settings: Gossip.Settings = Gossip.Settings(),
        conditions: LinkConditions = LinkConditions()
    ) {
        self.simulation = Simulation(seed: seed, conditions: conditions)
        self.log = Log(limit: settings.maxMessageBytes)
        let everybody = (1...UInt64(count)).map { NodeID($0) }
        for _ in 0..<count {
            simulation.addNode { id, random in
                Gossip.Node(id: id, peers: everybody, settings: settings, random: random)
            }
        }
        for id in everybody.prefix(started ?? count) { start(id.rawValue) }
    }

    /// A node.
    public subscript(id: UInt64) -> Gossip.Node { simulation[NodeID(id)] }

    /// The nodes that run.
    public var running: [NodeID] { simulation.nodes.filter { simulation.status(of: $0) == .running } }

    /// Starts a node, for the first time or after a crash.
    public mutating func start(_ id: UInt64) { simulation.start(NodeID(id), observing: &log) }

    /// Crashes a node.
    public mutating func crash(_ id: UInt64, _ mode: CrashMode = .losingUnsynced) {
        simulation.crash(NodeID(id), mode, observing: &log)
    }

    /// Gives a node a command.
    public mutating func command(_ command: Gossip.Command, at id: UInt64) {
        simulation.command(command, at: NodeID(id), observing: &log)
    }

    /// Writes a value at a node.
    public mutating func set(_ key: Bytes, _ value: Bytes, at id: UInt64) {
        command(.set(key: key, value: value), at: id)
    }

    /// Deletes a key at a node.
    public mutating func delete(_ key: Bytes, at id: UInt64) { command(.delete(key: key), at: id) }

    /// Lets time pass.
    public mutating func run(for interval: Interval) {
        simulation.run(until: simulation.now + interval, observing: &log)
    }

    /// Splits the nodes into groups that cannot reach each other.
    public mutating func partition(_ groups: [[UInt64]]) {
        _ = simulation.network.add(.groups(groups.map { group in BitSet(group.map { Int($0) - 1 }) }))
    }

    /// Takes every partition away.
    public mutating func heal() { simulation.healCuts() }

    /// Whether all running nodes hold the same entries.
    public var isConverged: Bool {
        let hashes = running.map { simulation[$0].stateHash }
        return hashes.allSatisfy { $0 == hashes[0] }
    }

    /// Runs until all running nodes hold the same entries.
    ///
    /// - Parameters:
    ///   - limit: How long to wait at most.
    ///   - step: How often to look.
    /// - Returns: How long it took.
    /// - Throws: ``Diverged`` when it did not happen in time.
    @discardableResult
    public mutating func converge(
        within limit: Interval, lookingEvery step: Interval = .milliseconds(100)
    ) throws(Diverged) -> Interval {
        let start = simulation.now
        while !isConverged {
            if simulation.now - start >= limit {
                throw Diverged(after: limit, entries: running.map { simulation[$0].keyCount })
            }
            run(for: step)
        }
        return simulation.now - start
    }

    /// The nodes did not become equal in time.
    public struct Diverged: Error {
        /// How long was waited.
        public let after: Interval
        /// How many keys each running node has.
        public let entries: [Int]
    }

    /// How many running nodes have this value for a key.
    public func holders(of key: Bytes, _ value: Bytes?) -> Int {
        running.filter { simulation[$0].value(of: key) == value }.count
    }

    /// Forgets what was counted and reported so far.
    public mutating func resetLog() { log = Log(limit: log.limit) }

    /// Counts and outputs of a run.
    public struct Log: Observer {
        /// What is observed.
        public typealias Machine = Gossip.Node

        /// Something a node told.
        public struct Report: Sendable {
            /// When.
            public let time: Instant
            /// Who.
            public let node: NodeID
            /// What.
            public let output: Gossip.Output
        }

        /// The most bytes a message may have.
        public let limit: Int
        /// All outputs in order.
        public private(set) var reports: [Report] = []
        /// How many messages of each kind were sent.
        public private(set) var messages = [Int](repeating: 0, count: Gossip.Message.kinds.count)
        /// How many bytes of each kind were sent, frames included.
        public private(set) var bytes = [Int](repeating: 0, count: Gossip.Message.kinds.count)
        /// How many entries were sent, in messages of any kind.
        public private(set) var sentEntries = 0
        /// The size of the largest message.
        public private(set) var largest = 0
        /// Messages over the limit, or that came back from the wire as something else.
        public private(set) var faults: [String] = []

        init(limit: Int) { self.limit = limit }

        /// How many messages were sent.
        public var messageCount: Int { messages.reduce(0, +) }
        /// How many bytes were sent.
        public var byteCount: Int { bytes.reduce(0, +) }

        /// The outputs of one node.
        public func outputs(of id: UInt64) -> [Gossip.Output] {
            reports.filter { $0.node == NodeID(id) }.map(\.output)
        }

        /// Counts what leaves a node.
        public mutating func willRelease(
            _ effect: borrowing Effect<Gossip.Node>, at node: NodeID, in simulation: borrowing Simulation<Gossip.Node>
        ) {
            switch copy effect {
            case .send(let message, to: _): count(message)
            case .output(let output):
                reports.append(Report(time: simulation.now, node: node, output: output))
            case .setTimer, .cancelTimer, .persist: break
            }
        }

        private mutating func count(_ message: Gossip.Message) {
            let frame = Frame.encode(message)
            let kind = Int(message.kind.rawValue)
            messages[kind] += 1
            bytes[kind] += frame.count
            largest = max(largest, frame.count)
            switch message {
            case .push(let entries), .entries(let entries): sentEntries += entries.count
            case .digest, .summary, .symbols, .more, .want: break
            }
            if frame.count > limit { faults.append("\(frame.count) bytes: \(message)") }
            do {
                if try Frame.decode(frame, as: Gossip.Message.self) != message { faults.append("changed: \(message)") }
            } catch {
                faults.append("\(error): \(message)")
            }
        }
    }
}
