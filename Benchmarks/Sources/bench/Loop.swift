import MeshCore
import Simulator

/// The event loop with a machine that does as good as nothing, against a bare heap that does the same pushes and pops.
let loopBenchmarks: [Benchmark] = [
    Benchmark("loop/bare 4-ary heap", per: "event", operations: 1_000_000, isBaseline: true) { watch in
        holdModel(waiting: 1_000, &watch)
    },
    Benchmark("loop/timers, empty machine", per: "event", operations: 1_000_000) { watch in
        simulate(nodes: 1_000, Ticker.self, &watch) { id, _ in Ticker(id: id) }
    },
    Benchmark("loop/messages, empty machine", per: "event", operations: 1_000_000) { watch in
        simulate(nodes: 1_000, Relay.self, &watch) { id, _ in Relay(next: NodeID(id.rawValue % 1_000 + 1)) }
    },
]

/// Runs a simulation for a number of events and counts from its second virtual millisecond on.
func simulate<Machine: StateMachine>(
    nodes: Int, _ type: Machine.Type, _ watch: inout Stopwatch, make: (NodeID, Random) -> Machine
) -> Digest {
    let conditions = LinkConditions(latency: .uniform(.microseconds(500), .microseconds(1_500)))
    var simulation = Simulation<Machine>(seed: 5, conditions: conditions)
    for _ in 0..<nodes { simulation.addNode(make) }
    for node in simulation.nodes { simulation.start(node) }
    simulation.run(until: Instant.zero + .milliseconds(2))
    let first = simulation.eventCount
    // One event for each node in each millisecond, on average.
    let length = Interval.microseconds(Int64(watch.operations) * 1_000 / Int64(nodes))
    watch.start()
    simulation.run(until: simulation.now + length)
    watch.stop()
    watch.performed = Int(simulation.eventCount - first)
    return simulation.digest
}

/// A machine that sets its timer anew each time it runs out.
struct Ticker: StateMachine {
    let id: NodeID

    enum Message: NetworkMessage {
        func digest(into digest: inout Digest) {}
        var description: String { "" }
    }

    struct Tick: Traceable, Hashable {
        func digest(into digest: inout Digest) {}
        var description: String { "tick" }
    }

    mutating func step(_ input: consuming Input<Ticker>, at now: Instant, into outbox: inout Outbox<Effect<Ticker>>) {
        let delay = Interval(nanoseconds: nextDelay(Random(seed: 5), now.nanoseconds, id.rawValue))
        outbox.setTimer(Tick(), at: now + delay)
    }

    typealias Timer = Tick
    typealias Command = Tick
    typealias Output = Tick
}

/// A machine that passes every message on to the next node.
struct Relay: StateMachine {
    let next: NodeID

    struct Message: NetworkMessage {
        func digest(into digest: inout Digest) { digest.mix(1 as UInt64) }
        var description: String { "pass on" }
    }

    mutating func step(_ input: consuming Input<Relay>, at now: Instant, into outbox: inout Outbox<Effect<Relay>>) {
        outbox.send(Message(), to: next)
    }

    typealias Timer = Ticker.Tick
    typealias Command = Ticker.Tick
    typealias Output = Ticker.Tick
}
