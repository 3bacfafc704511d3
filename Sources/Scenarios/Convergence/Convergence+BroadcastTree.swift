import MeshCore
import Simulator

extension Convergence {
    /// Messages over the tree of `Plumtree.Node`, whose links `HyParView.Node` has made.
    ///
    /// The overlay grows first, by itself; its neighbours are then the links of the tree, which stay as they are. One
    /// sender tells all messages: the first one floods and makes the tree, the others are measured.
    enum BroadcastTree {
        /// How long the overlay grows.
        static let growth: Int64 = 40

        static func measure(_ setting: Setting, goesOn: () -> Bool) -> Outcome? {
            guard let links = links(setting, goesOn) else { return nil }
            var simulation = Overlay.simulation(setting, latency: latency) {
                Plumtree.Node(id: $0, settings: Plumtree.Settings(), random: $1)
            }
            var outcome = Outcome(setting.family)
            outcome.load.bytes = 0
            outcome.load.duplicates = 0
            var watcher = TreeWatcher()
            for node in simulation.nodes { simulation.start(node, observing: &watcher) }
            for (place, node) in simulation.nodes.enumerated() {
                for peer in links[place] { simulation.command(.addLink(peer), at: node, observing: &watcher) }
            }
            let random = Random(seed: setting.seed)
            let sender = NodeID(1 + random.bits(.convergenceOrigin, 0) % UInt64(UInt(setting.nodes)))
            for occasion in 0...setting.occasions {
                watcher = TreeWatcher()
                let begin = simulation.now
                simulation.command(.broadcast(Bytes("news")), at: sender, observing: &watcher)
                // Names are told after 20 ms, and asked for after at most 625; comparisons mend the rest.
                let end = begin + .seconds(30)
                repeat {
                    guard goesOn() else { return nil }
                    simulation.run(until: simulation.now + .seconds(1), observing: &watcher)
                } while watcher.delivered < setting.nodes - 1 && simulation.now < end
                if occasion > 0 { outcome.add(watcher, begin, nodes: setting.nodes) }
            }
            outcome.events = simulation.eventCount
            outcome.digest = simulation.digest.value
            return outcome
        }

        /// Who is linked to whom, in both directions.
        private static func links(_ setting: Setting, _ goesOn: () -> Bool) -> [[NodeID]]? {
            let everybody = Overlay.everybody(setting)
            guard setting.topology == .full || setting.topology == .regions else {
                return everybody.map { Overlay.peers(of: $0, setting.topology, everybody) }
            }
            var settings = HyParView.Settings()
            settings.activeSize = setting.fanout + 1
            settings.passiveSize = max(settings.passiveSize, settings.activeSize)
            var calm = setting
            // The links are measured under loss, not how they were made.
            calm.loss = .zero
            var simulation = Overlay.simulation(calm, latency: latency) {
                HyParView.Node(id: $0, peers: everybody, settings: settings, random: $1)
            }
            // A few join at a time, as a mesh grows.
            let step = max(setting.nodes / 100, 1)
            for (place, node) in simulation.nodes.enumerated() {
                simulation.start(node)
                guard place % step == 0 else { continue }
                guard goesOn() else { return nil }
                simulation.run(until: simulation.now + .milliseconds(50))
            }
            for _ in 0..<growth {
                guard goesOn() else { return nil }
                simulation.run(until: simulation.now + .seconds(1))
            }
            var links = [[NodeID]](repeating: [], count: setting.nodes)
            for (place, node) in simulation.nodes.enumerated() {
                for neighbour in simulation[node].active {
                    let other = Int(truncatingIfNeeded: neighbour.id.rawValue) - 1
                    if !links[place].contains(neighbour.id) { links[place].append(neighbour.id) }
                    if !links[other].contains(node) { links[other].append(node) }
                }
            }
            return links
        }
    }

    /// Counts what one message over the tree does.
    struct TreeWatcher: Observer {
        typealias Machine = Plumtree.Node

        private(set) var messages: Int64 = 0
        private(set) var bytes: Int64 = 0
        /// Payloads that arrived.
        private(set) var received: Int64 = 0
        private(set) var delivered = 0
        private(set) var last = Instant.zero

        mutating func willStep(
            _ input: borrowing Input<Plumtree.Node>, at node: NodeID,
            in simulation: borrowing Simulation<Plumtree.Node>
        ) {
            guard case .receive(let message, _) = copy input, case .payload = message else { return }
            received += 1
        }

        mutating func willRelease(
            _ effect: borrowing Effect<Plumtree.Node>, at node: NodeID,
            in simulation: borrowing Simulation<Plumtree.Node>
        ) {
            switch copy effect {
            // The comparison with neighbours goes on whether or not there is news.
            case .send(.summary, to: _): break
            case .send(let message, to: _):
                messages += 1
                bytes += Int64(message.byteCount)
            case .output(.delivered):
                delivered += 1
                last = simulation.now
            case .output, .setTimer, .cancelTimer, .persist: break
            }
        }
    }
}

extension Convergence.Outcome {
    fileprivate mutating func add(_ watcher: Convergence.TreeWatcher, _ begin: Instant, nodes: Int) {
        occasions += 1
        if watcher.delivered == nodes - 1 {
            times[0].samples.append((watcher.last - begin).nanoseconds)
        } else {
            missed += 1
        }
        load.messages += watcher.messages
        load.bytes? += watcher.bytes
        load.duplicates? += watcher.received - Int64(watcher.delivered)
        load.divisor += Int64(nodes)
    }
}
