import MeshCore

/// What the language will say one day.
///
/// A word of a later version is an error that says so: it is neither ignored nor called a typing mistake.
enum Unsupported {
    /// Where a word stands.
    enum Context: Equatable, Sendable {
        /// At the beginning of a line of the top level.
        case section

        /// Behind `run`.
        case protocolName

        /// In a section of settings.
        case setting

        /// As the kind of a workload.
        case workload

        /// As what a line of the timeline does.
        case action

        /// As what an antagonist does.
        case chaos

        /// As the name of a checker.
        case checker
    }

    /// What a word of a later version stands for; `nil` for a word that no version knows.
    static func text(for word: [UInt8], in context: Context) -> String? {
        for entry in table where entry.context == context && entry.word.storage == word {
            return "\(entry.word.description) (\(entry.text))"
        }
        return nil
    }

    private static let table: [(context: Context, word: Bytes, text: String)] = [
        (.section, "upgrade", "mixed versions on the wire"),
        (.section, "byzantine", "nodes that lie"),
        (.section, "include", "scenarios made of others"),
        (.section, "phase", "phases with bounds of their own"),
        (.protocolName, "dht", "the distributed hash table"),
        (.protocolName, "overlay", "the overlay network"),
        (.protocolName, "crdt", "replicated data types"),
        (.setting, "byzantine", "nodes that lie"),
        (.setting, "version", "mixed versions on the wire"),
        (.setting, "learners", "learners from the start; the timeline can add them"),
        (.workload, "crdt", "replicated data types"),
        (.workload, "channel", "channels and streams"),
        (.workload, "stream", "channels and streams"),
        (.workload, "dht", "the distributed hash table"),
        (.action, "upgrade", "mixed versions on the wire"),
        (.action, "downgrade", "mixed versions on the wire"),
        (.action, "byzantine", "nodes that lie"),
        (.action, "persona", "nodes that lie"),
        (.action, "snapshot", "snapshots on demand"),
        (.chaos, "byzantine", "nodes that lie"),
        (.chaos, "upgrades", "mixed versions on the wire"),
        (.chaos, "membership", "changes of membership"),
        (.checker, "serializable", "a history of operations and its order"),
        (.checker, "sequential", "a history of operations and its order"),
        (.checker, "causal", "a history of operations and its order"),
        (.checker, "crdt-convergence", "replicated data types"),
    ]
}
