public import MeshCore
public import Simulator

/// Messages of every kind, as frames, taken from a simulated run of all protocols: what damaged messages are made of.
public struct MessageCorpus {
    /// The frames, in the order in which they were sent.
    public private(set) var frames: [[UInt8]] = []
    /// How many there are of each kind, by the kind's number.
    public private(set) var counts: [Int]

    /// The most frames of one kind.
    public static var limit: Int { 40 }

    /// Runs every protocol through faults, so that rare messages (snapshots, conflicts, suspicions) come up too.
    ///
    /// Reads are asked of every node, the lead is handed over, and the heartbeats of one node say good-bye.
    public init(seed: UInt64) {
        counts = [Int](repeating: 0, count: MeshNode.Message.kinds.count)
        var simulation = Self.cluster(seed: seed)
        let peers = simulation.nodes
        for node in peers { simulation.start(node, observing: &self) }
        for round in 0..<400 as Range<UInt64> {
            let node = peers[Int(round % 5)]
            if round % 97 == 40 { simulation.crash(node, .losingUnsynced, observing: &self) }
            // A node whose disk is damaged speaks in words of its own until it is healed.
            if round == 40, let log = simulation.files(of: node).first {
                simulation.flipBit(3, ofByteAt: 530, in: log, of: node)
            }
            if round % 97 == 70 { for node in peers { simulation.start(node, observing: &self) } }
            let operation = KeyValueStore.Operation.put(key: Bytes("k\(round % 7)"), value: Bytes("value \(round)"))
            simulation.command(.submit(.init(id: round, operation)), at: node, observing: &self)
            simulation.command(.read(key: Bytes("k1"), id: round), at: node, observing: &self)
            let metadata = Swim.Metadata(region: Bytes("r\(round % 3)"), capabilities: [Bytes("c\(round)")])
            if round % 37 == 5 { simulation.command(.swim(.describe(metadata)), at: node, observing: &self) }
            if round % 50 == 10 {
                for node in peers { simulation.command(.raft(.transfer(to: nil)), at: node, observing: &self) }
            }
            simulation.command(
                .gossip(.set(key: Bytes("g\(round % 11)"), value: Bytes("gossip \(round)"))), at: node,
                observing: &self)
            let other = peers[Int((round + 2) % 5)]
            let spoken: Broadcast.Command =
                round % 2 == 0 ? .broadcast(Bytes("to all \(round)")) : .send(Bytes("to one \(round)"), to: other)
            simulation.command(.broadcast(spoken), at: node, observing: &self)
            simulation.command(.plumtree(.broadcast(Bytes("over the tree \(round)"))), at: node, observing: &self)
            simulation.run(until: simulation.now + .milliseconds(100), observing: &self)
        }
        simulation.command(.heartbeat(.stop), at: peers[0], observing: &self)
        simulation.run(until: simulation.now + .seconds(1), observing: &self)
    }

    /// The kinds without a frame, by name; a message that is added without a seed here would never be damaged.
    public var missing: [String] {
        MeshNode.Message.kinds.indices.filter { counts[$0] == 0 }.map { MeshNode.Message.kinds[$0].description }
    }

    private static func cluster(seed: UInt64) -> Simulation<MeshNode> {
        var conditions = LinkConditions(latency: .uniform(.milliseconds(1), .milliseconds(20)))
        conditions.loss = .percent(10)
        var simulation = Simulation<MeshNode>(seed: seed, conditions: conditions)
        simulation.disk.salvages = true
        let peers = (1...5).map { NodeID($0) }
        for index in 0..<5 {
            simulation.addNode { id, random in
                var configuration = MeshNode.Configuration(id: id, peers: peers)
                configuration.raft = Raft.Settings()
                configuration.raft?.snapshotAfter = 20
                configuration.swim = index == 4 ? nil : Swim.Settings()
                configuration.heartbeat = Heartbeat.Settings()
                configuration.gossip = Gossip.Settings(maxSymbols: index == 0 ? 0 : 65_536)
                configuration.broadcast = Broadcast.Settings()
                configuration.plumtree = Plumtree.Settings()
                configuration.hyparview = HyParView.Settings(activeSize: 2, beatInterval: .milliseconds(200))
                return MeshNode(configuration, random: random)
            }
        }
        return simulation
    }
}

extension MessageCorpus: Observer {
    /// The machine that is watched.
    public typealias Machine = MeshNode

    /// Collects a message that is sent.
    public mutating func willRelease(
        _ effect: borrowing Effect<MeshNode>, at node: NodeID, in simulation: borrowing Simulation<MeshNode>
    ) {
        guard case .send(let message, _) = copy effect else { return }
        let kind = Int(message.kind.rawValue)
        guard counts[kind] < Self.limit else { return }
        counts[kind] += 1
        frames.append(Frame.encode(message))
    }
}
