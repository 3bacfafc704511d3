import MeshCore
import Simulator

/// A line of a history: a client calls an operation, or learns what became of it.
struct HistoryEvent: Sendable {
    enum Kind: Sendable {
        case call
        /// It took effect, with this answer.
        case done
        /// It is known to have had no effect.
        case failed
        /// Nobody knows; the client never learns it.
        case lost
    }

    var location: Scenario.Location
    var kind: Kind
    var process: Bytes
    var function: Bytes
    /// The key, when it stands in a field of its own.
    var key: Datum?
    var value: Datum
    /// What a failed operation says about its failure.
    var error: Datum?

    /// Reads a map with `process`, `type`, `f`, `value` and perhaps `key` and `error`.
    ///
    /// - Returns: `nil` for what no client did, such as a line of Jepsen's nemesis.
    init?(_ map: Datum) throws(Scenario.ParseError) {
        guard case .map = map.kind else { throw map.mistake("a line of a history is a map, such as {:process 0 ...}") }
        guard let process = map["process"]?.word else { throw map.mistake("this line names no process") }
        if process == "nemesis" { return nil }
        guard let type = map["type"], let word = type.word else { throw map.mistake("this line has no type") }
        guard let kind = Self.kind(word) else {
            throw type.mistake("the type \"\(word)\" is none of invoke, ok, fail and info")
        }
        guard let function = map["f"]?.word else { throw map.mistake("this line does not say what was called: f") }
        self.location = map.location
        self.kind = kind
        self.process = process
        self.function = function
        self.key = map["key"]
        self.value = map["value"] ?? Datum(location: map.location, kind: .null)
        self.error = map["error"]
    }

    init(
        _ kind: Kind, process: Bytes, function: Bytes, value: Datum, error: Datum?, at location: Scenario.Location
    ) {
        self.location = location
        self.kind = kind
        self.process = process
        self.function = function
        self.value = value
        self.error = error
    }

    static func kind(_ word: Bytes) -> Kind? {
        switch word {
        case "invoke": .call
        case "ok": .done
        case "fail": .failed
        case "info": .lost
        case _: nil
        }
    }

    func mistake(_ message: String) -> Scenario.ParseError { Scenario.ParseError(at: location, message) }
}
