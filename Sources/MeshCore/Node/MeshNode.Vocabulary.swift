extension MeshNode {
    /// A message of one of the protocols.
    public enum Message: NetworkMessage, Equatable {
        /// A message of the replicated log.
        case raft(Raft.Message)
        /// A message of SWIM.
        case swim(Swim.Message)
        /// A heartbeat.
        case heartbeat(Heartbeat.Message)
        /// A message of the gossip state.
        case gossip(Gossip.Message)
        /// A message of broadcasts and direct messages.
        case broadcast(Broadcast.Message)
        /// A message of the overlay.
        case hyparview(HyParView.Message)
        /// A message of broadcasts over the tree.
        case plumtree(Plumtree.Message)

        /// The kinds of all protocols: Raft's first, then SWIM's, heartbeats' and gossip's.
        public static var kinds: [StaticString] {
            Raft.Message.kinds + Swim.Message.kinds + Heartbeat.Message.kinds + Gossip.Message.kinds
                + Broadcast.Message.kinds + HyParView.Message.kinds + Plumtree.Message.kinds
        }

        /// The kind, counted on over the protocols.
        public var kind: MessageKind {
            switch self {
            case .raft(let message): message.kind
            case .swim(let message): MessageKind(Offsets.swim + message.kind.rawValue)
            case .heartbeat(let message): MessageKind(Offsets.heartbeat + message.kind.rawValue)
            case .gossip(let message): MessageKind(Offsets.gossip + message.kind.rawValue)
            case .broadcast(let message): MessageKind(Offsets.broadcast + message.kind.rawValue)
            case .hyparview(let message): MessageKind(Offsets.hyparview + message.kind.rawValue)
            case .plumtree(let message): MessageKind(Offsets.plumtree + message.kind.rawValue)
            }
        }

        /// The kinds that a filter such as `raft` or `raft.vote` names, as bits; 0 when it names none.
        public static func kinds(named filter: Bytes) -> UInt64 {
            matches(filter, "raft", Raft.Message.kinds, 0)
                | matches(filter, "swim", Swim.Message.kinds, Offsets.swim)
                | matches(filter, "heartbeat", Heartbeat.Message.kinds, Offsets.heartbeat)
                | matches(filter, "gossip", Gossip.Message.kinds, Offsets.gossip)
                | matches(filter, "broadcast", Broadcast.Message.kinds, Offsets.broadcast)
                | matches(filter, "hyparview", HyParView.Message.kinds, Offsets.hyparview)
                | matches(filter, "plumtree", Plumtree.Message.kinds, Offsets.plumtree)
        }

        /// The name of a kind as a filter has it, such as `raft.vote`.
        public static func name(of kind: MessageKind) -> Bytes {
            let groups: [(name: Bytes, offset: UInt8)] = [
                ("plumtree", Offsets.plumtree), ("hyparview", Offsets.hyparview), ("broadcast", Offsets.broadcast),
                ("gossip", Offsets.gossip), ("heartbeat", Offsets.heartbeat),
                ("swim", Offsets.swim),
            ]
            var name: Bytes = "raft"
            for group in groups where kind.rawValue >= group.offset {
                name = group.name
                break
            }
            name.storage.append(46)
            name.storage.append(contentsOf: Bytes(stringLiteral: kinds[Int(kind.rawValue)]).storage)
            return name
        }

        private static func matches(
            _ filter: Bytes, _ protocolName: Bytes, _ names: [StaticString], _ offset: UInt8
        ) -> UInt64 {
            var bits: UInt64 = 0
            for index in 0..<names.count {
                var full = protocolName
                full.storage.append(46)
                full.storage.append(contentsOf: Bytes(stringLiteral: names[index]).storage)
                if filter == protocolName || filter == full { bits |= 1 << UInt64(Int(offset) + index) }
            }
            return bits
        }

        /// Mixes the protocol and the message in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .raft(let message):
                digest.mix(1 as UInt64)
                message.digest(into: &digest)
            case .swim(let message):
                digest.mix(2 as UInt64)
                message.digest(into: &digest)
            case .heartbeat(let message):
                digest.mix(3 as UInt64)
                message.digest(into: &digest)
            case .gossip(let message):
                digest.mix(4 as UInt64)
                message.digest(into: &digest)
            case .broadcast(let message):
                digest.mix(5 as UInt64)
                message.digest(into: &digest)
            case .hyparview(let message):
                digest.mix(6 as UInt64)
                message.digest(into: &digest)
            case .plumtree(let message):
                digest.mix(7 as UInt64)
                message.digest(into: &digest)
            }
        }

        /// The protocol and the message as a short line.
        public var description: String {
            switch self {
            case .raft(let message): "raft \(message.description)"
            case .swim(let message): "swim \(message.description)"
            case .heartbeat(let message): "heartbeat \(message.description)"
            case .gossip(let message): "gossip \(message.description)"
            case .broadcast(let message): "broadcast \(message.description)"
            case .hyparview(let message): "hyparview \(message.description)"
            case .plumtree(let message): "plumtree \(message.description)"
            }
        }
    }

    /// Where the kinds of each protocol begin.
    private enum Offsets {
        static let swim = UInt8(Raft.Message.kinds.count)
        static let heartbeat = swim + UInt8(Swim.Message.kinds.count)
        static let gossip = heartbeat + UInt8(Heartbeat.Message.kinds.count)
        static let broadcast = gossip + UInt8(Gossip.Message.kinds.count)
        static let hyparview = broadcast + UInt8(Broadcast.Message.kinds.count)
        static let plumtree = hyparview + UInt8(HyParView.Message.kinds.count)
    }

    /// A timer of one of the protocols.
    public enum Timer: Traceable, Hashable {
        /// A timer of the replicated log.
        case raft(Raft.Timer)
        /// A timer of SWIM.
        case swim(Swim.Timer)
        /// A timer of heartbeats.
        case heartbeat(Heartbeat.Timer)
        /// A timer of the gossip state.
        case gossip(Gossip.Timer)
        /// A timer of broadcasts and direct messages.
        case broadcast(Broadcast.Timer)
        /// A timer of the overlay.
        case hyparview(HyParView.Timer)
        /// A timer of broadcasts over the tree.
        case plumtree(Plumtree.Timer)

        /// Mixes the protocol and the timer in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .raft(let timer):
                digest.mix(1 as UInt64)
                timer.digest(into: &digest)
            case .swim(let timer):
                digest.mix(2 as UInt64)
                timer.digest(into: &digest)
            case .heartbeat(let timer):
                digest.mix(3 as UInt64)
                timer.digest(into: &digest)
            case .gossip(let timer):
                digest.mix(4 as UInt64)
                timer.digest(into: &digest)
            case .broadcast(let timer):
                digest.mix(5 as UInt64)
                timer.digest(into: &digest)
            case .hyparview(let timer):
                digest.mix(6 as UInt64)
                timer.digest(into: &digest)
            case .plumtree(let timer):
                digest.mix(7 as UInt64)
                timer.digest(into: &digest)
            }
        }

        /// The protocol and the timer as a short line.
        public var description: String {
            switch self {
            case .raft(let timer): "raft \(timer.description)"
            case .swim(let timer): "swim \(timer.description)"
            case .heartbeat(let timer): "heartbeat \(timer.description)"
            case .gossip(let timer): "gossip \(timer.description)"
            case .broadcast(let timer): "broadcast \(timer.description)"
            case .hyparview(let timer): "hyparview \(timer.description)"
            case .plumtree(let timer): "plumtree \(timer.description)"
            }
        }
    }

    /// What the embedding program asks of one of the protocols.
    public enum Command: Traceable {
        /// Asks the replicated log.
        case raft(Raft.Command)
        /// Asks SWIM.
        case swim(Swim.Command)
        /// Asks the heartbeats.
        case heartbeat(Heartbeat.Command)
        /// Asks the gossip state.
        case gossip(Gossip.Command)
        /// Reads a key of the store as it is now, without a place in the log; any node can be asked.
        ///
        /// Answered with the same number by the output `read`, which has seen everything that was answered to anybody
        /// before the read was asked for, or by `readRefused`. See `docs/reads.md`.
        case read(key: Bytes, id: UInt64)
        /// Asks broadcasts and direct messages.
        case broadcast(Broadcast.Command)
        /// Asks the overlay.
        case hyparview(HyParView.Command)
        /// Asks broadcasts over the tree.
        case plumtree(Plumtree.Command)

        /// Proposes a request to the store; the answer is the output `applied` with the request's number.
        public static func submit(_ request: KeyValueStore.Request) -> Command {
            .raft(.propose(request.command, id: request.id))
        }

        /// Mixes the protocol and the command in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .raft(let command):
                digest.mix(1 as UInt64)
                command.digest(into: &digest)
            case .swim(let command):
                digest.mix(2 as UInt64)
                command.digest(into: &digest)
            case .heartbeat(let command):
                digest.mix(3 as UInt64)
                command.digest(into: &digest)
            case .gossip(let command):
                digest.mix(4 as UInt64)
                command.digest(into: &digest)
            case .read(let key, let id):
                digest.mix(5 as UInt64)
                digest.mix(key)
                digest.mix(id)
            case .broadcast(let command):
                digest.mix(6 as UInt64)
                command.digest(into: &digest)
            case .hyparview(let command):
                digest.mix(7 as UInt64)
                command.digest(into: &digest)
            case .plumtree(let command):
                digest.mix(8 as UInt64)
                command.digest(into: &digest)
            }
        }

        /// The protocol and the command as a short line.
        public var description: String {
            switch self {
            case .raft(let command): "raft \(command.description)"
            case .swim(let command): "swim \(command.description)"
            case .heartbeat(let command): "heartbeat \(command.description)"
            case .gossip(let command): "gossip \(command.description)"
            case .read(let key, let id): "read \(key), #\(id)"
            case .broadcast(let command): "broadcast \(command.description)"
            case .hyparview(let command): "hyparview \(command.description)"
            case .plumtree(let command): "plumtree \(command.description)"
            }
        }
    }

    /// What one of the protocols tells the embedding program.
    public enum Output: Traceable {
        /// The replicated log.
        case raft(Raft.Output)
        /// SWIM.
        case swim(Swim.Output)
        /// Heartbeats.
        case heartbeat(Heartbeat.Output)
        /// The gossip state.
        case gossip(Gossip.Output)
        /// The store applied a committed request; every node says so, the one that was asked passes it to its client.
        ///
        /// `isRepeat` says that its session had it already, so that it changed nothing this time.
        case applied(index: Raft.LogIndex, request: UInt64, result: KeyValueStore.Result, isRepeat: Bool)
        /// The answer to a read: what the key holds after everything up to `index` and perhaps later entries.
        case read(id: UInt64, key: Bytes, value: Bytes?, index: Raft.LogIndex)
        /// A read cannot be answered here and now; it can be asked again.
        case readRefused(id: UInt64, reason: Raft.Rejection)
        /// Broadcasts and direct messages.
        case broadcast(Broadcast.Output)
        /// The overlay.
        case hyparview(HyParView.Output)
        /// Broadcasts over the tree.
        case plumtree(Plumtree.Output)

        /// Mixes the protocol and the output in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .raft(let output):
                digest.mix(1 as UInt64)
                output.digest(into: &digest)
            case .swim(let output):
                digest.mix(2 as UInt64)
                output.digest(into: &digest)
            case .heartbeat(let output):
                digest.mix(3 as UInt64)
                output.digest(into: &digest)
            case .gossip(let output):
                digest.mix(4 as UInt64)
                output.digest(into: &digest)
            case .applied(let index, let request, let result, let isRepeat):
                digest.mix(isRepeat ? 6 as UInt64 : 5)
                digest.mix(index.rawValue)
                digest.mix(request)
                result.digest(into: &digest)
            case .read(let id, let key, let value, let index):
                digest.mix(value == nil ? 7 as UInt64 : 8)
                digest.mix(id)
                digest.mix(key)
                if let value { digest.mix(value) }
                digest.mix(index.rawValue)
            case .readRefused(let id, let reason):
                digest.mix(9 as UInt64)
                digest.mix(id)
                reason.digest(into: &digest)
            case .broadcast(let output):
                digest.mix(10 as UInt64)
                output.digest(into: &digest)
            case .hyparview(let output):
                digest.mix(11 as UInt64)
                output.digest(into: &digest)
            case .plumtree(let output):
                digest.mix(12 as UInt64)
                output.digest(into: &digest)
            }
        }

        /// The protocol and the output as a short line.
        public var description: String {
            switch self {
            case .raft(let output): "raft \(output.description)"
            case .swim(let output): "swim \(output.description)"
            case .heartbeat(let output): "heartbeat \(output.description)"
            case .gossip(let output): "gossip \(output.description)"
            case .applied(let index, let request, let result, let isRepeat):
                "applied request \(request) at \(index)\(isRepeat ? " again" : ""): \(result.description)"
            case .read(let id, let key, let value?, let index): "read #\(id) at \(index): \(key) = \(value)"
            case .read(let id, let key, nil, let index): "read #\(id) at \(index): \(key) is absent"
            case .readRefused(let id, let reason): "read #\(id) refused: \(reason)"
            case .broadcast(let output): "broadcast \(output.description)"
            case .hyparview(let output): "hyparview \(output.description)"
            case .plumtree(let output): "plumtree \(output.description)"
            }
        }
    }

    /// What survives a crash: Raft's term, vote and log, and the gossip state.
    public struct Stable: StableState {
        /// Raft's part.
        public private(set) var raft = Raft.Stable()
        /// Gossip's part.
        public private(set) var gossip = Gossip.Stable()

        /// One record of one of the protocols.
        public enum Record: Traceable {
            /// Raft's.
            case raft(Raft.Stable.Record)
            /// Gossip's.
            case gossip(Gossip.Stable.Record)

            /// Mixes the protocol and the record in.
            public func digest(into digest: inout Digest) {
                switch self {
                case .raft(let record):
                    digest.mix(1 as UInt64)
                    record.digest(into: &digest)
                case .gossip(let record):
                    digest.mix(2 as UInt64)
                    record.digest(into: &digest)
                }
            }

            /// The protocol and the record as a short line.
            public var description: String {
                switch self {
                case .raft(let record): "raft \(record.description)"
                case .gossip(let record): "gossip \(record.description)"
                }
            }
        }

        /// Creates the image of an empty disk.
        public init() {}

        /// Raft's; only for nodes without gossip, which would take its own lost writes for unwritten.
        public static var amnesia: Record? { Raft.Stable.amnesia.map { .raft($0) } }

        /// The records of every protocol.
        public var records: [Record] { raft.records.map { .raft($0) } + gossip.records.map { .gossip($0) } }

        /// Folds one durable record into its protocol's part.
        public mutating func apply(_ record: consuming Record) {
            switch record {
            case .raft(let record): raft.apply(record)
            case .gossip(let record): gossip.apply(record)
            }
        }
    }
}

