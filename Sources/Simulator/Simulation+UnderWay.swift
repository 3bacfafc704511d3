public import MeshCore

extension Simulation {
    /// A message on its way.
    public struct UnderWay: Sendable {
        /// Who sent it.
        public let from: NodeID
        /// To whom.
        public let to: NodeID
        /// What it says.
        public let message: Machine.Message
        /// When it arrives; `nil` while a clog holds it back.
        public let arrival: Instant?
    }

    /// Every message on its way, in the order of arrival; what a clog holds back comes last.
    ///
    /// - Complexity: O(n log n) in the number of events that wait.
    public var messagesUnderWay: [UnderWay] {
        var found: [UnderWay] = []
        for entry in queue.heap.unordered.sorted() where entry.due.kind == .delivery {
            let delivery = queue.deliveries[entry.due.deliverySlot]
            guard let message = delivery.message else { continue }
            found.append(
                UnderWay(
                    from: id(Int(delivery.from)), to: id(Int(delivery.to)), message: message,
                    arrival: Instant(nanoseconds: entry.time)))
        }
        for delivery in clogged {
            guard let message = delivery.message else { continue }
            found.append(
                UnderWay(from: id(Int(delivery.from)), to: id(Int(delivery.to)), message: message, arrival: nil))
        }
        return found
    }
}
