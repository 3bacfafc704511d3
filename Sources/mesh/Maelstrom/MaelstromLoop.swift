import Foundation
import MeshCore
import MeshRuntime

/// A node's life under Maelstrom: reads lines, lets the node take them, writes what leaves it.
struct MaelstromLoop: ~Copyable {
    private let kind: MaelstromWorkloadKind
    private let options: MaelstromOptions
    private var node: MaelstromNode?

    init(_ kind: @escaping MaelstromWorkloadKind, _ options: MaelstromOptions) {
        self.kind = kind
        self.options = options
    }

    /// Runs until standard input ends.
    mutating func run() throws {
        var reader = LineReader(STDIN_FILENO)
        while let lines = try reader.lines(until: node?.nextDeadline) {
            let now = SystemClock.now
            var output = Data()
            for line in lines { take(line, at: now, &output) }
            try node?.settle(at: now, &output)
            if !output.isEmpty { Terminal.write(output, to: .standardOutput) }
        }
    }

    private mutating func take(_ text: Data, at now: Moment, _ output: inout Data) {
        guard let line = MaelstromLine(text) else {
            let line = String(decoding: text.prefix(200), as: UTF8.self)
            return Terminal.error("mesh: passed over a line that is no message: \(line)")
        }
        if line.kind == "init" { return initialize(line, at: now, &output) }
        guard node != nil else { return Terminal.error("mesh: passed over a \"\(line.kind)\" before \"init\"") }
        node?.take(line, at: now, &output)
    }

    private mutating func initialize(_ line: MaelstromLine, at now: Moment, _ output: inout Data) {
        var desk = MaelstromDesk(at: now)
        let request = MaelstromRequest(line)
        let names = line.body["node_ids"] as? [String]
        guard node == nil, let name = line.body["node_id"] as? String, let names, names.contains(name) else {
            desk.refuse(request, .malformedRequest, "\"init\" comes once, and node_ids contain node_id")
            return MaelstromNode.write(desk, from: line.destination, &output)
        }
        node = MaelstromNode(name, names, kind, options)
        node?.start(at: now, &output)
        desk.answer(request)
        MaelstromNode.write(desk, from: name, &output)
    }
}

/// A node, its workload, and the names that Maelstrom has for nodes.
struct MaelstromNode: ~Copyable {
    private let name: String
    /// The nodes in the order of their ids, which count from 1.
    private let names: [String]
    private var driver: NodeDriver<MeshNode, VolatileJournal<MeshNode.Stable>>
    private var workload: any MaelstromWorkload

    init(_ name: String, _ names: [String], _ kind: MaelstromWorkloadKind, _ options: MaelstromOptions) {
        let names = Array(Set(names)).sorted()
        let ids = names.indices.map { NodeID(UInt64($0) + 1) }
        let id = NodeID(UInt64(names.firstIndex(of: name) ?? 0) + 1)
        self.name = name
        self.names = names
        self.workload = kind(id, options)
        var configuration = MeshNode.Configuration(id: id, peers: ids)
        workload.configure(&configuration, options)
        var system = SystemRandomNumberGenerator()
        self.driver = NodeDriver(
            MeshNode(configuration, random: Random(seed: system.next())), journal: VolatileJournal())
    }

    /// When something has to happen even if nothing arrives.
    var nextDeadline: Instant? {
        guard let timer = driver.nextDeadline else { return workload.nextDeadline }
        guard let other = workload.nextDeadline else { return timer }
        return min(timer, other)
    }

    mutating func start(at now: Moment, _ output: inout Data) {
        driver.take(.restarted, at: now)
        var desk = MaelstromDesk(at: now)
        workload.start(&desk)
        finish(desk, &output)
    }

    mutating func take(_ line: MaelstromLine, at now: Moment, _ output: inout Data) {
        if line.kind == Self.peerKind { return takePeer(line, at: now) }
        var desk = MaelstromDesk(at: now)
        workload.handle(MaelstromRequest(line), &desk)
        finish(desk, &output)
    }

    /// Lets the node do what is due, and writes everything that leaves it.
    mutating func settle(at now: Moment, _ output: inout Data) throws {
        var desk = MaelstromDesk(at: now)
        workload.expire(&desk)
        finish(desk, &output)
        try driver.settle(at: now)
        while let departure = driver.nextDeparture() {
            switch departure {
            case .send(let message, to: let peer): send(message, to: peer, &output)
            case .output(let told):
                var desk = MaelstromDesk(at: now)
                workload.handle(told, &desk)
                finish(desk, &output)
                try driver.settle(at: now)
            }
        }
    }

    private mutating func finish(_ desk: MaelstromDesk, _ output: inout Data) {
        for command in desk.commands { driver.take(.command(command), at: desk.now) }
        Self.write(desk, from: name, &output)
    }

    static func write(_ desk: MaelstromDesk, from name: String, _ output: inout Data) {
        for answer in desk.answers { output.append(MaelstromLine(from: name, to: answer.client, answer.body).text) }
    }
}

// MARK: - Between nodes

extension MaelstromNode {
    /// What a message between nodes is called.
    private static let peerKind = "mesh"

    private func send(_ message: MeshNode.Message, to peer: NodeID, _ output: inout Data) {
        let place = Int(peer.rawValue) - 1
        guard names.indices.contains(place) else { return }
        var writer = WireWriter()
        message.encode(into: &writer)
        let body: [String: Any] = ["type": Self.peerKind, "data": Data(writer.bytes).base64EncodedString()]
        output.append(MaelstromLine(from: name, to: names[place], body).text)
    }

    private mutating func takePeer(_ line: MaelstromLine, at now: Moment) {
        guard let place = names.firstIndex(of: line.source), let text = line.body["data"] as? String,
            let data = Data(base64Encoded: text)
        else { return Terminal.error("mesh: passed over a message of \(line.source) that is none of this mesh") }
        var reader = WireReader(Array(data))
        do throws(WireError) {
            let message = try MeshNode.Message(from: &reader)
            try reader.finish()
            driver.take(.receive(message, from: NodeID(UInt64(place) + 1)), at: now)
        } catch {
            Terminal.error("mesh: passed over a message of \(line.source): \(error)")
        }
    }
}
