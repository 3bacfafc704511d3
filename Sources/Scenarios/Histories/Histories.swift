import MeshCore
public import Simulator

/// Reads histories of operations, as other tools and other systems write them, to be judged by `Linearizability`.
public enum Histories {
    /// How a history is written down.
    public enum Format: UInt8, Sendable, CaseIterable {
        /// Porcupine's key-value logs: one EDN map a line, with get, put and append; every key holds "" at first.
        case porcupineKV
        /// Jepsen's logs of etcd: `INFO  jepsen.util - 3 :invoke :cas [1 2]`; a failed cas saw another value.
        case jepsenEtcd
        /// Jepsen's histories: EDN maps, one after the other or in one vector.
        case edn
        /// The same maps as JSON objects, one a line.
        case jsonl

        /// The name by which commands call it.
        public var name: StaticString {
            switch self {
            case .porcupineKV: "porcupine-kv"
            case .jepsenEtcd: "jepsen-etcd"
            case .edn: "edn"
            case .jsonl: "jsonl"
            }
        }
    }

    /// A history that was read.
    public struct History: Sendable {
        /// The operations in the order of their calls; the times are positions in the file.
        public internal(set) var operations: [Linearizability.Operation] = []
        /// What every key holds at first; `nil` when it is absent.
        public internal(set) var initial: Linearizability.Value?
        /// Where each operation was called.
        public internal(set) var calls: [Scenario.Location] = []
        /// Where each operation returned; `nil` when it never did.
        public internal(set) var returns: [Scenario.Location?] = []

        /// An operation with the lines it stands on.
        public func description(of index: Int) -> String {
            let call = calls[index].line
            guard let end = returns[index]?.line else { return "\(operations[index]), called in line \(call)" }
            return "\(operations[index]), lines \(call) to \(end)"
        }
    }

    /// Reads a history.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - format: How it is written.
    ///   - model: What the operations act on.
    /// - Throws: The first mistake, with its line and column.
    /// - Complexity: O(n log n).
    public static func parse(
        _ source: [UInt8], _ format: Format, model: Linearizability.Model
    ) throws(Scenario.ParseError) -> History {
        var book = HistoryBook(format, model)
        switch format {
        case .porcupineKV: try readMaps(source, isJSON: false, into: &book)
        case .edn: try readMaps(source, isJSON: false, into: &book)
        case .jsonl: try readMaps(source, isJSON: true, into: &book)
        case .jepsenEtcd: try readEtcd(source, into: &book)
        }
        return book.finish()
    }

    /// Reads maps that follow each other, or one vector of them.
    private static func readMaps(
        _ source: [UInt8], isJSON: Bool, into book: inout HistoryBook
    ) throws(Scenario.ParseError) {
        var reader = DatumReader(source, isJSON: isJSON)
        while let datum = try reader.next() {
            if let elements = datum.elements {
                for element in elements { if let event = try HistoryEvent(element) { try book.add(event) } }
            } else if let event = try HistoryEvent(datum) {
                try book.add(event)
            }
        }
    }

    /// Reads lines such as `INFO  jepsen.util - 3 :invoke :cas [1 2]`; fields are separated by blanks or tabs.
    private static func readEtcd(_ source: [UInt8], into book: inout HistoryBook) throws(Scenario.ParseError) {
        var start = 0
        var line = 0
        while start < source.count {
            var end = start
            while end < source.count, source[end] != 0x0a { end += 1 }
            line += 1
            try readEtcdLine(Array(source[start..<end]), line, into: &book)
            start = end + 1
        }
    }

    private static func readEtcdLine(
        _ bytes: [UInt8], _ line: Int, into book: inout HistoryBook
    ) throws(Scenario.ParseError) {
        var reader = DatumReader(bytes, isJSON: false, line: line)
        var fields: [Datum] = []
        while let datum = try reader.next() { fields.append(datum) }
        if fields.isEmpty { return }
        guard fields.count == 7, fields[0].word == "INFO", fields[1].word == "jepsen.util", fields[2].word == "-",
            let process = fields[3].word, let type = fields[4].word, let function = fields[5].word
        else {
            throw fields[0].mistake("not of the form INFO  jepsen.util - PROCESS :TYPE :FUNCTION VALUE")
        }
        guard let kind = HistoryEvent.kind(type) else {
            throw fields[4].mistake("the type \"\(type)\" is none of invoke, ok, fail and info")
        }
        // What failed for want of an answer names the reason in place of the value.
        var error: Datum?
        if case .keyword = fields[6].kind { error = fields[6] }
        try book.add(
            HistoryEvent(
                kind, process: process, function: function, value: fields[6], error: error, at: fields[0].location))
    }
}
