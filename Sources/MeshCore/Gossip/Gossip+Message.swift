extension Gossip {
    /// The keys from ``lower`` to below ``upper``.
    public struct KeyRange: Hashable, Sendable {
        /// The first key that belongs to the range.
        public let lower: Bytes
        /// The first key that does not; `nil` is no end.
        public let upper: Bytes?

        /// Creates a range.
        public init(_ lower: Bytes, _ upper: Bytes?) {
            self.lower = lower
            self.upper = upper
        }

        /// Every key.
        public static var all: KeyRange { KeyRange(Bytes(), nil) }
    }

    /// What two nodes compare instead of the entries of a range.
    public struct Fingerprint: Hashable, Sendable {
        /// The exclusive or of the entries' hashes, tombstones included.
        public let hash: UInt64
        /// How many entries there are.
        public let count: Int

        /// Creates a fingerprint.
        public init(hash: UInt64, count: Int) {
            self.hash = hash
            self.count = count
        }
    }

    /// What a node has, or wants, in a range.
    public struct Span: Hashable, Sendable {
        /// The range.
        public let range: KeyRange
        /// What is there.
        public let content: Content

        /// Creates the description of a range.
        public init(_ range: KeyRange, _ content: Content) {
            self.range = range
            self.content = content
        }

        /// How a range is described.
        public enum Content: Hashable, Sendable {
            /// By one hash.
            case fingerprint(Fingerprint)
            /// By the hash of every entry in it.
            case hashes([UInt64])
            /// By the hashes of entries in it that the sender has seen in a list and wants to have.
            case wanted([UInt64])
        }
    }

    /// What nodes send each other.
    ///
    /// None is longer than ``Settings/maxMessageBytes``.
    public enum Message: Hashable, Sendable {
        /// News: entries that were just written or heard of.
        case push([Entry])
        /// Opens a comparison: "this is my whole state". An equal one is not answered.
        case digest(Fingerprint)
        /// Goes on with a comparison where states differ; the ranges stand in the order of their keys.
        case summary([Span])
        /// Entries that the receiver lacks.
        case entries([Entry])
    }
}

extension Gossip.Message: NetworkMessage {
    /// The names of the kinds.
    public static var kinds: [StaticString] { ["push", "digest", "summary", "entries"] }

    /// Which of the ``kinds`` this is.
    public var kind: MessageKind {
        switch self {
        case .push: MessageKind(0)
        case .digest: MessageKind(1)
        case .summary: MessageKind(2)
        case .entries: MessageKind(3)
        }
    }

    /// Mixes the message in.
    public func digest(into digest: inout Digest) {
        digest.mix(UInt64(kind.rawValue))
        switch self {
        case .push(let entries), .entries(let entries):
            digest.mix(entries.count)
            for entry in entries { entry.digest(into: &digest) }
        case .digest(let fingerprint): fingerprint.digest(into: &digest)
        case .summary(let spans):
            digest.mix(spans.count)
            for span in spans { span.digest(into: &digest) }
        }
    }

    /// The message in a few words.
    public var description: String {
        switch self {
        case .push(let entries): "push \(Self.list(entries))"
        case .digest(let fingerprint): "digest \(fingerprint)"
        case .summary(let spans):
            spans.count == 1 ? "summary \(spans[0])" : "summary of \(spans.count) ranges"
        case .entries(let entries): "entries \(Self.list(entries))"
        }
    }

    private static func list(_ entries: [Gossip.Entry]) -> String {
        guard let first = entries.first else { return "none" }
        return entries.count == 1 ? first.description : "\(entries.count), first \(first.key)"
    }
}

extension Gossip.KeyRange: Traceable {
    /// Mixes the bounds in.
    public func digest(into digest: inout Digest) {
        digest.mix(lower)
        digest.mix(upper != nil)
        if let upper { digest.mix(upper) }
    }

    /// The bounds, such as `[a, b)`.
    public var description: String {
        if let upper { return "[\(lower), \(upper))" }
        return "[\(lower), end)"
    }
}

extension Gossip.Fingerprint: Traceable {
    /// Mixes hash and count in.
    public func digest(into digest: inout Digest) {
        digest.mix(hash)
        digest.mix(count)
    }

    /// Count and hash, such as `3 entries 00f1...`.
    public var description: String { "\(count) entries \(hexadecimal(hash))" }
}

extension Gossip.Span: Traceable {
    /// Mixes range and content in.
    public func digest(into digest: inout Digest) {
        range.digest(into: &digest)
        switch content {
        case .fingerprint(let fingerprint):
            digest.mix(0 as UInt64)
            fingerprint.digest(into: &digest)
        case .hashes(let hashes):
            digest.mix(1 as UInt64)
            Gossip.digest(hashes, into: &digest)
        case .wanted(let hashes):
            digest.mix(2 as UInt64)
            Gossip.digest(hashes, into: &digest)
        }
    }

    /// The range and what is there.
    public var description: String {
        switch content {
        case .fingerprint(let fingerprint): "\(range) \(fingerprint)"
        case .hashes(let hashes): "\(range) list of \(hashes.count)"
        case .wanted(let hashes): "\(range) wants \(hashes.count)"
        }
    }
}

extension Gossip {
    fileprivate static func digest(_ hashes: [UInt64], into digest: inout Digest) {
        digest.mix(hashes.count)
        for hash in hashes { digest.mix(hash) }
    }
}
