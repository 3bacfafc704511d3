public import MeshCore
public import Simulator

/// Nodes with many Raft groups each, simulated, with every promise of Raft checked for every group.
public struct MultiRaftWorld: Sendable {
    /// The simulation.
    public private(set) var simulation: Simulation<MultiRaft.Node>
    /// What was seen.
    public private(set) var watcher: Watcher
    private var proposals: UInt64 = 0

    /// Watches all groups of all nodes.
    public struct Watcher: Observer {
        /// A checker for each group, in the order of their names.
        public var checkers: [RaftChecker]
        /// What each group's program holds on each node: the commands applied since its last start, by group and node.
        public var states: [[[Bytes]]]
        /// Messages that were sent since the last ``MultiRaftWorld/forgetCounts()``, by kind.
        public var sent: [Int] = [0, 0]
        /// Messages of groups in them.
        public var envelopes = 0
        /// Timers that were set.
        public var timersSet = 0
        /// Records that were written.
        public var records = 0
        /// Elections that were won.
        public var elections = 0
        /// How often a node fell asleep with a group.
        public var sleeps = 0

        /// Looks at what a node writes, sends and tells.
        public mutating func didStep(
            _ effects: borrowing Outbox<Effect<MultiRaft.Node>>, at node: NodeID,
            in simulation: borrowing Simulation<MultiRaft.Node>
        ) {
            let occasion = Occasion(event: simulation.eventCount, time: simulation.now, node: node)
            let machine = simulation[node]
            var written: [MultiRaft.GroupID] = []
            effects.forEach { effect in
                switch effect {
                case .setTimer: timersSet += 1
                case .persist(.group(let group, let record), _):
                    records += 1
                    guard let raft = machine[group] else { return }
                    checkers[place(group)].wrote(record, raft, occasion)
                case .send(let message, _):
                    sent[Int(message.kind.rawValue)] += 1
                    if case .batch(let batch) = message { envelopes += batch.count }
                case .persist, .cancelTimer, .output: break
                }
            }
            effects.forEach { effect in
                guard case .output(.group(let group, let output)) = effect, let raft = machine[group] else { return }
                if written.last != group {
                    written.append(group)
                    checkers[place(group)].stepped(raft, occasion) {
                        Self.isDurable(group, $0, $1, $2, simulation)
                    }
                }
                checkers[place(group)].said(output, raft, occasion) {
                    Self.isDurable(group, $0, $1, $2, simulation)
                }
                note(output, of: group, at: node)
            }
        }

        private func place(_ group: MultiRaft.GroupID) -> Int { Int(group.rawValue) - 1 }

        private static func isDurable(
            _ group: MultiRaft.GroupID, _ place: Int, _ index: Raft.LogIndex, _ term: Raft.Term,
            _ simulation: borrowing Simulation<MultiRaft.Node>
        ) -> Bool {
            guard let image = simulation.stable(of: NodeID(UInt64(place + 1))).groups[group] else { return false }
            return index <= image.raft.log.snapshotIndex || image.raft.log.term(at: index) == term
        }

        private mutating func note(_ output: Raft.Output, of group: MultiRaft.GroupID, at node: NodeID) {
            let member = Int(node.rawValue) - 1
            switch output {
            case .becameLeader: elections += 1
            case .quiescent(true): sleeps += 1
            case .apply(let entries):
                for entry in entries {
                    if case .command(let command) = entry.payload { states[place(group)][member].append(command) }
                }
            case .installed(_, _, let state): states[place(group)][member] = RaftCluster.unpack(state)
            default: break
            }
        }

        /// Looks at what leaves a node.
        public mutating func willRelease(
            _ effect: borrowing Effect<MultiRaft.Node>, at node: NodeID,
            in simulation: borrowing Simulation<MultiRaft.Node>
        ) {
            guard case .send(.batch(let batch), let peer) = copy effect else { return }
            let occasion = Occasion(event: simulation.eventCount, time: simulation.now, node: node)
            let stable = simulation.stable(of: node)
            for envelope in batch {
                guard let image = stable.groups[envelope.group] else { continue }
                checkers[place(envelope.group)].left(envelope.message, to: peer, image.raft, occasion)
            }
        }

