import MeshCore
import Simulator

extension Exports.Story {
    /// The run as trace events: a process for each node, a slice for each step, an arrow for each message that arrived.
    ///
    /// A step takes no virtual time; its slice is a microsecond long, or less where the next one follows sooner.
    ///
    /// Source: Trace Event Format (Chromium); an arrow binds to the slices that enclose its ends.
    /// - Complexity: O(events).
    public func perfetto() -> [UInt8] {
        var sheet = Sheet(nodes: nodes)
        let spans = spans()
        for index in events.indices {
            guard let node = events[index].node else { continue }
            if case .note = events[index].record.content {
                sheet.instant(events[index].headline, node, at: events[index].record.time.nanoseconds)
                continue
            }
            sheet.slice(events[index].headline, node, spans[index], events[index].remarks)
            for message in events[index].sent where !messages[message].takings.isEmpty {
                sheet.flow(message, node, at: spans[index].start, isEnd: false)
            }
            if let message = events[index].message, messages[message].sending != nil,
                messages[message].takings.first == index
            {
                sheet.flow(message, node, at: spans[index].start, isEnd: true)
            }
        }
        return sheet.finish()
    }

    private typealias Span = (start: Int64, length: Int64)

    /// Where the slices lie, in nanoseconds: one behind the other on each node.
    private func spans() -> [Span] {
        var spans: [Span] = []
        var last = [Int?](repeating: nil, count: nodes.count)
        for (index, event) in events.enumerated() {
            var start = event.record.time.nanoseconds
            if let node = event.node {
                if let previous = last[node] {
                    start = max(start, spans[previous].start + 1)
                    spans[previous].length = min(spans[previous].length, start - spans[previous].start)
                }
                last[node] = index
            }
            spans.append((start, 1_000))
        }
        return spans
    }

    /// The JSON that is written.
    private struct Sheet {
        private var bytes: [UInt8] = []

        init(nodes: [Bytes]) {
            text("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")
            for (place, name) in nodes.enumerated() {
                if place > 0 { text(",") }
                text("\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":\(place + 1),\"args\":{\"name\":")
                JSONText.quote("\(name)", into: &bytes)
                text("}}")
            }
        }

        private mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

        private mutating func head(_ phase: StaticString, _ name: Bytes, _ node: Int, at time: Int64) {
            text(",\n{\"ph\":\"\(phase)\",\"name\":")
            JSONText.quote("\(name)", into: &bytes)
            text(",\"pid\":\(node + 1),\"tid\":1,\"ts\":\(Self.microseconds(time))")
        }

        mutating func slice(_ name: Bytes, _ node: Int, _ span: Span, _ remarks: [Bytes]) {
            head("X", name, node, at: span.start)
            text(",\"dur\":\(Self.microseconds(span.length))")
            if !remarks.isEmpty {
                text(",\"args\":{")
                for (place, remark) in remarks.enumerated() {
                    text("\(place > 0 ? "," : "")\"\(place + 1)\":")
                    JSONText.quote("\(remark)", into: &bytes)
                }
                text("}")
            }
            text("}")
        }

        mutating func instant(_ name: Bytes, _ node: Int, at time: Int64) {
            head("i", name, node, at: time)
            text(",\"s\":\"p\"}")
        }

        mutating func flow(_ message: Int, _ node: Int, at time: Int64, isEnd: Bool) {
            head(isEnd ? "f" : "s", "message", node, at: time)
            text(",\"cat\":\"message\",\"id\":\(message + 1)\(isEnd ? ",\"bp\":\"e\"" : "")}")
        }

        mutating func finish() -> [UInt8] {
            text("\n]}\n")
            return bytes
        }

        /// Nanoseconds in microseconds, with three digits behind the point.
        private static func microseconds(_ time: Int64) -> String {
            let fraction = "\(1_000 + time % 1_000)"
            return "\(time / 1_000)." + fraction.dropFirst()
        }
    }
}
