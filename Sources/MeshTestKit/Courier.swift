public import MeshCore

/// A small machine for tests of the simulator: it answers, counts, keeps numbers on disk and sets timers on command.
public struct Courier: StateMachine {
    /// What couriers send each other.
    public enum Message: NetworkMessage, WireCodable, Equatable {
        /// Asks for a ``pong(_:)`` with the same number.
        case ping(UInt64)
        /// Answers a ``ping(_:)``.
        case pong(UInt64)

        /// The names of the kinds.
        public static var kinds: [StaticString] { ["ping", "pong"] }

        /// Which kind this is.
        public var kind: MessageKind {
            switch self {
            case .ping: MessageKind(0)
            case .pong: MessageKind(1)
            }
        }

        /// Mixes the value into the digest.
        public func digest(into digest: inout Digest) {
            switch self {
            case .ping(let number):
                digest.mix(1 as UInt64)
                digest.mix(number)
            case .pong(let number):
                digest.mix(2 as UInt64)
                digest.mix(number)
            }
        }

        /// The value as a short line.
        public var description: String {
            switch self {
            case .ping(let number): "ping \(number)"
            case .pong(let number): "pong \(number)"
            }
        }

        /// Writes a tag and the number.
        public func encode(into writer: inout WireWriter) {
            switch self {
            case .ping(let number):
                writer.byte(0)
                writer.number(number)
            case .pong(let number):
                writer.byte(1)
                writer.number(number)
            }
        }

        /// Reads a tag and a number.
        public init(from reader: inout WireReader) throws(WireError) {
            switch try reader.byte() {
            case 0: self = .ping(try reader.number())
            case 1: self = .pong(try reader.number())
            case let tag: throw .unknownTag(UInt64(tag))
            }
        }
    }

    /// The courier's timers, told apart by number.
    public struct Timer: Traceable, Hashable {
        /// The number.
        public let number: UInt64

        /// Names a timer.
        public init(_ number: UInt64) { self.number = number }

        /// Mixes the value into the digest.
        public func digest(into digest: inout Digest) { digest.mix(number) }
        /// The value as a short line.
        public var description: String { "timer \(number)" }
    }

    /// What a test asks of a courier.
    public enum Command: Traceable, Equatable {
        /// Sends a ping.
        case ping(NodeID, UInt64)
        /// Writes a number to disk, then reports and sends it.
        case keep(UInt64, tell: NodeID)
        /// Sets a timer this far ahead.
        case alarm(UInt64, Interval)
        /// Forgets a timer.
        case silence(UInt64)

        /// Mixes the value into the digest.
        public func digest(into digest: inout Digest) {
            switch self {
            case .ping(let peer, let number):
                digest.mix(1 as UInt64)
                digest.mix(peer)
                digest.mix(number)
            case .keep(let number, let peer):
                digest.mix(2 as UInt64)
                digest.mix(peer)
                digest.mix(number)
            case .alarm(let number, let interval):
                digest.mix(3 as UInt64)
                digest.mix(number)
                digest.mix(interval)
            case .silence(let number):
                digest.mix(4 as UInt64)
                digest.mix(number)
            }
        }

        /// The value as a short line.
        public var description: String {
            switch self {
            case .ping(let peer, let number): "ping \(peer) with \(number)"
            case .keep(let number, let peer): "keep \(number), tell \(peer)"
            case .alarm(let number, let interval): "alarm \(number) in \(interval)"
            case .silence(let number): "silence \(number)"
            }
        }
    }

    /// What a courier reports.
    public enum Output: Traceable, Equatable {
        /// A ping arrived.
        case pinged(UInt64, from: NodeID)
        /// A pong arrived.
        case ponged(UInt64, from: NodeID)
        /// A number is durable.
        case kept(UInt64)
        /// A timer ran out, at this local time.
        case rang(UInt64, at: Instant)
        /// It started and its disk held this many numbers.
        case started(UInt64)
        /// The disk reports this ticket.
        case persisted(UInt64)

        /// Mixes the value into the digest.
        public func digest(into digest: inout Digest) {
            switch self {
            case .pinged(let number, let peer), .ponged(let number, let peer):
                digest.mix(number)
                digest.mix(peer)
            case .kept(let number), .started(let number), .persisted(let number):
                digest.mix(number)
            case .rang(let number, let instant):
                digest.mix(number)
                digest.mix(instant)
            }
        }

        /// The value as a short line.
        public var description: String {
            switch self {
            case .pinged(let number, let peer): "pinged \(number) by \(peer)"
            case .ponged(let number, let peer): "ponged \(number) by \(peer)"
            case .kept(let number): "kept \(number)"
            case .rang(let number, let instant): "rang \(number) at \(instant)"
            case .started(let count): "started with \(count)"
            case .persisted(let ticket): "persisted \(ticket)"
            }
        }
    }

    /// The numbers on a courier's disk.
    public struct Stable: StableState, Equatable {
        /// One number.
        public struct Record: Traceable, WireCodable {
            /// The number.
            public let number: UInt64
            /// Creates a record.
            public init(number: UInt64) { self.number = number }
            /// Writes the number.
            public func encode(into writer: inout WireWriter) { writer.number(number) }
            /// Reads a number.
            public init(from reader: inout WireReader) throws(WireError) { self.number = try reader.number() }
            /// Mixes the value into the digest.
            public func digest(into digest: inout Digest) { digest.mix(number) }
            /// The value as a short line.
            public var description: String { "keep \(number)" }
        }

        /// The numbers, in the order in which they became durable.
        public private(set) var numbers: [UInt64] = []

        /// Creates an empty disk.
        public init() {}

        /// One record for each number.
        public var records: [Record] { numbers.map { Record(number: $0) } }

        /// Adds a number.
        public mutating func apply(_ record: consuming Record) { numbers.append(record.number) }
    }

    /// This courier's id.
    public let id: NodeID
    private var tickets: UInt64 = 0
    private var kept: [UInt64] = []

    /// Creates a courier.
    public init(id: NodeID) { self.id = id }

    /// Takes over what the disk held.
    public mutating func restore(_ stable: Stable) { kept = stable.numbers }

    /// Answers, counts, keeps or rings.
    public mutating func step(
        _ input: consuming Input<Courier>, at now: Instant, into outbox: inout Outbox<Effect<Courier>>
    ) {
        switch input {
        case .receive(.ping(let number), from: let peer):
            outbox.output(.pinged(number, from: peer))
            outbox.send(.pong(number), to: peer)
        case .receive(.pong(let number), from: let peer):
            outbox.output(.ponged(number, from: peer))
        case .timer(let timer):
            outbox.output(.rang(timer.number, at: now))
        case .command(.ping(let peer, let number)):
            outbox.send(.ping(number), to: peer)
        case .command(.keep(let number, tell: let peer)):
            tickets += 1
            outbox.persist(Stable.Record(number: number), Ticket(tickets))
            outbox.output(.kept(number))
            outbox.send(.ping(number), to: peer)
        case .command(.alarm(let number, let interval)):
            outbox.setTimer(Timer(number), at: now + interval)
        case .command(.silence(let number)):
            outbox.cancelTimer(Timer(number))
        case .persisted(let ticket):
            outbox.output(.persisted(ticket.rawValue))
        case .restarted:
            outbox.output(.started(UInt64(kept.count)))
        }
    }
}
