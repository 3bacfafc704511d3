import Foundation
import Synchronization

/// Carries the lines of real processes of `mesh maelstrom`, as Maelstrom does; links can be cut.
///
/// One thread for each process reads what it says; what is for another node goes into that one's input at once.
final class MaelstromNetwork: Sendable {
    /// The nodes, named as Maelstrom names them.
    let names: [String]
    private let nodes: [Node]
    private let state = Mutex(State())

    private struct State {
        var answers: [String: [[String: Any]]] = [:]
        var cut: Set<Set<String>> = []
        var carried = 0
    }

    private final class Node: Sendable {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        let gate = Mutex(())

        func write(_ data: Data) {
            gate.withLock { _ in try? input.fileHandleForWriting.write(contentsOf: data) }
        }
    }

    /// Starts the nodes and introduces them to each other.
    init(_ workload: String, nodes count: Int, options: [String] = []) throws {
        names = (0..<count).map { "n\($0)" }
        nodes = names.map { _ in Node() }
        // A process that is gone must not take the test along.
        signal(SIGPIPE, SIG_IGN)
        for index in 0..<count { try start(index, workload, options) }
        for name in names {
            let body: [String: Any] = ["type": "init", "node_id": name, "node_ids": names]
            _ = try ask(name, body)
        }
    }

    private func start(_ index: Int, _ workload: String, _ options: [String]) throws {
        let node = nodes[index]
        node.process.executableURL = MeshCommand.executable
        node.process.arguments = ["maelstrom", workload] + options
        node.process.standardInput = node.input
        node.process.standardOutput = node.output
        try node.process.run()
        let name = names[index]
        Thread.detachNewThread { [self] in
            var rest = Data()
            while true {
                let data = node.output.fileHandleForReading.availableData
                if data.isEmpty { return }
                rest.append(data)
                while let end = rest.firstIndex(of: 10) {
                    carry(Data(rest[rest.startIndex...end]), from: name)
                    rest = Data(rest[(end + 1)...])
                }
            }
        }
    }

    private func carry(_ line: Data, from name: String) {
        guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
            let destination = object["dest"] as? String
        else { return }
        guard let index = names.firstIndex(of: destination) else {
            let body = Unchecked(value: object["body"] as? [String: Any] ?? [:])
            return state.withLock { $0.answers[destination, default: []].append(body.value) }
        }
        let isCut = state.withLock { state in
            state.carried += 1
            return state.cut.contains([name, destination])
        }
        if !isCut { nodes[index].write(line) }
    }

    private struct Unchecked: @unchecked Sendable {
        var value: [String: Any]
    }

    /// How many messages between nodes were said so far.
    var carried: Int { state.withLock { $0.carried } }

    /// Cuts every link between the two groups; an empty group heals all.
    func cut(_ one: [String], _ other: [String]) {
        state.withLock { state in
            state.cut = []
            for left in one { for right in other { state.cut.insert([left, right]) } }
        }
    }

    /// Sends a request of a new client and waits for its answer.
    ///
    /// - Returns: The answer's body; `nil` when none came within the patience.
    func ask(_ node: String, _ body: [String: Any], patience: Double = 20) throws -> [String: Any]? {
        let client = "c\(UUID().uuidString)"
        var body = body
        body["msg_id"] = 1
        // Maelstrom's messages carry a number of their own, which its documentation does not mention.
        let line: [String: Any] = ["id": 0, "src": client, "dest": node, "body": body]
        guard let index = names.firstIndex(of: node) else { return nil }
        nodes[index].write(try JSONSerialization.data(withJSONObject: line) + Data([10]))
        let end = Date(timeIntervalSinceNow: patience)
        while Date() < end {
            let answer = state.withLock { state in
                Unchecked(value: state.answers[client]?.first ?? [:])
            }
            if !answer.value.isEmpty { return answer.value }
            Thread.sleep(forTimeInterval: 0.002)
        }
        return nil
    }

    /// Ends every node's input and waits until it has gone.
    ///
    /// - Returns: The statuses with which they ended.
    func stop() -> [Int32] {
        nodes.map { node in
            try? node.input.fileHandleForWriting.close()
            node.process.waitUntilExit()
            return node.process.terminationStatus
        }
    }
}
