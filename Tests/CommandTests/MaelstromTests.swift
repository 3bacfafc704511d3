import Foundation
import Synchronization
import Testing

@Suite("mesh maelstrom", .serialized)
struct MaelstromTests {
    @Test("A node answers as Maelstrom's protocol says, whatever it is asked")
    func transcript() throws {
        let network = try MaelstromNetwork("echo", nodes: 1)
        let answer = try #require(try network.ask("n0", ["type": "echo", "echo": ["a": [1, NSNull(), "ß"]]]))
        #expect(answer["type"] as? String == "echo_ok")
        #expect(answer["in_reply_to"] as? Int == 1)
        #expect(try text(answer["echo"]) == #"{"a":[1,null,"ß"]}"#)
        #expect(try network.ask("n0", ["type": "echo"])?["code"] as? Int == 12)
        let unknown = try #require(try network.ask("n0", ["type": "fly"]))
        #expect(unknown["type"] as? String == "error")
        #expect(unknown["code"] as? Int == 10)
        #expect(try network.ask("n0", ["type": "init", "node_id": "n0", "node_ids": ["n0"]])?["code"] as? Int == 12)
        #expect(network.stop() == [0])
    }

    @Test("Ids of three nodes never repeat")
    func uniqueIDs() throws {
        let network = try MaelstromNetwork("unique-ids", nodes: 3)
        var ids: Set<String> = []
        for round in 0..<100 {
            let answer = try #require(try network.ask(network.names[round % 3], ["type": "generate"]))
            ids.insert(try #require(answer["id"] as? String))
        }
        #expect(ids.count == 100)
        #expect(network.stop() == [0, 0, 0])
    }

    @Test("Values reach everyone, those told to either side of a split too", arguments: ["broadcast", "g-set"])
    func values(workload: String) throws {
        let network = try MaelstromNetwork(workload, nodes: 3)
        let (add, field, all) = workload == "g-set" ? ("add", "element", "value") : ("broadcast", "message", "messages")
        if workload == "broadcast" {
            let topology = ["n0": ["n1"], "n1": ["n0", "n2"], "n2": ["n1"]]
            #expect(
                try network.ask("n0", ["type": "topology", "topology": topology])?["type"] as? String == "topology_ok")
        }
        network.cut(["n0"], ["n1", "n2"])
        for value in 0..<20 {
            let answer = try network.ask(network.names[value % 3], ["type": add, field: value])
            #expect(answer?["type"] as? String == "\(add)_ok")
        }
        let before = try #require(try network.ask("n0", ["type": "read"])?[all] as? [Int])
        #expect(Set(before) == Set(stride(from: 0, to: 20, by: 3)), "nothing crosses a cut")
        network.cut([], [])
        for name in network.names {
            #expect(
                try eventually { Set(try network.ask(name, ["type": "read"])?[all] as? [Int] ?? []) == Set(0..<20) })
        }
        #expect(network.stop() == [0, 0, 0])
    }

    @Test("A counter loses no increment across a split", arguments: ["g-counter", "pn-counter"])
    func counters(workload: String) throws {
        let network = try MaelstromNetwork(workload, nodes: 3)
        network.cut(["n2"], ["n0", "n1"])
        var sum = 0
        for step in 1...30 {
            let delta = workload == "pn-counter" && step % 3 == 0 ? -step : step
            #expect(
                try network.ask(network.names[step % 3], ["type": "add", "delta": delta])?["type"] as? String
                    == "add_ok")
            sum += delta
        }
        network.cut([], [])
        for name in network.names {
            #expect(try eventually { try network.ask(name, ["type": "read"])?["value"] as? Int == sum })
        }
        let negative = try network.ask("n0", ["type": "add", "delta": -1])
        #expect(negative?["code"] as? Int == (workload == "g-counter" ? 12 : nil))
        #expect(network.stop() == [0, 0, 0])
    }

    @Test("Registers are linearizable while a node is cut off again and again; mesh lin judges the history")
    func registers() throws {
        let network = try MaelstromNetwork(
            "lin-kv", nodes: 3, options: ["--election-timeout", "300ms", "--patience", "2s"])
        #expect(
            try eventually {
                try network.ask("n0", ["type": "write", "key": 9, "value": 0])?["type"] as? String == "write_ok"
            })
        #expect(try network.ask("n1", ["type": "read", "key": "nobody"])?["code"] as? Int == 20)
        #expect(try network.ask("n1", ["type": "cas", "key": "nobody", "from": 1, "to": 2])?["code"] as? Int == 20)
        #expect(try network.ask("n2", ["type": "cas", "key": 9, "from": 5, "to": 6])?["code"] as? Int == 22)
        #expect(try network.ask("n2", ["type": "write", "key": 9])?["code"] as? Int == 12)

        let history = History()
        let clients = (0..<4).map { client in
            let thread = Thread { Self.work(client, network, history) }
            thread.start()
            return thread
        }
        for round in 0..<4 {
            Thread.sleep(forTimeInterval: 0.7)
            let lonely = network.names[round % 3]
            network.cut([lonely], network.names.filter { $0 != lonely })
            Thread.sleep(forTimeInterval: 0.7)
            network.cut([], [])
        }
        #expect(try eventually { clients.allSatisfy { $0.isFinished } })
        #expect(network.stop() == [0, 0, 0])

        let lines = history.lines
        #expect(lines.count { $0.contains(":ok") } > 50, "the clients got something done: \(lines.count) events")
        try MeshCommand.withFile(lines.joined(separator: "\n") + "\n") { path in
            let result = try MeshCommand.run(
                "lin", "check", "--model", "register", "--format", "jepsen-etcd", path)
            #expect(result.status == 0, "\(result.output)\n\(lines.joined(separator: "\n"))")
            #expect(result.output.contains("linearizable"))
        }
    }

    @Test("A workload that does not exist and settings that cannot work are refused with the way out")
    func badInput() throws {
        let unknown = try MeshCommand.run("maelstrom", "lin-kvs")
        #expect(unknown.status == 2)
        #expect(unknown.error.contains("there is no workload \"lin-kvs\""))
        #expect(unknown.error.contains("lin-kv"))
        #expect(try MeshCommand.run("maelstrom").status == 2)
        let short = try MeshCommand.run("maelstrom", "lin-kv", "--election-timeout", "1ms")
        #expect(short.status == 2)
        #expect(short.error.contains("between 10ms and 1min"))
    }
}

