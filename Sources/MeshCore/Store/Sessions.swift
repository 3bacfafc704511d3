/// What makes a command of a client count once, however often it reaches the log.
///
/// A client opens a session through the log and numbers its commands in it. A number that has been applied is answered
/// from what was noted then. With each command the client says up to which number it has its answers, or waits for none
/// any more; those answers are forgotten, and a copy that is still on its way is refused instead of applied.
///
/// Every node decides the same: sessions are part of the state and of its snapshot (atomix #417, #466), and they end
/// by what stands in the log alone, never by a clock. Beyond ``limit`` sessions, or ``byteLimit`` bytes of answers, the
/// one that was used least recently ends. Whoever comes with a session that has ended is refused, and nothing is
/// applied: it cannot be known any more whether it was before.
///
/// Source: thesis, section 6.3; dragonboat's client sessions.
public struct Sessions: Sendable, Hashable {
    /// How many sessions there are at most by default, 4,096.
    public static let usualLimit = 4_096
    /// How many commands of one session may be noted, 64: a client has no more under way.
    public static let outstandingLimit = 64
    /// How many bytes of noted answers are kept, in all sessions together: 16 MiB.
    public static let byteLimit = 16 << 20

    /// How many sessions there are at most.
    public let limit: Int
    /// How many sessions have been opened ever; the number of the latest.
    public private(set) var openedCount: UInt64 = 0
    /// How many bytes of answers are noted.
    public private(set) var byteCount = 0

    private var sessions = SortedMap<UInt64, Session>()
    /// The sessions by their last use, the least recent first.
    private var order = SortedMap<UInt64, UInt64>()
    /// How often sessions have been used, all together; it stands in for time.
    private var useCount: UInt64 = 0

    fileprivate struct Session: Sendable, Hashable {
        var lastUse: UInt64
        var answeredUpTo: UInt64 = 0
        var results = SortedMap<UInt64, KeyValueStore.Result>()
    }

    /// Creates a table without sessions.
    ///
    /// - Parameter limit: How many there are at most, 1...65,536; every node of a group needs the same.
    public init(limit: Int = Sessions.usualLimit) {
        self.limit = limit < 1 ? 1 : (limit > 1 << 16 ? 1 << 16 : limit)
    }

    /// How many sessions are open.
    public var count: Int { sessions.count }

    /// Whether a session is open.
    ///
    /// - Complexity: O(log `count`).
    public func contains(_ session: UInt64) -> Bool { sessions.contains(session) }
}

extension Sessions {
    /// A command's place in its session.
    public struct Stamp: Hashable, Sendable {
        /// The session, as ``KeyValueStore/Result/session(_:)`` named it.
        public let session: UInt64
        /// The client's number of the command, from 1; a copy of the command has the same.
        public let sequence: UInt64
        /// Up to which number the client waits for no answer.
        public let answeredUpTo: UInt64

        /// Creates a stamp.
        public init(session: UInt64, sequence: UInt64, answeredUpTo: UInt64) {
            self.session = session
            self.sequence = sequence
            self.answeredUpTo = answeredUpTo
        }
    }

    /// Why a command in a session was not applied.
    public enum Refusal: Hashable, Sendable, CustomStringConvertible {
        /// The session has ended, or never was: open another. Whether earlier copies were applied is not known.
        case expired
        /// The client has said that it waits for this number no more.
        case answered
        /// Too many numbers wait for ``Stamp/answeredUpTo`` to pass them.
        case full

        /// The number in digests and on the wire.
        var code: UInt8 {
            switch self {
            case .expired: 0
            case .answered: 1
            case .full: 2
            }
        }

        /// The refusal of a number.
        init?(code: UInt8) {
            switch code {
            case 0: self = .expired
            case 1: self = .answered
            case 2: self = .full
            default: return nil
            }
        }

        /// The reason in a few words.
        public var description: String {
            switch self {
            case .expired: "session expired"
            case .answered: "answered before"
            case .full: "session full"
            }
        }
    }

    /// What is to be done with a command.
    enum Admission {
        case apply
        case noted(KeyValueStore.Result)
        case refused(Refusal)
    }

    /// Opens a session; the least recently used one ends when there are too many.
    ///
    /// - Returns: Its number, which is never given again.
    /// - Complexity: O(`count`) to move the order, a few kilobytes at the usual limit.
    mutating func open() -> UInt64 {
        if sessions.count >= limit { endOldest() }
        openedCount += 1
        useCount += 1
        sessions[openedCount] = Session(lastUse: useCount)
        order[useCount] = openedCount
        return openedCount
    }

    /// Ends a session.
    mutating func close(_ session: UInt64) {
        guard let ended = sessions.removeValue(forKey: session) else { return }
        order.removeValue(forKey: ended.lastUse)
        for result in ended.results.values { byteCount -= result.byteCount }
    }

