public import MeshCore

extension Scenario {
    /// What clients do, from when until when.
    public struct Workload: Equatable, Sendable {
        /// What the clients talk to.
        public var kind: WorkloadKind

        /// How many clients there are, each with one operation under way; `nil` means 1.
        public var clients: Setting<Int64>?

        /// Operations of all clients together; `nil` means 10/s.
        public var rate: Setting<Rate>?

        /// The keys operations choose from; `nil` means 10, all equally likely.
        public var keys: Keys?

        /// The shares of the operations, 100 % together; empty leaves it to the kind of workload.
        public var mix: [MixShare]

        /// The size of a value; `nil` leaves it to the kind of workload.
        public var valueSize: Setting<Size>?

        /// How a `get` is answered; `nil` means through the log.
        public var reads: ReadPath?

        /// Whether each client opens a session, in which a write that is asked for again counts once.
        public var sessions: Bool?

        /// After how long without an answer a client asks again, perhaps another node; `nil` means never.
        public var retry: Setting<Interval>?

        /// The nodes clients turn to; `nil` means all.
        public var target: Target?

        /// When the clients begin; `nil` means at once.
        public var from: Setting<Interval>?

        /// When the clients stop; `nil` means at the end of the run.
        public var until: Setting<Interval>?

        /// Where the section stands.
        public var location: Location

        /// Creates a workload that keeps every default.
        public init(_ kind: WorkloadKind) {
            self.kind = kind
            self.clients = nil
            self.rate = nil
            self.keys = nil
            self.mix = []
            self.valueSize = nil
            self.reads = nil
            self.sessions = nil
            self.retry = nil
            self.target = nil
            self.from = nil
            self.until = nil
            self.location = .none
        }
    }

    /// What a workload talks to.
    public enum WorkloadKind: UInt8, Equatable, Sendable, CaseIterable {
        /// A key-value store over Raft: `put`, `get`, `cas` and `delete`.
        case kv

        /// Bare proposals to Raft.
        case propose

        /// The gossip state: `set` and `delete`.
        case gossip

        /// Messages: `broadcast` to everybody and `send` to one node.
        case broadcast
    }

    /// How a `get` of a client is answered.
    public enum ReadPath: UInt8, Equatable, Sendable, CaseIterable {
        /// It takes a place in the log like a write.
        case log

        /// By the index that the leader confirms, or by its lease where `raft lease-drift` grants one.
        case index
    }

    /// How many keys there are and how they are chosen.
    public struct Keys: Equatable, Sendable {
        /// How many keys.
        public var count: Setting<Int64>

        /// How a key is chosen.
        public var choice: KeyChoice

        /// Creates a choice among this many keys.
        public init(count: Setting<Int64>, choice: KeyChoice = .uniform) {
            self.count = count
            self.choice = choice
        }
    }

    /// How a key is chosen.
    public enum KeyChoice: UInt8, Equatable, Sendable, CaseIterable {
        /// All keys are equally likely.
        case uniform

        /// The k-th key is chosen in proportion to 1/k.
        case zipf
    }

    /// The share of one operation in a workload.
    public struct MixShare: Equatable, Sendable {
        /// The operation.
        public var operation: Operation

        /// Its share.
        public var share: Ratio

        /// Creates a share.
        public init(_ operation: Operation, _ share: Ratio) {
            self.operation = operation
            self.share = share
        }
    }

    /// What one client does once.
    public enum Operation: UInt8, Equatable, Sendable, CaseIterable {
        /// Writes a value to a key of the key-value store.
        case put

        /// Reads a key of the key-value store.
        case get

        /// Writes a value to a key if it still holds what the client read last.
        case cas

        /// Removes a key.
        case delete

        /// Sets a key of the gossip state.
        case set

        /// Tells everybody.
        case broadcast

        /// Tells one node.
        case send
    }
}
