/// Says what it is told.
struct EchoWorkload: MaelstromWorkload {
    mutating func handle(_ request: MaelstromRequest, _ desk: inout MaelstromDesk) {
        guard request.kind == "echo" else { return desk.refuseUnknown(request) }
        guard let text = request.body["echo"] else { return desk.refuse(request, .malformedRequest, "no \"echo\"") }
        desk.answer(request, ["echo": text])
    }
}
