import Foundation
import MeshCore
import MeshRuntime

/// What a node does for Maelstrom's clients: turns their requests into commands and its outputs into answers.
protocol MaelstromWorkload {
    /// What has to run on the node.
    func configure(_ configuration: inout MeshNode.Configuration, _ options: MaelstromOptions)

    /// Takes up work, once the node has started.
    mutating func start(_ desk: inout MaelstromDesk)

    /// Takes a request of a client.
    mutating func handle(_ request: MaelstromRequest, _ desk: inout MaelstromDesk)

    /// Takes what the node tells.
    mutating func handle(_ output: MeshNode.Output, _ desk: inout MaelstromDesk)

    /// When the workload wants to be asked again even if nothing arrives.
    var nextDeadline: Instant? { get }

    /// Gives up what has taken too long.
    mutating func expire(_ desk: inout MaelstromDesk)
}

extension MaelstromWorkload {
    func configure(_ configuration: inout MeshNode.Configuration, _ options: MaelstromOptions) {}
    mutating func start(_ desk: inout MaelstromDesk) {}
    mutating func handle(_ output: MeshNode.Output, _ desk: inout MaelstromDesk) {}
    var nextDeadline: Instant? { nil }
    mutating func expire(_ desk: inout MaelstromDesk) {}
}

/// A request, and to whom its answer goes.
struct MaelstromRequest {
    var client: String
    var number: Int?
    var kind: String
    var body: [String: Any]

    init(_ line: MaelstromLine) {
        client = line.source
        number = line.body["msg_id"] as? Int
        kind = line.kind
        body = line.body
    }
}

/// What a workload has at hand while it works: the moment, commands for the node, and answers to clients.
struct MaelstromDesk {
    let now: Moment
    private(set) var commands: [MeshNode.Command] = []
    private(set) var answers: [(client: String, body: [String: Any])] = []

    init(at now: Moment) { self.now = now }

    /// Asks the node for something.
    mutating func command(_ command: MeshNode.Command) { commands.append(command) }

    /// Answers a request.
    mutating func answer(_ request: MaelstromRequest, _ body: [String: Any] = [:]) {
        var body = body
        body["type"] = request.kind + "_ok"
        reply(to: request, body)
    }

    /// Answers a request by an error.
    mutating func refuse(_ request: MaelstromRequest, _ error: MaelstromError, _ text: String) {
        reply(to: request, ["type": "error", "code": error.rawValue, "text": text])
    }

    /// Answers a request that this workload does not have.
    mutating func refuseUnknown(_ request: MaelstromRequest) {
        refuse(request, .notSupported, "this workload has no \"\(request.kind)\"")
    }

    private mutating func reply(to request: MaelstromRequest, _ body: [String: Any]) {
        var body = body
        body["in_reply_to"] = request.number
        answers.append((request.client, body))
    }
}
