public import MeshCore

extension Network {
    /// What chance did to a message other than to delay it.
    public struct Accident: Equatable, Sendable {
        /// The sender, as a zero-based position.
        public var from: Int
        /// The receiver, as a zero-based position.
        public var to: Int
        /// What kind of message it was.
        public var kind: MessageKind
        /// When it was sent.
        public var time: Instant
        /// Whether it was lost; then it met with nothing else.
        public var isLost = false
        /// How much later it might arrive, when it was allowed to overtake and be overtaken.
        public var delay: Interval?
        /// Whether it arrived twice.
        public var isDoubled = false
        /// Whether a bit of it flipped.
        public var isDamaged = false

        /// Whether anything befell the message.
        var isNone: Bool { !isLost && delay == nil && !isDoubled && !isDamaged }
    }
}
