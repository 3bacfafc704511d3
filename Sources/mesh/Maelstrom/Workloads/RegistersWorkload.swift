import Foundation
import MeshCore
import MeshRuntime

/// Registers that behave like one copy: writes through the replicated log, reads confirmed by a quorum.
struct RegistersWorkload: MaelstromWorkload {
    private struct Waiting {
        var request: MaelstromRequest
        var deadline: Instant
    }

    private let patience: Interval
    private var nextNumber: UInt64
    private var waiting: [UInt64: Waiting] = [:]
    /// The numbers in the order of their deadlines; those that were answered are passed over.
    private var queue = Ring<(number: UInt64, deadline: Instant)>()

    init(_ node: NodeID, _ options: MaelstromOptions) {
        patience = options.patience
        // The nodes tell each other's requests apart by the upper half.
        nextNumber = node.rawValue << 40
    }

    func configure(_ configuration: inout MeshNode.Configuration, _ options: MaelstromOptions) {
        configuration.raft = options.raft
    }

    mutating func handle(_ request: MaelstromRequest, _ desk: inout MaelstromDesk) {
        guard ["read", "write", "cas"].contains(request.kind) else { return desk.refuseUnknown(request) }
        guard let key = field("key", request) else { return desk.refuse(request, .malformedRequest, "no \"key\"") }
        nextNumber += 1
        switch request.kind {
        case "read": desk.command(.read(key: key, id: nextNumber))
        case "write":
            guard let value = field("value", request) else {
                return desk.refuse(request, .malformedRequest, "no \"value\"")
            }
            desk.command(.submit(.init(id: nextNumber, .put(key: key, value: value))))
        case _:
            guard let from = field("from", request), let to = field("to", request) else {
                return desk.refuse(request, .malformedRequest, "\"from\" and \"to\" belong to \"cas\"")
            }
            desk.command(.submit(.init(id: nextNumber, .compareAndSwap(key: key, expected: from, value: to))))
        }
        let deadline = desk.now.elapsed + patience
        waiting[nextNumber] = Waiting(request: request, deadline: deadline)
        queue.append((nextNumber, deadline))
    }

    private func field(_ name: String, _ request: MaelstromRequest) -> Bytes? {
        request.body[name].map { Bytes(Array(JSONValue.text($0))) }
    }

    mutating func handle(_ output: MeshNode.Output, _ desk: inout MaelstromDesk) {
        switch output {
        case .applied(_, let number, let result, _):
            if let request = finish(number) { answer(request, result, &desk) }
        case .read(let number, _, let value, _):
            guard let request = finish(number) else { return }
            if let value {
                desk.answer(request, ["value": JSONValue.value(value.storage)])
            } else {
                desk.refuse(request, .keyDoesNotExist, "there is no such key")
            }
        case .readRefused(let number, let reason), .raft(.rejected(let number, let reason)):
            if let request = finish(number) { desk.refuse(request, .temporarilyUnavailable, "\(reason)") }
        case .raft, .swim, .heartbeat, .gossip, .broadcast, .hyparview, .plumtree: break
        }
    }

    private func answer(_ request: MaelstromRequest, _ result: KeyValueStore.Result, _ desk: inout MaelstromDesk) {
        switch result {
        case .done: desk.answer(request)
        case .mismatch(nil): desk.refuse(request, .keyDoesNotExist, "there is no such key")
        case .mismatch(let value?):
            let text = String(decoding: value.storage, as: UTF8.self)
            desk.refuse(request, .preconditionFailed, "the key holds \(text)")
        case .value, .session, .refused: invariant(false, "a write is done or finds something else")
        }
    }

    private mutating func finish(_ number: UInt64) -> MaelstromRequest? {
        waiting.removeValue(forKey: number)?.request
    }

    var nextDeadline: Instant? { queue.first?.deadline }

    mutating func expire(_ desk: inout MaelstromDesk) {
        while let first = queue.first, first.deadline <= desk.now.elapsed {
            _ = queue.popFirst()
            if let request = finish(first.number) {
                desk.refuse(request, .timeout, "no answer; it may have happened, or happen yet")
            }
        }
    }
}
