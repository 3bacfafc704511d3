import MeshCore

extension Exports.Story {
    /// The run as a graph: events of a node in a column, an edge to the next one and to where each message arrived.
    ///
    /// - Complexity: O(events).
    public func dot() -> [UInt8] {
        var text: [UInt8] = []
        text.append(contentsOf: "digraph run {\n    rankdir=TB;\n    node [shape=box, fontsize=10];\n".utf8)
        for (place, name) in nodes.enumerated() {
            text.append(contentsOf: "    subgraph cluster_\(place + 1) {\n        label=\"\(name)\";\n".utf8)
            var previous: Int?
            for index in events.indices where events[index].node == place && !events[index].isQuiet {
                text.append(contentsOf: "        e\(index + 1) [label=\"\(events[index].record.time)\\n".utf8)
                text.append(contentsOf: Self.escaped(events[index].headline))
                text.append(contentsOf: "\"];\n".utf8)
                if let previous { text.append(contentsOf: "        e\(previous + 1) -> e\(index + 1);\n".utf8) }
                previous = index
            }
            text.append(contentsOf: "    }\n".utf8)
        }
        for message in messages {
            guard let sending = message.sending else { continue }
            for taking in message.takings {
                text.append(contentsOf: "    e\(sending + 1) -> e\(taking + 1) [color=blue];\n".utf8)
            }
            if let loss = message.loss {
                let ends = "e\(sending + 1) -> e\(loss + 1)"
                text.append(contentsOf: "    \(ends) [color=red, style=dashed];\n".utf8)
            }
        }
        text.append(contentsOf: "}\n".utf8)
        return text
    }

    private static func escaped(_ text: Bytes) -> [UInt8] {
        var escaped: [UInt8] = []
        for byte in "\(text)".utf8 {
            if byte == 0x22 || byte == 0x5c { escaped.append(0x5c) }
            escaped.append(byte)
        }
        return escaped
    }
}
