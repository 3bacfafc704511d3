extension Gossip.Message: WireCodable {
    /// The most ranges one message from the wire may describe.
    static let wireSpanLimit = 65_536
    /// The most entries one message from the wire may hold.
    static let wireEntryLimit = 1 << 20

    /// Writes the kind and its content.
    public func encode(into writer: inout WireWriter) {
        writer.byte(kind.rawValue)
        switch self {
        case .push(let entries), .entries(let entries):
            writer.number(entries.count)
            for entry in entries { entry.encode(into: &writer) }
        case .digest(let hash, let ask):
            Gossip.write(hash, into: &writer)
            writer.number(ask)
        case .summary(let spans):
            writer.number(spans.count)
            var previous: Bytes? = Bytes()
            for span in spans {
                span.encode(after: previous, into: &writer)
                previous = span.range.upper
            }
        case .symbols(let piece): piece.encode(into: &writer)
        case .more(let wish): wish.encode(into: &writer)
        case .want(let hashes): Gossip.write(hashes, into: &writer)
        }
    }

    /// Reads a message.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        switch tag {
        case 0: self = .push(try Self.entries(from: &reader))
        case 1:
            let hash = try Gossip.readHash(from: &reader)
            self = .digest(hash: hash, ask: try Gossip.readSmall(from: &reader))
        case 2:
            let count = try reader.count(each: Gossip.Span.wireMinimum, limit: Self.wireSpanLimit)
            var spans: [Gossip.Span] = []
            spans.reserveCapacity(count)
            var previous: Bytes? = Bytes()
            for _ in 0..<count {
                let span = try Gossip.Span(after: previous, from: &reader)
                previous = span.range.upper
                spans.append(span)
            }
            self = .summary(spans)
        case 3: self = .entries(try Self.entries(from: &reader))
        case 4: self = .symbols(try Gossip.Symbols(from: &reader))
        case 5: self = .more(try Gossip.More(from: &reader))
        case 6: self = .want(try Gossip.readHashes(from: &reader))
        default: throw .unknownTag(UInt64(tag))
        }
    }

    private static func entries(from reader: inout WireReader) throws(WireError) -> [Gossip.Entry] {
        let count = try reader.count(each: Gossip.Entry.wireMinimum, limit: wireEntryLimit)
        var entries: [Gossip.Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count { entries.append(try Gossip.Entry(from: &reader)) }
        return entries
    }
}

extension Gossip.Symbols: WireCodable {
    /// Writes the piece; the hash only when it is not that of a symbol in it.
    public func encode(into writer: inout WireWriter) {
        writer.number(first)
        writer.number(count)
        if first > 0 { Gossip.write(hash, into: &writer) }
        writer.number(symbols.count)
        for symbol in symbols {
            Gossip.write(symbol.sum, into: &writer)
            writer.fixed32(symbol.check)
        }
    }

    /// Reads a piece; an empty one is refused.
    public init(from reader: inout WireReader) throws(WireError) {
        self.first = try Gossip.readSmall(from: &reader)
        self.count = try Gossip.readSmall(from: &reader)
        let stated = first > 0 ? try Gossip.readHash(from: &reader) : 0
        let length = try reader.count(each: Reconciliation.Symbol.byteCount, limit: Gossip.wireHashLimit)
        guard length > 0 else { throw .invalid("a piece without symbols") }
        var symbols: [Reconciliation.Symbol] = []
        symbols.reserveCapacity(length)
        for _ in 0..<length {
            let sum = try Gossip.readHash(from: &reader)
            symbols.append(Reconciliation.Symbol(sum: sum, check: try reader.fixed32()))
        }
        self.symbols = symbols
        self.hash = first > 0 ? stated : symbols[0].sum
    }
}

extension Gossip.More: WireCodable {
    /// Writes the wish.
    public func encode(into writer: inout WireWriter) {
        Gossip.write(hash, into: &writer)
        writer.number(first)
        writer.number(ask)
        writer.flag(strata != nil)
        if let strata { for byte in strata.bytes { writer.byte(byte) } }
    }

    /// Reads a wish.
    public init(from reader: inout WireReader) throws(WireError) {
        self.hash = try Gossip.readHash(from: &reader)
        self.first = try Gossip.readSmall(from: &reader)
        self.ask = try Gossip.readSmall(from: &reader)
        guard try reader.flag() else {
            self.strata = nil
            return
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Reconciliation.Strata.byteCount)
        for _ in 0..<Reconciliation.Strata.byteCount { bytes.append(try reader.byte()) }
        self.strata = Reconciliation.Strata(bytes)
    }
}

extension Gossip.Fingerprint: WireCodable {
    /// Writes hash and count.
    public func encode(into writer: inout WireWriter) {
        Gossip.write(hash, into: &writer)
        writer.number(count)
    }

