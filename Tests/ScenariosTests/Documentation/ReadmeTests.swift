import Foundation
import MeshCore
import Simulator
import Testing

// The examples of README.md, as they stand there; a test below holds the two together.

/// A token that goes round a ring: a machine of your own, in full.
struct TokenRing: StateMachine {
    struct Message: NetworkMessage {
        var round: UInt64
        func digest(into digest: inout Digest) { digest.mix(round) }
        var description: String { "token, round \(round)" }
    }
    enum Timer: Traceable, Hashable {
        case hold
        func digest(into digest: inout Digest) {}
        var description: String { "hold" }
    }
    typealias Command = Message
    typealias Output = Message

    let id: NodeID
    let next: NodeID
    var round: UInt64 = 0

    mutating func step(_ input: consuming Input<TokenRing>, at now: Instant, into outbox: inout Effects) {
        switch input {
        case .restarted where id == NodeID(1): outbox.setTimer(.hold, at: now + .milliseconds(10))
        case .receive(let token, from: _):
            round = token.round
            outbox.output(token)
            outbox.setTimer(.hold, at: now + .milliseconds(10))
        case .timer(.hold): outbox.send(Message(round: round + 1), to: next)
        case .restarted, .command, .persisted: break
        }
    }
}

@Suite("The README")
struct ReadmeTests {
    @Test("A machine of one's own is simulated as it says")
    func ownMachine() {
        var simulation = Simulation<TokenRing>(seed: 7)
        simulation.network.base.latency = .uniform(.milliseconds(1), .milliseconds(5))
        for place in 1...3 as ClosedRange<UInt64> {
            simulation.addNode { id, random in TokenRing(id: id, next: NodeID(place % 3 + 1)) }
        }
        for node in simulation.nodes { simulation.start(node) }
        simulation.run(until: .zero + .seconds(1))
        let cut = simulation.network.add(Cut.oneWay(from: BitSet([0]), to: BitSet([1])))  // n1 -> n2
        simulation.run(until: .zero + .seconds(2))
        print(simulation[NodeID(3)].round, simulation.digest)

        let round = simulation[NodeID(3)].round
        #expect(round > 60)
        simulation.heal(cut)
        simulation.run(until: .zero + .seconds(3))
        #expect(simulation[NodeID(3)].round == round, "the token was lost on the cut link")
    }

    @Test("A node is embedded as it says")
    func embedding() {
        var socket = Socket()
        var timers = Timers()
        var disk = Disk()
        let clock = Clock()
        func handle(_ output: MeshNode.Output) {}

        var configuration = MeshNode.Configuration(id: NodeID(1), peers: [NodeID(1), NodeID(2), NodeID(3)])
        configuration.raft = Raft.Settings()
        configuration.swim = Swim.Settings()
        configuration.gossip = Gossip.Settings()
        var node = MeshNode(configuration, random: Random(seed: clock.entropy))
        node.restore(disk.image)

        var outbox = MeshNode.Effects()
        node.step(.restarted, at: clock.now, into: &outbox)
        outbox.drain { effect in
            switch effect {
            case .send(let message, to: let peer): socket.send(Frame.encode(message), to: peer)
            case .setTimer(let timer, at: let instant): timers.set(timer, for: instant - clock.now)
            case .cancelTimer(let timer): timers.cancel(timer)
            case .persist(let record, let ticket): disk.append(record, ticket)  // what follows waits for it
            case .output(let output): handle(output)
            }
        }

        node.step(.command(.gossip(.set(key: "theme", value: "dark"))), at: clock.now, into: &outbox)
        outbox.drain { effect in
            if case .persist(let record, let ticket) = effect { disk.append(record, ticket) }
        }
        #expect(timers.count >= 2)
        #expect(disk.image.gossip.entry("theme")?.value == "dark")
        #expect(socket.frames.allSatisfy { (try? Frame.decode($0, as: MeshNode.Message.self)) != nil })
    }

    @Test("Every Swift block of the README stands in this file")
    func blocks() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = folder.appendingPathComponent("../../..").standardized
        let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let here = try String(contentsOf: URL(fileURLWithPath: #filePath), encoding: .utf8)
        func lines(_ text: String) -> [String] {
            text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
        let blocks = readme.components(separatedBy: "```swift\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(blocks.count >= 3)
        let known = lines(here).joined(separator: "\n")
        for block in blocks {
            #expect(known.contains(lines(block).joined(separator: "\n")), "not in this file:\n\(block)")
        }
    }
}

/// Stands in for a product's socket.
private struct Socket {
    var frames: [[UInt8]] = []
    mutating func send(_ frame: [UInt8], to peer: NodeID) { frames.append(frame) }
}

/// Stands in for a product's timers.
private struct Timers {
    var count = 0
    mutating func set(_ timer: MeshNode.Timer, for length: Interval) { count += 1 }
    mutating func cancel(_ timer: MeshNode.Timer) {}
}

/// Stands in for a product's disk.
private struct Disk {
    var image = MeshNode.Stable()
    mutating func append(_ record: MeshNode.Stable.Record, _ ticket: Ticket) { image.apply(record) }
}

/// Stands in for a product's clock and entropy.
private struct Clock {
    var now: Instant { Instant(nanoseconds: 1_700_000_000_000_000_000) }
    var entropy: UInt64 { 0x5eed }
}
