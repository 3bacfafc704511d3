import MeshCore
import Simulator

extension Convergence {
    /// Crashes in a group of `Swim.Node`, one after the other, each followed until everybody holds the crashed dead.
    enum Membership {
        /// How long joining may take, and a crash until everybody knows.
        static let patience = Interval.seconds(900)
        /// How long the next crash waits at most for a group of one mind.
        static let rest = Interval.seconds(200)
        /// How long the quiet group is counted.
        static let idle: Int64 = 10
        /// How many founders everybody joins through.
        static let seedCount: UInt64 = 3

        static func settings(_ setting: Setting) -> Swim.Settings {
            var settings = Swim.Settings()
            if setting.fanout > 0 { settings.gossipFanout = setting.fanout }
            return settings
        }

        static func measure(_ setting: Setting, goesOn: () -> Bool) -> Outcome? {
            let settings = settings(setting)
            let seeds = (1...min(seedCount, UInt64(setting.nodes))).map { NodeID($0) }
            let simulation = Overlay.simulation(setting, latency: latency) {
                Swim.Node(id: $0, seeds: seeds, settings: settings, random: $1)
            }
            var group = Group(simulation: simulation, setting: setting)
            var outcome = Outcome(.swim)
            outcome.load.bytes = 0
            guard let isJoined = group.join(goesOn) else { return nil }
            guard isJoined else {
                outcome.occasions = Int64(setting.occasions)
                outcome.missed = outcome.occasions
                return outcome
            }
            guard group.idle(&outcome.load, goesOn) else { return nil }
            for occasion in 0..<setting.occasions {
                guard group.crash(occasion, &outcome, goesOn) else { return nil }
            }
            outcome.events = group.simulation.eventCount
            outcome.digest = group.simulation.digest.value
            return outcome
        }
    }
}

extension Convergence.Membership {
    /// The group under way.
    struct Group {
        var simulation: Simulation<Swim.Node>
        let setting: Convergence.Setting
        private var watcher = CrashWatcher()

        init(simulation: Simulation<Swim.Node>, setting: Convergence.Setting) {
            self.simulation = simulation
            self.setting = setting
        }

        /// Starts every node within a second, and runs until everybody knows everybody.
        ///
        /// - Returns: Whether that came to be; `nil` when stopped.
        mutating func join(_ goesOn: () -> Bool) -> Bool? {
            var started = 0
            let end = simulation.now + Convergence.Membership.patience
            while simulation.now < end {
                guard goesOn() else { return nil }
                let due = min(setting.nodes, started + setting.nodes / 50 + 1)
                while started < due {
                    simulation.start(NodeID(UInt64(UInt(started + 1))), observing: &watcher)
                    started += 1
                }
                run(for: .milliseconds(20))
                if started == setting.nodes && isWhole { break }
            }
            guard isWhole else { return false }
            // The rumours of the join die out, so that a crash is the only news.
            for _ in 0..<20 {
                guard goesOn() else { return nil }
                run(for: .milliseconds(500))
            }
            return true
        }

        /// Counts what a quiet group sends.
        mutating func idle(_ load: inout Convergence.Load, _ goesOn: () -> Bool) -> Bool {
            watcher = CrashWatcher()
            for _ in 0..<Convergence.Membership.idle {
                guard goesOn() else { return false }
                run(for: .seconds(1))
            }
            load.messages = watcher.messages
            load.bytes = watcher.bytes
            load.divisor = Int64(setting.nodes) * Convergence.Membership.idle
            return true
        }

        /// One crash, followed until everybody knows; then the crashed one comes back.
        mutating func crash(_ occasion: Int, _ outcome: inout Convergence.Outcome, _ goesOn: () -> Bool) -> Bool {
            let bits = Random(seed: setting.seed).bits(.convergenceOrigin, UInt64(UInt(occasion)))
            run(for: .milliseconds(Int64(bits % 1_000)))
            let survivors = UInt64(UInt(setting.nodes)) - 1
            let victim = NodeID(1 + Random.further(bits, 1) % (survivors + 1))
            watcher = CrashWatcher(victim: victim)
            simulation.crash(victim, .losingUnsynced, observing: &watcher)
            let crash = simulation.now
            while watcher.deaths < survivors && simulation.now < crash + Convergence.Membership.patience {
                guard goesOn() else { return false }
                run(for: .milliseconds(100))
            }
            outcome.occasions += 1
            if watcher.deaths == survivors, let suspicion = watcher.firstSuspicion, let death = watcher.firstDeath {
                let times = [suspicion, death, watcher.lastDeath]
                for (index, time) in times.enumerated() {
                    outcome.times[index].samples.append((time - crash).nanoseconds)
                }
            } else {
                outcome.missed += 1
            }
            simulation.start(victim, observing: &watcher)
            let end = simulation.now + Convergence.Membership.rest
            while !isWhole && simulation.now < end {
                guard goesOn() else { return false }
                run(for: .milliseconds(50))
            }
            run(for: .seconds(3))
            return true
        }

        private mutating func run(for length: Interval) {
            simulation.run(until: simulation.now + length, observing: &watcher)
        }

        /// Whether all nodes hold exactly all nodes for alive.
        private var isWhole: Bool {
            var expected: UInt64 = 0
            for node in simulation.nodes { expected &+= Swim.Node.stateHash(of: node, .alive) }
            return simulation.nodes.allSatisfy { simulation[$0].stateHash == expected }
        }
    }

    /// Notes what a group says about a crashed member, and counts what it sends.
    struct CrashWatcher: Observer {
        typealias Machine = Swim.Node

        private let victim: NodeID
        private(set) var messages: Int64 = 0
        private(set) var bytes: Int64 = 0
        private(set) var firstSuspicion: Instant?
        private(set) var firstDeath: Instant?
        private(set) var lastDeath = Instant.zero
        /// How many nodes hold the victim for dead.
        private(set) var deaths: UInt64 = 0

        /// - Parameter victim: Who crashed; node 0 for nobody, then bytes are counted.
        init(victim: NodeID = NodeID(0)) { self.victim = victim }

        mutating func willRelease(
            _ effect: borrowing Effect<Swim.Node>, at node: NodeID, in simulation: borrowing Simulation<Swim.Node>
        ) {
            switch copy effect {
            case .send(let message, to: _):
                messages += 1
                if victim == NodeID(0) { bytes += Int64(message.byteCount) }
            case .output(.suspect(let member)):
                if member == victim && firstSuspicion == nil { firstSuspicion = simulation.now }
            case .output(.dead(let member)):
                guard member == victim else { return }
                if firstDeath == nil { firstDeath = simulation.now }
                lastDeath = simulation.now
                deaths += 1
            case .output, .setTimer, .cancelTimer, .persist: break
            }
        }
    }
}
