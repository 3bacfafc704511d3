/// A replicated key-value store: the application that Raft's log is applied to when a product brings none of its own.
///
/// Deterministic: the same commands in the same order give the same store and the same results on every node.
public struct KeyValueStore: Sendable, Hashable {
    /// The most bytes of a key, 1 KiB.
    public static let keyByteLimit = 1 << 10
    /// The most bytes of a value, 1 MiB.
    public static let valueByteLimit = 1 << 20

    private var entries = SortedMap<Bytes, Bytes>()
    /// The sessions in which commands count once.
    public private(set) var sessions: Sessions

    /// Creates an empty store.
    ///
    /// - Parameter sessionLimit: How many sessions there are at most; every node of a group needs the same.
    public init(sessionLimit: Int = Sessions.usualLimit) {
        self.sessions = Sessions(limit: sessionLimit)
    }

    /// How many keys the store holds.
    public var count: Int { entries.count }

    /// The value of a key.
    ///
    /// - Complexity: O(log `count`).
    public func value(of key: Bytes) -> Bytes? { entries[key] }

    /// Applies a committed command; bytes that are no command leave the store as it was.
    ///
    /// A command in a session is applied once; reads are repeated, as they change nothing.
    ///
    /// - Returns: The request the command names, and what became of it; `nil` when the bytes are no command.
    /// - Complexity: O(log `count`), and O(`count`) when a key is new or removed; in a session see ``Sessions``.
    public mutating func apply(_ command: Bytes) -> Answer? {
        var reader = WireReader(command)
        guard let request = try? Request(from: &reader), reader.remaining == 0 else { return nil }
        guard let stamp = request.stamp else {
            return Answer(request: request.id, result: apply(request.operation), isRepeat: false)
        }
        switch sessions.admit(stamp) {
        case .noted(let result):
            return Answer(request: request.id, result: result, isRepeat: true)
        case .refused(let refusal):
            return Answer(request: request.id, result: .refused(refusal), isRepeat: false)
        case .apply:
            let result = apply(request.operation)
            if request.operation.isWrite { sessions.note(result, of: stamp) }
            return Answer(request: request.id, result: result, isRepeat: false)
        }
    }

    private mutating func apply(_ operation: Operation) -> Result {
        switch operation {
        case .put(let key, let value):
            entries[key] = value
            return .done
        case .get(let key):
            return .value(entries[key])
        case .compareAndSwap(let key, let expected, let value):
            let current = entries[key]
            guard current == expected else { return .mismatch(current) }
            entries[key] = value
            return .done
        case .delete(let key):
            entries[key] = nil
            return .done
        case .openSession:
            return .session(sessions.open())
        case .closeSession(let session):
            sessions.close(session)
            return .done
        }
    }
}

extension KeyValueStore {
    /// What a client can ask of the store.
    public enum Operation: Hashable, Sendable {
        /// Sets a key.
        case put(key: Bytes, value: Bytes)
        /// Reads a key, in the order of the log.
        case get(key: Bytes)
        /// Sets a key if it holds what is expected; `nil` expects it to be absent.
        case compareAndSwap(key: Bytes, expected: Bytes?, value: Bytes)
        /// Removes a key.
        case delete(key: Bytes)
        /// Opens a session; one whose answer is lost ends by itself, as nobody uses it.
        case openSession
        /// Ends a session whose client is done.
        case closeSession(UInt64)

        /// Whether it changes something.
        public var isWrite: Bool {
            switch self {
            case .put, .compareAndSwap, .delete, .openSession, .closeSession: true
            case .get: false
            }
        }
    }

    /// An operation and the number by which its client recognises the answer.
    public struct Request: Hashable, Sendable, WireCodable {
        /// The number, chosen by the client.
        public let id: UInt64
        /// What to do.
        public let operation: Operation
        /// The place in a session, so that it counts once; `nil` counts as often as it reaches the log.
        public let stamp: Sessions.Stamp?

        /// Creates a request.
        public init(id: UInt64, _ operation: Operation, in stamp: Sessions.Stamp? = nil) {
            self.id = id
            self.operation = operation
            self.stamp = stamp
        }

