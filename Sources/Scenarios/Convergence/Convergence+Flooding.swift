import MeshCore
import Simulator

extension Convergence {
    /// Messages flooded by `Broadcast.Node`, one after the other, each followed until it travels no more.
    enum Flooding {
        static func settings(_ setting: Setting) -> Broadcast.Settings {
            var settings = Broadcast.Settings()
            // Every node of the largest mesh can be reached; the seen-set ends the flood.
            settings.timeToLive = 254
            // Links that lead everywhere in few hops; a ring and a tree have links of their own.
            if setting.topology == .full || setting.topology == .regions { settings.degree = 2 * setting.fanout }
            return settings
        }

        static func measure(_ setting: Setting, goesOn: () -> Bool) -> Outcome? {
            let settings = settings(setting)
            let everybody = Overlay.everybody(setting)
            var simulation = Overlay.simulation(setting, latency: latency) { id, random in
                let peers = Overlay.peers(of: id, setting.topology, everybody)
                return Broadcast.Node(id: id, peers: peers, settings: settings, random: random)
            }
            var outcome = Outcome(setting.family)
            outcome.load.bytes = 0
            outcome.load.duplicates = 0
            var watcher = LetterWatcher()
            for node in simulation.nodes { simulation.start(node, observing: &watcher) }
            let random = Random(seed: setting.seed)
            for occasion in 0..<setting.occasions {
                let bits = random.bits(.convergenceOrigin, UInt64(UInt(occasion)))
                let writer = NodeID(1 + bits % UInt64(UInt(setting.nodes)))
                watcher = LetterWatcher()
                let begin = simulation.now
                simulation.command(.broadcast(Bytes("news")), at: writer, observing: &watcher)
                // A message that moved nobody in the time that one hop takes at most has ended.
                var told = -1 as Int64
                while told != watcher.messages + watcher.received {
                    guard goesOn() else { return nil }
                    told = watcher.messages + watcher.received
                    simulation.run(until: simulation.now + .milliseconds(100), observing: &watcher)
                }
                outcome.occasions += 1
                if watcher.delivered == setting.nodes - 1 {
                    outcome.times[0].samples.append((watcher.last - begin).nanoseconds)
                } else {
                    outcome.missed += 1
                }
                outcome.load.messages += watcher.messages
                outcome.load.bytes? += watcher.bytes
                outcome.load.duplicates? += watcher.received - Int64(watcher.delivered)
                outcome.load.divisor += Int64(setting.nodes)
            }
            outcome.events = simulation.eventCount
            outcome.digest = simulation.digest.value
            return outcome
        }
    }

    /// Counts what one broadcast does.
    struct LetterWatcher: Observer {
        typealias Machine = Broadcast.Node

        private(set) var messages: Int64 = 0
        private(set) var bytes: Int64 = 0
        private(set) var received: Int64 = 0
        private(set) var delivered = 0
        private(set) var last = Instant.zero

        mutating func willStep(
            _ input: borrowing Input<Broadcast.Node>, at node: NodeID,
            in simulation: borrowing Simulation<Broadcast.Node>
        ) {
            if case .receive = copy input { received += 1 }
        }

        mutating func willRelease(
            _ effect: borrowing Effect<Broadcast.Node>, at node: NodeID,
            in simulation: borrowing Simulation<Broadcast.Node>
        ) {
            switch copy effect {
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
