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
        /// The sum of the entries' hashes modulo 2^64, tombstones included.
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
        /// Opens a comparison: "this is the hash of my state". An equal one is not answered.
        ///
        /// `ask` is how many symbols the answer should have.
        case digest(hash: UInt64, ask: Int)
        /// Goes on with a comparison by ranges where states differ; they stand in the order of their keys.
        case summary([Span])
        /// Entries that the receiver lacks.
        case entries([Entry])
        /// Coded symbols of the sender's state.
        case symbols(Symbols)
        /// Asks for further symbols of the state with this hash.
        case more(More)
        /// Asks for entries by their hashes.
        case want([UInt64])
    }

    /// A piece of the sequence of symbols that describes a state; see ``Reconciliation``.
    public struct Symbols: Hashable, Sendable {
        /// The hash of the state, which is the sum of its first symbol.
        public let hash: UInt64
        /// How many entries the state has.
        public let count: Int
        /// The place of the first of these symbols.
        public let first: Int
        /// The symbols, at least one.
        public let symbols: [Reconciliation.Symbol]

        /// Creates a piece.
        public init(hash: UInt64, count: Int, first: Int, symbols: [Reconciliation.Symbol]) {
            self.hash = hash
            self.count = count
            self.first = first
            self.symbols = symbols
        }
    }

    /// A wish for further symbols.
    public struct More: Hashable, Sendable {
        /// The hash of the state whose symbols are meant.
        public let hash: UInt64
        /// The place of the first that is missing.
        public let first: Int
        /// How many are wanted.
        public let ask: Int
        /// The asking side's strata, from which the other one guesses how many are really needed.
        public let strata: Reconciliation.Strata?

        /// Creates a wish.
        public init(hash: UInt64, first: Int, ask: Int, strata: Reconciliation.Strata?) {
            self.hash = hash
            self.first = first
            self.ask = ask
            self.strata = strata
        }
    }
}

extension Gossip.Message: NetworkMessage {
    /// The names of the kinds.
    public static var kinds: [StaticString] { ["push", "digest", "summary", "entries", "symbols", "more", "want"] }

    /// Which of the ``kinds`` this is.
    public var kind: MessageKind {
        switch self {
        case .push: MessageKind(0)
        case .digest: MessageKind(1)
        case .summary: MessageKind(2)
        case .entries: MessageKind(3)
        case .symbols: MessageKind(4)
        case .more: MessageKind(5)
        case .want: MessageKind(6)
        }
    }

    /// Mixes the message in.
    public func digest(into digest: inout Digest) {
        digest.mix(UInt64(kind.rawValue))
        switch self {
        case .push(let entries), .entries(let entries):
            digest.mix(entries.count)
            for entry in entries { entry.digest(into: &digest) }
        case .digest(let hash, let ask):
            digest.mix(hash)
            digest.mix(ask)
        case .summary(let spans):
            digest.mix(spans.count)
            for span in spans { span.digest(into: &digest) }
        case .symbols(let piece): piece.digest(into: &digest)
        case .more(let wish): wish.digest(into: &digest)
        case .want(let hashes): Gossip.digest(hashes, into: &digest)
        }
    }

    /// The message in a few words.
    public var description: String {
        switch self {
        case .push(let entries): "push \(Self.list(entries))"
        case .digest(let hash, let ask): "digest \(hexadecimal(hash)) asks \(ask)"
        case .summary(let spans):
            spans.count == 1 ? "summary \(spans[0])" : "summary of \(spans.count) ranges"
        case .symbols(let piece): piece.description
        case .more(let wish): wish.description
        case .want(let hashes): "want \(hashes.count)"
        case .entries(let entries): "entries \(Self.list(entries))"
        }
    }

    private static func list(_ entries: [Gossip.Entry]) -> String {
        guard let first = entries.first else { return "none" }
        return entries.count == 1 ? first.description : "\(entries.count), first \(first.key)"
    }
}

extension Gossip.Symbols: Traceable {
    /// Mixes every field in.
    public func digest(into digest: inout Digest) {
        digest.mix(hash)
        digest.mix(count)
        digest.mix(first)
        digest.mix(symbols.count)
        for symbol in symbols {
            digest.mix(symbol.sum)
            digest.mix(UInt64(symbol.check))
        }
    }

    /// Which symbols of which state, such as `symbols 0..<8 of 3 entries 00f1...`.
    public var description: String {
        "symbols \(first)..<\(first + symbols.count) of \(count) entries \(hexadecimal(hash))"
    }
}

extension Gossip.More: Traceable {
    /// Mixes every field in.
    public func digest(into digest: inout Digest) {
        digest.mix(hash)
        digest.mix(first)
        digest.mix(ask)
        digest.mix(strata != nil)
        if let strata { digest.mix(Bytes(strata.bytes)) }
    }

    /// What is wanted, such as `more from 8, about 8, of 00f1...`.
    public var description: String { "more from \(first), about \(ask), of \(hexadecimal(hash))" }
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