    /// Reads a fingerprint; a count above 2^31 - 1 is refused.
    public init(from reader: inout WireReader) throws(WireError) {
        self.hash = try Gossip.readHash(from: &reader)
        self.count = try Gossip.readSmall(from: &reader)
    }
}

extension Gossip.Span {
    /// The fewest bytes a range takes: its flags and an empty list.
    static let wireMinimum = 2

    /// How many bytes an upper bound takes over from the lower one at most.
    ///
    /// Neighbouring keys mostly begin alike. More would let a short message make its reader allocate much.
    static let sharedLimit = 63

    /// How many bytes an upper bound takes over from the lower one.
    private static func sharedCount(_ lower: Bytes, _ upper: Bytes) -> Int {
        var count = 0
        while count < sharedLimit, count < lower.count, count < upper.count,
            lower[count] == upper[count]
        {
            count += 1
        }
        return count
    }

    /// Writes the range, its lower bound only when the range before ended elsewhere.
    func encode(after previous: Bytes?, into writer: inout WireWriter) {
        let isAdjacent = previous == range.lower
        var flags: UInt8 = isAdjacent ? 1 : 0
        if range.upper == nil { flags |= 2 }
        switch content {
        case .fingerprint: break
        case .hashes: flags |= 4
        case .wanted: flags |= 8
        }
        writer.byte(flags)
        if !isAdjacent { writer.bytes(range.lower) }
        if let upper = range.upper {
            let shared = Gossip.Span.sharedCount(range.lower, upper)
            writer.byte(UInt8(truncatingIfNeeded: shared))
            writer.bytes(upper.part(shared..<upper.count))
        }
        switch content {
        case .fingerprint(let fingerprint): fingerprint.encode(into: &writer)
        case .hashes(let hashes), .wanted(let hashes): Gossip.write(hashes, into: &writer)
        }
    }

    /// Reads a range that stands after another one.
    init(after previous: Bytes?, from reader: inout WireReader) throws(WireError) {
        let flags = try reader.byte()
        guard flags < 12 else { throw .invalid("a flag of a range") }
        var lower = Bytes()
        if flags & 1 == 0 {
            lower = try reader.bytes(limit: Gossip.Entry.wireKeyLimit)
        } else if let previous {
            lower = previous
        } else {
            throw .invalid("a range after the last")
        }
        var upper: Bytes?
        if flags & 2 == 0 {
            let shared = Int(try reader.byte())
            guard shared <= Gossip.Span.sharedLimit, shared <= lower.count else { throw .invalid("a shared beginning") }
            let rest = try reader.bytes(limit: Gossip.Entry.wireKeyLimit - shared)
            upper = Bytes(lower.storage[..<shared] + rest.storage)
        }
        self.range = Gossip.KeyRange(lower, upper)
        switch flags >> 2 {
        case 0: self.content = .fingerprint(try Gossip.Fingerprint(from: &reader))
        case 1: self.content = .hashes(try Gossip.readHashes(from: &reader))
        default: self.content = .wanted(try Gossip.readHashes(from: &reader))
        }
    }

    /// How many bytes the range takes at most, written on its own.
    func wireCount(after previous: Bytes?) -> Int {
        var writer = WireWriter.counting()
        encode(after: previous, into: &writer)
        return writer.count
    }
}

extension Gossip {
    /// The most hashes one list from the wire may hold.
    static let wireHashLimit = 1 << 16

    /// Reads a number that fits 31 bits.
    static func readSmall(from reader: inout WireReader) throws(WireError) -> Int {
        let number = try reader.number()
        guard number <= UInt64(Int32.max) else { throw .tooLong(number) }
        return Int(number)
    }

    static func write(_ hash: UInt64, into writer: inout WireWriter) {
        writer.fixed32(UInt32(truncatingIfNeeded: hash))
        writer.fixed32(UInt32(truncatingIfNeeded: hash >> 32))
    }

    static func readHash(from reader: inout WireReader) throws(WireError) -> UInt64 {
        let low = try reader.fixed32()
        let high = try reader.fixed32()
        return UInt64(high) << 32 | UInt64(low)
    }

    static func write(_ hashes: [UInt64], into writer: inout WireWriter) {
        writer.number(hashes.count)
        for hash in hashes { write(hash, into: &writer) }
    }

    static func readHashes(from reader: inout WireReader) throws(WireError) -> [UInt64] {
        let count = try reader.count(each: 8, limit: wireHashLimit)
        var hashes: [UInt64] = []
        hashes.reserveCapacity(count)
        for _ in 0..<count { hashes.append(try readHash(from: &reader)) }
        return hashes
    }
}
