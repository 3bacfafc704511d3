import MeshCore
import Simulator

extension Convergence {
    /// Writes to the replicated state of `Gossip.Node`, one after the other, each followed until everybody has it.
    enum KeyValue {
        /// How long a write may take to reach everybody.
        static let patience = Interval.seconds(600)

        static func settings(_ setting: Setting) -> Gossip.Settings {
            var settings = Gossip.Settings()
            if setting.fanout > 0 { settings.fanout = setting.fanout }
            switch setting.family {
            // Nothing but pushes, as in the model.
            case .keyValueRounds: settings.interval = .seconds(86_400)
            case .antiEntropy: settings.pushesOnSet = false
            case .push, .pushPull, .keyValue, .broadcast, .plumtree, .swim: break
            }
            return settings
        }

        static func measure(_ setting: Setting, goesOn: () -> Bool) -> Outcome? {
            let settings = settings(setting)
            let isInRounds = setting.family == .keyValueRounds
            let everybody = Overlay.everybody(setting)
            var simulation = Overlay.simulation(setting, latency: isInRounds ? settings.pushInterval : latency) {
                Gossip.Node(
                    id: $0, peers: Overlay.peers(of: $0, setting.topology, everybody), settings: settings,
                    random: $1)
            }
            var outcome = Outcome(setting.family)
            outcome.load = Load()
            outcome.load.bytes = 0
            outcome.load.duplicates = 0
            var watcher = NewsWatcher(nodes: setting.nodes)
            for node in simulation.nodes { simulation.start(node, observing: &watcher) }
            for node in simulation.nodes { simulation.command(.subscribe("*"), at: node, observing: &watcher) }
            let random = Random(seed: setting.seed)
            for occasion in 0..<setting.occasions {
                // Long enough that the last news is told no more, then at no particular moment.
                let bits = random.bits(.convergenceOrigin, UInt64(UInt(occasion)))
                let pause = Interval.seconds(2) + Interval(nanoseconds: Int64(bits % 1_000_000_000))
                simulation.run(until: simulation.now + pause, observing: &watcher)
                let writer = NodeID(1 + Random.further(bits, 1) % UInt64(UInt(setting.nodes)))
                watcher.begin(Bytes("news:\(occasion)"), at: simulation.now)
                let command = Gossip.Command.set(key: watcher.key, value: "1")
                simulation.command(command, at: writer, observing: &watcher)
                guard follow(&simulation, &watcher, setting.family, goesOn) else { return nil }
                outcome.add(watcher, nodes: setting.nodes)
            }
            outcome.events = simulation.eventCount
            outcome.digest = simulation.digest.value
            return outcome
        }

        /// Runs until everybody has the news and nobody tells it any more, or until patience ends.
        private static func follow(
            _ simulation: inout Simulation<Gossip.Node>, _ watcher: inout NewsWatcher, _ family: Family,
            _ goesOn: () -> Bool
        ) -> Bool {
            let end = simulation.now + patience
            let slice = Interval.milliseconds(400)
            var told = -1 as Int64
            while simulation.now < end {
                guard goesOn() else { return false }
                simulation.run(until: simulation.now + slice, observing: &watcher)
                // Where states are not compared, silence is the end of the news, known to all or not.
                let isQuiet = told == watcher.messages
                if isQuiet && (watcher.knowing == watcher.nodes || family == .keyValueRounds) { break }
                told = watcher.messages
            }
            return true
        }
    }

    /// Counts what one piece of news does.
    struct NewsWatcher: Observer {
        typealias Machine = Gossip.Node

        let nodes: Int
        private(set) var key = Bytes()
        private var begin = Instant.zero
        private(set) var knowing = 0
        private(set) var last = Instant.zero
        private(set) var messages: Int64 = 0
        private(set) var bytes: Int64 = 0
        /// How often somebody was sent the news.
        private(set) var received: Int64 = 0

        init(nodes: Int) { self.nodes = nodes }

        mutating func begin(_ key: Bytes, at time: Instant) {
            self = NewsWatcher(nodes: nodes)
            self.key = key
            begin = time
        }

        /// How long it took; `nil` while somebody does not know.
        var time: Interval? { knowing == nodes ? last - begin : nil }

        mutating func willStep(
            _ input: borrowing Input<Gossip.Node>, at node: NodeID, in simulation: borrowing Simulation<Gossip.Node>
        ) {
            guard case .receive(let message, _) = copy input else { return }
            switch message {
            case .push(let entries), .entries(let entries):
                for entry in entries where entry.key == key { received += 1 }
            case .digest, .summary, .symbols, .more, .want: break
            }
        }

        mutating func willRelease(
            _ effect: borrowing Effect<Gossip.Node>, at node: NodeID, in simulation: borrowing Simulation<Gossip.Node>
        ) {
            switch copy effect {
            case .send(.digest, to: _): break
            case .send(let message, to: _):
                messages += 1
                bytes += Int64(message.byteCount)
            case .output(.changed(let changed, _, _)):
                guard changed == key else { return }
                knowing += 1
                last = simulation.now
            case .output, .setTimer, .cancelTimer, .persist: break
            }
        }
    }
}

extension Convergence.Outcome {
    fileprivate mutating func add(_ watcher: Convergence.NewsWatcher, nodes: Int) {
        occasions += 1
        if let time = watcher.time { times[0].samples.append(time.nanoseconds) } else { missed += 1 }
        load.messages += watcher.messages
        load.bytes? += watcher.bytes
        load.duplicates? += watcher.received - Int64(max(watcher.knowing - 1, 0))
        load.divisor += Int64(nodes)
    }
}