        /// Forgets what a crashed node held in memory.
        public mutating func didChange(
            _ change: HostChange, at node: NodeID, in simulation: borrowing Simulation<MultiRaft.Node>
        ) {
            guard case .crashed(let mode) = change else { return }
            let stable = simulation.stable(of: node)
            for place in checkers.indices {
                states[place][Int(node.rawValue) - 1] = []
                let image = stable.groups[MultiRaft.GroupID(UInt64(place + 1))]?.raft ?? Raft.Stable()
                checkers[place].crashed(node, wiped: mode == .wiped, image)
            }
        }
    }

    /// Creates nodes that all have the groups g1...`groups`, and starts them.
    ///
    /// - Parameters:
    ///   - nodes: How many nodes there are.
    ///   - groups: How many groups each of them has.
    ///   - seed: Decides everything that is left to chance.
    public init(
        nodes: Int = 3, groups: Int, settings: MultiRaft.Settings = MultiRaft.Settings(), seed: UInt64 = 1,
        conditions: LinkConditions = LinkConditions()
    ) {
        self.simulation = Simulation(seed: seed, conditions: conditions)
        self.watcher = Watcher(
            checkers: [RaftChecker](repeating: RaftChecker(nodeCount: nodes), count: groups),
            states: [[[Bytes]]](repeating: [[Bytes]](repeating: [], count: nodes), count: groups))
        for _ in 0..<nodes {
            simulation.addNode { id, random in MultiRaft.Node(id: id, settings: settings, random: random) }
        }
        let voters = simulation.nodes
        for node in voters { simulation.start(node, observing: &watcher) }
        for number in 0..<groups {
            let group = MultiRaft.GroupID(UInt64(number + 1))
            for node in voters {
                command(.create(group, Raft.Configuration(voters: voters)), at: node)
            }
        }
    }

    /// The promises that were broken, of all groups.
    public var violations: [String] { watcher.checkers.flatMap(\.violations).map { "\($0.promise) \($0.text)" } }

    /// The groups.
    public var groups: [MultiRaft.GroupID] { watcher.checkers.indices.map { MultiRaft.GroupID(UInt64($0 + 1)) } }

    /// Lets time pass.
    public mutating func run(for interval: Interval) {
        simulation.run(until: simulation.now + interval, observing: &watcher)
    }

    /// Asks a node for something.
    public mutating func command(_ command: MultiRaft.Command, at node: NodeID) {
        _ = simulation.command(command, at: node, observing: &watcher)
    }

    /// Proposes a command, which nobody has proposed before, to a group at a node.
    public mutating func propose(to group: MultiRaft.GroupID, at node: NodeID) {
        proposals += 1
        command(.group(group, .propose(Bytes("c\(proposals)"), id: proposals)), at: node)
    }

    /// Stops a node; what was not synced is lost.
    public mutating func crash(_ node: NodeID) { simulation.crash(node, .losingUnsynced, observing: &watcher) }

    /// Starts a node again.
    public mutating func restart(_ node: NodeID) { simulation.start(node, observing: &watcher) }

    /// Cuts a node off from all others, or mends everything.
    public mutating func isolate(_ node: NodeID?) {
        simulation.healNetwork()
        guard let node else { return }
        var others = BitSet()
        for other in simulation.nodes where other != node { others.insert(Int(other.rawValue) - 1) }
        _ = simulation.network.add(Cut.groups([others]))
    }

    /// Lets a node's clock jump.
    public mutating func jumpClock(of node: NodeID, by offset: Interval) {
        simulation.jumpClock(of: node, by: offset)
    }

    /// Starts to count anew.
    public mutating func forgetCounts() {
        watcher.sent = [0, 0]
        watcher.envelopes = 0
        watcher.timersSet = 0
        watcher.records = 0
        watcher.elections = 0
        watcher.sleeps = 0
    }

    /// The leader of a group, if exactly one node that is up leads it in the highest term.
    public func leader(of group: MultiRaft.GroupID) -> NodeID? {
        var best: (node: NodeID, term: Raft.Term)?
        for node in simulation.nodes where simulation.status(of: node) == .running {
            guard let raft = simulation[node][group], raft.role == .leader else { continue }
            if raft.term > best?.term ?? .zero { best = (node, raft.term) }
        }
        return best?.node
    }
}
