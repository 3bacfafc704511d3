/// A replicated key-value store: the application that Raft's log is applied to when a product brings none of its own.
///
/// Deterministic: the same commands in the same order give the same store and the same results on every node.
public struct KeyValueStore: Sendable, Hashable {
    /// The most bytes of a key, 1 KiB.
    public static let keyByteLimit = 1 << 10
    /// The most bytes of a value, 1 MiB.
    public static let valueByteLimit = 1 << 20

    private var entries = SortedMap<Bytes, Bytes>()

    /// Creates an empty store.
    public init() {}

    /// How many keys the store holds.
    public var count: Int { entries.count }

    /// The value of a key.
    ///
    /// - Complexity: O(log `count`).
    public func value(of key: Bytes) -> Bytes? { entries[key] }

    /// Applies a committed command; bytes that are no command leave the store as it was.
    ///
    /// - Returns: The request the command names, and what became of it; `nil` when the bytes are no command.
    /// - Complexity: O(log `count`), and O(`count`) when a key is new or removed.
    public mutating func apply(_ command: Bytes) -> (request: UInt64, result: Result)? {
        var reader = WireReader(command.storage)
        guard let request = try? Request(from: &reader), reader.remaining == 0 else { return nil }
        return (request.id, apply(request.operation))
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
    }

    /// An operation and the number by which its client recognises the answer.
    public struct Request: Hashable, Sendable, WireCodable {
        /// The number, chosen by the client.
        public let id: UInt64
        /// What to do.
        public let operation: Operation

        /// Creates a request.
        public init(id: UInt64, _ operation: Operation) {
            self.id = id
            self.operation = operation
        }

        /// The request as a command for the log.
        public var command: Bytes {
            var writer = WireWriter()
            encode(into: &writer)
            return Bytes(writer.bytes)
        }

        /// Writes the number, a tag and the operation's fields.
        public func encode(into writer: inout WireWriter) {
            writer.number(id)
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
            }
        }

        /// Reads a request.
        public init(from reader: inout WireReader) throws(WireError) {
            self.id = try reader.number()
            let tag = try reader.byte()
            let key = try reader.bytes(limit: keyByteLimit)
            switch tag {
            case 1: self.operation = .put(key: key, value: try reader.bytes(limit: valueByteLimit))
            case 2: self.operation = .get(key: key)
            case 3:
                let expected = try reader.flag() ? try reader.bytes(limit: valueByteLimit) : nil
                let value = try reader.bytes(limit: valueByteLimit)
                self.operation = .compareAndSwap(key: key, expected: expected, value: value)
            case 4: self.operation = .delete(key: key)
            default: throw .unknownTag(UInt64(tag))
            }
        }
    }

    /// What became of an operation.
    public enum Result: Traceable, Hashable {
        /// It took effect.
        case done
        /// What the key held, `nil` when it was absent.
        case value(Bytes?)
        /// A compare-and-swap found something else and changed nothing.
        case mismatch(Bytes?)

        /// Mixes the kind and the value in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .done: digest.mix(1 as UInt64)
            case .value(let value):
                digest.mix(value == nil ? 2 as UInt64 : 3)
                if let value { digest.mix(value) }
            case .mismatch(let value):
                digest.mix(value == nil ? 4 as UInt64 : 5)
                if let value { digest.mix(value) }
            }
        }

        /// The result as a short line.
        public var description: String {
            switch self {
            case .done: "done"
            case .value(nil): "absent"
            case .value(.some(let value)): "= \(value)"
            case .mismatch(nil): "mismatch, absent"
            case .mismatch(.some(let value)): "mismatch, = \(value)"
            }
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

    /// Writes the number of keys and every key with its value, in the order of the keys.
    public func encode(into writer: inout WireWriter) {
        writer.number(entries.count)
        for index in 0..<entries.count {
            writer.bytes(entries.keys[index])
            writer.bytes(entries.values[index])
        }
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
    }

    /// Reads a snapshot.
    ///
    /// - Throws: `WireError` when the bytes are not exactly one store.
    public init(snapshot: Bytes) throws(WireError) {
        var reader = WireReader(snapshot.storage)
        try self.init(from: &reader)
        try reader.finish()
    }
}