        /// The request as a command for the log.
        public var command: Bytes {
            var writer = WireWriter()
            encode(into: &writer)
            return Bytes(writer.bytes)
        }

        /// Writes the number, the stamp if there is one, a tag and the operation's fields.
        public func encode(into writer: inout WireWriter) {
            writer.number(id)
            if let stamp {
                writer.byte(7)
                stamp.encode(into: &writer)
            }
            switch operation {
            case .put(let key, let value):
                writer.byte(1)
                writer.bytes(key)
                writer.bytes(value)
            case .get(let key):
                writer.byte(2)
                writer.bytes(key)
            case .compareAndSwap(let key, let expected, let value):
                writer.byte(3)
                writer.bytes(key)
                writer.flag(expected != nil)
                if let expected { writer.bytes(expected) }
                writer.bytes(value)
            case .delete(let key):
                writer.byte(4)
                writer.bytes(key)
            case .openSession:
                writer.byte(5)
            case .closeSession(let session):
                writer.byte(6)
                writer.number(session)
            }
        }

        /// Reads a request.
        public init(from reader: inout WireReader) throws(WireError) {
            self.id = try reader.number()
            var tag = try reader.byte()
            if tag == 7 {
                self.stamp = try Sessions.Stamp(from: &reader)
                tag = try reader.byte()
            } else {
                self.stamp = nil
            }
            self.operation = try Operation(tag, from: &reader)
        }
    }
}

extension KeyValueStore.Operation {
    /// Reads the fields behind a tag.
    fileprivate init(_ tag: UInt8, from reader: inout WireReader) throws(WireError) {
        let keyLimit = KeyValueStore.keyByteLimit
        let valueLimit = KeyValueStore.valueByteLimit
        switch tag {
        case 1:
            let key = try reader.bytes(limit: keyLimit)
            self = .put(key: key, value: try reader.bytes(limit: valueLimit))
        case 2: self = .get(key: try reader.bytes(limit: keyLimit))
        case 3:
            let key = try reader.bytes(limit: keyLimit)
            let expected = try reader.flag() ? try reader.bytes(limit: valueLimit) : nil
            self = .compareAndSwap(key: key, expected: expected, value: try reader.bytes(limit: valueLimit))
        case 4: self = .delete(key: try reader.bytes(limit: keyLimit))
        case 5: self = .openSession
        case 6: self = .closeSession(try reader.number())
        default: throw .unknownTag(UInt64(tag))
        }
    }
}

extension KeyValueStore: WireCodable {
    /// The whole store as bytes, for a snapshot.
    public var snapshot: Bytes {
        var writer = WireWriter()
        encode(into: &writer)
        return Bytes(writer.bytes)
    }

    /// Writes the number of keys, every key with its value in the order of the keys, and the sessions.
    public func encode(into writer: inout WireWriter) {
        writer.number(entries.count)
        for index in 0..<entries.count {
            writer.bytes(entries.keys[index])
            writer.bytes(entries.values[index])
        }
        #if MUTANTS
        if Mutant.sessionsNotInSnapshot.isPlanted { return Sessions(limit: sessions.limit).encode(into: &writer) }
        #endif
        sessions.encode(into: &writer)
    }

    /// Reads a store; keys must stand in strictly ascending order.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        var last: Bytes?
        for _ in 0..<(try reader.count(each: 2, limit: 1 << 24)) {
            let key = try reader.bytes(limit: Self.keyByteLimit)
            if let last, !(last < key) { throw .invalid("a store whose keys are not in order") }
            entries[key] = try reader.bytes(limit: Self.valueByteLimit)
            last = key
        }
        sessions = try Sessions(from: &reader)
    }

    /// Reads a snapshot.
    ///
    /// - Throws: `WireError` when the bytes are not exactly one store.
    public init(snapshot: Bytes) throws(WireError) {
        var reader = WireReader(snapshot)
        try self.init(from: &reader)
        try reader.finish()
    }
}
