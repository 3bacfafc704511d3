import Foundation
import MeshCore

/// A set that grows: each value is a key of the gossip state.
struct ValuesWorkload: MaelstromWorkload {
    /// What the workload calls things.
    struct Words: Sendable {
        var add: String
        var value: String
        var all: String

        static let broadcast = Words(add: "broadcast", value: "message", all: "messages")
        static let growOnlySet = Words(add: "add", value: "element", all: "value")
    }

    private let words: Words
    private var values: [Bytes: Any] = [:]
    /// Who waits until a value is stored.
    private var waiting: [Bytes: [MaelstromRequest]] = [:]

    init(_ words: Words) { self.words = words }

    func configure(_ configuration: inout MeshNode.Configuration, _ options: MaelstromOptions) {
        configuration.gossip = Gossip.Settings()
    }

    mutating func start(_ desk: inout MaelstromDesk) { desk.command(.gossip(.subscribe("*"))) }

    mutating func handle(_ request: MaelstromRequest, _ desk: inout MaelstromDesk) {
        switch request.kind {
        case words.add:
            guard let value = request.body[words.value] else {
                return desk.refuse(request, .malformedRequest, "no \"\(words.value)\"")
            }
            let key = Bytes(Array(JSONValue.text(value)))
            if values[key] != nil { return desk.answer(request) }
            waiting[key, default: []].append(request)
            desk.command(.gossip(.set(key: key, value: Bytes())))
        case "read": desk.answer(request, [words.all: Array(values.values)])
        // Nodes choose for themselves whom they gossip with.
        case "topology" where words.add == "broadcast": desk.answer(request)
        case _: desk.refuseUnknown(request)
        }
    }

    mutating func handle(_ output: MeshNode.Output, _ desk: inout MaelstromDesk) {
        guard case .gossip(let output) = output else { return }
        switch output {
        case .changed(let key, _, _): values[key] = JSONValue.value(key.storage)
        case .stored(let key, _):
            for request in waiting.removeValue(forKey: key) ?? [] { desk.answer(request) }
        case .rejected(let key, let reason):
            for request in waiting.removeValue(forKey: key) ?? [] {
                desk.refuse(request, .malformedRequest, "\(reason)")
            }
        case .ignored: break
        }
    }
}
