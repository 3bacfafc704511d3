import MeshCore

extension Exports.Story {
    /// How long a diagram may be before programs that draw it refuse it, in bytes.
    public static var mermaidLimit: Int { 50_000 }

    /// The run as a sequence diagram: an arrow where a message arrives, a cross where it is lost, notes for the rest.
    ///
    /// A diagram ends before ``mermaidLimit`` with a note that says how many events are left out.
    ///
    /// - Complexity: O(events).
    public func mermaid() -> [UInt8] {
        var text: [UInt8] = []
        text.append(contentsOf: "sequenceDiagram\n".utf8)
        for name in nodes { text.append(contentsOf: "    participant \(name)\n".utf8) }
        let shown = events.filter { !$0.isQuiet && $0.node != nil }
        for (place, event) in shown.enumerated() {
            let lines = lines(of: event)
            guard text.count + lines.count <= Self.mermaidLimit - 200 else {
                let rest = "\(shown.count - place) more events: choose a shorter time"
                text.append(contentsOf: "    Note over \(nodes[0]): \(rest)\n".utf8)
                break
            }
            text.append(contentsOf: lines)
        }
        return text
    }

    private func lines(of event: Event) -> [UInt8] {
        guard let node = event.node else { return [] }
        var text: [UInt8] = []
        if let message = event.message.map({ messages[$0] }) {
            let arrow = event.isLoss ? "--x" : "->>"
            text.append(contentsOf: "    \(nodes[message.from])\(arrow)\(nodes[message.to]): ".utf8)
            text.append(contentsOf: Self.escaped(message.text))
            text.append(0x0a)
        } else {
            text.append(contentsOf: "    Note over \(nodes[node]): \(event.record.time) ".utf8)
            text.append(contentsOf: Self.escaped(event.headline))
            text.append(0x0a)
        }
        for remark in event.remarks where !remark.hasPrefix("persist ") {
            text.append(contentsOf: "    Note over \(nodes[node]): ".utf8)
            text.append(contentsOf: Self.escaped(remark))
            text.append(0x0a)
        }
        return text
    }

    /// The language ends a statement at a semicolon and reads a number sign as the beginning of an entity.
    private static func escaped(_ text: Bytes) -> [UInt8] {
        var escaped: [UInt8] = []
        for byte in "\(text)".utf8 {
            switch byte {
            case 0x3b: escaped.append(contentsOf: "#59;".utf8)
            case 0x23: escaped.append(contentsOf: "#35;".utf8)
            case _: escaped.append(byte)
            }
        }
        return escaped
    }
}