// MARK: - Helpers

extension MaelstromTests {
    /// What clients of one register did, as Jepsen logs it.
    private final class History: Sendable {
        private let all = Mutex<[String]>([])

        var lines: [String] { all.withLock { $0 } }

        func add(_ process: Int, _ type: String, _ function: String, _ value: String) {
            all.withLock { $0.append("INFO  jepsen.util - \(process)\t:\(type)\t:\(function)\t\(value)") }
        }

        /// Takes out the last call of a process: its node said that it surely did not happen.
        func dropCall(of process: Int) {
            all.withLock { lines in
                let place = lines.lastIndex { $0.hasPrefix("INFO  jepsen.util - \(process)\t:invoke") }
                if let place { lines.remove(at: place) }
            }
        }
    }

    /// One client: reads, writes and swaps on one register for six seconds; an unknown outcome ends its process.
    private static func work(_ client: Int, _ network: MaelstromNetwork, _ history: History) {
        var process = client
        let end = Date(timeIntervalSinceNow: 6)
        var step = 0
        var seen = 0
        while Date() < end {
            step += 1
            let node = network.names[(step + client) % network.names.count]
            // No value is written twice, so that one that was said not to be written is noticed when it is read.
            let fresh = client * 100_000 + step
            let (kind, value, body): (String, String, [String: Any]) =
                switch (step + client) % 3 {
                case 0: ("read", "nil", [:])
                case 1: ("write", "\(fresh)", ["value": fresh])
                default: ("cas", "[\(seen) \(fresh)]", ["from": seen, "to": fresh])
                }
            history.add(process, "invoke", kind, value)
            let answer = try? network.ask(node, body.merging(["type": kind, "key": 0]) { $1 }, patience: 4)
            switch (answer?["type"] as? String, answer?["code"] as? Int) {
            case ("read_ok", _):
                seen = answer?["value"] as? Int ?? -1
                history.add(process, "ok", kind, "\(seen)")
            case ("write_ok", _), ("cas_ok", _): history.add(process, "ok", kind, value)
            case ("error", 20) where kind == "read": history.add(process, "ok", kind, "nil")
            case ("error", 20), ("error", 22): history.add(process, "fail", kind, value)
            case ("error", 11): history.dropCall(of: process)
            default:
                history.add(process, "info", kind, ":timed-out")
                process += 100
            }
        }
    }

    private func text(_ value: Any?) throws -> String {
        let data = try JSONSerialization.data(
            withJSONObject: try #require(value), options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    private func eventually(_ condition: () throws -> Bool) throws -> Bool {
        let end = Date(timeIntervalSinceNow: 30)
        while Date() < end {
            if try condition() { return true }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return false
    }
}
