/// Turns the trace of a run into what other tools draw.
///
/// A trace is read line by line into a ``Story``: what happened at which node, and which message went where. Every
/// format is written from that, so none of them knows how a trace looks.
public enum Exports {
    /// What a trace can be turned into.
    public enum Format: UInt8, Sendable, CaseIterable {
        /// A diagram for the terminal: a column for each node, a line for each event.
        case text
        /// A log with vector clocks for ShiViz.
        case shiviz
        /// Trace events in JSON, as Perfetto and chrome://tracing open them.
        case perfetto
        /// A sequence diagram for Markdown.
        case mermaid
        /// What clients asked and were told, as EDN in the manner of Jepsen.
        case jepsen
        /// A graph of causes and effects for Graphviz.
        case dot

        /// The name by which commands call it.
        public var name: StaticString {
            switch self {
            case .text: "text"
            case .shiviz: "shiviz"
            case .perfetto: "perfetto"
            case .mermaid: "mermaid"
            case .jepsen: "jepsen"
            case .dot: "dot"
            }
        }
    }
}

extension Exports.Story {
    /// The story in a format; `nil` for the history of the clients, which a trace does not hold: ``Run/jepsenHistory``.
    public func written(as format: Exports.Format) -> [UInt8]? {
        switch format {
        case .text: text()
        case .shiviz: shiviz()
        case .perfetto: perfetto()
        case .mermaid: mermaid()
        case .dot: dot()
        case .jepsen: nil
        }
    }
}
