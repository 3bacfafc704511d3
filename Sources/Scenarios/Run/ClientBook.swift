import MeshCore
import Simulator

/// The clients of a run: who waits for which answer.
///
/// A client has one operation under way. It takes the answer of the node it turned to; when that node crashes, or the
/// answer does not come in time, it gives up, not knowing whether the operation took effect.
struct ClientBook: Sendable {
    /// How long a client waits for an answer.
    static var patience: Interval { .seconds(5) }

    private struct Waiting: Sendable {
        var request: UInt64
        var node: NodeID
        var asked: Instant
        var key: Bytes
        var isRead: Bool
        /// The number of the operation in the history, when one is kept.
        var entry: Int?
    }

    /// What is asked and answered; kept only for a run that judges it.
    var history: ClientHistory?

    /// What each client waits for, and what it read last under which key.
    private var waiting: [Waiting?] = []
    private var lastRead: [SortedMap<Bytes, Bytes?>] = []

    /// Adds clients.
    ///
    /// - Returns: The position of the first one.
    mutating func add(_ count: Int) -> Int {
        let first = waiting.count
        for _ in 0..<count {
            waiting.append(nil)
            lastRead.append(SortedMap())
        }
        return first
    }

    /// The number of a request: the client in the upper half, its operation in the lower.
    static func request(client: Int, operation: UInt64) -> UInt64 {
        UInt64(UInt(bitPattern: client + 1)) << 32 | (operation & 0xffff_ffff)
    }

    private func client(of request: UInt64) -> Int? {
        let client = Int(truncatingIfNeeded: request >> 32) - 1
        return client >= 0 && client < waiting.count ? client : nil
    }

    /// Whether a client has nothing under way; one whose patience is over gives up here.
    mutating func isIdle(_ client: Int, at now: Instant) -> Bool {
        guard let operation = waiting[client] else { return true }
        guard now - operation.asked >= Self.patience else { return false }
        waiting[client] = nil
        return true
    }

    /// A client turns to a node.
    mutating func asked(_ request: UInt64, _ operation: KeyValueStore.Operation, _ occasion: Occasion) {
        guard let client = client(of: request) else { return }
        let entry = history?.called(operation, by: client, occasion)
        switch operation {
        case .get(let key):
            waiting[client] = Waiting(
                request: request, node: occasion.node, asked: occasion.time, key: key, isRead: true, entry: entry)
        case .put(let key, _), .delete(let key), .compareAndSwap(let key, _, _):
            waiting[client] = Waiting(
                request: request, node: occasion.node, asked: occasion.time, key: key, isRead: false, entry: entry)
        }
    }

    /// A node applied a request; if its client waits for that node, it has its answer.
    ///
    /// - Returns: When the client asked.
    mutating func answered(_ request: UInt64, _ result: KeyValueStore.Result, _ occasion: Occasion) -> Instant? {
        guard let client = client(of: request), let operation = waiting[client], operation.request == request,
            operation.node == occasion.node
        else { return nil }
        waiting[client] = nil
        if let entry = operation.entry { history?.returned(entry, result, occasion) }
        switch result {
        case .value(let value) where operation.isRead: lastRead[client][operation.key] = .some(value)
        case .mismatch(let value): lastRead[client][operation.key] = .some(value)
        case .done, .value: break
        }
        return operation.asked
    }

    /// A node refused a request; its client is free to try again.
    mutating func refused(_ request: UInt64, at node: NodeID) {
        guard let client = client(of: request), let operation = waiting[client], operation.request == request,
            operation.node == node
        else { return }
        waiting[client] = nil
        if let entry = operation.entry { history?.refused(entry) }
    }

    /// A node is gone; whoever waited for it gives up.
    mutating func lostNode(_ node: NodeID) {
        for client in 0..<waiting.count where waiting[client]?.node == node { waiting[client] = nil }
    }

    /// What a client read last under a key; `nil` when it has not read it or found nothing.
    func lastRead(by client: Int, _ key: Bytes) -> Bytes? { lastRead[client][key] ?? nil }
}
