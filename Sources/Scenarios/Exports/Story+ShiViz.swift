import Simulator

extension Exports.Story {
    /// The run as a log with vector clocks: two lines for each event, behind two lines that say so.
    ///
    /// Every event at a node counts, also one that only winds a timer up, so that the clocks rise by one.
    ///
    /// Source: ShiViz, "(?<event>.*)\n(?<host>\S*) (?<clock>{.*})".
    /// - Complexity: O(events x nodes).
    public func shiviz() -> [UInt8] {
        var text: [UInt8] = []
        text.append(contentsOf: "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})\n\n".utf8)
        var clocks = [[UInt64]](repeating: [UInt64](repeating: 0, count: nodes.count), count: nodes.count)
        var sent = [[UInt64]](repeating: [], count: messages.count)
        for event in events {
            guard let node = event.node else { continue }
            if let message = event.message, !event.isLoss, messages[message].sending != nil {
                for place in nodes.indices { clocks[node][place] = max(clocks[node][place], sent[message][place]) }
            }
            clocks[node][node] += 1
            for message in event.sent { sent[message] = clocks[node] }
            text.append(contentsOf: line(event).utf8)
            text.append(contentsOf: "\n\(nodes[node]) {".utf8)
            var isFirst = true
            for place in nodes.indices where clocks[node][place] > 0 {
                text.append(contentsOf: "\(isFirst ? "" : ",")\"\(nodes[place])\":\(clocks[node][place])".utf8)
                isFirst = false
            }
            text.append(contentsOf: "}\n".utf8)
        }
        return text
    }

    private func line(_ event: Event) -> String {
        var line = "\(event.record.time) \(event.headline)"
        for remark in event.remarks { line += "; \(remark)" }
        return line
    }
}
