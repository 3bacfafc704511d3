extension HyParView {
    /// One participant of the overlay.
    ///
    /// It keeps nothing on the disk: a restarted node joins again, through its contacts.
    ///
    /// - Complexity: O(views), a constant, for each input. Memory: both views.
    public struct Node: StateMachine {
        /// What nodes send each other.
        public typealias Message = HyParView.Message
        /// The timer.
        public typealias Timer = HyParView.Timer
        /// What the embedding program asks.
        public typealias Command = HyParView.Command
        /// What the node tells.
        public typealias Output = HyParView.Output

        /// This node.
        public let id: NodeID
        /// How large the views are and how they are kept.
        public let settings: Settings
        /// The neighbours, in the order in which they became such.
        public internal(set) var active: [Neighbour] = []
        /// Others that may take a neighbour's place, without this node and its neighbours.
        public internal(set) var passive: [NodeID] = []

        let contacts: [NodeID]
        var random: Random
        /// How many beats there were.
        var beat: UInt64 = 0
        /// Nodes that were asked to be neighbours and have not answered.
        var asked: [Request] = []
        /// Nodes that refused or let down since the last beat: others are asked first.
        var avoided: [NodeID] = []
        /// The beat before which nobody is asked, because everybody may have neighbours enough.
        var resting: UInt64 = 0
        var part = Part()
        var hasLeft = false

        /// A neighbour.
        public struct Neighbour: Hashable, Sendable {
            /// The node.
            public let id: NodeID
            /// How many of its beats are missing.
            public internal(set) var silence = 0
        }

        /// A request to become a neighbour.
        struct Request: Sendable {
            let peer: NodeID
            let isUrgent: Bool
            /// How many beats it waits for.
            var age = 0
        }

        /// Creates a node that knows its contacts.
        ///
        /// - Parameters:
        ///   - id: This node.
        ///   - peers: Nodes of the mesh; the first ``Settings/contacts`` of them without this node are its contacts.
        ///   - settings: Settings that pass ``Settings/check()``.
        ///   - random: Where this node's choices come from; may be shared by all nodes.
        public init(id: NodeID, peers: [NodeID], settings: Settings, random: Random) {
            self.id = id
            self.settings = settings
            self.random = random
            var contacts: [NodeID] = []
            for peer in peers where peer != id && !contacts.contains(peer) {
                contacts.append(peer)
                if contacts.count == settings.contacts { break }
            }
            self.contacts = contacts
            part.root = Root(id: id, count: 0)
        }

        /// Takes one input; see ``StateMachine/step(_:at:into:)``.
        public mutating func step(_ input: consuming Input<Node>, at now: Instant, into outbox: inout Effects) {
            switch input {
            case .receive(let message, let peer):
                if peer != id, !hasLeft { handle(message, from: peer, at: now, into: &outbox) }
            case .timer(.beat): handleBeatTimer(at: now, into: &outbox)
            case .command(.meet(let peer)): remember([peer], at: now, sent: [])
            case .command(.leave): handleLeave(into: &outbox)
            case .persisted: break
            case .restarted:
                // Nodes that start together do not all beat at the same instant.
                let bits = random.bits(.overlayPhase, id.rawValue, UInt64(bitPattern: now.nanoseconds))
                outbox.setTimer(.beat, at: now + Random.interval(.zero, settings.beatInterval, from: bits))
            }
        }

        private mutating func handle(
            _ message: Message, from peer: NodeID, at now: Instant, into outbox: inout Effects
        ) {
            switch message {
            case .join: handleJoin(from: peer, at: now, into: &outbox)
            case .forwardJoin(let newcomer, let steps):
                handleForwardJoin(newcomer, steps: Int(steps), from: peer, at: now, into: &outbox)
            case .neighbour(let isUrgent): handleRequest(isUrgent: isUrgent, from: peer, at: now, into: &outbox)
            case .answer(let isAccepted): handleAnswer(isAccepted, from: peer, at: now, into: &outbox)
            case .disconnect(let isLeaving): handleDisconnect(isLeaving, from: peer, at: now, into: &outbox)
            case .mix(let origin, let steps, let nodes):
                handleShuffle(nodes, of: origin, steps: Int(steps), from: peer, at: now, into: &outbox)
            case .mixed(let nodes): remember(nodes, at: now, sent: [])
            case .beat(let root): handleBeat(root, from: peer, at: now, into: &outbox)
            case .greeting(let root, let isSettled): handleGreeting(root, isSettled, from: peer, into: &outbox)
            }
        }

        /// Whether a node is a neighbour.
        public func isNeighbour(_ peer: NodeID) -> Bool { neighbourIndex(peer) != nil }

        func neighbourIndex(_ peer: NodeID) -> Int? {
            for index in 0..<active.count where active[index].id == peer { return index }
            return nil
        }

        /// Bits for one choice at one time.
        func bits(_ purpose: Random.Purpose, _ now: Instant, _ salt: UInt64) -> UInt64 {
            random.bits(purpose, id.rawValue, UInt64(bitPattern: now.nanoseconds), salt)
        }

        private mutating func handleLeave(into outbox: inout Effects) {
            hasLeft = true
            for neighbour in active {
                outbox.send(.disconnect(isLeaving: true), to: neighbour.id)
                outbox.output(.down(neighbour.id, .leaving))
            }
            active = []
            asked = []
            outbox.cancelTimer(.beat)
        }
    }
}
