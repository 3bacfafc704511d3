extension Plumtree {
    /// One participant of the tree.
    ///
    /// - Complexity: O(links) for a message that is new, O(1) for a copy or a name, amortised; sending it allocates
    ///   nothing but the list of names, one for many messages and all lazy links. Memory: ``Settings/seenLimit`` names,
    ///   ``Settings/payloadLimit`` payloads.
    public struct Node: StateMachine {
        /// What nodes send each other.
        public typealias Message = Plumtree.Message
        /// The timers.
        public typealias Timer = Plumtree.Timer
        /// What the embedding program asks.
        public typealias Command = Plumtree.Command
        /// What the node tells.
        public typealias Output = Plumtree.Output

        /// This node.
        public let id: NodeID
        /// How messages travel and how the tree is mended.
        public let settings: Settings
        /// The links, in the order in which they came up.
        public internal(set) var links: [Link] = []

        var random: Random
        var numbers: Broadcast.Numbers?
        /// Messages of the recent past, those that are missing among them.
        var recent = Broadcast.Recent<Kept>()
        /// How many of the oldest have no payload any more.
        var bare = 0
        var sweep: UInt32 = 0
        /// How many periods of waiting for missing messages there were.
        var period: UInt32 = 0
        /// Messages whose name was heard, in the order in which they were.
        var missing: [Broadcast.MessageID] = []
        /// Names that are to be told over lazy links.
        var notices: [Notice] = []
        /// The link with which to compare next.
        var turn = 0
        var timers = Timers()

        /// A link.
        public struct Link: Hashable, Sendable {
            /// The node at its other end.
            public let peer: NodeID
            /// Whether messages are pushed over it, and not only told of.
            public internal(set) var isEager: Bool
        }

        /// Which timers are set.
        struct Timers: Sendable {
            var lazy = false
            var graft = false
            var compare = false
            var sweep = false
        }

        /// What is known of a message.
        struct Kept: Sendable {
            /// Its payload; `nil` when it is missing or was dropped.
            var payload: Bytes?
            var isMissing = false
            /// How many hops it took.
            var hops = 0
            /// Its age when it came, in sweeps.
            var age: UInt32 = 0
            /// Who sent it.
            var parent: NodeID?
            /// Who has told that it has it, while it is missing; they are asked in turn.
            var tellers: [NodeID] = []
            /// How often somebody was asked since it was told of.
            var tries = 0
            /// The period in which it is asked for.
            var due: UInt32 = 0
        }

        /// Creates a node without links.
        ///
        /// - Parameters:
        ///   - id: This node.
        ///   - settings: Settings that pass ``Settings/check()``.
        ///   - random: Where this node's choices come from; may be shared by all nodes.
        public init(id: NodeID, settings: Settings, random: Random) {
            self.id = id
            self.settings = settings
            self.random = random
        }

        /// Takes one input; see ``StateMachine/step(_:at:into:)``.
        public mutating func step(_ input: consuming Input<Node>, at now: Instant, into outbox: inout Effects) {
            switch input {
            case .receive(.payload(let message, let hops, let age, let payload), let peer):
                handlePayload(message, hops, UInt32(age), payload, from: peer, at: now, into: &outbox)
            case .receive(.have(let notices), let peer): handleHave(notices, from: peer, at: now, into: &outbox)
            case .receive(.graft(let message), let peer): handleGraft(message, from: peer, into: &outbox)
            case .receive(.prune, let peer): setEager(false, peer)
            case .receive(.summary(let runs, let wantsAnswer), let peer):
                handleSummary(runs, wantsAnswer, from: peer, at: now, into: &outbox)
            case .timer(.lazy): handleLazy(into: &outbox)
            case .timer(.graft): handleGraftTimer(at: now, into: &outbox)
            case .timer(.compare): handleCompare(at: now, into: &outbox)
            case .timer(.sweep): handleSweep(at: now, into: &outbox)
            case .command(.broadcast(let payload)): broadcast(payload, at: now, into: &outbox)
            case .command(.addLink(let peer)): addLink(peer, into: &outbox)
            case .command(.removeLink(let peer)): links.removeAll { $0.peer == peer }
            case .persisted, .restarted: break
            }
        }

        private mutating func addLink(_ peer: NodeID, into outbox: inout Effects) {
            for link in links where link.peer == peer { return }
            links.append(Link(peer: peer, isEager: true))
            // Whoever joined late or was cut off hears of what it has missed.
            let runs = summary()
            if !runs.isEmpty { outbox.send(.summary(runs, wantsAnswer: false), to: peer) }
        }

        mutating func setEager(_ isEager: Bool, _ peer: NodeID) {
            for index in 0..<links.count where links[index].peer == peer { links[index].isEager = isEager }
        }

        func isLinked(to peer: NodeID) -> Bool {
            for link in links where link.peer == peer { return true }
            return false
        }
    }
}
