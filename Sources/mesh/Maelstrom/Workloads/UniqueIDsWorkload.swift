import MeshCore
import MeshRuntime

/// Gives ids that nobody else gives: stamps of a hybrid clock, which never repeat on a node, with the node's id.
struct UniqueIDsWorkload: MaelstromWorkload {
    private let node: NodeID
    private var clock = HybridLogicalClock()

    init(_ node: NodeID) { self.node = node }

    mutating func handle(_ request: MaelstromRequest, _ desk: inout MaelstromDesk) {
        guard request.kind == "generate" else { return desk.refuseUnknown(request) }
        desk.answer(request, ["id": "\(clock.now(wall: desk.now.wall).rawValue)-\(node)"])
    }
}