    private mutating func endOldest() {
        guard let oldest = order.values.first else { return }
        close(oldest)
    }

    /// Decides about a command, and forgets the answers its client has.
    ///
    /// - Complexity: O(log `count`), and O(`count`) to move the order, a few kilobytes at the usual limit.
    mutating func admit(_ stamp: Stamp) -> Admission {
        let (place, isOpen) = sessions.position(of: stamp.session)
        guard isOpen else { return .refused(.expired) }
        use(stamp.session, place)
        let freed = sessions.updateValue(at: place) { $0.forget(upTo: stamp.answeredUpTo) }
        byteCount -= freed
        let session = sessions.values[place]
        if stamp.sequence <= session.answeredUpTo { return .refused(.answered) }
        if let result = session.results[stamp.sequence] { return .noted(result) }
        return session.results.count < Self.outstandingLimit ? .apply : .refused(.full)
    }

    /// Notes what became of a command that was applied.
    mutating func note(_ result: KeyValueStore.Result, of stamp: Stamp) {
        let (place, isOpen) = sessions.position(of: stamp.session)
        guard isOpen else { return }
        sessions.updateValue(at: place) { $0.results[stamp.sequence] = result }
        byteCount += result.byteCount
        while byteCount > Self.byteLimit, sessions.count > 1 { endOldest() }
    }

    private mutating func use(_ number: UInt64, _ place: Int) {
        useCount += 1
        let now = useCount
        let before = sessions.values[place].lastUse
        sessions.updateValue(at: place) { $0.lastUse = now }
        order.removeValue(forKey: before)
        order[now] = number
    }
}

extension Sessions.Session {
    /// Forgets the answers up to a number.
    ///
    /// - Returns: How many bytes that frees.
    fileprivate mutating func forget(upTo number: UInt64) -> Int {
        guard number > answeredUpTo else { return 0 }
        answeredUpTo = number
        var freed = 0
        while let first = results.keys.first, first <= number {
            freed += results.removeValue(forKey: first)?.byteCount ?? 0
        }
        return freed
    }
}

extension Sessions.Stamp: WireCodable {
    /// Writes every field.
    public func encode(into writer: inout WireWriter) {
        writer.number(session)
        writer.number(sequence)
        writer.number(answeredUpTo)
    }

    /// Reads every field.
    public init(from reader: inout WireReader) throws(WireError) {
        self.session = try reader.number()
        self.sequence = try reader.number()
        self.answeredUpTo = try reader.number()
    }
}

extension Sessions: WireCodable {
    /// Writes the limit, the counters and every session, in the order of their numbers.
    public func encode(into writer: inout WireWriter) {
        writer.number(limit)
        writer.number(openedCount)
        writer.number(useCount)
        writer.number(sessions.count)
        for place in 0..<sessions.count {
            let session = sessions.values[place]
            writer.number(sessions.keys[place])
            writer.number(session.lastUse)
            writer.number(session.answeredUpTo)
            writer.number(session.results.count)
            for index in 0..<session.results.count {
                writer.number(session.results.keys[index])
                session.results.values[index].encode(into: &writer)
            }
        }
    }

    /// Reads a table; numbers must ascend, and no two sessions have been used at the same time.
    public init(from reader: inout WireReader) throws(WireError) {
        let limit = try reader.number()
        guard limit >= 1, limit <= 1 << 16 else { throw .invalid("a limit of sessions out of range") }
        self.init(limit: Int(limit))
        openedCount = try reader.number()
        useCount = try reader.number()
        var last: UInt64 = 0
        for _ in 0..<(try reader.count(each: 4, limit: self.limit)) {
            let number = try reader.number()
            guard number > last, number <= openedCount else { throw .invalid("sessions out of order") }
            last = number
            let session = try Session(from: &reader, useCount)
            guard !order.contains(session.lastUse) else { throw .invalid("two sessions used at once") }
            order[session.lastUse] = number
            for result in session.results.values { byteCount += result.byteCount }
            sessions[number] = session
        }
    }
}

extension Sessions.Session {
    fileprivate init(from reader: inout WireReader, _ useCount: UInt64) throws(WireError) {
        self.init(lastUse: try reader.number())
        guard lastUse >= 1, lastUse <= useCount else { throw .invalid("a session used in the future") }
        answeredUpTo = try reader.number()
        var last = answeredUpTo
        for _ in 0..<(try reader.count(each: 2, limit: Sessions.outstandingLimit)) {
            let sequence = try reader.number()
            guard sequence > last else { throw .invalid("noted answers out of order") }
            last = sequence
            results[sequence] = try KeyValueStore.Result(from: &reader)
        }
    }
}
