import Foundation

/// A line of Maelstrom's protocol: who says what to whom.
///
/// Source: Maelstrom, doc/protocol.md. Keys that are not known, such as the `id` that messages from clients carry, are
/// passed over.
struct MaelstromLine {
    var source: String
    var destination: String
    var body: [String: Any]

    init(from source: String, to destination: String, _ body: [String: Any]) {
        self.source = source
        self.destination = destination
        self.body = body
    }

    /// Reads a line; `nil` when it is none.
    init?(_ text: Data) {
        guard let object = try? JSONSerialization.jsonObject(with: text) as? [String: Any],
            let source = object["src"] as? String, let destination = object["dest"] as? String,
            let body = object["body"] as? [String: Any]
        else { return nil }
        self.init(from: source, to: destination, body)
    }

    /// What the line is about.
    var kind: String { body["type"] as? String ?? "" }

    /// The line with its end.
    var text: Data {
        var data = JSONValue.text(["src": source, "dest": destination, "body": body])
        data.append(10)
        return data
    }
}

/// Values of JSON as text that is the same for equal values.
enum JSONValue {
    /// Writes a value, with the keys of objects in order.
    static func text(_ value: Any) -> Data {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes]
        return (try? JSONSerialization.data(withJSONObject: value, options: options)) ?? Data("null".utf8)
    }

    /// Reads a value.
    static func value(_ text: [UInt8]) -> Any {
        (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) ?? NSNull()
    }
}

/// Why an operation is not done.
///
/// Source: Maelstrom, doc/protocol.md, the table of errors. A definite error says that nothing happened.
enum MaelstromError: Int {
    /// Nobody knows whether it happened.
    case timeout = 0
    /// There is no such operation here.
    case notSupported = 10
    /// It did not happen, and may be asked for again.
    case temporarilyUnavailable = 11
    /// The request lacks something.
    case malformedRequest = 12
    /// There is no such key.
    case keyDoesNotExist = 20
    /// The key holds something else.
    case preconditionFailed = 22
}
