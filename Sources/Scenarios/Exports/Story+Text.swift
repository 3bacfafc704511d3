import MeshCore

extension Exports.Story {
    /// The run as a diagram in text: time goes down, a column for each node, arrows where messages arrive or are lost.
    ///
    /// ```text
    ///   230.771ms  n1  n2  n3
    ///              |   |   *    timer raft election
    ///   232.669ms  <-------o    raft preVote term 1 last 0/0
    ///   233.509ms  |   x---o    lost: raft preVote term 1 last 0/0
    /// ```
    ///
    /// - Complexity: O(events x nodes).
    public func text() -> [UInt8] {
        var text: [UInt8] = []
        let width = columnWidth
        text.append(contentsOf: Self.padded("", 14))
        for name in nodes { text.append(contentsOf: Self.padded("\(name)", width, isLeft: true)) }
        text.append(0x0a)
        for event in events where !event.isQuiet {
            text.append(contentsOf: Self.padded("\(event.record.time)  ", 14))
            text.append(contentsOf: columns(event, width))
            if event.isLoss { text.append(contentsOf: "lost: ".utf8) }
            text.append(contentsOf: "\(label(event))\n".utf8)
            for remark in event.remarks {
                text.append(contentsOf: Self.padded("", 14))
                text.append(contentsOf: columns(nil, width))
                text.append(contentsOf: "  \(remark)\n".utf8)
            }
        }
        return text
    }

    /// How wide a column is: the longest name, and two blanks.
    private var columnWidth: Int { (nodes.map { $0.count }.max() ?? 0) + 2 }

    private func label(_ event: Event) -> Bytes { event.message.map { messages[$0].text } ?? event.headline }

    /// The lines of the nodes, with what the event does to them.
    private func columns(_ event: Event?, _ width: Int) -> [UInt8] {
        var row = [UInt8](repeating: 0x20, count: nodes.count * width)
        for place in nodes.indices { row[place * width] = 0x7c }
        guard let event, let node = event.node else { return row }
        if let message = event.message.map({ messages[$0] }), message.from != message.to {
            let from = message.from * width
            let to = message.to * width
            for place in min(from, to)...max(from, to) { row[place] = 0x2d }
            row[from] = 0x6f
            row[to] = event.isLoss ? 0x78 : (from < to ? 0x3e : 0x3c)
        } else {
            row[node * width] = 0x2a
        }
        return row
    }

    private static func padded(_ text: String, _ width: Int, isLeft: Bool = false) -> [UInt8] {
        let bytes = Array(text.utf8)
        let padding = [UInt8](repeating: 0x20, count: max(width - bytes.count, 0))
        return isLeft ? bytes + padding : padding + bytes
    }
}
