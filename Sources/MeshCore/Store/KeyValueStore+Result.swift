extension KeyValueStore {
    /// What a node tells about a command that it has applied, or decided not to.
    public struct Answer: Hashable, Sendable {
        /// The number of the request.
        public let request: UInt64
        /// What became of it.
        public let result: Result
        /// Whether the command changed nothing this time because its session had it already.
        public let isRepeat: Bool
    }

    /// What became of an operation.
    public enum Result: Traceable, Hashable {
        /// It took effect.
        case done
        /// What the key held, `nil` when it was absent.
        case value(Bytes?)
        /// A compare-and-swap found something else and changed nothing.
        case mismatch(Bytes?)
        /// A session is open; its number goes into each ``Sessions/Stamp``.
        case session(UInt64)
        /// The session did not admit it; nothing was changed this time.
        case refused(Sessions.Refusal)

        /// How much it counts among noted answers.
        var byteCount: Int {
            switch self {
            case .done, .session, .refused: 8
            case .value(let value), .mismatch(let value): 8 + (value?.count ?? 0)
            }
        }

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
            case .session(let number):
                digest.mix(6 as UInt64)
                digest.mix(number)
            case .refused(let refusal):
                digest.mix(7 as UInt64)
                digest.mix(UInt64(refusal.code))
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
            case .session(let number): "session \(number)"
            case .refused(let refusal): "refused: \(refusal)"
            }
        }
    }
}

extension KeyValueStore.Result: WireCodable {
    /// Writes the kind and the value.
    public func encode(into writer: inout WireWriter) {
        switch self {
        case .done: writer.byte(0)
        case .value(let value):
            writer.byte(value == nil ? 1 : 2)
            if let value { writer.bytes(value) }
        case .mismatch(let value):
            writer.byte(value == nil ? 3 : 4)
            if let value { writer.bytes(value) }
        case .session(let number):
            writer.byte(5)
            writer.number(number)
        case .refused(let refusal):
            writer.byte(6)
            writer.byte(refusal.code)
        }
    }

    /// Reads a result.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        switch tag {
        case 0: self = .done
        case 1: self = .value(nil)
        case 2: self = .value(try reader.bytes(limit: KeyValueStore.valueByteLimit))
        case 3: self = .mismatch(nil)
        case 4: self = .mismatch(try reader.bytes(limit: KeyValueStore.valueByteLimit))
        case 5: self = .session(try reader.number())
        case 6:
            let code = try reader.byte()
            guard let refusal = Sessions.Refusal(code: code) else { throw .unknownTag(UInt64(code)) }
            self = .refused(refusal)
        default: throw .unknownTag(UInt64(tag))
        }
    }
}
