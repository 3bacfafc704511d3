import MeshCore

/// A counter without a leader: every node keeps its own sum under its own key, and the value is the sum of the sums.
///
/// Nobody else writes a node's key, so the last write to it is the node's own, and no increment is lost.
struct CounterWorkload: MaelstromWorkload {
    private let key: Bytes
    private let canShrink: Bool
    private var own = 0
    private var sums: [Bytes: Int] = [:]
    /// Who waits until the node's sum is stored, oldest first.
    private var waiting: [MaelstromRequest] = []

    init(_ node: NodeID, canShrink: Bool) {
        self.key = Bytes("\(node)")
        self.canShrink = canShrink
    }

    func configure(_ configuration: inout MeshNode.Configuration, _ options: MaelstromOptions) {
        configuration.gossip = Gossip.Settings()
    }

    mutating func start(_ desk: inout MaelstromDesk) { desk.command(.gossip(.subscribe("*"))) }

    mutating func handle(_ request: MaelstromRequest, _ desk: inout MaelstromDesk) {
        switch request.kind {
        case "add":
            guard let delta = request.body["delta"] as? Int, canShrink || delta >= 0 else {
                let what = canShrink ? "a whole number" : "a whole number that is not negative"
                return desk.refuse(request, .malformedRequest, "\"delta\" has to be \(what)")
            }
            let (sum, isTooLarge) = own.addingReportingOverflow(delta)
            guard !isTooLarge else { return desk.refuse(request, .malformedRequest, "the sum has no room") }
            own = sum
            waiting.append(request)
            desk.command(.gossip(.set(key: key, value: Bytes("\(own)"))))
        case "read": desk.answer(request, ["value": sums.values.reduce(0, &+)])
        case _: desk.refuseUnknown(request)
        }
    }

    mutating func handle(_ output: MeshNode.Output, _ desk: inout MaelstromDesk) {
        guard case .gossip(let output) = output else { return }
        switch output {
        case .changed(let key, let value?, _): sums[key] = Int(String(decoding: value.storage, as: UTF8.self))
        // Each write is answered once, in order.
        case .stored: if !waiting.isEmpty { desk.answer(waiting.removeFirst()) }
        case .changed(_, nil, _), .rejected, .ignored: break
        }
    }
}