extension MeshNode.Message: WireCodable {
    /// Writes the protocol's tag and the message.
    public func encode(into writer: inout WireWriter) {
        switch self {
        case .raft(let message):
            writer.byte(1)
            message.encode(into: &writer)
        case .swim(let message):
            writer.byte(2)
            message.encode(into: &writer)
        case .heartbeat(let message):
            writer.byte(3)
            message.encode(into: &writer)
        case .gossip(let message):
            writer.byte(4)
            message.encode(into: &writer)
        case .broadcast(let message):
            writer.byte(5)
            message.encode(into: &writer)
        case .hyparview(let message):
            writer.byte(6)
            message.encode(into: &writer)
        case .plumtree(let message):
            writer.byte(7)
            message.encode(into: &writer)
        }
    }

    /// Reads a message of any protocol.
    public init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 1: self = .raft(try Raft.Message(from: &reader))
        case 2: self = .swim(try Swim.Message(from: &reader))
        case 3: self = .heartbeat(try Heartbeat.Message(from: &reader))
        case 4: self = .gossip(try Gossip.Message(from: &reader))
        case 5: self = .broadcast(try Broadcast.Message(from: &reader))
        case 6: self = .hyparview(try HyParView.Message(from: &reader))
        case 7: self = .plumtree(try Plumtree.Message(from: &reader))
        case let tag: throw .unknownTag(UInt64(tag))
        }
    }
}

extension MeshNode.Stable.Record: WireCodable {
    /// Writes the protocol's tag and the record.
    public func encode(into writer: inout WireWriter) {
        switch self {
        case .raft(let record):
            writer.byte(1)
            record.encode(into: &writer)
        case .gossip(let record):
            writer.byte(2)
            record.encode(into: &writer)
        }
    }

    /// Reads a record of any protocol.
    public init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 1: self = .raft(try Raft.Stable.Record(from: &reader))
        case 2: self = .gossip(try Gossip.Stable.Record(from: &reader))
        case let tag: throw .unknownTag(UInt64(tag))
        }
    }
}
