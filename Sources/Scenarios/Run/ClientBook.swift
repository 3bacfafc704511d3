import MeshCore
import Simulator

/// The clients of a run: who waits for which answer.
///
/// A client has one operation under way. It takes the answer of the node it turned to last; when that node crashes or
/// refuses, or the answer does not come in time, it asks again if its workload says so, and otherwise gives up, not
/// knowing whether the operation took effect.
struct ClientBook: Sendable {
    /// How long a client waits for an answer, whatever it does meanwhile.
    static var patience: Interval { .seconds(5) }

    /// An operation that is under way.
    struct Waiting: Sendable {
        let request: KeyValueStore.Request
        let path: Scenario.ReadPath
        /// When the client asked first.
        let asked: Instant
        /// Whether the client asks again.
        let isPersistent: Bool
        /// The number of the operation in the history, when one is kept.
        let entry: Int?
        /// Whom the client waits for; nobody when it has to look for another node.
        var node: NodeID?
        /// Whether an attempt may be in the log without the client knowing.
        var isUncertain = false

        /// The key it is about.
        var key: Bytes {
            switch request.operation {
            case .put(let key, _), .get(let key), .delete(let key), .compareAndSwap(let key, _, _): key
            case .openSession, .closeSession: Bytes()
            }
        }
    }

    /// What is asked and answered; kept only for a run that judges it.
    var history: ClientHistory?

    private struct Client: Sendable {
        var waiting: Waiting?
        /// What it read last under which key.
        var lastRead = SortedMap<Bytes, Bytes?>()
        /// Its session, and the number of its next command in it.
        var session: UInt64?
        var sequence: UInt64 = 1
    }

    private var clients: [Client] = []

    /// Adds clients.
    ///
    /// - Returns: The position of the first one.
    mutating func add(_ count: Int) -> Int {
        let first = clients.count
        for _ in 0..<count { clients.append(Client()) }
        return first
    }

    /// The number of a request: the client in the upper half, its operation in the lower.
    static func request(client: Int, operation: UInt64) -> UInt64 {
        UInt64(UInt(bitPattern: client + 1)) << 32 | (operation & 0xffff_ffff)
    }

    private func client(of request: UInt64) -> Int? {
        let client = Int(truncatingIfNeeded: request >> 32) - 1
        return client >= 0 && client < clients.count ? client : nil
    }

    /// The client of a request that is under way.
    private func waiting(for request: UInt64, at node: NodeID) -> (client: Int, operation: Waiting)? {
        guard let client = client(of: request), let operation = clients[client].waiting,
            operation.request.id == request, operation.node == node
        else { return nil }
        return (client, operation)
    }

    /// What a client waits for.
    func operation(of client: Int) -> Waiting? { clients[client].waiting }

    /// Whether a client has nothing under way; one whose patience is over gives up here.
    mutating func isIdle(_ client: Int, at now: Instant) -> Bool {
        guard let operation = clients[client].waiting else { return true }
        guard now - operation.asked >= Self.patience else { return false }
        clients[client].waiting = nil
        return true
    }

    /// Whether a client has to open a session first.
    func lacksSession(_ client: Int) -> Bool { clients[client].session == nil }

    /// The place of a client's next command in its session; it waits for no earlier answer any more.
    mutating func nextStamp(of client: Int) -> Sessions.Stamp? {
        guard let session = clients[client].session else { return nil }
        let sequence = clients[client].sequence
        clients[client].sequence += 1
        return Sessions.Stamp(session: session, sequence: sequence, answeredUpTo: sequence - 1)
    }

    /// A client turns to a node for the first time.
    mutating func asked(
        _ request: KeyValueStore.Request, _ path: Scenario.ReadPath, isPersistent: Bool, _ occasion: Occasion
    ) {
        guard let client = client(of: request.id) else { return }
        let entry = history?.called(request.operation, by: client, occasion) ?? nil
        clients[client].waiting = Waiting(
            request: request, path: path, asked: occasion.time, isPersistent: isPersistent, entry: entry,
            node: occasion.node)
    }

    /// A client turns to another node, or to the same one again.
    mutating func askedAgain(_ client: Int, _ node: NodeID) {
        if clients[client].waiting?.node != nil { clients[client].waiting?.isUncertain = true }
        clients[client].waiting?.node = node
    }

    /// A node applied a request; if its client waits for that node, it has its answer.
    ///
    /// - Returns: When the client asked.
    mutating func answered(_ request: UInt64, _ result: KeyValueStore.Result, _ occasion: Occasion) -> Instant? {
        guard let (client, operation) = waiting(for: request, at: occasion.node) else { return nil }
        clients[client].waiting = nil
        switch result {
        case .session(let session):
            clients[client].session = session
            clients[client].sequence = 1
            return nil
        case .refused:
            // Nothing took effect this time; whether an earlier attempt did, the session could have told.
            clients[client].session = nil
            if let entry = operation.entry, !operation.isUncertain { history?.refused(entry) }
            return nil
        case .value(let value):
            if case .get = operation.request.operation { clients[client].lastRead[operation.key] = .some(value) }
        case .mismatch(let value): clients[client].lastRead[operation.key] = .some(value)
        case .done: break
        }
        if let entry = operation.entry { history?.returned(entry, result, occasion) }
        return operation.asked
    }

    /// A node refused a request, which therefore has no effect; its client is free to try again.
    mutating func refused(_ request: UInt64, at node: NodeID) {
        guard let (client, operation) = waiting(for: request, at: node) else { return }
        guard !operation.isPersistent else {
            clients[client].waiting?.node = nil
            return
        }
        clients[client].waiting = nil
        if let entry = operation.entry { history?.refused(entry) }
    }

    /// A node is gone; whoever waited for it asks another, or gives up.
    mutating func lostNode(_ node: NodeID) {
        for client in clients.indices where clients[client].waiting?.node == node {
            if clients[client].waiting?.isPersistent == true {
                clients[client].waiting?.node = nil
                clients[client].waiting?.isUncertain = true
            } else {
                clients[client].waiting = nil
            }
        }
    }

    /// What a client read last under a key; `nil` when it has not read it or found nothing.
    func lastRead(by client: Int, _ key: Bytes) -> Bytes? { clients[client].lastRead[key] ?? nil }
}
